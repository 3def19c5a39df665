"""A dated prediction of a series: percentiles of its value at a date, and the fit that they come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple


class Series(NamedTuple):
    """A series whose value can be read off a table later.

    Attributes
    ----------
    label, unit : str
        Words, and the unit of the numbers.
    kind : str
        Kind of the table that says what came.
    column : str
        Its column.
    factor : float
        What multiplies a cell of the column before its logarithm is taken.
    """

    label: str
    unit: str
    kind: str
    column: str
    factor: float = 1.0


_PER_HOUR: Final = 1.0 / 60.0
#: Series that can be predicted, by name. All are the largest value so far, as a decimal logarithm.
SERIES: Final = {
    "largest_run": Series("Largest training run so far", "log10 FLOP", "runs", "training_compute"),
    "largest_site": Series("Largest site so far", "log10 H100 equivalents", "sites", "h100e"),
    "largest_site_power": Series("Power of the largest site so far", "log10 MW", "sites", "power"),
    "horizon_50": Series("Longest time horizon at 50 % success", "log10 hour", "horizons", "p50", _PER_HOUR),
    "horizon_80": Series("Longest time horizon at 80 % success", "log10 hour", "horizons", "p80", _PER_HOUR),
}


@dataclass(frozen=True)
class Prediction:
    """Percentiles of a series at a date.

    Attributes
    ----------
    series : str
        A name in `SERIES`.
    made, date : date
        Day of the prediction, and the day that it is about.
    percentiles : tuple of (float, float)
        Level in percent and value, both increasing; the median is among them.
    fit, fit_file : str
        Identity and name of the fit that it comes from.
    version : str
        Version of timecone that made it.

    Examples
    --------
    >>> Prediction("largest_run", date(2026, 1, 1), date(2028, 1, 1), ((5.0, 26.5), (50.0, 27.5)),
    ...            "0" * 16, "fit.nc", "0.1").median
    27.5
    """

    series: str
    made: date
    date: date
    percentiles: tuple[tuple[float, float], ...]
    fit: str
    fit_file: str
    version: str

    @property
    def id(self) -> str:
        """Name of the prediction in a file of predictions."""
        return f"{self.series}/{self.date.isoformat()}/{self.fit}"

    @property
    def median(self) -> float:
        """The value at 50 %."""
        return dict(self.percentiles)[50.0]
