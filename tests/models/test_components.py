"""Switching parts of a model: what is on, what that asks for, and that nothing else changes."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

import timecone as tc
from edits import ABSENT, edited
from refusals import Refusal, refused
from timecone.inputs.designs import RandomDesign
from timecone.scenario.file import dumps, loads, parse
from toy_model import MODEL, SOURCE, full_content, normal, open_content, uniform

P = "parameters"
NAMES = tuple(c.name for c in MODEL.components)
SUBSETS = [set(s) for k in range(len(NAMES) + 1) for s in combinations(NAMES, k)]


def _full(changes: dict[str, Any] | None = None) -> tc.Scenario:
    return parse(edited(full_content(), changes or {}))


# ------------------------------------------------------------------------------------------ what is on


def test_a_component_is_on_where_one_of_its_parameters_is_given() -> None:
    assert parse(open_content()).components_on == frozenset()
    assert _full().components_on == frozenset(NAMES)
    given_one = edited(open_content(), {f"{P}.boost": {"money": uniform(1.0, 2.0, "1")}})
    assert parse(given_one).components_on == {"boost"}


@pytest.mark.parametrize("off", SUBSETS, ids=lambda s: "+".join(sorted(s)) or "none")
def test_a_switch_overrules_the_default(off: set[str]) -> None:
    scenario = _full({"components": dict.fromkeys(off, False)})
    assert scenario.components_on == set(NAMES) - off
    assert scenario.setup.components == scenario.components_on


def test_what_is_on_asks_for_its_parameters() -> None:
    way_out = "components.shock = false"
    with refused("component-lacks-parameter", "parameters.shock.hazard", names=way_out):
        parse(edited(full_content(), {f"{P}.shock.hazard": ABSENT}))
    with refused("component-lacks-parameter", "parameters.wall.stock"):
        parse(edited(open_content(), {"components": {"wall": True}}))
    parse(edited(full_content(), {f"{P}.shock.hazard": ABSENT, "components": {"shock": False},
                                  "correlations": ABSENT}))  # fmt: skip


def test_any_of_is_content_with_one() -> None:
    with refused("component-lacks-parameter", "parameters.boost.labour") as failure:
        parse(edited(open_content(), {"components": {"boost": True}}))
    assert "boost.money" in failure.value.what
    for name in ("labour", "money"):
        found = parse(edited(open_content(), {f"{P}.boost": {name: uniform(1.0, 2.0, "1")}}))
        assert found.components_on == {"boost"}


@pytest.mark.parametrize(
    ("switches", "refusal"),
    [
        ({"wal": False}, Refusal("unknown-component", "components.wal", names="'wall'")),
        ({"wall": 0}, Refusal("not-a-truth-value", "components.wall", got=0)),
        ({"wall": "false"}, Refusal("not-a-truth-value", "components.wall", got="false")),
        (["wall"], Refusal("not-a-table", "components", got=["wall"])),
    ],
)
def test_a_wrong_switch_is_named(switches: object, refusal: Refusal) -> None:
    with refusal.expected():
        parse(edited(full_content(), {"components": switches}))


def test_a_model_without_components_knows_no_switch(baseline: tc.Scenario) -> None:
    with refused("unknown-component", "components.no_such_part"):
        baseline.without("no_such_part")


# ---------------------------------------------------------------------------------- what is switched off


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({f"{P}.wall.stock.unit": "year"}, Refusal("unknown-unit", "parameters.wall.stock.unit", got="year")),
        ({f"{P}.shock.delay": normal(1.0, 5.0, "year")},
         Refusal("distribution-outside-domain", "parameters.shock.delay")),
        ({f"{P}.wall.stock": {"expression": "no_such_thing", "unit": "log10 FLOP"} | SOURCE,
          "correlations": ABSENT},
         Refusal("reference-unknown", "parameters.wall.stock.expression", got="no_such_thing")),
        ({f"{P}.wall.stock": {"expression": "wall.slope + wall.stock", "unit": "log10 FLOP"} | SOURCE,
          "correlations": ABSENT}, Refusal("circular-formulas", None, got="wall.stock -> wall.stock")),
        ({"correlations.0.rho": 0.999, "correlations.1.rho": 0.999, "correlations.2":
          {"between": ["wall.stock", "growth.need"], "rho": -0.99} | SOURCE},
         Refusal("inconsistent-correlations", "correlations")),
    ],
    ids=["unit", "support", "reference", "circle", "correlations"],
)  # fmt: skip
def test_what_is_switched_off_is_checked_all_the_same(change: dict[str, Any], refusal: Refusal) -> None:
    content = edited(full_content(), change)
    off = edited(content, {"components": {"wall": False, "shock": False}})
    for stated in (content, off):
        with refusal.expected():
            parse(stated)


def test_a_parameter_given_in_vain_is_refused_unless_switched_off() -> None:
    content = edited(open_content(), {f"{P}.wall": {"slope": uniform(0.1, 0.5, "1")}})
    with refused("inactive-parameter", "parameters.wall.slope", names="wall.stock"):
        parse(content)
    assert parse(edited(content, {"components": {"wall": False}})).components_on == frozenset()


def test_a_shared_parameter_is_read_while_one_of_its_components_is_on() -> None:
    given = {f"{P}.limits": {"lag": uniform(1.0, 2.0, "year")}}
    for off, read in (({"wall"}, True), ({"shock"}, True), ({"wall", "shock"}, False)):
        scenario = _full(given | {"components": dict.fromkeys(off, False)})
        assert ("limits.lag" in tc.sample(scenario, 64, seed=1)) == read
    with refused("inactive-parameter", "parameters.limits.lag"):
        parse(edited(open_content(), given))


def test_what_is_switched_off_is_0_in_the_block_and_absent_from_the_run() -> None:
    scenario = _full().without("wall", "shock")
    assert scenario.name == "rig-without-wall-without-shock"
    drawn = scenario.compiled.sampler
    assert drawn.names == tuple(p.name for p in MODEL.parameters)
    assert not any("wall" in stream or "shock" in stream for stream in drawn.streams)
    values = drawn.draw(RandomDesign(1), 0, 100).values
    idle = [
        k for k, p in enumerate(MODEL.parameters) if p.name.partition(".")[0] in ("wall", "shock", "limits")
    ]
    assert not values[idle].any()
    run = tc.simulate(scenario, draws=500, seed=1)
    assert set(run["inputs"].data_vars) == {
        "growth.rate", "growth.need", "growth.jump_rate", "boost.labour", "boost.money",
    }  # fmt: skip
    assert "exhaustion" not in run["outcomes"]
    assert "wall_loss" not in run["paths"]


# ------------------------------------------------------------------------- nothing else changes, digests


@given(off=st.sets(st.sampled_from(NAMES)), first=st.integers(0, 5), seed=st.integers(0, 3))
def test_a_switch_leaves_every_other_draw(off: set[str], first: int, seed: int) -> None:
    design, whole = RandomDesign(seed), _full().compiled.sampler
    part = _full({"components": dict.fromkeys(off, False)}).compiled.sampler
    before = whole.draw(design, 64 * first, 64)
    after = part.draw(design, 64 * first, 64)
    for name, row in zip(part.names, after.values, strict=True):
        read = MODEL.parameter(name)
        if read is None or read.is_read(frozenset(NAMES) - off):
            assert row.tobytes() == before.values[whole.names.index(name)].tobytes(), name


@pytest.mark.parametrize("off", SUBSETS, ids=lambda s: "+".join(sorted(s)) or "none")
def test_only_what_is_on_counts_in_the_digest(off: set[str]) -> None:
    switches = dict.fromkeys(off, False)
    found = _full({"components": switches}).digest
    # Said aloud or not, and whatever the numbers of what is off.
    assert _full({"components": switches | dict.fromkeys(set(NAMES) - off, True)}).digest == found
    others = {"wall": (f"{P}.wall.stock.mean", 27.0), "shock": (f"{P}.shock.delay.high", 8.0),
              "boost": (f"{P}.boost.labour.low", 0.8)}  # fmt: skip
    for name, (path, value) in others.items():
        changed = _full({"components": switches, path: value}).digest
        assert (changed == found) == (name in off)


def _never_given(off: set[str], content: dict[str, Any]) -> tc.Scenario:
    content = edited(content, {f"{P}.{name}": ABSENT for name in off})
    content["correlations"] = [
        c for c in content["correlations"] if not any(n.partition(".")[0] in off for n in c["between"])
    ]
    return parse(content)


@pytest.mark.parametrize("off", SUBSETS, ids=lambda s: "+".join(sorted(s)) or "none")
def test_switched_off_is_as_good_as_never_given(off: set[str]) -> None:
    # Without the shock's correlation, which through the need is one with the wall's residual.
    content = edited(full_content(), {"correlations": full_content()["correlations"][:2]})
    switched = parse(edited(content, {"components": dict.fromkeys(off, False)}))
    assert switched.digest == _never_given(off, content).digest
    assert "wall.stock" not in switched.compiled.copula.names or "wall" not in off


def test_a_correlation_counts_while_others_draws_rest_on_it() -> None:
    # Given rate and need, the delay's score is made from the stock's too: without the wall it must stay so.
    switched = _full({"components": {"wall": False}})
    assert switched.compiled.copula.names == ("growth.rate", "growth.need", "wall.stock", "shock.delay")
    assert switched.digest != _never_given({"wall"}, full_content()).digest
    assert switched.digest != _full({"components": {"wall": False}, "correlations.0.rho": 0.4}).digest
    assert _full({"components": {"shock": False}}).compiled.copula.names == (
        "growth.rate",
        "growth.need",
        "wall.stock",
    )
    assert _full({"components": {"shock": False, "wall": False}}).compiled.copula.names == (
        "growth.rate",
        "growth.need",
    )


@pytest.mark.parametrize("off", [{"wall"}, {"shock"}, {"wall", "shock"}])
def test_under_a_t_copula_a_switch_leaves_every_other_draw(off: set[str]) -> None:
    changes = {"copula": {"kind": "t", "df": 4.0}, "correlations": full_content()["correlations"][:1]}
    whole, part = (_full(changes | {"components": dict.fromkeys(s, False)}) for s in ((), off))
    before, after = tc.sample(whole, 64, seed=1), tc.sample(part, 64, seed=1)
    for name in after.data_vars:
        assert after[name].values.tobytes() == before[name].values.tobytes(), name
    # The rate alone is left of its pair, but still shares the common scale.
    assert (part.digest == _never_given(off, edited(full_content(), changes)).digest) == ("wall" not in off)


def test_each_set_of_components_has_its_own_digest() -> None:
    found = {_full({"components": dict.fromkeys(off, False)}).digest for off in SUBSETS}
    assert len(found) == len(SUBSETS)


def test_switches_survive_the_file(tmp_path: Path) -> None:
    scenario = _full({"components": {"wall": False, "boost": True}})
    again = loads(dumps(scenario))
    assert dict(again.components) == {"wall": False, "boost": True}
    assert again == scenario
    (tmp_path / "base.toml").write_text(dumps(scenario), encoding="utf-8")
    child = {"extends": "base.toml", "name": "child", "components": {"wall": True, "shock": False}}
    (tmp_path / "child.toml").write_text(tomli_w.dumps(child), encoding="utf-8")
    found = tc.load(tmp_path / "child.toml")
    assert dict(found.components) == {"wall": True, "boost": True, "shock": False}


def test_scenarios_are_switched_in_code() -> None:
    scenario = _full()
    off = scenario.replace({}, components={"wall": False})
    assert off.components_on == {"shock", "boost"}
    assert off.equals(scenario.without("wall"))
    assert scenario.without("wall").without("shock").components_on == {"boost"}
    assert off.replace({}, components={}).equals(scenario)
    with refused("unknown-component", "components.walls", names="'wall'"):
        scenario.without("walls")
    with pytest.raises(TypeError):
        scenario.components["wall"] = False


# ------------------------------------------------------------------------------ references and quantities


def test_what_is_read_cannot_be_computed_from_what_is_switched_off() -> None:
    stated = {f"{P}.growth.need": {"expression": "wall.stock + 9", "unit": "log10 FLOP"} | SOURCE,
              "correlations": ABSENT}  # fmt: skip
    content = edited(full_content(), stated)
    parse(content)
    with refused("reference-inactive", "parameters.growth.need", got="wall.stock"):
        parse(edited(content, {"components": {"wall": False}}))


def test_quantities_computed_from_what_is_switched_off_are_left_out() -> None:
    changes = {
        "correlations": ABSENT,
        "quantities": {
            "more": {"expression": "wall.stock + 9", "unit": "log10 FLOP"} | SOURCE,
            "most": {"of": "more", "points": [[20.0, 20.0], [60.0, 61.0]], "unit": "log10 FLOP"} | SOURCE,
            "other": uniform(0.0, 1.0, "1"),
        },
    }
    on, off = _full(changes), _full(changes | {"components": {"wall": False}})
    assert {"more", "most", "other"} <= set(tc.sample(on, 64, seed=1).data_vars)
    found = tc.sample(off, 64, seed=1)
    assert "other" in found
    assert not {"more", "most"} & set(found.data_vars)
    changes["quantities"]["more"]["expression"] = "wall.stock + 10"
    assert _full(changes | {"components": {"wall": False}}).equals(off)
    assert tc.simulate(off, draws=200, seed=1).attrs["draws"] == 200
    changes[f"{P}.growth.need"] = {"expression": "most", "unit": "log10 FLOP"} | SOURCE
    with refused("reference-inactive", "parameters.growth.need", got="most"):
        parse(edited(full_content(), changes | {"components": {"wall": False}}))


# ----------------------------------------------------------------------------------------------- event clocks


@pytest.mark.parametrize(
    ("changes", "present"),
    [
        ({}, ("shock.gap",)),
        ({"components": {"shock": False}}, ()),
        ({f"{P}.growth.jump_rate": uniform(0.1, 0.2, "1/year")}, ("growth.jump_gap", "shock.gap")),
        ({f"{P}.growth.jump_rate": uniform(0.1, 0.2, "1/year"), "components": {"shock": False}},
         ("growth.jump_gap",)),
    ],
)  # fmt: skip
def test_present_noises_follow_the_parameters_in_the_models_order(
    changes: dict[str, Any], present: tuple[str, ...]
) -> None:
    scenario = _full(changes)
    setup = scenario.setup
    assert setup.clocks == present
    rows, first = {}, len(MODEL.parameters)
    for clock in MODEL.clocks:
        if clock.name in present:
            rows[clock.name] = slice(first, first + clock.count)
            first += clock.count
    assert MODEL.clock_rows(setup) == rows
    assert MODEL.rows(setup) == first
    names = scenario.compiled.sampler.names
    for name, part in rows.items():
        assert names[part] == tuple(f"{name}_{k + 1:02d}" for k in range(part.stop - part.start))


def test_a_replicated_design_draws_what_is_on() -> None:
    scenario = _full({"run": {"design": "sobol"}, "components": {"wall": False}})
    run = tc.simulate(scenario, draws=8 * 64, seed=1)
    assert "wall.stock" not in run["inputs"]
    assert "shock.hazard" in run["inputs"]
