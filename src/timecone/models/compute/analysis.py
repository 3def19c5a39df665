"""Caps of spending along the trajectories that a run of the compute model stores."""

from __future__ import annotations

from typing import Final

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.run_file.access import group
from timecone.results.run_file.trajectories import trajectories
from timecone.schema import INPUTS, OUTCOMES, PATHS, FloatArray, Inclusion

#: Trajectories of the model: what the largest run costs and gross world product, log10 USD.
SPENDING: Final = "spending"
OUTPUT: Final = "output"
#: Inputs that cap spending, as a share of output and in USD.
CAP_SHARE: Final = "investment.cap_share"
CAP_USD: Final = "investment.cap_usd"


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
        raise ArgumentError(
            "run-has-no-spending-cap", "the run has no spending cap", where=INPUTS, got=CAP_SHARE
        )
    trajectories(run, SPENDING)
    output = trajectories(run, OUTPUT)
    inclusion = group(run, OUTCOMES)["standing"].values[: group(run, PATHS).sizes["path"]]
    chosen = np.flatnonzero(inclusion == Inclusion.COUNTED)
    of_output = np.log10(inputs[CAP_SHARE].values[chosen])
    absolute = np.full(chosen.size, np.inf)
    if CAP_USD in inputs:
        absolute = np.log10(inputs[CAP_USD].values[chosen])
    return output + of_output[:, None], absolute
