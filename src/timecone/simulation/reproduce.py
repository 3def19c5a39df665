"""Running a stored run again and comparing every stored number bit for bit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from timecone.errors import RunFileError, UsageError
from timecone.numerics.sources import source_hash
from timecone.scenario.file import loads
from timecone.schema import BY_VALUE, GROUPS, OUTCOMES, PATHS
from timecone.simulation.run import Progress, simulate


class Reproduction(NamedTuple):
    """What a second run showed.

    Attributes
    ----------
    compared : int
        Number of variables compared.
    different : dict of str to float
        Largest absolute difference of each variable that differs, by ``group/variable``.
    same_sources : bool
        Whether the numbers came from the same sources; if not, differences are to be expected.
    """

    compared: int
    different: dict[str, float]
    same_sources: bool


def reproduce(
    run: xr.DataTree, *, threads: int | None = None, progress: Progress | None = None
) -> Reproduction:
    """Simulate a run's scenario again with its seed and draws, and compare.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    threads : int, optional
        Need not be those of the first run.
    progress : callable, optional
        As in `simulate`.

    Returns
    -------
    Reproduction
        Number of variables compared, those that differ, and whether the sources were the same.

    Raises
    ------
    RunFileError
        The scenario in the run cannot be read.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> tc.reproduce(run).different
    {}
    """
    try:
        scenario = loads(run.attrs["scenario"])
    except UsageError as error:
        raise RunFileError(
            "stored-scenario-unreadable",
            f"the run's scenario cannot be read ({error.line})",
            remedy="Another version may have written it.",
        ) from None
    again = simulate(
        scenario,
        draws=int(run.attrs["draws"]),
        seed=int(run.attrs["seed"]),
        threads=threads,
        paths=run[PATHS].sizes.get("path", 0),
        keep=max(run[OUTCOMES].sizes["draw"], 1),
        progress=progress,
    )
    different = {}
    compared = 0
    for group in (*GROUPS, *({BY_VALUE} & set(run.children))):
        for name, before in run[group].data_vars.items():
            compared += 1
            after = again[group].data_vars.get(name)
            gap = _difference(before.values, None if after is None else after.values)
            if gap is not None:
                different[f"{group}/{name}"] = gap
    return Reproduction(compared, different, run.attrs.get("source_hash") == source_hash())


def _difference(before: np.ndarray, after: np.ndarray | None) -> float | None:
    """Return None for equal bits, else the largest absolute difference."""
    if after is None or before.shape != after.shape:
        return float("inf")
    if before.tobytes() == after.tobytes():
        return None
    with np.errstate(invalid="ignore"):
        gap = np.abs(np.nan_to_num(before - after, nan=0.0))
    mismatch = np.isfinite(before) != np.isfinite(after)
    return float("inf") if mismatch.any() else float(gap.max())
