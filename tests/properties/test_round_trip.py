"""Any valid scenario, written as a file and read again, is the same scenario."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import timecone as tc
from examples import examples
from generated import scenarios
from strategies import WORDS, scenario_contents
from timecone.scenario.digest import digest
from timecone.scenario.file import dumps, loads, parse


@pytest.fixture(scope="module")
def bare(baseline: tc.Scenario) -> dict[str, Any]:
    """Return the baseline without its components, whose parameters need each other."""
    known = baseline.definition
    without = baseline.replace(
        {},
        parameters={n: p for n, p in baseline.parameters.items() if not known.parameter(n).components},
        choices={"threshold": baseline.choices["threshold"]},
        correlations=(),
    )
    return tomllib.loads(dumps(without))


@given(data=st.data())
@settings(max_examples=examples(8), suppress_health_check=[HealthCheck.too_slow])
def test_a_scenario_written_and_read_is_itself(
    baseline: tc.Scenario, bare: dict[str, Any], data: st.DataObject
) -> None:
    scenario = parse(data.draw(scenario_contents(bare, baseline)))
    text = dumps(scenario)
    again = loads(text)
    assert again == scenario
    for field in type(scenario).model_fields:
        assert getattr(again, field) == getattr(scenario, field)
    assert digest(again) == digest(scenario)
    assert dumps(again) == text


@given(data=st.data())
@settings(max_examples=examples(8), suppress_health_check=[HealthCheck.too_slow])
def test_every_form_written_and_read_is_itself(
    content: dict[str, Any], expert_folder: Path, data: st.DataObject
) -> None:
    scenario = parse(data.draw(scenarios(content)), expert_folder)
    again = loads(dumps(scenario))
    for field in type(scenario).model_fields:
        assert getattr(again, field) == getattr(scenario, field)
    assert digest(again) == digest(scenario)


def _backwards(value: Any) -> Any:
    """Return content with the keys of every table in the opposite order."""
    if isinstance(value, dict):
        return {key: _backwards(inner) for key, inner in reversed(value.items())}
    return [_backwards(inner) for inner in value] if isinstance(value, list) else value


@given(data=st.data())
@settings(max_examples=examples(4), suppress_health_check=[HealthCheck.too_slow])
def test_the_order_of_keys_moves_neither_digest_nor_draw(
    content: dict[str, Any], expert_folder: Path, data: st.DataObject
) -> None:
    given_ = data.draw(scenarios(content))
    one, other = parse(given_, expert_folder), parse(_backwards(given_), expert_folder)
    assert digest(one) == digest(other)
    before, after = tc.sample(one, 512, seed=4), tc.sample(other, 512, seed=4)
    assert set(before) == set(after)
    for name in before:
        np.testing.assert_array_equal(before[name], after[name])


@given(data=st.data())
@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.too_slow])
def test_a_scenario_written_and_read_draws_the_same_inputs(
    baseline: tc.Scenario, bare: dict[str, Any], data: st.DataObject
) -> None:
    scenario = parse(data.draw(scenario_contents(bare, baseline)))
    before, after = tc.sample(scenario, 256, seed=4), tc.sample(loads(dumps(scenario)), 256, seed=4)
    assert set(before) == set(after)
    for name in before:
        np.testing.assert_array_equal(before[name], after[name])


@given(data=st.data())
@settings(max_examples=examples(8), suppress_health_check=[HealthCheck.too_slow])
def test_words_never_reach_the_digest(
    baseline: tc.Scenario, bare: dict[str, Any], data: st.DataObject
) -> None:
    one = data.draw(scenario_contents(bare, baseline))
    other = one | {"title": data.draw(WORDS), "conditions": data.draw(WORDS), "name": "another"}
    assert digest(parse(one)) == digest(parse(other))
