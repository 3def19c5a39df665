"""Pareto-smoothed importance weights (Vehtari, Simpson, Gelman, Yao & Gabry 2024, JMLR 25)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from timecone.errors import UsageError
from timecone.schema import FloatArray

#: Above this shape of the ratios' tail, weighted averages no longer converge in any useful number of draws.
LARGEST_KHAT: Final = 0.7


def smoothed(log_ratio: FloatArray) -> tuple[FloatArray, float]:
    """Return weights whose largest are smoothed, and the shape of the tail of the ratios.

    Parameters
    ----------
    log_ratio : ndarray
        (draw,) log of the new density over the old one, up to a constant; -inf for an impossible draw.

    Returns
    -------
    weights : ndarray
        (draw,); they sum to 1.
    khat : float
        Shape of the generalised Pareto distribution of the largest ratios; NaN where these are equal, so that
        there is no tail and nothing is smoothed.

    Raises
    ------
    UsageError
        ArviZ is not installed.
    """
    log_weights, khat = _smooth(log_ratio)
    weights = np.exp(log_weights - log_weights.max())
    return weights / weights.sum(), khat


def _smooth(ratio: FloatArray) -> tuple[FloatArray, float]:
    try:
        from arviz_stats.base.array import array_stats  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError(
            "arviz-missing", "reweighting needs ArviZ", where="arviz_stats", remedy="Install timecone[arviz]."
        ) from None
    smooth: Any = array_stats.psislw
    try:
        # It takes log likelihoods to be left out, hence the sign.
        log_weights, khat = smooth(-ratio)
    except ValueError:
        # The largest ratios are all equal, as where only weights of choices change: there is no tail.
        return ratio, np.nan
    return (np.asarray(log_weights), float(khat)) if np.isfinite(khat) else (ratio, np.nan)
