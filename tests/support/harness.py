"""One statistical harness for all draws: the right distribution passes, a wrong one fails.

Each assertion spends at most ``false_alarm`` on all its tests together (Bonferroni), so a suite of a
hundred of them goes wrong by chance for one in ten thousand seeds. What it lets pass is measured in
`test_harness`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from timecone.inputs.dependence import Copula
from timecone.inputs.designs import RandomDesign
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import Family
from timecone.inputs.nodes import Node
from timecone.inputs.sampler import Sampler

#: Probability that one assertion fails although the draws are right.
FALSE_ALARM = 1e-6
#: Enough to see a standard deviation that is 2 % wrong.
DRAWS = 1 << 18

_TAILS = (0.001, 0.01, 0.05)
# 2**18 draws out of 2**52 equal cells hold a repeated one with probability 1e-5; nine of them never.
_MOST_REPEATED = 8
_CELLS = 16


def node(name: str, given: Distribution | Family) -> Node:
    """Return a quantity with a stream of its own."""
    family = given.family if isinstance(given, Distribution) else given
    return Node(name, f"parameter/{name}", family.compiled())


def draw(
    distributions: dict[str, Distribution | Family],
    seed: int,
    copula: Copula | None = None,
    *,
    draws: int = DRAWS,
) -> dict[str, NDArray]:
    """Return draws of each distribution, through the sampler that simulations use."""
    nodes = [node(name, given) for name, given in distributions.items()]
    sampler = Sampler(nodes, list(distributions), (), copula or Copula.from_pairs({}))
    return dict(zip(sampler.names, sampler.draw(RandomDesign(seed), 0, draws).values, strict=True))


def _assert_all_above(p_values: dict[str, float], false_alarm: float) -> None:
    name = min(p_values, key=lambda key: p_values[key])
    if not p_values[name] >= false_alarm / len(p_values):
        raise AssertionError(f"{name} would be so far off with probability {p_values[name]:.2g}")


def _tail_p_values(u: NDArray) -> dict[str, float]:
    found = {}
    for p in _TAILS:
        below, above = int(np.sum(u < p)), int(np.sum(u > 1.0 - p))
        found[f"the share below p{100 * p:g}"] = stats.binomtest(below, u.size, p).pvalue
        found[f"the share above p{100 * (1 - p):g}"] = stats.binomtest(above, u.size, p).pvalue
        found[f"the share outside both at {100 * p:g} %"] = stats.binomtest(
            below + above, u.size, 2 * p
        ).pvalue
    return found


def assert_draws_follow(
    draws: ArrayLike, cdf: Callable[[NDArray], ArrayLike], *, false_alarm: float = FALSE_ALARM
) -> None:
    """Assert that independent draws come from a continuous distribution.

    Kolmogorov-Smirnov for the body, exact binomial counts for both tails, which Kolmogorov-Smirnov hardly
    sees, and no value drawn again and again (clipping, a short period).
    """
    x = np.asarray(draws, dtype=np.float64)
    if not np.all(np.isfinite(x)):
        raise AssertionError(f"{np.sum(~np.isfinite(x))} draws are not finite")
    repeated = x.size - np.unique(x).size
    if repeated > _MOST_REPEATED:
        raise AssertionError(f"{repeated} draws repeat another one")
    u = np.asarray(cdf(x))
    p_values = {"the distance of Kolmogorov and Smirnov": stats.kstest(u, "uniform", method="asymp").pvalue}
    _assert_all_above(p_values | _tail_p_values(u), false_alarm)


def assert_frequencies(
    counts: ArrayLike, probabilities: ArrayLike, *, false_alarm: float = FALSE_ALARM
) -> None:
    """Assert that categories were drawn with these probabilities (chi-square; none of them 0)."""
    observed = np.asarray(counts)
    expected = np.asarray(probabilities) * observed.sum()
    _assert_all_above({"the table of counts": stats.chisquare(observed, expected).pvalue}, false_alarm)


def assert_independent(one: ArrayLike, other: ArrayLike, *, false_alarm: float = FALSE_ALARM) -> None:
    """Assert that two series of draws have nothing to do with each other (chi-square over equal cells)."""
    cells = [
        (_CELLS * (stats.rankdata(series, method="ordinal") - 1) // np.size(series)).astype(np.int64)
        for series in (one, other)
    ]
    table = np.zeros((_CELLS, _CELLS))
    np.add.at(table, tuple(cells), 1)
    result = stats.chi2_contingency(table, correction=False)
    _assert_all_above({"the table of joint ranks": result.pvalue}, false_alarm)


def assert_rank_correlation(
    one: ArrayLike, other: ArrayLike, rho: float, *, standard_errors: float = 3.0
) -> None:
    """Assert Spearman's rho within some standard errors (Bonett & Wright 2000, on Fisher's scale).

    Three standard errors are exceeded by chance once in 370 times; the seeds are fixed.
    """
    achieved = float(stats.spearmanr(one, other).statistic)
    error = np.sqrt((1.0 + 0.5 * rho * rho) / (np.size(one) - 3))
    distance = (np.arctanh(achieved) - np.arctanh(rho)) / error
    if not abs(distance) <= standard_errors:
        raise AssertionError(f"rho is {achieved:.5f} for {rho:g}: {distance:+.1f} standard errors")
