"""Reading a variable of a posterior from a netCDF file as ArviZ writes it: group and dims of that name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from timecone.errors import DistributionError, suggestion
from timecone.hdf5 import require_readable
from timecone.schema import FloatArray, IntArray

if TYPE_CHECKING:
    import xarray as xr

GROUP: Final = "posterior"
DIMS: Final = ("chain", "draw")
#: Chains and draws as one dimension, as arviz.extract leaves them.
FLAT: Final = ("sample",)
#: Fewer say little of a joint distribution.
LEAST_ROWS: Final = 100
#: More are thinned evenly: the rows travel with the scenario.
MOST_ROWS: Final = 20_000
_ELEMENT: Final = re.compile(r"(.+?)\s*\[(.*)\]")
_SHOWN: Final = 5


def read_posterior(arguments: Mapping[str, Any], folder: Path | None = None) -> dict[str, Any]:
    """Return the arguments of a variable of a posterior, with the file's values in place of its name.

    Parameters
    ----------
    arguments : mapping
        ``file``, ``variable``, an element of a variable with more dimensions as ``"x[1]"`` or
        ``"x[1, north]"``, and perhaps ``weights``, the variable that holds the rows' weights.
    folder : Path, optional
        The folder from which ``file`` is meant; the current one by default.

    Returns
    -------
    dict
        Arguments ``values``, ``rows``, ``origin`` and, where the file has them, ``weights`` and ``units``.

    Raises
    ------
    DistributionError
        The file, its group ``posterior`` or the variable is missing or is not what ArviZ writes; the variable
        is not finite; there are too few rows.
    """
    for key in arguments:
        if key not in ("file", "variable", "weights"):
            raise DistributionError(
                "posterior-file-is-fixed",
                "a posterior from a file does not take this key",
                where=key,
                got=arguments[key],
                allowed="file, variable and weights",
            )
    file, variable = (_name(arguments, key) for key in ("file", "variable"))
    dataset = _group((folder or Path()) / file, file)
    values, units = _column(dataset, variable, "variable")
    kept = _kept_rows(values.size)
    weighted = {}
    if "weights" in arguments:
        weights, _ = _column(dataset, _name(arguments, "weights"), "weights")
        if weights.min() < 0.0 or not weights.sum() > 0.0:
            raise DistributionError(
                "invalid-weights",
                "a weight is negative, or all are 0",
                where="weights",
                got=weights.min().item(),
                allowed="weights of 0 and above",
            )
        weighted = {"weights": weights[kept].tolist()}
    about = {"units": units} if isinstance(units, str) else {}
    rows, origin = _fingerprint(dataset), f"{file}: {variable}"
    return {"values": values[kept].tolist(), "rows": rows, "origin": origin} | weighted | about


def _column(dataset: xr.Dataset, text: str, where: str) -> tuple[FloatArray, object]:
    """Return a variable's values by row, or those of one of its elements, and its unit."""
    name, index = _parsed(text)
    if name not in dataset.data_vars:
        raise DistributionError(
            "posterior-lacks-variable",
            "the posterior has no such variable",
            where=where,
            got=name,
            remedy=suggestion(name, map(str, dataset.data_vars)),
        )
    variable = dataset[name]
    others = [str(dim) for dim in variable.dims if dim not in (*DIMS, *FLAT)]
    if len(index) != len(others):
        known = ", ".join(f"{dim}: {_labels(variable, dim)[:_SHOWN]}" for dim in others)
        raise DistributionError(
            "posterior-variable-shape",
            "the variable does not have one number for each chain and draw",
            where=where,
            got=f"{text} {variable.dims}",
            allowed=f"{DIMS} or {FLAT}, and an index for each other dimension",
            remedy=f"State an element, for instance {_example(name, variable, others)} ({known})."
            if others
            else None,
        )
    for dim, label in zip(others, index, strict=True):
        labels = _labels(variable, dim)
        if label not in labels:
            raise DistributionError(
                "unknown-posterior-label",
                f"the variable has no such element along {dim}",
                where=where,
                got=label,
                remedy=suggestion(label, labels),
            )
        variable = variable.isel({dim: labels.index(label)})
    values = _by_row(variable, name)
    if values is None:
        raise DistributionError(
            "posterior-variable-shape",
            "the variable does not have one number for each chain and draw",
            where=where,
            got=f"{name} {variable.dims}",
            allowed=f"{DIMS} or {FLAT}",
        )
    _check(values, text)
    return values, variable.attrs.get("units")


