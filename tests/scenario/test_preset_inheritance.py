"""Inheritance from the shipped presets: what a file that extends one of them says, drops and keeps."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import timecone as tc
from refusals import Refusal, refused
from timecone.cli.inputs import input_rows
from timecone.models import find
from timecone.models.model import Group
from timecone.scenario.inheritance import inheritance

ROOT = Path(__file__).resolve().parents[2]
ABOUT = 'source = "a trial"\nas_of = 2026-08-22\nbasis = "guess"\n'
REQUIREMENT = f"""[parameters.threshold.requirement]
distribution = "lognormal"
p10 = 1e32
p90 = 1e40
unit = "FLOP"
{ABOUT}"""
TODAY = f"""[parameters.threshold.reference_year]
distribution = "point"
value = 2026
unit = "calendar year"
{ABOUT}"""
HEADROOM = f"""[parameters.algorithms.headroom]
distribution = "uniform"
low = 2
high = 5
unit = "OOM"
{ABOUT}"""
HEADROOM_YEAR = f"""[parameters.algorithms.headroom_year]
distribution = "point"
value = 2025
unit = "calendar year"
{ABOUT}"""

type Write = Callable[..., Path]


@pytest.fixture
def child(tmp_path: Path) -> Write:
    shutil.copytree(ROOT / "configs", tmp_path / "configs")

    def write(text: str, parent: str = "baseline.toml", name: str = "child") -> Path:
        path = tmp_path / "configs" / f"{name}.toml"
        path.write_text(f'extends = "{parent}"\nname = "{name}"\n{text}')
        return path

    return write


def test_a_requirement_without_its_year_is_a_question(child: Write) -> None:
    with refused("group-restated-in-part", "child.toml: parameters.threshold.requirement") as failure:
        tc.load(child(REQUIREMENT))
    assert "a requirement is compute with the algorithms of a year" in failure.value.what
    year = "parameters.threshold.reference_year"
    assert f"State {year}: the year in whose algorithms the requirement is stated" in failure.value.remedy
    assert failure.value.remedy.endswith(f'write keep = ["{year}"].')


def test_a_requirement_with_its_year_means_that_year(child: Write) -> None:
    scenario = tc.load(child(REQUIREMENT + TODAY))
    drawn = tc.sample(scenario, 4096, seed=1)
    assert set(drawn["threshold.reference_year"].values) == {2026.0}
    # P50 of a lognormal is the geometric mean of P10 and P90.
    assert np.median(drawn["threshold.requirement"]) == pytest.approx(36.0, abs=0.15)


def test_the_inherited_year_can_be_kept_in_so_many_words(child: Write) -> None:
    scenario = tc.load(child('keep = ["parameters.threshold.reference_year"]\n' + REQUIREMENT))
    years = tc.load(ROOT / "configs" / "baseline.toml").parameters["threshold.reference_year"]
    assert scenario.parameters["threshold.reference_year"] == years


def test_a_choice_goes_with_its_last_use(child: Write) -> None:
    path = child(REQUIREMENT + TODAY + HEADROOM + HEADROOM_YEAR)
    scenario, made = tc.load(path), inheritance(path)
    assert set(scenario.choices) == {"data"}
    assert not [row for row in input_rows(scenario) if "bio_anchors" in row["if"]]
    assert made is not None
    assert made.dropped["choices.threshold"] == "nothing depends on it any more"
    run = tc.simulate(scenario, draws=500, threads=1, paths=0)
    assert "choice_threshold" not in run["inputs"]


def test_a_choice_that_still_decides_something_stays_and_is_said(child: Write) -> None:
    path = child(REQUIREMENT + TODAY)
    made = inheritance(path)
    assert made is not None
    assert made.shared_choices == {
        "choices.threshold": ("parameters.algorithms.headroom", "parameters.algorithms.headroom_year")
    }


COMPUTED = f"""[choices.world]
weights = {{ slow = 0.5, fast = 0.5 }}
{ABOUT}
[quantities.room]
by = "world"
unit = "OOM"
values.slow = {{ distribution = "point", value = 2 }}
values.fast = {{ distribution = "point", value = 4 }}
{ABOUT}
[quantities.reported]
expression = "2 * room"
unit = "OOM"
{ABOUT}
[quantities.more]
expression = "room + 1"
unit = "OOM"
{ABOUT}
[parameters.algorithms.headroom]
expression = "more"
unit = "OOM"
{ABOUT}"""


def test_quantities_and_their_choice_go_with_the_parameter_computed_from_them(child: Write) -> None:
    middle = child(COMPUTED.replace("2 * room", "2 * deployment.delay"), name="middle")
    others = set(tc.load("baseline").quantities)
    assert set(tc.load(middle).quantities) - others == {"room", "reported", "more"}
    scenario = tc.load(child(HEADROOM + HEADROOM_YEAR, middle.name))
    # No parameter was computed from what is only reported.
    assert set(scenario.quantities) - others == {"reported"}
    assert "world" not in scenario.choices


def test_a_quantity_that_something_else_is_computed_from_keeps_its_own(child: Write) -> None:
    middle = child(COMPUTED, name="middle")
    assert "world" in tc.load(middle).choices
    gap = f"""[parameters.automation.gap]
