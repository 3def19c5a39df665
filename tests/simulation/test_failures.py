"""Failed draws: each has its reason, every number says what they could change, and none is hidden."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import timecone as tc
from calculator import UNIFORM, calculator, formula, point
from refusals import refused
from timecone.report import page
from timecone.results.estimators.failure_bounds import percentile_bounds
from timecone.results.estimators.sample import SortedSample
from timecone.results.run_file.failures import failed_draws, failures_table, too_many_failed
from timecone.results.tables import latex, layout
from timecone.results.tables.accounts import account_lines, failure_note
from timecone.results.tables.batch import batch_table
from timecone.results.tables.run_tables import tables_of
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.sweep import sweep_table
from timecone.scenario.file import parse
from timecone.schema import Inclusion

DRAWS = 1500
NAME = "threshold.requirement"


def _run(requirement: str, draws: int = DRAWS, **about: Any) -> xr.DataTree:
    scenario = parse(calculator(formula(requirement), u=UNIFORM, **about))
    return tc.simulate(scenario, draws=draws, seed=1, threads=1, paths=0)


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    """A fifth of the draws divides by zero, a twentieth takes the logarithm of a negative number."""
    return _run("where(u < 0.2, 1 / 0 * u, where(u < 0.25, log(u - 1), 25 + 10 * u))")


def _reasons(run: xr.DataTree) -> np.ndarray:
    failure = run["outcomes"]["failure"]
    return np.array(failure.attrs["flag_meanings"].split())[failure.values]


def test_every_draw_has_its_reason(run: xr.DataTree) -> None:
    u = run["inputs"]["u"].values
    expected = np.select([u < 0.2, u < 0.25], [f"division_by_zero@{NAME}", f"undefined@{NAME}"], "none")
    np.testing.assert_array_equal(_reasons(run), expected)
    np.testing.assert_array_equal(run["outcomes"]["standing"].values == Inclusion.FAILED, u < 0.25)
    # A division by zero is not "never", and its input does not look like it.
    np.testing.assert_array_equal(np.isnan(run["inputs"][NAME].values), u < 0.25)


@pytest.mark.slow
def test_reasons_are_counted_over_all_draws_with_the_first(run: xr.DataTree) -> None:
    u = run["inputs"]["u"].values
    # Also where few draws are stored.
    few = tc.simulate(
        parse(calculator(formula(_text(run)), u=UNIFORM)),
        draws=DRAWS,
        seed=1,
        threads=2,
        keep=64,
        paths=0,
        block=64,
    )
    for found in (run, few):
        table = failures_table(found).set_index("reason")
        for reason, chosen in {"division_by_zero": u < 0.2, "undefined": (u >= 0.2) & (u < 0.25)}.items():
            assert table.loc[reason, "count"] == chosen.sum()
            assert table.loc[reason, "first_draw"] == np.flatnonzero(chosen)[0]
            assert table.loc[reason, "quantity"] == NAME
        assert failed_draws(found) == (u < 0.25).sum()


def _text(run: xr.DataTree) -> str:
    scenario = tc.scenario.file.loads(run.attrs["scenario"])
    return scenario.parameters[NAME].form.expression


def test_bounds_are_the_numbers_with_the_failed_draws_put_first_and_last(run: xr.DataTree) -> None:
    arrival = run["outcomes"]["arrival"].sel(milestone="tai").values
    failed = run["outcomes"]["standing"].values == Inclusion.FAILED
    levels = np.array([1.0, 5.0, 24.0, 26.0, 50.0, 76.0, 90.0])
    found, by = tc.percentiles(run, "tai", levels), tc.probability_by(run, "tai", [2033, 2035])
    for key, end in (("failed_first", -np.inf), ("failed_last", np.inf)):
        every = np.where(failed, end, arrival)
        expected = np.quantile(every, levels / 100.0, method="inverted_cdf")
        np.testing.assert_array_equal(found[key].values, expected)
        np.testing.assert_allclose(by[key].values, [(every < y).mean() for y in (2034.0, 2036.0)], rtol=1e-14)
    assert (found.failed_first.values <= found.values).all()
    assert (found.values <= found.failed_last.values).all()
    assert found.attrs["failed"] == by.attrs["failed"] == failed.sum()
    assert found.attrs["failed_share"] == by.attrs["failed_share"] == failed.mean()


def test_the_note_of_a_table_says_how_far_failed_draws_could_move_its_numbers(run: xr.DataTree) -> None:
    outcomes, levels = run["outcomes"], np.array([30.0, 50.0, 60.0])
    counted = outcomes["standing"].values == Inclusion.COUNTED
    failed = outcomes["standing"].values == Inclusion.FAILED
    chosen = counted | failed
    largest = {-np.inf: 0.0, np.inf: 0.0}
    for milestone in outcomes["milestone"].values:
        arrival = outcomes["arrival"].sel(milestone=milestone).values
        number = np.quantile(arrival[counted], levels / 100.0, method="inverted_cdf")
        for end, before in largest.items():
            bound = np.quantile(np.where(failed, end, arrival)[chosen], levels / 100.0, method="inverted_cdf")
            finite = np.isfinite(number) & np.isfinite(bound)
            largest[end] = max(before, np.abs(bound - number)[finite].max(initial=0.0))
    table = next(t for t in tables_of(RunStatistics(run, q=tuple(levels))) if t.name == "percentiles")
    assert not any("failed" in label for label, _ in table.rows)
    first, last = table.note.split(" by more than ")[1:]
    for text, expected in ((first, largest[-np.inf]), (last, largest[np.inf])):
        # Rounded up to two digits.
        assert expected <= float(text.split()[0]) <= 1.1 * expected + 1e-9


@pytest.mark.slow
def test_tables_of_a_sweep_and_of_a_batch_say_what_failed(run: xr.DataTree) -> None:
    share = f"{100.0 * failed_draws(run) / DRAWS:.0f}"
    note = batch_table({"one": run, "two": run}).note
    assert re.fullmatch(
        rf"No number above includes failed draws: one {share}[.0-9]* %, two {share}[.0-9]* %\.", note
    )
    scenario = parse(calculator(formula(_text(run)), u=UNIFORM))
    swept = tc.sweep(scenario, {"automation.gap": [1.0, 2.0]}, draws=DRAWS, seed=1, threads=1)
    assert (swept["failed"] == failed_draws(run)).all()
    assert (swept["failed"] + swept["counted"] == DRAWS).all()
    assert "at most (at automation.gap = 1)." in sweep_table(swept).note
    # In place of a point without failed draws the other one is named.
    swept["failed"][0] = 0
    assert "0 % of the draws at least" in sweep_table(swept).note
    assert "at most (at automation.gap = 2)." in sweep_table(swept).note


def test_without_failed_draws_the_bounds_are_the_number(small_run: xr.DataTree) -> None:
    found, by = tc.percentiles(small_run, "tai"), tc.probability_by(small_run, "tai", [2030, 2050])
    for numbers in (found, by):
        np.testing.assert_array_equal(numbers.failed_first.values, numbers.values)
        np.testing.assert_array_equal(numbers.failed_last.values, numbers.values)
        assert numbers.attrs["failed"] == 0
    assert failure_note(small_run) == ""
    assert not too_many_failed(small_run)
    assert not len(failures_table(small_run))
    assert "failure_count" not in small_run["summary"]
    assert all(not table.note for table in tables_of(RunStatistics(small_run)))
    assert batch_table({"one": small_run}).note == ""


@pytest.mark.parametrize("failed", [0, 1, 7, 300])
def test_percentile_bounds_are_those_of_the_whole_sample(failed: int) -> None:
    values = np.sort(np.random.default_rng(3).normal(size=100))
    p = np.random.default_rng(4).uniform(0.005, 0.995, 37)
    first, last = percentile_bounds(SortedSample(values), p, failed)
    for found, end in ((first, -np.inf), (last, np.inf)):
        whole = np.concatenate([values, np.full(failed, end)])
        np.testing.assert_array_equal(found, np.quantile(whole, p, method="inverted_cdf"))


@pytest.mark.slow
def test_every_page_says_it_beside_every_table(run: xr.DataTree) -> None:
    note, tables = failure_note(run), tables_of(RunStatistics(run))
    assert f"of the draws failed ({failed_draws(run):,} of {DRAWS:,})" in note
    assert f"in {NAME}: division by zero (first in draw " in note
    for table in tables:
        assert table.note.startswith(f"{note} If all failed draws arrived first, no number above would")
    assert note in account_lines(run)
    escaped = layout.escaped(note)
    assert layout.markdown(run, tables).count(escaped) == len(tables) + 1
    printed = [line for line in latex.latex(run, tables).splitlines() if not line.startswith("%")]
    assert sum("division by zero" in line for line in printed) == len(tables)
    assert layout.csv(tables).count("division by zero") == len(tables)
    html = page.html(run)
    notes = re.findall(r'<p class="note small">(.*?)</p>', html)
    # Tables of what drives the answer have notes of their own.
    assert sum("division by zero" in text for text in notes) == len(tables)
    headline = html.partition('id="headline">')[2].partition("</p>")[0]
    assert headline.endswith("of the draws failed.")


def test_a_failure_in_a_quantity_counts_only_where_it_is_used() -> None:
    content = calculator(formula("where(u < 0.5, 30, x)"), u=UNIFORM, x=formula("1 / (u > 0.9)", "1"))
    run = tc.simulate(parse(content), draws=1000, seed=2, threads=1, paths=0)
    u = run["inputs"]["u"].values
    expected = np.where((u >= 0.5) & (u <= 0.9), "division_by_zero@x", "none")
    np.testing.assert_array_equal(_reasons(run), expected)


def test_infinity_is_never_and_no_failure() -> None:
    run = _run("where(u < 0.2, inf, 30)", 1000)
    u = run["inputs"]["u"].values
    assert not run["outcomes"]["failure"].values.any()
    np.testing.assert_array_equal(np.isinf(run["outcomes"]["arrival"].sel(milestone="tai").values), u < 0.2)


def test_a_conversion_without_a_result_is_a_failure() -> None:
    """FLOP of a negative number have no logarithm; 10**400 FLOP are more than a number can be."""
    content = calculator(formula("where(u < 0.2, u - 1, where(u < 0.3, 0, 1e30))", "FLOP"), u=UNIFORM)
    run = tc.simulate(parse(content), draws=1000, seed=2, threads=1, paths=0)
    np.testing.assert_array_equal(_reasons(run) == f"undefined@{NAME}", run["inputs"]["u"].values < 0.3)
    content = calculator(
        formula("where(algorithms.headroom > 1e300, 31, 30)"),
        u=UNIFORM,
        parameters={"algorithms.headroom": formula("where(u < 0.2, 10 ** (400 * u), 1)", "OOM")},
    )
    run = tc.simulate(parse(content), draws=1000, seed=2, threads=1, paths=0)
    assert set(_reasons(run)) == {"none"}


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("u / 0", "division by zero"),
        ("log(u - 2)", "undefined"),
        ("10 ** (400 + u)", "overflow"),
    ],
)
def test_a_formula_that_always_fails_is_refused_when_it_is_loaded(text: str, failure: str) -> None:
    with refused("formula-without-value", f"parameters.{NAME}") as caught:
        parse(calculator(formula(text), u=UNIFORM))
    assert failure in caught.value.what


def test_a_value_that_is_never_admissible_is_refused_when_it_is_loaded() -> None:
    gap = {"automation.gap": formula("-1 - u", "OOM")}
    with refused("formula-outside-domain", "parameters.automation.gap"):
        parse(calculator(u=UNIFORM, parameters=gap))


@pytest.mark.slow
def test_a_failing_run_is_reproduced_and_read_back(run: xr.DataTree, tmp_path: Any) -> None:
    stored = tc.open_run(tc.save_run(run, tmp_path / "run.nc"))
    assert not tc.reproduce(stored, threads=2).different
    assert failure_note(stored) == failure_note(run)
    frame = tc.to_frame(stored)
    assert set(frame["failure"]) == set(_reasons(run))


def test_too_many_breakthroughs_are_named() -> None:
    parameters = {
        "algorithms.breakthrough_rate": point(0.5, "1/year"),
        "algorithms.breakthrough_size": point(0.01, "OOM"),
    }
    scenario = parse(calculator(point(500.0, "log10 FLOP"), parameters=parameters))
    run = tc.simulate(scenario, draws=500, seed=1, threads=1, paths=0)
    # 50 are expected over the century and 32 are simulated.
    dates = run["inputs"]["algorithms.breakthrough_dates"].values
    np.testing.assert_array_equal(_reasons(run) == "too_many_breakthroughs", np.isfinite(dates).all(axis=1))
    assert (_reasons(run) == "too_many_breakthroughs").mean() > 0.9


def test_csv_and_json_of_failures_are_tidy(run: xr.DataTree) -> None:
    table = failures_table(run)
    again = pd.read_csv(io.StringIO(table.to_csv(index=False)))
    assert list(again["count"]) == sorted(table["count"], reverse=True)
    assert json.loads(table.to_json(orient="records"))[0]["reason"] == "division_by_zero"
    np.testing.assert_allclose(table["share"], table["count"] / DRAWS)
