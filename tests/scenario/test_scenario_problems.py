"""Scenarios that contradict the model or themselves: every such scenario, and the line that says so."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import timecone as tc
from edits import ABSENT, content_of, edited
from refusals import Refusal, refused
from timecone.scenario.file import parse

P = "parameters"
DOUBLING = f"{P}.hardware.doubling_time"
YEARS = f"{P}.threshold.reference_year"
SOURCE = {"source": "s", "as_of": date(2026, 1, 1), "basis": "guess"}
GAP, REQUIREMENT = "automation.gap", "threshold.requirement"


GROWTH = {"distribution": "uniform", "low": -200, "high": 3, "unit": "%/year"} | SOURCE
NONE = {"distribution": "point", "value": 0, "unit": "1/year"} | SOURCE


def _pair(one: str, other: str, rho: float = 0.5) -> dict[str, Any]:
    return {"between": [one, other], "rho": rho} | SOURCE


REFUSED: dict[str, tuple[dict[str, Any], Refusal]] = {
    # Time.
    "horizon before the start": (
        {"time.horizon": 2025.5},
        Refusal("horizon-not-after-start", "time.horizon", got=2025.5),
    ),
    "horizon at the start": (
        {"time.horizon": 2026},
        Refusal("horizon-not-after-start", "time.horizon", got=2026.0),
    ),
    "too many steps": (
        {"time.horizon": 7026.25},
        Refusal("too-many-steps", "time.horizon", got=20001, names="at most 20000"),
    ),
    "as_of after the horizon": (
        {"as_of": date(2126, 1, 1)},
        Refusal("as-of-after-horizon", "as_of", got="2126-01-01"),
    ),
    "unknown milestone": (
        {"not_yet.milestones": ["tai", "automation_30"]},
        Refusal("unknown-milestone", "not_yet.milestones", got="automation_30", names="'automation_50'"),
    ),
    # Parameters.
    "missing parameter": (
        {f"{P}.automation.gap": ABSENT, "correlations": []},
        Refusal("missing-parameter", f"{P}.automation.gap"),
    ),
    "no parameters": (
        {"parameters": ABSENT, "choices": ABSENT, "correlations": []},
        Refusal("missing-parameter", f"{P}.hardware.price_performance"),
    ),
    "values below the support": (
        {
            f"{DOUBLING}.distribution": "uniform",
            f"{DOUBLING}.p05": ABSENT,
            f"{DOUBLING}.p95": ABSENT,
            f"{DOUBLING}.low": -1,
            f"{DOUBLING}.high": 4,
        },
        Refusal("distribution-outside-domain", DOUBLING, got=(-1.0, 4.0), names="above 0"),
    ),
    "values at the bound of an open support": (
        {
            f"{DOUBLING}.distribution": "point",
            f"{DOUBLING}.p05": ABSENT,
            f"{DOUBLING}.p95": ABSENT,
            f"{DOUBLING}.value": 0,
        },
        Refusal("distribution-outside-domain", DOUBLING, got=(0.0, 0.0), names="above 0"),
    ),
    "one value of a choice outside the support": (
        {f"{YEARS}.values.bio_anchors.value": 20.0},
        Refusal(
            "distribution-outside-domain",
            f"{YEARS}.values.bio_anchors",
            got=(20.0, 20.0),
            names=("above 1900", "below 2200"),
        ),
    ),
    "support in the model's unit": (
        {f"{P}.economy.growth": GROWTH},
        Refusal("distribution-outside-domain", f"{P}.economy.growth", got=(-2.0, 0.03), names="above -1"),
    ),
    # Choices.
    "weights above 1": (
        {"choices.threshold.weights.bio_anchors": 0.5},
        Refusal("weights-do-not-sum", "choices.threshold.weights", got=1.1),
    ),
    "weights below 1": (
        {"choices.threshold.weights.bio_anchors": 0.4 - 1e-6},
        Refusal("weights-do-not-sum", "choices.threshold.weights", got=0.999999),
    ),
    "no values to weigh": (
        {"choices.threshold.weights": {}},
        Refusal("weights-do-not-sum", "choices.threshold.weights", got=0),
    ),
    "unused choice": (
        {"choices.world": {"weights": {"a": 1.0}} | SOURCE},
        Refusal("unused-choice", "choices.world"),
    ),
    "unknown choice": (
        {f"{YEARS}.by": "treshold"},
        Refusal("unknown-choice", f"{YEARS}.by", got="treshold", names="'threshold'"),
    ),
    "unknown value of a choice": (
        {f"{YEARS}.values.bio_anchor": {"distribution": "point", "value": 2020.0}},
        Refusal("unknown-choice-value", f"{YEARS}.values.bio_anchor", names="'bio_anchors'"),
    ),
    "value without a distribution": (
        {f"{YEARS}.values.full_takeoff": ABSENT},
        Refusal("choice-value-without-distribution", f"{YEARS}.values.full_takeoff"),
    ),
    "'by' beside one distribution": (
        {f"{DOUBLING}.by": "threshold"},
        Refusal("two-forms", DOUBLING, got=["distribution", "by"]),
    ),
    # Correlations.
    "unknown name in a pair": (
        {"correlations.0.between": [REQUIREMENT, "automation.gapp"]},
        Refusal(
            "correlation-name-unknown",
            "correlations[0].between",
            got="automation.gapp",
            names="'automation.gap'",
        ),
    ),
    "parameter at its default in a pair": (
        {"correlations.0.between": ["investment.cap_usd", GAP]},
        Refusal(
            "correlation-name-unknown",
            "correlations[0].between",
            got="investment.cap_usd",
            names="'investment.cap_share'",
        ),
    ),
    "correlation of a point": (
        {"correlations.0.between": ["economy.output", GAP]},
        Refusal("certain-parameter-correlated", "correlations[0].between", got="economy.output"),
    ),
    "correlation of points by choice": (
        {"correlations.0.between": [GAP, "threshold.reference_year"]},
        Refusal("certain-parameter-correlated", "correlations[0].between", got="threshold.reference_year"),
    ),
    "pair with itself": (
        {"correlations.0.between": [GAP, GAP]},
        Refusal(
            "invalid-correlation-pair", "correlations[0].between", got=("automation.gap", "automation.gap")
        ),
    ),
    "pair twice": (
        {"correlations": [_pair(REQUIREMENT, GAP), _pair("hardware.headroom", GAP), _pair(REQUIREMENT, GAP)]},
        Refusal(
            "invalid-correlation-pair",
            "correlations[2].between",
            got=("threshold.requirement", "automation.gap"),
        ),
    ),
    "pair twice, the other way round": (
        {"correlations": [_pair(REQUIREMENT, GAP), _pair(GAP, REQUIREMENT, -0.5)]},
        Refusal(
            "invalid-correlation-pair",
            "correlations[1].between",
            got=("automation.gap", "threshold.requirement"),
        ),
    ),
}


@pytest.fixture(scope="module")
def content(baseline: tc.Scenario) -> dict[str, Any]:
    return content_of(baseline)


@pytest.mark.parametrize("case", REFUSED)
def test_the_line_says_where_what_and_the_remedy(case: str, content: dict[str, Any]) -> None:
    changes, refusal = REFUSED[case]
    with refusal.expected():
        parse(edited(content, changes))


def test_contradictory_correlations_print_pairs_that_the_scenario_accepts(content: dict[str, Any]) -> None:
    names = (REQUIREMENT, GAP, "hardware.headroom")
    pairs = [_pair(names[0], names[1], 0.9), _pair(names[1], names[2], 0.9), _pair(names[0], names[2], -0.9)]
    with refused("inconsistent-correlations", "correlations") as failure:
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
