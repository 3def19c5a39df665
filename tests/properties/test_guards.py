"""Guards against results that rest on a pole of the equations or on what has not been put in."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

import timecone as tc
from timecone.schema import Inclusion, Status
from timecone.units import decimal_year
from wild_draws import ALL, LOOPS, MONTH, QUARTER, run, wild

#: With everything on, and with the four loops alone.
MEDIAN_SHIFTS = (15.6, 16.8)

FEEDBACK = {
    "feedback.software_returns": 1.5,
    "feedback.hardware_returns": 5.2,
    "feedback.substitution": 0.6,
    "feedback.parallelisation": 0.7,
    "feedback.workforce": 2.5,
    "investment.wakeup_share": 0.06,
    "investment.wakeup_growth": 3.0,
    "economy.automation_growth": 0.2,
}


@pytest.fixture(scope="module")
def closed_loop(baseline):
    """Return the baseline with the four feedback loops on."""
    units = {p.name: p.unit for p in baseline.definition.parameters}
    given = {name: tc.Point(value=value, unit=units[name]) for name, value in FEEDBACK.items()}
    return baseline.replace(given, run={"draws": 4000, "seed": 3}, correlations=())


def _simulated(scenario, keep=4000):
    return tc.simulate(scenario, threads=2, paths=0, keep=keep)["outcomes"].dataset


@pytest.mark.slow
def test_a_pole_does_not_swallow_the_starting_point():
    """A million times less compute today puts TAI off by years: by 15 and more in the median wild draw.

    Growth that ended in a pole of the equations whatever it began from would give the same dates.
    """
    medians = []
    for components in (ALL, frozenset(LOOPS)):
        here = run(wild(), components, step=QUARTER)
        poorer = wild() | {"hardware.price_performance": wild()["hardware.price_performance"] * 1e-6}
        there = run(poorer, components, step=QUARTER)
        both = (here.status[2] == Status.REACHED) & np.isfinite(there.arrival[2])
        assert both.sum() > 1000
        shift = there.arrival[2][both] - here.arrival[2][both]
        medians.append(np.median(shift))
        assert np.percentile(shift, 1) > 0.5
    np.testing.assert_allclose(medians, MEDIAN_SHIFTS, rtol=0.0, atol=0.5)


@pytest.mark.slow
def test_arrivals_that_rest_on_a_blow_up_are_counted():
    found = run(wild(), ALL, step=MONTH)
    flagged = found.extras["blow_up"] != 0.0
    assert np.isin(found.extras["blow_up"], [0.0, 1.0]).all()
    assert 0.02 < flagged.mean() < 0.1
    # Only what arrives inside the simulated time can rest on one.
    assert (found.status[2][flagged] == Status.REACHED).all()
    calm = run(wild(), ALL - set(LOOPS), step=MONTH)
    assert calm.extras["blow_up"].mean() < flagged.mean() / 5.0
    # An absurd return on research blows up, and ends as a crossing with a date.
    absurd = wild() | {
        "feedback.software_returns": np.full(5000, 50.0),
        "algorithms.headroom": np.full(5000, 60.0),
        "feedback.workforce": np.full(5000, 8.0),
    }
    blown = run(absurd, ALL, step=MONTH)
    assert not np.isnan(blown.arrival).any()
    assert (blown.status != Status.FAILED).all()
    assert blown.extras["blow_up"].mean() > 2.0 * flagged.mean()


def test_the_run_holds_the_flag(closed_loop):
    found = _simulated(closed_loop)
    assert set(np.unique(found["blow_up"].values)) <= {0, 1}
    assert (found["blow_up"].values != 0).mean() < 0.5


def test_a_later_date_of_evidence_moves_nothing_but_the_mass_left_out(closed_loop):
    """Draw by draw: those that count on both dates are the same, and those that no longer do came earlier."""
    now = closed_loop.replace({}, as_of=date(2026, 8, 22))
    later = closed_loop.replace({}, as_of=date(2027, 8, 22))
    first, second = _simulated(now), _simulated(later)
    for name in ("arrival", "status", "takeoff_duration", "cap_reached", "ai_workers"):
        np.testing.assert_array_equal(second[name].values, first[name].values)
    ruled = first["arrival"].sel(milestone=list(now.not_yet_milestones)).min("milestone").values
    counted = first["standing"].values == Inclusion.COUNTED
    still = second["standing"].values == Inclusion.COUNTED
    assert (still <= counted).all()
    assert 0 < (counted & ~still).sum() < counted.sum()
    np.testing.assert_array_equal(still, counted & ~(ruled < decimal_year(date(2027, 8, 22))))


def test_units_do_not_matter(closed_loop):
    """Years or months, dollars or billions of them, shares or per cents: bit for bit or nearly."""
    shock = {
        "shocks.pause_start": (3.5, "year", 42.0, "month"),
        "shocks.pause_duration": (2.0, "year", 24.0, "month"),
        "investment.cap_usd": (2e12, "USD", 2000.0, "GUSD"),
        "economy.growth": (0.03, "1/year", 3.0, "%/year"),
        "automation.adoption_lag": (1.5, "year", 18.0, "month"),
        "hardware.doubling_time": (2.5, "year", 30.0, "month"),
        "shocks.pause_research_share": (0.5, "1", 0.5, "1"),
    }
    dates = []
    for k in (0, 2):
        given = {name: tc.Point(value=v[k], unit=v[k + 1]) for name, v in shock.items()}
        dates.append(_simulated(closed_loop.replace(given, correlations=()))["arrival"].values)
    np.testing.assert_array_equal(np.isfinite(dates[0]), np.isfinite(dates[1]))
    reached = np.isfinite(dates[0])
    np.testing.assert_allclose(dates[0][reached], dates[1][reached], rtol=0.0, atol=1e-7)


def test_an_infinite_requirement_is_never_reached():
    never = np.arange(5000) % 7 == 0
    inputs = wild() | {"threshold.requirement": np.where(never, np.inf, wild()["threshold.requirement"])}
    found, usual = run(inputs, ALL, step=QUARTER), run(wild(), ALL, step=QUARTER)
    assert (found.status[:, never] == Status.NEVER).all()
    assert np.isinf(found.arrival[:, never]).all()
    # The neighbours in a tile do not notice.
    np.testing.assert_array_equal(found.arrival[:, ~never], usual.arrival[:, ~never])
