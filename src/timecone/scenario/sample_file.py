"""Reading one column of a CSV or netCDF file as an empirical distribution."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from timecone.errors import ScenarioError, suggestion
from timecone.schema import FloatArray

#: Quantiles kept of a larger sample: as many as its quantile function resolves.
_MOST_VALUES = 4096


def read_sample(arguments: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
    """Return the arguments of an empirical distribution, with the file's values in place of its name.

    Raises
    ------
    ScenarioError
        The file or the column is missing, or holds something else than finite numbers.
    """
    for key in arguments:
        if key not in ("file", "column", "truncate", "clamp"):
            raise ScenarioError("unknown key", where=key, remedy=suggestion(key, ["file", "column"]))
    name, column = arguments["file"], arguments.get("column")
    if not isinstance(name, str) or not isinstance(column, str):
        raise ScenarioError("a sample needs the names of a file and a column", got=(name, column))
    path = (folder or Path()) / name
    if not path.is_file():
        raise ScenarioError("no such file", where="file", got=name)
    values = _from_netcdf(path, column) if path.suffix in (".nc", ".netcdf") else _from_csv(path, column)
    if values.size == 0:
        raise ScenarioError("the column holds no number", where="column", got=column)
    if not np.all(np.isfinite(values)):
        bad = int(np.flatnonzero(~np.isfinite(values))[0])
        raise ScenarioError("the column holds something else than finite numbers", where="column",
                            got=f"row {bad + 1} of {column}")  # fmt: skip
    values = np.sort(values)
    if values.size > _MOST_VALUES:
        middle = (np.arange(_MOST_VALUES) + 0.5) / _MOST_VALUES
        values = np.quantile(values, middle, method="hazen")
    cuts = {key: arguments[key] for key in ("truncate", "clamp") if key in arguments}
    return {"values": values.tolist(), "origin": f"{name}: {column}", **cuts}


def _from_csv(path: Path, column: str) -> FloatArray:
    import pandas as pd  # noqa: PLC0415

    try:
        table = pd.read_csv(path)
    except (ValueError, OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"not a readable CSV file ({str(error).splitlines()[0]})", where="file",
                            got=path.name) from None  # fmt: skip
    if column not in table:
        raise ScenarioError("the file has no such column", where="column", got=column,
                            remedy=suggestion(column, map(str, table.columns)))  # fmt: skip
    found = pd.to_numeric(table[column].dropna(), errors="coerce")
    return found.to_numpy(dtype=np.float64)


def _from_netcdf(path: Path, column: str) -> FloatArray:
    import xarray as xr  # noqa: PLC0415

    group, _, variable = column.rpartition("/")
    try:
        with xr.open_dataset(path, group=group or None, engine="h5netcdf", decode_times=False) as found:
            if variable not in found:
                raise ScenarioError("the file has no such variable", where="column", got=column,
                                    remedy=suggestion(variable, map(str, found.data_vars)))  # fmt: skip
            values: FloatArray = found[variable].to_numpy().astype(np.float64).ravel()
    except OSError as error:
        raise ScenarioError(f"not a readable netCDF-4 file ({error})", where="file", got=path.name) from None
    return values
