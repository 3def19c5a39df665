"""Reading one column of a CSV or netCDF file as an empirical distribution."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from timecone.errors import ScenarioError, suggestion, unknown_key
from timecone.hdf5 import require_readable
from timecone.schema import BoolArray, FloatArray

_KEYS: Final = ("file", "column", "weights", "resample", "truncate", "clamp")
#: Quantiles kept of a larger sample: as many as its quantile function resolves.
_MOST_VALUES = 4096


def read_sample(arguments: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
    """Return the arguments of an empirical distribution, with the file's values in place of its name.

    Raises
    ------
    ScenarioError
        The file or the column is missing, or holds something else than finite numbers.
    """
    if "values" in arguments:
        raise ScenarioError(
            "sample-values-and-file", "a sample has values or a file, not both", where="values"
        )
    for key in arguments:
        if key not in _KEYS:
            raise unknown_key(key, _KEYS)
    name, column = arguments["file"], arguments.get("column")
    weights, resample = arguments.get("weights"), arguments.get("resample", False)
    if not isinstance(name, str) or not isinstance(column, str):
        raise ScenarioError(
            "sample-without-file-or-column",
            "a sample needs the names of a file and a column",
            got=(name, column),
        )
    if weights is not None and not isinstance(weights, str):
        raise ScenarioError(
            "sample-weights-not-a-column",
            "the weights of a sample from a file must name one of its columns",
            where="weights",
            got=weights,
        )
    path = (folder or Path()) / name
    if not _is_file(path):
        raise ScenarioError("no-such-file", "no such file", where="file", got=name)
    read = _from_netcdf if path.suffix in (".nc", ".netcdf") else _from_csv
    values, present = read(path, column)
    if values.size == 0:
        raise ScenarioError(
            "column-without-numbers", "the column contains no numbers", where="column", got=column
        )
    shares = np.ones(values.size) if weights is None else _shares(read(path, weights), present, weights)
    kept, kept_shares = _thinned(values, shares, weighted=weights is not None, resample=resample is True)
    options = {key: arguments[key] for key in ("truncate", "clamp", "resample") if key in arguments}
    if kept_shares is not None:
        options["weights"] = kept_shares.tolist()
    return {"values": kept.tolist(), "origin": f"{name}: {column}", **options}


def _shares(column: tuple[FloatArray, BoolArray], present: BoolArray, name: str) -> FloatArray:
    """Return the weights of the rows that have a value."""
    every, stated = column
    if present.size != stated.size or not stated[present].all():
        raise ScenarioError("missing-weight", "a value has no weight", where="weights", got=name)
    shares = every[present[stated]]
    if shares.min() < 0.0 or not shares.sum() > 0.0:
        raise ScenarioError(
            "invalid-weights",
            "a weight is negative, or all are 0",
            where="weights",
            got=shares.min().item(),
            allowed="weights of 0 and above",
        )
    return shares


def _thinned(
    values: FloatArray, weights: FloatArray, *, weighted: bool, resample: bool
) -> tuple[FloatArray, FloatArray | None]:
    """Return sorted values that fit into a scenario, and weights where these are needed."""
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    if values.size <= _MOST_VALUES:
        return values, weights if weighted else None
    if resample:
        unique, place = np.unique(values, return_inverse=True)
        if unique.size > _MOST_VALUES:
            raise ScenarioError(
                "too-many-resampled-values",
                "a resampled column has too many different values",
                where="resample",
                got=unique.size,
                allowed=f"at most {_MOST_VALUES}",
                remedy="Leave resample out.",
            )
        return unique, np.bincount(place, weights=weights)
    middle = (np.arange(_MOST_VALUES) + 0.5) / _MOST_VALUES
    if not weighted:
        return np.quantile(values, middle, method="hazen"), None
    # At the middle of each value's weight, which for equal weights is Hazen's position.
    positions = (np.cumsum(weights) - 0.5 * weights) / weights.sum()
    return np.interp(middle, positions, values), None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        # The name is longer than names of files can be.
        return False


def _require_finite(values: FloatArray, column: str) -> None:
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise ScenarioError(
            "column-not-finite",
            "the column contains a value that is not a finite number",
            where="column",
            got=f"row {bad[0] + 1} of {column}",
        )


def _from_csv(path: Path, column: str) -> tuple[FloatArray, BoolArray]:
    """Return the numbers of a column, and which rows have one."""
    import pandas as pd  # noqa: PLC0415

    try:
        # Only an empty cell says nothing: "n/a" is a text like any other.
        table = pd.read_csv(path, keep_default_na=False, na_values=[""])
    except (ValueError, OSError, UnicodeDecodeError) as error:
        raise ScenarioError(
            "not-csv", f"not a readable CSV file ({str(error).splitlines()[0]})", where="file", got=path.name
        ) from None
    if column not in table:
        raise ScenarioError(
            "sample-file-lacks-column",
            "the file has no such column",
            where="column",
            got=column,
            remedy=suggestion(column, map(str, table.columns)),
        )
    said = table[column].notna().to_numpy()
    numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=np.float64)
    _require_finite(np.where(said, numbers, 0.0), column)
    return numbers[said], said


def _from_netcdf(path: Path, column: str) -> tuple[FloatArray, BoolArray]:
    import xarray as xr  # noqa: PLC0415

    group, _, variable = column.rpartition("/")
    try:
        require_readable(path)
        with xr.open_dataset(path, group=group or None, engine="h5netcdf", decode_times=False) as dataset:
            if variable not in dataset:
                raise ScenarioError(
                    "sample-file-lacks-variable",
                    "the file has no such variable",
                    where="column",
                    got=column,
                    remedy=suggestion(variable, map(str, dataset.data_vars)),
                )
            if dataset[variable].dtype.kind not in "iuf":
                raise ScenarioError("not-numeric", "the variable is not numeric", where="column", got=column)
            values: FloatArray = dataset[variable].to_numpy().astype(np.float64).ravel()
    except OSError as error:
        raise ScenarioError(
            "not-netcdf", f"not a readable netCDF-4 file ({error})", where="file", got=path.name
        ) from None
    _require_finite(values, column)
    return values, np.ones(values.size, dtype=np.bool_)
