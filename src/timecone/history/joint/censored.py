r"""Censored evidence of the joint fit: bounds on runs whose compute is not known.

Two kinds of observations say that a run lies within bounds. **Largest runs by year:** whatever the largest
run was, the supply of chips and power allowed it. **Runs of unknown compute:** a laboratory with one of the
largest runs released a model and did not say its compute, which lies above what its capability takes and
below what supply allows.

With :math:`c_i` the log10 compute of such a run, its bounds :math:`L_i \sim N(l_i, a_i^2)` and :math:`B_i =
m_i + s_i (\sqrt{\rho} \, z + \sqrt{1 - \rho} \, z_i)`, the observation is the event :math:`L_i < c_i < B_i`,
where z is an error of the supply that all bounds share.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from timecone.errors import ArgumentError
from timecone.history.capability_compute import best_scores, capability_line
from timecone.history.supply.fit import RunBound
from timecone.history.trends.frontier import records_at_release, top_at_release
from timecone.schema import FloatArray

#: Share of the variance of the bound that all dates have in common. Of the bundled supply the correlations
#: between bounds at half-years from 2024 to the middle of 2026 are 0.954 to 0.998, 0.985 on average.
SHARED = 0.97
#: Years before the end of complete evidence in which a laboratory must have had one of the largest runs.
LABORATORY_YEARS = 3.0
#: Rank at release that such a run had.
LABORATORY_RANK = 5
#: The first bound: the counts of chips by owner are complete from 2024 on.
FIRST = 2024.0
_PERIODS_A_YEAR = 2.0
#: Words in names by which laboratories mark models that are small beside their largest.
SMALL = frozenset({"mini", "nano", "flash", "lite", "haiku", "fast", "instant"})


@dataclass(frozen=True, eq=False)
class Censored:
    """Bounds on runs, in log10 FLOP.

    Attributes
    ----------
    bound_date, bound_mean, bound_sd : ndarray
        (bound,) decimal years, and mean and standard deviation of the bound on the largest run then.
    unknown_name : tuple of str
        Runs of unknown compute, by date.
    unknown_date : ndarray
        (unknown,) decimal year of release.
    low, low_error : ndarray
        (unknown,) least compute by capability, and its standard deviation.
    unknown_mean, unknown_sd : ndarray
        (unknown,) mean and standard deviation of the bound of supply at the release.
    record_share : float
        Probability that a run of unknown compute was the largest at its release: the share of records
        among the frontier runs of the five years before the end of complete evidence.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.history.joint.censored import Censored
    >>> none = np.zeros(0)
    >>> year = np.array([2026.0])
    >>> censored = Censored(year, year * 0 + 27.2, year * 0 + 0.3, (), none, none, none, none, none, 0.3)
    >>> censored.sizes
    (1, 0)
    """

    bound_date: FloatArray
    bound_mean: FloatArray
    bound_sd: FloatArray
    unknown_name: tuple[str, ...]
    unknown_date: FloatArray
    low: FloatArray
    low_error: FloatArray
    unknown_mean: FloatArray
    unknown_sd: FloatArray
    record_share: float

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of bounds on largest runs, and of runs of unknown compute."""
        return len(self.bound_date), len(self.unknown_date)


def censor(
    runs: pd.DataFrame,
    bound: RunBound,
    capabilities: pd.DataFrame | None = None,
    *,
    as_of: float,
    end: float,
    top: int = 10,
) -> Censored:
    """Return the bounds on runs that were known at a date.

    The largest run is bounded at the beginning of every year from 2024 on and at the newest quarter. Runs of
    unknown compute are the models of laboratories that had one of the five largest runs at release within
    three years before the end of complete evidence: of each laboratory and half-year the best model by
    score, if it is the laboratory's best so far, not named small (`SMALL`), and no table has its compute.
    Several versions of a model share a training run, so that not each of them counts.

    Parameters
    ----------
    runs : DataFrame
        Rows of runs as the readers give them.
    bound : RunBound
        Upper bound on the largest run by date, of a fit of supply.
    capabilities : DataFrame, optional
        Rows of an index of capabilities. Without it only the largest run of each year is bounded.
    as_of : float
        Decimal year; nothing later is used.
    end : float
        Decimal year of the end of complete evidence.
    top : int, optional
        Rank at release up to which a run is a frontier run.

    Returns
    -------
    Censored
        In log10 FLOP.

    Raises
    ------
    ArgumentError
        The bound was published later than ``as_of``, it has no date before it, or too few models are known
        to relate compute to capability.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> from timecone.history.joint.censored import censor
    >>> from timecone.history.supply.fit import open_supply, run_bound
    >>> bound = run_bound(open_supply("supply.nc"))
    >>> censored = censor(read_bundled("runs").rows, bound, as_of=2026.64, end=2025.6)
    >>> censored.bound_date.tolist()
    [2024.0, 2025.0, 2026.0, 2026.5]
    """
    if bound.published > as_of:
        raise ArgumentError(
            "evidence-after-as-of",
            "the bound of supply was published after the date of the evidence",
            where="as_of",
            got=round(as_of, 2),
            allowed=f"{bound.published:.2f} or later",
        )
    dates = _dates(bound, as_of)
    mean, sd = _at(bound, dates)
    unknown = _unknown(runs, capabilities, as_of=as_of, end=end)
    date = unknown["date"].to_numpy(float)
    unknown_mean, unknown_sd = _at(bound, date)
    low = low_error = np.zeros(0)
    if capabilities is not None and len(unknown):
        line = capability_line(capabilities[capabilities["date"] <= as_of])
        low, low_error = line.predict(unknown["score"].to_numpy(float), date)
    return Censored(
        dates,
        mean,
        sd,
        tuple(unknown["model"]),
        date,
        low,
        low_error,
        unknown_mean,
        unknown_sd,
        _record_share(runs, end, top),
    )


