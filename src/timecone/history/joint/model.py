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

Runs of unknown compute, and the largest run at some dates, whatever it was, have a compute S + P - gap + u +
v of their own that is sampled, without a label's error, and lie within the bounds of `censored`. Whether a
run of unknown compute was a record is not known either; both are mixed by the share of records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from timecone.history.joint.censored import SHARED, Censored
from timecone.history.joint.observations import Observations
from timecone.history.joint.priors import CENSORED_PRIORS, HARDWARE_PIECES, PIECE, PRIORS, SPENDING_PIECES
from timecone.history.joint.random_walk import time_in_pieces
from timecone.schema import FloatArray

if TYPE_CHECKING:
    import pymc as pm


def tables(observations: Observations) -> dict[str, FloatArray]:
    """Return the observations as the model's data, by name.

    Returns
    -------
    dict
        Of runs with cost ``both_*``, without ``only_*``, of chips ``chip_*``, of studies ``study_*``, and
        of bounds ``bound_*`` and ``unknown_*``.
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
    if observations.censored is not None:
        data |= _bounds(observations.censored, observations.end)
    return data | {
        "both_cost": observations.cost[observations.priced],
        "chip_time": time_in_pieces(observations.chip_date, observations.end, HARDWARE_PIECES, PIECE),
        "chip_is_tensor": observations.is_tensor.astype(float),
        "chip_performance": observations.performance,
        "study_halving": observations.halving,
        "study_variance": observations.halving_error**2,
    }


def _bounds(censored: Censored, end: float) -> dict[str, FloatArray]:
    data = {"bound_mean": censored.bound_mean, "bound_sd": censored.bound_sd}
    dates = {"bound": censored.bound_date}
    if censored.sizes[1]:
        dates["unknown"] = censored.unknown_date
        data |= {
            "unknown_mean": censored.unknown_mean,
            "unknown_sd": censored.unknown_sd,
            "unknown_low": censored.low,
            "unknown_low_error": censored.low_error,
            "record_share": np.array(censored.record_share),
        }
    for name, each in dates.items():
        data |= {
            f"{name}_spending_time": time_in_pieces(each, end, SPENDING_PIECES, PIECE),
            f"{name}_hardware_time": time_in_pieces(each, end, HARDWARE_PIECES, PIECE),
            f"{name}_ago": end - each,
            f"{name}_below": np.zeros(len(each)),
        }
    return data


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
        if observations.censored is not None:
            drawn |= {name: prior.pymc(name, data["end"]) for name, prior in CENSORED_PRIORS.items()}
            _largest_runs(data, drawn, spending, hardware, observations.censored.sizes[0])
            if observations.censored.sizes[1]:
                _unknown_runs(data, drawn, spending, hardware, observations.censored.sizes[1])
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


def _largest_runs(data: Any, drawn: Any, spending: Any, hardware: Any, count: int) -> None:
    """Add the largest run at each date of a bound: its deviation from the trend, and that it is below."""
    import pymc as pm  # noqa: PLC0415

    deviation = pm.Flat("bound_run", shape=count)
    cost, efficiency = _frontier(data, drawn, "bound", spending, hardware)
    compute = cost + efficiency + _run_scale(drawn) * deviation
    _log_density("largest_runs", _student_t(deviation**2, 1.0, drawn["run_tail"] + 2.0, 1))
    _log_density("below_supply", _below(compute, data["bound_mean"], data["bound_sd"], drawn["bound_error"]))


def _unknown_runs(data: Any, drawn: Any, spending: Any, hardware: Any, count: int) -> None:
    """Add runs of unknown compute: deviations from the trend of records, and that they are within bounds."""
    import pymc as pm  # noqa: PLC0415
    import pytensor.tensor as pt  # noqa: PLC0415

    deviation = pm.Flat("unknown_run", shape=count)
    cost, efficiency = _frontier(data, drawn, "unknown", spending, hardware)
    scale, freedom = _run_scale(drawn), drawn["run_tail"] + 2.0
    compute = cost + efficiency + scale * deviation
    record = _student_t(deviation**2, 1.0, freedom, 1)
    other = _student_t((deviation + drawn["runner_up_gap"] / scale) ** 2, 1.0, freedom, 1)
    share = data["record_share"]
    _log_density("unknown_runs", pt.logaddexp(pt.log(share) + record, pt.log1p(-share) + other))
    above = _log_normal_cdf((compute - data["unknown_low"]) / data["unknown_low_error"])
    below = _below(compute, data["unknown_mean"], data["unknown_sd"], drawn["bound_error"])
    _log_density("within_bounds", above + below)


def _run_scale(drawn: Any) -> Any:
    """Return the scale of runs' deviations in compute, OOM."""
    import pytensor.tensor as pt  # noqa: PLC0415

    return pt.sqrt(drawn["spending_spread"] ** 2 + drawn["efficiency_spread"] ** 2)


def _below(compute: Any, mean: Any, sd: Any, error: Any) -> Any:
    room = (mean - compute) / sd + np.sqrt(SHARED) * error
    return _log_normal_cdf(room / np.sqrt(1.0 - SHARED))


def _log_normal_cdf(score: Any) -> Any:
    from pymc.distributions.dist_math import normal_lcdf  # noqa: PLC0415

    return normal_lcdf(0.0, 1.0, score)


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
