"""Models with the longest time horizon of all at their release, and the reasons to leave out the others.

METR fits its trend to these models, and since May 2026 leaves out horizons above 16 hours, for which its
tasks are too short. Such a horizon still counts as the longest so far, so a shorter one after it is left out.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from timecone.errors import ArgumentError
from timecone.history.readers.history_table import RejectedRow
from timecone.history.trends.frontier import records_at_release
from timecone.schema import FloatArray

#: Probabilities of success, in percent, for which horizons are stated.
RELIABILITIES: Final = (50, 80)
#: Range that METR's tasks measure, minutes: from 0.06 seconds, below which METR drops a model, to 16 hours.
SHORTEST, LONGEST = 1e-3, 960.0
# Standard deviations from the centre of a normal distribution to an end of its central 95 %.
_HALF_WIDTH: Final = 1.959963984540054
# Opus 4.6 has more minutes than this in files from before METR's correction of March 2026 (870, now 719).
_CORRECTED: Final = ("claude_opus_4_6", 800.0)


class BestModels(NamedTuple):
    """The models that were best at release, by date.

    Attributes
    ----------
    names : tuple of str
        Names as in the file.
    dates : ndarray, shape (models,)
        Release, decimal years.
    horizons : ndarray, shape (models,)
        log2 minutes.
    low_sd, high_sd : ndarray, shape (models,)
        Standard deviations of the measurement error below and above the horizon, doublings: those of a split
        normal distribution whose central 95 % is the stated interval. 0 where no interval is stated.
    reliability : int
        Probability of success, percent.
    left_out : tuple of RejectedRow
        All other models, each with the reason.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.history.horizons.best_models import BestModels
    >>> dates, minutes, error = np.array([2024.0, 2025.0]), np.array([4.0, 16.0]), np.array([0.5, 0.5])
    >>> best = BestModels(("A", "B"), dates, np.log2(minutes), error, error, 50, ())
    >>> best.since(2024.5).names
    ('B',)
    """

    names: tuple[str, ...]
    dates: FloatArray
    horizons: FloatArray
    low_sd: FloatArray
    high_sd: FloatArray
    reliability: int
    left_out: tuple[RejectedRow, ...]

    def since(self, date: float) -> BestModels:
        """Return the models released at a date or later; the others are not listed.

        Parameters
        ----------
        date : float
            Decimal year.

        Returns
        -------
        BestModels
            Those models, with ``left_out`` as it is.

        Examples
        --------
        >>> import numpy as np
        >>> from timecone.history.horizons.best_models import BestModels
        >>> hours = np.array([1.0])
        >>> BestModels(("A",), np.array([2024.0]), hours, hours, hours, 50, ()).since(2025.0).names
        ()
        """
        kept = self.dates >= date
        names = tuple(name for name, is_kept in zip(self.names, kept, strict=True) if is_kept)
        return self._replace(
            names=names,
            dates=self.dates[kept],
            horizons=self.horizons[kept],
            low_sd=self.low_sd[kept],
            high_sd=self.high_sd[kept],
        )


def best_at_release(rows: pd.DataFrame, *, reliability: int = 80, longest: float = LONGEST) -> BestModels:
    """Return the models whose horizon was at least as long as that of all before them.

    Parameters
    ----------
    rows : DataFrame
        Rows of kind ``"horizons"`` as the reader gives them.
    reliability : int, optional
        50 or 80: probability of success at the horizon, percent.
    longest : float, optional
        Longest horizon that counts, minutes.

    Returns
    -------
    BestModels
        Those models, and the reason for each of the others.

    Raises
    ------
    ArgumentError
        There is no such reliability.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.horizons.best_models import best_at_release
    >>> rows = pd.DataFrame({"name": ["A", "B", "C"], "date": [2024.0, 2025.0, 2025.5],
    ...                      "p50": [4.0, 2.0, 16.0], "p50_low": [2.0, 1.0, 8.0],
    ...                      "p50_high": [8.0, 4.0, 32.0]})
    >>> best = best_at_release(rows, reliability=50)
    >>> best.names, best.horizons.tolist(), best.left_out[0].reason
    (('A', 'C'), [2.0, 4.0], 'not the longest horizon at its release')
    """
    if reliability not in RELIABILITIES:
        raise ArgumentError(
            "unknown-reliability",
            "horizons are not stated for this probability of success",
            where="reliability",
            got=reliability,
            allowed=" or ".join(f"{each} (percent)" for each in RELIABILITIES),
        )
    column = f"p{reliability}"
    reasons: dict[int, str] = {}
    records = records_at_release(rows, column)
    for row, date, horizon in zip(rows.index, rows["date"], rows[column], strict=True):
        if math.isnan(date) or math.isnan(horizon):
            reasons[row] = "no date" if math.isnan(date) else f"no horizon at {reliability} % success"
        elif row not in records.index:
            reasons[row] = "not the longest horizon at its release"
        elif horizon > longest:
            reasons[row] = f"above {longest / 60.0:g} hours, beyond the range that the tasks measure"
        elif horizon < SHORTEST:
            reasons[row] = f"below {SHORTEST:g} minutes"
    best = records[~records.index.isin(list(reasons))]
    horizons, low, high = (
        np.log2(best[name].to_numpy(np.float64)) for name in (column, f"{column}_low", f"{column}_high")
    )
    left_out = tuple(
        RejectedRow(int(row), column, str(rows["name"][row]), reason) for row, reason in reasons.items()
    )
    return BestModels(
        names=tuple(map(str, best["name"])),
        dates=best["date"].to_numpy(np.float64),
        horizons=horizons,
        low_sd=np.nan_to_num((horizons - low) / _HALF_WIDTH),
        high_sd=np.nan_to_num((high - horizons) / _HALF_WIDTH),
        reliability=reliability,
        left_out=left_out,
    )


def is_corrected(rows: pd.DataFrame) -> bool:
    """Return whether no horizon is known to be from before METR's correction of March 2026.

    Parameters
    ----------
    rows : DataFrame
        Rows of kind ``"horizons"`` as the reader gives them.

    Returns
    -------
    bool
        False if Opus 4.6 has its uncorrected horizon.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.horizons.best_models import is_corrected
    >>> is_corrected(pd.DataFrame({"name": ["claude_opus_4_6"], "p50": [870.0]}))
    False
    """
    return not len(_uncorrected(rows))


def questionable(rows: pd.DataFrame) -> tuple[str, ...]:
    """Return reasons to doubt a trend of these horizons, one sentence each.

    Parameters
    ----------
    rows : DataFrame
        Rows of kind ``"horizons"`` as the reader gives them.

    Returns
    -------
    tuple of str
        A sentence if the horizons are from before METR's correction of March 2026, and one if some models
        have no interval.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.horizons.best_models import questionable
    >>> questionable(pd.DataFrame({"name": ["claude_opus_4_6"], "p50": [870.0], "p50_low": [400.0]}))[0][:41]
    "the horizons are from before METR's corre"
    """
    sentences = []
    old = _uncorrected(rows)
    if len(old):
        sentences.append(
            f"the horizons are from before METR's correction of March 2026 ({old['name'].iloc[0]} has"
            f" {old['p50'].iloc[0]:.0f} minutes, corrected 719). Download the file again."
        )
    blank = int((rows["p50"].notna() & rows["p50_low"].isna()).sum())
    if blank:
        sentences.append(f"{blank} models have no interval; their horizons are taken to be exact.")
    return tuple(sentences)


def _uncorrected(rows: pd.DataFrame) -> pd.DataFrame:
    name, most = _CORRECTED
    return rows[rows["name"].str.startswith(name) & (rows["p50"] > most)]
