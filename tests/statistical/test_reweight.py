"""A reweighted run is what a fresh run of the changed scenario gives, within both errors."""

from __future__ import annotations

import builtins
import doctest
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from refusals import Refusal, refused
from timecone.cli.main import main
from timecone.reweighting import reweight as module

DRAWS = 40_000
HALVING, GAP, DOUBLING = "algorithms.halving_time", "automation.gap", "hardware.doubling_time"
LEVELS, YEARS = [5, 10, 25, 50, 75], [2028, 2030, 2035, 2040, 2050, 2075, 2100]
# A false alarm in 16 000 for each number, were they normal.
MOST_ERRORS = 4.0
SLOWER = tc.PercentileTable(space="log", p05=4, p50=10, p95=24, unit="month")


def _weights(scenario: tc.Scenario, choice: str, **weights: float) -> dict[str, Any]:
    changed = scenario.choices[choice].model_copy(update={"weights": weights})
    return {**scenario.choices, choice: changed}


def _rho(scenario: tc.Scenario, name: str, rho: float) -> list[Any]:
    return [c.model_copy(update={"rho": rho}) if name in c.between else c for c in scenario.correlations]


@pytest.fixture(scope="module")
def run(baseline: tc.Scenario) -> xr.DataTree:
    return tc.simulate(baseline, draws=DRAWS, seed=11, paths=0)


@pytest.fixture(scope="module")
def changes(baseline: tc.Scenario) -> dict[str, tc.Scenario]:
    return {
        "percentiles": baseline.replace({HALVING: SLOWER}),
        "correlated with an atom": baseline.replace({GAP: tc.LogNormal(p05=1.2, p95=7.5, unit="OOM")}),
        "correlation": baseline.replace({}, correlations=_rho(baseline, GAP, 0.1)),
        "a new pair": baseline.replace({}, correlations=(
            *baseline.correlations,
            baseline.correlations[0].model_copy(update={"between": (DOUBLING, HALVING), "rho": 0.3}),
        )),
        "weights": baseline.replace({}, choices=_weights(
            baseline, "threshold", bio_anchors=0.2, direct_approach=0.5, full_takeoff=0.3)),
        "a correlated choice": baseline.replace({}, correlations=(
            *baseline.correlations,
            baseline.correlations[0].model_copy(update={"between": ("data", DOUBLING), "rho": 0.5}),
        ), choices=_weights(baseline, "data", escaped=0.4, binding=0.6)),
        "all at once": baseline.replace(
            {HALVING: SLOWER, DOUBLING: tc.LogNormal(p05=1.7, p95=3.5, unit="year"), "feedback.substitution":
                tc.Beta(alpha=2, beta=2, low=0.3, high=0.9)},
            correlations=_rho(baseline, "feedback.software_returns", -0.5),
            choices=_weights(baseline, "data", binding=0.3, escaped=0.7)),
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "percentiles",
        "correlated with an atom",
        "correlation",
        "a new pair",
        "weights",
        "a correlated choice",
        "all at once",
    ],
)
def test_a_reweighted_run_agrees_with_a_fresh_one(
    name: str, run: xr.DataTree, changes: dict[str, tc.Scenario]
) -> None:
    scenario = changes[name]
    found = tc.reweight(run, tc.log_ratio(run, scenario))
    fresh = tc.simulate(scenario, draws=DRAWS, seed=12, paths=0)
    for quantity in ("tai", "automation_20"):
        one, other = found.probability_by(quantity, YEARS), tc.probability_by(fresh, quantity, YEARS)
        error = np.hypot(one.standard_error, other.standard_error)
        assert float((np.abs(one - other) / error).max()) < MOST_ERRORS
    for quantity in ("tai", "takeoff_duration"):
        one, other = found.percentiles(quantity, LEVELS), tc.percentiles(fresh, quantity, LEVELS)
        error = np.hypot(one.standard_error, other.standard_error)
        assert float((np.abs(one - other) / error).max()) < MOST_ERRORS


