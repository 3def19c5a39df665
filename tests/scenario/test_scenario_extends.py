"""`extends`: a child repeats what it changes, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli_w

import timecone as tc
from edits import content_of, edited
from refusals import refused
from timecone.scenario.file import load

PROVENANCE = 'unit = "year"\nsource = "a trial"\nas_of = 2026-08-22\nbasis = "guess"\n'
DOUBLING = "hardware.doubling_time"


@pytest.fixture
def parent(tmp_path: Path, baseline: tc.Scenario) -> Path:
    path = tmp_path / "parent.toml"
    # Without the correlation of the halving time, so that children may make it certain.
    correlations = [c for c in baseline.correlations if "algorithms.halving_time" not in c.between]
    path.write_text(tomli_w.dumps(content_of(baseline.replace({}, correlations=correlations))))
    return path


def _child(parent: Path, text: str, name: str = "child.toml") -> Path:
    path = parent.parent / name
    path.write_text(f'extends = "{parent.name}"\n{text}')
    return path


def test_a_child_that_changes_nothing_is_its_parent(parent: Path) -> None:
    child, whole = load(_child(parent, "")), load(parent)
    for field in type(whole).model_fields:
        assert getattr(child, field) == getattr(whole, field), field


def test_a_child_changes_what_it_repeats(parent: Path) -> None:
    child = load(_child(parent, 'name = "child"\n[run]\ndraws = 5\n'))
    assert child.name == "child"
    assert (child.run.draws, child.run.seed) == (5, 0)  # a section is replaced whole
    assert child.parameters == load(parent).parameters


def test_a_repeated_parameter_replaces_the_whole_one(parent: Path) -> None:
    child = load(_child(parent, f'[parameters.{DOUBLING}]\ndistribution = "point"\nvalue = 2\n{PROVENANCE}'))
    given = child.parameters[DOUBLING]
    assert given.form == tc.Point(value=2)
    assert (given.source, given.note) == ("a trial", "")
    others = {name: value for name, value in load(parent).parameters.items() if name != DOUBLING}
    assert {name: value for name, value in child.parameters.items() if name != DOUBLING} == others


def test_no_number_is_left_with_another_numbers_source(parent: Path) -> None:
    with refused("missing-key", "child.toml: parameters.hardware.doubling_time.source"):
        load(_child(parent, f'[parameters.{DOUBLING}]\ndistribution = "point"\nvalue = 2\n'))


def test_a_child_adds_parameters_and_choices(parent: Path) -> None:
    text = (
        '[choices.caps]\nweights = { low = 0.5, high = 0.5 }\nsource = "s"\nas_of = 2026-08-22\n'
        'basis = "guess"\n[parameters.investment.cap_usd]\nby = "caps"\nsource = "s"\nas_of = 2026-08-22\n'
        'basis = "guess"\nunit = "GUSD"\n[parameters.investment.cap_usd.values]\n'
        'low = { distribution = "point", value = 10 }\nhigh = { distribution = "point", value = 1000 }\n'
    )
    child = load(_child(parent, text))
    assert set(child.choices) == {*load(parent).choices, "caps"}
    assert child.parameters["investment.cap_usd"].distributions["caps = high"] == tc.Point(value=1000)
    assert set(child.parameters) == {*load(parent).parameters, "investment.cap_usd"}


def test_an_empty_list_of_correlations_removes_them(parent: Path) -> None:
    assert load(_child(parent, "correlations = []\n")).correlations == ()


def test_grandparents_and_other_folders(parent: Path) -> None:
    folder = parent.parent / "variants"
    folder.mkdir()
    middle = _child(parent, 'name = "middle"\ntitle = "kept"\n', "middle.toml")
    youngest = folder / "youngest.toml"
    youngest.write_text(f'extends = "../{middle.name}"\nname = "youngest"\n')
    scenario = load(youngest)
    assert (scenario.name, scenario.title) == ("youngest", "kept")
    assert scenario.digest == load(parent).digest


def test_a_circle_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('extends = "b.toml"\n')
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n')
    with refused("circular-extends", "a.toml", got="b.toml"):
        load(tmp_path / "a.toml")


def test_a_file_that_extends_itself_is_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('extends = "a.toml"\n')
    with refused("circular-extends", "a.toml", got="a.toml"):
        load(tmp_path / "a.toml")


def test_a_missing_parent_is_an_error_with_the_nearest_name(parent: Path) -> None:
    path = parent.parent / "child.toml"
    path.write_text('extends = "parnt.toml"\n')
    with refused("no-such-file", "child.toml: extends", got="parnt.toml", names="'parent.toml'"):
        load(path)


def test_extends_must_be_one_file_name(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('extends = ["b.toml"]\n')
    with refused("invalid-extends", "a.toml", got=["b.toml"]):
        load(tmp_path / "a.toml")


@pytest.mark.parametrize("section", ["parameters", "choices", "time"])
def test_a_section_that_is_no_table_is_an_error_in_a_child_too(section: str, parent: Path) -> None:
    with refused("not-a-table", f"child.toml: {section}", got=3):
        load(_child(parent, f"{section} = 3\n"))


def test_an_error_in_the_parent_is_found(parent: Path, baseline: tc.Scenario) -> None:
    parent.write_text(tomli_w.dumps(edited(content_of(baseline), {"time.step": "week"})))
    with refused("unsupported-step", "child.toml: time.step", got="week"):
        load(_child(parent, 'name = "child"\n'))


# The halving time is stated in months; the formula is of these.
READER = f"""[parameters.{DOUBLING}]
expression = "algorithms.halving_time / 4"
{PROVENANCE}"""
TABLE_READER = f"""[parameters.{DOUBLING}]
by = "threshold"
{PROVENANCE}
[parameters.{DOUBLING}.values]
bio_anchors = {{ of = "algorithms.halving_time", points = [[4, 1], [20, 5]] }}
direct_approach = {{ distribution = "point", value = 2 }}
full_takeoff = {{ distribution = "point", value = 2 }}
"""
HALVING = "parameters.algorithms.halving_time"
NAMED_READER = f"""[quantities.pace]
distribution = "point"
value = 24
{PROVENANCE.replace("year", "month")}[parameters.{DOUBLING}]
expression = "pace / 12"
{PROVENANCE}"""


def _restated(name: str, unit: str) -> str:
    return f'[{name}]\ndistribution = "point"\nvalue = 1\n' + PROVENANCE.replace("year", unit)


@pytest.mark.parametrize(
    ("formula", "name", "kept", "other"),
    [
        (READER, HALVING, "month", "year"),
        (TABLE_READER, HALVING, "month", "year"),
        (NAMED_READER, "quantities.pace", "month", "year"),
    ],
    ids=["formula", "table", "named quantity"],
)
def test_a_child_keeps_the_unit_that_an_inherited_formula_reads(
    parent: Path, formula: str, name: str, kept: str, other: str
) -> None:
    middle = _child(parent, formula, "middle.toml")
    load(_child(middle, _restated(name, kept)))
    load(_child(middle, _restated(name, f"{kept}s")))  # the same unit in another word
    with refused("unit-of-inherited-formula", f"child.toml: {name}.unit", got="year"):
        load(_child(middle, _restated(name, other)))


def test_a_child_that_states_the_formula_anew_may_choose_the_unit(parent: Path) -> None:
    middle = _child(parent, READER, "middle.toml")
    child = load(_child(middle, _restated(HALVING, "year") + READER.replace("/ 4", "* 3")))
    assert set(tc.sample(child, 64)[DOUBLING].values) == {3.0}


def test_a_file_that_is_malformed_is_refused_for_that(parent: Path) -> None:
    middle = _child(parent, READER, "middle.toml")
    with refused("not-a-table", "child.toml: parameters.algorithms", got=3):
        load(_child(middle, "[parameters]\nalgorithms = 3\n"))
    middle.write_text(middle.read_text().replace("/ 4", "/"))
    with refused("expression-syntax", "child.toml: parameters.hardware.doubling_time"):
        load(_child(middle, _restated(HALVING, "year")))


def test_a_change_in_code_keeps_the_unit_that_a_formula_reads(parent: Path) -> None:
    scenario = load(_child(parent, READER))
    name = "algorithms.halving_time"
    for kept in (tc.Point(value=8, unit="month"), tc.Point(value=8, unit="months")):
        assert set(tc.sample(scenario.replace({name: kept}), 64)[DOUBLING].values) == {2.0}
    with refused("unit-of-inherited-formula", f"{HALVING}.unit", got="year"):
        scenario.replace({name: tc.Point(value=8 / 12, unit="year")})
    both = {name: tc.Point(value=8 / 12, unit="year"), DOUBLING: tc.Point(value=2, unit="year")}
    scenario.replace(both)
