"""Blocks of correlations, written out as pairs."""

from __future__ import annotations

import pytest

import timecone as tc
from timecone.errors import ScenarioError
from timecone.scenario.correlation_blocks import with_pairs

ABOUT = {"rho": 0.4, "source": "a test"}


def _pairs(**table) -> list[list[str]]:
    content = with_pairs({"name": "x", "correlations": [{**table, **ABOUT}]})
    assert content["name"] == "x"
    assert all({k: v for k, v in pair.items() if k != "between"} == ABOUT for pair in content["correlations"])
    return [pair["between"] for pair in content["correlations"]]


def test_a_list_is_all_its_pairs_and_two_lists_are_all_across() -> None:
    assert _pairs(among=["a", "b", "c"]) == [["a", "b"], ["a", "c"], ["b", "c"]]
    assert _pairs(between=[["a", "b"], ["c", "d"]]) == [["a", "c"], ["a", "d"], ["b", "c"], ["b", "d"]]
    assert _pairs(between=["a", ["c", "d"]]) == [["a", "c"], ["a", "d"]]
    assert _pairs(between=["a", "b"]) == [["a", "b"]]


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ({"among": ["a"]}, "correlations[0].among"),
        ({"among": "ab"}, "correlations[0].among"),
        ({"among": ["a", "b", "a"]}, "correlations[0].among"),
        ({"among": ["a", "b"], "between": ["c", "d"]}, "correlations[0]"),
        ({"between": [["a"], ["b"], ["c"]]}, "correlations[0].between"),
        ({"between": [["a", "b"], ["b", "c"]]}, "correlations[0].between"),
        ({"between": [["a"], []]}, "correlations[0].between[1]"),
        ({"between": [["a"], [1]]}, "correlations[0].between[1]"),
    ],
)
def test_a_block_that_names_no_pairs_is_refused(table, place) -> None:
    with pytest.raises(ScenarioError) as error:
        with_pairs({"correlations": [{**table, **ABOUT}]})
    assert error.value.where == place


def test_the_published_correlations_are_311_pairs_in_13_blocks() -> None:
    scenario = tc.load("full_takeoff/monte_carlo_2022")
    stated = {frozenset(c.between): c.rho for c in scenario.correlations}
    assert len(stated) == len(scenario.correlations) == 311
    # Of the published table, in the direction that makes takeoff short: 6 pairs with their signs.
    assert stated[frozenset({"requirement.training", "requirement.runtime"})] == 1.0
    assert stated[frozenset({"software.ceiling", "requirement.training"})] == 1.0
    assert stated[frozenset({"requirement.training_goods_to_rnd", "requirement.training"})] == 0.6
    assert stated[frozenset({"hardware.delay", "software.returns"})] == -0.3
    assert stated[frozenset({"ceiling.training", "growth_awake.training"})] == 0.8
    assert stated[frozenset({"ceiling.training", "requirement.training"})] == -0.4