def log_inside(censored: Censored, drawn: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Return log probabilities that runs of stated compute lie within their bounds.

    Parameters
    ----------
    censored : Censored
        The bounds.
    drawn : mapping
        ``bound_compute`` (draw, bound), ``unknown_compute`` (draw, unknown), log10 FLOP, and ``bound_error``
        (draw,).

    Returns
    -------
    tuple of ndarray
        (draw, bound) and (draw, unknown) natural logarithms.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.history.joint.censored import Censored, log_inside
    >>> none, year = np.zeros(0), np.array([2026.0])
    >>> censored = Censored(year, year * 0 + 27.2, year * 0 + 0.3, (), none, none, none, none, none, 0.3)
    >>> drawn = {"bound_compute": np.array([[27.2]]), "unknown_compute": np.zeros((1, 0))}
    >>> below, _ = log_inside(censored, drawn | {"bound_error": np.zeros(1)})
    >>> print(f"{below[0, 0]:.3f}")
    -0.693
    """
    from scipy import special  # noqa: PLC0415 - only a fit needs it

    z = math.sqrt(SHARED) * drawn["bound_error"][:, None]
    own = math.sqrt(1.0 - SHARED)
    bound_room = (censored.bound_mean - drawn["bound_compute"]) / censored.bound_sd + z
    room = (censored.unknown_mean - drawn["unknown_compute"]) / censored.unknown_sd + z
    above = special.log_ndtr((drawn["unknown_compute"] - censored.low) / censored.low_error)
    return np.asarray(special.log_ndtr(bound_room / own)), np.asarray(special.log_ndtr(room / own) + above)


def _dates(bound: RunBound, as_of: float) -> FloatArray:
    """Return the beginnings of years and the newest quarter at which the bound counts."""
    known = bound.date[(bound.date >= FIRST) & (bound.date <= as_of)]
    if not len(known):
        raise ArgumentError(
            "too-few-records",
            "the bound of supply begins after the date of the evidence",
            where="as_of",
            got=round(as_of, 2),
            allowed=f"{FIRST:g} or later",
        )
    return np.unique(np.append(known[known == np.floor(known)], known[-1]))


def _at(bound: RunBound, dates: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.interp(dates, bound.date, bound.mean), np.interp(dates, bound.date, bound.sd)


def _unknown(
    runs: pd.DataFrame, capabilities: pd.DataFrame | None, *, as_of: float, end: float
) -> pd.DataFrame:
    """Return models of laboratories at the frontier whose compute no table has."""
    if capabilities is None:
        return pd.DataFrame({"model": [], "date": [], "score": []})
    largest = top_at_release(runs[runs["date"] <= end], LABORATORY_RANK)
    recent = largest[largest["date"] > end - LABORATORY_YEARS]
    laboratories = {name for names in recent["organization"] for name in _names(names)}
    best = best_scores(capabilities)
    best = best[best["date"] <= as_of]
    best = best.assign(laboratory=[_first_of(names, laboratories) for names in best["organization"]])
    is_small = np.array([bool(SMALL & set(re.split(r"\W+", name.lower()))) for name in best["model"]], bool)
    best = best[(best["laboratory"] != "") & ~is_small]
    so_far = best.groupby("laboratory")["score"].cummax()
    known = set(runs["name"][runs["training_compute"].notna()])
    is_unknown = best["training_compute"].isna() & ~best["model"].isin(known)
    chosen = best[(best["score"] >= so_far) & is_unknown & (best["date"] >= FIRST)]
    period = np.floor(chosen["date"] * _PERIODS_A_YEAR)
    chosen = chosen.assign(period=period).sort_values("score", ascending=False, kind="stable")
    return chosen.drop_duplicates(["laboratory", "period"]).sort_values(["date", "model"], kind="stable")


def _names(organizations: str) -> list[str]:
    return [name.strip() for name in str(organizations).split(",")]


def _first_of(organizations: str, laboratories: set[str]) -> str:
    return next((name for name in _names(organizations) if name in laboratories), "")


def _record_share(runs: pd.DataFrame, end: float, top: int) -> float:
    """Return the share of records among the frontier runs of the last five years, by Laplace's rule."""
    known = runs[runs["date"] <= end]
    frontier = top_at_release(known, top)
    recent = frontier[frontier["date"] > end - 5.0]
    records = int(recent.index.isin(records_at_release(known).index).sum())
    return (records + 1.0) / (len(recent) + 2.0)
