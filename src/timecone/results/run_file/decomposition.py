"""Decomposition of the main observable's growth into its factors, from the trajectories that a run stores.

Of the compute model: hardware, investment and algorithms, less what limits took. Hernandez 2023 (interview)
splits 2012-2018 in this way, and counts growth in jumps from GPT-2 to GPT-3.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, RunFileError
from timecone.results.run_file.access import group, main_observable
from timecone.schema import FACTORS, OUTCOMES, PATHS, FloatArray

#: Growth of effective compute from GPT-2 to GPT-3, Hernandez 2023 (interview): its ends and their geometric
#: mean.
JUMP: Final = (300.0, (300.0 * 600.0) ** 0.5, 600.0)
# OOM; rounding of sums of five numbers stays far below it.
_TOLERANCE = 1e-6
_LEAST_TIMES = 2


def decomposition(run: xr.DataTree, begin: float, end: float) -> xr.Dataset:
    """Return the growth of the main observable between two times, split into its factors.

    Parameters
    ----------
    run : DataTree
        A run that stores trajectories.
    begin, end : float
        Decimal years between the run's start and horizon; between two steps the trajectories are straight.

    Returns
    -------
    Dataset, dims (path,)
        ``growth`` and its parts, in OOM; of the compute model ``hardware``, ``investment``, ``algorithms``,
        ``supply`` and ``data_wall``. The parts sum to the growth. Limits have negative parts where they take
        more and more; a part whose component is off is 0. Coordinate ``standing`` says which paths count.

    Raises
    ------
    ArgumentError
        A time outside the run, or the end not after the beginning.
    RunFileError
        The run stores no trajectories, or they do not sum to the main observable.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> growth = tc.decomposition(run, 2026, 2036)
    >>> parts = sum(growth[name] for name in growth.data_vars if name != "growth")
    >>> bool(abs(parts - growth["growth"]).max() < 1e-6)
    True
    """
    paths = _trajectories(run)
    times = paths["time"].values
    for name, date in (("begin", begin), ("end", end)):
        if not times[0] <= date <= times[-1]:
            raise ArgumentError(
                "interval-outside-run",
                "outside the run",
                where=name,
                got=date,
                allowed=f"a year from {times[0]:g} to {times[-1]:g}",
            )
    if not begin < end:
        raise ArgumentError(
            "end-not-after-beginning",
            "the end is not after the beginning",
            where="end",
            got=end,
            allowed=f"a year after {begin:g}",
        )
    parts = {
        part: _at(_values(paths, name), times, end) - _at(_values(paths, name), times, begin)
        for part, name in factors(run).items()
    }
    growth = np.sum(list(parts.values()), axis=0)
    whole = _values(paths, main_observable(run))
    if not np.allclose(growth, _at(whole, times, end) - _at(whole, times, begin), rtol=0.0, atol=_TOLERANCE):
        raise RunFileError(
            "factors-do-not-sum", "the factors of the main observable do not sum to it", where=PATHS
        )
    parts_of_growth = xr.Dataset(
        {name: ("path", values, {"units": "OOM"}) for name, values in {"growth": growth, **parts}.items()},
        coords={"path": paths["path"]} if "path" in paths.coords else {},
        attrs={"begin": begin, "end": end},
    )
    return _with_inclusion(run, parts_of_growth)


def factors(run: xr.DataTree) -> dict[str, str]:
    """Return the trajectories that multiply into the main observable, by what part each one is.

    Raises
    ------
    ArgumentError
        The model of the run has no factors.
    """
    pairs = (pair.partition("=") for pair in str(run.attrs.get(FACTORS, "")).split())
    by_part = {part: name for part, _, name in pairs}
    if not by_part:
        raise ArgumentError(
            "run-has-no-factors",
            "the model of the run does not split its observable into factors",
            where="run",
            got=run.attrs["name"],
        )
    return by_part


def growth_in_jumps(run: xr.DataTree) -> xr.DataArray:
    """Return the growth of the main observable since the start, in jumps from GPT-2 to GPT-3.

    Parameters
    ----------
    run : DataTree
        A run that stores trajectories.

    Returns
    -------
    DataArray, dims (factor, path, time)
        Number of jumps. One jump is a ``factor`` of 300 to 600 (Hernandez 2023, interview); the middle one is
        their geometric mean, 424. Coordinate ``standing`` says which paths count.

    Raises
    ------
    RunFileError
        The run stores no trajectories.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> jumps = tc.growth_in_jumps(run)
    >>> jumps["factor"].values.round().tolist()
    [300.0, 424.0, 600.0]
    """
    paths = _trajectories(run)
    whole = _values(paths, main_observable(run))
    factors = np.array(JUMP)
    jumps = xr.DataArray(
        (whole - whole[:, :1]) / np.log10(factors)[:, None, None],
        dims=("factor", "path", "time"),
        coords={"factor": factors, "time": paths["time"]}
        | ({"path": paths["path"]} if "path" in paths.coords else {}),
        name="jumps",
        attrs={"units": "1", "source": "Hernandez 2023 (interview): 300 to 600 times per jump"},
    )
    return _with_inclusion(run, jumps)


def _trajectories(run: xr.DataTree) -> xr.Dataset:
    paths = group(run, PATHS)
    if (name := main_observable(run)) not in paths:
        raise RunFileError(
            "trajectory-not-stored", "the run stores no such trajectory", where=PATHS, got=name
        )
    if paths.sizes["path"] == 0 or paths.sizes["time"] < _LEAST_TIMES:
        raise RunFileError(
            "no-trajectories",
            "the run stores no trajectories",
            where=PATHS,
            remedy="Run it again with --paths above 0.",
        )
    return paths


def _values(paths: xr.Dataset, name: str) -> FloatArray:
    """Return a trajectory, shape (paths, times); zeros for a factor whose component is off."""
    if name not in paths:
        return np.zeros((paths.sizes["path"], paths.sizes["time"]))
    return np.asarray(paths[name].transpose("path", "time").values, dtype=np.float64)


def _at(values: FloatArray, times: FloatArray, date: float) -> FloatArray:
    """Return trajectories at a date, shape (paths,), linear between two times."""
    k = min(int(np.searchsorted(times, date, side="right")) - 1, times.size - 2)
    part = (date - times[k]) / (times[k + 1] - times[k])
    return np.asarray((1.0 - part) * values[:, k] + part * values[:, k + 1])


def _with_inclusion[T: (xr.Dataset, xr.DataArray)](run: xr.DataTree, statistic: T) -> T:
    """Return the same with the inclusion of each path, which is the draw of that number."""
    inclusion = group(run, OUTCOMES)["standing"].values[: statistic.sizes["path"]]
    return statistic.assign_coords(standing=("path", inclusion))
