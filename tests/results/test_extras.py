"""Dates, numbers and flags beside the milestones: stored by draw, counted over all draws, read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import timecone as tc
import toy_model
from edits import ABSENT, edited
from refusals import refused
from timecone.models import registry
from timecone.results.estimators.intervals import wilson
from timecone.results.run_file.accounts import accounts
from timecone.results.tables.extras import extras_along_the_way
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.tidy import extras_table, flags_table
from timecone.scenario.file import parse
from timecone.schema import Inclusion, Status
from toy_model import SOURCE, full_content

START, HORIZON, DRAWS = 2026.0, 2066.0, 3000
VIEWS = {
    "choices": {"view": {"weights": {"near": 0.6, "far": 0.4}} | SOURCE},
    "parameters.growth.need": {
        "by": "view",
        "values": {
            "near": {"distribution": "normal", "mean": 28.0, "sd": 4.0},
            "far": {"distribution": "normal", "mean": 55.0, "sd": 8.0},
        },
        "unit": "log10 FLOP",
    }
    | SOURCE,
    "correlations": ABSENT,
}


@pytest.fixture(scope="module")
def scenario() -> tc.Scenario:
    return parse(edited(full_content(), VIEWS))


@pytest.fixture(scope="module")
def run(scenario: tc.Scenario) -> xr.DataTree:
    return tc.simulate(scenario, draws=DRAWS, seed=3, threads=1, paths=4)


@pytest.fixture(scope="module")
def partly(scenario: tc.Scenario) -> xr.DataTree:
    """Return the same run, of which few draws are stored."""
    return tc.simulate(scenario, draws=DRAWS, seed=3, threads=2, paths=4, keep=500, block=256)


def _counted(run: xr.DataTree) -> xr.Dataset:
    outcomes = run["outcomes"].to_dataset()
    return outcomes.isel(draw=outcomes["standing"].values == Inclusion.COUNTED)


# ----------------------------------------------------------------------------------------------- stored


def test_every_extra_is_stored_with_what_it_says(run: xr.DataTree) -> None:
    outcomes = run["outcomes"]
    for extra in toy_model.EXTRAS:
        stored = outcomes[extra.name]
        assert stored.dims == ("draw",)
        assert stored.dtype == (np.int8 if extra.kind == "flag" else np.float64)
        assert stored.attrs["units"] == extra.unit
        assert stored.attrs["long_name"] == extra.label
        assert stored.attrs["comment"].startswith(extra.definition)
        assert stored.attrs["extra"] == extra.kind
        assert not np.isnan(stored.values).any()
    assert "+inf: not before the horizon" in outcomes["exhaustion"].attrs["comment"]
    assert outcomes["steep"].attrs["flag_meanings"] == "no yes"


def test_what_is_stored_is_what_the_model_said(run: xr.DataTree) -> None:
    inputs, outcomes = run["inputs"], run["outcomes"]
    rate = inputs["growth.rate"].values * inputs["boost.labour"].values
    used_up = START + (inputs["wall.stock"].values - toy_model.ORIGIN) / rate
    expected = np.where(used_up < HORIZON, used_up, np.inf)
    np.testing.assert_array_equal(outcomes["exhaustion"].values, expected)
    np.testing.assert_array_equal(outcomes["steep"].values, rate > 1.0)


def test_flags_are_counted_over_all_draws(run: xr.DataTree, partly: xr.DataTree) -> None:
    counted, summary = _counted(run), run["summary"]
    assert list(summary["flag"].values) == ["steep"]
    for k, view in enumerate(summary["cell"].values):
        inside = counted.isel(draw=counted["choice_view"].values == k)
        arrived = np.isfinite(inside["arrival"].sel(milestone="there").values)
        where = {"flag": "steep", "cell": view}
        assert summary["flag_count"].sel(where) == inside["steep"].sum()
        assert summary["flag_arrived_count"].sel(where) == inside["steep"].values[arrived].sum()
    for name in ("flag_count", "flag_arrived_count"):
        np.testing.assert_array_equal(partly["summary"][name].values, summary[name].values)


@pytest.mark.slow
def test_a_run_with_extras_is_reproduced_and_read_back(partly: xr.DataTree, tmp_path: Path) -> None:
    stored = tc.open_run(tc.save_run(partly, tmp_path / "run.nc"))
    found = tc.reproduce(stored, threads=1)
    assert not found.different
    assert tc.extras(stored).identical(tc.extras(partly))
    copies = stored["outcomes"]["copies"].values
    copies[np.flatnonzero(np.isfinite(copies))[0]] += 1e-9
    stored["summary"]["flag_count"].values[0] += 1
    found = tc.reproduce(stored, threads=1)
    assert set(found.different) == {"outcomes/copies", "summary/flag_count"}


def test_a_draw_whose_extra_is_no_number_has_failed(
    scenario: tc.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outcomes(inputs: np.ndarray, setup: Any) -> Any:
        found = toy_model.outcomes(inputs, setup)
        found.extras["copies"][::10] = np.nan
        return found

    monkeypatch.setitem(registry._REGISTERED, "rig", replace(toy_model.MODEL, outcomes=outcomes))
    # A copy: what follows from a scenario is computed once for each.
    run = tc.simulate(scenario.model_copy(), draws=1000, seed=3)
    failed = np.arange(1000) % 10 == 0
    stored = run["outcomes"]
    np.testing.assert_array_equal(stored["standing"].values == Inclusion.FAILED, failed)
    for name in ("copies", "exhaustion"):
        assert np.isposinf(stored[name].values[failed]).all()
    assert not stored["steep"].values[failed].any()
    assert accounts(run)["failed"] == 100


def test_a_model_without_extras_stores_none(scenario: tc.Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._REGISTERED, "rig", replace(toy_model.MODEL, extras=()))
    run = tc.simulate(scenario.model_copy(), draws=500, seed=1)
    assert "flag" not in run["summary"].dims
    assert not {e.name for e in toy_model.EXTRAS} & set(run["outcomes"].data_vars)
    assert tc.extras(run).shape == (0, 3)
    assert tc.flags(run).shape == (0, 2)
    assert len(extras_table(RunStatistics(run))) == len(flags_table(RunStatistics(run))) == 0


# ------------------------------------------------------------------------------------------------- read


@pytest.mark.parametrize("where", [None, {"view": "far"}])
def test_extras_are_percentiles_of_the_stored_counted_draws(
    run: xr.DataTree, where: dict[str, str] | None
) -> None:
    counted = _counted(run)
    if where:
        views = counted["choice_view"].attrs["flag_meanings"].split()
        counted = counted.isel(draw=counted["choice_view"].values == views.index("far"))
    found = tc.extras(run, [5, 50, 95], where=where)
    assert list(found["extra"].values) == ["exhaustion", "copies"]
    assert list(found["kind"].values) == ["date", "number"]
    assert list(found["label"].values) == ["data run out", "AI workers at arrival"]
    for name in found["extra"].values:
        expected = np.quantile(counted[name].values, [0.05, 0.5, 0.95], method="inverted_cdf")
        np.testing.assert_array_equal(found.sel(extra=name).values, expected)
    assert found.attrs["draws"] == counted.sizes["draw"]
    assert np.all(found["lower"].values <= found.values)
    assert np.all(found.values <= found["upper"].values)


def test_a_date_that_counts_before_a_milestone_is_of_the_draws_in_which_it_comes(run: xr.DataTree) -> None:
    competing = run.copy(deep=True)
    outcomes = competing["outcomes"]
    date, arrival = outcomes["exhaustion"], outcomes["arrival"].sel(milestone="there").values
    date.values[date.values > arrival] = np.inf
    date.attrs["before"] = "there"
    values = _counted(competing)["exhaustion"].values
    happens = np.isfinite(values)
    assert 0.1 < happens.mean() < 0.99
    found = tc.extras(competing, [5, 50, 95]).sel(extra="exhaustion")
    expected = np.quantile(values[happens], [0.05, 0.5, 0.95], method="inverted_cdf")
    np.testing.assert_array_equal(found.values, expected)
    assert found["share"].item() == happens.mean()
    assert found["draws"].item() == happens.sum()
    rows = dict(extras_along_the_way(RunStatistics(competing)).rows)
    assert rows["data run out, if before THERE"][-1].text.startswith(f"{100 * happens.mean():.0f}")
    assert tc.extras(competing).sel(extra="copies")["share"].item() == 1.0
    date.values[:] = np.inf
    never = tc.extras(competing).sel(extra="exhaustion")
    assert np.isposinf(never.values).all()
    assert (never["share"].item(), never["draws"].item()) == (0.0, 0)
    rows = dict(extras_along_the_way(RunStatistics(competing)).rows)
    assert [cell.text for cell in rows["data run out, if before THERE"]] == ["-", "-", "-", "0 %"]


def test_the_baselines_dates_along_the_way_come_before_tai(small_run: xr.DataTree) -> None:
    outcomes = small_run["outcomes"]
    arrival = outcomes["arrival"].sel(milestone="tai").values
    for name in ("data_exhaustion", "cap_reached"):
        assert outcomes[name].attrs["before"] == "tai"
        assert (np.isposinf(outcomes[name].values) | (outcomes[name].values <= arrival)).all()
        assert np.isfinite(outcomes[name].values).any()


def test_what_is_not_before_the_horizon_is_infinite(run: xr.DataTree) -> None:
    found = tc.extras(run, [1, 99.9])
    assert found.sel(extra="exhaustion").values[1] == np.inf
    assert found.sel(extra="copies").values[0] == -np.inf


def test_replicates_give_the_interval_where_all_draws_are_stored(scenario: tc.Scenario) -> None:
    sobol = scenario.replace({}, run={"design": "sobol"})
    run = tc.simulate(sobol, draws=8 * 512, seed=1)
    one = tc.extras(run, [50]).sel(extra="exhaustion")
    values, counted = run["outcomes"]["exhaustion"].values, run["outcomes"]["standing"].values == 0
    each = [
        np.quantile(v[c], 0.5, method="inverted_cdf")
        for v, c in zip(np.split(values, 8), np.split(counted, 8), strict=True)
    ]
    half = 2.364624 * np.std(each, ddof=1) / 8**0.5
    assert float(one["upper"][0] - one["lower"][0]) == pytest.approx(2 * half, rel=1e-6)


def test_flags_are_shares_of_all_counted_draws_and_of_arrivals(run: xr.DataTree, partly: xr.DataTree) -> None:
    counted = _counted(run)
    arrived = np.isfinite(counted["arrival"].sel(milestone="there").values)
    flag = counted["steep"].values
    for found in (tc.flags(run), tc.flags(partly)):
        one = found.sel(flag="steep")
        assert float(one.sel(among="counted")) == flag.mean()
        assert float(one.sel(among="arrived")) == flag[arrived].mean()
        lower, upper = wilson(np.array(flag.sum()), flag.size)
        assert float(one["lower"].sel(among="counted")) == pytest.approx(float(lower))
        assert float(one["upper"].sel(among="counted")) == pytest.approx(float(upper))
    near, far = (tc.flags(run, where={"view": v}) for v in ("near", "far"))
    assert near.attrs["draws"] + far.attrs["draws"] == counted.sizes["draw"]


def test_readings_refuse_what_they_cannot_answer(run: xr.DataTree, scenario: tc.Scenario) -> None:
    for read in (tc.extras, tc.flags):
        with refused("unknown-choice-value", "where"):
            read(run, where={"view": "nea"})
    with refused("percentile-out-of-range", "q", got=[100], names=("above 0", "below 100")):
        tc.extras(run, [100])
    nothing = run.copy(deep=True)
    nothing["outcomes"]["standing"].values[:] = Inclusion.REMOVED_NOT_YET
    with refused("no-draws-left", "where"):
        tc.extras(nothing)
    assert len(extras_table(RunStatistics(nothing))) == 0


def test_a_flag_says_nothing_of_arrivals_where_there_are_none(scenario: tc.Scenario) -> None:
    late = scenario.replace({"growth.need": tc.Point(value=61.0, unit="log10 FLOP")})
    one = tc.flags(tc.simulate(late, draws=500, seed=1)).sel(flag="steep")
    assert one.sel(among="arrived").item() == 0.0
    assert (one["lower"].sel(among="arrived").item(), one["upper"].sel(among="arrived").item()) == (0.0, 1.0)
    assert one.sel(among="counted").item() > 0.0


# ------------------------------------------------------------------------------------- never, headline


def test_never_is_not_by_the_horizon_and_counted_apart(run: xr.DataTree) -> None:
    counted = _counted(run)
    status = counted["status"].sel(milestone="there").values
    dates = counted["arrival"].sel(milestone="there").values
    never = status == Status.NEVER
    assert 0 < never.sum() < np.isinf(dates).sum()
    assert np.isposinf(dates[never]).all()
    assert accounts(run)["never"] == never.sum()
    # The denominators hold every counted draw, those that never arrive too.
    found = tc.probability_by(run, "there", [2040])
    assert found.attrs["draws"] == dates.size
    assert found.item() == (dates < 2041.0).mean()
    assert found.attrs["not_by_horizon"] == pytest.approx(np.isinf(dates).mean(), abs=1e-12)
    top = tc.percentiles(run, "there", [99])
    assert top.item() == np.inf
    assert tc.cdf(run, "there")[-1].item() == pytest.approx(np.isfinite(dates).mean(), abs=1e-12)


def test_the_headline_need_not_be_the_last_milestone(run: xr.DataTree, scenario: tc.Scenario) -> None:
    assert run.attrs["headline"] == "there"
    assert scenario.not_yet_milestones == ("there",)
    removed = run["outcomes"]["standing"].values == Inclusion.REMOVED_NOT_YET
    before = run["outcomes"]["status"].sel(milestone="there").values == Status.BEFORE_START
    np.testing.assert_array_equal(removed, before)
    # Deployment lies a year later: it would have removed fewer.
    later = run["outcomes"]["status"].sel(milestone="deployed").values == Status.BEFORE_START
    assert later.sum() < before.sum()


def test_a_table_of_extras_is_tidy(run: xr.DataTree) -> None:
    frame = extras_table(RunStatistics(run))
    assert list(frame["extra"]) == ["exhaustion"] * 3 + ["copies"] * 3
    assert list(frame["percentile"]) == [5.0, 50.0, 95.0] * 2
    assert set(flags_table(RunStatistics(run))["among"]) == {"counted", "arrived"}