expression = "room"
unit = "OOM"
{ABOUT}"""
    text = 'remove = [["threshold.requirement", "automation.gap"]]\n' + HEADROOM + HEADROOM_YEAR + gap
    scenario = tc.load(child(text, middle.name))
    assert "room" in scenario.quantities
    assert "more" not in scenario.quantities
    assert "world" in scenario.choices


def test_a_qualifier_goes_with_what_it_qualifies(child: Write) -> None:
    path = child(HEADROOM)
    made = inheritance(path)
    assert made is not None
    assert list(made.dropped) == ["parameters.algorithms.headroom_year"]
    assert "algorithms.headroom_year" not in tc.load(path).parameters
    rows = {row["input"]: row for row in input_rows(tc.load(path))}
    assert rows["algorithms.headroom_year"]["default"]
    assert rows["algorithms.headroom_year"]["p50"] == np.inf
    kept = child('keep = ["parameters.algorithms.headroom_year"]\n' + HEADROOM)
    assert "algorithms.headroom_year" in tc.load(kept).parameters


def test_groups_name_parameters_of_the_model() -> None:
    model = find("compute")
    names = {parameter.name for parameter in model.parameters} | {"time.start"}
    for group in model.groups:
        assert isinstance(group, Group)
        assert {*group.basis, *group.members, *group.qualifiers} <= names
        # What is dropped must have something to take its place.
        assert all(model.parameter(name).default is not None for name in group.qualifiers)


# ------------------------------------------------------------------------------------------------- remove


def test_parameters_correlations_and_quantities_are_removed(child: Write) -> None:
    baseline = tc.load(ROOT / "configs" / "baseline.toml")
    text = (
        'remove = ["parameters.data.multiplier", ["threshold.requirement", "automation.gap"],'
        ' "conditions.actor", "components.pause"]\n'
    )
    middle = child("[components]\npause = true\n", name="middle")
    path = child(text, middle.name)
    scenario, made = tc.load(path), inheritance(path)
    assert set(baseline.parameters) - set(scenario.parameters) == {"data.multiplier"}
    pairs = {frozenset(c.between) for c in baseline.correlations} - {
        frozenset(c.between) for c in scenario.correlations
    }
    assert pairs == {frozenset(("threshold.requirement", "automation.gap"))}
    assert "one actor trains" not in str(scenario.conditions)
    assert dict(scenario.components) == {}
    assert made is not None
    assert set(made.removed) == {
        "parameters.data.multiplier", "components.pause", "conditions.actor",
        "correlations: automation.gap - threshold.requirement",
    }  # fmt: skip


def test_correlations_go_with_a_parameter_that_is_removed(child: Write) -> None:
    name = "algorithms.halving_time_past"
    scenario = tc.load(child(f'remove = ["parameters.{name}"]\n'))
    assert not any(name in c.between for c in scenario.correlations)
    drawn = tc.sample(scenario, 64)
    np.testing.assert_array_equal(drawn[name], drawn["algorithms.halving_time"])


PAIR = ["threshold.requirement", "automation.gapp"]


def _not_inherited(key: str, entry: object, near: str) -> Refusal:
    return Refusal("not-inherited", f"child.toml: {key}[0]", got=entry, names=f"'{near}'")


REFUSED = {
    'remove = ["parameters.hardware.headrom"]': _not_inherited(
        "remove", "parameters.hardware.headrom", "parameters.hardware.headroom"
    ),
    'remove = ["choices.treshold"]': _not_inherited("remove", "choices.treshold", "choices.threshold"),
    'keep = ["conditions.actr"]': _not_inherited("keep", "conditions.actr", "conditions.actor"),
    f"remove = [{PAIR}]": _not_inherited("remove", PAIR, "automation.gap - threshold.requirement"),
    "remove = [3]": Refusal("not-inheritable", "child.toml: remove[0]", got=3),
    'remove = "choices.data"': Refusal("not-a-list", "child.toml: remove", got="choices.data"),
    'remove = ["title"]\ntitle = "mine"': Refusal("stated-and-removed", "child.toml: remove[0]", got="title"),
    'remove = ["title", "title"]': Refusal("named-twice", "child.toml: remove[1]", got="title"),
    'remove = ["parameters.automation.gap"]': Refusal(
        "missing-parameter", "child.toml: parameters.automation.gap"
    ),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_inherited_cannot_be_removed(text: str, child: Write) -> None:
    with REFUSED[text].expected():
        tc.load(child(f"{text}\n"))


# --------------------------------------------------------------------------------------------- conditions


def test_a_clause_can_be_stated_anew_or_kept(child: Write) -> None:
    anew = '[conditions]\nthreshold = "the threshold is mine"\n'
    conditions = str(tc.load(child(anew + REQUIREMENT + TODAY)).conditions)
    # In the place of the inherited clause.
    assert "training; the threshold is mine; draws in which" in conditions
    kept = child('keep = ["conditions.threshold"]\n' + REQUIREMENT + TODAY)
    assert "thresholds as published" in str(tc.load(kept).conditions)


def test_a_clause_about_nothing_known_is_an_error(child: Write) -> None:
    text = '[conditions]\nmine = { text = "so", about = ["parameters.hardware.headrom"] }\n'
    unknown, near = "parameters.hardware.headrom", "'parameters.hardware.headroom'"
    with refused("unknown-evidence", "child.toml: conditions.mine.about", got=unknown, names=near):
        tc.load(child(text))


@pytest.mark.parametrize("name", ["no_feedback", "open_loop", "software_only_feedback"])
def test_no_preset_says_of_itself_what_it_switches_off(name: str) -> None:
    scenario = tc.load(ROOT / "configs" / f"{name}.toml")
    assert "AI speeds up software and hardware research, investment and the economy" not in str(
        scenario.conditions
    )


def test_a_clause_survives_the_run_file(child: Write) -> None:
    scenario = tc.load(child(REQUIREMENT + TODAY))
    again = tc.simulate(scenario, draws=64, threads=1, paths=0).attrs["scenario"]
    assert "about = " in again


def test_a_file_that_changes_no_number_has_the_digest_of_its_parent(child: Write) -> None:
    assert tc.load(child('remove = ["conditions.actor", "title"]\n')).digest == tc.load(child("")).digest


def test_a_preset_asked_for_as_a_file_is_offered_by_name(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('extends = "baseline.toml"\nname = "own"\n', encoding="utf-8")
    with refused("no-such-file", "own.toml: extends", names='extends = "baseline"'):
        tc.load(own)
