"""Records of a series with their dates of publication, and the guard against records from after a cutoff.

A record has three dates: that of the event (a model's release, a cluster's first operation, the end of a
quarter); that on which the event became public; and that on which the figure was estimated, because most
figures were estimated, or revised, later. A forecast from a cutoff never uses a record that became public
after it. A figure estimated after the cutoff is hindsight: the forecast is flagged, and with ``strict`` the
figure is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from timecone.errors import ArgumentError
from timecone.schema import FloatArray

#: Columns of a table of forecasts that show what each forecast used.
GUARD: Final = ("records", "newest_record", "newest_estimate", "hindsight", "left_out")
_COLUMNS: Final = ("name", "date", "value", "published", "estimated")


@dataclass(frozen=True, eq=False)
class RecordSeries:
    """A quantity that sets records, with the dates on which its records and figures became public.

    Attributes
    ----------
    name : str
        Key of the series.
    title, unit : str
        Name for readers, and the unit of the values.
    records : DataFrame
        One row for each estimate of a record: ``name``, ``date`` of the event, ``value`` in the series' unit,
        ``published`` (date on which the event became public) and ``estimated`` (date on which the figure was
        published, NaN where unknown); decimal years. A record with several estimates has several rows.
    end : float
        Decimal year until which the series is complete.
    is_regular : bool
        Whether values come at fixed intervals, as the stock at the end of each quarter, and may fall;
        otherwise the series is the largest value so far.
    growth : float
        Growth a year that a prior expects, in the unit.
    since : float
        First date of the records that forecasts use; what came before only says what a record is.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.backtest.records import RecordSeries
    >>> rows = pd.DataFrame({"name": ["A", "B"], "date": [2020.0, 2021.0], "value": [1.0, 2.0],
    ...                      "published": [2020.0, 2021.5], "estimated": [2020.0, 2024.0]})
    >>> RecordSeries("cluster", "Largest cluster", "log10 H100 equivalents", rows, end=2022.0).value(2021.2)
    2.0
    """

    name: str
    title: str
    unit: str
    records: pd.DataFrame
    end: float
    is_regular: bool = False
    growth: float = 0.4
    since: float = -math.inf

    def __post_init__(self) -> None:
        """Refuse records without the columns, or a record that became public before it happened."""
        missing = [column for column in _COLUMNS if column not in self.records]
        if missing:
            raise ArgumentError(
                "record-column-missing",
                "the records lack a column",
                where=f"records of {self.name}",
                got=missing[0],
                allowed=", ".join(_COLUMNS),
            )
        numbers = self.records[["date", "value", "published"]].to_numpy(float)
        if not np.isfinite(numbers).all():
            raise ArgumentError(
                "record-date-missing",
                "a record lacks its date, value or date of publication",
                where=f"records of {self.name}",
            )

    def value(self, date: float) -> float:
        """Return the value at a date according to all records, NaN where there is none.

        Parameters
        ----------
        date : float
            Decimal year.

        Returns
        -------
        float
            The largest value so far, or the last of a regular series, by the newest estimates.

        Examples
        --------
        >>> import pandas as pd
        >>> from timecone.history.backtest.records import RecordSeries
        >>> rows = pd.DataFrame({"name": ["A"], "date": [2020.0], "value": [1.0], "published": [2020.0],
        ...                      "estimated": [2020.0]})
        >>> RecordSeries("a", "A", "1", rows, end=2022.0).value(2021.0)
        1.0
        """
        newest = _newest_estimates(self.records)
        known = newest[newest["date"] <= date].sort_values("date", kind="stable")
        if known.empty:
            return math.nan
        return float(known["value"].iloc[-1] if self.is_regular else known["value"].max())


@dataclass(frozen=True, eq=False)
class KnownRecords:
    """Records that a forecast from a cutoff may use, by date.

    Attributes
    ----------
    cutoff : float
        Decimal year.
    date, value : ndarray
        (record,) dates of the events and values; of a series of records only those that set one.
    guard : dict
        By `GUARD`: number of records used, the newest date of publication among them, that of their figures
        (NaN where one is unknown), the number of figures not known to be published by the cutoff, and the
        number of records left out because they, or with ``strict`` their figures, became public later.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.history.backtest.records import KnownRecords
    >>> KnownRecords(2020.0, np.array([2019.0]), np.array([1.0]), {"records": 1}).cutoff
    2020.0
    """

    cutoff: float
    date: FloatArray
    value: FloatArray
    guard: dict[str, float]


def known_records(series: RecordSeries, cutoff: float, *, strict: bool = False) -> KnownRecords:
    """Return the records of a series that were public at a cutoff.

    Of several estimates of a record the newest one published by the cutoff counts; where none was, the
    earliest later one, unless ``strict``.

    Parameters
    ----------
    series : RecordSeries
        The series.
    cutoff : float
        Decimal year.
    strict : bool, optional
        Leave out figures that are not known to have been published by the cutoff.

    Returns
    -------
    KnownRecords
        The records, and the account of their publication.

    Raises
    ------
    ArgumentError
        The cutoff is not a finite number.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.backtest.records import RecordSeries, known_records
    >>> rows = pd.DataFrame({"name": ["A", "B"], "date": [2020.0, 2021.0], "value": [1.0, 2.0],
    ...                      "published": [2020.0, 2021.5], "estimated": [2020.0, 2024.0]})
    >>> series = RecordSeries("cluster", "Largest cluster", "log10 H100 equivalents", rows, end=2022.0)
    >>> known_records(series, 2021.2).guard["left_out"]
    1
    """
    if not math.isfinite(cutoff):
        raise ArgumentError(
            "not-a-date", "not a date", where="cutoff", got=cutoff, allowed="a decimal year, as 2024.5"
        )
    happened = series.records[series.records["date"] <= cutoff]
    public = happened[happened["published"] <= cutoff]
    in_time = public["estimated"] <= cutoff
    current = _newest_estimates(public[in_time])
    later = public[~public["name"].isin(set(current["name"]))]
    later = later.sort_values("estimated", kind="stable").drop_duplicates("name", keep="first")
    used = current if strict else pd.concat([current, later]).sort_values(["date", "value"], kind="stable")
    left_out = happened["name"].nunique() - used["name"].nunique()
    if series.is_regular:
        used = used[used["date"] >= series.since]
    else:
        best = used["value"].cummax().shift(fill_value=-math.inf)
        # Of several records on one day the largest counts.
        used = used[used["value"] > best].drop_duplicates("date", keep="last")
        used = used[used["date"] >= series.since]
    hindsight = int((~(used["estimated"] <= cutoff)).sum())
    guard: dict[str, float] = {
        "records": len(used),
        "newest_record": float(used["published"].max()) if len(used) else math.nan,
        "newest_estimate": float(used["estimated"].max(skipna=False)) if len(used) else math.nan,
        "hindsight": hindsight,
        "left_out": left_out,
    }
    return KnownRecords(cutoff, used["date"].to_numpy(float), used["value"].to_numpy(float), guard)


def guard_of_tables(tables: Sequence[tuple[pd.DataFrame, float]], cutoff: float) -> dict[str, float]:
    """Return the account of publication of a forecast that rests on whole tables.

    Parameters
    ----------
    tables : sequence of (DataFrame, float)
        Rows with a ``date``, that of their publication, and where known ``estimated``, the date on which
        their figures were published; and the date up to which the forecast reads them.
    cutoff : float
        Decimal year of the forecast.

    Returns
    -------
    dict
        By `GUARD`, as in `KnownRecords`; rows that were public and not read count as left out.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.backtest.records import guard_of_tables
    >>> rows = pd.DataFrame({"date": [2019.0, 2019.5, 2021.0], "estimated": 2026.6})
    >>> guard_of_tables([(rows, 2020.0)], 2020.0)["hindsight"]
    2
    """
    used = [rows[rows["date"] <= end] for rows, end in tables]
    dates = np.concatenate([rows["date"].to_numpy(float) for rows in used])
    figures = np.concatenate(
        [
            rows["estimated"].to_numpy(float) if "estimated" in rows else np.full(len(rows), math.nan)
            for rows in used
        ]
    )
    public = sum(int((rows["date"] <= cutoff).sum()) for rows, _ in tables)
    return {
        "records": len(dates),
        "newest_record": float(dates.max()) if len(dates) else math.nan,
        "newest_estimate": float(figures.max()) if len(figures) else math.nan,
        "hindsight": int((~(figures <= cutoff)).sum()),
        "left_out": max(public - len(dates), 0),
    }


def require_no_leak(forecasts: pd.DataFrame, *, strict: bool = False) -> pd.DataFrame:
    """Return forecasts whose account shows that none used a record from after its cutoff.

    Parameters
    ----------
    forecasts : DataFrame
        With ``origin`` (decimal year) and the columns of `GUARD`.
    strict : bool, optional
        Refuse hindsight too: figures published after the cutoff.

    Returns
    -------
    DataFrame
        The same forecasts.

    Raises
    ------
    ArgumentError
        A forecast used a record published after its cutoff, or its account is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.backtest.records import require_no_leak
    >>> row = {"origin": 2020.0, "records": 3, "newest_record": 2019.5, "newest_estimate": 2026.6,
    ...        "hindsight": 3, "left_out": 0}
    >>> len(require_no_leak(pd.DataFrame([row])))
    1
    """
    missing = [column for column in GUARD if column not in forecasts]
    if missing:
        raise ArgumentError(
            "publication-account-missing",
            "the forecasts do not say when the records that they used were published",
            where="forecasts",
            got=f"no column {missing[0]}",
            allowed=", ".join(GUARD),
        )
    leaking = ~(forecasts["newest_record"] <= forecasts["origin"])
    if strict:
        leaking |= ~(forecasts["newest_estimate"] <= forecasts["origin"])
    if leaking.any():
        row: pd.Series[Any] = forecasts[leaking].iloc[0]
        column = "newest_estimate" if row["newest_record"] <= row["origin"] else "newest_record"
        raise ArgumentError(
            "leaking-forecast",
            "a forecast used a record that was published after its cutoff",
            where=f"{row.get('target', 'forecast')} from {row['origin']:g}",
            got=f"{column} {row[column]:.2f}",
            allowed=f"at most {row['origin']:g}",
            remedy="Leave the record out, or state the date on which it became public.",
        )
    return forecasts


def _newest_estimates(records: pd.DataFrame) -> pd.DataFrame:
    """Return the newest estimate of each record, by date of the event; an unknown date counts as oldest."""
    ordered = records.sort_values("estimated", kind="stable", na_position="first")
    newest = ordered.drop_duplicates("name", keep="last")
    return newest.sort_values(["date", "value"], kind="stable")
