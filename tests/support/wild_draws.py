"""Wild random draws for the full model: every parameter over a range wider than anybody believes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np

from timecone.models.compute.model import MODEL
from timecone.models.compute.parameters import ROW
from timecone.models.model import Outcomes, Setup, TimeGrid
from timecone.schema import FloatArray

START, HORIZON = 2026.0, 2126.0
MONTH, QUARTER = 1.0 / 12.0, 0.25
# Alternative laws stand apart: they exclude other parts.
ALL = frozenset(c.name for c in MODEL.components if not c.excludes)
LOOPS = ("software_feedback", "hardware_feedback", "investment_feedback", "output_feedback")
SHOCKS = ("supply_shock", "pause", "winter")
OPEN = ALL - set(LOOPS)

GAPS = "algorithms.breakthrough_gap"
_NEVER_SHARE = 0.3

Inputs = dict[str, FloatArray]


def block(draws: int, seed: int) -> Inputs:
    """Return independent draws of every parameter, and the gaps of breakthroughs."""
    rng = np.random.default_rng(seed)

    def flat(low: float, high: float) -> FloatArray:
        return rng.uniform(low, high, draws)

    def log(low: float, high: float) -> FloatArray:
        return np.exp(flat(np.log(low), np.log(high)))

    def or_never(values: FloatArray) -> FloatArray:
        return np.where(rng.random(draws) < _NEVER_SHARE, np.inf, values)

    given = {
        "hardware.price_performance": log(1e16, 1e20),
        "hardware.doubling_time": log(0.6, 12.0),
        "hardware.headroom": flat(0.2, 10.0),
        "economy.output": log(5e13, 2e14),
        "economy.growth": flat(0.0, 0.1),
        "economy.automation_growth": flat(0.0, 1.0),
        "investment.largest_run": log(3e7, 1e10),
        "investment.growth": log(1.12, 6.0),
        "investment.cap_share": log(1e-5, 0.3),
        "investment.cap_usd": or_never(log(1e9, 1e14)),
        "investment.trend_lifetime": or_never(log(0.3, 80.0)),
        "investment.wakeup_share": log(0.01, 0.5),
        "investment.wakeup_growth": log(1.0, 8.0),
        "algorithms.halving_time": log(0.15, 5.0),
        "algorithms.halving_time_past": log(0.15, 5.0),
        "algorithms.headroom": flat(0.2, 12.0),
        "algorithms.breakthrough_rate": flat(0.0, 0.1),
        "algorithms.breakthrough_size": log(0.05, 1.5),
        "threshold.requirement": flat(26.0, 44.0),
        "threshold.reference_year": flat(2018.0, 2026.0),
        "automation.gap": log(0.1, 8.0),
        "automation.adoption_lag": np.where(rng.random(draws) < _NEVER_SHARE, 0.0, log(0.01, 8.0)),
        "data.stock": log(1e13, 1e16),
        "data.growth": flat(-0.05, 0.3),
        "data.multiplier": log(0.5, 50.0),
        "data.binding": np.round(rng.random(draws) * 1.5) / 1.5,
        "data.tokens_per_parameter": log(10.0, 40.0),
        "data.parameter_exponent": flat(0.25, 0.45),
        "data.token_exponent": flat(0.25, 0.45),
        "feedback.software_returns": log(0.3, 4.0),
        "feedback.hardware_returns": log(1.0, 8.0),
        "feedback.substitution": flat(0.1, 0.95),
        "feedback.parallelisation": flat(0.1, 1.0),
        "feedback.workforce": flat(-2.0, 6.0),
        "shocks.supply_start": or_never(log(0.1, 60.0)),
        "shocks.supply_duration": log(0.1, 8.0),
        "shocks.supply_setback": log(0.1, 8.0),
        "shocks.pause_start": or_never(log(0.1, 60.0)),
        "shocks.pause_duration": log(0.1, 10.0),
        "shocks.pause_research_share": flat(0.0, 1.0),
        "shocks.winter_start": or_never(log(0.1, 60.0)),
        "shocks.winter_depth": log(0.05, 2.0),
        "deployment.delay": log(0.05, 5.0),
        GAPS: rng.exponential(1.0, (32, draws)),
    }
    for kind in ("power", "chips", "latency"):
        given[f"supply.{kind}"] = or_never(log(1e27, 1e33))
        given[f"supply.{kind}_growth"] = flat(0.0, 0.7)
    given["supply.power_elasticity"] = flat(0.0, 1.5)
    return given


def run(
    inputs: Mapping[str, FloatArray],
    components: Iterable[str] = ALL,
    *,
    step: float = MONTH,
    start: float = START,
    horizon: float = HORIZON,
) -> Outcomes:
    """Run a block through the model's kernels."""
    rows = np.zeros((len(MODEL.parameters), len(inputs["threshold.requirement"])))
    for parameter in MODEL.parameters:
        if parameter.name in inputs:
            rows[ROW[parameter.name]] = inputs[parameter.name]
        elif isinstance(parameter.default, str):
            rows[ROW[parameter.name]] = rows[ROW[parameter.default]]
        elif parameter.default is not None:
            rows[ROW[parameter.name]] = parameter.default
    setup = Setup(TimeGrid(start, horizon, step), frozenset(components), (GAPS,) if GAPS in inputs else ())
    return MODEL.outcomes(np.vstack([rows, inputs[GAPS]]) if GAPS in inputs else rows, setup)


@cache
def wild(draws: int = 5000, seed: int = 20260822) -> Inputs:
    """Return the block that most properties are tried on; do not change it in place."""
    return block(draws, seed)


def subsets(number: int, seed: int) -> list[frozenset[str]]:
    """Return random subsets of the components."""
    rng = np.random.default_rng(seed)
    names = sorted(ALL)
    return [frozenset(n for n in names if rng.random() < 0.5) for _ in range(number)]