def test_the_comparison_would_see_the_change(run: xr.DataTree, changes: dict[str, tc.Scenario]) -> None:
    found = tc.reweight(run, tc.log_ratio(run, changes["percentiles"]))
    one, other = found.probability_by("tai", YEARS), tc.probability_by(run, "tai", YEARS)
    assert (
        float((np.abs(one - other) / np.hypot(one.standard_error, other.standard_error)).max())
        > 2 * MOST_ERRORS
    )


@pytest.mark.slow
def test_ratios_average_to_one(run: xr.DataTree, changes: dict[str, tc.Scenario]) -> None:
    for name, scenario in changes.items():
        ratio = np.exp(tc.log_ratio(run, scenario).values)
        assert abs(ratio.mean() - 1.0) < MOST_ERRORS * ratio.std() / np.sqrt(DRAWS), name
        assert ratio.std() > 0.05, name


def test_a_run_reweighted_to_itself_is_itself(run: xr.DataTree, baseline: tc.Scenario) -> None:
    again = baseline.replace({}, title="other words")
    ratio = tc.log_ratio(run, again)
    assert np.all(ratio == 0.0)
    found = tc.reweight(run, ratio)
    counted = int((run["outcomes"]["standing"] == 0).sum())
    assert found.ess == pytest.approx(counted)
    assert np.isnan(found.khat)
    np.testing.assert_array_equal(found.percentiles("tai", LEVELS), tc.percentiles(run, "tai", LEVELS))
    np.testing.assert_allclose(
        found.probability_by("tai", YEARS), tc.probability_by(run, "tai", YEARS), rtol=1e-9
    )


def test_weights_sum_to_one_and_leave_out_what_does_not_count(
    run: xr.DataTree, changes: dict[str, tc.Scenario]
) -> None:
    found = tc.reweight(run, tc.log_ratio(run, changes["percentiles"]))
    assert float(found.weights.sum()) == pytest.approx(1.0)
    assert np.all(found.weights.values[run["outcomes"]["standing"].values != 0] == 0.0)
    assert found.percentiles("tai", [50]).attrs["effective_size"] == pytest.approx(found.ess)
    assert 0.0 < found.khat < 0.7
    assert found.percentiles("tai", [97])[0] == np.inf
    rest = found.probability_by("tai", [2100]).attrs["not_by_horizon"]
    arrival = run["outcomes"]["arrival"].sel(milestone="tai").values
    assert rest == pytest.approx(found.weights.values[np.isinf(arrival)].sum(), abs=1e-12)


def test_conditions_on_choices(run: xr.DataTree, changes: dict[str, tc.Scenario]) -> None:
    found = tc.reweight(run, tc.log_ratio(run, changes["weights"]))
    # Other weights of a choice move no draw under one of its values.
    where = {"threshold": "full_takeoff"}
    one = found.probability_by("tai", [2040], where=where)
    other = tc.probability_by(run, "tai", [2040], where=where)
    assert float(one[0]) == pytest.approx(float(other[0]), rel=1e-9)


def test_a_value_that_gets_no_weight_has_no_draws(run: xr.DataTree, baseline: tc.Scenario) -> None:
    gone = baseline.replace({}, choices=_weights(
        baseline, "threshold", bio_anchors=0.0, direct_approach=0.5, full_takeoff=0.5))  # fmt: skip
    found = tc.reweight(run, tc.log_ratio(run, gone))
    with refused("no-draws-left", "quantity"):
        found.percentiles("tai", [50], where={"threshold": "bio_anchors"})


def test_a_narrower_range_gives_the_draws_outside_no_weight(run: xr.DataTree, baseline: tc.Scenario) -> None:
    narrow = baseline.replace({"feedback.substitution": tc.Uniform(low=0.4, high=0.8)})
    found = tc.reweight(run, tc.log_ratio(run, narrow))
    drawn = run["inputs"]["feedback.substitution"].values
    assert np.all((found.weights.values > 0.0) <= ((drawn >= 0.4) & (drawn <= 0.8)))


REMEDY = "Run the changed scenario instead"
WIDER = {
    "bounds": {"shocks.pause_research_share": tc.Uniform(low=0.2, high=0.9)},
    "truncated": {"shocks.pause_research_share": tc.Uniform(low=0.1, high=0.95, truncate={"high": 0.92})},
    "percentiles that end": {DOUBLING: tc.Point(value=2.0, unit="year")},
}


