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
from timecone.errors import UsageError
from timecone.scenario.digest import digest
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
    assert digest(parse(pooled(content, changes))) != digest(parse(pooled(content)))


def test_the_order_of_experts_changes_no_draw(content: dict[str, Any]) -> None:
    one = pooled(content)
    other = one | {"experts": dict(reversed(one["experts"].items()))}
    first, second = (tc.sample(parse(c), 256, seed=1) for c in (one, other))
    assert digest(parse(one)) == digest(parse(other))
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


A = "experts.ann.parameters.hardware"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {f"{A}.headroom": ABSENT},
            (
                "experts.ann: the experts answer different questions; got 'hardware.headroom'."
                " Only bob answers it."
            ),
        ),
        (
            {"experts.ann.weight": 0.5},
            (
                "experts.weights: the weights do not sum to 1; got 1.25; expected 1."
                " Divide each weight by the sum, or add the missing value."
            ),
        ),
        (
            {"experts.ann.weight": -0.25, "experts.bob.weight": 1.25},
            "experts.weights.ann: out of range; got -0.25; expected at least 0.",
        ),
        ({"experts.ann.weight": True}, "experts.ann.weight: not a number; got True."),
        (
            {"experts.ann.weight": ABSENT, "experts.ann.parameters": ABSENT},
            'experts.ann: an expert needs a weight; got {}; expected { weight = ..., file = "..." }.',
        ),
        ({"experts.ann.wight": 1}, "experts.ann.wight: unknown key. Did you mean 'weight'?"),
        (
            {"experts.ann.parameters": ABSENT},
            "experts.ann: the expert answers nothing; expected [parameters...] tables.",
        ),
        ({f"{A}.headroom.source": ABSENT}, f"{A}.headroom.source: missing."),
        ({f"{A}.headroom.unit": ABSENT}, f"{A}.headroom.unit: missing."),
        (
            {f"{A}.headroom.basis": "hunch"},
            f"{A}.headroom.basis: unknown value; got 'hunch'; expected 'data', 'expert' or 'guess'.",
        ),
        ({A: 3}, f"{A}: not a table; got 3."),
        ({f"{A}.headroom": 3}, f"{A}.headroom: not a table; got 3."),
        ({"experts": {}}, "experts: not a table of experts; got {}."),
        ({"experts": 3}, "experts: not a table of experts; got 3."),
        (
            {"choices.expert": {"weights": {"a": 1.0}}},
            "choices.expert: experts and a choice of that name exclude each other.",
        ),
        (
            {f"{P}.{HEADROOM}": answer("OOM", distribution="point", value=3)},
            f"{P}.{HEADROOM}: the experts answer this parameter. Remove it here or from every expert.",
        ),
        (
            {"experts.ann.file": "ann.toml"},
            "experts.ann.parameters: answers in a file and beside it exclude each other.",
        ),
    ],
)
def test_wrong_tables_of_experts_are_refused(
    changes: dict[str, Any], line: str, content: dict[str, Any]
) -> None:
    with pytest.raises(UsageError) as failure:
        parse(pooled(content, changes))
    assert str(failure.value) == line


def test_a_misspelt_answer_is_refused_by_name(content: dict[str, Any]) -> None:
    wrong = {f"experts.{name}.parameters.hardware.headrom": ANN["hardware"]["headroom"]
             for name in ("ann", "bob")}  # fmt: skip
    with pytest.raises(UsageError, match=r"hardware\.headrom: .*Did you mean 'hardware\.headroom'\?"):
        parse(pooled(content, wrong))


def test_a_missing_file_of_an_expert_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, {"parameters": ANN}, "ann.toml")
    path = write(tmp_path, pooled(content, {"experts.ann": {"weight": 0.25, "file": "an.toml"}}))
    with pytest.raises(UsageError) as failure:
        load(path)
    assert str(failure.value) == (
        f"scenario.toml: experts.ann.file: {tmp_path / 'an.toml'}: no such file. Did you mean 'ann.toml'?"
    )


def test_an_experts_file_holds_nothing_but_answers(content: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, {"parameters": ANN, "name": "ann"}, "ann.toml")
    path = write(tmp_path, pooled(content, {"experts.ann": {"weight": 0.25, "file": "ann.toml"}}))
    with pytest.raises(
        UsageError, match=r"experts\.ann\.file: an expert's file holds nothing but parameters"
    ):
        load(path)
