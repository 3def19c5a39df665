"""Even designs: every point alone is uniform, and replicates are independent of each other."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from timecone.inputs.designs import make_design

from .harness import assert_independent, assert_rank_correlation

STREAMS = ("parameter/a", "parameter/b")
SEEDS, REPLICATES, POINTS = 40, 8, 64


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


@pytest.mark.parametrize("point", [0, 1, POINTS // 2, POINTS - 1])
@pytest.mark.parametrize("stream", range(len(STREAMS)))
def test_each_point_of_a_replicate_is_uniform(cubes: NDArray, stream: int, point: int) -> None:
    # Over seeds and replicates, which is what makes averages unbiased.
    assert stats.kstest(cubes[:, :, stream, point].ravel(), "uniform").pvalue > 1e-4


def test_points_are_uniform_within_their_strata(cubes: NDArray) -> None:
    within = (cubes * POINTS) % 1.0
    assert stats.kstest(within[..., 0, :].ravel(), "uniform").pvalue > 1e-4


@pytest.mark.parametrize("other", [1, 2, REPLICATES - 1])
def test_replicates_are_independent(cubes: NDArray, other: int) -> None:
    assert_independent(cubes[:, 0, 0].ravel(), cubes[:, other, 0].ravel())
    assert_rank_correlation(cubes[:, 0, 0].ravel(), cubes[:, other, 0].ravel(), 0.0, standard_errors=4.0)


def test_seeds_are_independent(cubes: NDArray) -> None:
    assert_independent(cubes[:-1, :, 0].ravel(), cubes[1:, :, 0].ravel())


def test_the_spread_between_replicates_is_the_error_of_the_average(cubes: NDArray) -> None:
    # Averages of replicates scatter about the truth as much as about each other: what errors rest on.
    averages = np.prod(1.0 + cubes, axis=2).mean(axis=2)
    truth = 1.5**2
    t = (averages.mean(axis=1) - truth) / (averages.std(axis=1, ddof=1) / np.sqrt(REPLICATES))
    assert stats.kstest(t, stats.t(REPLICATES - 1).cdf).pvalue > 1e-4
