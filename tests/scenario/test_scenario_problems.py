"""Scenarios that contradict the model or themselves: every such scenario, and the line that says so."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import timecone as tc
from edits import ABSENT, content_of, edited
from timecone.errors import ScenarioError, UsageError
from timecone.scenario.file import parse

P = "parameters"
DOUBLING = f"{P}.hardware.doubling_time"
YEARS = f"{P}.threshold.reference_year"
SOURCE = {"source": "s", "as_of": date(2026, 1, 1), "basis": "guess"}
GAP, REQUIREMENT = "automation.gap", "threshold.requirement"


def _removal(one: str, other: str) -> str:
    return f'Take the pair out, an inherited one by remove = [["{one}", "{other}"]].'


GROWTH = {"distribution": "uniform", "low": -200, "high": 3, "unit": "%/year"} | SOURCE
NONE = {"distribution": "point", "value": 0, "unit": "1/year"} | SOURCE
_TRUNCATE = "Truncate it (truncate = { low = ..., high = ... }) or choose another family."
_LEAVES = "the distribution reaches values that the parameter cannot take"
_TWICE = "a pair is named twice, or a parameter is paired with itself"


def _pair(one: str, other: str, rho: float = 0.5) -> dict[str, Any]:
    return {"between": [one, other], "rho": rho} | SOURCE


def says(where: str, what: str, **more: Any) -> str:
    return str(ScenarioError("any", what, where=where, **more))


LINES: dict[str, tuple[dict[str, Any], str]] = {
    # Time.
    "horizon before the start": (
        {"time.horizon": 2025.5},
        says("time.horizon", "the horizon is not after the start", got=2025.5, allowed="a year after 2026"),
    ),
    "horizon at the start": (
        {"time.horizon": 2026},
        says("time.horizon", "the horizon is not after the start", got=2026.0, allowed="a year after 2026"),
    ),
    "too many steps": (
        {"time.horizon": 7026.25},
        says("time.horizon", "too many time steps", got=20_001, allowed="at most 20000",
             remedy="Use a nearer horizon or a longer step."),
    ),
    "as_of after the horizon": (
        {"as_of": date(2126, 1, 1)}, says("as_of", "as_of is not before the horizon", got="2126-01-01")
    ),
    "unknown milestone": (
        {"not_yet.milestones": ["tai", "automation_30"]},
        says("not_yet.milestones", "unknown milestone", got="automation_30",
             remedy="Did you mean 'automation_50'?"),
    ),
    # Parameters.
    "missing parameter": (
        {f"{P}.automation.gap": ABSENT, "correlations": []},
        says(f"{P}.automation.gap", "the compute model needs this parameter",
             remedy="Effective compute between automating 20 % and 100 % of tasks."),
    ),
    "no parameters": (
        {"parameters": ABSENT, "choices": ABSENT, "correlations": []},
        says(f"{P}.hardware.price_performance", "the compute model needs this parameter",
             remedy="FLOP of training actually done per USD of amortised cost, at the start."),
    ),
    "values below the support": (
        {f"{DOUBLING}.distribution": "uniform", f"{DOUBLING}.p05": ABSENT, f"{DOUBLING}.p95": ABSENT,
         f"{DOUBLING}.low": -1, f"{DOUBLING}.high": 4},
        says(DOUBLING, _LEAVES, got=(-1.0, 4.0), allowed="values above 0 year", remedy=_TRUNCATE),
    ),
    "values at the bound of an open support": (
        {f"{DOUBLING}.distribution": "point", f"{DOUBLING}.p05": ABSENT, f"{DOUBLING}.p95": ABSENT,
         f"{DOUBLING}.value": 0},
        says(DOUBLING, _LEAVES, got=(0.0, 0.0), allowed="values above 0 year", remedy=_TRUNCATE),
    ),
    "one value of a choice outside the support": (
        {f"{YEARS}.values.bio_anchors.value": 20.0},
        says(f"{YEARS}.values.bio_anchors", _LEAVES, got=(20.0, 20.0),
             allowed="values above 1900 and below 2200 calendar year", remedy=_TRUNCATE),
    ),
    "support in the model's unit": (
        {f"{P}.economy.growth": GROWTH},
        says(f"{P}.economy.growth", _LEAVES, got=(-2.0, 0.03), allowed="values above -1 1/year",
             remedy=_TRUNCATE),
    ),
    # Choices.
    "weights above 1": (
        {"choices.threshold.weights.bio_anchors": 0.5},
        says("choices.threshold.weights", "the weights do not sum to 1", got=1.1, allowed="1",
             remedy="Divide each weight by the sum, or add the missing value."),
    ),
    "weights below 1": (
        {"choices.threshold.weights.bio_anchors": 0.4 - 1e-6},
        says("choices.threshold.weights", "the weights do not sum to 1", got=0.999999, allowed="1",
             remedy="Divide each weight by the sum, or add the missing value."),
    ),
    "no values to weigh": (
        {"choices.threshold.weights": {}},
        says("choices.threshold.weights", "the weights do not sum to 1", got=0, allowed="1",
             remedy="Divide each weight by the sum, or add the missing value."),
    ),
    "unused choice": (
        {"choices.world": {"weights": {"a": 1.0}} | SOURCE},
        says("choices.world", "nothing depends on this choice",
             remedy="Use it with by = ... or remove it."),
    ),
    "unknown choice": (
        {f"{YEARS}.by": "treshold"},
        says(f"{YEARS}.by", "unknown choice", got="treshold", remedy="Did you mean 'threshold'?"),
    ),
    "unknown value of a choice": (
        {f"{YEARS}.values.bio_anchor": {"distribution": "point", "value": 2020.0}},
        says(f"{YEARS}.values.bio_anchor", "choice 'threshold' has no such value",
             remedy="Did you mean 'bio_anchors'?"),
    ),
    "value without a distribution": (
        {f"{YEARS}.values.full_takeoff": ABSENT},
        says(f"{YEARS}.values.full_takeoff", "no distribution for a value of choice 'threshold'"),
    ),
    "'by' beside one distribution": (
        {f"{DOUBLING}.by": "threshold"},
        says(DOUBLING, "two ways to come about at once", got=["distribution", "by"],
             allowed="one of distribution, by (with values), expression, of (with points)"),
    ),
    # Correlations.
    "unknown name in a pair": (
        {"correlations.0.between": [REQUIREMENT, "automation.gapp"]},
        says("correlations[0].between", "no such parameter or choice in this scenario", got="automation.gapp",
             remedy="Did you mean 'automation.gap'?"),
    ),
    "parameter at its default in a pair": (
        {"correlations.0.between": ["investment.cap_usd", GAP]},
        says("correlations[0].between", "no such parameter or choice in this scenario",
             got="investment.cap_usd", remedy="Did you mean 'investment.cap_share'?"),
    ),
    "correlation of a point": (
        {"correlations.0.between": ["economy.output", GAP]},
        says("correlations[0].between", "a parameter without uncertainty has no rank to correlate",
             got="economy.output", remedy=_removal("economy.output", GAP)),
    ),
    "correlation of points by choice": (
        {"correlations.0.between": [GAP, "threshold.reference_year"]},
        says("correlations[0].between", "a parameter without uncertainty has no rank to correlate",
             got="threshold.reference_year",
             remedy=_removal(GAP, "threshold.reference_year")),
    ),
    "pair with itself": (
        {"correlations.0.between": [GAP, GAP]},
        says("correlations[0].between", _TWICE, got=(GAP, GAP)),
    ),
    "pair twice": (
        {"correlations": [_pair(REQUIREMENT, GAP), _pair("hardware.headroom", GAP), _pair(REQUIREMENT, GAP)]},
        says("correlations[2].between", _TWICE, got=(REQUIREMENT, GAP)),
    ),
    "pair twice, the other way round": (
        {"correlations": [_pair(REQUIREMENT, GAP), _pair(GAP, REQUIREMENT, -0.5)]},
        says("correlations[1].between", _TWICE, got=(GAP, REQUIREMENT)),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def content(baseline: tc.Scenario) -> dict[str, Any]:
    return content_of(baseline)


@pytest.mark.parametrize("case", LINES)
def test_the_line_says_where_what_and_the_remedy(case: str, content: dict[str, Any]) -> None:
    changes, line = LINES[case]
    with pytest.raises(UsageError) as failure:
        parse(edited(content, changes))
    assert str(failure.value) == line


def test_contradictory_correlations_print_pairs_that_the_scenario_accepts(content: dict[str, Any]) -> None:
    names = (REQUIREMENT, GAP, "hardware.headroom")
    pairs = [_pair(names[0], names[1], 0.9), _pair(names[1], names[2], 0.9), _pair(names[0], names[2], -0.9)]
    with pytest.raises(ScenarioError) as failure:
        parse(edited(content, {"correlations": pairs}))
    first, *rows = str(failure.value).splitlines()
    assert first.startswith("correlations: the correlations contradict each other")
    assert len(rows) == 3
    mended = []
    for row in rows:
        pair, rho = row.rsplit(":", 1)
        mended.append(_pair(*pair.strip().split(" - "), float(rho)))
    assert len(parse(edited(content, {"correlations": mended})).correlations) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"time.horizon": 7026.0},
        {"as_of": date(2125, 12, 31)},
        {"choices.threshold.weights.bio_anchors": 0.4 + 1e-12},
        {"choices.threshold.weights": {"bio_anchors": 1.0, "direct_approach": 0.0, "full_takeoff": 0.0}},
        {f"{P}.algorithms.breakthrough_rate": NONE},
        {f"{YEARS}.values.bio_anchors": {"distribution": "uniform", "low": 2019.0, "high": 2021.0},
         "correlations": [_pair(GAP, "threshold.reference_year")]},
    ],
    ids=["most steps", "as_of at the end", "rounding of weights", "a weight of 0",
         "bound of a closed support", "uncertain in one value"],
)  # fmt: skip
def test_what_lies_just_inside_is_accepted(changes: dict[str, Any], content: dict[str, Any]) -> None:
    parse(edited(content, changes))