@pytest.mark.parametrize("change", WIDER.values(), ids=WIDER)
def test_a_wider_range_is_refused(change: dict[str, Any], run: xr.DataTree, baseline: tc.Scenario) -> None:
    with refused("new-distribution-wider", f"parameters.{next(iter(change))}", names=REMEDY):
        tc.log_ratio(run, baseline.replace(change))


def _different(baseline: tc.Scenario) -> dict[str, tuple[tc.Scenario, str, str]]:
    time = baseline.time.model_copy(update={"horizon": 2100.0})
    t = baseline.copula.model_copy(update={"kind": "t", "df": 4.0})
    cap = {"investment.cap_usd": tc.LogNormal(p05=1e11, p95=1e12, unit="USD")}
    more = _weights(baseline, "data", binding=0.5, escaped=0.25, other=0.25)
    growth = baseline.parameters["investment.growth"]
    own = growth.model_copy(update={"form": tc.Empirical(values=[2.0, 3.0, 4.0])})
    values = {**baseline.parameters["data.binding"].form.values, "other": tc.Point(value=1)}
    binding = baseline.parameters["data.binding"]
    by = binding.model_copy(update={"form": binding.form.model_copy(update={"values": values})})
    return {
        "horizon": (baseline.replace({}, time=time), "scenarios-differ-elsewhere", "time"),
        "component": (baseline.without("data_wall"), "scenarios-differ-elsewhere", "components_on"),
        "copula": (baseline.replace({}, copula=t), "scenarios-differ-elsewhere", "copula"),
        "parameter": (baseline.replace(cap), "quantity-in-one-scenario", "investment.cap_usd"),
        "values": (baseline.replace({}, choices=more, parameters={**baseline.parameters, "data.binding": by}),
                   "choice-values-differ", "choices.data"),
        "sample": (baseline.replace({}, parameters={**baseline.parameters, "investment.growth": own}),
                   "sample-has-no-density", "parameters.investment.growth"),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["horizon", "component", "copula", "parameter", "values", "sample"])
def test_other_differences_are_refused(name: str, run: xr.DataTree, baseline: tc.Scenario) -> None:
    scenario, code, where = _different(baseline)[name]
    with refused(code, where, names=REMEDY):
        tc.log_ratio(run, scenario)


def test_a_change_that_is_too_large_is_refused(run: xr.DataTree, baseline: tc.Scenario) -> None:
    far = baseline.replace({DOUBLING: tc.LogNormal(p05=3.5, p95=8, unit="year")})
    with refused("weights-too-uneven", "k-hat", names=("at most 0.7", REMEDY)):
        tc.reweight(run, tc.log_ratio(run, far))


def test_too_few_effective_draws_are_refused(run: xr.DataTree) -> None:
    few = np.where(np.arange(DRAWS) < 60, 0.0, -20.0)
    with refused("too-few-effective-draws", "effective sample size", names="at least 100"):
        tc.reweight(run, few)


@pytest.mark.parametrize(
    ("ratio", "refusal"),
    [
        (np.zeros(7), Refusal("log-ratio-count", "log_ratio", got=(7,))),
        (
            np.where(np.arange(DRAWS) == 5, np.nan, 0.0),
            Refusal("invalid-log-ratio", "log_ratio", got="nan of draw 5"),
        ),
        (
            np.where(np.arange(DRAWS) == 5, np.inf, 0.0),
            Refusal("invalid-log-ratio", "log_ratio", got="inf of draw 5"),
        ),
        (np.full(DRAWS, -np.inf), Refusal("too-few-stored-draws", "run", got=0, names="at least 100")),
    ],
    ids=["shape", "nan", "inf", "none"],
)
def test_what_is_no_ratio_is_refused(ratio: np.ndarray, refusal: Refusal, run: xr.DataTree) -> None:
    with refusal.expected():
        tc.reweight(run, ratio)


