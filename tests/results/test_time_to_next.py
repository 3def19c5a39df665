"""Time from one milestone to the next: brute force over the draws, known answers, and what is left out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from synthetic_run import synthetic
from timecone.errors import ArgumentError
from timecone.results.tables.time_to_next import time_to_next_table

LEVELS = (10, 50, 90)


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    """A run in which the second milestone comes 3 years after the first, but never if the first is late."""
    made = synthetic()
    arrival = made["outcomes"]["arrival"].values.copy()
    half = np.linspace(2031.0, 2041.0, arrival.shape[1], endpoint=False)
    arrival[0], arrival[1] = half, np.where(half < 2039.0, half + 3.0, np.inf)
    made["outcomes"]["arrival"].values[:] = arrival
    return made


def test_every_row_is_that_of_its_draws(small_run: xr.DataTree) -> None:
    frame = tc.to_frame(small_run)
    frame = frame[frame["standing"] == "counted"]
    early = small_run["outcomes"]["status"].sel(milestone="automation_20").values[frame.index] == 3
    wait = tc.time_to_next(small_run, "automation_20", "tai", years=range(2026, 2034), q=LEVELS)
    for year in wait["year"].values.tolist():
        inside = (frame["automation_20"] >= year) & (frame["automation_20"] < year + 1) & ~early
        times = np.sort((frame["tai"] - frame["automation_20"])[inside])
        row = wait.sel(year=year)
        assert row["draws"].item() == times.size >= 100
        assert row["share"].item() == times.size / len(frame)
        assert row["not_reached"].item() == np.mean(np.isinf(times))
        expected = [times[int(np.ceil(p / 100 * times.size)) - 1] for p in LEVELS]
        np.testing.assert_allclose(row["value"].values, expected, atol=1e-12)
        assert np.all(row["lower"].values <= row["value"].values)
        assert np.all(row["value"].values <= row["upper"].values)
    assert wait.attrs["before_start"] == pytest.approx(np.mean(early))


def test_a_row_equals_the_percentiles_under_the_same_condition(small_run: xr.DataTree) -> None:
    wait = tc.time_to_next(small_run, years=[2028], q=LEVELS)
    assert (wait.attrs["first"], wait.attrs["then"]) == ("automation_20", "tai")
    part = tc.given(small_run, "automation_20 >= 2028 and automation_20 < 2029")
    expected = tc.percentiles(part, "takeoff_duration", LEVELS)
    np.testing.assert_allclose(wait["value"].values[0], expected.values, atol=1e-9)
    np.testing.assert_allclose(wait["upper"].values[0], expected["upper"].values, atol=1e-9)


def test_known_times_and_what_is_never_reached(run: xr.DataTree) -> None:
    wait = tc.time_to_next(run, "half", "whole", years=[2031, 2038, 2039], q=LEVELS)
    np.testing.assert_allclose(wait["value"].sel(year=2031), 3.0, atol=1e-9)
    assert np.isinf(wait["value"].sel(year=2039)).all()
    assert wait["not_reached"].values.tolist() == [0.0, 0.0, 1.0]
    counted = run["outcomes"]["standing"].values == 0
    assert wait["draws"].sel(year=2031).item() == counted[:400].sum()
    cells = dict(time_to_next_table(wait).rows)
    assert cells["2031"][1].text == "3.000"
    # Whoever comes in 2039 has until 2080, at least 40 years.
    assert cells["2039"][1].text == ">40"


def test_a_second_milestone_that_came_first_takes_no_time(run: xr.DataTree) -> None:
    wait = tc.time_to_next(run, "whole", "half", years=[2036], q=LEVELS)
    np.testing.assert_array_equal(wait["value"], 0.0)


def test_years_with_few_draws_are_named_and_left_out(small_run: xr.DataTree) -> None:
    wait = tc.time_to_next(small_run, years=[2028, 2090])
    assert wait["year"].values.tolist() == [2028]
    frame = tc.to_frame(small_run)
    few = int(((frame["standing"] == "counted") & (np.floor(frame["automation_20"]) == 2090)).sum())
    assert wait.attrs["left_out"] == f"2090 ({few})"
    table = time_to_next_table(wait)
    assert f"fewer than 100 draws: 2090 ({few})." in table.note
    assert "came before the start; no row includes these" in table.note
    with pytest.raises(ArgumentError, match="fewer than 100 draws in every year"):
        tc.time_to_next(small_run, years=[2090])


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ({"first": "taii"}, "Did you mean 'tai'"),
        ({"then": "takeoff_duration"}, "unknown milestone"),
        ({"first": "tai"}, "the same milestone twice"),
        ({"years": [1999]}, "a year outside the run; got 1999; expected 2026 to 2125"),
        ({"q": [0.5]}, "below 1, as probabilities are"),
    ],
)
def test_bad_arguments_are_refused(small_run: xr.DataTree, arguments: dict, what: str) -> None:
    with pytest.raises(ArgumentError, match=what):
        tc.time_to_next(small_run, **arguments)


@pytest.mark.slow
@pytest.mark.usefixtures("each_content_read_once")
def test_the_command(small_run: xr.DataTree, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from timecone.cli.main import main

    stored = str(tc.save_run(small_run, tmp_path / "run.nc"))
    command = ["time-to-next", stored, "--from", "automation_20", "--to", "tai"]
    assert main([*command, "--years", "2026-2027,2029"]) == 0
    out = capsys.readouterr().out
    assert "Years from 20 % automated to TAI" in out
    assert all(f"\n {year} " in out for year in (2026, 2027, 2029))
    assert "\n 2028 " not in out
    assert main([*command, "--years", "2028", "--given", "tai < 2060", "--json"]) == 0
    (row, *_) = json.loads(capsys.readouterr().out)["rows"]
    part = tc.time_to_next(tc.given(small_run, "tai < 2060"), years=[2028])
    assert row["draws"] == part["draws"].item()
    for text in ("2029-2027", "x", "2027-", ""):
        assert main([*command, "--years", text]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert main([*command, "--years", "2027,2027"]) == 2
    assert "a year occurs twice" in capsys.readouterr().err
