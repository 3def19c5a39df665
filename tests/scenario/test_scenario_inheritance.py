"""What becomes of inherited inputs: groups stated together, the unread dropped, `remove` for the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w

import timecone as tc
from calculator import REQUIREMENT, SOURCE, calculator, formula, point
from refusals import Refusal, refused
from timecone import LogNormal, Point
from timecone.models import find
from timecone.scenario.inheritance import inheritance

YEAR = "threshold.reference_year"
NEEDED = "threshold.requirement"
VIEWS = {"choices": {"view": {"weights": {"low": 0.5, "high": 0.5}} | SOURCE}}
BY_VIEW = {"by": "view", "unit": "log10 FLOP"} | SOURCE
BY_VIEW |= {
    "values": {name: {"distribution": "point", "value": v} for name, v in {"low": 25, "high": 35}.items()}
}

type Pair = Callable[..., Path]


@pytest.fixture
def child(tmp_path: Path) -> Pair:
    """Write a parent and a file that extends it; return the latter."""

    def write(parent: dict[str, Any], **change: Any) -> Path:
        (tmp_path / "parent.toml").write_text(tomli_w.dumps(parent), encoding="utf-8")
        path = tmp_path / "child.toml"
        path.write_text(
            tomli_w.dumps({"extends": "parent.toml", "name": "child", **change}), encoding="utf-8"
        )
        return path

    return write


def _parameters(**by_name: Any) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for name, table in by_name.items():
        component, _, key = name.partition("__")
        tables.setdefault(component, {})[key] = table
    return tables


STATED = _parameters(threshold__requirement=point(33, "log10 FLOP"))
BOTH = _parameters(
    threshold__requirement=point(33, "log10 FLOP"), threshold__reference_year=point(2026, "calendar year")
)


EARLIER = calculator(parameters={YEAR: point(2022, "calendar year")})


def test_a_requirement_in_the_algorithms_of_the_start_may_be_stated_alone(child: Pair) -> None:
    scenario = tc.load(child(calculator(), parameters=STATED))
    assert set(tc.sample(scenario, 10)[YEAR].values) == {2026.0}
    assert tc.load(child(calculator())).replace({NEEDED: Point(value=33, unit="log10 FLOP")})


def test_a_requirement_stated_anew_asks_for_the_year_of_its_algorithms(child: Pair) -> None:
    remedies = (f"State parameters.{YEAR}", f'keep = ["parameters.{YEAR}"]')
    with refused("group-restated-in-part", f"child.toml: parameters.{NEEDED}", names=remedies):
        tc.load(child(EARLIER, parameters=STATED))


def test_the_year_asks_for_the_requirement(child: Pair) -> None:
    year = _parameters(threshold__reference_year=point(2024, "calendar year"))
    place = f"child.toml: parameters.{YEAR}"
    with refused("group-restated-in-part", place, names=f"State parameters.{NEEDED}"):
        tc.load(child(calculator(), parameters=year))


def test_stating_both_or_keeping_one_is_accepted(child: Pair) -> None:
    both = tc.load(child(EARLIER, parameters=BOTH))
    kept = tc.load(child(EARLIER, parameters=STATED, keep=[f"parameters.{YEAR}"]))
    for scenario, year in ((both, 2026.0), (kept, 2022.0)):
        assert set(tc.sample(scenario, 10)[YEAR].values) == {year}


def test_what_is_switched_off_is_not_asked_for(child: Pair, baseline: tc.Scenario) -> None:
    closed = baseline.replace({}, components=dict.fromkeys(("supply_limits", "data_wall"), True))
    time = {"start": 2027.0, "horizon": 2126.0, "step": "quarter"}
    with refused("group-restated-in-part", "time.start", names="supply.power"):
        closed.replace({}, time=time)
    off = dict.fromkeys(("supply_limits", "data_wall"), False)
    with refused("group-restated-in-part", "time.start") as caught:
        closed.replace({}, time=time, components=off)
    assert "supply.power" not in caught.value.remedy


def test_another_start_asks_for_what_is_stated_for_the_start(child: Pair) -> None:
    time = {"start": 2027.0, "horizon": 2126.0, "step": "year"}
    with refused("group-restated-in-part", "child.toml: time.start") as caught:
        tc.load(child(calculator(), time=time))
    for name in ("hardware.price_performance", "investment.largest_run", "economy.output"):
        assert f"parameters.{name}" in caught.value.remedy
    later = {"start": 2026.0, "horizon": 2200.0, "step": "year"}
    assert tc.load(child(calculator(), time=later)).time.horizon == 2200.0


def test_groups_name_parameters_of_the_model() -> None:
    model = find("compute")
    names = {p.name for p in model.parameters}
    for group in model.groups:
        assert set(group.basis) - {"time.start"} <= names
        assert {*group.members, *group.qualifiers} <= names


def test_a_choice_that_nothing_depends_on_any_more_goes(child: Pair) -> None:
    path = child(calculator(BY_VIEW) | VIEWS, parameters=BOTH)
    scenario = tc.load(path)
    assert not scenario.choices
    assert set(tc.sample(scenario, 100)[NEEDED].values) == {33.0}
    assert "choices.view" in inheritance(path).dropped


def test_a_choice_that_still_decides_something_stays_and_is_told(child: Pair) -> None:
    gap = BY_VIEW | {"unit": "OOM"}
    path = child(calculator(BY_VIEW, parameters={"automation.gap": gap}) | VIEWS, parameters=BOTH)
    assert list(tc.load(path).choices) == ["view"]
    assert inheritance(path).shared_choices == {"choices.view": ("parameters.automation.gap",)}


def test_a_choice_of_the_file_itself_that_nothing_depends_on_is_an_error(child: Pair) -> None:
    with refused("unused-choice", "child.toml: choices.view"):
        tc.load(child(calculator(), **VIEWS))


def test_quantities_that_served_only_what_is_replaced_go_with_their_correlations(child: Pair) -> None:
    drawn = {"distribution": "normal", "mean": 0, "sd": 1, "unit": "1"} | SOURCE
    parent = calculator(formula("25 + a"), a=formula("2 * b", "1"), b=drawn, c=drawn)
    parent["parameters"]["automation"]["gap"] = formula("1 + c * 0", "OOM")
    parent["correlations"] = [{"between": ["b", "c"], "rho": 0.5} | SOURCE]
    path = child(parent, parameters=BOTH)
    scenario = tc.load(path)
    assert list(scenario.quantities) == ["c"]
    assert not scenario.correlations
    assert set(inheritance(path).dropped) == {"quantities.a", "quantities.b", "correlations: b - c"}


def test_a_clause_about_what_is_replaced_is_not_inherited(child: Pair) -> None:
    clauses = {
        "world": "No catastrophe",
        "threshold": {"text": "thresholds as published", "about": [f"parameters.{NEEDED}"]},
    }
    parent = calculator() | {"conditions": clauses}
    path = child(parent, parameters=BOTH)
    assert str(tc.load(path).conditions) == "No catastrophe"
    assert "conditions.threshold" in inheritance(path).dropped
    own = child(parent, parameters=BOTH, conditions={"threshold": "my threshold"})
    assert "my threshold" in str(tc.load(own).conditions)
    assert "as published" not in str(tc.load(own).conditions)


@pytest.mark.parametrize("entry", ["choices.view", "quantities.a", "conditions.world", "run",
                                   "parameters.investment.cap_usd"])  # fmt: skip
def test_remove_takes_out_what_is_inherited(entry: str, child: Pair) -> None:
    parent = calculator(BY_VIEW, a=REQUIREMENT | {"unit": "1"}) | VIEWS
    parent |= {"conditions": {"world": "No catastrophe", "other": "Else"}, "run": {"draws": 7, "seed": 3}}
    parent["parameters"]["automation"]["gap"] = formula("1 + 0 * a", "OOM")
    parent["parameters"]["investment"]["cap_usd"] = point(1e12, "USD")
    # What is removed must not be read any more.
    change = BOTH | _parameters(automation__gap=point(1, "OOM"))
    path = child(parent, remove=[entry], parameters=change)
    scenario = tc.load(path)
    assert entry in inheritance(path).removed
    assert not scenario.choices
    assert not scenario.quantities
    gone = {
        "conditions.world": "No catastrophe" not in str(scenario.conditions),
        "run": scenario.run.draws != 7,
        "parameters.investment.cap_usd": "investment.cap_usd" not in scenario.parameters,
    }
    assert gone.get(entry, True)


def test_remove_takes_out_one_correlation_or_all(child: Pair) -> None:
    drawn = {"distribution": "normal", "mean": 0, "sd": 1, "unit": "1"} | SOURCE
    parent = calculator(formula("25 + a + b + c"), a=drawn, b=drawn, c=drawn)
    parent["correlations"] = [{"between": pair, "rho": 0.5} | SOURCE for pair in (["a", "b"], ["a", "c"])]
    assert [p.between for p in tc.load(child(parent, remove=[["b", "a"]])).correlations] == [("a", "c")]
    assert not tc.load(child(parent, remove=["correlations"])).correlations


@pytest.mark.parametrize(
    ("key", "entry", "refusal"),
    [
        (
            "remove",
            "choices.vew",
            Refusal("not-inherited", "child.toml: remove[0]", got="choices.vew", names="'choices.view'"),
        ),
        (
            "keep",
            "parameters.threshold.refrence_year",
            Refusal(
                "not-inherited",
                "child.toml: keep[0]",
                got="parameters.threshold.refrence_year",
                names=f"'parameters.{YEAR}'",
            ),
        ),
        ("remove", ["a", "b"], Refusal("not-inherited", "child.toml: remove[0]", got=["a", "b"])),
        ("remove", "model", Refusal("not-inherited", "child.toml: remove[0]", got="model")),
        ("remove", 3, Refusal("not-inheritable", "child.toml: remove[0]", got=3)),
        (
            "remove",
            f"parameters.{NEEDED}",
            Refusal("stated-and-removed", "child.toml: remove[0]", got=f"parameters.{NEEDED}"),
        ),
    ],
)
def test_what_is_not_inherited_cannot_be_removed_or_kept(
    key: str, entry: Any, refusal: Refusal, child: Pair
) -> None:
    with refusal.expected():
        tc.load(child(calculator(BY_VIEW) | VIEWS, parameters=BOTH, **{key: [entry]}))


@pytest.mark.parametrize("key", ["remove", "keep"])
def test_a_file_that_extends_none_has_nothing_to_remove_or_keep(key: str, tmp_path: Path) -> None:
    path = tmp_path / "alone.toml"
    path.write_text(tomli_w.dumps({key: ["run"]} | calculator()), encoding="utf-8")
    with refused("nothing-inherited", f"alone.toml: {key}"):
        tc.load(path)


def test_every_inherited_entry_is_in_one_list(child: Pair) -> None:
    parent = calculator(BY_VIEW) | VIEWS | {"run": {"draws": 7, "seed": 3}}
    made = inheritance(child(parent, remove=["run"], parameters=BOTH, title="Mine"))
    lists = (made.changed, made.removed, tuple(made.dropped), made.kept)
    entries = [name for names in lists for name in names]
    tables = {f"parameters.{c}.{name}" for c, names in parent["parameters"].items() for name in names}
    assert sorted(entries) == sorted({*tables, "choices.view", "name", "model", "as_of", "conditions",
                                      "time", "not_yet", "run"})  # fmt: skip
    assert made.added == ("title",)


# --------------------------------------------------------------------------------------------------- in code


def test_replace_asks_for_what_belongs_together(baseline: tc.Scenario) -> None:
    needed = LogNormal(p10=1e32, p90=1e40, unit="FLOP")
    with refused("group-restated-in-part", NEEDED, names=f"State {YEAR}"):
        baseline.replace({NEEDED: needed})
    own = baseline.replace({NEEDED: needed, YEAR: Point(value=2026, unit="calendar year")})
    assert set(tc.sample(own, 200)[YEAR].values) == {2026.0}
    assert "as published" not in str(own.conditions)
    kept = baseline.replace({NEEDED: needed}, keep=[YEAR])
    assert kept.parameters[YEAR] == baseline.parameters[YEAR]


def test_replace_refuses_a_distribution_without_a_unit_unless_it_is_a_pure_number(
    baseline: tc.Scenario,
) -> None:
    with refused("distribution-without-unit", "parameters.hardware.doubling_time", names="unit='year'"):
        baseline.replace({"hardware.doubling_time": Point(value=2.0)})
    pure = [p.name for p in baseline.definition.parameters if p.unit == "1" and p.name in baseline.parameters]
    for name in pure:
        value = float(np.median(tc.sample(baseline, 200)[name].values))
        gone = {name, *baseline.parameters[name].mentioned}
        free = [c for c in baseline.correlations if gone.isdisjoint(c.between)]
        assert baseline.replace({name: Point(value=value)}, correlations=free).parameters[name].unit == "1"
    assert pure


def test_every_dimensional_parameter_asks_for_its_unit(baseline: tc.Scenario) -> None:
    for parameter in baseline.definition.parameters:
        if parameter.unit != "1":
            with refused("distribution-without-unit", f"parameters.{parameter.name}"):
                baseline.replace({parameter.name: Point(value=1.0)})


def test_a_scenario_prints_on_one_screen(baseline: tc.Scenario) -> None:
    lines = repr(baseline).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert baseline.name in lines[0]
    assert f"{len(baseline.parameters)} stated" in repr(baseline)


def test_a_scenario_has_an_html_form_with_every_input(baseline: tc.Scenario) -> None:
    text = baseline._repr_html_()
    assert text.count("<table>") == text.count("</table>") == 2
    for name, given in baseline.inputs().items():
        assert f">{name}" in text
        assert given.unit.replace("&", "&amp;") in text
    assert "<script" not in baseline.replace({}, title="<script>x</script>")._repr_html_()
