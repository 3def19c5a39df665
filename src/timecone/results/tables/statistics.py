"""Statistics of a run that its tables show, each computed once however many tables and files show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import pandas as pd
import xarray as xr

from timecone.results.run_file import accounts
from timecone.results.run_file.access import is_duration
from timecone.results.run_file.extras import along_the_way, flags
from timecone.results.run_file.percentiles import percentiles
from timecone.results.run_file.probabilities import default_years, probability_by
from timecone.results.tables.rows import PERCENTILES, Row, attempt, rows_of


class RunStatistics:
    """Statistics of a run, computed when they are first asked for and kept.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    q : sequence of float, optional
        Percentiles; the usual ones by default.
    years : sequence of int, optional
        Calendar years; the usual ones between start and horizon by default.
    rows : sequence of Row, optional
        Quantities, conditions and labels; by default all milestones, the headline by value of each choice,
        and the durations.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> statistics = RunStatistics(run, q=[50])
    >>> statistics.percentiles("tai") is statistics.percentiles("tai")
    True
    """

    def __init__(
        self,
        run: xr.DataTree,
        q: Sequence[float] | None = None,
        years: Sequence[int] | None = None,
        rows: Sequence[Row] | None = None,
    ) -> None:
        self.run = run
        self.q = PERCENTILES if q is None else tuple(q)
        self.years = tuple(default_years(run) if years is None else years)
        #: Whether the rows are those of the whole run.
        self.is_whole = rows is None
        self.rows = tuple(rows or rows_of(run))
        self._computed: dict[tuple[str, str, tuple[tuple[str, str], ...]], xr.DataArray | None] = {}

    @property
    def date_rows(self) -> tuple[Row, ...]:
        """Rows of milestones."""
        return tuple(row for row in self.rows if not is_duration(self.run, row[0]))

    def percentiles(self, quantity: str, where: Mapping[str, str] | None = None) -> xr.DataArray | None:
        """Return percentiles of a quantity; None where a condition leaves no draw."""
        key = ("percentiles", quantity, tuple((where or {}).items()))
        if key not in self._computed:
            self._computed[key] = attempt(percentiles, self.run, quantity, self.q, where=where or {})
        return self._computed[key]

    def probabilities(self, quantity: str, where: Mapping[str, str] | None = None) -> xr.DataArray | None:
        """Return the probability of a milestone by each year; None where a condition leaves no draw."""
        key = ("probabilities", quantity, tuple((where or {}).items()))
        if key not in self._computed:
            self._computed[key] = attempt(probability_by, self.run, quantity, self.years, where=where or {})
        return self._computed[key]

    @cached_property
    def extras(self) -> xr.DataArray | None:
        """Dates and numbers along the way at the usual percentiles; None where no stored draw counts."""
        return along_the_way(self.run)

    @cached_property
    def flags(self) -> xr.DataArray:
        """Shares of draws in which each flag is set."""
        return flags(self.run)

    @cached_property
    def choice_shares(self) -> pd.DataFrame:
        """Weight of each value of each choice, as drawn and among the draws that count."""
        return accounts.choice_shares(self.run)
