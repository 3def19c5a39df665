"""Stored trajectories of an observable, and their percentiles over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, RunFileError, suggestion
from timecone.results.run_file.access import group
from timecone.results.run_file.percentiles import levels
from timecone.schema import OUTCOMES, PATHS, Inclusion


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
        raise RunFileError(
            "no-trajectories",
            "the run stores no trajectories",
            where=PATHS,
            remedy="Run it again with --paths above 0.",
        )
    known = [str(name) for name in paths.data_vars]
    if observable not in known:
        raise ArgumentError(
            "trajectory-not-stored",
            "the run stores no such trajectory",
            where="observable",
            got=observable,
            remedy=suggestion(observable, known),
        )
    inclusion = group(run, OUTCOMES)["standing"].values[: paths.sizes["path"]]
    counted = paths[observable].transpose("path", "time").isel(path=inclusion == Inclusion.COUNTED)
    if counted.sizes["path"] == 0:
        raise ArgumentError(
            "no-draws-left",
            "no draws are left",
            where="observable",
            got=observable,
            remedy="Store more paths.",
        )
    return counted


def percentiles_of_paths(paths: xr.DataArray, q: Sequence[float]) -> xr.DataArray:
    """Return percentiles over paths, dims (time, percentile): the inverted empirical CDF at each time."""
    level = levels(q)
    levels_by_time = np.quantile(paths.values, level / 100.0, axis=0, method="inverted_cdf")
    return xr.DataArray(
        np.asarray(levels_by_time).T,
        dims=("time", "percentile"),
        coords={"time": paths["time"].values, "percentile": level},
        attrs={**paths.attrs, "paths": paths.sizes["path"]},
    )
