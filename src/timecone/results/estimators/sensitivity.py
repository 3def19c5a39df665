"""Sensitivity of a censored outcome to inputs, from draws already made.

Every index rests on ranks or counts, so outcomes that are never reached (+inf) need no value, and none
assumes that inputs are independent: each says what is learned from an input together with all that goes along
with it. Only the partial rank correlation holds the other inputs fixed.

An input is cut into groups of equal size by its rank, a discrete one into its values. A table of counts,
groups of the input by bins of the outcome, then answers for PAWN and for the spread within a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np

from timecone.results.estimators.intervals import MASS, between_replicates
from timecone.schema import BoolArray, FloatArray, IntArray

#: Groups into which an input is cut by rank, and bins of equal probability of the outcome.
GROUPS = 20
OUTCOME_BINS = 1000
#: Independent parts of the draws whose spread gives the error of an index.
BATCHES = 20
# Inputs with no more distinct values than this are discrete.
_FEW = 12
_SAMPLED = 2000
# Share of an input's variance that the others must leave for a partial correlation to have a meaning.
_COLLINEAR = 1e-8


@dataclass(frozen=True)
class Indices:
    """Numbers by input with their 95 % interval.

    Attributes
    ----------
    value, lower, upper : array, shape (inputs,)
        NaN where an input has none.
    """

    value: FloatArray
    lower: FloatArray
    upper: FloatArray


def groups(values: FloatArray, order: IntArray, count: int = GROUPS) -> IntArray:
    """Return the group of each draw: by rank into groups of equal size, or by value of a discrete input.

    Parameters
    ----------
    values : array, shape (draws,)
        An input; +inf is allowed.
    order : array of int, shape (draws,)
        The draws in increasing order of the input.
    count : int
        Number of groups of a continuous input.

    Returns
    -------
    array of int, shape (draws,)
        From 0. Equal values are never parted, so that the order of draws does not matter.

    Examples
    --------
    >>> values = np.array([3.0, 1.0, 2.0, 4.0])
    >>> groups(values, np.argsort(values), 2)
    array([2, 0, 1, 3])
    """
    if (distinct := _few_values(values)) is not None:
        return np.searchsorted(distinct, values).astype(np.int64)
    ascending = values[order]
    edges = np.unique(ascending[np.arange(1, count) * order.size // count])
    bounds = np.concatenate([[0], np.searchsorted(ascending, edges, side="left"), [order.size]])
    group = np.empty(order.size, dtype=np.int64)
    group[order] = np.repeat(np.arange(bounds.size - 1), np.diff(bounds))
    # The smallest value may be an edge itself.
    return np.asarray(group - group[order[0]], dtype=np.int64)


def _few_values(values: FloatArray) -> FloatArray | None:
    """Return the distinct values of a discrete input; None of a continuous one."""
    if np.unique(values[:_SAMPLED]).size > _FEW:
        return None
    distinct: FloatArray = np.unique(values)
    return distinct if distinct.size <= _FEW else None


def outcome_bins(outcome: FloatArray, count: int = OUTCOME_BINS) -> tuple[IntArray, FloatArray]:
    """Return the bin of each draw's outcome, and the largest outcome of each bin.

    Bins hold equally many draws as far as ties allow; those never reached share the last one.
    """
    ranks = np.minimum(count, outcome.size)
    edges = np.unique(np.quantile(outcome, np.arange(1, ranks + 1) / ranks, method="inverted_cdf"))
    return np.searchsorted(edges, outcome, side="left").astype(np.int64), edges


def count_table(group: IntArray, bins: IntArray, shape: tuple[int, int]) -> IntArray:
    """Return how many draws lie in each group and bin."""
    return np.bincount(group * shape[1] + bins, minlength=shape[0] * shape[1]).reshape(shape)


def pawn(counts: FloatArray) -> FloatArray:
    """Return the PAWN index of tables of counts.

    The median over the groups of the greatest distance between the outcome's distribution function in the
    group and over all draws (Pianosi & Wagener 2018).

    Parameters
    ----------
    counts : array, shape (..., groups, bins)
        Draws by group of the input and bin of the outcome.
    """
    size = counts.sum(axis=-1)
    total = counts.sum(axis=-2)
    overall = np.cumsum(total, axis=-1) / total.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        within = np.cumsum(counts, axis=-1) / size[..., None]
    distance = np.abs(within - overall[..., None, :]).max(axis=-1)
    return np.asarray(np.nanmedian(distance, axis=-1))


def narrowing(counts: FloatArray, edges: FloatArray, last: float) -> FloatArray:
    """Return by what share the outcome's 80 % interval is expected to shrink once an input is known.

    Parameters
    ----------
    counts : array, shape (..., groups, bins)
        Draws by group of the input and bin of the outcome.
    edges : array, shape (bins,)
        Largest outcome of each bin.
    last : float
        Stands for what is not reached: the horizon. Widths that reach it are then at least as large.
    """
    ends = np.minimum(edges, last)

    def width(table: FloatArray) -> FloatArray:
        cumulated = np.concatenate([np.zeros((*table.shape[:-1], 1)), np.cumsum(table, axis=-1)], axis=-1)
        size = cumulated[..., -1:]
        low, high = (_inside_bins(cumulated, level * size, ends) for level in (0.1, 0.9))
        return high - low

    size = counts.sum(axis=-1)
    expected = (width(counts) * size).sum(axis=-1) / size.sum(axis=-1)
    overall = width(counts.sum(axis=-2))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(overall > 0.0, 1.0 - expected / overall, 0.0)


def _inside_bins(cumulated: FloatArray, wanted: FloatArray, ends: FloatArray) -> FloatArray:
    """Return the outcome up to which so many draws lie, linear within a bin."""
    k = np.clip((cumulated[..., 1:] < wanted - 1e-9).sum(axis=-1), 0, ends.size - 1)[..., None]
    below, above = (np.take_along_axis(cumulated, k + step, axis=-1) for step in (0, 1))
    share = (wanted - below) / np.maximum(above - below, 1e-300)
    first = ends[np.maximum(k - 1, 0)]
    return np.asarray(first + np.clip(share, 0.0, 1.0) * (ends[k] - first))[..., 0]


def bootstrap(counts: IntArray, replicates: int, generator: np.random.Generator) -> FloatArray:
    """Return tables of counts of resampled draws, shape (replicates, groups, bins).

    Each count is a Poisson number, which is the bootstrap of a sample whose size is itself random.
    """
    return generator.poisson(counts, size=(replicates, *counts.shape)).astype(np.float64)


def basic_interval(estimate: float, resampled: FloatArray) -> tuple[float, float]:
    """Return the 95 % basic bootstrap interval, which corrects the bias that resampling shows.

    It is extended to hold the estimate, which that bias may have left outside.
    """
    low, high = np.quantile(resampled, [(1.0 - MASS) / 2.0, (1.0 + MASS) / 2.0])
    return min(2.0 * estimate - float(high), estimate), max(2.0 * estimate - float(low), estimate)


def _ranks(outcome: FloatArray) -> tuple[FloatArray, float]:
    """Return how many outcomes are at most each one, and the spread that scales steps between ranks."""
    size = outcome.size
    _, position, count = np.unique(outcome, return_inverse=True, return_counts=True)
    cumulated = np.cumsum(count)
    at_least = size - (cumulated - count)
    spread = 2.0 * float(np.sum(count * at_least * (size - at_least.astype(np.float64))))
    return cumulated[position].astype(np.float64), spread


def _index_of(at_most: FloatArray, spread: float, order: IntArray) -> float:
    if spread == 0.0:
        return 0.0
    return 1.0 - order.size * float(np.abs(np.diff(at_most[order])).sum()) / spread


def batches(size: int, count: int = BATCHES) -> list[slice]:
    """Return equal parts of the draws, without the few that are left over."""
    each = size // count
    return [slice(k * each, (k + 1) * each) for k in range(count)]


def rank_indices(orders: Sequence[IntArray], outcome: FloatArray) -> Indices:
    """Return Chatterjee's rank index of every input (Chatterjee 2021), with its interval from batches.

    A first-order index from 0 to 1: the share of the variance of "later than t" that the input explains,
    averaged over the outcome's own distribution of t; of an outcome of 0 or 1, its first-order Sobol' index.
    Ties of the outcome are handled as in the paper.

    Parameters
    ----------
    orders : sequence of array of int, shape (draws,)
        The draws in increasing order of each input. Ties may stand in any order that does not depend on the
        outcome, such as that of independent draws.
    outcome : array, shape (draws,)
        The outcome; +inf is allowed.

    Examples
    --------
    >>> x, y = np.random.default_rng(1).normal(size=(2, 4000))
    >>> indices = rank_indices([np.argsort(x), np.argsort(y)], x)
    >>> bool(indices.value[0] > 0.99), bool(indices.lower[1] < 0.0 < indices.upper[1])
    (True, True)
    """
    at_most, spread = _ranks(outcome)
    parts = batches(outcome.size)
    each = parts[0].stop
    ranked = [_ranks(outcome[part]) for part in parts]
    value, by_batch = np.empty(len(orders)), np.empty((BATCHES, len(orders)))
    for k, order in enumerate(orders):
        value[k] = _index_of(at_most, spread, order)
        owner = (order // each).astype(np.int16)
        by_owner = order[np.argsort(owner, kind="stable")]
        for b, (ranks, width) in enumerate(ranked):
            by_batch[b, k] = _index_of(ranks, width, by_owner[b * each : (b + 1) * each] - b * each)
    return Indices(value, *between_replicates(by_batch, value))


def chance(counts: IntArray, trials: int, generator: np.random.Generator) -> FloatArray:
    """Return PAWN of an input whose draws are permuted, so that it tells nothing, in many trials.

    A permuted input gives a random table with the same margins (Patefield 1981).
    """
    from scipy import stats  # noqa: PLC0415 - a second to import, and every figure imports this module

    table = stats.random_table(counts.sum(axis=1), counts.sum(axis=0))
    return pawn(table.rvs(trials, random_state=generator).astype(np.float64))


def average_ranks(values: FloatArray) -> FloatArray:
    """Return ranks with ties at their average, centred and scaled to variance 1; 0 for a constant."""
    from scipy import stats  # noqa: PLC0415 - as above

    ranks = stats.rankdata(values).astype(np.float64)
    ranks -= ranks.mean()
    scale = ranks.std()
    return ranks / scale if scale > 0.0 else ranks


def partial_rank_correlations(inputs: FloatArray, outcome: FloatArray) -> Indices:
    """Return the correlation of ranks of each input with the outcome, the ranks of all others held fixed.

    Parameters
    ----------
    inputs : array, shape (draws, inputs)
        Standardised ranks; see `average_ranks`.
    outcome : array, shape (draws,)
        Standardised ranks.

    Returns
    -------
    Indices
        NaN for an input that the ones before it settle.
    """
    kept = _independent_columns(inputs)
    joint = np.column_stack([inputs[:, kept], outcome])
    value = np.full(inputs.shape[1], np.nan)
    by_batch = np.full((BATCHES, inputs.shape[1]), np.nan)
    value[kept] = _partial(joint.T @ joint)
    for k, part in enumerate(batches(len(joint))):
        by_batch[k, kept] = _partial(joint[part].T @ joint[part])
    return Indices(value, *between_replicates(by_batch, value))


def _partial(cross: FloatArray) -> FloatArray:
    inverse = np.linalg.pinv(cross)
    scale = np.sqrt(np.abs(np.diag(inverse)))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(-inverse[-1, :-1] / (scale[-1] * scale[:-1]))


def _independent_columns(columns: FloatArray) -> BoolArray:
    """Return which columns are no linear combination of the ones before them."""
    residual = columns.T @ columns / len(columns)
    kept = np.zeros(columns.shape[1], dtype=np.bool_)
    for k in range(columns.shape[1]):
        pivot = residual[k, k]
        if pivot > _COLLINEAR:
            kept[k] = True
            residual = residual - np.outer(residual[:, k], residual[k]) / pivot
    return kept


def hats(values: FloatArray, knots: int = 5) -> FloatArray:
    """Return a basis for a curve of one input: its rank, and the rank's excess over inner knots.

    Returns
    -------
    array, shape (draws, functions)
        Indicators of the values of a discrete input.
    """
    if (distinct := _few_values(values)) is not None:
        return np.asarray((values[:, None] == distinct[1:]), dtype=np.float64)
    from scipy import stats  # noqa: PLC0415 - as above

    rank = stats.rankdata(values) / values.size
    inner = np.arange(1, knots - 1) / (knots - 1)
    return np.column_stack([rank, *(np.maximum(rank - knot, 0.0) for knot in inner)])


def variance_shares(
    inputs: Sequence[FloatArray], labels: Sequence[str], target: FloatArray
) -> dict[str, float]:
    """Return what share of a target's variance rests on the inputs of each label.

    The target is fitted by a sum of one curve per input. What a set of labels explains is the R2 of the fit
    with their inputs; a label's share is its Shapley value, the average over all orders in which the labels
    can be added, so that correlated labels share what they explain together.

    Parameters
    ----------
    inputs : sequence of array, shape (draws,)
        The inputs.
    labels : sequence of str
        Label of each input, for instance its grade; few different ones.
    target : array, shape (draws,)
        A finite number of every draw.

    Returns
    -------
    dict
        Share by label. The rest up to 1 is interaction between inputs, and events that are not stored.

    Examples
    --------
    >>> x, y = np.random.default_rng(1).normal(size=(2, 5000))
    >>> shares = variance_shares([x, y], ["data", "guess"], np.sqrt(0.75) * x + 0.5 * y)
    >>> abs(shares["data"] - 0.75) < 0.03, abs(shares["guess"] - 0.25) < 0.03
    (True, True)
    """
    blocks = [hats(x) for x in inputs]
    owner = np.array(
        [label for label, block in zip(labels, blocks, strict=True) for _ in range(block.shape[1])]
    )
    design = np.column_stack([*blocks, target])
    design -= design.mean(axis=0)
    cross = design.T @ design
    names = sorted(set(labels))

    def explained(chosen: tuple[str, ...]) -> float:
        columns = np.flatnonzero(np.isin(owner, chosen))
        if not columns.size or cross[-1, -1] <= 0.0:
            return 0.0
        with_target = cross[columns, -1]
        fit = np.linalg.lstsq(cross[np.ix_(columns, columns)], with_target, rcond=1e-10)[0]
        return float(fit @ with_target / cross[-1, -1])

    worth = {chosen: explained(chosen) for k in range(len(names) + 1) for chosen in combinations(names, k)}
    return shapley(names, worth)


def shapley(names: Sequence[str], worth: dict[tuple[str, ...], float]) -> dict[str, float]:
    """Return the Shapley value of each player.

    Parameters
    ----------
    names : sequence of str
        The players, in order.
    worth : dict
        Worth of every subset, as a tuple in that order; the empty one included.

    Returns
    -------
    dict
        By player; the sum is the worth of all less that of none.

    Examples
    --------
    >>> worth = {(): 0.0, ("a",): 1.0, ("b",): 2.0, ("a", "b"): 5.0}
    >>> shapley(["a", "b"], worth)
    {'a': 2.0, 'b': 3.0}
    """
    return {
        name: sum(
            weight * worth[tuple(names[j] for j in chosen)]
            for chosen, weight in shapley_weights(k, len(names)).items()
        )
        for k, name in enumerate(names)
    }


def shapley_weights(player: int, count: int) -> dict[tuple[int, ...], float]:
    """Return the weight of the worth of every subset in the Shapley value of a player.

    Parameters
    ----------
    player : int
        Position of the player.
    count : int
        Number of players.

    Returns
    -------
    dict
        By subset, as increasing positions: negative where the player is not in it.

    Examples
    --------
    >>> shapley_weights(0, 2)
    {(0,): 0.5, (): -0.5, (0, 1): 0.5, (1,): -0.5}
    """
    others = [other for other in range(count) if other != player]
    weights: dict[tuple[int, ...], float] = {}
    for size in range(count):
        weight = factorial(size) * factorial(count - size - 1) / factorial(count)
        for chosen in combinations(others, size):
            weights[tuple(sorted((*chosen, player)))] = weight
            weights[chosen] = -weight
    return weights
