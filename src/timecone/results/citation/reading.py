"""Readings of a run that citations quote: the run as it is, or with weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xarray as xr

from timecone.results.run_file.percentiles import percentiles
from timecone.results.run_file.probabilities import probability_by
from timecone.results.tables.comparison import Reading
from timecone.results.tables.rows import Row, attempt
from timecone.results.tables.statistics import RunStatistics


@dataclass(frozen=True, eq=False)
class AsItIs:
    """A run without weights."""

    run: xr.DataTree

    def percentiles(
        self, quantity: str, q: Sequence[float], *, where: Mapping[str, str] | None = None
    ) -> xr.DataArray:
        """Return percentiles; see `timecone.percentiles`."""
        return percentiles(self.run, quantity, q, where=where)

    def probability_by(
        self, quantity: str, years: Sequence[int], *, where: Mapping[str, str] | None = None
    ) -> xr.DataArray:
        """Return probabilities of arrival; see `timecone.probability_by`."""
        return probability_by(self.run, quantity, years, where=where)


class ReadStatistics(RunStatistics):
    """Statistics of a reading, for the tables of a run."""

    def __init__(self, reading: Reading, rows: Sequence[Row] | None = None) -> None:
        super().__init__(reading.run, rows=rows)
        self._reading = reading

    def percentiles(self, quantity: str, where: Mapping[str, str] | None = None) -> xr.DataArray | None:
        """Return percentiles of a quantity; None where a condition leaves no draw."""
        return attempt(self._reading.percentiles, quantity, self.q, where=where or {})

    def probabilities(self, quantity: str, where: Mapping[str, str] | None = None) -> xr.DataArray | None:
        """Return the probability of a milestone by each year; None where a condition leaves no draw."""
        return attempt(self._reading.probability_by, quantity, self.years, where=where or {})
