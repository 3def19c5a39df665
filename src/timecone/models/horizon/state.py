"""State equation: research effort builds the research stock, and the stock is software.

Effort is a team's taste times experiment throughput. The state is y = ln(R / R of the first year):

    dy/dt = effort / (R of the first year exp(y)),  E = G + r y / ln(10)

with training compute G and the returns r. By the rules of August 2026 effective compute is the sum of all
training so far, each part with the software of its time, and so lags that product by q:

    E = G + (r y + q) / ln(10),  dq/dt = p exp(-q) - ln(10) dG/dt - r dy/dt

where q is 0 at the first year, and p the growth (1/year) that product and sum have there.

At the first year stock and effort grow alike. The rules of December 2025 take for that a simpler coding
labour, the CES of all human coders and all inference compute with the automatable share of that year as
weight; those of 2026 take human coders alone.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from timecone.models.horizon import coding_labour, taste, throughput
from timecone.models.horizon import series as exogenous
from timecone.models.horizon.coding_labour import CodingLabour
from timecone.models.horizon.human_only import LN_10, HumanOnly
from timecone.models.horizon.series import Series
from timecone.models.horizon.taste import Taste
from timecone.models.horizon.throughput import Throughput
from timecone.models.horizon.time_horizon import TimeHorizon
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import exp

#: Largest research effort, natural logarithm.
LOG_MOST_EFFORT: Final = 30.0 * LN_10
#: Bounds of the automatable share in the simpler coding labour.
_LEAST_SHARE: Final = 1e-9


class Draw(NamedTuple):
    """Everything that a draw's state equation and milestones need.

    Attributes
    ----------
    series : Series
        Exogenous inputs.
    throughput, human_only, horizon, taste, coding
        Parts of the model.
    log_first_stock : float
        Natural logarithm of the research stock at the first year.
    inflow : float
        Growth p at the first year where effective compute is a sum, 1/year; 0 where it is a product.
    log_labour, log_experiments, log_compute_per_coder : float
        Natural logarithms at the start: human coders, experiment compute, inference compute per coder.
    """

    series: Series
    throughput: Throughput
    human_only: HumanOnly
    horizon: TimeHorizon
    taste: Taste
    coding: CodingLabour
    log_first_stock: float
    inflow: float
    log_labour: float
    log_experiments: float
    log_compute_per_coder: float


@kernel
def log_first_stock_with_ai(series: Series, parts: Throughput, team: Taste, coding: CodingLabour) -> float:
    """Return ln R at the first year by the rules of December 2025."""
    share = coding_labour.automatable_share(coding, 0.0)
    share = min(max(share, _LEAST_SHARE), 1.0 - _LEAST_SHARE)
    p = coding.exponent
    ai = (1.0 - p) * math.log(share) + p * series.inference[0]
    human = (1.0 - p) * math.log1p(-share) + p * series.labour[0]
    labour = (max(ai, human) + throughput.log1p_exp(-abs(ai - human))) / p
    ai_part = 1.0 / (1.0 + math.exp(human - ai))
    ai_growth = series.inference_slope[0]
    human_growth = series.labour_slope[0]
    rate = throughput.throughput_growth(
        parts,
        series.experiments[0],
        labour,
        series.experiments_slope[0],
        ai_part * ai_growth + (1.0 - ai_part) * human_growth,
    )
    effort = taste.log_team_taste(team, 0.0) + throughput.log_throughput(parts, series.experiments[0], labour)
    return effort - math.log(rate)


@scalar
def log_effort(draw: Draw, effective_compute: float, time: float, j: int) -> float:
    """Return the natural logarithm of research effort at a time in the interval after row ``j``."""
    series = draw.series
    since = time - series.years[j]
    labour = series.labour[j] + series.labour_slope[j] * since
    inference = series.inference[j] + series.inference_slope[j] * since
    experiments = series.experiments[j] + series.experiments_slope[j] * since
    labour += coding_labour.log_multiple(draw.coding, effective_compute, inference - labour)
    effort = throughput.log_throughput(draw.throughput, experiments, labour)
    return min(effort + taste.log_team_taste(draw.taste, effective_compute), LOG_MOST_EFFORT)


@scalar
def effective_compute(draw: Draw, time: float, y: float, lag: float, j: int) -> float:
    """Return E, OOM since the first year; ``lag`` is q."""
    product = exogenous.growth_until(draw.series, time, j) + draw.human_only.returns / LN_10 * y
    return product + lag / LN_10


@scalar
def slopes(draw: Draw, time: float, y: float, lag: float, j: int) -> tuple[float, float, float, float]:
    """Return dy/dt, dq/dt, dE/dt and the growth of the product, at a time in the interval after row ``j``."""
    effort = log_effort(draw, effective_compute(draw, time, y, lag, j), time, j)
    rate = exp(effort - draw.log_first_stock - y)
    product = exogenous.growth_at(draw.series, time, j) + draw.human_only.returns / LN_10 * rate
    if draw.inflow == 0.0:
        return rate, 0.0, product, product
    inflow = draw.inflow * exp(-lag)
    return rate, inflow - LN_10 * product, inflow / LN_10, product


@scalar
def log_speedup(draw: Draw, effective_compute: float) -> float:
    """Return ln of software progress with the resources of the start over that of humans alone."""
    labour = draw.log_labour + coding_labour.log_multiple(
        draw.coding, effective_compute, draw.log_compute_per_coder
    )
    effort = throughput.log_throughput(draw.throughput, draw.log_experiments, labour)
    effort += taste.log_team_taste(draw.taste, effective_compute)
    rate = draw.human_only.returns / (LN_10 * draw.human_only.software)
    return effort - draw.human_only.log_stock + math.log(rate)
