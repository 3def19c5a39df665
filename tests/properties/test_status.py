"""The status of every milestone follows from its own date."""

from __future__ import annotations

import numpy as np
import pytest

from timecone.schema import Status
from wild_draws import ALL, HORIZON, QUARTER, START, run, wild


@pytest.mark.parametrize("components", [frozenset(), ALL], ids=["open loop", "everything"])
@pytest.mark.parametrize("lower", [0.0, 8.0])
def test_the_status_of_a_milestone_is_that_of_its_own_date(components, lower):
    inputs = wild() | {"threshold.requirement": wild()["threshold.requirement"] - lower}
    found = run(inputs, components, step=QUARTER)
    date, status = found.arrival, found.status
    np.testing.assert_array_equal(status == Status.BEFORE_START, date <= START)
    np.testing.assert_array_equal(status == Status.REACHED, (date > START) & (date < HORIZON))
    assert np.isposinf(date[~np.isin(status, [Status.BEFORE_START, Status.REACHED])]).all()
    # TAI is deployed after its delay, also where TAI itself lies before the start.
    tai, deployed, delay = date[2], date[3], inputs["deployment.delay"]
    early = status[2] == Status.BEFORE_START
    assert lower == 0.0 or early.mean() > 0.1
    np.testing.assert_array_equal(status[3][early] == Status.REACHED, delay[early] > 0.0)
    dated = np.isfinite(deployed)
    np.testing.assert_array_equal(deployed[dated], (tai + delay)[dated])
    np.testing.assert_array_equal(dated, tai + delay < HORIZON)
