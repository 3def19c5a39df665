"""Component functions compiled against the same functions interpreted, over the range that kernels use."""

from __future__ import annotations

import numpy as np
import pytest

from timecone.models.compute.components import (
    algorithms,
    automation,
    economy,
    effective,
    hardware,
    headroom,
    investment,
    threshold,
)
from timecone.numerics import elementary

CASES = 500

# Each argument: lowest and highest value, drawn evenly, or evenly in the logarithm where marked.
LINEAR, LOG = False, True
POSITIVE = {
    elementary.exp2: [(-1100.0, 1100.0, LINEAR)],
    elementary.exp10: [(-330.0, 330.0, LINEAR)],
    elementary.exp: [(-750.0, 750.0, LINEAR)],
    hardware.trend: [(0.01, 100.0, LOG)],
    algorithms.trend: [(0.01, 100.0, LOG)],
    headroom.fraction_of_limit: [(1e-6, 60.0, LOG)],
    headroom.remaining: [(-200.0, 200.0, LINEAR)],
    headroom.inverse_gain: [(1e-100, 1.0, LOG), (1e-60, 1.0, LOG)],
    investment.inverse_spending: [(1e-50, 1e50, LOG), (1e-20, 1e-5, LOG)],
    headroom.limited_growth: [(0.01, 10.0, LOG), (1e-100, 1.0, LOG), (1e-60, 0.5, LOG)],
    effective.inverse_effective_compute: [(15.0, 20.0, LINEAR), (10.0, 80.0, LINEAR)],
}
# Results that may cancel to nearly nothing.
SIGNED = {
    elementary.log2: [(1e-300, 1e300, LOG)],
    elementary.log10: [(1e-300, 1e300, LOG)],
    elementary.sinh: [(-3.0, 3.0, LINEAR)],
    algorithms.past_gain: [(0.01, 100.0, LOG), (2020.0, 2030.0, LINEAR), (2010.0, 2040.0, LINEAR)],
    economy.growth_rate: [(-0.5, 1.0, LINEAR)],
    investment.trend_growth: [
        (0.0, 100.0, LINEAR),
        (0.01, 1.0, LINEAR),
        (0.0, 100.0, LINEAR),
        (-0.5, 1.0, LINEAR),
        (-0.02, 0.1, LINEAR),
    ],
    effective.effective_compute: [(15.0, 20.0, LINEAR), (1e-100, 1e20, LOG)],
    threshold.requirement_at_start: [(10.0, 60.0, LINEAR), (0.0, 5.0, LINEAR), (-5.0, 20.0, LINEAR)],
    automation.share: [(10.0, 60.0, LINEAR), (10.0, 60.0, LINEAR), (0.01, 20.0, LOG)],
    automation.level: [(0.01, 1.0, LINEAR), (10.0, 60.0, LINEAR), (0.01, 20.0, LOG)],
}


def _name(value):
    return f"{value.__module__.rsplit('.', 1)[-1]}.{value.__name__}" if callable(value) else ""


def _arguments(ranges):
    rng = np.random.default_rng(41)
    columns = [
        np.exp(rng.uniform(np.log(low), np.log(high), CASES)) if log else rng.uniform(low, high, CASES)
        for low, high, log in ranges
    ]
    return np.array(columns).T.tolist()


# Fused multiply-add may move the last bits, nothing else.
@pytest.mark.parametrize(("function", "ranges"), POSITIVE.items(), ids=_name)
def test_positive_results_are_the_interpreted_ones(function, ranges):
    for arguments in _arguments(ranges):
        assert function(*arguments) == pytest.approx(function.py_func(*arguments), rel=1e-13, abs=0.0)


@pytest.mark.parametrize(("function", "ranges"), SIGNED.items(), ids=_name)
def test_signed_results_are_the_interpreted_ones(function, ranges):
    for arguments in _arguments(ranges):
        assert function(*arguments) == pytest.approx(function.py_func(*arguments), rel=1e-13, abs=1e-13)
