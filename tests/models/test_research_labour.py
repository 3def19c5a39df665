"""Research labour: a division of tasks that no other division beats, and that never loses by more AI."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timecone.models.compute.components.labour import multiplier, power_of_total

SHARES = st.floats(0.0, 1.0)
WORKERS = st.floats(-6.0, 8.0)
SIGMAS = st.floats(0.1, 0.95)
LAMBDAS = st.floats(0.05, 1.0)
ROUNDING = 1e-9


def found(f, log_k, sigma, parallelisation):
    return multiplier(f, log_k, sigma, power_of_total(parallelisation, sigma))


def divided(a, log_k, sigma, parallelisation):
    """Return m where AI does the share a of tasks, whatever else it could do."""
    rho, k = 1.0 - 1.0 / sigma, 10.0**log_k
    total = np.where(a > 0.0, a ** (1.0 - rho) * k**rho, 0.0) + (1.0 - a) ** (1.0 - rho)
    return total ** (parallelisation / rho)


@given(SHARES, WORKERS, SIGMAS, LAMBDAS)
def test_no_other_division_of_tasks_does_better(f, log_k, sigma, parallelisation):
    ours = found(f, log_k, sigma, parallelisation)
    others = divided(np.linspace(0.0, f, 1001), log_k, sigma, parallelisation)
    assert ours >= others.max() * (1.0 - ROUNDING)
    a = min(f, 10.0**log_k / (1.0 + 10.0**log_k))
    if a < 1.0 - 1e-9 and (a == 0.0 or a > 1e-30):
        assert ours == pytest.approx(float(divided(np.array(a), log_k, sigma, parallelisation)), rel=1e-6)


@given(SHARES, SHARES, WORKERS, st.floats(0.0, 3.0), SIGMAS, LAMBDAS)
def test_more_ai_never_slows_research(f, more, log_k, more_workers, sigma, parallelisation):
    low, high = sorted((f, more))
    m = found(low, log_k, sigma, parallelisation)
    assert m >= 1.0
    assert found(high, log_k, sigma, parallelisation) >= m * (1.0 - ROUNDING)
    assert found(low, log_k + more_workers, sigma, parallelisation) >= m * (1.0 - ROUNDING)


@given(WORKERS, SIGMAS, LAMBDAS)
def test_limits(log_k, sigma, parallelisation):
    assert found(0.0, log_k, sigma, parallelisation) == pytest.approx(1.0, rel=1e-9)
    everything = (1.0 + 10.0**log_k) ** parallelisation
    assert found(1.0, log_k, sigma, parallelisation) == pytest.approx(everything, rel=1e-6)


def test_with_endless_workers_what_humans_still_do_is_the_bottleneck():
    """m = (1 - f)**((1 - rho) lambda / rho), for sigma = 1/2: 1 / (1 - f)**2 to the lambda."""
    assert found(0.9, 18.0, 0.5, 0.7) == pytest.approx(0.1 ** (-2.0 * 0.7), rel=1e-6)
