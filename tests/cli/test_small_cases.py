"""Small files that once went wrong, each run as a user runs it and held against its right value.

Each scenario extends a rig in which the date of TAI is 2026 + requirement - 20, exactly.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from scipy import stats

import timecone as tc
from calculator import REQUIREMENT, SOURCE, UNIFORM, calculator, formula
from refusals import Refusal, refused
from timecone.cli.inputs import correlation_rows, input_rows
from timecone.history import read

pytestmark = pytest.mark.usefixtures("_no_figures")

DRAWS = 20_000
STATED = {"unit": "1"} | SOURCE
SKEWED = {"distribution": "lognormal", "median": 2, "sigma": 0.5} | STATED
KEPT_AT_ANOTHER_START = [
    f"parameters.{name}"
    for name in (
        "threshold.reference_year",
        "hardware.price_performance",
        "hardware.headroom",
        "economy.output",
        "investment.largest_run",
        "algorithms.headroom",
    )
]


@pytest.fixture
def case(tmp_path: Path) -> Any:
    """Write a file that extends the rig: its requirement as a formula or a table, and more of its content."""

    def write(requirement: str | dict[str, Any], **content: Any) -> Path:
        (tmp_path / "calculator.toml").write_text(tomli_w.dumps(calculator()), encoding="utf-8")
        stated = formula(requirement) if isinstance(requirement, str) else requirement
        child = {
            "extends": "calculator.toml",
            "name": "case",
            "parameters": {"threshold": {"requirement": stated}},
        }
        path = tmp_path / "case.toml"
        path.write_text(tomli_w.dumps(child | content), encoding="utf-8")
        return path

    return write


def _simulated(path: Path, draws: int) -> tuple[Any, np.ndarray]:
    run = tc.simulate(tc.load(path), draws=draws, seed=1, threads=1, paths=0)
    return run, run["outcomes"]["arrival"].sel(milestone="tai").values


@pytest.mark.slow
def test_the_rig_is_arithmetic(case: Any) -> None:
    run, tai = _simulated(case(REQUIREMENT), 2000)
    requirement = run["inputs"]["threshold.requirement"].values
    # A requirement below the compute of the start has been met, and is not dated before the start.
    np.testing.assert_allclose(tai, np.maximum(2006.0 + requirement, 2026.0), rtol=0.0, atol=1e-9)


@pytest.mark.slow
def test_atom_in_mixture(case: Any) -> None:
    delay = (
        {
            "distribution": "mixture",
            "components": [
                {"weight": 0.3, "distribution": "point", "value": 0},
                {"weight": 0.7, "distribution": "lognormal", "p05": 1, "p95": 10},
            ],
        }
        | STATED
        | {"unit": "year"}
    )
    draws = 8000
    _, tai = _simulated(case("where(delay == 0, 25, 30)", quantities={"delay": delay}), draws)
    dates, counts = np.unique(np.round(tai, 9), return_counts=True)
    assert dates.tolist() == [2031.0, 2036.0]
    assert stats.binomtest(int(counts[0]), draws, 0.3).pvalue > 1e-6


def test_correlated_discrete(case: Any) -> None:
    a = {"distribution": "discrete", "values": [1, 2], "probabilities": [0.9, 0.1]} | STATED
    pair = {"between": ["a", "b"], "rho": 0.7} | SOURCE
    path = case("25 + a + b", quantities={"a": a, "b": SKEWED}, correlations=[pair])
    (row,) = correlation_rows(tc.load(path))
    assert row["achieved"] == pytest.approx(0.396, abs=0.02)
    assert row["attainable"] == pytest.approx(0.52, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("requirement", "reason"),
    [
        ("where(u < 0.2, log(0 - 1), 30)", "the result is undefined"),
        ("where(u < 0.2, 1 / 0, 30)", "division by zero"),
    ],
    ids=["formula_nan", "formula_division_by_zero"],
)
def test_a_failing_formula(requirement: str, reason: str, case: Any, call: Any, tmp_path: Path) -> None:
    path = case(requirement, quantities={"u": UNIFORM})
    draws = 4000
    code, printed, err = call("run", path, "-n", draws, "--out", tmp_path / "out", "--threads", 1)
    assert code == 3
    assert reason in err
    assert "If all failed draws arrived first" in " ".join(printed.split())
    answer = json.loads(call("percentiles", tmp_path / "out" / "run.nc", "--json").out)
    assert stats.binomtest(answer["accounts"]["failed"], draws, 0.2).pvalue > 1e-6


@pytest.mark.parametrize(("how", "atoms"), [("resample", True), ("smooth", False)])
def test_empirical_ties(how: str, *, atoms: bool, case: Any) -> None:
    pauses = {"distribution": "empirical", "values": [0] * 19 + [100]} | STATED
    if how == "resample":
        pauses |= {"resample": True}
    scenario = tc.load(case("25 + pauses / 10", quantities={"pauses": pauses}))
    (row,) = (r for r in input_rows(scenario) if r["input"] == "pauses")
    drawn = tc.sample(scenario, DRAWS)["pauses"].values
    error = drawn.std() / DRAWS**0.5
    assert abs(drawn.mean() - float(row["mean"])) < 5.0 * error + 0.05
    if atoms:
        assert float(row["mean"]) == pytest.approx(5.0)
        assert set(np.unique(drawn)) == {0.0, 100.0}
        assert stats.binomtest(int((drawn > 0).sum()), DRAWS, 0.05).pvalue > 1e-6


@pytest.mark.slow
def test_long_horizon(case: Any) -> None:
    wait = {"distribution": "lindy", "age": 364} | STATED | {"unit": "year"}
    content = {"time": {"start": 2021.0, "horizon": 2521.0, "step": "year"}, "quantities": {"wait": wait}}
    with refused("group-restated-in-part", "case.toml: parameters.threshold.requirement") as failure:
        tc.load(case("20 + wait", **content))
    # The remedy is one line that can be pasted.
    (keep,) = re.findall(r"write keep = (\[.*\])\.$", failure.value.remedy)
    assert json.loads(keep) == KEPT_AT_ANOTHER_START
    draws = 1000  # each trend of centuries is crossed in logarithms, draw by draw
    run, _ = _simulated(case("20 + wait", keep=json.loads(keep), **content), draws)
    rest = tc.probability_by(run, "tai", [2520]).attrs["not_by_horizon"]
    assert rest == pytest.approx(364.0 / 864.0, abs=4.0 * 0.5 / draws**0.5)


def test_quantile_never(case: Any) -> None:
    q = {"distribution": "percentiles", "p25": 2030, "p50": 2040, "p75": np.inf} | STATED
    drawn = tc.sample(tc.load(case("30 + 0 * where(q < 1e9, q, 0)", quantities={"q": q})), DRAWS)["q"].values
    for value, share in ((2030.0, 0.25), (2040.0, 0.5), (1e300, 0.75)):
        assert stats.binomtest(int((drawn <= value).sum()), DRAWS, share).pvalue > 1e-6


def test_zero_weight(case: Any) -> None:
    q = {"distribution": "discrete", "values": [-1, 1], "probabilities": [0, 1]} | STATED
    run, tai = _simulated(case("30 + 0 * q", quantities={"q": q}), 1000)
    assert set(run["inputs"]["q"].values) == {1.0}
    np.testing.assert_allclose(tai, 2036.0, rtol=0.0, atol=1e-9)


def test_correlation_one(case: Any) -> None:
    pair = {"between": ["a", "b"], "rho": 1} | SOURCE
    quantities = {"a": SKEWED | {"median": 1}, "b": SKEWED}
    drawn = tc.sample(tc.load(case("25 + a + b", quantities=quantities, correlations=[pair])), DRAWS)
    # Both lognormal with one sigma: the same rank makes one twice the other.
    np.testing.assert_allclose(drawn["b"].values, 2.0 * drawn["a"].values, rtol=1e-9)


@pytest.mark.parametrize("family", ["triangular", "pert"])
def test_pert_by_quantiles(family: str, case: Any) -> None:
    q = {"distribution": family, "p10": 0.85, "mode": 1, "p90": 1.15} | STATED
    drawn = tc.sample(tc.load(case("30 + 0 * q", quantities={"q": q})), DRAWS)["q"].values
    for value, share in ((0.85, 0.1), (1.0, 0.5), (1.15, 0.9)):
        assert stats.binomtest(int((drawn <= value).sum()), DRAWS, share).pvalue > 1e-6


def test_uncertain_spread(case: Any) -> None:
    sd = UNIFORM | {"low": 1, "high": 2}
    nested = {"distribution": "normal", "mean": 25, "sd": "sd", "unit": "log10 FLOP"} | SOURCE
    with refused("argument-not-a-number", names='expression = "normal(u, mean, sd)"'):
        tc.load(case(nested, quantities={"sd": sd}))
    scenario = tc.load(case("normal(u, 25, sd)", quantities={"sd": sd, "u": UNIFORM}))
    requirement = tc.sample(scenario, DRAWS, seed=1)["threshold.requirement"].values
    # The variance of the mixture is the mean square of a number uniform between 1 and 2.
    assert requirement.var() == pytest.approx(7.0 / 3.0, rel=0.05)


HISTORY = {
    "chips_prices_with_dollar_sign": (
        [
            "Hardware name,Release date,FP32 (single precision) performance (FLOP/s),Release price (USD)",
            "A100,2020-05-14,19500000000000,$12000.00",
        ],
        "price",
        12_000.0,
    ),
    "runs_costs_with_dollar_sign": (
        [
            "Model,Publication date,Training compute (FLOP),Training compute cost (2023 USD)",
            "R,2024-12-24,3.4e24,$6770000.00",
        ],
        "cost",
        6.77e6,
    ),
    "runs_flags_checked": (
        ["System,Publication date,Training compute (FLOP),Frontier model", "G,2023-12-06,5e25,checked"],
        "frontier",
        True,
    ),
    "runs_in_petaflop": (
        ["Entity,Day,Training computation (petaFLOP),Domain", "F,2024-07-29,4300000000,Language"],
        "training_compute",
        4.3e24,
    ),
}


@pytest.mark.parametrize("name", HISTORY)
def test_a_table_as_users_download_it(name: str, tmp_path: Path) -> None:
    lines, column, value = HISTORY[name]
    path = tmp_path / "table.csv"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert read(path).rows[column].iloc[0] == value


OWN = {
    "threshold.requirement": tc.LogNormal(p10=1e32, p90=1e40, unit="FLOP"),
    "algorithms.halving_time": tc.LogNormal(p10=6, p90=14, unit="month"),
    "investment.growth": tc.LogNormal(p10=2, p90=4, unit="x/year"),
    "investment.cap_usd": tc.LogNormal(p10=1e11, p90=2e12, unit="USD"),
}


def _own_file(folder: Path, **more: Any) -> Path:
    parameters: dict[str, Any] = {}
    for name, stated in (OWN | more).items():
        component, key = name.split(".")
        parameters.setdefault(component, {})[key] = (
            {"distribution": stated.name, "unit": stated.unit} | dict(stated.arguments) | SOURCE
        )
    parameters["hardware"] = {"headroom": formula("log10(2) * 6 / hardware.doubling_time", "OOM")}
    path = folder / "own.toml"
    path.write_text(
        tomli_w.dumps({"extends": "baseline", "name": "own", "parameters": parameters}), encoding="utf-8"
    )
    return path


def test_own_threshold(fails: Any, tmp_path: Path) -> None:
    place = "own.toml: parameters.threshold.requirement"
    remedy = "State parameters.threshold.reference_year"
    fails(Refusal("group-restated-in-part", place, names=remedy), "check", _own_file(tmp_path))


def test_own_threshold_with_reference_year(call: Any, tmp_path: Path) -> None:
    year = {"threshold.reference_year": tc.Point(value=2026, unit="calendar year")}
    answer = call("check", _own_file(tmp_path, **year))
    assert answer.code == 0, answer.err
    scenario = tc.load(tmp_path / "own.toml")
    assert set(tc.sample(scenario, 100)["threshold.reference_year"].values) == {2026.0}
    assert "as published" not in str(scenario.conditions)
