"""Readings of a run refuse what they cannot answer, and say what they could."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from refusals import refused
from timecone.cli.tables import print_tables
from timecone.models.compute.groups import _AT_START
from timecone.results.run_file.probabilities import default_years
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.tidy import probability_table

TAKEOFF = "takeoff_duration"

READINGS: dict[str, Callable[..., xr.DataArray]] = {
    "percentiles": lambda run, quantity, **where: tc.percentiles(run, quantity, [50], **where),
    "probability_by": lambda run, quantity, **where: tc.probability_by(run, quantity, [2040], **where),
    "cdf": tc.cdf,
}


@pytest.mark.parametrize("reading", READINGS)
def test_an_unknown_quantity_names_the_nearest(small_run: xr.DataTree, reading: str) -> None:
    with refused("unknown-milestone", "quantity", got="tia", names="'tai'"):
        READINGS[reading](small_run, "tia")


@pytest.mark.parametrize("reading", READINGS)
def test_an_unknown_choice_or_value_names_the_known(small_run: xr.DataTree, reading: str) -> None:
    read = READINGS[reading]
    with refused("unknown-choice", "where", got="view", names="threshold"):
        read(small_run, "tai", where={"view": "x"})
    with refused("unknown-choice-value", "where", got="bio_anchor", names="'bio_anchors'"):
        read(small_run, "tai", where={"threshold": "bio_anchor"})


@pytest.mark.parametrize("q", [[0], [100], [-1], [101], [50, float("nan")], []])
def test_percentiles_outside_0_to_100_are_refused(small_run: xr.DataTree, q: list[float]) -> None:
    with refused("percentile-out-of-range", "q", got=q, names=("above 0", "below 100")):
        tc.percentiles(small_run, "tai", q)


@pytest.mark.parametrize("q", [[0.05, 0.5, 0.95], [0.5], [0.999]])
def test_probabilities_in_place_of_percentiles_are_refused(small_run: xr.DataTree, q: list[float]) -> None:
    for read in (lambda: tc.percentiles(small_run, "tai", q), lambda: tc.extras(small_run, q)):
        with refused("percentiles-look-like-probabilities", "q", got=q, names=("0 to 100", "median is 50")):
            read()
    assert tc.percentiles(small_run, "tai", [*q, 50]).size == len(q) + 1


@pytest.mark.parametrize("years", [[2126], [2030, 9999]])
def test_a_year_that_ends_after_the_horizon_is_refused(small_run: xr.DataTree, years: list[int]) -> None:
    # The horizon is 2126.0: 2125 ends there, of 2126 nothing is known.
    assert float(tc.probability_by(small_run, "tai", [2125])[0]) < 1.0
    with refused("year-after-horizon", "years", got=max(years), names="from 2026 to 2125"):
        tc.probability_by(small_run, "tai", years)


@pytest.mark.parametrize("years", [[2025], [1999, 2030], [-1]])
def test_a_year_that_ends_before_the_start_is_refused(small_run: xr.DataTree, years: list[int]) -> None:
    # The start is 2026.0: nobody asked the model about 2025, and 0 would be an answer.
    assert float(tc.probability_by(small_run, "tai", [2026])[0]) >= 0.0
    with refused("year-before-start", "years", got=min(years), names="from 2026 to 2125"):
        tc.probability_by(small_run, "tai", years)


def test_a_run_shorter_than_a_year_has_percentiles_and_no_years(
    baseline: tc.Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    time = {"start": 2027.0, "horizon": 2027.75, "step": "quarter"}
    later = baseline.replace({}, time=time, keep=[name for name in _AT_START if name in baseline.inputs()])
    run = tc.simulate(later, draws=500, threads=1, paths=0)
    assert default_years(run) == []
    assert probability_table(RunStatistics(run)).empty
    print_tables(RunStatistics(run))
    assert "Year at each percentile" in capsys.readouterr().out


@pytest.mark.parametrize("years", [[2030.5], [float("nan")], [float("inf")], []])
def test_what_is_no_calendar_year_is_refused(small_run: xr.DataTree, years: list[float]) -> None:
    with refused("not-whole-years", "years", got=years):
        tc.probability_by(small_run, "tai", years)


def test_a_duration_has_no_probability_by_a_year(small_run: xr.DataTree) -> None:
    # A takeoff of fewer than 2041 years is no statement about 2040.
    with refused("duration-has-no-calendar-year", "quantity", got=TAKEOFF):
        tc.probability_by(small_run, TAKEOFF, [2040])


@pytest.mark.parametrize("step", [0.0, -1.0, float("nan")])
def test_a_step_that_is_not_positive_is_refused(small_run: xr.DataTree, step: float) -> None:
    with refused("invalid-step", "step", got=step):
        tc.cdf(small_run, "tai", step=step)


def test_the_curve_is_monotone_from_start_to_horizon(small_run: xr.DataTree) -> None:
    curve = tc.cdf(small_run, "tai", step=0.5)
    assert (float(curve.date[0]), float(curve.date[-1])) == (2026.0, 2126.0)
    assert np.all(np.diff(curve.values) >= 0.0)
    assert np.all(curve.lower.values <= curve.values)
    assert np.all(curve.values <= curve.upper.values)


def test_the_curve_passes_through_the_table(small_run: xr.DataTree) -> None:
    curve = tc.cdf(small_run, "tai", step=1.0)
    years = np.arange(2026, 2126)
    table = tc.probability_by(small_run, "tai", years)
    np.testing.assert_array_equal(curve.sel(date=years + 1.0).values, table.values)


def test_values_of_a_choice_mix_to_the_whole(small_run: xr.DataTree) -> None:
    # The linear pool: each value's probability, weighted with its counted draws.
    parts = [
        tc.probability_by(small_run, "tai", [2030, 2050], where={"threshold": value})
        for value in ("bio_anchors", "direct_approach", "full_takeoff")
    ]
    draws = np.array([part.attrs["draws"] for part in parts])
    whole = tc.probability_by(small_run, "tai", [2030, 2050])
    assert draws.sum() == whole.attrs["draws"]
    mixed = np.average([part.values for part in parts], axis=0, weights=draws)
    np.testing.assert_allclose(mixed, whole.values, rtol=1e-13)


def test_percentiles_asked_for_by_nobody_are_seven(small_run: xr.DataTree) -> None:
    assert tc.percentiles(small_run, "tai")["percentile"].values.tolist() == [5, 10, 25, 50, 75, 90, 95]
