"""The sensitivity indices against those of other libraries, on functions of independent inputs."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from SALib.analyze import delta, pawn
from scipy import stats

from timecone.results.estimators import sensitivity as s

DRAWS = 20_000
CENSORED_AT = 4.0


def _ishigami(x: np.ndarray) -> np.ndarray:
    return np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


def _linear(x: np.ndarray) -> np.ndarray:
    return x[0] + 0.6 * x[1] + 0.0 * x[2]


FUNCTIONS = {
    "ishigami": (_ishigami, stats.uniform(-np.pi, 2.0 * np.pi), 2.0),
    "linear": (_linear, stats.norm(), 0.8),
}


def _sample(name: str) -> tuple[np.ndarray, np.ndarray]:
    function, marginal, _ = FUNCTIONS[name]
    x = marginal.rvs(size=(3, DRAWS), random_state=np.random.default_rng(7))
    return x, function(x)


def _problem() -> dict[str, object]:
    return {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[-4.0, 4.0]] * 3}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_pawn_is_that_of_salib(name: str) -> None:
    """Beyond a horizon lies one value; in SALib, which takes no infinity, the horizon itself."""
    x, y = _sample(name)
    censored = np.where(y > CENSORED_AT, np.inf, y)
    theirs = pawn.analyze(_problem(), x.T, np.minimum(y, CENSORED_AT), S=s.GROUPS)["median"]
    bins, edges = s.outcome_bins(censored)
    tables = [s.count_table(s.groups(v, np.argsort(v)), bins, (s.GROUPS, edges.size)) for v in x]
    ours = [float(s.pawn(table.astype(float))) for table in tables]
    # A bin holds a thousandth of the draws, and their quantiles leave out the largest draw.
    np.testing.assert_allclose(ours, theirs, atol=0.003)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_first_order_index_of_a_probability_is_the_sobol_index_of_scipy(name: str) -> None:
    function, marginal, bound = FUNCTIONS[name]
    by: Callable[[np.ndarray], np.ndarray] = lambda x: (function(x) < bound).astype(float)  # noqa: E731
    x, y = _sample(name)
    ours = s.rank_indices([np.argsort(v) for v in x], (y < bound).astype(float))
    scipys = stats.sobol_indices(func=by, n=2**15, dists=[marginal] * 3, rng=np.random.default_rng(3))
    half = 0.5 * (ours.upper - ours.lower)
    # Twice the half width of a 95 % interval is crossed once in 10 000 times; SciPy's own error is 0.005.
    assert np.all(np.abs(ours.value - scipys.first_order) < 2.0 * half + 0.005)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_inputs_rank_as_by_borgonovos_delta(name: str) -> None:
    x, y = _sample(name)
    with warnings.catch_warnings(record=True):  # on how SALib's own estimates of delta differ
        indices = delta.analyze(_problem(), x[:, :2000].T, y[:2000], num_resamples=2, seed=1, method="delta")
    bins, edges = s.outcome_bins(y)
    tables = [s.count_table(s.groups(v, np.argsort(v)), bins, (s.GROUPS, edges.size)) for v in x]
    ours = [float(s.pawn(table.astype(float))) for table in tables]
    assert list(np.argsort(ours)) == list(np.argsort(indices["delta_raw"]))
