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


def tables(seen: Observations) -> dict[str, FloatArray]:
    """Return the observations as the model's data, by name.

    Returns
    -------
    dict
        Of runs with cost ``both_*``, without ``only_*``, of chips ``chip_*``, of studies ``study_*``.
    """
    found = {"end": np.array(seen.end)}
    for name, chosen in (("both", seen.priced), ("only", ~seen.priced)):
        dates = seen.run_date[chosen]
        found |= {
            f"{name}_spending_time": time_in_pieces(dates, seen.end, SPENDING_PIECES, PIECE),
            f"{name}_hardware_time": time_in_pieces(dates, seen.end, HARDWARE_PIECES, PIECE),
            f"{name}_ago": seen.end - dates,
            f"{name}_below": 1.0 - seen.is_record[chosen],
            f"{name}_label_variance": seen.compute_error[chosen] ** 2,
            f"{name}_compute": seen.compute[chosen],
        }
    return found | {
        "both_cost": seen.cost[seen.priced],
        "chip_time": time_in_pieces(seen.chip_date, seen.end, HARDWARE_PIECES, PIECE),
        "chip_is_tensor": seen.is_tensor.astype(float),
        "chip_performance": seen.performance,
        "study_halving": seen.halving,
        "study_variance": seen.halving_error**2,
    }


def build(seen: Observations) -> pm.Model:
    """Return the model with these observations as exchangeable data."""
    import pymc as pm  # noqa: PLC0415 - takes seconds to import

    with pm.Model() as model:
        given: Any = {name: pm.Data(name, values) for name, values in tables(seen).items()}
        drawn: Any = {name: prior.pymc(name, given["end"]) for name, prior in PRIORS.items()}
        spending = _growth(drawn, "spending")
        hardware = _growth(drawn, "hardware")
        _both(given, drawn, spending, hardware)
        _compute_only(given, drawn, spending, hardware)
        _chips(given, drawn, hardware)
        variance = drawn["halving_spread"] ** 2 + given["study_variance"]
        _log_density("studies", _normal(given["study_halving"] - drawn["halving_centre"], variance))
    return model


def _log_density(name: str, terms: Any) -> None:
    import pymc as pm  # noqa: PLC0415

    pm.Potential(name, terms.sum())


def _growth(drawn: Any, what: str) -> Any:
    """Return the growth of each piece; `random_walk.piece_growth` for one draw."""
    import pytensor.tensor as pt  # noqa: PLC0415

    changes = pt.cumsum(drawn[f"{what}_steps"]) * drawn[f"{what}_drift"] * np.sqrt(PIECE)
    return drawn[f"{what}_growth_now"] + pt.concatenate([np.zeros(1), changes])


def _frontier(given: Any, drawn: Any, name: str, spending: Any, hardware: Any) -> tuple[Any, Any]:
    """Return expected log spending and log price-performance of runs."""
    cost = (
        drawn["spending_level"]
        - given[f"{name}_spending_time"] @ spending
        - drawn["runner_up_gap"] * given[f"{name}_below"]
    )
    efficiency = (
        drawn["efficiency_level"]
        - given[f"{name}_hardware_time"] @ hardware
        - drawn["efficiency_extra"] * given[f"{name}_ago"]
    )
    return cost, efficiency


def _both(given: Any, drawn: Any, spending: Any, hardware: Any) -> None:
    cost, efficiency = _frontier(given, drawn, "both", spending, hardware)
    one = given["both_cost"] - cost
    other = given["both_compute"] - given["both_cost"] - efficiency
    shared = drawn["cost_error"] ** 2
    label = drawn["label_scale"] ** 2 * given["both_label_variance"]
    first = drawn["spending_spread"] ** 2 + label + shared
    second = drawn["efficiency_spread"] ** 2 + shared
    determinant = first * second - shared**2
    distance = (second * one**2 + 2.0 * shared * one * other + first * other**2) / determinant
    _log_density("runs_with_cost", _student_t(distance, determinant, drawn["run_tail"] + 2.0, 2))


def _compute_only(given: Any, drawn: Any, spending: Any, hardware: Any) -> None:
    cost, efficiency = _frontier(given, drawn, "only", spending, hardware)
    label = drawn["label_scale"] ** 2 * given["only_label_variance"]
    variance = drawn["spending_spread"] ** 2 + drawn["efficiency_spread"] ** 2 + label
    distance = (given["only_compute"] - cost - efficiency) ** 2 / variance
    _log_density("runs_without_cost", _student_t(distance, variance, drawn["run_tail"] + 2.0, 1))


def _chips(given: Any, drawn: Any, hardware: Any) -> None:
    level = drawn["chip_level"][0] * (1.0 - given["chip_is_tensor"])
    level += drawn["chip_level"][1] * given["chip_is_tensor"]
    variance = drawn["chip_spread"] ** 2
    distance = (given["chip_performance"] - level + given["chip_time"] @ hardware) ** 2 / variance
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
