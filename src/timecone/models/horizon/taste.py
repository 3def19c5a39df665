"""Research taste: what a researcher, human or AI, gets out of experiments, and that of a team.

Taste is T(x) with x normal over human researchers, of mean m and standard deviation s. T rises from 0 to
A = M^(1 + n), with M the taste of the 99.9th percentile over the median and n how far the limit lies above
it; T(0) = 1 with slope 1. With the smoothing l, Q = (1/l - 1)^2, c = 1 - Q and q = 2 ln(1/l - 1) / ln A

    T(x) = [Q + c exp(q x / c)]^(1/q),    T(x) = exp(ln A (1 - exp(-x / ln A)))  for l = 1/2.

m and s are such that the median and the 99.9th percentile differ by M and the mean of T is 1. The taste of
AI, in standard deviations of human researchers, rises by a constant slope per OOM of effective compute. A
team takes the better of every researcher and AI, E[max(T, F)] with F the taste of AI, whose slope in the AI's
standard deviations z is Phi(z) dF/dz.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from timecone.models.horizon.interpolation import hermite
from timecone.models.horizon.source import AI_FUTURES
from timecone.models.model import Parameter
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import LN_2, exp, log2
from timecone.schema import FloatArray

#: Normal score of the best human researcher, the 99.9th percentile.
TOP: Final = 3.090232306167813
#: Smoothings as near to 1/2 as this are taken as 1/2.
_HALF: Final = 1e-6
_LARGEST_EXPONENT: Final = 700.0
#: Least bracket of T, by the sign of c.
_LEAST: Final = 1e-300
#: The logarithm of taste 0.
_LOG_ZERO: Final = -1e300

#: Table of a team's taste over the AI's standard deviations.
LOW, HIGH, CELLS = -6.0, 6.0, 120
WIDTH: Final = (HIGH - LOW) / CELLS
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(3)
NODES: Final[FloatArray] = 0.5 * (1.0 + _NODES)
WEIGHTS: Final[FloatArray] = 0.5 * _WEIGHTS


def _normal_cdf(x: NDArray[np.floating]) -> FloatArray:
    return np.array([0.5 * math.erfc(-value / math.sqrt(2.0)) for value in x.ravel()]).reshape(x.shape)


#: Phi at the edges of cells, and at the nodes inside each.
EDGE_CDF: Final = _normal_cdf(LOW + WIDTH * np.arange(CELLS + 1))
NODE_CDF: Final = _normal_cdf(LOW + WIDTH * (np.arange(CELLS)[:, None] + NODES))

_HERMITE_NODES, _HERMITE_WEIGHTS = np.polynomial.hermite.hermgauss(32)
#: Quadrature of a mean over researchers: normal scores, and weights that sum to 1.
SCORES: Final[FloatArray] = np.sqrt(2.0) * _HERMITE_NODES
SCORE_WEIGHTS: Final[FloatArray] = _HERMITE_WEIGHTS / np.sqrt(np.pi)

_NEWTON_STEPS: Final = 100
_HALVINGS: Final = 40
_TOLERANCE: Final = 1e-11

PARAMETERS: Final = (
    Parameter(
        "taste.at_automated_coder",
        "1",
        "Research taste of AI at the automated coder, in standard deviations of human researchers over their"
        " median.",
        AI_FUTURES,
    ),
    Parameter(
        "taste.slope",
        "1/year",
        "Growth of the research taste of AI, in standard deviations of human researchers per year of progress"
        " at the pace of the start.",
        AI_FUTURES,
        low=0.0,
    ),
    Parameter(
        "taste.top_to_median",
        "1",
        "Research taste of the 99.9th percentile of researchers over that of the median.",
        AI_FUTURES,
        low=1.0,
    ),
    Parameter(
        "taste.limit",
        "1",
        "Limit of research taste above the best human: how often that ratio can be multiplied on.",
        AI_FUTURES,
        low=0.0,
    ),
    Parameter(
        "taste.smoothing",
        "1",
        "How early the approach to that limit slows research taste down: less near 0, more near 1.",
        AI_FUTURES,
        low=0.0,
        high=1.0,
    ),
)


class Taste(NamedTuple):
    """Research taste of a draw.

    Attributes
    ----------
    log_limit : float
        Natural logarithm of A.
    power, curvature : float
        q and c; both 0 for a smoothing of 1/2.
    mean, deviation : float
        m and s.
    at_coder : float
        Standard deviations of the AI at the automated coder.
    slope : float
        Standard deviations per OOM.
    coder : float
        Effective compute of the automated coder, OOM.
    log_team, log_team_slope : arrays, shape (cells + 1,)
        Natural logarithm of a team's taste at the AI's standard deviations of the table, and its slope.
    """

    log_limit: float
    power: float
    curvature: float
    mean: float
    deviation: float
    at_coder: float
    slope: float
    coder: float
    log_team: FloatArray
    log_team_slope: FloatArray


@scalar
def log_taste(log_limit: float, power: float, curvature: float, x: float) -> tuple[float, float]:
    """Return ln T(x) and its slope in x."""
    if power == 0.0:
        decay = exp(min(max(-x / log_limit, -_LARGEST_EXPONENT), _LARGEST_EXPONENT))
        return log_limit * (1.0 - decay), decay
    grown = exp(min(max(power * x / curvature, -_LARGEST_EXPONENT), _LARGEST_EXPONENT))
    bracket = 1.0 + curvature * (grown - 1.0)
    if bracket <= _LEAST:
        if curvature < 0.0:
            return _LOG_ZERO, 0.0
        bracket = _LEAST
    return LN_2 * log2(bracket) / power, grown / bracket


@kernel
def _misses(
    log_limit: float, power: float, curvature: float, log_ratio: float, mean: float, log_deviation: float
) -> tuple[float, float, float, float, float, float]:
    """Return by how much ratio and mean are missed, and both derivatives of each.

    Derivatives are by the mean and by the logarithm of the deviation.
    """
    deviation = math.exp(log_deviation)
    top, top_slope = log_taste(log_limit, power, curvature, mean + deviation * TOP)
    median, median_slope = log_taste(log_limit, power, curvature, mean)
    total, by_mean, by_deviation = 0.0, 0.0, 0.0
    for n in range(SCORES.size):
        log_t, slope = log_taste(log_limit, power, curvature, mean + deviation * SCORES[n])
        weighted = SCORE_WEIGHTS[n] * exp(log_t)
        total += weighted
        by_mean += weighted * slope
        by_deviation += weighted * slope * SCORES[n] * deviation
    return (
        top - median - log_ratio,
        math.log(total),
        top_slope - median_slope,
        top_slope * TOP * deviation,
        by_mean / total,
        by_deviation / total,
    )


@kernel
def distribution(
    log_limit: float, power: float, curvature: float, log_ratio: float
) -> tuple[float, float, bool]:
    """Return mean and deviation of x over researchers, and whether they exist.

    Newton's method, each step halved until the misses shrink.
    """
    log_deviation = math.log(log_ratio / TOP)
    mean = -0.5 * (log_ratio / TOP) ** 2
    ratio, log_mean, a, b, c, d = _misses(log_limit, power, curvature, log_ratio, mean, log_deviation)
    size = math.hypot(ratio, log_mean)
    for _ in range(_NEWTON_STEPS):
        if size < _TOLERANCE:
            break
        determinant = a * d - b * c
        mean_step = (d * ratio - b * log_mean) / determinant
        deviation_step = (a * log_mean - c * ratio) / determinant
        part = min(1.0, 2.0 / abs(deviation_step))
        shrunk = False
        for _ in range(_HALVINGS):
            to_mean, to_deviation = mean - part * mean_step, log_deviation - part * deviation_step
            tried = _misses(log_limit, power, curvature, log_ratio, to_mean, to_deviation)
            if math.hypot(tried[0], tried[1]) < size:
                shrunk = True
                break
            part *= 0.5
        if not shrunk:
            break
        mean, log_deviation = to_mean, to_deviation
        ratio, log_mean, a, b, c, d = tried
        size = math.hypot(ratio, log_mean)
    # Rounding may leave misses above the tolerance.
    return mean, math.exp(log_deviation), size < math.sqrt(_TOLERANCE)


@kernel
def calibrate(
    top_to_median: float,
    limit: float,
    smoothing: float,
    at_coder: float,
    slope: float,
    coder: float,
) -> tuple[Taste, bool]:
    """Return a draw's research taste, and whether its distribution exists; ``slope`` per OOM."""
    log_ratio = math.log(top_to_median)
    log_limit = (1.0 + limit) * log_ratio
    power, curvature = 0.0, 0.0
    if abs(smoothing - 0.5) >= _HALF:
        power = 2.0 * math.log(1.0 / smoothing - 1.0) / log_limit
        curvature = 1.0 - (1.0 / smoothing - 1.0) ** 2
    mean, deviation, is_solved = distribution(log_limit, power, curvature, log_ratio)
    log_team, log_team_slope = np.empty(CELLS + 1), np.empty(CELLS + 1)
    team = 1.0
    for k in range(CELLS + 1):
        log_t, of_x = log_taste(log_limit, power, curvature, mean + deviation * (LOW + WIDTH * k))
        log_team[k] = math.log(team)
        log_team_slope[k] = exp(log_t) * of_x * deviation * EDGE_CDF[k] / team
        if k == CELLS:
            break
        for n in range(NODES.size):
            x = mean + deviation * (LOW + WIDTH * (k + NODES[n]))
            log_t, of_x = log_taste(log_limit, power, curvature, x)
            team += WIDTH * WEIGHTS[n] * exp(log_t) * of_x * deviation * NODE_CDF[k, n]
    taste = Taste(
        log_limit,
        power,
        curvature,
        mean,
        deviation,
        at_coder,
        slope,
        coder,
        log_team,
        log_team_slope,
    )
    return taste, is_solved


@scalar
def standard_deviations(taste: Taste, effective_compute: float) -> float:
    """Return the research taste of AI, in standard deviations of human researchers over their median."""
    return taste.at_coder + taste.slope * (effective_compute - taste.coder)


@scalar
def log_team_taste(taste: Taste, effective_compute: float) -> float:
    """Return the natural logarithm of the taste of a team of humans and AI; that of humans alone is 0."""
    z = standard_deviations(taste, effective_compute)
    if z <= LOW:
        return 0.0
    if z >= HIGH:
        log_t, _ = log_taste(taste.log_limit, taste.power, taste.curvature, taste.mean + taste.deviation * z)
        return log_t
    return hermite(taste.log_team, taste.log_team_slope, WIDTH, (z - LOW) / WIDTH)
