"""Percentiles over time of whatever trajectory a run stores, and the caps of spending."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, RunFileError, suggestion
from timecone.results.access import NO_DRAWS, group
from timecone.results.percentiles import levels
from timecone.schema import (
    CAP_SHARE,
    CAP_USD,
    INPUTS,
    OUTCOMES,
    OUTPUT,
    PATHS,
    SPENDING,
    FloatArray,
    Standing,
)


def trajectories(run: xr.DataTree, observable: str) -> xr.DataArray:
    """Return the stored trajectories of an observable in the draws that count.

    Returns
    -------
    DataArray, dims (path, time)
        A path is the draw of that number.

    Raises
    ------
    ArgumentError
        The run stores no such observable, or no stored path counts.
    RunFileError
        The run stores no trajectories.
    """
    paths = group(run, PATHS)
    if paths.sizes.get("path", 0) == 0:
        raise RunFileError("the run stores no trajectories", where=PATHS,
                           remedy="Run it again with --paths above 0.")  # fmt: skip
    known = [str(name) for name in paths.data_vars]
    if observable not in known:
        raise ArgumentError("the run stores no such trajectory", where="observable", got=observable,
                            remedy=suggestion(observable, known))  # fmt: skip
    standing = group(run, OUTCOMES)["standing"].values[: paths.sizes["path"]]
    found = paths[observable].transpose("path", "time").isel(path=standing == Standing.COUNTED)
    if found.sizes["path"] == 0:
        raise ArgumentError(NO_DRAWS, where="observable", got=observable, remedy="Store more paths.")
    return found


def percentiles_of_paths(paths: xr.DataArray, q: Sequence[float]) -> xr.DataArray:
    """Return percentiles over paths, dims (time, percentile): the inverted empirical CDF at each time."""
    level = levels(q)
    found = np.quantile(paths.values, level / 100.0, axis=0, method="inverted_cdf")
    return xr.DataArray(
        np.asarray(found).T,
        dims=("time", "percentile"),
        coords={"time": paths["time"].values, "percentile": level},
        attrs={**paths.attrs, "paths": paths.sizes["path"]},
    )


def trajectory_percentiles(run: xr.DataTree, observable: str, q: Sequence[float]) -> xr.DataArray:
    """Return percentiles of an observable over time, from the stored paths that count.

    Returns
    -------
    DataArray, dims (time, percentile)
        In the observable's unit; attribute ``paths`` says on how many paths they rest.
    """
    return percentiles_of_paths(trajectories(run, observable), q)


def spending_caps(run: xr.DataTree) -> tuple[xr.DataArray, FloatArray]:
    """Return the caps of spending in the stored paths that count, log10 USD.

    Returns
    -------
    DataArray, dims (path, time)
        The share of output that one training run may cost.
    array, shape (paths,)
        The absolute cap; infinite where there is none.

    Raises
    ------
    ArgumentError
        The run lacks the caps or the trajectories that they are compared with.
    """
    inputs = group(run, INPUTS)
    if CAP_SHARE not in inputs:
        raise ArgumentError("the run has no cap of spending", where=INPUTS, got=CAP_SHARE)
    trajectories(run, SPENDING)
    output = trajectories(run, OUTPUT)
    standing = group(run, OUTCOMES)["standing"].values[: group(run, PATHS).sizes["path"]]
    chosen = np.flatnonzero(standing == Standing.COUNTED)
    of_output = np.log10(inputs[CAP_SHARE].values[chosen])
    absolute = np.full(chosen.size, np.inf)
    if CAP_USD in inputs:
        absolute = np.log10(inputs[CAP_USD].values[chosen])
    return output + of_output[:, None], absolute
