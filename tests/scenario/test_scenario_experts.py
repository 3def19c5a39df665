"""Several people's answers: each as alone, all pooled; wrong tables refused."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w

import timecone as tc
from edits import ABSENT, content_of, edited
from refusals import Refusal, refused
from timecone.scenario.file import dumps, load, loads, parse

P = "parameters"
DOUBLING, HEADROOM = "hardware.doubling_time", "hardware.headroom"
DRAWS = 4096


def answer(unit: str, about: dict[str, Any] | None = None, **form: Any) -> dict[str, Any]:
    """Return one expert's answer to one question."""
    known = {"source": "an interview", "as_of": date(2026, 1, 1), "basis": "expert"}
    return form | {"unit": unit} | known | (about or {})


ANN = {"hardware": {
    "doubling_time": answer("year", distribution="lognormal", p05=1.5, p95=3),
    "headroom": answer("OOM", distribution="uniform", low=2, high=5),
}}  # fmt: skip
BOB = {"hardware": {
    "doubling_time": answer("month", {"as_of": date(2026, 3, 1), "basis": "guess"},
                            distribution="lognormal", p05=20, p95=60),
    "headroom": answer("OOM", distribution="point", value=3),
}}  # fmt: skip


@pytest.fixture(scope="module")
def content(baseline: tc.Scenario) -> dict[str, Any]:
    """Return a scenario that leaves two questions to experts."""
    whole = content_of(baseline)
    return edited(whole, {f"{P}.{DOUBLING}": ABSENT, f"{P}.{HEADROOM}": ABSENT})


def pooled(content: dict[str, Any], changes: dict[str, Any] | None = None) -> dict[str, Any]:
    experts = {"ann": {"weight": 0.25, "parameters": ANN}, "bob": {"weight": 0.75, "parameters": BOB}}
    return edited(content | {"experts": experts}, changes or {})


