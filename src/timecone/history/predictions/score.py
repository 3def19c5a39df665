"""Scores of predictions: the value that came, where it lies in the prediction, and the quantile score.

The quantile score of a level p and a value q is (1[y < q] - p)(q - y) for the value y that came, 0 at best;
its mean over the stored levels is a proper score in the unit of the series (OOM). Tables decide only what
they reach: a prediction stays open until the day up to which they know is not before the day predicted.

Gneiting & Raftery 2007, "Strictly proper scoring rules, prediction, and estimation".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from timecone.history.predictions.prediction import SERIES, Prediction
from timecone.history.readers.history_table import HistoryTable
from timecone.units import decimal_year

#: Central intervals whose coverage is told, percent, where a prediction has their ends.
MASSES: Final = (50.0, 80.0, 90.0)


@dataclass(frozen=True)
class Score:
    """A prediction and what came of it.

    Attributes
    ----------
    prediction : Prediction
        The prediction.
    observed : float
        The largest value up to the day in the table, log10; NaN where no table of its kind was given or it
        has none.
    is_due : bool
        Whether a table reaches the predicted day. Until then ``observed`` can only rise.

    Examples
    --------
    >>> from datetime import date
    >>> made = Prediction("largest_run", date(2026, 1, 1), date(2028, 1, 1), ((5.0, 26.0), (50.0, 28.0)),
    ...                   "0" * 16, "fit.nc", "0.1")
    >>> came = Score(made, 27.0, True)
    >>> came.error, came.level
    (-1.0, 27.5)
    """

    prediction: Prediction
    observed: float
    is_due: bool

    @property
    def error(self) -> float:
        """Observed value less the median, OOM."""
        return self.observed - self.prediction.median

    @property
    def level(self) -> float:
        """Level of the observed value in the prediction, percent, within the outermost stored ones."""
        levels, values = zip(*self.prediction.percentiles, strict=True)
        return float(np.interp(self.observed, values, levels)) if math.isfinite(self.observed) else math.nan

    @property
    def quantile_score(self) -> float:
        """Mean quantile score over the stored levels, OOM; 0 at best.

        Examples
        --------
        >>> from datetime import date
        >>> made = Prediction("largest_run", date(2026, 1, 1), date(2028, 1, 1), ((25.0, 27.0), (50.0, 28.0)),
        ...                   "0" * 16, "fit.nc", "0.1")
        >>> Score(made, 28.0, True).quantile_score
        0.125
        """
        levels, values = (np.array(column) for column in zip(*self.prediction.percentiles, strict=True))
        below = np.where(self.observed < values, 1.0, 0.0)
        return float(np.mean((below - levels / 100.0) * (values - self.observed)))

    def is_inside(self, mass: float) -> bool | None:
        """Return whether the observed value lies in a central interval; None where its ends are not stored.

        Parameters
        ----------
        mass : float
            Percent.

        Returns
        -------
        bool or None
            Whether it does.

        Examples
        --------
        >>> from datetime import date
        >>> made = Prediction("largest_run", date(2026, 1, 1), date(2028, 1, 1),
        ...                   ((25.0, 27.0), (50.0, 28.0), (75.0, 28.5)), "0" * 16, "fit.nc", "0.1")
        >>> score = Score(made, 28.2, True)
        >>> score.is_inside(50.0), score.is_inside(90.0)
        (True, None)
        """
        ends = dict(self.prediction.percentiles)
        low, high = (ends.get(50.0 + sign * mass / 2.0) for sign in (-1.0, 1.0))
        if low is None or high is None or math.isnan(self.observed):
            return None
        return low <= self.observed <= high


def score(
    predictions: Sequence[Prediction], tables: Mapping[str, HistoryTable], *, as_of: date
) -> tuple[Score, ...]:
    """Compare predictions with tables.

    Parameters
    ----------
    predictions : sequence of Prediction
        The predictions.
    tables : mapping of str to HistoryTable
        Tables by kind, as `timecone.history.evidence.read_by_kind` returns them.
    as_of : date
        Day up to which the tables know; what they date later is a plan.

    Returns
    -------
    tuple of Score
        One for each prediction, in their order.

    Examples
    --------
    >>> from datetime import date
    >>> from timecone.history import read_bundled
    >>> made = Prediction("largest_run", date(2023, 1, 1), date(2025, 1, 1), ((50.0, 25.5),), "0" * 16,
    ...                   "fit.nc", "0.1")
    >>> (scored,) = score([made], {"runs": read_bundled("runs")}, as_of=date(2026, 1, 1))
    >>> scored.is_due, round(scored.error, 1)
    (True, 0.2)
    """
    return tuple(_score(prediction, tables, as_of) for prediction in predictions)


def _score(prediction: Prediction, tables: Mapping[str, HistoryTable], as_of: date) -> Score:
    series = SERIES[prediction.series]
    table = tables.get(series.kind)
    if table is None:
        return Score(prediction, math.nan, is_due=False)
    known = table.rows[table.rows["date"] <= decimal_year(min(prediction.date, as_of))]
    values = known[series.column].dropna().to_numpy(np.float64)
    observed = float(np.log10(values.max() * series.factor)) if (values > 0.0).any() else math.nan
    return Score(prediction, observed, is_due=as_of >= prediction.date and math.isfinite(observed))
