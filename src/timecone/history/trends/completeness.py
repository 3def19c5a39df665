"""The end of complete evidence: until when a table shows the largest training runs.

Developers stop publishing the training compute of their largest models, while smaller ones go on being
listed. Such a table looks like a slowdown. It shows itself as a silence: for longer than chance explains, no
run joins the five largest, though the table goes on.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from timecone.history.trends.frontier import top_at_release

#: A run is followed as long as it is among so many largest at its release.
RANK: Final = 5
#: A silence that is less probable than this is missing evidence.
LEAST: Final = 0.01
# Years before the last of these runs over which their rate is counted, and how many runs a rate needs.
_YEARS: Final = 5.0
_FEWEST: Final = 5


class Completeness(NamedTuple):
    """The end of complete evidence.

    Attributes
    ----------
    until : float
        Decimal year, rounded up to a tenth; infinite for a table without training compute.
    reason : str
        How it was estimated, in words.
    """

    until: float
    reason: str


def complete_until(runs: pd.DataFrame) -> Completeness:
    """Estimate until when a table of runs shows the largest ones.

    The runs that were among the five largest at release come at a rate, counted over the five years before
    the last of them. If the time from that last run to the table's last row (with or without training
    compute) has a probability below 1 % at this rate (a Poisson process), evidence ends at that run;
    otherwise at the last row.

    Parameters
    ----------
    runs : DataFrame
        Rows as the readers give them, with ``date`` and ``training_compute``.

    Returns
    -------
    Completeness

    Raises
    ------
    ArgumentError
        A column is missing.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> complete_until(read_bundled("runs").rows).until
    2025.6
    """
    largest = top_at_release(runs, RANK)
    if largest.empty:
        return Completeness(math.inf, "no run has a training compute")
    dates = largest["date"].to_numpy(float)
    last, final = float(dates[-1]), float(runs["date"].max())
    years = min(_YEARS, last - float(dates[0]))
    count = int(np.count_nonzero(dates > last - years))
    name = str(largest["name"].iloc[-1]) if "name" in largest else "the last of these runs"
    if count < _FEWEST or years <= 0.0:
        return Completeness(_rounded(final), "the last row of the table; too few runs to look for gaps")
    probability = math.exp(-count / years * (final - last))
    rate = f"{count / years:.1f} a year joined the {RANK} largest until {name} ({last:.2f})"
    later = f"the {final - last:.2f} years after it that the table covers"
    if probability < LEAST:
        return Completeness(_rounded(last), f"{rate}, none in {later} (probability {probability:.1g})")
    return Completeness(_rounded(final), f"the last row of the table; {rate}, and {later} are no gap")


def _rounded(date: float) -> float:
    """Return a date rounded up to a tenth of a year."""
    return math.ceil(10.0 * date - 1e-9) / 10.0
