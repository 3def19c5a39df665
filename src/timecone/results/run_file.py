"""Run files: one netCDF-4 file per run, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import xarray as xr

from timecone.errors import OutputError, RunFileError
from timecone.schema import FORMAT, FORMAT_KEY, GROUPS, HEADLINE, SCHEMA_VERSION

_ATTRIBUTES = ("name", "run_id", "draws", "seed", "start", "horizon", "scenario", "conditions", HEADLINE)


def save_run(run: xr.DataTree, path: str | Path) -> Path:
    """Write a run as netCDF-4; a file that stands there is replaced only by a complete one.

    Raises
    ------
    OutputError
        The folder cannot be made or written to.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        partial = Path(name)
        try:
            encoding = {
                f"/{child}": {
                    str(variable): {"zlib": True, "complevel": 1}
                    for variable, array in run[child].data_vars.items()
                    if array.dtype.kind in "fiu" and array.ndim > 0
                }
                for child in run.children
            }
            run.to_netcdf(partial, engine="h5netcdf", encoding=encoding)
            partial.chmod(0o644)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot be written ({error.strerror or error})", where=str(path),
            remedy="Choose another folder with --out.",
        ) from None  # fmt: skip
    return path


def open_run(path: str | Path) -> xr.DataTree:
    """Read a run file whole.

    Raises
    ------
    RunFileError
        The file is missing, is no netCDF-4, is no run, or is of another schema version.
    """
    path = Path(path)
    if not path.is_file():
        raise RunFileError("no such file", where=str(path))
    try:
        with xr.open_datatree(path, engine="h5netcdf", decode_times=False) as stored:
            run = stored.load().copy()
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunFileError(
            f"not a readable netCDF-4 file ({reason})", where=str(path),
            remedy="A run file is written by timecone run.",
        ) from None  # fmt: skip
    _check(run, str(path))
    return run


def _check(run: xr.DataTree, where: str) -> None:
    if run.attrs.get(FORMAT_KEY) != FORMAT:
        raise RunFileError(
            "not a timecone run", where=where,
            remedy="It is a netCDF file of another program.",
        )  # fmt: skip
    version = run.attrs.get("schema_version")
    if version != SCHEMA_VERSION:
        raise RunFileError(
            "another version of the run format", where=where, got=version,
            allowed=str(SCHEMA_VERSION), remedy="Run the scenario again.",
        )  # fmt: skip
    for name in _ATTRIBUTES:
        if name not in run.attrs:
            raise RunFileError("the run lacks an attribute", where=where, got=name)
    for name in GROUPS:
        if name not in run.children:
            raise RunFileError("the run lacks a group", where=where, got=name)
