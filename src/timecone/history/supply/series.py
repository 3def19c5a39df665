"""Series of the supply of compute: the largest cluster, the largest site, the largest owner's stock.

Each goes from a table of the readers to dates and decimal logarithms, of H100 equivalents or of megawatts.
One H100 equivalent is 1.979e15 dense operations per second in the chip's fastest 8-bit format, as Epoch AI
counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from timecone.errors import ArgumentError
from timecone.schema import BoolArray, FloatArray

#: Quantities of a series, by the name of their column, with unit.
QUANTITIES: Final = {"h100e": "H100 equivalent", "power": "MW"}
#: Owners that stand for many, or for a country.
NO_SINGLE_OWNER: Final = frozenset({"", "Other", "China"})
# A 90 % interval is so many standard deviations wide.
_WIDTH_90: Final = 2.0 * 1.6448536269514722
#: Rows at least, of which growth can be estimated.
FEWEST: Final = 4


@dataclass(frozen=True, eq=False)
class SupplySeries:
    """A quantity of supply over time.

    Attributes
    ----------
    subject : str
        ``"largest cluster"``, ``"largest site"`` or ``"largest owner"``.
    quantity : str
        A key of `QUANTITIES`.
    date : ndarray
        (point,) decimal year, increasing.
    level : ndarray
        (point,) log10 of the quantity.
    common_error : float
        Standard deviation of an error that all levels share, OOM.
    name : tuple of str
        Who or what holds the level.
    is_planned : ndarray
        (point,) whether the date lies after what was known.
    published : float
        Decimal year in which the newest of the figures was published; NaN where the file does not say.

    Examples
    --------
    >>> from timecone.history.readers import read_bundled
    >>> from timecone.history.supply.series import largest_owner
    >>> largest_owner(read_bundled("stocks").rows).name[-1]
    'Google'
    """

    subject: str
    quantity: str
    date: FloatArray
    level: FloatArray
    common_error: float
    name: tuple[str, ...]
    is_planned: BoolArray
    published: float

    @property
    def unit(self) -> str:
        """Unit of the quantity."""
        return QUANTITIES[self.quantity]


def largest_cluster(
    rows: pd.DataFrame, quantity: str = "h100e", *, as_of: float, since: float = 2016.0
) -> SupplySeries:
    """Return the clusters that were the largest when they began to operate.

    Planned clusters, unlikely ones, possible duplicates and groups of several clusters are left out.

    Parameters
    ----------
    rows : DataFrame
        Rows of clusters as the reader gives them.
    quantity : str, optional
        A key of `QUANTITIES`.
    as_of, since : float
        Last and first date, decimal years.

    Returns
    -------
    SupplySeries
        A point for each record.

    Raises
    ------
    ArgumentError
        Fewer than four clusters set records, or there is no such quantity.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.supply.series import largest_cluster
    >>> rows = pd.DataFrame({
    ...     "name": list("ABCDE"), "date": [2018.0, 2019.0, 2020.0, 2021.0, 2022.0],
    ...     "h100e": [10.0, 30.0, 20.0, 90.0, 300.0], "status": "Existing", "certainty": "Confirmed",
    ...     "single": "Yes", "duplicate": False,
    ... })
    >>> largest_cluster(rows, as_of=2023.0).name
    ('A', 'B', 'D', 'E')
    """
    _require_quantity(quantity)
    is_real = (
        (rows["status"] != "Planned")
        & (rows["certainty"] != "Unlikely")
        & (rows["single"] != "No")
        & ~rows["duplicate"]
    )
    known = rows[is_real & (rows["date"] <= as_of) & rows[quantity].notna()]
    known = known.sort_values(["date", quantity], kind="stable")
    records = known[known[quantity] > known[quantity].cummax().shift(fill_value=0.0)]
    records = records[records["date"] >= since]
    return _series("largest cluster", quantity, records["date"], records[quantity], records["name"], as_of)


def largest_site(
    rows: pd.DataFrame, quantity: str = "power", *, as_of: float | None = None, since: float = 2022.0
) -> SupplySeries:
    """Return when some site of data centres became the largest so far, planned growth included.

    Parameters
    ----------
    rows : DataFrame
        Rows of sites as the reader gives them: the state of a site from each date on.
    quantity : str, optional
        A key of `QUANTITIES`.
    as_of : float, optional
        Date from which on figures are plans; by default the newest date of publication in the rows.
    since : float, optional
        First date, decimal year. Before, the list has campuses that did other work.

    Returns
    -------
    SupplySeries
        A point for each record.

    Raises
    ------
    ArgumentError
        There are fewer than four records, there is no such quantity, or no date from which on figures are
        plans.

    Examples
    --------
    >>> from timecone.history.readers import read_bundled
    >>> from timecone.history.supply.series import largest_site
    >>> site = largest_site(read_bundled("sites").rows)
    >>> site.unit, bool(site.is_planned[-1])
    ('MW', True)
    """
    _require_quantity(quantity)
    published = _newest(rows)
    if as_of is None:
        if np.isnan(published):
            raise ArgumentError(
                "record-date-missing",
                "the rows do not say when they were published, so plans cannot be told from what exists",
                where="as_of",
                got=None,
                allowed="the date of the file, decimal year",
            )
        as_of = published
    known = rows[rows[quantity] > 0.0].sort_values(["date", quantity], kind="stable")
    records = known[known[quantity] > known[quantity].cummax().shift(fill_value=0.0)]
    # Of two records on one day the larger counts.
    records = records.drop_duplicates("date", keep="last")
    records = records[records["date"] >= since]
    return _series(
        "largest site",
        quantity,
        records["date"],
        records[quantity],
        records["site"],
        as_of,
        published=published,
    )


def largest_owner(
    rows: pd.DataFrame, quantity: str = "h100e", *, as_of: float = np.inf, since: float = 2024.0
) -> SupplySeries:
    """Return the largest owner's stock of chips at the end of each quarter.

    Chips of all makers are added up. The intervals of makers are taken as independent of each other, and that
    of the newest quarter as an error that all quarters share, because one method of estimation made them.
    Quarters marked as incomplete are left out.

    Parameters
    ----------
    rows : DataFrame
        Rows of stocks as the reader gives them.
    quantity : str, optional
        A key of `QUANTITIES`.
    as_of, since : float, optional
        Last and first end of a quarter, decimal years. The counts begin in 2022 or 2023 with nothing, so the
        first ones grow too fast.

    Returns
    -------
    SupplySeries
        A point for each quarter.

    Raises
    ------
    ArgumentError
        Fewer than four quarters are known, or there is no such quantity.

    Examples
    --------
    >>> from timecone.history.readers import read_bundled
    >>> from timecone.history.supply.series import largest_owner
    >>> float(largest_owner(read_bundled("stocks").rows, as_of=2025.5).date.max()) <= 2025.5
    True
    """
    _require_quantity(quantity)
    known = rows[
        (rows["date"] <= as_of)
        & (rows["date"] >= since)
        & ~rows["owner"].isin(NO_SINGLE_OWNER)
        & rows[quantity].notna()
    ]
    # A quarter that is incomplete for one maker is incomplete for the owner.
    known = known[~known["date"].isin(set(known["date"][known["incomplete"]]))]
    spread = np.log((known[f"{quantity}_high"] / known[f"{quantity}_low"]).to_numpy(float)) / _WIDTH_90
    known = known.assign(variance=(known[quantity] * np.nan_to_num(spread)) ** 2)
    totals = known.groupby(["date", "owner"])[[quantity, "variance"]].sum().reset_index()
    largest = totals.sort_values(["date", quantity], kind="stable").drop_duplicates("date", keep="last")
    error = 0.0
    if len(largest):
        newest = largest.iloc[-1]
        error = float(np.sqrt(newest["variance"]) / newest[quantity] / np.log(10.0))
    return _series(
        "largest owner",
        quantity,
        largest["date"],
        largest[quantity],
        largest["owner"],
        as_of,
        error=error,
        published=_newest(known),
    )


def _series(
    subject: str,
    quantity: str,
    dates: pd.Series[float],
    values: pd.Series[float],
    names: pd.Series[str],
    as_of: float,
    *,
    error: float = 0.0,
    published: float = np.nan,
) -> SupplySeries:
    if len(dates) < FEWEST:
        raise ArgumentError(
            "too-few-records",
            f"too few dates of the {subject} are known to fit a trend",
            where="as_of",
            got=len(dates),
            allowed=f"at least {FEWEST}",
        )
    date = np.asarray(dates, dtype=np.float64)
    return SupplySeries(
        subject,
        quantity,
        date,
        np.log10(np.asarray(values, dtype=np.float64)),
        error,
        tuple(names),
        date > as_of,
        published,
    )


def _newest(rows: pd.DataFrame) -> float:
    """Return the newest date of publication; NaN where none is stated."""
    known = rows["published"].dropna()
    return float(known.max()) if len(known) else np.nan


def _require_quantity(quantity: str) -> None:
    if quantity not in QUANTITIES:
        raise ArgumentError(
            "unknown-quantity-of-supply",
            "no such quantity of supply",
            where="quantity",
            got=quantity,
            allowed=", ".join(QUANTITIES),
        )
