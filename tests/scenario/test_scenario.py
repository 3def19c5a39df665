"""Scenarios as objects: read, written, changed; frozen."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

import timecone as tc
from edits import content_of, edited
from refusals import Refusal, refused
from timecone.scenario.file import dumps, load, loads, parse
from timecone.scenario.specs import ParameterInput

HALVING = "algorithms.halving_time"


def test_a_file_is_read_as_it_says(baseline_file: Path) -> None:
    scenario = load(baseline_file)
    headroom = scenario.parameters["hardware.headroom"]
    assert scenario.name == "baseline"
    assert scenario.as_of == date(2026, 8, 22)
    assert (scenario.time.start, scenario.time.horizon, scenario.time.step) == (2026.0, 2126.0, "quarter")
    assert scenario.choices["threshold"].weights["bio_anchors"] == 0.4
    assert headroom.unit == "OOM"
    assert headroom.basis == "expert"
    assert headroom.form == tc.LogNormal(p05=1.7, p95=6)
    assert scenario.correlations[0].between == ("threshold.requirement", "automation.gap")


def test_a_path_may_be_text(baseline_file: Path, baseline: tc.Scenario) -> None:
    assert load(str(baseline_file)) == baseline


def test_writing_and_reading_give_the_scenario_back(baseline: tc.Scenario) -> None:
    again = loads(dumps(baseline))
    assert again == baseline
    for field in type(baseline).model_fields:
        assert getattr(again, field) == getattr(baseline, field), field
    assert again.digest == baseline.digest
    assert dumps(again) == dumps(baseline)


def test_writing_keeps_words_that_toml_must_escape(baseline: tc.Scenario) -> None:
    title = 'a "quoted" \\ backslash,\ttab, "" \'\'\' and 9 \u2264 \U0001f916\r\n'
    again = loads(dumps(baseline.replace({}, title=title)))
    assert again.title == title


def test_a_scenario_changed_in_code_is_written_and_read_back(baseline: tc.Scenario) -> None:
    faster = baseline.replace({HALVING: tc.LogNormal(p05=3, p95=12, unit="month")}, name="faster")
    again = loads(dumps(faster))
    assert again == faster
    for field in type(faster).model_fields:
        assert getattr(again, field) == getattr(faster, field), field
    assert again.digest == faster.digest


def test_defaults_need_not_be_written(baseline: tc.Scenario) -> None:
    content = content_of(baseline)
    for key in ("title", "run", "not_yet", "correlations"):
        del content[key]
    scenario = parse(content)
    assert scenario.run.draws == 1_000_000
    assert scenario.not_yet_milestones == ("tai",)
    assert scenario.correlations == ()


def test_not_yet_can_be_switched_off_and_widened(baseline: tc.Scenario) -> None:
    content = content_of(baseline)
    assert parse(edited(content, {"not_yet.rule": "off"})).not_yet_milestones == ()
    both = parse(edited(content, {"not_yet.milestones": ["automation_50", "tai"]}))
    assert both.not_yet_milestones == ("automation_50", "tai")


def test_equality_looks_at_what_determines_the_numbers(baseline: tc.Scenario) -> None:
    # As the docstring of Scenario promises.
    assert baseline.replace({}, title="in other words").equals(baseline)
    assert baseline.replace({}, title="in other words") != baseline
    assert not baseline.replace({"automation.gap": tc.LogNormal(p05=1, p95=7, unit="OOM")}).equals(baseline)
    assert baseline != "baseline"


def test_a_scenario_cannot_be_changed_in_place(baseline: tc.Scenario) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        baseline.name = "other"
    with pytest.raises(ValidationError, match="frozen"):
        baseline.time.start = 2000.0
    with pytest.raises(TypeError):
        baseline.parameters["hardware.headroom"] = baseline.parameters["automation.gap"]
    with pytest.raises(TypeError):
        baseline.choices["threshold"].weights["bio_anchors"] = 1.0


def test_replacing_changes_that_parameter_alone(baseline: tc.Scenario) -> None:
    before = baseline.digest
    faster = baseline.replace({HALVING: tc.LogNormal(p05=3, p95=12, unit="month")}, name="faster")
    assert faster.name == "faster"
    # The unit stands beside the form, as in a file.
    assert faster.parameters[HALVING].form == tc.LogNormal(p05=3, p95=12)
    assert faster.parameters[HALVING].unit == "month"
    for name, given in baseline.parameters.items():
        if name != HALVING:
            assert faster.parameters[name] == given
    assert baseline.digest == before != faster.digest


def test_replaced_numbers_say_where_they_come_from(baseline: tc.Scenario) -> None:
    given = baseline.replace({HALVING: NINE_MONTHS}, correlations=()).parameters[HALVING]
    assert given.source == f"set in code; was: {baseline.parameters[HALVING].source}"
    assert (given.basis, given.as_of) == ("guess", baseline.as_of)
    cap = tc.Point(value=1e12, unit="USD")
    new = baseline.replace({"investment.cap_usd": cap}).parameters["investment.cap_usd"]
    assert new.source == "set in code"


NINE_MONTHS = tc.Point(value=9, unit="month")


def test_a_replacement_is_in_its_own_unit(baseline: tc.Scenario) -> None:
    changed = baseline.replace({HALVING: NINE_MONTHS}, correlations=())
    assert changed.parameters[HALVING].unit == "month"
    assert np.all(tc.sample(changed, 64)[HALVING] == pytest.approx(0.75, rel=1e-15))


@pytest.mark.parametrize(
    ("name", "units"),
    [
        (HALVING, ("unit='month'", "or 'year'")),
        ("investment.cap_usd", "unit='USD'"),
        ("automation.gap", "unit='OOM'"),
    ],
)
def test_a_replacement_of_a_dimensional_parameter_states_its_unit(
    name: str, units: str | tuple[str, ...], baseline: tc.Scenario
) -> None:
    with refused("distribution-without-unit", f"parameters.{name}", names=units):
        baseline.replace({name: tc.Point(value=9)}, correlations=())


def test_a_pure_number_needs_no_unit(baseline: tc.Scenario) -> None:
    name = "feedback.substitution"
    assert baseline.replace({name: tc.Uniform(low=0.4, high=0.8)}).parameters[name].unit == "1"


def test_a_parameter_cannot_be_built_without_a_unit(baseline: tc.Scenario) -> None:
    about = {"source": "a test", "as_of": baseline.as_of, "basis": "guess", "form": tc.Point(value=1)}
    with pytest.raises(ValidationError, match="unit"):
        ParameterInput(**about)


def test_a_replacement_takes_along_what_belongs_to_it(baseline: tc.Scenario) -> None:
    requirement = {"threshold.requirement": tc.Normal(p05=30, p95=36, unit="log10 FLOP")}
    with refused("group-restated-in-part", "threshold.requirement"):
        baseline.replace(requirement)
    kept = baseline.replace(requirement, keep=["threshold.reference_year"])
    assert kept.parameters["threshold.reference_year"] == baseline.parameters["threshold.reference_year"]
    today = {"threshold.reference_year": tc.Point(value=2026, unit="calendar year")}
    both = baseline.replace(requirement | today)
    assert set(both.choices) == {"threshold", "data"}  # the headroom still depends on the view
    headroom = {f"algorithms.{n}": tc.Point(value=v, unit=u) for n, v, u in HEADROOM}
    assert set(baseline.replace(requirement | today | headroom).choices) == {"data"}


HEADROOM = [("headroom", 5.0, "OOM"), ("headroom_year", 2023.0, "calendar year")]


def test_what_stays_must_be_there(baseline: tc.Scenario) -> None:
    with refused(
        "not-a-kept-parameter", "keep", got="threshold.referense_year", names="'threshold.reference_year'"
    ):
        baseline.replace({}, keep=["threshold.referense_year"])


def test_a_clause_of_the_conditions_goes_with_what_it_is_about(baseline: tc.Scenario) -> None:
    words = "AI speeds up software and hardware research"
    assert words in str(baseline.conditions)
    off = baseline.without("software_feedback")
    assert words not in str(off.conditions)
    assert str(off.conditions).startswith("No catastrophe")


def test_a_scenario_is_a_table_in_a_notebook(baseline: tc.Scenario) -> None:
    titled = baseline.replace({}, title="<script>")
    shown = titled._repr_html_()
    assert "<script>" not in shown
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in shown.split("</tr>")]
    quantiles = baseline.parameters[HALVING].distributions[""].ppf([0.5, 0.05, 0.95]).tolist()
    middle, low, high = (f"{q:.4g}" for q in quantiles)
    assert [HALVING, f"{middle} [{low}, {high}]", "month"] in [row[:3] for row in rows]


def test_replacing_nothing_changes_nothing(baseline: tc.Scenario) -> None:
    same = baseline.replace({})
    for field in type(baseline).model_fields:
        assert getattr(same, field) == getattr(baseline, field), field


@pytest.mark.parametrize(
    ("changes", "fields", "refusal"),
    [
        (
            {"algorithms.halvng_time": tc.Point(value=1)},
            {},
            Refusal("unknown-parameter", "parameters.algorithms.halvng_time", names=f"'{HALVING}'"),
        ),
        ({}, {"nme": "x"}, Refusal("unknown-key", "nme", names="'name'")),
        ({}, {"name": "no blanks"}, Refusal("not-a-name", "name", got="no blanks")),
        (
            {"automation.gap": tc.Point(value=4, unit="OOM")},
            {},
            Refusal("certain-parameter-correlated", "correlations[0].between", got="automation.gap"),
        ),
        (
            {HALVING: tc.Uniform(low=1, high=2, unit="USD")},
            {},
            Refusal("unknown-unit", f"parameters.{HALVING}.unit", got="USD"),
        ),
        (
            {HALVING: tc.Normal(mean=0, sd=1, unit="year")},
            {},
            Refusal(
                "distribution-outside-domain", f"parameters.{HALVING}", got=(-8.281, 8.281), names="above 0"
            ),
        ),
        (
            {HALVING: 0.75},
            {},
            Refusal("not-a-distribution", f"parameters.{HALVING}", got=0.75),
        ),
    ],
    ids=["misspelt", "unknown field", "bad field", "correlated point", "unit", "support", "a bare number"],
)
def test_a_wrong_replacement_fails_at_once(
    changes: dict, fields: dict, refusal: Refusal, baseline: tc.Scenario
) -> None:
    with refusal.expected():
        baseline.replace(changes, **fields)


def test_text_that_is_no_toml_is_a_usage_error() -> None:
    # The text of a run file may be broken too.
    with refused("toml-syntax", None):
        loads("name = ")


def test_text_has_no_parent(baseline: tc.Scenario) -> None:
    with refused("extends-outside-file", "extends", got="baseline.toml"):
        loads('extends = "baseline.toml"\n' + dumps(baseline))


def test_errors_keep_their_kind_on_the_way_up(baseline: tc.Scenario) -> None:
    content = content_of(baseline)
    with refused("unknown-unit", "parameters.hardware.headroom.unit"):
        parse(edited(content, {"parameters.hardware.headroom.unit": "USD"}))
    with refused("quantiles-not-increasing-in-level", "parameters.hardware.headroom"):
        parse(edited(content, {"parameters.hardware.headroom.p05": 9.0}))
