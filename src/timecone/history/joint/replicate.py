"""Simulated observations: what the joint model would have us see, given its parameters.

The generative twin of `model`: posterior and prior predictive checks and the calibration of the fit stand on
it, so it shares no code with the density but the time in pieces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from timecone.history.joint.observations import Observations
from timecone.history.joint.priors import HARDWARE_PIECES, PIECE, SPENDING_PIECES
from timecone.history.joint.random_walk import piece_growth, time_in_pieces
from timecone.schema import FloatArray


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
