"""Simulated observations: what the joint model would have us see, given its parameters.

The generative twin of `model`: posterior and prior predictive checks and the calibration of the fit stand on
it, so it shares no code with the density but the time in pieces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from timecone.history.joint.censored import SHARED, Censored
from timecone.history.joint.observations import Observations
from timecone.history.joint.priors import HARDWARE_PIECES, PIECE, SPENDING_PIECES
from timecone.history.joint.random_walk import piece_growth, time_in_pieces
from timecone.schema import BoolArray, FloatArray


def replicate(
    drawn: Mapping[str, FloatArray], observations: Observations, generator: np.random.Generator
) -> dict[str, FloatArray]:
    """Simulate the observations of the same runs, chips and studies anew.

    Parameters
    ----------
    drawn : mapping
        Parameters (draw,) or (draw, element).
    observations : Observations
        Dates, labels and ranks; the values are not read.
    generator : Generator
        For errors and deviations.

    Returns
    -------
    dict
        ``compute``, ``cost`` (draw, run), ``performance`` (draw, chip), ``halving`` (draw, study).
    """
    cost, compute = _runs(drawn, observations, generator)
    return {
        "compute": compute,
        "cost": cost,
        "performance": _chips(drawn, observations, generator),
        "halving": _studies(drawn, observations, generator),
    }


def replicate_bounds(
    drawn: Mapping[str, FloatArray], censored: Censored, end: float, generator: np.random.Generator
) -> dict[str, BoolArray]:
    """Simulate runs at the dates of bounds, and the bounds' own errors.

    Parameters
    ----------
    drawn : mapping
        Parameters (draw,) or (draw, element), ``bound_error`` too.
    censored : Censored
        Dates and bounds.
    end : float
        Date at which the trends' levels are stated, decimal year.
    generator : Generator
        For errors and deviations.

    Returns
    -------
    dict
        ``bound_inside`` (draw, bound) and ``unknown_inside`` (draw, unknown): whether a run lies within its
        bounds.
    """
    compute = _runs_within(drawn, censored.bound_date, end, generator)
    below = compute < _bound(drawn, censored.bound_mean, censored.bound_sd, generator)
    compute = _runs_within(drawn, censored.unknown_date, end, generator)
    is_other = generator.random(compute.shape) >= censored.record_share
    compute = compute - drawn["runner_up_gap"][:, None] * is_other
    inside = compute < _bound(drawn, censored.unknown_mean, censored.unknown_sd, generator)
    inside &= compute > censored.low + censored.low_error * generator.standard_normal(compute.shape)
    return {"bound_inside": below, "unknown_inside": inside}


def _runs_within(
    drawn: Mapping[str, FloatArray], dates: FloatArray, end: float, generator: np.random.Generator
) -> FloatArray:
    """Return the compute of records at dates, without the error of an estimate: (draw, date)."""
    spending, efficiency = frontier(drawn, dates, end)
    freedom = np.broadcast_to(drawn["run_tail"][:, None] + 2.0, spending.shape)
    own, thrift = generator.standard_normal((2, *spending.shape))
    own = own * drawn["spending_spread"][:, None] + thrift * drawn["efficiency_spread"][:, None]
    return np.asarray(spending + efficiency + own / np.sqrt(generator.chisquare(freedom) / freedom))


def _bound(
    drawn: Mapping[str, FloatArray], mean: FloatArray, sd: FloatArray, generator: np.random.Generator
) -> FloatArray:
    own = generator.standard_normal((len(drawn["bound_error"]), len(mean)))
    error = np.sqrt(SHARED) * drawn["bound_error"][:, None] + np.sqrt(1.0 - SHARED) * own
    return np.asarray(mean + sd * error)


def as_observed(replica: Mapping[str, FloatArray], observations: Observations, draw: int) -> Observations:
    """Return one simulated set of observations in place of the seen one; unknown costs stay unknown."""
    return replace(
        observations,
        compute=replica["compute"][draw],
        cost=np.where(observations.priced, replica["cost"][draw], np.nan),
        performance=replica["performance"][draw],
        halving=replica["halving"][draw],
    )


def frontier(drawn: Mapping[str, FloatArray], dates: FloatArray, end: float) -> tuple[FloatArray, FloatArray]:
    """Return the trends of log10 spending and log10 FLOP per USD of records, looking back.

    Returns
    -------
    tuple of ndarray
        (draw, date) each.
    """
    spending = _growth(drawn, "spending")
    back = time_in_pieces(dates, end, SPENDING_PIECES, PIECE)
    cost = drawn["spending_level"][:, None] - spending @ back.T
    hardware = _growth(drawn, "hardware")
    back = time_in_pieces(dates, end, HARDWARE_PIECES, PIECE)
    extra = drawn["efficiency_extra"][:, None] * (end - dates)
    return cost, drawn["efficiency_level"][:, None] - hardware @ back.T - extra


def chip_trend(drawn: Mapping[str, FloatArray], dates: FloatArray, end: float) -> FloatArray:
    """Return the trend of log10 FLOP/s per USD of chips less its level: (draw, date)."""
    back = time_in_pieces(dates, end, HARDWARE_PIECES, PIECE)
    return np.asarray(-_growth(drawn, "hardware") @ back.T)


def _growth(drawn: Mapping[str, FloatArray], what: str) -> FloatArray:
    return piece_growth(drawn[f"{what}_growth_now"], drawn[f"{what}_steps"], drawn[f"{what}_drift"], PIECE)


def _runs(
    drawn: Mapping[str, FloatArray], observations: Observations, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    cost, efficiency = frontier(drawn, observations.run_date, observations.end)
    cost = cost - drawn["runner_up_gap"][:, None] * (~observations.is_record)
    shape = cost.shape
    own, thrift, label, alone = generator.standard_normal((4, *shape))
    freedom = drawn["run_tail"][:, None] + 2.0
    # One divisor for a run's errors together makes them jointly Student-t.
    divisor = np.sqrt(generator.chisquare(np.broadcast_to(freedom, shape)) / freedom)
    label = label * drawn["label_scale"][:, None] * observations.compute_error
    own = own * drawn["spending_spread"][:, None] + label
    thrift = thrift * drawn["efficiency_spread"][:, None]
    alone = alone * drawn["cost_error"][:, None]
    return cost + (own + alone) / divisor, cost + efficiency + (own + thrift) / divisor


def _chips(
    drawn: Mapping[str, FloatArray], observations: Observations, generator: np.random.Generator
) -> FloatArray:
    level = drawn["chip_level"][:, observations.is_tensor.astype(int)]
    trend = level + chip_trend(drawn, observations.chip_date, observations.end)
    freedom = np.broadcast_to(drawn["chip_tail"][:, None] + 2.0, trend.shape)
    return np.asarray(trend + drawn["chip_spread"][:, None] * generator.standard_t(freedom))


def _studies(
    drawn: Mapping[str, FloatArray], observations: Observations, generator: np.random.Generator
) -> FloatArray:
    spread = np.hypot(drawn["halving_spread"][:, None], observations.halving_error)
    shape = (len(drawn["halving_centre"]), len(observations.halving))
    return np.asarray(drawn["halving_centre"][:, None] + spread * generator.standard_normal(shape))
