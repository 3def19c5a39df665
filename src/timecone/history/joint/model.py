"""The joint model of spending, price-performance, compute and algorithms, for PyMC.

Of the largest run at any time, log compute = log spending + log price-performance holds exactly, where
price-performance is the training FLOP done per USD of amortised cost, so duration is within spending. With
S(t) and P(t) the two trends, a frontier run i that cost k and did c (both log10) has

    k = S(t) - gap [not a record] + u + e + m
    c = S(t) - gap [not a record] + u + P(t) + v + m

with u and v the run's own deviations in spending and efficiency, m the error of its compute, in proportion
to what its label of confidence says, and e the error of its cost alone: m is in both, because costs are
reckoned from the same chips and hours as compute (the spread of c - k in Epoch AI's table is far smaller
than the labels allow). Then k - S and (c - k) - P have variances u2 + m2 + e2 and v2 + e2 and the covariance
-e2, whence the correlation of the growth of spending and of price-performance. Both are jointly Student-t.
A run without a cost says S + P only. Growth of P is that of chips' FLOP/s per USD (its own series,
Student-t) plus a constant extra. Halving times of algorithms enter as results of studies, normal in the
logarithm round a study's own truth, which lies round a common centre (random effects: DerSimonian & Laird
1986).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from timecone.history.joint.observations import Observations
from timecone.history.joint.priors import HARDWARE_PIECES, PIECE, PRIORS, SPENDING_PIECES
from timecone.history.joint.random_walk import time_in_pieces
from timecone.schema import FloatArray

if TYPE_CHECKING:
    import pymc as pm


def tables(observations: Observations) -> dict[str, FloatArray]:
    """Return the observations as the model's data, by name.

    Returns
    -------
    dict
        Of runs with cost ``both_*``, without ``only_*``, of chips ``chip_*``, of studies ``study_*``.
    """
    data = {"end": np.array(observations.end)}
    for name, chosen in (("both", observations.priced), ("only", ~observations.priced)):
        dates = observations.run_date[chosen]
        data |= {
            f"{name}_spending_time": time_in_pieces(dates, observations.end, SPENDING_PIECES, PIECE),
            f"{name}_hardware_time": time_in_pieces(dates, observations.end, HARDWARE_PIECES, PIECE),
            f"{name}_ago": observations.end - dates,
            f"{name}_below": 1.0 - observations.is_record[chosen],
            f"{name}_label_variance": observations.compute_error[chosen] ** 2,
            f"{name}_compute": observations.compute[chosen],
        }
    return data | {
        "both_cost": observations.cost[observations.priced],
        "chip_time": time_in_pieces(observations.chip_date, observations.end, HARDWARE_PIECES, PIECE),
        "chip_is_tensor": observations.is_tensor.astype(float),
        "chip_performance": observations.performance,
        "study_halving": observations.halving,
        "study_variance": observations.halving_error**2,
    }


def build(observations: Observations) -> pm.Model:
    """Return the model with these observations as exchangeable data."""
    import pymc as pm  # noqa: PLC0415 - takes seconds to import

    with pm.Model() as model:
        data: Any = {name: pm.Data(name, values) for name, values in tables(observations).items()}
        drawn: Any = {name: prior.pymc(name, data["end"]) for name, prior in PRIORS.items()}
        spending = _growth(drawn, "spending")
        hardware = _growth(drawn, "hardware")
        _both(data, drawn, spending, hardware)
        _compute_only(data, drawn, spending, hardware)
        _chips(data, drawn, hardware)
        variance = drawn["halving_spread"] ** 2 + data["study_variance"]
        _log_density("studies", _normal(data["study_halving"] - drawn["halving_centre"], variance))
    return model


def _log_density(name: str, terms: Any) -> None:
    import pymc as pm  # noqa: PLC0415

    pm.Potential(name, terms.sum())


def _growth(drawn: Any, what: str) -> Any:
    """Return the growth of each piece; `random_walk.piece_growth` for one draw."""
    import pytensor.tensor as pt  # noqa: PLC0415

    changes = pt.cumsum(drawn[f"{what}_steps"]) * drawn[f"{what}_drift"] * np.sqrt(PIECE)
    return drawn[f"{what}_growth_now"] + pt.concatenate([np.zeros(1), changes])


def _frontier(data: Any, drawn: Any, name: str, spending: Any, hardware: Any) -> tuple[Any, Any]:
    """Return expected log spending and log price-performance of runs."""
    cost = (
        drawn["spending_level"]
        - data[f"{name}_spending_time"] @ spending
        - drawn["runner_up_gap"] * data[f"{name}_below"]
    )
    efficiency = (
        drawn["efficiency_level"]
        - data[f"{name}_hardware_time"] @ hardware
        - drawn["efficiency_extra"] * data[f"{name}_ago"]
    )
    return cost, efficiency


def _both(data: Any, drawn: Any, spending: Any, hardware: Any) -> None:
    cost, efficiency = _frontier(data, drawn, "both", spending, hardware)
    cost_residual = data["both_cost"] - cost
    efficiency_residual = data["both_compute"] - data["both_cost"] - efficiency
    shared = drawn["cost_error"] ** 2
    label = drawn["label_scale"] ** 2 * data["both_label_variance"]
    first = drawn["spending_spread"] ** 2 + label + shared
    second = drawn["efficiency_spread"] ** 2 + shared
    determinant = first * second - shared**2
    distance = (
        second * cost_residual**2
        + 2.0 * shared * cost_residual * efficiency_residual
        + first * efficiency_residual**2
    ) / determinant
    _log_density("runs_with_cost", _student_t(distance, determinant, drawn["run_tail"] + 2.0, 2))


def _compute_only(data: Any, drawn: Any, spending: Any, hardware: Any) -> None:
    cost, efficiency = _frontier(data, drawn, "only", spending, hardware)
    label = drawn["label_scale"] ** 2 * data["only_label_variance"]
    variance = drawn["spending_spread"] ** 2 + drawn["efficiency_spread"] ** 2 + label
    distance = (data["only_compute"] - cost - efficiency) ** 2 / variance
    _log_density("runs_without_cost", _student_t(distance, variance, drawn["run_tail"] + 2.0, 1))


def _chips(data: Any, drawn: Any, hardware: Any) -> None:
    level = drawn["chip_level"][0] * (1.0 - data["chip_is_tensor"])
    level += drawn["chip_level"][1] * data["chip_is_tensor"]
    variance = drawn["chip_spread"] ** 2
    distance = (data["chip_performance"] - level + data["chip_time"] @ hardware) ** 2 / variance
    _log_density("chips", _student_t(distance, variance, drawn["chip_tail"] + 2.0, 1))


def _student_t(distance: Any, determinant: Any, freedom: Any, dimensions: int) -> Any:
    """Return log densities of a Student-t from squared scaled distances and determinants of its scale."""
    import pytensor.tensor as pt  # noqa: PLC0415

    return (
        pt.gammaln((freedom + dimensions) / 2.0)
        - pt.gammaln(freedom / 2.0)
        - 0.5 * dimensions * pt.log(np.pi * freedom)
        - 0.5 * pt.log(determinant)
        - 0.5 * (freedom + dimensions) * pt.log1p(distance / freedom)
    )


def _normal(deviation: Any, variance: Any) -> Any:
    import pytensor.tensor as pt  # noqa: PLC0415

    return -0.5 * (np.log(2.0 * np.pi) + pt.log(variance) + deviation**2 / variance)
