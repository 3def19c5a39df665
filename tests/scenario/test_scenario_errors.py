"""Keys, values and tables that no scenario file may hold: where, what, and what to do."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

import timecone as tc
from edits import ABSENT, content_of, edited
from refusals import Refusal, refused
from timecone.scenario.file import parse

PRICE = "parameters.hardware.price_performance"
OUTPUT = "parameters.economy.output"
YEARS = "parameters.threshold.reference_year"
NAN, INF = float("nan"), float("inf")

LINES: dict[str, tuple[dict[str, Any], Refusal]] = {
    # Keys.
    "unknown key": ({"condition": "x"}, Refusal("unknown-key", "condition", names="'conditions'")),
    "unknown key like no other": (
        {"zzz": 1},
        Refusal("unknown-key", "zzz", names=("Known: as_of, choices,", "redraw, remove, run, time, title")),
    ),
    "unknown key of time": ({"time.stp": "month"}, Refusal("unknown-key", "time.stp", names="'step'")),
    "unknown key of run": ({"run.draw": 10}, Refusal("unknown-key", "run.draw", names="'draws'")),
    "unknown key of not_yet": ({"not_yet.rul": "off"}, Refusal("unknown-key", "not_yet.rul", names="'rule'")),
    "unknown key of a choice": (
        {"choices.threshold.weight": {"a": 1.0}},
        Refusal("unknown-key", "choices.threshold.weight", names="'weights'"),
    ),
    "unknown key of a correlation": (
        {"correlations.0.rh": 0.1},
        Refusal("unknown-key", "correlations[0].rh", names="'rho'"),
    ),
    "unknown key of a parameter": (
        {f"{PRICE}.sorce": "x"},
        Refusal("unknown-key", f"{PRICE}.sorce", names="'source'"),
    ),
    "unknown date of a parameter": (
        {f"{PRICE}.as_off": date(2026, 1, 1)},
        Refusal("unknown-key", f"{PRICE}.as_off", names="'as_of'"),
    ),
    "unknown key like none of a parameter's": ({f"{PRICE}.zzz": "x"}, Refusal("unknown-key", f"{PRICE}.zzz")),
    "misspelt quantity": (
        {"parameters.hardware.doubling_tme": {}},
        Refusal("unknown-parameter", "parameters.hardware.doubling_tme", names="'hardware.doubling_time'"),
    ),
    "misspelt component": (
        {"parameters.hardwear.headroom": {}},
        Refusal("unknown-parameter", "parameters.hardwear.headroom", names="'hardware.headroom'"),
    ),
    # Tables.
    "parameters no table": ({"parameters": 3}, Refusal("not-a-table", "parameters", got=3)),
    "component no table": ({"parameters.economy": 3}, Refusal("not-a-table", "parameters.economy", got=3)),
    "parameter no table": ({OUTPUT: 1.2e14}, Refusal("not-a-table", OUTPUT, got=120000000000000.0)),
    "values no table": (
        {f"{YEARS}.values": 2020},
        Refusal("choice-without-values", f"{YEARS}.values", got=2020),
    ),
    "one value no table": (
        {f"{YEARS}.values.bio_anchors": 2020},
        Refusal("not-a-table", f"{YEARS}.values.bio_anchors", got=2020),
    ),
    "choices no table": ({"choices": "x"}, Refusal("not-a-table", "choices", got="x")),
    "time no table": ({"time": 2026}, Refusal("not-a-table", "time", got=2026)),
    "run no table": ({"run": 5}, Refusal("not-a-table", "run", got=5)),
    "not_yet no table": ({"not_yet": "off"}, Refusal("not-a-table", "not_yet", got="off")),
    "correlations a table": ({"correlations": {"rho": 1}}, Refusal("not-an-array-of-tables", "correlations")),
    # What is missing.
    "no conditions": ({"conditions": ABSENT}, Refusal("missing-key", "conditions")),
    "no time": ({"time": ABSENT}, Refusal("missing-key", "time")),
    "no start": ({"time.start": ABSENT}, Refusal("missing-key", "time.start")),
    "no unit": ({f"{PRICE}.unit": ABSENT}, Refusal("missing-key", f"{PRICE}.unit")),
    "no basis": ({f"{PRICE}.basis": ABSENT}, Refusal("missing-key", f"{PRICE}.basis")),
    "no weights": (
        {"choices.threshold.weights": ABSENT},
        Refusal("missing-key", "choices.threshold.weights"),
    ),
    "no source of a choice": (
        {"choices.threshold.source": ABSENT},
        Refusal("missing-key", "choices.threshold.source"),
    ),
    "no rho": ({"correlations.0.rho": ABSENT}, Refusal("missing-key", "correlations[0].rho")),
    "no distribution named": (
        {f"{PRICE}.distribution": ABSENT},
        Refusal("no-distribution-named", PRICE, got=["p05", "p95"]),
    ),
    "no distribution at all": (
        {OUTPUT: {"unit": "USD", "source": "s", "as_of": date(2026, 1, 1), "basis": "guess"}},
        Refusal("no-distribution-named", OUTPUT, got=[]),
    ),
    "empty value": (
        {f"{YEARS}.values.bio_anchors": {}},
        Refusal("no-distribution-named", f"{YEARS}.values.bio_anchors", got=[]),
    ),
    # Values.
    "empty source": ({f"{PRICE}.source": " "}, Refusal("empty-text", f"{PRICE}.source", got=" ")),
    "unknown basis": (
        {f"{PRICE}.basis": "gues"},
        Refusal("unknown-value", f"{PRICE}.basis", got="gues"),
    ),
    "unknown step": (
        {"time.step": "week"},
        Refusal("unsupported-step", "time.step", got="week"),
    ),
    "unknown rule": ({"not_yet.rule": "push"}, Refusal("unknown-value", "not_yet.rule", got="push")),
    "no date": (
        {"as_of": datetime(2026, 8, 22, 10)},  # noqa: DTZ001 - as TOML gives it
        Refusal("not-a-date", "as_of"),
    ),
    "start no number": ({"time.start": "now"}, Refusal("not-a-number", "time.start", got="now")),
    "no draws": ({"run.draws": 0}, Refusal("out-of-range", "run.draws", got=0, names="at least 1")),
    "draws no whole number": (
        {"run.draws": 1e6},
        Refusal("not-a-whole-number", "run.draws", got=1000000.0),
    ),
    "negative seed": ({"run.seed": -1}, Refusal("out-of-range", "run.seed", got=-1, names="at least 0")),
    "rho above 1": (
        {"correlations.0.rho": 1.1},
        Refusal("out-of-range", "correlations[0].rho", got=1.1, names="at most 1"),
    ),
    "rho below -1": (
        {"correlations.0.rho": -1.1},
        Refusal("out-of-range", "correlations[0].rho", got=-1.1, names="at least -1"),
    ),
    "negative weight": (
        {"choices.threshold.weights.bio_anchors": -0.1},
        Refusal("out-of-range", "choices.threshold.weights.bio_anchors", got=-0.1, names="at least 0"),
    ),
    "unknown family": (
        {f"{PRICE}.distribution": "lognorml"},
        Refusal("unknown-distribution", PRICE, got="lognorml", names="'lognormal'"),
    ),
    "unknown family of a value": (
        {f"{YEARS}.values.bio_anchors.distribution": "pont"},
        Refusal("unknown-distribution", f"{YEARS}.values.bio_anchors", got="pont", names="'point'"),
    ),
    "family no text": (
        {f"{OUTPUT}.distribution": 3},
        Refusal("not-text", f"{OUTPUT}.distribution", got=3),
    ),
    "value alone": (
        {f"{OUTPUT}.distribution": ABSENT},
        Refusal("no-distribution-named", OUTPUT, got=["value"]),
    ),
    "unknown argument": (
        {f"{OUTPUT}.valu": 3.0},
        Refusal("unknown-argument", OUTPUT, got=["valu", "value"], names="'value'"),
    ),
    "infinite argument": ({f"{OUTPUT}.value": -INF}, Refusal("argument-not-finite", OUTPUT, got=-INF)),
    "never where there is no never": (
        {f"{OUTPUT}.value": INF},
        Refusal("distribution-outside-domain", OUTPUT, names="above 0"),
    ),
    "unknown model": (
        {"model": "comput"},
        Refusal("unknown-model", "model", got="comput", names="'compute'"),
    ),
}
NAMED: dict[str, tuple[dict[str, Any], Refusal]] = {
    "no name at all": ({"name": "a b"}, Refusal("not-a-name", "name", got="a b")),
    "no model": ({"model": ABSENT}, Refusal("missing-key", "model")),
    "model no text": ({"model": 3}, Refusal("not-text", "model", got=3)),
    "number in quotes": ({f"{PRICE}.p05": "8e17"}, Refusal("argument-not-a-number", PRICE, got="8e17")),
    "value in quotes": ({f"{OUTPUT}.value": "1"}, Refusal("argument-not-a-number", OUTPUT, got="1")),
    "list for a number": ({f"{OUTPUT}.value": [1, 2]}, Refusal("argument-not-a-number", OUTPUT, got=[1, 2])),
    "misspelt 'distribution'": (
        {f"{PRICE}.distribution": ABSENT, f"{PRICE}.distributon": "lognormal"},
        Refusal("no-distribution-named", PRICE, got=["distributon", "p05", "p95"], names="'distribution'"),
    ),
    "misspelt 'truncate'": (
        {f"{PRICE}.trunkate": {"low": 1.0}},
        Refusal("unknown-key", f"{PRICE}.trunkate", names="'truncate'"),
    ),
    "unit in a value": (
        {f"{YEARS}.values.bio_anchors.unit": "year"},
        Refusal("unknown-unit", f"{YEARS}.values.bio_anchors.unit", got="year"),
    ),
    "both forms": (
        {f"{YEARS}.distribution": "point", f"{YEARS}.value": 2020},
        Refusal("two-forms", YEARS, got=["distribution", "by"]),
    ),
    "values without 'by'": ({f"{YEARS}.by": ABSENT}, Refusal("no-distribution-named", YEARS, got=["values"])),
    "unread values": (
        {f"{OUTPUT}.values": {"bio_anchors": {"distribution": "point", "value": 1.0}}},
        Refusal("key-of-another-form", f"{OUTPUT}.values"),
    ),
    "unread points": (
        {f"{OUTPUT}.points": [[1, 2]]},
        Refusal("key-of-another-form", f"{OUTPUT}.points"),
    ),
    "interpolation of nothing": (
        {f"{YEARS}.interpolation": "step"},
        Refusal("key-of-another-form", f"{YEARS}.interpolation"),
    ),
    "space of another family": (
        {f"{PRICE}.space": "log"},
        Refusal("argument-not-of-family", f"{PRICE}.space", got="log"),
    ),
    "source of one value": (
        {f"{YEARS}.values.bio_anchors.source": "s"},
        Refusal("key-belongs-beside-by", f"{YEARS}.values.bio_anchors.source", got="s"),
    ),
    "misspelt 'unit'": (
        {f"{PRICE}.unit": ABSENT, f"{PRICE}.unti": "FLOP/USD"},
        Refusal("unknown-key", f"{PRICE}.unti", names="'unit'"),
    ),
    "unit no text": ({f"{PRICE}.unit": 3}, Refusal("not-text", f"{PRICE}.unit", got=3)),
    "a truth value for a weight": (
        {"choices.threshold.weights": {"bio_anchors": True, "direct_approach": False, "full_takeoff": False}},
        Refusal("not-a-number", "choices.threshold.weights.bio_anchors", got=True),
    ),
    "a value of a choice that no run file can name": (
        {"choices.threshold.weights": {"bio anchors": 1.0}},
        Refusal("not-a-name", "choices.threshold.weights.bio anchors", got="bio anchors"),
    ),
    "an endless age": ({"copula": {"kind": "t", "df": INF}}, Refusal("not-finite", "copula.df", got=INF)),
    "a seed beyond what a run file holds": (
        {"run.seed": 2**64},
        Refusal("out-of-range", "run.seed", got=18446744073709551616, names="at most 18446744073709551615"),
    ),
    "more draws than a run file counts": (
        {"run.draws": 10**20},
        Refusal("out-of-range", "run.draws", got=100000000000000000000, names="at most 18446744073709551615"),
    ),
    "year no calendar has": (
        {"time.horizon": 1e308},
        Refusal("out-of-range", "time.horizon", got=1e308, names="at most 9999"),
    ),
    "date in quotes": ({"as_of": "2026-08-22"}, Refusal("not-a-date", "as_of", got="2026-08-22")),
    "endless horizon": ({"time.horizon": INF}, Refusal("not-finite", "time.horizon", got=INF)),
    "horizon that is no number": ({"time.horizon": NAN}, Refusal("not-finite", "time.horizon", got=NAN)),
    "endless past": ({"time.start": -INF}, Refusal("not-finite", "time.start", got=-INF)),
    "truth value for a year": ({"time.start": True}, Refusal("not-a-number", "time.start", got=True)),
    "choice no table": ({"choices.other": 3}, Refusal("invalid-value", "choices.other", got=3)),
    "correlation no table": ({"correlations": [3]}, Refusal("invalid-value", "correlations[0]", got=3)),
    "one name in a pair": (
        {"correlations.0.between": ["automation.gap"]},
        Refusal("missing-key", "correlations[0].between.1"),
    ),
    "milestone no list": (
        {"not_yet.milestones": "tai"},
        Refusal("invalid-value", "not_yet.milestones", got="tai"),
    ),
}


@pytest.fixture(scope="module")
def content(baseline: tc.Scenario) -> dict[str, Any]:
    return content_of(baseline)


@pytest.mark.parametrize("case", LINES)
def test_the_line_says_where_what_and_the_remedy(case: str, content: dict[str, Any]) -> None:
    changes, refusal = LINES[case]
    with refusal.expected():
        parse(edited(content, changes))


@pytest.mark.parametrize("case", NAMED)
def test_the_line_names_the_key_and_the_fault(case: str, content: dict[str, Any]) -> None:
    changes, refusal = NAMED[case]
    with refusal.expected():
        parse(edited(content, changes))


def test_the_largest_seed_of_a_run_file_is_accepted(content: dict[str, Any]) -> None:
    assert parse(edited(content, {"run.seed": 2**64 - 1})).run.seed == 2**64 - 1


def test_a_usage_error_is_exit_code_2(content: dict[str, Any]) -> None:
    with refused("unknown-key", "condition") as failure:
        parse(edited(content, {"condition": "x"}))
    assert failure.value.exit_code == 2
