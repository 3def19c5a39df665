"""Fitting a family to quantiles by least squares."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Protocol, Self

import numpy as np

from timecone.errors import DistributionError
from timecone.schema import FloatArray


class LocationScale(Protocol):
    """A distribution with a location and a scale, in the wording of `scipy.stats`."""

    @property
    def location(self) -> float:
        """Location, in the unit of the quantity."""
        ...

    @property
    def scale(self) -> float:
        """Scale, in the unit of the quantity."""
        ...

    def standard(self) -> Any:
        """Return the distribution of location 0 and scale 1."""
        ...

    def moved(self, shift: float, unit: float) -> Self:
        """Return the distribution of ``shift + unit * x``."""
        ...


def fit_quantiles[F: LocationScale](
    levels: FloatArray,
    values: FloatArray,
    build: Callable[[FloatArray], F],
    starts: Sequence[Sequence[float]],
    *,
    standardise: bool = True,
    log: bool = False,
    refuse: bool = True,
) -> F:
    """Return the family whose quantiles are nearest to the given ones.

    Parameters
    ----------
    levels, values : arrays, shape (quantiles,)
        Increasing.
    build : callable
        From free parameters to a family.
    starts : sequence
        Free parameters to start from; the best end counts.
    standardise : bool
        Fit the quantiles in units of their spread about their middle and scale the family back; then
        ``build`` must return a family with ``location`` and ``scale``.
    log : bool
        Compare logarithms, scaled to a first quantile near 1.
    refuse : bool
        Whether a bad fit is an error here; else the caller judges it.

    Raises
    ------
    DistributionError
        No start leads to a fit.
    """
    from scipy.optimize import least_squares  # noqa: PLC0415

    shift = float(np.median(values)) if standardise and not log else 0.0
    unit = float(np.ptp(values)) if standardise and not log else 1.0
    if log:
        unit = float(np.exp(np.mean(np.log(values))))
    target = (values - shift) / unit
    # A single quantile has no spread; its own size stands in for it.
    spread = float(np.ptp(np.log(target))) if log else float(np.ptp(target)) or float(abs(target[0])) or 1.0

    def residual(free: FloatArray) -> FloatArray:
        made = build(free)
        quantiles = made.location + made.scale * np.asarray(made.standard().ppf(levels))
        error = np.log(quantiles) - np.log(target) if log else quantiles - target
        return np.nan_to_num(error / spread, nan=1e3, posinf=1e3, neginf=-1e3)

    best = None
    for start in starts:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            # SciPy's solvers complain far away from the fit.
            warnings.simplefilter("ignore", RuntimeWarning)
            solution = least_squares(residual, np.asarray(start, dtype=np.float64), xtol=1e-15, ftol=1e-15,
                                  gtol=1e-15, max_nfev=400)  # fmt: skip
        if best is None or solution.cost < best.cost:
            best = solution
    assert best is not None
    if refuse and not best.cost <= 1.0:
        raise DistributionError(
            "quantiles-not-matched", "no distribution of this family fits these quantiles"
        )
    return build(best.x).moved(shift, unit)
