"""A level that is passed only for part of a step is passed all the same, whatever the step."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

import timecone as tc

START = 2026.0
# Spending grows until 2028.1 and falls with the economy after it; nothing else grows much.
FALLING = {
    "hardware.headroom": 1e-6,
    "algorithms.headroom": 1e-6,
    "investment.cap_share": 1e60,
    "investment.growth": 1.2,
    "investment.trend_lifetime": 2.1,
    "economy.growth": -0.2,
    "threshold.reference_year": START,
}


def training_compute(elapsed):
    alive = min(elapsed, 2.1)
    return np.log10(1.5e18 * 7e8 * 1.2**alive * 0.8 ** (elapsed - alive))


@pytest.mark.parametrize("step", ["month", "quarter", "year"])
def test_a_peak_at_the_end_of_the_trend_is_seen(certain, step):
    requirement = training_compute(2.1) - 0.002
    assert training_compute(2.0) < requirement
    run = tc.simulate(
        certain(FALLING | {"threshold.requirement": requirement}, step=step), draws=1, threads=1, paths=0
    )
    # Headroom of 1e-6 OOM moves the date by less than a ten-thousandth of a year.
    date = START + brentq(lambda t: training_compute(t) - requirement, 0.0, 2.1, xtol=1e-13)
    found = run["outcomes"]["arrival"].sel(milestone="tai").item()
    assert found == pytest.approx(date, rel=0.0, abs=1e-4)
