"""Forecast of the fitted trends: the posterior at dates after the evidence.

Growth goes on wandering as it did (`random_walk.go_on`), so the forecast widens faster than the posterior of
present growth alone would have it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from timecone.errors import ArgumentError
from timecone.history.joint.random_walk import go_on
from timecone.schema import FloatArray

#: Price-performance that grows more slowly than this many years per doubling is taken to double in them:
#: the compute model asks for a doubling time, which must be positive.
SLOWEST_DOUBLING = 30.0
#: Years over which the growth that a scenario holds constant is averaged.
YEARS_AHEAD = 5.0

#: The scenario parameters that a fit gives, with unit and meaning.
FORECAST: dict[str, tuple[str, str]] = {
    "hardware.price_performance": ("FLOP/USD", "training FLOP per USD at the start"),
    "hardware.doubling_time": ("year", "doubling time of training FLOP per USD"),
    "investment.largest_run": ("USD", "spending on the largest run at the start, USD of 2023"),
    "investment.growth": ("x/year", "growth of spending on the largest run"),
    "algorithms.halving_time": ("month", "halving time of the compute that a fixed result takes"),
}


def spending_and_efficiency(
    drawn: Mapping[str, FloatArray], dates: FloatArray, end: float, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw both trends of the largest run at dates from the end of the evidence on.

    Parameters
    ----------
    drawn : mapping
        Posterior draws (draw,) or (draw, element) by parameter.
    dates : ndarray
        (date,) decimal years, increasing, none before ``end``.
    end : float
        Decimal year of the newest evidence.
    generator : Generator
        For the walks.

    Returns
    -------
    tuple of ndarray
        log10 USD and log10 FLOP per USD, (draw, date) each.

    Raises
    ------
    ArgumentError
        A date lies before the end of the evidence.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.history.joint.forecast import spending_and_efficiency
    >>> from timecone.history.joint.priors import draw_priors
    >>> drawn = draw_priors(seed=1, draws=100, end=2025.0)
    >>> dates = np.array([2025.0, 2026.0])
    >>> spending, efficiency = spending_and_efficiency(drawn, dates, 2025.0, np.random.default_rng(1))
    >>> spending.shape, efficiency.shape
    ((100, 2), (100, 2))
    """
    years = np.asarray(dates, dtype=float) - end
    if years.min() < 0.0 or np.any(np.diff(years) < 0.0):
        raise ArgumentError(
            "forecast-dates-not-increasing",
            "forecast dates must increase and start at the newest evidence",
            where="dates",
            got=[float(d) for d in dates],
            allowed=f"{end:.2f} or later",
        )
    spending = go_on(
        drawn["spending_level"], drawn["spending_growth_now"], drawn["spending_drift"], years, generator
    )
    growth = drawn["hardware_growth_now"] + drawn["efficiency_extra"]
    efficiency = go_on(drawn["efficiency_level"], growth, drawn["hardware_drift"], years, generator)
    return spending, efficiency


def forecast_parameters(
    drawn: Mapping[str, FloatArray], end: float, *, start: float, ahead: float = YEARS_AHEAD, seed: int
) -> dict[str, FloatArray]:
    """Return draws of the scenario parameters that the fit informs.

    Parameters
    ----------
    drawn : mapping
        Posterior draws.
    end, start : float
        Decimal year of the newest evidence, and of the scenario's start.
    ahead : float
        Years from the start over which growth is averaged.
    seed : int
        Of the walk ahead.

    Returns
    -------
    dict
        Arrays (draw,) by name in `FORECAST`, in its units.

    Raises
    ------
    ArgumentError
        The start lies before the newest evidence, or ``ahead`` is not positive.

    Examples
    --------
    >>> from timecone.history.joint.forecast import forecast_parameters
    >>> from timecone.history.joint.priors import draw_priors
    >>> drawn = draw_priors(seed=1, draws=100, end=2025.0)
    >>> forecast_parameters(drawn, 2025.0, start=2026.0, seed=1)["hardware.doubling_time"].shape
    (100,)
    """
    require_forecast_span(end, start=start, ahead=ahead)
    generator = np.random.default_rng([seed, 1])
    dates = np.array([start, start + ahead])
    spending, efficiency = spending_and_efficiency(drawn, dates, end, generator)
    return parameters_of(drawn, spending, efficiency, ahead, generator)


def require_forecast_span(end: float, *, start: float, ahead: float) -> None:
    """Refuse a start or years ahead that no forecast can have.

    Raises
    ------
    ArgumentError
        The start lies before the newest evidence, or ``ahead`` is not positive; or either is endless.
    """
    if not 0.0 < ahead < math.inf:
        raise ArgumentError(
            "years-ahead-not-positive", "the years ahead must be positive", where="ahead", got=ahead
        )
    if not end <= start < math.inf:
        raise ArgumentError(
            "forecast-start-too-early",
            "the start lies before the newest evidence",
            where="start",
            got=start,
            allowed=f"{end:.2f} or later",
        )


def parameters_of(
    drawn: Mapping[str, FloatArray],
    spending: FloatArray,
    efficiency: FloatArray,
    ahead: float,
    generator: np.random.Generator,
) -> dict[str, FloatArray]:
    """Return the scenario's parameters given both trends, (draw, 2), at its start and ``ahead`` years on."""
    growth = np.diff(spending, axis=1)[:, 0] / ahead
    improvement = np.maximum(np.diff(efficiency, axis=1)[:, 0] / ahead, np.log10(2.0) / SLOWEST_DOUBLING)
    field = generator.standard_normal(len(growth))
    return {
        "hardware.price_performance": 10.0 ** efficiency[:, 0],
        "hardware.doubling_time": np.log10(2.0) / improvement,
        "investment.largest_run": 10.0 ** spending[:, 0],
        "investment.growth": 10.0**growth,
        "algorithms.halving_time": np.exp(drawn["halving_centre"] + drawn["halving_spread"] * field),
    }
