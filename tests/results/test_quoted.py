"""The tables as they are quoted: each cell is what `rounding` writes of what the API gives."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import xarray as xr
from scipy import stats

import synthetic_run
import timecone as tc
from refusals import refused
from timecone.results.run_file.access import choices
from timecone.results.run_file.accounts import accounts
from timecone.results.run_file.choice_titles import choice_clause
from timecone.results.run_file.probabilities import default_years
from timecone.results.tables import rounding
from timecone.results.tables.accounts import ERROR_NOTE, account_lines, citation, sentence, subject
from timecone.results.tables.arrival import probabilities, years_at_percentiles
from timecone.results.tables.duration import durations_by_arrival
from timecone.results.tables.rows import PERCENTILES
from timecone.results.tables.run_tables import tables_of
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import MISSING, Cell
from timecone.schema import Status

LAST = synthetic_run.HORIZON


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return synthetic_run.synthetic()


def test_the_tables_and_their_order(run: xr.DataTree, small_run: xr.DataTree) -> None:
    names = ["probabilities", "percentiles", "takeoff_duration", "extras", "choices"]
    assert [t.name for t in tables_of(RunStatistics(run))] == names
    assert [t.name for t in tables_of(RunStatistics(small_run))] == [*names, "not_yet"]
    conditional = ("whole", {"view": "high_bar"}, "if high")
    assert [t.name for t in tables_of(RunStatistics(run, rows=[conditional]))] == [*names[:2], "choices"]
    assert [t.name for t in tables_of(RunStatistics(run, rows=[("whole", {}, "all")]))] == names[:2]
    labels = [label for label, _ in probabilities(RunStatistics(run)).rows]
    assert labels == ["half way", "all there", "  if view is low bar", "  if view is high bar"]


def test_every_table_is_as_wide_as_its_head(small_run: xr.DataTree) -> None:
    for table in tables_of(RunStatistics(small_run)):
        assert {len(cells) for _, cells in table.rows} == {len(table.columns)}
        with pytest.raises(dataclasses.FrozenInstanceError):
            table.name = "other"  # type: ignore[misc]


def test_probabilities_are_what_quote_writes(run: xr.DataTree) -> None:
    table, years = probabilities(RunStatistics(run)), default_years(run)
    assert table.columns == (*map(str, years), f"not by {LAST:g}")
    rows = dict(table.rows)
    for label, where in (("all there", None), ("  if view is high bar", {"view": "high_bar"})):
        found = tc.probability_by(run, "whole", years, where=where)
        *cells, rest = rows[label]
        for cell, value, low, high in zip(
            cells, found.values, found.lower.values, found.upper.values, strict=True
        ):
            _assert_written(cell, value, low, high)
        keys = ("not_by_horizon", "not_by_horizon_lower", "not_by_horizon_upper")
        _assert_written(rest, *(found.attrs[key] for key in keys))


def _assert_written(cell: Cell, value: float, lower: float, upper: float) -> None:
    """Assert that a cell is a number and its interval, all rounded to one place."""
    half = 0.501 * 10.0 ** -len(cell.text.partition(".")[2])
    first, _, last = cell.interval.partition(" to ")
    for text, exact in ((cell.text, value), (first, lower), (last, upper)):
        assert float(text) == pytest.approx(exact, abs=half)


def test_what_is_left_at_the_horizon_has_wilsons_interval_and_error(
    run: xr.DataTree, small_run: xr.DataTree
) -> None:
    for one, name in ((run, "whole"), (small_run, "tai")):
        outcomes = one["outcomes"]
        dates = outcomes["arrival"].sel(milestone=name).values[outcomes["standing"].values == 0]
        late = int(np.isinf(dates).sum())
        expected = stats.binomtest(late, dates.size).proportion_ci(method="wilson")
        about = tc.probability_by(one, name, [2040]).attrs
        assert about["not_by_horizon"] == pytest.approx(late / dates.size, abs=1e-12)
        assert about["not_by_horizon_lower"] == pytest.approx(expected.low, abs=1e-9)
        assert about["not_by_horizon_upper"] == pytest.approx(expected.high, abs=1e-9)
        error = (expected.high - expected.low) / (2.0 * stats.norm.ppf(0.975))
        assert about["not_by_horizon_error"] == pytest.approx(error, rel=1e-6)


def test_years_are_what_quote_writes(run: xr.DataTree) -> None:
    (cells,) = [
        cells for label, cells in years_at_percentiles(RunStatistics(run)).rows if label == "all there"
    ]
    found = tc.percentiles(run, "whole", PERCENTILES)
    for cell, value, error in zip(cells, found.values, found.standard_error.values, strict=True):
        assert cell.text == rounding.date(value, error, start=synthetic_run.START, horizon=LAST)
    assert cells[-1].text == f">{LAST:g}"


def test_takeoffs_under_a_year_are_of_the_draws_that_arrive_by_then(run: xr.DataTree) -> None:
    table = durations_by_arrival(RunStatistics(run, [50.0]), None, [2035, 2040, 2079, 2080])
    outcomes = run["outcomes"]
    arrival, takeoff = outcomes["arrival"].sel(milestone="whole").values, outcomes["takeoff_duration"].values
    counted = outcomes["standing"].values == 0
    # The horizon is 2080: of the end of 2080 nothing is known.
    first, *others = table.rows
    assert [label for label, _ in others] == [f"  if all there by {y}" for y in (2035, 2040, 2079)]
    for (_, (median, share, rests)), year in zip(others, (2035, 2040, 2079), strict=True):
        chosen = takeoff[counted & (arrival < year + 1.0)]
        expected = np.quantile(chosen, 0.5, method="inverted_cdf")
        assert float(median.text) == pytest.approx(expected, abs=0.005)
        expected = 100.0 * chosen.size / counted.sum()
        assert float(share.text.removesuffix(" %")) == pytest.approx(expected, abs=0.005)
        assert rests.text == f"{chosen.size:,}"
    assert [cell.text for cell in first[1][1:]] == ["100 %", f"{counted.sum():,}"]


def test_takeoffs_over_all_draws_rest_on_those_that_are_not_stored_too(baseline: tc.Scenario) -> None:
    run = tc.simulate(baseline, draws=4000, seed=3, keep=500)
    table, whole = (
        durations_by_arrival(RunStatistics(run, [25.0, 50.0])),
        tc.percentiles(run, "takeoff_duration", [25, 50]),
    )
    (_, (*cells, _, rests)), *rows = table.rows
    longest = float(run.attrs["horizon"]) - float(run.attrs["start"])
    assert [cell.text for cell in cells] == [
        rounding.duration(value, error, longest)
        for value, error in zip(whole.values, whole.standard_error.values, strict=True)
    ]
    begun = accounts(run)["takeoff_duration_from_start"]
    assert begun > 0
    assert rests.text == f"{accounts(run)['counted'] - begun:,}"
    began = run["outcomes"]["status"].sel(milestone="automation_20").values == Status.BEFORE_START
    chosen = (run["outcomes"]["standing"].values == 0) & ~began
    arrival = run["outcomes"]["arrival"].sel(milestone="tai").values
    assert accounts(run)["counted"] > 3 * chosen.sum()
    assert rows[0][1][-1].text == f"{(chosen & (arrival < 2031.0)).sum():,} stored"
    # What part of the draws they are is known of all.
    by = tc.probability_by(run, "tai", [2030])
    assert rows[0][1][-2].text == rounding.percent(by.item(), by.standard_error.item())


def test_takeoffs_of_a_design_have_the_interval_of_its_replicates(baseline: tc.Scenario) -> None:
    run = tc.simulate(baseline.replace({}, run={"design": "sobol"}), draws=8 * 512, seed=3)
    found = tc.percentiles(run, "takeoff_duration", [50])
    cell = durations_by_arrival(RunStatistics(run, [50.0])).rows[0][1][0]
    _assert_written(cell, found.item(), found.lower.item(), found.upper.item())


def test_weights_of_choices_are_shares_of_the_draws_that_count(small_run: xr.DataTree) -> None:
    outcomes = small_run["outcomes"]
    counted = outcomes["standing"].values == 0
    rows = dict({table.name: table for table in tables_of(RunStatistics(small_run))}["choices"].rows)
    for choice in ("threshold", "data"):
        codes = outcomes[f"choice_{choice}"]
        for k, value in enumerate(codes.attrs["flag_meanings"].split()):
            drawn, share = rows[sentence(choice_clause(small_run, choice, value))]
            own = codes.values == k
            assert float(drawn.text.removesuffix(" %")) == pytest.approx(100.0 * own.mean(), abs=0.0501)
            expected = int((own & counted).sum())
            ends = stats.binomtest(expected, int(counted.sum())).proportion_ci(method="wilson")
            assert float(share.text.removesuffix(" %")) == pytest.approx(
                100.0 * expected / counted.sum(), abs=0.0501
            )
            first, _, last = share.interval.removesuffix(" %").partition(" to ")
            assert [float(first), float(last)] == pytest.approx([100 * ends.low, 100 * ends.high], abs=0.0501)
    # The rule removes more of the views under which the threshold lies lower.
    assert rows["Biological anchors hold"][0].text != rows["Biological anchors hold"][1].text


def test_choices_stand_in_the_order_of_the_scenario_file(baseline: tc.Scenario) -> None:
    run = tc.simulate(baseline, draws=500, seed=3)
    assert list(baseline.choices) == ["threshold", "data"]
    assert list(choices(run)) == ["threshold", "data"]
    del run.attrs["choices"]
    assert list(choices(run)) == ["data", "threshold"]


def test_rows_under_a_condition_without_draws_are_marked(run: xr.DataTree) -> None:
    row = ("whole", {"view": "high_bar"}, "if high")
    empty = synthetic_run.synthetic()
    outcomes = empty["outcomes"].to_dataset()
    standing = np.where(outcomes["choice_view"].values == 1, 1, outcomes["standing"].values)
    empty["outcomes"] = xr.DataTree(outcomes.assign(standing=("draw", standing.astype(np.int8))))
    for table in tables_of(RunStatistics(empty, rows=[row]))[:2]:
        assert table.has_gaps
        assert {cell.text for _, cells in table.rows for cell in cells} == {MISSING}
    assert not any(table.has_gaps for table in tables_of(RunStatistics(run))[:2])


def test_a_run_without_a_draw_that_counts_has_words_left() -> None:
    run = synthetic_run.synthetic()
    outcomes, summary = run["outcomes"].to_dataset(), run["summary"].to_dataset()
    for name in ("arrival_count", "arrival_beyond", "duration_count", "duration_beyond"):
        summary[name][...] = 0
    count = summary["standing_count"].values
    summary["standing_count"] = (
        ("cell", "standing"),
        np.stack([count[:, 0] * 0, count.sum(axis=1), count[:, 0] * 0], axis=1),
    )
    summary = summary.drop_vars("status_count")
    run["summary"] = xr.DataTree(summary)
    run["outcomes"] = xr.DataTree(outcomes.assign(standing=outcomes["standing"] * 0 + 1))
    assert "4,000 draws: 0 counted, 0 failed, 4,000 removed" in account_lines(run)[0]
    with refused("no-draws-left", "quantity"):
        tables_of(RunStatistics(run))


def test_what_a_run_is_and_how_it_is_cited(run: xr.DataTree, small_run: xr.DataTree) -> None:
    assert subject(run) == ("synthetic", "all there: all.", run.attrs["conditions"])
    words = citation(small_run)
    for key in ("version", "run_id", "scenario_digest", "seed"):
        assert str(small_run.attrs[key]) in words


def test_the_accounts_add_up(small_run: xr.DataTree) -> None:
    lines = account_lines(small_run)
    numbers = [
        int(word.replace(",", ""))
        for word in lines[0].replace(":", " ").split()
        if word.replace(",", "").isdigit()
    ]
    whole, counted, removed, failed = numbers
    assert whole == counted + removed + failed == 2000
    assert lines[-1] == ERROR_NOTE
