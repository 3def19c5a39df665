"""Values for date questions of Metaculus: the platform's rules, closed forms, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from refusals import refused
from synthetic_run import HORIZON, START, synthetic
from timecone.results.citation.metaculus import decimal_years, question_axis


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return synthetic()


def _rules(values: tuple[float, ...], *, lower: bool, upper: bool) -> None:
    """Fail unless the platform would accept the values; as its validation rounds and compares them."""
    cdf = np.round(values, 10)
    steps = np.round(np.diff(cdf), 9)
    assert len(values) == 201
    assert steps.min() >= np.round(0.01 / 200, 9)
    assert steps.max() <= 0.2
    assert cdf[0] >= 0.001 if lower else cdf[0] == 0.0
    assert cdf[-1] <= 0.999 if upper else cdf[-1] == 1.0
    # Also before any rounding, but for the last bit of a difference.
    assert np.diff(values).min() >= 0.01 / 200 - 1e-15


def _arrivals(run: xr.DataTree, quantity: str) -> np.ndarray:
    counted = run["outcomes"]["standing"].values == 0
    return run["outcomes"]["arrival"].sel(milestone=quantity).values[counted]


def test_the_values_satisfy_the_rules_of_the_platform_for_all_kinds_of_ranges(run: xr.DataTree) -> None:
    ranges = [(START, HORIZON), (START, 2060.0), (2035.0, 2045.5), (2030.5, 2079.0), (2032.0, 2034.0)]
    for low, high in ranges:
        for zero in (None, low - 1.0, low - 40.0, high + 3.0):
            forecast = tc.metaculus(
                run, range_min=low, range_max=high, open_lower=True, open_upper=True, zero_point=zero
            )
            _rules(forecast.continuous_cdf, lower=True, upper=True)
    for lower, upper in ((False, False), (True, False), (False, True)):
        forecast = tc.metaculus(
            run, range_min=2032.0, range_max=2070.0, open_lower=lower, open_upper=upper, within=True
        )
        _rules(forecast.continuous_cdf, lower=lower, upper=upper)


def test_the_values_are_the_shares_of_the_draws_where_no_rule_asks_for_more(run: xr.DataTree) -> None:
    forecast = tc.metaculus(
        run, range_min="2030-01-01", range_max="2060-01-01", open_lower=True, open_upper=True
    )
    arrivals = _arrivals(run, "whole")
    dates = np.array(forecast.dates)
    expected = np.array([np.mean(arrivals < at) for at in dates])
    np.testing.assert_allclose(forecast.raw, expected, atol=1e-12)
    # Raising some steps moves no value by more than what was moved in all.
    assert 0.0 < forecast.moved < 0.01
    assert np.max(np.abs(np.array(forecast.continuous_cdf) - expected)) <= forecast.moved + 1e-9


def test_an_even_distribution_needs_no_adjustment() -> None:
    even = synthetic()
    outcomes = even["outcomes"].to_dataset()
    draws = outcomes.sizes["draw"]
    arrival = outcomes["arrival"].copy()
    # Two per mille of the draws lie before the range and two per mille after it; the rest evenly within.
    spread = 2040.0 + 20.0 * (np.arange(draws) + 0.5) / draws
    arrival.loc[{"milestone": "whole"}] = 2039.96 + (spread - 2040.0) * (20.08 / 20.0)
    standing = ("draw", np.zeros(draws, dtype=np.int8))
    even["outcomes"] = xr.DataTree(outcomes.assign(arrival=arrival, standing=standing))
    forecast = tc.metaculus(even, range_min=2040.0, range_max=2060.0, open_lower=True, open_upper=True)
    assert forecast.moved < 1e-12
    assert forecast.adjustments[-1] == "all there: No probability was moved."
    # The range has leap years, so equal steps of seconds are not quite equal steps of years.
    expected = (np.array(forecast.dates) - 2039.96) / 20.08
    np.testing.assert_allclose(forecast.continuous_cdf, expected, atol=0.5 / draws + 1e-10)


def test_minima_are_reached_by_scaling_down_all_else_alike(run: xr.DataTree) -> None:
    forecast = tc.metaculus(run, range_min=START, range_max=HORIZON, open_lower=True, open_upper=True)
    raw = np.diff(forecast.raw, prepend=0.0, append=1.0)
    made = np.diff(forecast.continuous_cdf, prepend=0.0, append=1.0)
    least = np.full(raw.size, 5e-5)
    least[[0, -1]] = 0.001
    raised = made < least + 1e-9
    assert raised[1:-1].any()
    assert raised[0]
    factor = made[~raised] / raw[~raised]
    np.testing.assert_allclose(factor, factor[0], rtol=1e-5)
    assert factor[0] < 1.0
    # Whatever keeps its place would have fallen below its minimum.
    assert np.all(factor[0] * raw[raised] <= least[raised] + 1e-9)
    assert forecast.moved == pytest.approx(0.5 * np.abs(made - raw).sum(), abs=1e-7)
    text = " ".join(forecast.adjustments)
    assert f"{raised[1:-1].sum()} of the 200 steps" in text
    assert "raised from 0.00000 to 0.001" in text


def test_the_axis_is_that_of_the_platforms_own_formulas() -> None:
    """The API documentation states the location of a value on the axis; the places are its inverse."""
    low, high = 1.7e9, 4.1e9
    for zero in (None, 1.6e9, 1.0e9, 4.5e9):
        axis = question_axis(low, high, zero)
        if zero is None:
            location = (axis - low) / (high - low)
        else:
            ratio = (high - zero) / (low - zero)
            width = high - low
            location = (np.log((axis - low) * (ratio - 1.0) + width) - np.log(width)) / np.log(ratio)
        np.testing.assert_allclose(location, np.arange(201) / 200.0, atol=1e-9)


def test_moments_can_be_stated_in_every_way(run: xr.DataTree) -> None:
    ends = [
        (date(2032, 1, 1), date(2050, 7, 2)),
        ("2032-01-01", "2050-07-02"),
        ("2032-01-01T00:00:00Z", "2050-07-02T02:00:00+02:00"),
        (datetime(2032, 1, 1, tzinfo=UTC), datetime(2050, 7, 2)),  # noqa: DTZ001 - read as UTC
        (datetime(2032, 1, 1, tzinfo=UTC).timestamp(), str(datetime(2050, 7, 2, tzinfo=UTC).timestamp())),
        (2032.0, 2050.0 + 182.0 / 365.0),
    ]
    made = [tc.metaculus(run, range_min=a, range_max=b, open_lower=True, open_upper=True) for a, b in ends]
    for forecast in made:
        np.testing.assert_allclose(forecast.dates, made[0].dates, atol=1e-8)
        np.testing.assert_allclose(forecast.continuous_cdf, made[0].continuous_cdf, atol=1e-3)


def test_seconds_are_decimal_years_of_the_calendar() -> None:
    days = [date(1970, 1, 1), date(2000, 2, 29), date(2026, 7, 2), date(2100, 12, 31)]
    seconds = np.array([datetime(d.year, d.month, d.day, tzinfo=UTC).timestamp() for d in days])
    from timecone.units import decimal_year

    np.testing.assert_allclose(decimal_years(seconds), [decimal_year(d) for d in days], rtol=1e-14)
    noon = np.array([(datetime(2028, 2, 29, tzinfo=UTC) + timedelta(hours=12)).timestamp()])
    assert decimal_years(noon)[0] == pytest.approx(2028.0 + 59.5 / 366.0, abs=1e-12)


def test_what_lies_beyond_a_closed_bound_is_refused_or_conditioned_upon(run: xr.DataTree) -> None:
    beyond = float(np.mean(_arrivals(run, "whole") >= 2050.0))
    with refused("probability-beyond-closed-bound", "range_max", got=round(beyond, 10)):
        tc.metaculus(run, range_min=START, range_max=2050.0, open_lower=True)
    forecast = tc.metaculus(run, range_min=START, range_max=2050.0, open_lower=True, within=True)
    assert f"{100.0 * beyond:.2f} %" in forecast.adjustments[0]
    arrivals = _arrivals(run, "whole")
    within = arrivals[arrivals < 2050.0]
    expected = [np.mean(within < at) for at in forecast.dates]
    np.testing.assert_allclose(forecast.continuous_cdf, expected, atol=forecast.moved + 1e-9)


def test_what_cannot_be_met_is_refused(run: xr.DataTree) -> None:
    wide = {"open_lower": True, "open_upper": True}
    with refused("question-after-horizon", "range_max", names="horizon"):
        tc.metaculus(run, range_min=START, range_max=HORIZON + 1.0, **wide)
    with refused("question-before-start", "range_min", names="start"):
        tc.metaculus(run, "half", range_min=START - 5.0, range_max=HORIZON, **wide)
    with refused("question-range-not-increasing", "range_min, range_max"):
        tc.metaculus(run, range_min=2040.0, range_max=2040.0, **wide)
    for zero in (2030.0, 2035.0, 2040.0):
        with refused("zero-point-in-range", "zero_point"):
            tc.metaculus(run, range_min=2030.0, range_max=2040.0, zero_point=zero, **wide)
    for moment in ("soon", "2030-13-01", float("nan"), float("inf"), -5.0, 12345.0):
        with refused("not-a-moment", "range_min"):
            tc.metaculus(run, range_min=moment, range_max=2040.0, **wide)
    with refused("duration-is-no-date", "quantity", got="takeoff_duration"):
        tc.metaculus(run, "takeoff_duration", range_min=START, range_max=HORIZON, **wide)
    with refused("unknown-milestone", "quantity", got="wole"):
        tc.metaculus(run, "wole", range_min=START, range_max=HORIZON, **wide)


def test_a_forecast_too_narrow_for_the_range_is_refused() -> None:
    narrow = synthetic()
    arrival = narrow["outcomes"]["arrival"].copy()
    arrival.loc[{"milestone": "whole"}] = 2040.1
    narrow["outcomes"]["arrival"] = arrival
    with refused("question-step-too-large", "range_min, range_max", got=1.0):
        tc.metaculus(narrow, range_min=START, range_max=HORIZON, open_lower=True, open_upper=True)
    with refused("no-probability-in-range", "range_min, range_max"):
        tc.metaculus(narrow, range_min=2050.0, range_max=2060.0, within=True)


def test_failed_draws_are_told(run: xr.DataTree) -> None:
    forecast = tc.metaculus(run, range_min=START, range_max=HORIZON, open_lower=True, open_upper=True)
    assert any("failed" in line for line in forecast.adjustments)
    assert forecast.payload(7) == [{"question": 7, "continuous_cdf": list(forecast.continuous_cdf)}]
