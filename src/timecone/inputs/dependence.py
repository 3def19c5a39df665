"""Copulas: correlated normal scores from named pairs of Spearman rank correlations.

For a bivariate normal, Spearman's rho = 6/pi asin(r/2) (Pearson 1907; Kruskal 1958), so the score
correlation that yields a rank correlation is r = 2 sin(pi rho / 6), whatever the marginals.

Under a t copula the extremes of two quantities come together more often. Its scores are normal ones divided
by a common random scale, and given three independent scales s the same formula holds with r weakened:

    rho = 6/pi E[asin(r s1**2 / sqrt((s1**2 + s2**2) (s1**2 + s3**2)))],   s**2 = df / chi2(df)

which is inverted numerically.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.optimize import brentq

from timecone.errors import ScenarioError
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray

_SMALLEST_EIGENVALUE = 1e-8
_LEAST_DF = 0.1


def pearson(spearman: FloatArray) -> FloatArray:
    """Return the score correlation of a Gaussian copula with these rank correlations."""
    return 2.0 * np.sin(np.pi * np.asarray(spearman) / 6.0)


def spearman(pearson_r: FloatArray) -> FloatArray:
    """Return the rank correlation of a Gaussian copula with this score correlation."""
    return 6.0 / np.pi * np.arcsin(np.asarray(pearson_r) / 2.0)


def spearman_t(r: float, df: float) -> float:
    """Return the rank correlation of a t copula with score correlation ``r``."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    square = df / special.chdtri(df, 0.5 * (nodes + 1.0))
    first, second, third = square[:, None, None], square[None, :, None], square[None, None, :]
    inside = r * first / np.sqrt((first + second) * (first + third))
    volume = np.einsum("i,j,k->ijk", weights, weights, weights) / 8.0
    return float(6.0 / np.pi * np.sum(volume * np.arcsin(inside)))


def pearson_t(rho: float, df: float) -> float:
    """Return the score correlation of a t copula with rank correlation ``rho``."""
    if rho == 0.0:
        return 0.0
    most = 1.0 - 1e-12
    if abs(rho) >= spearman_t(most, df):
        return float(np.copysign(most, rho))
    return float(brentq(lambda r: spearman_t(r, df) - rho, -most, most, xtol=1e-12))


def rank_correlation(left: FloatArray, right: FloatArray) -> float:
    """Return Spearman's rho of two samples, equal values at their mean rank; NaN where one does not vary.

    >>> rank_correlation(np.array([1.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0])).__round__(3)
    0.866
    """
    from scipy.stats import rankdata  # noqa: PLC0415

    with np.errstate(invalid="ignore"):
        return float(np.corrcoef(rankdata(left), rankdata(right))[0, 1])


def attainable_rank_correlation(left: FloatArray, right: FloatArray, *, opposite: bool = False) -> float:
    """Return Spearman's rho of two samples when both are in rising order, or one in falling order.

    No joint distribution with the samples' marginals has a rank correlation farther from 0 on that side
    (Hoeffding 1940). Below 1 where values are tied.

    Parameters
    ----------
    left, right : arrays, shape (draws,)
        Values.
    opposite : bool
        The least instead of the greatest rank correlation.

    >>> attainable_rank_correlation(np.array([2.0, 1.0, 1.0]), np.array([7.0, 8.0, 9.0])).__round__(3)
    0.866
    """
    rising, second = np.sort(left), np.sort(right)
    return rank_correlation(rising, second[::-1] if opposite else second)


def nearest_correlation(
    matrix: FloatArray, *, floor: float = 10.0 * _SMALLEST_EIGENVALUE, iterations: int = 200
) -> FloatArray:
    """Return the nearest correlation matrix in the Frobenius norm with eigenvalues above ``floor``.

    Alternating projections with Dykstra's correction (Higham 2002, algorithm 3.3).
    """
    y = np.array(matrix, dtype=np.float64)
    correction = np.zeros_like(y)
    for _ in range(iterations):
        r = y - correction
        values, vectors = np.linalg.eigh(r)
        x = (vectors * np.maximum(values, floor)) @ vectors.T
        correction = x - r
        y = x.copy()
        np.fill_diagonal(y, 1.0)
    scale = 1.0 / np.sqrt(np.diag(x))
    return np.asarray(x * np.outer(scale, scale))


@kernel
def _combine(factor: FloatArray, limit: float, scores: FloatArray) -> None:
    # From the last row up, so that each row still sees the independent scores above it. A fixed order of
    # additions, unlike a matrix product from BLAS, gives the same bits whatever the block size.
    rows, draws = scores.shape
    for k in range(rows - 1, -1, -1):
        for i in range(draws):
            scores[k, i] *= factor[k, k]
        for m in range(k):
            for i in range(draws):
                scores[k, i] += factor[k, m] * scores[m, i]
        for i in range(draws):
            scores[k, i] = min(max(scores[k, i], -limit), limit)


