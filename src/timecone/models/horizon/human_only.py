"""Human-only run: software progress by human coders alone, which fixes the returns to research.

Research stock R grows by the throughput X, dR/dt = X, from R = X / (d ln X/dt) at the first year, so that
stock and throughput grow alike at first. Software progress is r X / (R ln 10) OOM per year; r is such that it
has its stated rate at the beginning of 2024. Because d ln R/dt = X/R, effective compute is

    E = G + r log10(R / R of the first year)

with training compute G from `series`.
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
def run(series: Series, throughput: Throughput, rate_2024: float, start: float) -> HumanOnly:
    """Return the human-only run of a draw, read at the start."""
    first = math.exp(log_first_stock(series, throughput))
    j = exogenous.row_before(series.years, RATE_YEAR, 0)
    stock = first + research_until(series, throughput, RATE_YEAR)
    throughput_then = math.exp(_log_human_throughput(series, throughput, RATE_YEAR, j))
    returns = rate_2024 * stock * LN_10 / throughput_then
    j = exogenous.row_before(series.years, start, 0)
    stock = first + research_until(series, throughput, start)
    software = returns * math.exp(_log_human_throughput(series, throughput, start, j)) / (stock * LN_10)
    return HumanOnly(
        returns,
        exogenous.growth_until(series, start, j) + returns * math.log10(stock / first),
        software + exogenous.growth_at(series, start, j),
        software,
        math.log(stock),
    )
