"""Conditions on stored inputs and outcomes: the same numbers as a filter of all draws, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc
from refusals import Refusal

CONDITION = "automation_20 < 2030 and (threshold == 'bio_anchors' or takeoff_duration < 2)"


@pytest.fixture(scope="module")
def run():
    return tc.simulate(tc.load("baseline"), draws=8000, seed=3, paths=20)


def test_percentiles_equal_those_of_a_filter(run) -> None:
    frame = tc.to_frame(run)
    holds = (frame["automation_20"] < 2030) & (
        (frame["choice_threshold"] == "bio_anchors") | (frame["takeoff_duration"] < 2)
    )
    chosen = frame[holds & (frame["standing"] == "counted")]
    found = tc.given(run, CONDITION)
    q = [5, 25, 50, 75, 90]
    expected = np.quantile(chosen["tai"], np.array(q) / 100, method="inverted_cdf")
    assert tc.percentiles(found, "tai", q).values.tolist() == expected.tolist()
    assert tc.probability_by(found, "tai", [2035]).item() == pytest.approx(np.mean(chosen["tai"] < 2036))
    bio = chosen[chosen["choice_threshold"] == "bio_anchors"]
    by_value = tc.probability_by(found, "tai", [2035], where={"threshold": "bio_anchors"})
    assert by_value.item() == pytest.approx(np.mean(bio["tai"] < 2036))


def test_a_condition_that_always_holds_leaves_every_count(run) -> None:
    found = tc.given(run, "tai > 0")
    for name in (
        "arrival_count",
        "arrival_beyond",
        "standing_count",
        "duration_count",
        "duration_beyond",
        "duration_from_start",
        "status_count",
        "flag_count",
        "flag_arrived_count",
    ):
        np.testing.assert_array_equal(
            found["summary"][name].values, run["summary"][name].values, err_msg=name
        )
    np.testing.assert_allclose(found["summary"]["cdf"].values, run["summary"]["cdf"].values)
    assert found.attrs["conditions"].endswith("Given that tai > 0.")


@pytest.mark.parametrize(
    ("condition", "refusal"),
    [
        (
            "automation_2 < 2030",
            Refusal("unknown-stored-name", "given", got="automation_2", names="'automation_20'"),
        ),
        (
            "threshold == 'bio_anchor'",
            Refusal("stored-value-unknown", "given", got="bio_anchor", names="'bio_anchors'"),
        ),
        ("threshold > 3", Refusal("value-not-compared-with-choice", "given", got="threshold")),
        ("tai < 2000", Refusal("condition-leaves-too-few", "given", got="tai < 2000", names="at least 100")),
        ("tai = 2030", Refusal("unreadable-condition", "given", got="tai = 2030", names="==")),
        ("__import__('os')", Refusal("unreadable-condition", "given", got="__import__('os')")),
    ],
)
def test_refusals(run, condition: str, refusal: Refusal) -> None:
    with refusal.expected():
        tc.given(run, condition)


@pytest.mark.slow
def test_intervals_cover_the_conditional_probability() -> None:
    """Of 60 independent stretches of draws, each interval holds the number of all of them in 95 %."""
    scenario = tc.load("open_loop")
    whole = tc.simulate(scenario, draws=60_000, seed=1, paths=0, keep=60_000)
    condition = "automation_20 < 2030"
    truth = tc.probability_by(tc.given(whole, condition), "tai", [2035]).item()
    held = 0
    for seed in range(2, 62):
        part = tc.given(tc.simulate(scenario, draws=1500, seed=seed, paths=0), condition)
        found = tc.probability_by(part, "tai", [2035])
        held += bool(found.lower.item() <= truth <= found.upper.item())
    # Binomial(60, 0.95): 52 or fewer once in 100 times.
    assert held >= 53
