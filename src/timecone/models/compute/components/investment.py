"""Investment: what the largest training run costs.

The trend s grows at log10(growth) per year until investors stop extending it, ``trend_lifetime`` years after
the start, and with the economy thereafter. Spending is the harmonic soft minimum of the trend and two caps,

    1 / spending = 1 / 10**s + 1 / (cap_share * output) + 1 / cap_usd,

so it never overshoots a cap: Cotra's logistic approach to a share of output, and an absolute tier (what a
firm, a fab-sized project, a nation can pay). A largest run already near a cap at the start is therefore
counted below its nominal cost.

As automation passes ``wakeup_share`` investors wake up: growth rises to the larger of the trend's and
``wakeup_growth``, linearly over half to one and a half of that share, also after the trend's end.

Cotra 2020; Cottier et al. 2024, "The rising costs of training frontier AI models"; Davidson 2023.
"""

from __future__ import annotations

import math

from timecone.models.compute.components.alternatives import COMPUTE_TREND
from timecone.models.model import Component, Parameter
from timecone.numerics.compiled import scalar

INVESTMENT_FEEDBACK = "investment_feedback"

PARAMETERS = (
    Parameter(
        "investment.largest_run",
        "USD",
        "Cost of the largest training run at the start.",
        "Cottier et al. 2024",
        low=0.0,
        replaced_by=(COMPUTE_TREND,),
    ),
    Parameter(
        "investment.growth",
        "x/year",
        "Factor by which the largest run's cost grows in a year while the trend lasts.",
        "Cottier et al. 2024",
        low=0.0,
        replaced_by=(COMPUTE_TREND,),
    ),
    Parameter(
        "investment.cap_share",
        "share of world output",
        "Largest share of gross world product that one training run may cost.",
        "Cotra 2020",
        low=0.0,
        replaced_by=(COMPUTE_TREND,),
    ),
    Parameter(
        "investment.cap_usd",
        "USD",
        "Largest sum that one training run may cost, whatever the size of the economy.",
        "Davidson 2023",
        low=0.0,
        default=math.inf,
        replaced_by=(COMPUTE_TREND,),
    ),
    Parameter(
        "investment.trend_lifetime",
        "year",
        "Time from the start until spending stops growing faster than the economy.",
        "timecone",
        low=0.0,
        default=math.inf,
        replaced_by=(COMPUTE_TREND,),
    ),
    Parameter(
        "investment.wakeup_share",
        "1",
        "Share of tasks automated around which investors wake up.",
        "Davidson 2023",
        low=0.0,
        components=(INVESTMENT_FEEDBACK,),
    ),
    Parameter(
        "investment.wakeup_growth",
        "x/year",
        "Factor by which the largest run's cost grows in a year from then on, if that is more than before.",
        "Davidson 2023",
        low=0.0,
        components=(INVESTMENT_FEEDBACK,),
    ),
)


COMPONENTS = (
    Component(
        INVESTMENT_FEEDBACK,
        "Investment feedback",
        ("investment.wakeup_share", "investment.wakeup_growth"),
        "Investors wake up to automation and spend more.",
    ),
)


@scalar
def trend_rate(rate: float, economy_rate: float, lasts: bool) -> float:
    """Return the growth of the trend without wake-up, OOM per year: that of the economy once it has ended."""
    return rate if lasts else economy_rate


@scalar
def woken_rate(trend_rate: float, adopted: float, wakeup_share: float, wakeup_rate: float) -> float:
    """Return the growth of the trend with wake-up, OOM per year.

    Parameters
    ----------
    trend_rate, wakeup_rate : float
        Growth before investors wake up, and after, OOM per year.
    adopted, wakeup_share : float
        Share of tasks that AI has taken over, and that around which investors wake up.
    """
    return trend_rate + awake(adopted, wakeup_share) * max(wakeup_rate - trend_rate, 0.0)


@scalar
def trend_growth(elapsed: float, step: float, lifetime: float, rate: float, economy_rate: float) -> float:
    """Return the growth of the trend over a step, in OOM; exact where the trend ends inside it.

    Parameters
    ----------
    elapsed : float
        Time since the start at the beginning of the step, years.
    step : float
        Length of the step, years.
    lifetime : float
        ``trend_lifetime``, years.
    rate, economy_rate : float
        Growth before and after the trend's end, OOM per year.
    """
    alive = min(max(lifetime - elapsed, 0.0), step)
    return rate * alive + economy_rate * (step - alive)


@scalar
def inverse_caps(inverse_share: float, inverse_cap: float) -> float:
    """Return one over both caps, 1/USD: the share of output, and the absolute cap (0 without one)."""
    return inverse_share + inverse_cap


@scalar
def inverse_spending(inverse_trend: float, inverse_caps: float) -> float:
    """Return one over the cost of the largest run, 1/USD.

    Caps may also be applied one after the other: what the first leaves takes the place of the trend.
    """
    return inverse_trend + inverse_caps


@scalar
def inverse_decline(
    inverse_trend: float, inverse_share: float, trend_rate: float, share_rate: float
) -> float:
    """Return how fast one over spending falls, 1/USD per year and in units of ln(10).

    ``inverse_trend`` and ``inverse_share`` in 1/USD; growth of the trend and of the share of output in OOM
    per year.
    """
    return inverse_trend * trend_rate + inverse_share * share_rate


@scalar
def spending_growth(
    inverse_trend: float, inverse_caps: float, inverse_cap: float, trend_rate: float, share_rate: float
) -> float:
    """Return the growth of the largest run's cost, OOM per year.

    Parameters
    ----------
    inverse_trend, inverse_caps, inverse_cap : float
        One over the uncapped trend, over both caps, over the absolute cap, 1/USD.
    trend_rate, share_rate : float
        Growth of the trend and of the share of output, OOM per year.
    """
    decline = inverse_decline(inverse_trend, inverse_caps - inverse_cap, trend_rate, share_rate)
    return decline * (1.0 / inverse_spending(inverse_trend, inverse_caps))


@scalar
def awake(share: float, wakeup_share: float) -> float:
    """Return how far investors have woken up, from 0 to 1."""
    return min(max(share / wakeup_share - 0.5, 0.0), 1.0)