def alone(content: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    changes = {f"{P}.hardware.{name}": given for name, given in answers["hardware"].items()}
    return edited(content, changes)


def write(folder: Path, content: dict[str, Any], name: str = "scenario.toml") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(tomli_w.dumps(content))
    return path


def test_a_draw_takes_all_its_answers_from_one_expert_as_if_alone(content: dict[str, Any]) -> None:
    found = tc.sample(parse(pooled(content)), DRAWS, seed=5)
    experts = np.array(found["choice_expert"].attrs["flag_meanings"].split())[found["choice_expert"].values]
    for name, answers in (("ann", ANN), ("bob", BOB)):
        single = tc.sample(parse(alone(content, answers)), DRAWS, seed=5)
        theirs = experts == name
        assert theirs.any()
        for parameter in single:
            np.testing.assert_array_equal(found[parameter].values[theirs], single[parameter].values[theirs])


def test_results_per_expert_are_those_of_separate_scenarios(content: dict[str, Any]) -> None:
    run = tc.simulate(parse(pooled(content)), draws=DRAWS, seed=5, threads=1, paths=0)
    values = run["inputs"]["choice_expert"].attrs["flag_meanings"].split()
    for name, answers in (("ann", ANN), ("bob", BOB)):
        single = tc.simulate(parse(alone(content, answers)), draws=DRAWS, seed=5, threads=1, paths=0)
        theirs = run["inputs"]["choice_expert"].values == values.index(name)
        for variable in ("arrival", "status"):
            np.testing.assert_array_equal(
                run["outcomes"][variable].values[:, theirs], single["outcomes"][variable].values[:, theirs]
            )


def test_experts_are_drawn_with_their_weights(content: dict[str, Any]) -> None:
    found = tc.sample(parse(pooled(content)), 40_000, seed=5)
    # ann comes first. The standard error is sqrt(0.25 * 0.75 / 40 000) = 0.0022: five of them.
    assert np.mean(found["choice_expert"].values == 0) == pytest.approx(0.25, abs=0.011)


def test_the_pool_says_who_said_what(content: dict[str, Any]) -> None:
    given = parse(pooled(content)).parameters[DOUBLING]
    assert given.source == "ann: an interview; bob: an interview"
    assert (given.as_of, given.basis, given.unit) == (date(2026, 3, 1), "guess", "year")
    assert given.distributions["expert = bob"] == tc.LogNormal(p05=20, p95=60, unit="month")


def test_experts_in_files_are_experts_in_the_scenario(content: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, {"parameters": ANN}, "experts/ann.toml")
    write(tmp_path, {"parameters": BOB}, "experts/bob.toml")
    experts = {name: {"weight": weight, "file": f"experts/{name}.toml"}
               for name, weight in (("ann", 0.25), ("bob", 0.75))}  # fmt: skip
    scenario = load(write(tmp_path, content | {"experts": experts}))
    assert dumps(scenario) == dumps(parse(pooled(content)))
    assert loads(dumps(scenario)) == scenario


def test_a_childs_experts_answer_for_its_parent(
    content: dict[str, Any], baseline: tc.Scenario, tmp_path: Path
) -> None:
    write(tmp_path, content_of(baseline), "base/parent.toml")
    write(tmp_path, {"parameters": ANN}, "ann.toml")
    experts = {"ann": {"weight": 0.25, "file": "ann.toml"}, "bob": {"weight": 0.75, "parameters": BOB}}
    child = load(write(tmp_path, {"extends": "base/parent.toml", "experts": experts}))
    # Their headroom is counted from the start: the year of the parent's went with the parent's headroom.
    expected = deepcopy(pooled(content))
    del expected["parameters"]["hardware"]["headroom_year"]
    assert child == parse(expected)


def test_a_child_replaces_an_answer_of_its_parents_experts(content: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, {"parameters": ANN}, "base/people/ann.toml")
    experts = {"ann": {"weight": 0.25, "file": "people/ann.toml"}, "bob": {"weight": 0.75, "parameters": BOB}}
    write(tmp_path, content | {"experts": experts}, "base/parent.toml")
    point = answer("year", distribution="point", value=2)
    change = {"extends": "base/parent.toml", "parameters": {"hardware": {"doubling_time": point}}}
    child = load(write(tmp_path, change))
    assert child.parameters[DOUBLING].form == tc.Point(value=2)
    assert set(child.parameters[HEADROOM].distributions) == {"expert = ann", "expert = bob"}


@pytest.mark.parametrize(
    "changes",
    [
        {"experts.ann.weight": 0.5, "experts.bob.weight": 0.5},
        {"experts.ann.parameters.hardware.headroom.high": 6},
        {"experts.carol": {"weight": 0.0, "parameters": ANN}},
    ],
    ids=["weights", "an answer", "another expert"],
)
def test_weights_and_answers_reach_the_digest(changes: dict[str, Any], content: dict[str, Any]) -> None:
    assert parse(pooled(content, changes)).digest != parse(pooled(content)).digest


def test_the_order_of_experts_changes_no_draw(content: dict[str, Any]) -> None:
    one = pooled(content)
    other = one | {"experts": dict(reversed(one["experts"].items()))}
    first, second = (tc.sample(parse(c), 256, seed=1) for c in (one, other))
    assert parse(one).digest == parse(other).digest
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


A = "experts.ann.parameters.hardware"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        (
            {f"{A}.headroom": ABSENT},
            Refusal("expert-answers-differ", "experts.ann", got="hardware.headroom"),
        ),
        (
            {"experts.ann.weight": 0.5},
            Refusal("weights-do-not-sum", "experts.weights", got=1.25),
        ),
        (
            {"experts.ann.weight": -0.25, "experts.bob.weight": 1.25},
            Refusal("out-of-range", "experts.weights.ann", got=-0.25, names="at least 0"),
        ),
        ({"experts.ann.weight": True}, Refusal("not-a-number", "experts.ann.weight", got=True)),
        (
            {"experts.ann.weight": ABSENT, "experts.ann.parameters": ABSENT},
            Refusal("expert-without-weight", "experts.ann", got={}),
        ),
        ({"experts.ann.wight": 1}, Refusal("unknown-key", "experts.ann.wight", names="'weight'")),
        (
            {"experts.ann.parameters": ABSENT},
            Refusal("expert-without-answers", "experts.ann"),
        ),
        ({f"{A}.headroom.source": ABSENT}, Refusal("missing-key", f"{A}.headroom.source")),
        ({f"{A}.headroom.unit": ABSENT}, Refusal("missing-key", f"{A}.headroom.unit")),
        (
            {f"{A}.headroom.basis": "hunch"},
            Refusal("unknown-value", f"{A}.headroom.basis", got="hunch"),
        ),
        ({A: 3}, Refusal("not-a-table", A, got=3)),
        ({f"{A}.headroom": 3}, Refusal("not-a-table", f"{A}.headroom", got=3)),
        ({"experts": {}}, Refusal("not-a-table", "experts", got={})),
        ({"experts": 3}, Refusal("not-a-table", "experts", got=3)),
        (
            {"choices.expert": {"weights": {"a": 1.0}}},
            Refusal("expert-choice-name-taken", "choices.expert"),
        ),
        (
            {f"{P}.{HEADROOM}": answer("OOM", distribution="point", value=3)},
            Refusal("parameter-answered-by-experts", f"{P}.hardware.headroom"),
        ),
        (
            {"experts.ann.file": "ann.toml"},
            Refusal("expert-answers-twice", f"experts.ann.{P}"),
        ),
    ],
)
def test_wrong_tables_of_experts_are_refused(
    changes: dict[str, Any], refusal: Refusal, content: dict[str, Any]
) -> None:
    with refusal.expected():
        parse(pooled(content, changes))


def test_a_misspelt_answer_is_refused_by_name(content: dict[str, Any]) -> None:
    wrong = {f"experts.{name}.parameters.hardware.headrom": ANN["hardware"]["headroom"]
             for name in ("ann", "bob")}  # fmt: skip
    with refused("unknown-parameter", f"{P}.hardware.headrom", names="'hardware.headroom'"):
        parse(pooled(content, wrong))


def test_a_missing_file_of_an_expert_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, {"parameters": ANN}, "ann.toml")
    path = write(tmp_path, pooled(content, {"experts.ann": {"weight": 0.25, "file": "an.toml"}}))
    with refused("no-such-file", names="'ann.toml'"):
        load(path)


def test_an_experts_file_holds_nothing_but_answers(content: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, {"parameters": ANN, "name": "ann"}, "ann.toml")
    path = write(tmp_path, pooled(content, {"experts.ann": {"weight": 0.25, "file": "ann.toml"}}))
    with refused("expert-file-contents", "scenario.toml: experts.ann.file"):
        load(path)
