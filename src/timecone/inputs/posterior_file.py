"""Reading a variable of a posterior from a netCDF file as ArviZ writes it: group and dims of that name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from timecone.errors import DistributionError, suggestion
from timecone.hdf5 import require_readable
from timecone.schema import FloatArray

if TYPE_CHECKING:
    import xarray as xr

GROUP: Final = "posterior"
DIMS: Final = ("chain", "draw")
#: Fewer say little of a joint distribution.
LEAST_ROWS: Final = 100
#: More are thinned evenly: the rows travel with the scenario.
MOST_ROWS: Final = 20_000


def read_posterior(arguments: Mapping[str, Any], folder: Path | None = None) -> dict[str, Any]:
    """Return the arguments of a variable of a posterior, with the file's values in place of its name.

    Parameters
    ----------
    arguments : mapping
        ``file``, from ``folder`` (here, by default), and ``variable``.

    Raises
    ------
    DistributionError
        The file, its group ``posterior`` or the variable is missing or is not what ArviZ writes; the variable
        is not finite; there are too few rows.
    """
    for key in arguments:
        if key not in ("file", "variable"):
            raise DistributionError("a posterior's file is taken as it is", where=key, got=arguments[key],
                                    allowed="file and variable")  # fmt: skip
    file, variable = (_name(arguments, key) for key in ("file", "variable"))
    found = _group((folder or Path()) / file, file)
    if variable not in found.data_vars:
        raise DistributionError("the posterior has no such variable", where="variable", got=variable,
                                remedy=suggestion(variable, map(str, found.data_vars)))  # fmt: skip
    values = _by_row(found[variable], variable)
    if values is None:
        raise DistributionError("the variable is not one number for each chain and draw", where="variable",
                                got=f"{variable} {found[variable].dims}", allowed=str(DIMS))  # fmt: skip
    _check(values, variable)
    units = found[variable].attrs.get("units")
    about = {"units": units} if isinstance(units, str) else {}
    kept = _thinned(values)
    return {"values": kept.tolist(), "rows": _fingerprint(found), "origin": f"{file}: {variable}"} | about


def _name(arguments: Mapping[str, Any], key: str) -> str:
    value = arguments.get(key)
    if not isinstance(value, str):
        raise DistributionError("not a name", where=key, got=value, allowed="text in quotes")
    return value


def _group(path: Path, file: str) -> xr.Dataset:
    import xarray as xr  # noqa: PLC0415

    if not _is_file(path):
        raise DistributionError("no such file", where="file", got=file)
    try:
        require_readable(path)
        groups = xr.open_groups(path, engine="h5netcdf", decode_times=False)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DistributionError(f"not a readable netCDF-4 file ({reason})", where="file", got=file) from None
    try:
        if f"/{GROUP}" not in groups:
            raise DistributionError(
                f"the file has no group {GROUP!r}", where="file", got=file,
                remedy="Write it with ArviZ (to_netcdf), or draw one column by distribution = 'empirical'.",
            )  # fmt: skip
        return groups[f"/{GROUP}"].load()
    finally:
        for group in groups.values():
            group.close()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        # No name of a file.
        return False


def _by_row(variable: xr.DataArray, name: str) -> FloatArray | None:
    """Return a variable's values chain by chain, shape (rows,); None for one of another shape."""
    if set(variable.dims) != set(DIMS):
        return None
    if variable.dtype.kind not in "iuf":
        raise DistributionError("the variable holds no numbers", where="variable", got=name)
    return variable.transpose(*DIMS).to_numpy().astype(np.float64).ravel()


def _check(values: FloatArray, name: str) -> None:
    if values.size < LEAST_ROWS:
        raise DistributionError("the posterior has too few draws", where="file", got=values.size,
                                allowed=f"at least {LEAST_ROWS}")  # fmt: skip
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise DistributionError("the variable holds something else than finite numbers", where="variable",
                                got=f"row {bad[0] + 1} of {name}")  # fmt: skip


def _thinned(values: FloatArray) -> FloatArray:
    if values.size <= MOST_ROWS:
        return values
    return values[((np.arange(MOST_ROWS) + 0.5) * (values.size / MOST_ROWS)).astype(np.intp)]


def _fingerprint(posterior: xr.Dataset) -> str:
    """Return 16 hex digits over every variable of the posterior that has one number for each row.

    The whole of it, so that which of them a scenario draws does not change the rows that are drawn.
    """
    text = hashlib.blake2b(digest_size=8)
    for name in sorted(map(str, posterior.data_vars)):
        variable = posterior[name]
        if variable.dtype.kind in "iuf" and (values := _by_row(variable, name)) is not None:
            text.update(f"{name}/{values.size}/".encode() + values.astype("<f8").tobytes())
    return text.hexdigest()
