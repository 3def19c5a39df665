"""Run files: one netCDF-4 file per run, written whole or not at all."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from timecone.errors import RunFileError
from timecone.files import netcdf_bytes, write_file
from timecone.results.run_file.checksum import require_intact, with_checksum
from timecone.results.run_file.upgrade import PREVIOUS_VERSION, upgraded
from timecone.schema import (
    BACKTEST_KIND,
    DURATION_COUNTS,
    FORMAT,
    FORMAT_KEY,
    GROUPS,
    HEADLINE,
    ORIGIN,
    OUTCOMES,
    POSTERIOR_KIND,
    REQUIRED,
    SCHEMA_VERSION,
    SUMMARY,
)

type AnyArray = NDArray[Any]

_TEXTS = ("name", "run_id", "scenario", "conditions", HEADLINE)
_NUMBERS = ("draws", "seed", "start", "horizon")
# Values by which compression is tried, and the share of their size below which it is worth its time.
_TRIED = 8192
_WORTH_COMPRESSING = 0.8


def save_run(run: xr.DataTree, path: str | Path) -> Path:
    """Write a run as netCDF-4; a file that stands there is replaced only by a complete one.

    Parameters
    ----------
    run : DataTree
        A run.
    path : str or Path
        The file; its folder is made where it is missing.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        The folder cannot be made or written to.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> tc.save_run(run, "run.nc").name
    'run.nc'
    """
    encoding = {
        f"/{child}": {
            str(variable): {"zlib": True, "complevel": 1}
            for variable, array in run[child].data_vars.items()
            if is_worth_compressing(array.values)
        }
        for child in run.children
    }
    return write_file(
        path, with_checksum(netcdf_bytes(run, encoding)), remedy="Choose another folder with --out."
    )


def is_worth_compressing(values: AnyArray) -> bool:
    """Return whether an array of numbers takes clearly less room compressed; random digits do not."""
    if values.dtype.kind not in "fiu" or values.ndim == 0:
        return False
    some = np.ascontiguousarray(values.reshape(-1)[:_TRIED])
    # Bytes of the same significance together, as HDF5 shuffles them.
    content = some.view(np.uint8).reshape(-1, some.itemsize).T.tobytes()
    return len(zlib.compress(content, 1)) < _WORTH_COMPRESSING * len(content)


def open_run(path: str | Path) -> xr.DataTree:
    """Read a run file whole.

    Parameters
    ----------
    path : str or Path
        A netCDF-4 file that `save_run` wrote.

    Returns
    -------
    DataTree
        Groups ``inputs``, ``outcomes``, ``paths`` and ``summary``, all in memory.

    Raises
    ------
    RunFileError
        The file is missing or damaged, is no netCDF-4, is no run, or is of another schema version.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> path = tc.save_run(run, "run.nc")
    >>> tc.open_run(path).attrs["run_id"] == run.attrs["run_id"]
    True
    """
    path = Path(path)
    if not path.is_file():
        raise RunFileError("no-such-file", "no such file", where=str(path))
    try:
        require_intact(path)
        with xr.open_datatree(path, engine="h5netcdf", decode_times=False) as stored:
            run = stored.load().copy()
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunFileError(
            "not-netcdf",
            f"not a readable netCDF-4 file ({reason})",
            where=str(path),
            remedy="A run file is written by timecone run.",
        ) from None
    return _checked(run, str(path))


def _checked(run: xr.DataTree, where: str) -> xr.DataTree:
    """Return a run of the present version, or complain about what is wrong with it."""
    if run.attrs.get(FORMAT_KEY) != FORMAT:
        raise RunFileError(
            "not-a-run", "not a timecone run", where=where, remedy=_instead(run.attrs.get("kind"))
        )
    version = run.attrs.get("schema_version")
    if version == PREVIOUS_VERSION:
        _check_attributes(run, where)
        run = upgraded(run, where)
    elif version != SCHEMA_VERSION:
        plain = version.item() if isinstance(version, np.generic) else version
        raise RunFileError(
            "run-format-version",
            "unsupported version of the run format",
            where=where,
            got=plain,
            allowed=f"{PREVIOUS_VERSION} or {SCHEMA_VERSION}",
            remedy="Run the scenario again.",
        )
    _check_attributes(run, where)
    for name in GROUPS:
        if name not in run.children:
            raise RunFileError("run-lacks-group", "the run lacks a group", where=where, got=name)
    for name, variables in REQUIRED.items():
        _check_group(run[name].dataset, variables, f"{where}: {name}")
    if "duration" in run[SUMMARY].dataset.coords:
        _check_group(run[SUMMARY].dataset, DURATION_COUNTS, f"{where}: {SUMMARY}")
    _check_together(run, where)
    _check_milestones(run, where)
    return run


def _instead(kind: object) -> str:
    if kind in {POSTERIOR_KIND, BACKTEST_KIND}:
        return f"It is a {kind}, of which timecone plot draws other figures."
    return "It is a netCDF file of another program."


def _check_attributes(run: xr.DataTree, where: str) -> None:
    for name in (*_TEXTS, *_NUMBERS):
        if name not in run.attrs:
            raise RunFileError("run-lacks-attribute", "the run lacks an attribute", where=where, got=name)
    for name in _NUMBERS:
        if not _is_number(run.attrs[name]):
            raise RunFileError(
                "run-attribute-not-numeric",
                "not a number",
                where=f"{where}: {name}",
                got=str(run.attrs[name]),
            )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.number)) and bool(np.isfinite(value))


def _check_group(dataset: xr.Dataset, variables: Mapping[str, tuple[str, ...]], where: str) -> None:
    for name, dims in variables.items():
        if name not in dataset.variables:
            raise RunFileError("run-lacks-variable", "the group lacks a variable", where=where, got=name)
        if dataset[name].dims != dims:
            got = ", ".join(map(str, dataset[name].dims))
            raise RunFileError(
                "run-variable-dimensions",
                "a variable has other dimensions",
                where=f"{where}/{name}",
                got=got,
                allowed=", ".join(dims),
            )


def _check_together(run: xr.DataTree, where: str) -> None:
    """Refuse a run that has one of what only makes sense together."""
    summary, outcomes = run[SUMMARY].dataset, run[OUTCOMES].dataset
    if not _is_number(summary.attrs.get(ORIGIN)):
        raise RunFileError(
            "run-lacks-number", "the group lacks a number", where=f"{where}: {SUMMARY}", got=ORIGIN
        )
    pairs = [(name, outcomes, OUTCOMES) for name in map(str, summary.coords) if name.startswith("choice_")]
    if "duration" in summary.coords:
        pairs += [(str(name), outcomes, OUTCOMES) for name in summary["duration"].values]
    if "flag_count" in summary:
        pairs += [(f"flag_{name}", summary, SUMMARY) for name in ("arrived_count", "label", "definition")]
    for name, dataset, group in pairs:
        if name not in dataset.variables:
            raise RunFileError(
                "run-lacks-variable", "the group lacks a variable", where=f"{where}: {group}", got=name
            )


def _check_milestones(run: xr.DataTree, where: str) -> None:
    """Refuse a run whose groups differ in their milestones, or whose headline is none of them."""
    names, others = (run[g].dataset["milestone"].values.tolist() for g in (SUMMARY, OUTCOMES))
    if names != others:
        raise RunFileError(
            "run-milestones-differ",
            "summary and outcomes have different milestones",
            where=where,
            got=others,
            allowed=str(names),
        )
    if run.attrs[HEADLINE] not in names:
        raise RunFileError(
            "run-headline-unknown",
            "the headline is not a milestone of the run",
            where=f"{where}: {HEADLINE}",
            got=run.attrs[HEADLINE],
            allowed=", ".join(map(str, names)),
        )