def _parsed(text: str) -> tuple[str, list[str]]:
    """Return the name and the labels of "x[1, north]"."""
    match = _ELEMENT.fullmatch(text)
    if match is None:
        return text, []
    return match[1], [part.strip().strip("'\"") for part in match[2].split(",")]


def _labels(variable: xr.DataArray, dim: str) -> list[str]:
    """Return the labels along a dimension, as ArviZ prints them; positions from 0 where there are none."""
    if dim in variable.coords:
        return [str(label) for label in variable.coords[dim].values.tolist()]
    return [str(k) for k in range(variable.sizes[dim])]


def _example(name: str, variable: xr.DataArray, dims: list[str]) -> str:
    return f"{name}[{', '.join(_labels(variable, dim)[0] for dim in dims)}]"


def _name(arguments: Mapping[str, Any], key: str) -> str:
    value = arguments.get(key)
    if not isinstance(value, str):
        raise DistributionError("not-a-name", "not a name", where=key, got=value, allowed="text in quotes")
    return value


def _group(path: Path, file: str) -> xr.Dataset:
    import xarray as xr  # noqa: PLC0415

    if not _is_file(path):
        raise DistributionError("no-such-file", "no such file", where="file", got=file)
    try:
        require_readable(path)
        groups = xr.open_groups(path, engine="h5netcdf", decode_times=False)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DistributionError(
            "not-netcdf", f"not a readable netCDF-4 file ({reason})", where="file", got=file
        ) from None
    try:
        if f"/{GROUP}" not in groups and _is_extract(groups["/"]):
            return groups["/"].load()
        if f"/{GROUP}" not in groups:
            raise DistributionError(
                "posterior-group-missing",
                f"the file has no group {GROUP!r}",
                where="file",
                got=file,
                remedy="Write it with ArviZ (to_netcdf), or draw one column by distribution = 'empirical'.",
            )
        return groups[f"/{GROUP}"].load()
    finally:
        for group in groups.values():
            group.close()


def _is_extract(root: xr.Dataset) -> bool:
    """Return whether a file without groups holds rows of a posterior, as arviz.extract leaves them."""
    return any(set(FLAT) <= set(variable.dims) for variable in root.data_vars.values())


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        # No name of a file.
        return False


def _by_row(variable: xr.DataArray, name: str) -> FloatArray | None:
    """Return a variable's values chain by chain, shape (rows,); None for one of another shape."""
    dims = next((dims for dims in (DIMS, FLAT) if set(variable.dims) == set(dims)), None)
    if dims is None:
        return None
    if variable.dtype.kind not in "iuf":
        raise DistributionError("not-numeric", "the variable is not numeric", where="variable", got=name)
    return variable.transpose(*dims).to_numpy().astype(np.float64).ravel()


def _check(values: FloatArray, name: str) -> None:
    if values.size < LEAST_ROWS:
        raise DistributionError(
            "posterior-too-small",
            "the posterior has too few draws",
            where="file",
            got=values.size,
            allowed=f"at least {LEAST_ROWS}",
        )
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise DistributionError(
            "posterior-not-finite",
            "the variable contains a value that is not a finite number",
            where="variable",
            got=f"row {bad[0] + 1} of {name}",
        )


def _kept_rows(count: int) -> IntArray:
    """Return the rows that travel with a scenario."""
    kept = min(count, MOST_ROWS)
    return ((np.arange(kept) + 0.5) * (count / kept)).astype(np.int64)


def _fingerprint(posterior: xr.Dataset) -> str:
    """Return 16 hex digits over every variable of the posterior that has one number for each row.

    The hash covers all variables, so the choice of variables in a scenario does not affect which rows are
    sampled. If no variable has one number for each row, it covers every element of the others.
    """
    columns = {
        name: values
        for name in sorted(map(str, posterior.data_vars))
        if posterior[name].dtype.kind in "iuf" and (values := _by_row(posterior[name], name)) is not None
    }
    if not columns:
        numeric = [
            name for name in sorted(map(str, posterior.data_vars)) if posterior[name].dtype.kind in "iuf"
        ]
        columns = {name: posterior[name].to_numpy().astype(np.float64).ravel() for name in numeric}
    text = hashlib.blake2b(digest_size=8)
    for name, values in columns.items():
        text.update(f"{name}/{values.size}/".encode() + values.astype("<f8").tobytes())
    return text.hexdigest()
