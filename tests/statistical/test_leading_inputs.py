"""Sobol' points led by some inputs, and the choice of a design by a trial."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc
from refusals import refused
from timecone.inputs.designs import make_design
from timecone.scenario.file import dumps, loads
from timecone.simulation.design_choice import _shape

STREAMS, DRAWS, REPLICATES = 5, 512, 8


def _points(leading: tuple[int, ...]) -> np.ndarray:
    design = make_design("sobol", 3, draws=DRAWS, streams=STREAMS, replicates=REPLICATES, leading=leading)
    out = np.empty((STREAMS, DRAWS))
    design.fill(("",) * STREAMS, 0, out)
    return out


def test_leading_streams_take_the_first_dimensions_and_the_others_follow_in_order() -> None:
    np.testing.assert_array_equal(_points((3, 1))[[3, 1, 0, 2, 4]], _points(()))


def _led(*names: str, design: str = "sobol") -> tc.Scenario:
    scenario = tc.load("open_loop")
    return scenario.replace({}, run={**scenario.run.model_dump(), "design": design, "leading": names})


def test_leading_inputs_change_the_points_and_the_digest_and_stay_in_the_file() -> None:
    plain, led = _led(), _led("threshold", "threshold.requirement")
    assert plain.compiled.digest != led.compiled.digest
    first, other = (tc.sample(s, DRAWS, seed=1)["threshold.requirement"] for s in (plain, led))
    assert not np.array_equal(first, other)
    assert loads(dumps(led)).run == led.run


def test_leading_inputs_that_are_not_drawn_are_refused() -> None:
    for names, got in ((("nobody",), "nobody"), (("threshold", "threshold"), "threshold")):
        with refused("leading-not-drawn", where="run.leading", got=got):
            tc.sample(_led(*names), DRAWS)
    with refused("leading-without-sobol", where="run.leading"):
        _led("threshold", design="random")


def test_the_shape_of_a_design_has_as_many_draws_as_asked_for_and_at_most_an_eighth_more() -> None:
    for draws in (512, 513, 1000, 4096, 99_999, 1_000_000, 2**20, 2**20 + 1):
        replicates, points = _shape(draws)
        assert draws <= replicates * points <= 1.125 * draws + 1, draws
        assert replicates >= REPLICATES, draws
        assert points.bit_count() == 1, draws


@pytest.mark.slow
def test_the_trial_chooses_sobol_points_where_they_are_more_precise_and_says_so() -> None:
    scenario = tc.load("open_loop")
    choice = tc.choose_design(scenario, draws=10_000, seed=1)
    assert choice.scenario.run.design == "sobol"
    assert choice.draws == 10_240
    assert "10,240 Sobol' points" in choice.reason
    # Independent of the trial: the spread of the answer over seeds, against that of random draws.
    spread = []
    for each, draws in ((scenario, 10_000), (choice.scenario, choice.draws)):
        runs = [tc.simulate(each, draws=draws, seed=100 + k, paths=0) for k in range(12)]
        spread.append(np.std([tc.probability_by(run, "tai", [2040]).item() for run in runs], ddof=1))
    assert spread[1] < spread[0]


def test_few_draws_stay_random() -> None:
    choice = tc.choose_design(tc.load("open_loop"), draws=500)
    assert (choice.scenario.run.design, choice.draws, choice.gains) == ("random", 500, {})