@dataclass(frozen=True)
class Copula:
    """Correlation of some quantities' scores.

    Attributes
    ----------
    names : tuple of str
        The correlated quantities; all others are independent.
    factor : array, shape (names, names)
        Lower Cholesky factor of the score correlation.
    df : float
        Degrees of freedom of a t copula; inf for the Gaussian one.
    """

    names: tuple[str, ...]
    factor: FloatArray
    df: float = np.inf

    @classmethod
    def from_pairs(
        cls,
        pairs: Mapping[tuple[str, str], float],
        df: float = np.inf,
        *,
        names: Sequence[str] | None = None,
    ) -> Copula:
        """Build from Spearman's rho of named pairs.

        Pairs not named are 0, but for a quantity with rho 1 or -1 to another one: it has the same score, or
        its negative, and so the correlations of the other.

        Parameters
        ----------
        pairs : mapping
            Rank correlations, in [-1, 1].
        df : float
            As in the class.
        names : sequence of str, optional
            The order of the names; that of the pairs by default.

        Raises
        ------
        ScenarioError
            The pairs contradict each other; the message names the nearest valid values. Or ``df`` is so small
            that the common scale overflows.
        """
        if not df >= _LEAST_DF:
            raise ScenarioError(
                "invalid-degrees-of-freedom",
                "the t copula has too few degrees of freedom",
                got=df,
                allowed=f"at least {_LEAST_DF}",
            )
        order = tuple(dict.fromkeys(name for pair in pairs for name in pair) if names is None else names)
        leaders = _leaders(order, pairs)
        distinct = [name for name in order if leaders[name][0] == name]
        position = {name: k for k, name in enumerate(distinct)}
        matrix = np.eye(len(distinct))
        for (first, second), rho in _between_leaders(pairs, leaders).items():
            i, j = position[first], position[second]
            r = pearson(np.array(rho)).item() if np.isinf(df) else pearson_t(rho, df)
            matrix[i, j] = matrix[j, i] = r
        if distinct and np.linalg.eigvalsh(matrix)[0] < _SMALLEST_EIGENVALUE:
            # So far inside the valid set that rounding to three digits cannot leave it.
            nearest = nearest_correlation(matrix, floor=2e-3 * len(distinct))
            nearest = spearman(nearest) if np.isinf(df) else np.vectorize(spearman_t)(nearest, df)
            raise ScenarioError(
                "inconsistent-correlations",
                "the correlations contradict each other (the matrix is not positive definite)",
                remedy="Nearest valid rank correlations:" + _as_table(tuple(distinct), nearest),
            )
        factor = np.linalg.cholesky(matrix) if distinct else np.empty((0, 0))
        return cls(order, _with_followers(factor, order, leaders), df)

    @property
    def heavy(self) -> bool:
        """Whether it is a t copula, which needs one more stream of uniforms."""
        return bool(self.names) and not np.isinf(self.df)

    def correlate(self, scores: FloatArray, mixing: FloatArray | None = None) -> None:
        """Turn independent scores into correlated ones, in place.

        Parameters
        ----------
        scores : array, shape (names, draws)
            Independent standard normal scores; correlated ones afterwards.
        mixing : array, shape (draws,), optional
            Uniforms for the common scale of a t copula.
        """
        _combine(self.factor, LARGEST_SCORE, scores)
        if mixing is None:
            return
        chi2 = special.chdtri(self.df, mixing)
        t = scores * np.sqrt(self.df / chi2)
        # The lower tail, where probabilities keep their digits, serves both sides.
        lower = special.ndtri(special.stdtr(self.df, -np.abs(t)))
        np.clip(np.copysign(lower, t), -LARGEST_SCORE, LARGEST_SCORE, out=scores)


type _Leaders = dict[str, tuple[str, float]]


def _leaders(names: Sequence[str], pairs: Mapping[tuple[str, str], float]) -> _Leaders:
    """Return for each name the first one that has the same score or its negative, and that sign."""
    leaders = {name: (name, 1.0) for name in names}
    for (left, right), rho in pairs.items():
        if abs(rho) != 1.0:
            continue
        (first, sign), (second, other_sign) = sorted(
            (leaders[left], leaders[right]), key=lambda f: names.index(f[0])
        )
        turn = rho * sign * other_sign
        if first != second:
            for name, (leader, old) in leaders.items():
                if leader == second:
                    leaders[name] = (first, old * turn)
    return leaders


def _between_leaders(
    pairs: Mapping[tuple[str, str], float], leaders: _Leaders
) -> dict[tuple[str, str], float]:
    """Return the rank correlations of leaders, from those of all names."""
    correlations: dict[tuple[str, str], tuple[tuple[str, str], float]] = {}
    for (left, right), rho in pairs.items():
        (first, sign), (second, other_sign) = leaders[left], leaders[right]
        key = (first, second) if first <= second else (second, first)
        expected = (
            1.0 if first == second else correlations.get(key, ((left, right), sign * other_sign * rho))[1]
        )
        if sign * other_sign * rho != expected:
            before = correlations[key][0] if key in correlations else (first, left)
            raise ScenarioError(
                "inconsistent-correlations",
                "the correlations contradict each other: quantities with a rank correlation of 1 or -1 need"
                " the same correlations with all others",
                where=f"{left} - {right}",
                got=rho,
                allowed=f"{sign * other_sign * expected:g}, because of {before[0]} - {before[1]}",
            )
        if first != second:
            correlations.setdefault(key, ((left, right), expected))
    return {key: rho for key, (_, rho) in correlations.items()}


def _with_followers(factor: FloatArray, names: Sequence[str], leaders: _Leaders) -> FloatArray:
    """Return the factor of all names, a follower's row being its leader's; from the factor of leaders."""
    distinct = [k for k, name in enumerate(names) if leaders[name][0] == name]
    if len(distinct) == len(names):
        return factor
    row = {names[k]: n for n, k in enumerate(distinct)}
    whole = np.zeros((len(names), len(names)))
    for k, name in enumerate(names):
        leader, sign = leaders[name]
        whole[k, distinct] = sign * factor[row[leader]]
    return whole


def _as_table(names: tuple[str, ...], matrix: FloatArray) -> str:
    return "".join(
        f"\n  {names[j]} - {names[i]}: {matrix[i, j]:.3f}" for i in range(len(names)) for j in range(i)
    )
