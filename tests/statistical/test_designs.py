"""Even designs: every point alone is uniform, and replicates are independent of each other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from harness import DRAWS, assert_independent, assert_rank_correlation
from timecone.inputs.designs import make_design

STREAMS = ("parameter/a", "parameter/b")
SEEDS, REPLICATES, POINTS = 400, 8, 64
CHOICES = ("choice/a", "choice/b", "choice/view", "choice/threshold")


@pytest.fixture(scope="module", params=["sobol", "latin"])
def cubes(request: pytest.FixtureRequest) -> NDArray:
    """Return points of many seeds, shape (seeds, replicates, streams, points)."""
    found = np.empty((SEEDS, REPLICATES, len(STREAMS), POINTS))
    for seed in range(SEEDS):
        design = make_design(request.param, seed, draws=REPLICATES * POINTS, streams=2, replicates=REPLICATES)
        out = np.empty((2, REPLICATES * POINTS))
        design.fill(STREAMS, 0, out)
        found[seed] = out.reshape(2, REPLICATES, POINTS).swapaxes(0, 1)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("point", [0, 1, POINTS // 2, POINTS - 1])
@pytest.mark.parametrize("stream", range(len(STREAMS)))
def test_each_point_of_a_replicate_is_uniform(cubes: NDArray, stream: int, point: int) -> None:
    # Over seeds and replicates, which is what makes averages unbiased.
    assert stats.kstest(cubes[:, :, stream, point].ravel(), "uniform").pvalue > 1e-4


def test_points_are_uniform_within_their_strata(cubes: NDArray) -> None:
    within = (cubes * POINTS) % 1.0
    assert stats.kstest(within[..., 0, :].ravel(), "uniform").pvalue > 1e-4


@pytest.mark.parametrize("other", [1, 2, REPLICATES - 1])
@pytest.mark.parametrize("point", [0, 17, POINTS - 1])
def test_replicates_are_independent(cubes: NDArray, other: int, point: int) -> None:
    # One point of each seed: points of one seed depend on each other, which is their use.
    for stream in range(len(STREAMS)):
        one, two = cubes[:, 0, stream, point], cubes[:, other, stream, point]
        assert_rank_correlation(one, two, 0.0, standard_errors=4.0)


@pytest.mark.parametrize("point", [0, 17, POINTS - 1])
def test_seeds_are_independent(cubes: NDArray, point: int) -> None:
    assert_rank_correlation(cubes[:-1, 0, 0, point], cubes[1:, 0, 0, point], 0.0, standard_errors=4.0)


def test_averages_of_replicates_are_independent(cubes: NDArray) -> None:
    averages = np.prod(1.0 + cubes, axis=2).mean(axis=2)
    for other in range(1, REPLICATES):
        assert_rank_correlation(averages[:, 0], averages[:, other], 0.0, standard_errors=4.0)


def test_the_spread_between_replicates_is_the_error_of_the_average(cubes: NDArray) -> None:
    # Averages of replicates scatter about the truth as much as about each other: what errors rest on.
    averages = np.prod(1.0 + cubes, axis=2).mean(axis=2)
    truth = 1.5**2
    t = (averages.mean(axis=1) - truth) / (averages.std(axis=1, ddof=1) / np.sqrt(REPLICATES))
    assert stats.kstest(t, stats.t(REPLICATES - 1).cdf).pvalue > 1e-4


@pytest.fixture(scope="module")
def choices() -> NDArray:
    """Return stratified streams of choices, and two of parameters, shape (streams, draws)."""
    streams = (*CHOICES, *STREAMS)
    out = np.empty((len(streams), DRAWS))
    make_design("random", 5, draws=DRAWS, streams=6, replicates=8, stratify=True).fill(streams, 0, out)
    return out


@pytest.mark.slow
def test_stratified_choices_are_independent_of_each_other_and_of_parameters(choices: NDArray) -> None:
    for one, other in itertools.combinations(choices, 2):
        assert_independent(one, other)


@pytest.mark.parametrize("lag", [1, 3, 7])
def test_a_stratified_choice_does_not_follow_another_one_at_a_lag(choices: NDArray, lag: int) -> None:
    assert_independent(choices[0, :-lag], choices[1, lag:])
    assert_independent(choices[0, :-lag], choices[4, lag:])


def test_each_draw_of_a_stratified_choice_is_uniform_over_seeds() -> None:
    found = np.empty((2000, 64))
    for seed in range(2000):
        make_design("random", seed, draws=64, streams=1, replicates=8, stratify=True).fill(
            CHOICES[:1], 0, found[seed : seed + 1]
        )
    for draw in (0, 1, 2, 31, 63):
        assert stats.kstest(found[:, draw], "uniform").pvalue > 1e-4
