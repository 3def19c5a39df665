"""Shocks: a loss of chip supply, a regulated pause, an investment winter; each at most once in a draw.

- supply: from its start price-performance is what it was ``setback`` years of trend before, and it does not
  grow for ``duration`` years; then the trend goes on from there.
- pause: for ``duration`` years spending on the largest run stays where it is, and algorithms advance at
  ``research_share`` of their rate. The economy does not stop: after the pause the trend of spending goes on
  from where it was, under the caps of the day.
- winter: spending falls by ``depth`` OOM and grows again from there. The trend is set to what gives that
  fall,
  whatever cap was binding.

The start is given, in years after the scenario's start, or comes from a yearly hazard h: exponential with
mean 1 / h. Where both are given the start counts.

Sutskever 2023 (interview: chips of about four years ago remain); Semiconductor Industry Association & BCG
2021 (concentration of leading-edge logic).
"""

from __future__ import annotations

import math

import numpy as np

from timecone.models.model import Component, EventClock, Parameter
from timecone.numerics.compiled import scalar
from timecone.schema import FloatArray

SUPPLY_SHOCK = "supply_shock"
PAUSE = "pause"
WINTER = "winter"
SHOCKS = (SUPPLY_SHOCK, PAUSE, WINTER)

#: Stem of each shock's parameters.
STEMS = {SUPPLY_SHOCK: "shocks.supply", PAUSE: "shocks.pause", WINTER: "shocks.winter"}


def _timing(component: str, what: str, source: str) -> tuple[Parameter, Parameter]:
    stem = STEMS[component]
    return (
        Parameter(
            f"{stem}_hazard",
            "1/year",
            f"Expected number of times per year that {what} begins.",
            source,
            low=0.0,
            high=1.0,
            includes_high=True,
            default=0.0,
            includes_low=True,
            components=(component,),
        ),
        Parameter(
            f"{stem}_start",
            "year",
            f"Time from the scenario's start until {what} begins; takes the place of the hazard.",
            source,
            low=0.0,
            default=math.inf,
            includes_low=True,
            components=(component,),
        ),
    )


PARAMETERS = (
    *_timing(
        SUPPLY_SHOCK, "a loss of leading-edge chip output", "Semiconductor Industry Association & BCG 2021"
    ),
    Parameter(
        "shocks.supply_duration",
        "year",
        "Time for which price-performance does not grow.",
        "Semiconductor Industry Association & BCG 2021",
        low=0.0,
        includes_low=True,
        components=(SUPPLY_SHOCK,),
    ),
    Parameter(
        "shocks.supply_setback",
        "year",
        "Years of trend by which price-performance falls back.",
        "Sutskever 2023 (interview)",
        low=0.0,
        includes_low=True,
        components=(SUPPLY_SHOCK,),
    ),
    *_timing(PAUSE, "a regulated pause", "timecone"),
    Parameter(
        "shocks.pause_duration",
        "year",
        "Time for which spending on the largest run is frozen.",
        "timecone",
        low=0.0,
        includes_low=True,
        components=(PAUSE,),
    ),
    Parameter(
        "shocks.pause_research_share",
        "1",
        "Pace of algorithmic research during the pause, as a share of its pace without.",
        "timecone",
        low=0.0,
        high=1.0,
        includes_high=True,
        includes_low=True,
        components=(PAUSE,),
    ),
    *_timing(WINTER, "an investment winter", "timecone"),
    Parameter(
        "shocks.winter_depth",
        "OOM",
        "Fall of spending on the largest run.",
        "timecone",
        low=0.0,
        includes_low=True,
        components=(WINTER,),
    ),
)

# Parameters that say when a shock begins: of each pair one must be given.
_TIMING = {name: ((f"{stem}_hazard", f"{stem}_start"),) for name, stem in STEMS.items()}

COMPONENTS = (
    Component(
        SUPPLY_SHOCK,
        "Supply shock",
        ("shocks.supply_duration", "shocks.supply_setback"),
        "Leading-edge chip output is lost for some years.",
        one_of=_TIMING[SUPPLY_SHOCK],
    ),
    Component(
        PAUSE,
        "Regulated pause",
        ("shocks.pause_duration", "shocks.pause_research_share"),
        "Spending on the largest run is frozen for some years.",
        one_of=_TIMING[PAUSE],
    ),
    Component(
        WINTER,
        "Investment winter",
        ("shocks.winter_depth",),
        "Spending falls and has to grow again.",
        one_of=_TIMING[WINTER],
    ),
)

WAITS = tuple(EventClock(f"{STEMS[name]}_wait", 1, f"{STEMS[name]}_hazard") for name in SHOCKS)


def start_of(stated: FloatArray, hazard: FloatArray, wait: FloatArray | None) -> FloatArray:
    """Return when a shock begins, years after the start; +inf where it does not.

    Parameters
    ----------
    given, hazard : array, shape (draws,)
        Parameters; a finite start counts, else the hazard.
    wait : array, shape (draws,), optional
        Unit-exponential variates; absent where no hazard is given.
    """
    if wait is None:
        return stated
    with np.errstate(divide="ignore"):
        return np.where(np.isfinite(stated), stated, wait / hazard)


@scalar
def fallen_trend(inverse_trend: float, inverse_caps: float, fall: float) -> float:
    """Return one over the trend after spending has fallen to 1 / ``fall`` of what it was, 1/USD.

    1 / spending = 1 / trend + 1 / caps; the caps stay.
    """
    return fall * inverse_trend + (fall - 1.0) * inverse_caps


@scalar
def lasts(elapsed: float, start: float, end: float) -> bool:
    """Return whether a shock that lasts for some time does so at a time; all in years after the start."""
    return start <= elapsed < end


@scalar
def paces(short: bool, paused: bool, research_share: float) -> tuple[float, float, float]:
    """Return the paces of hardware, algorithms and spending, as shares of what they are without shocks.

    Parameters
    ----------
    short : bool
        Whether chip supply is lost.
    paused : bool
        Whether a pause lasts.
    research_share : float
        Pace of algorithmic research during a pause.
    """
    return 0.0 if short else 1.0, research_share if paused else 1.0, 0.0 if paused else 1.0
