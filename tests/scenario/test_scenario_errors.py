"""Keys, values and tables that no scenario file may hold: where, what, and what to do."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

import timecone as tc
from edits import ABSENT, content_of, edited
from timecone.errors import ScenarioError, UsageError
from timecone.scenario.file import parse

PRICE = "parameters.hardware.price_performance"
OUTPUT = "parameters.economy.output"
YEARS = "parameters.threshold.reference_year"
NAN, INF = float("nan"), float("inf")
_LOGNORMAL_KEYS = "as_of, basis, clamp, mean, median, note, sd, sigma, source, truncate, unit"
_ONE_FORM = "one of distribution, by (with values), expression, of (with points)."

LINES: dict[str, tuple[dict[str, Any], str]] = {
    # Keys.
    "unknown key": ({"condition": "x"}, "condition: unknown key. Did you mean 'conditions'?"),
    "unknown key like no other": (
        {"zzz": 1},
        ("zzz: unknown key. Known: as_of, choices, components, conditions, copula, correlations, evidence,"
         " experts, extends, history, keep, model, name, not_yet, parameters, quantities, redraw, remove,"
         " run, time, title."),
    ),
    "unknown key of time": ({"time.stp": "month"}, "time.stp: unknown key. Did you mean 'step'?"),
    "unknown key of run": ({"run.draw": 10}, "run.draw: unknown key. Did you mean 'draws'?"),
    "unknown key of not_yet": ({"not_yet.rul": "off"}, "not_yet.rul: unknown key. Did you mean 'rule'?"),
    "unknown key of a choice": (
        {"choices.threshold.weight": {"a": 1.0}},
        "choices.threshold.weight: unknown key. Did you mean 'weights'?",
    ),
    "unknown key of a correlation": (
        {"correlations.0.rh": 0.1}, "correlations[0].rh: unknown key. Did you mean 'rho'?"
    ),
    "unknown key of a parameter": (
        {f"{PRICE}.sorce": "x"}, f"{PRICE}.sorce: unknown key. Did you mean 'source'?"
    ),
    "unknown date of a parameter": (
        {f"{PRICE}.as_off": date(2026, 1, 1)}, f"{PRICE}.as_off: unknown key. Did you mean 'as_of'?"
    ),
    "unknown key like none of a parameter's": (
        {f"{PRICE}.zzz": "x"}, f"{PRICE}.zzz: unknown key. Known: {_LOGNORMAL_KEYS}."
    ),
    "misspelt quantity": (
        {"parameters.hardware.doubling_tme": {}},
        ("parameters.hardware.doubling_tme: the compute model has no such parameter."
        " Did you mean 'hardware.doubling_time'?"),
    ),
    "misspelt component": (
        {"parameters.hardwear.headroom": {}},
        ("parameters.hardwear.headroom: the compute model has no such parameter."
        " Did you mean 'hardware.headroom'?"),
    ),
    # Tables.
    "parameters no table": ({"parameters": 3}, "parameters: not a table; got 3."),
    "component no table": ({"parameters.economy": 3}, "parameters.economy: not a table; got 3."),
    "parameter no table": ({OUTPUT: 1.2e14}, f"{OUTPUT}: not a table; got 120000000000000.0."),
    "values no table": (
        {f"{YEARS}.values": 2020}, f"{YEARS}.values: 'by' needs a table of values; got 2020."
    ),
    "one value no table": (
        {f"{YEARS}.values.bio_anchors": 2020}, f"{YEARS}.values.bio_anchors: not a table; got 2020."
    ),
    "choices no table": ({"choices": "x"}, "choices: not a table; got 'x'."),
    "time no table": ({"time": 2026}, "time: not a table; got 2026."),
    "run no table": ({"run": 5}, "run: not a table; got 5."),
    "not_yet no table": ({"not_yet": "off"}, "not_yet: not a table; got 'off'."),
    "correlations a table": (
        {"correlations": {"rho": 1}}, "correlations: not an array of tables. Write [[correlations]]."
    ),
    # What is missing.
    "no conditions": ({"conditions": ABSENT}, "conditions: missing."),
    "no time": ({"time": ABSENT}, "time: missing."),
    "no start": ({"time.start": ABSENT}, "time.start: missing."),
    "no unit": ({f"{PRICE}.unit": ABSENT}, f"{PRICE}.unit: missing."),
    "no basis": ({f"{PRICE}.basis": ABSENT}, f"{PRICE}.basis: missing."),
    "no weights": ({"choices.threshold.weights": ABSENT}, "choices.threshold.weights: missing."),
    "no source of a choice": ({"choices.threshold.source": ABSENT}, "choices.threshold.source: missing."),
    "no rho": ({"correlations.0.rho": ABSENT}, "correlations[0].rho: missing."),
    "no distribution named": (
        {f"{PRICE}.distribution": ABSENT},
        f"{PRICE}: no distribution is named; got ['p05', 'p95']; expected {_ONE_FORM}",
    ),
    "no distribution at all": (
        {OUTPUT: {"unit": "USD", "source": "s", "as_of": date(2026, 1, 1), "basis": "guess"}},
        f"{OUTPUT}: no distribution is named; got []; expected {_ONE_FORM}",
    ),
    "empty value": ({f"{YEARS}.values.bio_anchors": {}}, (
        f"{YEARS}.values.bio_anchors: no distribution is named; got []; expected {_ONE_FORM}"
    )),
    # Values.
    "empty source": ({f"{PRICE}.source": " "}, f"{PRICE}.source: empty; got ' '; expected some text."),
    "unknown basis": (
        {f"{PRICE}.basis": "gues"},
        f"{PRICE}.basis: unknown value; got 'gues'; expected 'data', 'expert' or 'guess'.",
    ),
    "unknown step": (
        {"time.step": "week"},
        "time.step: the compute model does not step by this; got 'week'; expected quarter, year, month.",
    ),
    "unknown rule": (
        {"not_yet.rule": "shift"}, "not_yet.rule: unknown value; got 'shift'; expected 'remove' or 'off'."
    ),
    "no date": (
        {"as_of": datetime(2026, 8, 22, 10)},  # noqa: DTZ001 - as TOML gives it
        ("as_of: not a date; got datetime.datetime(2026, 8, 22, 10, 0);"
        " expected a date without quotes, such as 2026-08-22."),
    ),
    "start no number": ({"time.start": "now"}, "time.start: not a number; got 'now'; expected a number."),
    "no draws": ({"run.draws": 0}, "run.draws: out of range; got 0; expected at least 1."),
    "draws no whole number": (
        {"run.draws": 1e6},
        "run.draws: not a whole number; got 1000000.0; expected a whole number without quotes.",
    ),
    "negative seed": ({"run.seed": -1}, "run.seed: out of range; got -1; expected at least 0."),
    "rho above 1": (
        {"correlations.0.rho": 1.1}, "correlations[0].rho: out of range; got 1.1; expected at most 1."
    ),
    "rho below -1": (
        {"correlations.0.rho": -1.1}, "correlations[0].rho: out of range; got -1.1; expected at least -1."
    ),
    "negative weight": (
        {"choices.threshold.weights.bio_anchors": -0.1},
        "choices.threshold.weights.bio_anchors: out of range; got -0.1; expected at least 0.",
    ),
    "unknown family": (
        {f"{PRICE}.distribution": "lognorml"},
        f"{PRICE}: unknown distribution; got 'lognorml'. Did you mean 'lognormal'?",
    ),
    "unknown family of a value": (
        {f"{YEARS}.values.bio_anchors.distribution": "pont"},
        f"{YEARS}.values.bio_anchors: unknown distribution; got 'pont'. Did you mean 'point'?",
    ),
    "family no text": (
        {f"{OUTPUT}.distribution": 3},
        f"{OUTPUT}.distribution: the name of the distribution is not text; got 3.",
    ),
    "value alone": (
        {f"{OUTPUT}.distribution": ABSENT},
        f"{OUTPUT}: no distribution is named; got ['value']; expected {_ONE_FORM}",
    ),
    "unknown argument": (
        {f"{OUTPUT}.valu": 3.0}, (f"{OUTPUT}: point takes no 'valu'; got ['valu', 'value']; expected value."
        " Did you mean 'value'?")
    ),
    "infinite argument": (
        {f"{OUTPUT}.value": -INF}, f"{OUTPUT}: value is not finite; got -inf; expected a finite number."
    ),
    "never where there is no never": (
        {f"{OUTPUT}.value": INF},
        (f"{OUTPUT}: the distribution reaches values that the parameter cannot take; got (inf, inf);"
        " expected values above 0 USD. Truncate it (truncate = { low = ..., high = ... }) or choose another"
        " family."),
    ),
    "unknown model": ({"model": "comput"}, "model: unknown model; got 'comput'. Did you mean 'compute'?"),
}  # fmt: skip
# What these lines must name; their wording is free.
NAMED: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "no name at all": ({"name": "a b"}, ("name", "'a b'")),
    "no model": ({"model": ABSENT}, ("model", "missing")),
    "model no text": ({"model": 3}, ("model: ", "got 3")),
    "number in quotes": ({f"{PRICE}.p05": "8e17"}, (f"{PRICE}", "p05 is not a number", "'8e17'")),
    "value in quotes": ({f"{OUTPUT}.value": "1"}, (f"{OUTPUT}", "value is not a number", "'1'")),
    "list for a number": ({f"{OUTPUT}.value": [1, 2]}, (f"{OUTPUT}", "value is not a number", "[1, 2]")),
    "misspelt 'distribution'": (
        {f"{PRICE}.distribution": ABSENT, f"{PRICE}.distributon": "lognormal"},
        (f"{PRICE}", "'distribution'?"),
    ),
    "misspelt 'truncate'": ({f"{PRICE}.trunkate": {"low": 1.0}}, (f"{PRICE}", "trunkate", "'truncate'?")),
    "unit in a value": (
        {f"{YEARS}.values.bio_anchors.unit": "year"},
        (f"{YEARS}.values.bio_anchors.unit", "'year'"),
    ),
    "both forms": (
        {f"{YEARS}.distribution": "point", f"{YEARS}.value": 2020},
        (YEARS, "two ways", "['distribution', 'by']"),
    ),
    "values without 'by'": ({f"{YEARS}.by": ABSENT}, (YEARS, _ONE_FORM, "'values' goes with 'by'.")),
    "unread values": (
        {f"{OUTPUT}.values": {"bio_anchors": {"distribution": "point", "value": 1.0}}},
        (f"{OUTPUT}.values", "goes with 'by', not with 'distribution'"),
    ),
    "unread points": (
        {f"{OUTPUT}.points": [[1, 2]]},
        (f"{OUTPUT}.points", "goes with 'of', not with 'distribution'"),
    ),
    "interpolation of nothing": (
        {f"{YEARS}.interpolation": "step"},
        (f"{YEARS}.interpolation", "goes with 'of', not with 'by'"),
    ),
    "space of another family": (
        {f"{PRICE}.space": "log"},
        (f"{PRICE}.space", "lognormal takes no 'space'", "median and sigma"),
    ),
    "source of one value": (
        {f"{YEARS}.values.bio_anchors.source": "s"},
        (f"{YEARS}.values.bio_anchors.source", "stands once"),
    ),
    "misspelt 'unit'": (
        {f"{PRICE}.unit": ABSENT, f"{PRICE}.unti": "FLOP/USD"},
        (f"{PRICE}.unti", "unknown key", "'unit'?"),
    ),
    "unit no text": ({f"{PRICE}.unit": 3}, (f"{PRICE}.unit", "not text", "got 3")),
    "a truth value for a weight": (
        {"choices.threshold.weights": {"bio_anchors": True, "direct_approach": False, "full_takeoff": False}},
        ("choices.threshold.weights.bio_anchors", "not a number", "True"),
    ),
    "a value of a choice that no run file can name": (
        {"choices.threshold.weights": {"bio anchors": 1.0}},
        ("choices.threshold.weights.bio anchors", "not a name"),
    ),
    "an endless age": ({"copula": {"kind": "t", "df": INF}}, ("copula.df", "not finite", "inf")),
    "a seed beyond what a run file holds": (
        {"run.seed": 2**64},
        ("run.seed", "out of range", "at most 18446744073709551615"),
    ),
    "more draws than a run file counts": (
        {"run.draws": 10**20},
        ("run.draws", "out of range", "at most 18446744073709551615"),
    ),
    "year no calendar has": ({"time.horizon": 1e308}, ("time.horizon", "out of range", "at most 9999")),
    "date in quotes": ({"as_of": "2026-08-22"}, ("as_of", "not a date", "without quotes")),
    "endless horizon": ({"time.horizon": INF}, ("time.horizon", "got inf")),
    "horizon that is no number": ({"time.horizon": NAN}, ("time.horizon", "got nan")),
    "endless past": ({"time.start": -INF}, ("time.start", "-inf")),
    "truth value for a year": ({"time.start": True}, ("time.start", "True")),
    "choice no table": ({"choices.other": 3}, ("choices.other", "got 3")),
    "correlation no table": ({"correlations": [3]}, ("correlations[0]", "got 3")),
    "one name in a pair": ({"correlations.0.between": ["automation.gap"]}, ("correlations[0].between",)),
    "milestone no list": ({"not_yet.milestones": "tai"}, ("not_yet.milestones", "'tai'")),
}


@pytest.fixture(scope="module")
def content(baseline: tc.Scenario) -> dict[str, Any]:
    return content_of(baseline)


@pytest.mark.parametrize("case", LINES)
def test_the_line_says_where_what_and_the_remedy(case: str, content: dict[str, Any]) -> None:
    changes, line = LINES[case]
    with pytest.raises(UsageError) as failure:
        parse(edited(content, changes))
    assert str(failure.value) == line


@pytest.mark.parametrize("case", NAMED)
def test_the_line_names_the_key_and_the_fault(case: str, content: dict[str, Any]) -> None:
    changes, fragments = NAMED[case]
    with pytest.raises(UsageError) as failure:
        parse(edited(content, changes))
    for fragment in fragments:
        assert fragment in str(failure.value)


def test_the_largest_seed_of_a_run_file_is_accepted(content: dict[str, Any]) -> None:
    assert parse(edited(content, {"run.seed": 2**64 - 1})).run.seed == 2**64 - 1


def test_a_usage_error_is_exit_code_2(content: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError) as failure:
        parse(edited(content, {"condition": "x"}))
    assert failure.value.exit_code == 2
