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
    ),
    Parameter(
        "investment.growth",
        "x/year",
        "Factor by which the largest run's cost grows in a year while the trend lasts.",
        "Cottier et al. 2024",
        low=0.0,
    ),
    Parameter(
        "investment.cap_share",
        "share of world output",
        "Largest share of gross world product that one training run may cost.",
        "Cotra 2020",
        low=0.0,
    ),
    Parameter(
        "investment.cap_usd",
        "USD",
        "Largest sum that one training run may cost, whatever the size of the economy.",
        "Davidson 2023",
        low=0.0,
        default=math.inf,
    ),
    Parameter(
        "investment.trend_lifetime",
        "year",
        "Time from the start until spending stops growing faster than the economy.",
        "timecone",
        low=0.0,
        default=math.inf,
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
def inverse_spending(inverse_trend: float, inverse_share: float, inverse_cap: float) -> float:
    """Return one over the cost of the largest run.

    All in 1/USD: one over the uncapped trend, over the largest share of output, over the absolute cap (0
    without one).
    """
    return inverse_trend + inverse_share + inverse_cap


@scalar
def awake(share: float, wakeup_share: float) -> float:
    """Return how far investors have woken up, from 0 to 1."""
    return min(max(share / wakeup_share - 0.5, 0.0), 1.0)
