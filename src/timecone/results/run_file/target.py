"""Target of an analysis: the number of a run that is asked about, a percentile or a probability by a year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.estimators.paired import probability_influence, quantile_influence, sample_of
from timecone.results.estimators.percentiles import quantiles
from timecone.results.estimators.probabilities import shares_below
from timecone.results.estimators.sample import Sample
from timecone.results.run_file.access import headline, is_duration, label
from timecone.results.run_file.probabilities import horizon
from timecone.schema import BoolArray, FloatArray


@dataclass(frozen=True)
class Target:
    """A number of a quantity's distribution.

    Attributes
    ----------
    quantity : str
        A milestone or a duration.
    asked : str
        The number as a reader would name it.
    unit : str
        "1" of a probability, "year" of a duration, "decimal year" of a date.
    p : float or None
        Level of a quantile.
    before : float or None
        The decimal year before which the milestone is to be reached.
    """

    quantity: str
    asked: str
    unit: str
    p: float | None
    before: float | None

    @classmethod
    def of_run(
        cls,
        run: xr.DataTree,
        quantity: str | None = None,
        percentile: float | None = None,
        by: int | None = None,
    ) -> Self:
        """Return the target that a caller names; the median of the headline by default.

        Parameters
        ----------
        run : DataTree
            The run.
        quantity : str, optional
            A milestone or a duration.
        percentile : float, optional
            Above 0 and below 100.
        by : int, optional
            Calendar year; the target is then the probability of the milestone by its end.

        Raises
        ------
        ArgumentError
            An unknown quantity, both a percentile and a year, one of them out of range, or a year asked of a
            duration.
        """
        name = headline(run) if quantity is None else quantity
        of = label(run, name)  # refuses an unknown one
        if by is not None and percentile is not None:
            raise ArgumentError(
                "percentile-and-year",
                "both a percentile and a year are given",
                where="target",
                allowed="one of them",
            )
        if by is None:
            level = 50.0 if percentile is None else float(percentile)
            if not 0.0 < level < 100.0:  # noqa: PLR2004 - percent
                raise ArgumentError(
                    "percentile-out-of-range",
                    "a percentile is outside its range",
                    where="percentile",
                    got=level,
                    allowed="above 0 and below 100",
                )
            unit = "year" if is_duration(run, name) else "decimal year"
            asked = f"median of {of}" if percentile is None else f"P{level:g} of {of}"
            return cls(name, asked, unit, level / 100.0, None)
        if is_duration(run, name):
            raise ArgumentError(
                "duration-has-no-calendar-year",
                "a duration has no calendar year",
                where="target",
                got=name,
                remedy="Ask for its percentiles.",
            )
        first, last = float(run.attrs["start"]), horizon(run)
        if not first < by + 1.0 <= last:
            raise ArgumentError(
                "year-outside-run",
                "a year is outside the run",
                where="by",
                got=by,
                allowed=f"{first:g} to {last - 1.0:g}",
            )
        return cls(name, f"P({of} by {by})", "1", None, by + 1.0)

    def estimate(self, sample: Sample) -> tuple[float, float, float]:
        """Return the number and its 95 % interval."""
        if self.before is not None:
            estimate = shares_below(sample, np.array([self.before]))
        else:
            estimate = quantiles(sample, np.array([self.p]))
        return float(estimate.value[0]), float(estimate.lower[0]), float(estimate.upper[0])

    def influence(self, values: FloatArray, counted: BoolArray) -> tuple[float, FloatArray | None]:
        """Return the number, and how much each draw moves it; None where it has no finite slope."""
        if self.before is not None:
            return probability_influence(values, counted, self.before)
        assert self.p is not None
        return quantile_influence(values, counted, sample_of(values, counted), self.p)

    def response(self, outcome: FloatArray) -> FloatArray:
        """Return the outcome whose sensitivity is asked about: 0 or 1 for a probability."""
        return outcome if self.before is None else (outcome < self.before).astype(np.float64)