def test_without_arviz_the_line_says_so(run: xr.DataTree, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("arviz"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with refused("arviz-missing", "arviz_stats"):
        tc.reweight(run, np.zeros(DRAWS))


@pytest.mark.slow
def test_new_data_as_in_the_docstring(monkeypatch: pytest.MonkeyPatch, baseline_file: Path) -> None:
    monkeypatch.chdir(baseline_file.parents[1])
    found = doctest.testmod(module)
    assert found.failed == 0
    assert found.attempted > 10


def test_new_data_move_the_input_that_they_are_about(run: xr.DataTree, baseline: tc.Scenario) -> None:
    # A normal likelihood in the logarithm, of which the baseline's lognormal is the conjugate prior.
    log = np.log(run["inputs"][DOUBLING].values)
    family = baseline.parameters[DOUBLING].form.family
    ratio = -0.5 * ((log - np.log(2.2)) / 0.2) ** 2
    # Of all draws, counted or not, the answer is known: so none is left out here.
    free = run.copy(deep=True)
    free["outcomes"] = free["outcomes"].dataset.assign(standing=free["outcomes"]["standing"] * 0)
    weights = tc.reweight(free, ratio).weights.values
    precision = 1.0 / family.sigma**2 + 1.0 / 0.2**2
    mean = (family.mu / family.sigma**2 + np.log(2.2) / 0.2**2) / precision
    error = np.sqrt(np.sum(weights**2 * (log - mean) ** 2))
    assert abs(np.sum(weights * log) - mean) < MOST_ERRORS * error
    assert np.sqrt(np.sum(weights * (log - mean) ** 2)) == pytest.approx(precision**-0.5, rel=0.03)


@pytest.fixture(scope="module")
def files(
    run: xr.DataTree, tmp_path_factory: pytest.TempPathFactory, baseline_file: Path
) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("reweight")
    scenario = folder / "slower.toml"
    scenario.write_text(
        f'extends = "{baseline_file}"\nname = "slower"\n[parameters.{HALVING}]\n'
        'distribution = "percentiles"\nspace = "log"\np05 = 4\np50 = 10\np95 = 24\nunit = "month"\n'
        'source = "a trial"\nas_of = 2026-08-22\nbasis = "guess"\n'
    )
    return tc.save_run(run, folder / "run.nc"), scenario


@pytest.mark.slow
def test_the_command_prints_both_beside_each_other(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reweight", str(files[0]), "--to", str(files[1])]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    place = next(k for k, line in enumerate(lines) if line.startswith(" TAI "))
    assert any(line.startswith("   reweighted ") for line in lines[place + 1 : place + 5])
    # The heading "not by 2126" stands in two lines.
    # A second table, of the headline alone, says the difference.
    heading, _ = (k for k, line in enumerate(lines) if line.startswith(" by the end of"))
    assert lines[heading - 1].split() == ["not", "by"]
    assert lines[heading].split()[-1] == "2126"
    assert "stored draws of baseline, reweighted to slower: k-hat 0." in out
    assert "effective sample size " in out


@pytest.mark.slow
def test_the_command_gives_json(
    files: tuple[Path, Path], run: xr.DataTree, changes: dict[str, tc.Scenario],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert main(["reweight", str(files[0]), "--to", str(files[1]), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    found = tc.reweight(run, tc.log_ratio(run, changes["percentiles"]))
    assert (answer["khat"], answer["ess"]) == (pytest.approx(found.khat), pytest.approx(found.ess))
    (row,) = (r for r in answer["percentiles"] if r["quantity"] == "tai" and not r["condition"])
    wanted = found.percentiles("tai", [50])
    (after,) = (r for r in row["after"] if r["percentile"] == 50.0)
    assert after["value"] == float(wanted[0])
    assert row["after"][-1]["value"] is None  # not by the horizon
    (row,) = (r for r in answer["probabilities"] if r["quantity"] == "tai" and not r["condition"])
    for when, source in (
        ("before", tc.probability_by(run, "tai", [2030])),
        ("after", found.probability_by("tai", [2030])),
    ):
        assert row[f"not_by_horizon_{when}"] == source.attrs["not_by_horizon"] > 0.0


@pytest.mark.slow
def test_the_command_refuses_in_one_line(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], baseline_file: Path
) -> None:
    other = baseline_file.parent / "open_loop.toml"
    assert main(["reweight", str(files[0]), "--to", str(other)]) == 2
    assert capsys.readouterr().err.startswith("timecone: components_on: the scenarios differ in more than")
