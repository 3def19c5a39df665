"""Inputs for the full model with everything on: as likely as a forecast's, and far beyond any."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type FloatArray = NDArray[np.float64]
type Inputs = dict[str, FloatArray]

#: Half the width of a 90 % interval in standard deviations.
_SPREAD = 1.6448536269514722


def likely(draws: int, seed: int) -> Inputs:
    """Return inputs as wide as published ranges, shape (draws,) by parameter; shocks by their start."""
    rng = np.random.default_rng(seed)

    def between(p05: float, p95: float) -> FloatArray:
        low, high = np.log(p05), np.log(p95)
        return np.exp(rng.normal(0.5 * (low + high), 0.5 * (high - low) / _SPREAD, draws))

    halving_time = between(0.35, 1.5)
    return {
        "hardware.price_performance": between(8e17, 3e18),
        "hardware.doubling_time": between(1.6, 3.5),
        "hardware.headroom": between(1.7, 6.0),
        "hardware.headroom_year": np.where(rng.random(draws) < 0.5, np.inf, 2023.0),
        "economy.output": between(1.1e14, 1.3e14),
        "economy.growth": rng.normal(0.03, 0.006, draws),
        "economy.automation_growth": between(0.05, 0.4),
        "investment.largest_run": between(3e8, 1.2e9),
        "investment.growth": between(1.8, 3.8),
        "investment.cap_share": between(0.001, 0.02),
        "investment.cap_usd": np.where(rng.random(draws) < 0.5, np.inf, between(3e10, 3e12)),
        "investment.trend_lifetime": rng.exponential(8.0, draws),
        "investment.wakeup_share": between(0.03, 0.12),
        "investment.wakeup_growth": between(2.0, 5.0),
        "algorithms.halving_time": halving_time,
        "algorithms.halving_time_past": halving_time,
        "algorithms.headroom": between(2.0, 9.0),
        "algorithms.headroom_year": np.where(rng.random(draws) < 0.5, np.inf, 2023.5),
        "algorithms.breakthrough_rate": np.zeros(draws),
        "algorithms.breakthrough_size": np.zeros(draws),
        "threshold.requirement": np.where(rng.random(draws) < 0.03, np.inf, rng.normal(34.5, 3.0, draws)),
        "threshold.reference_year": np.full(draws, 2022.5),
        "threshold.neuron_complexity": np.zeros(draws),
        "automation.gap": between(1.0, 7.0),
        "automation.adoption_lag": between(0.2, 3.0),
        "supply.power": between(2e28, 2e30),
        "supply.chips": between(1e29, 5e30),
        "supply.latency": between(3e30, 1e32),
        "supply.power_growth": rng.uniform(0.2, 0.5, draws),
        "supply.chips_growth": rng.uniform(0.4, 0.6, draws),
        "supply.latency_growth": rng.uniform(0.1, 0.4, draws),
        "data.stock": between(8.5e13, 1.3e15),
        "data.growth": rng.normal(0.08, 0.03, draws),
        "data.multiplier": between(1.0, 30.0),
        "data.binding": (rng.random(draws) < 0.5).astype(np.float64),
        "data.tokens_per_parameter": np.full(draws, 20.0),
        "data.parameter_exponent": np.full(draws, 0.3478),
        "data.token_exponent": np.full(draws, 0.3658),
        "feedback.software_returns": between(0.6, 3.0),
        "feedback.hardware_returns": between(3.0, 7.0),
        "feedback.substitution": rng.uniform(0.3, 0.9, draws),
        "feedback.parallelisation": rng.uniform(0.3, 0.95, draws),
        "feedback.workforce": rng.normal(2.5, 0.9, draws),
        "shocks.supply_start": rng.exponential(100.0, draws),
        "shocks.supply_duration": between(1.0, 5.0),
        "shocks.supply_setback": between(2.0, 5.0),
        "shocks.pause_start": rng.exponential(100.0, draws),
        "shocks.pause_duration": between(0.5, 10.0),
        "shocks.pause_research_share": rng.uniform(0.3, 0.9, draws),
        "shocks.winter_start": rng.exponential(33.0, draws),
        "shocks.winter_depth": between(0.2, 1.0),
        "deployment.delay": between(0.2, 5.0),
        "deployment.tokens_per_second": np.full(draws, 10.0),
    }


def wild(draws: int, seed: int, step: float) -> Inputs:
    """Return inputs far beyond any forecast, shape (draws,) by parameter.

    Headroom from none to 50 OOM; caps far below today's run, and none; shrinking trends, economies, limits
    and stocks; requirements met before the start, or never; returns that make research explode, or worthless;
    hosts of AI workers, or none; adoption at once, or never. Events at the start, inside the first step,
    exactly at an edge of a step, several at one moment, beyond the horizon, never; shocks that last for no
    time at all.
    """
    rng = np.random.default_rng(seed)

    def power(low: float, high: float) -> FloatArray:
        return 10.0 ** rng.uniform(low, high, draws)

    def some(share: float, value: float, others: FloatArray) -> FloatArray:
        return np.where(rng.random(draws) < share, value, others)

    def when(*, at_start: bool) -> FloatArray:
        kinds = [
            step * power(-6.0, 0.0),
            step * rng.integers(0 if at_start else 1, 40, draws),
            rng.uniform(0.0, 100.0, draws),
            rng.uniform(0.0, 10.0, draws),
            rng.uniform(100.0, 1000.0, draws),
            np.full(draws, np.inf),
            np.full(draws, 3.0 * step),
        ]
        return np.choose(rng.integers(0, len(kinds), draws), kinds)

    return likely(draws, seed) | {
        "hardware.price_performance": power(15.0, 20.0),
        "hardware.doubling_time": power(-1.0, 2.0),
        "hardware.headroom": power(-6.0, 1.7),
        "hardware.headroom_year": some(0.3, np.inf, rng.uniform(2000.0, 2030.0, draws)),
        "economy.output": power(12.0, 16.0),
        "economy.growth": rng.uniform(-0.05, 0.3, draws),
        "economy.automation_growth": some(0.1, 0.0, power(-3.0, 1.0)),
        "investment.largest_run": power(6.0, 11.0),
        "investment.growth": power(-0.3, 1.0),
        "investment.cap_share": power(-8.0, 0.0),
        "investment.cap_usd": some(0.5, np.inf, power(5.0, 13.0)),
        "investment.trend_lifetime": when(at_start=False),
        "investment.wakeup_share": power(-4.0, 0.3),
        "investment.wakeup_growth": power(-0.3, 1.5),
        "algorithms.halving_time": power(-1.0, 2.0),
        "algorithms.halving_time_past": power(-0.5, 2.0),
        "algorithms.headroom": power(-6.0, 1.7),
        "algorithms.headroom_year": some(0.3, np.inf, rng.uniform(2000.0, 2030.0, draws)),
        "threshold.requirement": some(0.03, np.inf, rng.uniform(15.0, 60.0, draws)),
        "threshold.reference_year": rng.uniform(2010.0, 2030.0, draws),
        "threshold.neuron_complexity": some(0.7, 0.0, rng.uniform(0.0, 4.0, draws)),
        "automation.gap": power(-2.0, 1.2),
        "automation.adoption_lag": some(0.3, 0.0, power(-8.0, 3.0)),
        "supply.power": some(0.3, np.inf, power(24.0, 40.0)),
        "supply.chips": some(0.3, np.inf, power(24.0, 40.0)),
        "supply.latency": some(0.3, np.inf, power(24.0, 40.0)),
        "supply.power_growth": rng.uniform(-0.1, 1.0, draws),
        "supply.chips_growth": rng.uniform(-0.1, 1.0, draws),
        "supply.latency_growth": rng.uniform(-0.1, 1.0, draws),
        "data.stock": power(10.0, 18.0),
        "data.growth": rng.uniform(-0.1, 0.5, draws),
        "data.multiplier": power(-1.0, 3.0),
        "data.binding": some(0.3, 0.0, some(0.5, 1.0, rng.random(draws))),
        "data.tokens_per_parameter": power(0.0, 3.0),
        "data.parameter_exponent": power(-1.5, 0.0),
        "data.token_exponent": power(-1.5, 0.0),
        "feedback.software_returns": power(-1.0, 2.0),
        "feedback.hardware_returns": power(-1.0, 2.0),
        "feedback.substitution": rng.uniform(0.07, 0.99, draws),
        "feedback.parallelisation": power(-1.5, 0.0),
        "feedback.workforce": rng.uniform(-30.0, 30.0, draws),
        "shocks.supply_start": when(at_start=True),
        "shocks.supply_duration": some(0.1, 0.0, power(-3.0, 2.0)),
        "shocks.supply_setback": some(0.1, 0.0, power(-2.0, 1.5)),
        "shocks.pause_start": when(at_start=True),
        "shocks.pause_duration": some(0.1, 0.0, power(-3.0, 2.0)),
        "shocks.pause_research_share": some(0.2, 0.0, some(0.2, 1.0, rng.random(draws))),
        "shocks.winter_start": when(at_start=True),
        "shocks.winter_depth": some(0.1, 0.0, power(-2.0, 0.7)),
    }
