"""Densities of values that were drawn: of one quantity, and of a Gaussian copula.

A distribution may have both a density and values of positive probability (atoms): clamped bounds, stated
values, inf. Of an atom the probability stands in place of the density.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from timecone.inputs.compiled_quantile import CompiledQuantile, Tail
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.schema import BoolArray, FloatArray

# Scores below which and up to which a value comes; farther apart than rounding, they tell an atom.
_ATOM = 1e-9


class Density(NamedTuple):
    """Logarithm of density or probability of values, and which of them are atoms; shape (values,)."""

    log: FloatArray
    atom: BoolArray


def density_of_values(values: FloatArray, stated: Sequence[float], probabilities: Sequence[float]) -> Density:
    """Return the log probabilities of values under a distribution of a few stated values."""
    log = np.full(values.shape, -np.inf)
    for value, probability in zip(stated, probabilities, strict=True):
        log[values == value] = np.log(probability)
    return Density(log, np.ones(values.shape, dtype=np.bool_))


def density_along_scores(quantile: CompiledQuantile, values: FloatArray) -> Density:
    """Return densities from a compiled quantile function, with atoms at its bounds.

    f(x) = phi(z) / x'(z), with z the normal score of x.
    """
    below, upto = score_interval(quantile, values)
    atom = upto > below + _ATOM
    reached = np.isfinite(below) & np.isfinite(upto)
    with np.errstate(all="ignore"):
        z = np.where(reached, 0.5 * (below + upto), _beyond(quantile, values))
        slope = np.log(_slope(quantile, z)) + _log_tail_slope(quantile, z)
        log = np.where(atom, log_mass(below, upto), -0.5 * z * z - 0.5 * np.log(2.0 * np.pi) - slope)
    inside = (values >= quantile.low) & (values <= quantile.high) & (atom | np.isfinite(z))
    return Density(np.where(inside, log, -np.inf), atom)


def _beyond(quantile: CompiledQuantile, values: FloatArray) -> FloatArray:
    """Return scores of values so rare that no draw has them: the line at the end of the table goes on."""
    y = quantile.tail.inverse((values - quantile.shift) / quantile.scale)
    end = np.where(values > quantile(np.zeros(1)), LARGEST_SCORE, -LARGEST_SCORE)
    edge = np.nextafter(end, 0.0)
    return np.asarray(end + (y - quantile.y(end)) * quantile.scale / _slope(quantile, edge))


def _slope(quantile: CompiledQuantile, z: FloatArray) -> FloatArray:
    """Return scale * y'(z)."""
    if quantile.table is None:
        return np.full(z.shape, quantile.scale * quantile.b)
    knots, c = quantile.table.knots, quantile.table.coefficients
    segment = np.clip(np.searchsorted(knots, z, side="right") - 1, 0, len(knots) - 2)
    x = z - knots[segment]
    return np.asarray(quantile.scale * ((3.0 * c[segment, 0] * x + 2.0 * c[segment, 1]) * x + c[segment, 2]))


def _log_tail_slope(quantile: CompiledQuantile, z: FloatArray) -> FloatArray:
    """Return log T'(y(z))."""
    y = quantile.y(z)
    if quantile.tail is Tail.EXP:
        return y
    if quantile.tail is Tail.SINH:
        return np.log(np.cosh(y))
    if quantile.tail is Tail.LOGISTIC:
        return np.asarray(special.log_expit(y) + special.log_expit(-y))
    return np.zeros(z.shape)


def score_interval(quantile: CompiledQuantile, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the scores from which and up to which each value is drawn; the same, but for atoms."""
    below = quantile.normal_score(values)
    return below, np.maximum(below, quantile.normal_score(values, right=True))


def log_mass(below: FloatArray, upto: FloatArray) -> FloatArray:
    """Return the log probability of a standard normal between two bounds, with its digits in both tails."""
    flipped = below > 0.0
    low, high = np.where(flipped, -upto, below), np.where(flipped, -below, upto)
    with np.errstate(divide="ignore", invalid="ignore"):
        larger, smaller = special.log_ndtr(high), special.log_ndtr(low)
        return np.asarray(larger + np.log1p(-np.exp(np.minimum(smaller - larger, 0.0))))


def log_copula_density(correlation: FloatArray, below: FloatArray, upto: FloatArray) -> FloatArray:
    """Return the log density of a Gaussian copula, relative to independence.

    Parameters
    ----------
    correlation : array, shape (names, names)
        Of normal scores.
    below, upto : arrays, shape (names, draws)
        The scores, as `score_interval` gives them.

    Returns
    -------
    array, shape (draws,)
        NaN where more than one value is an atom: that needs an integral of more than one dimension.
    """
    atom = upto > below + _ATOM
    scores = 0.5 * (np.where(atom, 0.0, below) + np.where(atom, 0.0, upto))
    out = np.full(scores.shape[1], np.nan)
    count = atom.sum(axis=0)
    plain = count == 0
    out[plain] = _of_scores(correlation, scores[:, plain])
    for j in range(len(correlation)):
        own = (count == 1) & atom[j]
        others = np.arange(len(correlation)) != j
        rest, known = correlation[np.ix_(others, others)], scores[np.ix_(others, own)]
        pull = np.linalg.solve(rest, correlation[others, j])
        middle, spread = pull @ known, np.sqrt(1.0 - pull @ correlation[others, j])
        low, high = below[j, own], upto[j, own]
        log_mass_between = log_mass((low - middle) / spread, (high - middle) / spread)
        out[own] = _of_scores(rest, known) + log_mass_between - log_mass(low, high)
    return out


def _of_scores(correlation: FloatArray, scores: FloatArray) -> FloatArray:
    factor = np.linalg.cholesky(correlation)
    white = np.linalg.solve(factor, scores)
    half = np.sum(np.log(np.diag(factor)))
    return np.asarray(0.5 * np.sum(scores * scores - white * white, axis=0) - half)
