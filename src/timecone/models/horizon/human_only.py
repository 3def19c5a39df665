"""Human-only run: software progress by human coders alone, which fixes the returns to research.

Research stock R grows by the throughput X, dR/dt = X, from R = X / (d ln X/dt) at the first year, so that
stock and throughput grow alike at first. Software progress is r X / (R ln 10) OOM per year; r is such that it
has its stated rate at the beginning of 2024. Because d ln R/dt = X/R, effective compute is

    E = G + r log10(R / R of the first year)

with training compute G from `series`. By the rules of August 2026 it is the logarithm of the sum of all
training so far, each part with the software of its time; at the first year sum and product grow alike.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from timecone.models.horizon import series as exogenous
from timecone.models.horizon.series import Series
from timecone.models.horizon.source import AI_FUTURES
from timecone.models.horizon.throughput import Throughput, log_throughput, throughput_growth
from timecone.models.model import Parameter
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray

#: Date of the stated rate of software progress.
RATE_YEAR: Final = 2024.0
LN_10: Final = math.log(10.0)

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(6)
NODES: Final[FloatArray] = 0.5 * (1.0 + _NODES)
WEIGHTS: Final[FloatArray] = 0.5 * _WEIGHTS
#: Parts into which an interval of the series is cut where training adds up.
PARTS: Final = 12

PARAMETERS: Final = (
    Parameter(
        "software.rate_2024",
        "OOM/year",
        "Software progress at the beginning of 2024 without AI.",
        AI_FUTURES,
        low=0.0,
    ),
)


class HumanOnly(NamedTuple):
    """Human-only run of a draw.

    Attributes
    ----------
    returns : float
        Returns to research r.
    effective_compute : float
        E at the start, OOM.
    progress, software : float
        Growth of E and of software alone at the start, OOM/year.
    log_stock : float
        Natural logarithm of the research stock at the start.
    """

    returns: float
    effective_compute: float
    progress: float
    software: float
    log_stock: float


@kernel
def _log_human_throughput(series: Series, throughput: Throughput, time: float, j: int) -> float:
    since = time - series.years[j]
    return log_throughput(
        throughput,
        series.experiments[j] + series.experiments_slope[j] * since,
        series.labour[j] + series.labour_slope[j] * since,
    )


@kernel
def log_first_stock(series: Series, throughput: Throughput) -> float:
    """Return the natural logarithm of the research stock at the first year."""
    rate = throughput_growth(
        throughput,
        series.experiments[0],
        series.labour[0],
        series.experiments_slope[0],
        series.labour_slope[0],
    )
    return _log_human_throughput(series, throughput, series.years[0], 0) - math.log(rate)


@kernel
def research_until(series: Series, throughput: Throughput, time: float) -> float:
    """Return the integral of human-only throughput from the first year to a time.

    Gauss-Legendre quadrature in each interval of the series, inside which throughput is smooth.
    """
    total, j = 0.0, 0
    begin = series.years[0]
    while begin < time:
        end = time if j + 1 >= series.years.size else min(time, series.years[j + 1])
        for n in range(NODES.size):
            at = begin + NODES[n] * (end - begin)
            total += WEIGHTS[n] * (end - begin) * math.exp(_log_human_throughput(series, throughput, at, j))
        begin = end
        j += 1
    return total


@kernel
def first_growth(series: Series, throughput: Throughput, returns: float) -> float:
    """Return the growth of effective compute at the first year, 1/year."""
    rate = throughput_growth(
        throughput,
        series.experiments[0],
        series.labour[0],
        series.experiments_slope[0],
        series.labour_slope[0],
    )
    return LN_10 * exogenous.growth_at(series, series.years[0], 0) + returns * rate


@kernel
def product_at(series: Series, throughput: Throughput, returns: float, time: float) -> float:
    """Return E at a time where effective compute is training compute times software, OOM."""
    first = math.exp(log_first_stock(series, throughput))
    stock = first + research_until(series, throughput, time)
    j = exogenous.row_before(series.years, time, 0)
    return exogenous.growth_until(series, time, j) + returns * math.log10(stock / first)


@kernel
def sum_at(series: Series, throughput: Throughput, returns: float, time: float) -> tuple[float, float]:
    """Return E and dE/dt at a time where effective compute is the sum of all training, OOM and OOM/year.

    Simpson's rule in equal parts of each interval of the series, with the research stock by the rule's
    companion for half a part.
    """
    first = math.exp(log_first_stock(series, throughput))
    growth = first_growth(series, throughput, returns)
    stock, total, flow, j = first, 1.0 / growth, 1.0, 0
    begin = series.years[0]
    while begin < time:
        end = time if j + 1 >= series.years.size else min(time, series.years[j + 1])
        width = (end - begin) / PARTS
        for n in range(PARTS):
            left = begin + n * width
            at_left = math.exp(_log_human_throughput(series, throughput, left, j))
            at_middle = math.exp(_log_human_throughput(series, throughput, left + 0.5 * width, j))
            at_right = math.exp(_log_human_throughput(series, throughput, left + width, j))
            half = stock + width / 24.0 * (5.0 * at_left + 8.0 * at_middle - at_right)
            stock += width / 6.0 * (at_left + 4.0 * at_middle + at_right)
            middle = 10.0 ** exogenous.growth_until(series, left + 0.5 * width, j) * (half / first) ** returns
            right = 10.0 ** exogenous.growth_until(series, left + width, j) * (stock / first) ** returns
            total += width / 6.0 * (flow + 4.0 * middle + right)
            flow = right
        begin = end
        j += 1
    return math.log10(total * growth), flow / (total * LN_10)


@kernel
def run(series: Series, throughput: Throughput, rate_2024: float, start: float, is_sum: bool) -> HumanOnly:
    """Return the human-only run of a draw, read at the start; ``is_sum`` where training adds up."""
    first = math.exp(log_first_stock(series, throughput))
    j = exogenous.row_before(series.years, RATE_YEAR, 0)
    stock = first + research_until(series, throughput, RATE_YEAR)
    throughput_then = math.exp(_log_human_throughput(series, throughput, RATE_YEAR, j))
    returns = rate_2024 * stock * LN_10 / throughput_then
    j = exogenous.row_before(series.years, start, 0)
    stock = first + research_until(series, throughput, start)
    software = returns * math.exp(_log_human_throughput(series, throughput, start, j)) / (stock * LN_10)
    effective = exogenous.growth_until(series, start, j) + returns * math.log10(stock / first)
    progress = software + exogenous.growth_at(series, start, j)
    if is_sum:
        effective, progress = sum_at(series, throughput, returns, start)
    return HumanOnly(
        returns,
        effective,
        progress,
        software,
        math.log(stock),
    )
