"""What the joint fit sees: frontier runs, chips and algorithm studies, as arrays.

Runs are those that were among the ``top`` largest ever at their release, because the forecast is about the
largest run and the population below it grows by other laws. A run that was the largest at its release sets
the frontier; the others lie below it by the gap of runners-up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timecone.errors import ArgumentError
from timecone.history.trends.frontier import records_at_release, top_at_release
from timecone.history.trends.measurement import measurement_sd
from timecone.schema import BoolArray, FloatArray

if TYPE_CHECKING:
    import pandas as pd

#: Until when laboratories' training compute is published: no model after Grok 4 (July 2025) has a larger
#: estimate in Epoch AI's table of 2026-08, where nearly all closed models since then have a blank cell.
PUBLISHED_UNTIL = 2025.6
#: Domain of studies of models that catch up with the frontier, by distillation too; the halving time of the
#: frontier itself, which the forecast needs, is longer.
CATCHING_UP = "catching up"
#: Half of what a study without an interval is trusted to: a factor of two (90 %).
_NO_INTERVAL = math.log(2.0) / 1.645
_FEWEST = {"runs": 8, "priced": 2, "chips": 8, "studies": 0}


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
    published_until: float = PUBLISHED_UNTIL,
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
    published_until : float
        Until when training compute is published; later runs are missing, not small.

    Raises
    ------
    ArgumentError
        Too few rows are left to fit trends.
    """
    end = min(as_of, published_until)
    known = runs[runs["date"] <= end]
    frontier = top_at_release(known, top)
    frontier = frontier[frontier["date"] >= since]
    priced = _priced_chips(chips, chips_since, as_of)
    studied = studies[
        studies["halving_time"].notna() & (studies["date"] <= as_of) & (studies["domain"] != CATCHING_UP)
    ]
    found = Observations(
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
    _require_enough(found, as_of)
    return found


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


def _require_enough(found: Observations, as_of: float) -> None:
    counts = {
        "runs": len(found.compute),
        "priced": int(found.priced.sum()),
        "chips": len(found.performance),
        "studies": len(found.halving),
    }
    words = {"runs": "frontier runs with training compute", "priced": "frontier runs with a cost",
             "chips": "chips with a price", "studies": "algorithm studies"}  # fmt: skip
    for key, count in counts.items():
        if count < _FEWEST[key]:
            raise ArgumentError(
                f"too few {words[key]} are known at {as_of:.2f} to fit trends", where="as_of",
                got=count, allowed=f"at least {_FEWEST[key]}",
                remedy="Give more complete tables, a later date, or an earlier first year.",
            )  # fmt: skip
