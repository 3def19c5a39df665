"""Calculations that figures about the past are repeated with, from facts that a file states.

Each takes the facts of a file and returns its results by name. Trends are fitted by `timecone.history`, the
equations are those of the compute model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd
from scipy import special

from timecone.history.readers.bundled import read_bundled
from timecone.history.trends.eras import DEEP_LEARNING, LARGE_SCALE
from timecone.history.trends.frontier import records_at_release
from timecone.history.trends.growth import Growth, growth
from timecone.history.trends.series import series
from timecone.models.compute.components.deployment import run_length_limit
from timecone.published.facts import Facts
from timecone.published.statistics import Number
from timecone.results.estimators.percentiles import quantiles
from timecone.results.estimators.sample import SortedSample

type Calculation = Callable[[Facts], dict[str, Number]]

_SEED: Final = 1
_MASS: Final = 0.95
_MONTHS: Final = 12.0
_DAYS: Final = 365.25
_DRAWS: Final = 100_000
_SELF_PLAY: Final = ("AlphaGo Zero", "AlphaGo Master", "AlphaZero")
_NORMAL_80: Final = float(special.ndtri(0.9))
_NORMAL_90: Final = float(special.ndtri(0.95))
_NORMAL_95: Final = float(special.ndtri(0.975))


def training_compute(facts: Facts) -> dict[str, Number]:
    """Return doubling times of training compute by era, in months, from the bundled table of runs.

    Amodei & Hernandez 2018; Sevilla et al. 2022. The table is one of landmarks, of which those above
    ``large`` count as runs of the large-scale era. ``self_play`` holds the compute of AlphaGo Zero, AlphaGo
    Master and AlphaZero with the games that they played against themselves, which the table leaves out. The
    error is half of the 95 % bootstrap interval over observations.
    """
    until = facts.value("until", "calendar year")
    runs = read_bundled("runs").rows
    counted = dict(zip(_SELF_PLAY, facts.values("self_play", "FLOP").tolist(), strict=True))
    compute = runs["name"].map(counted).fillna(runs["training_compute"])
    runs = runs.assign(training_compute=compute)[compute.notna()]
    large = runs[runs["training_compute"] > facts.value("large", "FLOP")]
    first, last = facts.values("records", "calendar year").tolist()
    fits = {
        "before_2010": _fitted(runs, -np.inf, DEEP_LEARNING),
        "since_2010": _fitted(runs, DEEP_LEARNING, until),
        "large_runs": _fitted(large, LARGE_SCALE, until),
        "records": _fitted(records_at_release(runs), first, last),
    }
    return {name: _months(fit) for name, fit in fits.items()}


def _fitted(runs: pd.DataFrame, first: float, until: float) -> Growth:
    chosen = runs[(runs["date"] >= first) & (runs["date"] < until)]
    return growth(series(chosen["date"], chosen["training_compute"]), seed=_SEED, mass=_MASS)


def _months(fit: Growth) -> Number:
    low, high = fit.doubling_interval
    return Number(_MONTHS * fit.doubling_time, 0.5 * _MONTHS * (high - low))


def time_horizon(facts: Facts) -> dict[str, Number]:
    """Return the doubling time of time horizons, in days, of models since 2019 and since 2023.

    METR 2026: least squares through the logarithms of the horizons of the models that were best at release.
    The error is half of the 95 % bootstrap interval over models.
    """
    dates, horizons = facts.values("dates", "calendar year"), facts.values("horizons", "minute")
    numbers = {}
    for first in (2019, 2023):
        chosen = dates >= first
        fit = growth(series(dates[chosen], horizons[chosen]), seed=_SEED, mass=_MASS)
        low, high = fit.doubling_interval
        numbers[f"since_{first}"] = Number(_DAYS * fit.doubling_time, 0.5 * _DAYS * (high - low))
    return numbers


def algorithmic_efficiency(facts: Facts) -> dict[str, Number]:
    """Return the gain of training efficiency at fixed performance, and its doubling time in months.

    Hernandez & Brown 2020: compute to train to the level of AlexNet. The gain is that from the first to the
    last row; the doubling time is that of the exponential through all rows, with half of its 95 % bootstrap
    interval.
    """
    dates, compute = facts.values("dates", "calendar year"), facts.values("compute", "TFLOP/s day")
    fit = growth(series(dates, 1.0 / compute), seed=_SEED, mass=_MASS)
    return {"gain": Number(float(compute[0] / compute[-1]), 0.0), "doubling_time": _months(fit)}


def effective_compute(facts: Facts) -> dict[str, Number]:
    """Return the factors of effective training compute: hardware, spending and algorithms, and their product.

    Hernandez 2023. Hardware doubles at the pace of Moore's law; spending is what of the growth of training
    compute hardware does not account for.
    """
    years, doubling = facts.value("years", "year"), facts.value("hardware_doubling_time", "year")
    total, algorithms = facts.value("training_compute", "x"), facts.value("algorithms", "x")
    hardware = 2.0 ** (years / doubling)
    factors = {
        "hardware": hardware,
        "spending": total / hardware,
        "algorithms": algorithms,
        "effective_compute": total * algorithms,
    }
    return {name: Number(value, 0.0) for name, value in factors.items()}


def longest_run(facts: Facts) -> dict[str, Number]:
    """Return the longest sensible training run, in months, by what progress it waits for.

    Sevilla et al. 2022: a run that starts later runs on better hardware with better algorithms and more
    money, so none should take longer than the inverse of the sum of their growth rates.
    """
    rates = {
        name: np.array(facts.value(name, "OOM/year")) for name in ("hardware", "algorithms", "investment")
    }
    sums = {
        "hardware_alone": ("hardware",),
        "with_algorithms": ("hardware", "algorithms"),
        "with_investment": ("hardware", "investment"),
        "with_both": ("hardware", "algorithms", "investment"),
    }
    return {
        name: Number(_MONTHS * float(run_length_limit(*(rates[part] for part in parts))), 0.0)
        for name, parts in sums.items()
    }


def data_exhaustion(facts: Facts) -> dict[str, Number]:
    """Return percentiles of the date at which the largest training set takes all public text.

    Villalobos et al. 2024, historical projection. Stock and largest set are lognormal, their growth normal
    (that of the sets between the ends of an 80 % interval, or certain):

        date = start + log10(stock / set) / (log10 growth of sets - log10 growth of the stock).
    """
    rng = np.random.default_rng(_SEED)
    stock = _lognormal(rng, facts.values("stock", "token"), _NORMAL_95)
    largest = _lognormal(rng, facts.values("largest_set", "token"), _NORMAL_90)
    low, high = facts.values("stock_growth", "1/year").tolist()
    spread = (high - low) / (2.0 * _NORMAL_95)
    grows = np.log10(1.0 + 0.5 * (low + high) + spread * rng.standard_normal(_DRAWS))
    ends = facts.values("set_growth", "OOM/year")
    sets = ends.mean() + np.ptp(ends) / (2.0 * _NORMAL_80) * rng.standard_normal(_DRAWS)
    with np.errstate(divide="ignore"):
        years = np.where(sets > grows, (stock - largest) / (sets - grows), np.inf)
    dates = facts.value("start", "calendar year") + years
    estimate = quantiles(SortedSample(np.sort(dates)), np.array([0.1, 0.5, 0.9]))
    return {
        name: Number(float(estimate.value[k]), 0.5 * float(estimate.upper[k] - estimate.lower[k]))
        for k, name in enumerate(("date_10", "date_50", "date_90"))
    }


def _lognormal(rng: np.random.Generator, ends: np.ndarray, score: float) -> np.ndarray:
    """Return decadic logarithms of draws between two quantiles."""
    low, high = np.log10(ends).tolist()
    drawn: np.ndarray = 0.5 * (low + high) + (high - low) / (2.0 * score) * rng.standard_normal(_DRAWS)
    return drawn


#: Calculations by the name that a file gives as ``calculation``.
CALCULATIONS: Final[dict[str, Calculation]] = {
    "training_compute": training_compute,
    "time_horizon": time_horizon,
    "algorithmic_efficiency": algorithmic_efficiency,
    "effective_compute": effective_compute,
    "longest_run": longest_run,
    "data_exhaustion": data_exhaustion,
}
