"""What the joint fit sees: frontier runs, chips and algorithm studies, as arrays.

Runs are those that were among the ``top`` largest ever at their release, because the forecast is about the
largest run and the population below it grows by other laws. A run that was the largest at its release sets
the frontier; the others lie below it by the gap of runners-up.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timecone.errors import ArgumentError
from timecone.history.chip_prices import in_usd_of
from timecone.history.joint.censored import Censored
from timecone.history.readers import RejectedRow
from timecone.history.trends import completeness
from timecone.history.trends.frontier import records_at_release, top_at_release
from timecone.history.trends.measurement import measurement_sd
from timecone.schema import BoolArray, FloatArray

if TYPE_CHECKING:
    import pandas as pd

#: Domain of studies of models that catch up with the frontier, by distillation too; the halving time of the
#: frontier itself, which the forecast needs, is longer.
CATCHING_UP = "catching up"
#: Half of what a study without an interval is trusted to: a factor of two (90 %).
_NO_INTERVAL = math.log(2.0) / 1.645
_FEWEST = {"runs": 8, "priced": 2, "chips": 8, "studies": 0}
_WORDS = {"runs": "frontier runs with training compute", "priced": "frontier runs with a cost",
          "chips": "chips with a price", "studies": "algorithm studies"}  # fmt: skip
# The kinds of files whose refused rows and cells may be what a fit lacks.
_FILES = {
    "runs": ("runs",),
    "priced": ("runs", "costs"),
    "chips": ("chips", "prices"),
    "studies": ("studies",),
}
_REASONS_SHOWN = 2


@dataclass(frozen=True, eq=False)
class Observations:
    """Records up to a date, in log10 units.

    Attributes
    ----------
    end : float
        Decimal year of the newest evidence about runs; the trends' levels are stated at it.
    run_name : tuple of str
        Frontier runs, by date.
    run_date : ndarray
        (run,) decimal year of release.
    compute : ndarray
        (run,) log10 FLOP.
    cost : ndarray
        (run,) log10 USD of 2023; NaN where unknown.
    compute_error : ndarray
        (run,) standard deviation of ``compute`` by its label of confidence.
    is_record : ndarray
        (run,) whether it was the largest at its release.
    chip_name : tuple of str
        Chips with a price, by date.
    chip_date : ndarray
        (chip,) decimal year of release.
    performance : ndarray
        (chip,) log10 FLOP/s per USD, in tensor FP16 where the chip has it, else in FP32.
    is_tensor : ndarray
        (chip,) whether ``performance`` is in tensor FP16.
    study_name : tuple of str
        Studies of algorithmic efficiency.
    halving : ndarray
        (study,) natural logarithm of the halving time in months.
    halving_error : ndarray
        (study,) standard deviation of ``halving``, from the study's interval.
    censored : Censored or None
        Bounds on runs of unknown compute.

    Examples
    --------
    >>> from timecone.history.joint.posterior import open_posterior
    >>> from timecone.history.joint.posterior import observations_of
    >>> observations = observations_of(open_posterior("posterior.nc"))
    >>> len(observations.run_name) == len(observations.compute)
    True
    """

    end: float
    run_name: tuple[str, ...]
    run_date: FloatArray
    compute: FloatArray
    cost: FloatArray
    compute_error: FloatArray
    is_record: BoolArray
    chip_name: tuple[str, ...]
    chip_date: FloatArray
    performance: FloatArray
    is_tensor: BoolArray
    study_name: tuple[str, ...]
    halving: FloatArray
    halving_error: FloatArray
    censored: Censored | None = None

    @property
    def priced(self) -> BoolArray:
        """(run,) whether the cost is known."""
        return np.isfinite(self.cost)


def observe(
    runs: pd.DataFrame,
    chips: pd.DataFrame,
    studies: pd.DataFrame,
    *,
    as_of: float,
    top: int = 10,
    since: float = 2010.0,
    chips_since: float = 2006.0,
    complete_until: float | None = None,
    price_year: int | None = None,
    rejected: Mapping[str, Sequence[RejectedRow]] | None = None,
) -> Observations:
    """Pick what was known at a date, and what bears on the frontier.

    Parameters
    ----------
    runs, chips, studies : DataFrame
        Rows as the readers give them.
    as_of : float
        Decimal year; rows dated later are not used.
    top : int, default: 10
        Rank at release up to which a run counts.
    since, chips_since : float
        First decimal year of runs and of chips.
    complete_until : float, optional
        End of complete evidence, decimal year: until when training compute is published. Later runs are not
        used, because the largest among them are missing. By default `trends.complete_until` estimates it from
        the whole table.
    price_year : int, optional
        The year in whose USD chips' release prices are. By default prices in USD of 2020 and of the day stand
        side by side, as the tables have them.
    rejected : mapping, optional
        By kind of file, rows and cells that could not be read; a message about too few rows begins with them.

    Returns
    -------
    Observations
        Frontier runs, chips and studies, in log10 units.

    Raises
    ------
    ArgumentError
        Too few rows are left to fit trends, ``complete_until`` is not a date, or there is no price index of
        ``price_year``.

    Examples
    --------
    >>> from timecone.history.evidence import gather
    >>> from timecone.history.joint.observations import observe
    >>> known = gather()
    >>> observations = observe(known.runs, known.chips, known.studies, as_of=2024.0)
    >>> observations.end <= 2024.0, bool((observations.run_date < 2024.0).all())
    (True, True)
    """
    if complete_until is None:
        complete_until = completeness.complete_until(runs).until
    elif not math.isfinite(complete_until):
        raise ArgumentError(
            "not-a-date",
            "not a date",
            where="complete_until",
            got=complete_until,
            allowed="a decimal year, as 2025.6",
        )
    end = min(as_of, complete_until)
    known = runs[runs["date"] <= end]
    frontier = top_at_release(known, top)
    frontier = frontier[frontier["date"] >= since]
    chips = chips if price_year is None else in_usd_of(chips, price_year)
    priced = _priced_chips(chips, chips_since, as_of)
    studied = studies[
        studies["halving_time"].notna() & (studies["date"] <= as_of) & (studies["domain"] != CATCHING_UP)
    ]
    observations = Observations(
        end=end,
        run_name=tuple(frontier["name"]),
        run_date=frontier["date"].to_numpy(float),
        compute=np.log10(frontier["training_compute"].to_numpy(float)),
        cost=np.log10(frontier["cost"].to_numpy(float)),
        compute_error=measurement_sd(frontier["confidence"]),
        is_record=frontier.index.isin(records_at_release(known).index),
        chip_name=tuple(priced["name"]),
        chip_date=priced["date"].to_numpy(float),
        performance=priced["performance"].to_numpy(float),
        is_tensor=priced["is_tensor"].to_numpy(bool),
        study_name=tuple(studied["name"]),
        halving=np.log(studied["halving_time"].to_numpy(float)),
        halving_error=_study_errors(studied),
    )
    available = {
        "runs": int(runs["training_compute"].notna().sum()),
        "priced": int(runs["cost"].notna().sum()),
        "chips": len(_priced_chips(chips, chips_since, math.inf)),
    }
    _require_enough(observations, as_of, available, rejected or {})
    return observations


def _priced_chips(chips: pd.DataFrame, since: float, until: float) -> pd.DataFrame:
    """Return chips with a price and FLOP/s per USD in their fastest common format for training."""
    price = chips["price_2020"].fillna(chips["price"])
    fastest = chips["tensor_fp16"].fillna(chips["fp32"])
    known = price.notna() & fastest.notna() & chips["date"].between(since, until)
    return (
        chips[known]
        .assign(
            performance=np.log10((fastest / price)[known].to_numpy(float)),
            is_tensor=chips["tensor_fp16"].notna()[known],
        )
        .sort_values("date", kind="stable")
    )


def _study_errors(studies: pd.DataFrame) -> FloatArray:
    """Return standard deviations of the logarithm, from intervals taken as symmetric on that scale."""
    from scipy import stats  # noqa: PLC0415 - only a fit needs it

    low, high = np.log(studies["low"].to_numpy(float)), np.log(studies["high"].to_numpy(float))
    mass = studies["mass"].to_numpy(float)
    half = stats.norm.ppf(0.5 + np.where(np.isfinite(mass), mass, 0.9) / 2.0)
    error = (high - low) / (2.0 * half)
    return np.where(np.isfinite(error), error, _NO_INTERVAL)


def unused_runs(runs: pd.DataFrame, end: float, reason: str) -> tuple[RejectedRow, ...]:
    """Return the runs with training compute that lie after the end of the evidence, largest first.

    Parameters
    ----------
    runs : DataFrame
        Rows as the readers give them.
    end : float
        Decimal year of the end, `Observations.end`.
    reason : str
        Why later runs are not used.

    Returns
    -------
    tuple of RejectedRow
        Row, name with date and compute, and the reason.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> late = unused_runs(read_bundled("runs").rows, 2025.6, "after 2025.6")
    >>> len(late), late[0].got
    (12, 'Composer 2.5 (2026.38, 3.87e+25 FLOP)')
    """
    late = runs[(runs["date"] > end) & runs["training_compute"].notna()]
    late = late.sort_values("training_compute", ascending=False, kind="stable")
    return tuple(
        RejectedRow(int(row), "date", f"{name} ({date:.2f}, {compute:.3g} FLOP)", reason)
        for row, name, date, compute in zip(
            late.index, late["name"], late["date"], late["training_compute"], strict=True
        )
    )


def _require_enough(
    observations: Observations,
    as_of: float,
    available: Mapping[str, int],
    rejected: Mapping[str, Sequence[RejectedRow]],
) -> None:
    counts = {
        "runs": len(observations.compute),
        "priced": int(observations.priced.sum()),
        "chips": len(observations.performance),
        "studies": len(observations.halving),
    }
    for key, count in counts.items():
        if count >= _FEWEST[key]:
            continue
        # A later date helps only where the tables hold enough.
        is_early = available.get(key, 0) >= _FEWEST[key]
        remedy = "Give more complete tables, a later date, or an earlier first year."
        if not is_early:
            remedy = "Give a more complete table."
        if key == "priced" and not is_early:
            remedy = "Add a file of training costs: columns Model and Cost, in USD of 2023."
        raise ArgumentError(
            "too-few-records",
            f"{_refusals(rejected, _FILES[key])}too few {_WORDS[key]} are known at {as_of:.2f} to fit trends",
            where="as_of" if is_early else _FILES[key][0],
            got=count,
            allowed=f"at least {_FEWEST[key]}",
            remedy=remedy,
        )


def _refusals(rejected: Mapping[str, Sequence[RejectedRow]], kinds: Sequence[str]) -> str:
    """Return how many rows and cells were refused and why, as the beginning of a message."""
    rejected_rows = [row for kind in kinds for row in rejected.get(kind, ())]
    if not rejected_rows:
        return ""
    reasons = Counter((row.column, row.reason) for row in rejected_rows).most_common()
    shown = [
        f"{count} for {f'{column!r}: ' if column else ''}{reason}"
        for (column, reason), count in reasons[:_REASONS_SHOWN]
    ]
    more = [f"{len(reasons) - _REASONS_SHOWN} other reasons"] if len(reasons) > _REASONS_SHOWN else []
    number = f"{len(rejected_rows)} rows or cells" if len(rejected_rows) > 1 else "1 row or cell"
    return f"{number} of {' and '.join(kinds)} could not be read ({'; '.join(shown + more)}), and "
