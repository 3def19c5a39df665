"""The documented example of a model: no word of the compute model, a log scale below zero, two durations.

What holds of it holds of any family: results, tables, figures, report and files go by role.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from refusals import refused
from small_scenario import content
from timecone.cli.main import main
from timecone.models import registry
from timecone.models.model import Constraint
from timecone.models.toy.model import LENGTHS, MODEL
from timecone.plots.catalogue import drawings
from timecone.report.page import html
from timecone.results.run_file.access import durations, main_observable
from timecone.results.run_file.curves import thresholds
from timecone.results.tables.run_tables import tables_of
from timecone.results.tables.statistics import RunStatistics
from timecone.scenario.file import dumps, parse
from timecone.schema import Inclusion, Status

pytestmark = pytest.mark.usefixtures("closed_figures")

DRAWS = 4000
LEVELS = [5.0, 50.0, 95.0]


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return tc.simulate(parse(content()), draws=DRAWS, seed=3, threads=1, paths=50)


@pytest.fixture
def variant() -> Iterator[Any]:
    """Register a changed model for one test."""
    names: list[str] = []

    def make(**changes: Any) -> str:
        model = registry.register(replace(MODEL, name="variant", **changes))
        names.append(model.name)
        return model.name

    yield make
    for name in names:
        registry.unregister(name)


def _drawn(run: xr.DataTree) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    inputs = run["inputs"]
    return tuple(inputs[f"horizon.{n}"].values for n in ("now", "doubling_time", "required"))  # type: ignore[return-value]


def test_dates_are_the_closed_form(run: xr.DataTree) -> None:
    now, doubling, required = _drawn(run)
    for name, length in zip(("day", "month", "year", "projects"), (*LENGTHS, required), strict=True):
        exact = np.maximum(2026.0 + doubling * np.log2(length / now), 2026.0)
        arrival = run["outcomes"]["arrival"].sel(milestone=name).values
        np.testing.assert_allclose(arrival, np.where(exact < 2066.0, exact, np.inf), rtol=0.0, atol=1e-9)


def test_percentiles_of_an_observable_below_zero_are_those_of_the_draws(run: xr.DataTree) -> None:
    now, _, required = _drawn(run)
    start = run["summary"]["fan_task_horizon"].sel(time=2026.0, percentile=LEVELS).values
    exact = np.quantile(np.log10(now), np.array(LEVELS) / 100.0, method="inverted_cdf")
    assert exact[0] < exact[1] < 0.0
    np.testing.assert_allclose(start, exact, rtol=0.0, atol=0.02)
    needed = np.quantile(np.log10(required), np.array(LEVELS) / 100.0, method="inverted_cdf")
    np.testing.assert_allclose(
        thresholds(run).sel(value="all", percentile=LEVELS).values, needed, rtol=0.0, atol=0.02
    )


def test_a_linear_observable_has_its_own_grid(run: xr.DataTree) -> None:
    _, doubling, _ = _drawn(run)
    stored = run["summary"]["fan_doublings"].sel(time=2046.0, percentile=LEVELS).values
    exact = np.quantile(20.0 / doubling, np.array(LEVELS) / 100.0, method="inverted_cdf")
    np.testing.assert_allclose(stored, exact, rtol=0.0, atol=0.5)
    assert run["summary"]["fan_doublings"].attrs["units"] == "1"


def test_both_durations_are_read_by_name(run: xr.DataTree) -> None:
    assert durations(run) == ("day_to_month", "month_to_year")
    outcomes = run["outcomes"]
    for name, (begin, end) in zip(durations(run), (("day", "month"), ("month", "year")), strict=True):
        first, last = (outcomes["arrival"].sel(milestone=m).values for m in (begin, end))
        early = outcomes["status"].sel(milestone=begin).values == Status.BEFORE_START
        with np.errstate(invalid="ignore"):
            whole = np.sort(np.where(np.isfinite(last), last - first, np.inf)[~early])
        exact = np.quantile(whole, [0.25, 0.5], method="inverted_cdf")
        np.testing.assert_array_equal(tc.percentiles(run, name, [25, 50]).values, exact)
    with refused("duration-has-no-calendar-year", "quantity"):
        tc.probability_by(run, "day_to_month", [2030])


@pytest.mark.slow
def test_tables_figures_and_the_report_go_by_role(run: xr.DataTree) -> None:
    assert [t.name for t in tables_of(RunStatistics(run))] == [
        "probabilities",
        "percentiles",
        "day_to_month",
        "month_to_year",
    ]
    names = [drawing.name for drawing in drawings(run)]
    assert names == ["cdf", "density", "threshold", "duration", "joint", "inputs"]
    page = html(run)
    for word in ("effective compute", "takeoff", "flop", "algorithm"):
        assert word not in page.lower()
    assert "Task horizon" in page
    assert "is missing" not in page


def test_a_run_survives_its_file(run: xr.DataTree, tmp_path: Path) -> None:
    again = tc.open_run(tc.save_run(run, tmp_path / "run.nc"))
    xr.testing.assert_identical(again["summary"].to_dataset(), run["summary"].to_dataset())
    assert main_observable(again) == "task_horizon"


@pytest.mark.slow
def test_every_command_takes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = tmp_path / "horizons.toml"
    scenario.write_text(dumps(parse(content())), encoding="utf-8")
    out = tmp_path / "out"
    assert main(["run", str(scenario), "-n", "2000", "--out", str(out), "--threads", "1", "-q"]) == 0
    run = str(out / "run.nc")
    files = {path.name for path in out.iterdir()}
    assert {"arrival.png", "duration.png", "trajectory.png", "percentiles.csv"} <= files
    for command in ("percentiles", "report", "export", "reproduce"):
        assert main([command, run]) == 0, command
    for figure in ("duration", "fan", "threshold"):
        assert main(["plot", run, "--figure", figure]) == 0
    assert main(["plot", run, "--figure", "duration", "--quantity", "month_to_year"]) == 0
    capsys.readouterr()
    assert main(["plot", run, "--figure", "decomposition"]) == 2
    assert "does not split its observable into factors" in capsys.readouterr().err
    assert main(["plot", run, "--figure", "automation"]) == 2
    assert "this run has no such figure" in capsys.readouterr().err


def test_a_model_may_have_no_duration_and_no_counted_observable(variant: Any) -> None:
    bare = tuple(replace(o, grid=None, threshold=None) for o in MODEL.observables)
    name = variant(durations=(), observables=bare, thresholds=lambda _inputs, _setup: {})
    run = tc.simulate(parse(content(name)), draws=500, seed=1, threads=1, paths=5)
    assert durations(run) == ()
    assert [table.name for table in tables_of(RunStatistics(run))] == ["probabilities", "percentiles"]
    assert [drawing.name for drawing in drawings(run)] == ["cdf", "density", "inputs"]
    with refused("run-has-no-duration", "run"):
        tc.plots.duration(run)
    with refused("run-has-no-observable", "run"):
        tc.plots.fan(run)
    assert tc.plots.fan(run, "task_horizon").table["observable"].unique().tolist() == ["task_horizon"]


def test_draws_that_break_a_joint_constraint_fail_by_its_name(variant: Any) -> None:
    name = variant(
        constraints=(
            Constraint(
                "required_is_longer",
                ("horizon.now", "horizon.required"),
                lambda a, b: b > 1e6 * a,
                "what is required is a million times what is done now",
            ),
        )
    )
    run = tc.simulate(parse(content(name)), draws=DRAWS, seed=3, threads=1, paths=0)
    now, _, required = _drawn(run)
    broken = ~(required > 1e6 * now)
    np.testing.assert_array_equal(run["outcomes"]["standing"].values == Inclusion.FAILED, broken)
    assert run["summary"]["failure_name"].values.tolist() == ["required_is_longer"]
    assert int(run["summary"]["failure_count"].sum()) == np.count_nonzero(broken) > 0


def test_the_step_is_one_of_the_models(variant: Any) -> None:
    assert parse(content()).time.step == "year"
    wanted = content()
    wanted["time"] = wanted["time"] | {"step": "day"}
    with refused("unsupported-step", "time.step"):
        parse(wanted)
    wanted["model"] = variant(steps=("day",))
    run = tc.simulate(parse(wanted), draws=10, seed=1, threads=1, paths=1)
    assert run["paths"].sizes["time"] == 40 * 365.25 + 1


def test_a_model_that_names_what_it_does_not_have_is_refused() -> None:
    with refused("model-names-unknown", "headline"):
        registry.register(replace(MODEL, name="wrong", headline="nobody"))
    assert "wrong" not in registry.known()


def test_an_unknown_model_is_named_with_the_nearest() -> None:
    with refused("unknown-model", "model", got="toys", names="'toy'"):
        parse(content("toys"))
