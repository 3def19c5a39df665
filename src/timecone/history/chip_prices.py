"""Prices of chips, each with its basis: at release, bought later, or rented by the hour.

Chips fall in price while they are sold, so a price years after the release says how cheap old chips have
become, and not what a new one cost. Prices are joined to chips by name and told apart by the time since the
chip's release; all are put into USD of one year.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd

from timecone.errors import ArgumentError
from timecone.history.inflation import real

#: Bases of a price.
RELEASE, PURCHASE, RENTAL = "release", "purchase", "rental"
BASES: Final = (RELEASE, PURCHASE, RENTAL)
#: Years from the release within which a price counts as the release price; see `evidence.PRICE_WITHIN`.
WITHIN: Final = 1.0
_SECONDS_PER_HOUR: Final = 3600.0
_COLUMNS: Final = [
    "name",
    "basis",
    "date",
    "released",
    "age",
    "price",
    "real",
    "performance",
    "per_usd",
    "is_tensor",
]


def chip_prices(
    chips: pd.DataFrame, prices: pd.DataFrame | None = None, *, year: int = 2025, within: float = WITHIN
) -> pd.DataFrame:
    """Return every known price of every chip.

    Parameters
    ----------
    chips : DataFrame
        Rows of chips as the reader gives them.
    prices : DataFrame, optional
        Rows of prices as the reader gives them.
    year : int, optional
        The year in whose USD ``real`` is.
    within : float, optional
        Years from the release, before or after it, within which a purchase counts as at the release.

    Returns
    -------
    DataFrame
        A row for each price: ``name``; ``basis``, of `BASES`; ``date`` of the price, ``released`` (decimal
        years) and ``age``, years between; ``price`` (USD of the day, of a rental per chip-hour); ``real``
        (USD of ``year``); ``performance`` (FLOP/s, 16-bit tensor where the chip has it, else FP32);
        ``per_usd`` (FLOP/s per USD of ``year``, of a rental FLOP per USD); ``is_tensor``. Prices of chips
        that are not in ``chips`` are left out.

    Raises
    ------
    ArgumentError
        ``within`` is not a positive number of years, or there is no price index of the year.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> from timecone.history.chip_prices import chip_prices
    >>> prices = chip_prices(read_bundled("chips").rows)
    >>> set(prices.basis)
    {'release'}
    """
    if not 0.0 < within < math.inf:
        raise ArgumentError(
            "invalid-duration-in-years",
            "not a number of years",
            where="within",
            got=within,
            allowed="a positive number",
        )
    known = chips.assign(
        performance=chips["tensor_fp16"].fillna(chips["fp32"]), is_tensor=chips["tensor_fp16"].notna()
    )
    known = known[known["performance"].notna()].rename(columns={"date": "released"})
    tables = [_of_the_table(known, year)]
    if prices is not None:
        tables.append(_joined(known, prices, within, year))
    table = pd.concat([each for each in tables if len(each)] or tables[:1], ignore_index=True)
    table["age"] = table["date"] - table["released"]
    table["per_usd"] = table["performance"] / table["real"]
    table.loc[table["basis"] == RENTAL, "per_usd"] *= _SECONDS_PER_HOUR
    return table[_COLUMNS].sort_values(["date", "name"], kind="stable", ignore_index=True)


def in_usd_of(chips: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return chips with all release prices in USD of one year.

    Parameters
    ----------
    chips : DataFrame
        Rows of chips as the reader gives them, perhaps with joined release prices.
    year : int
        The year.

    Returns
    -------
    DataFrame
        The rows, with ``price`` in USD of the year and ``price_2020`` blank.

    Raises
    ------
    ArgumentError
        There is no price index of the year.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> from timecone.history.chip_prices import in_usd_of
    >>> chips = in_usd_of(read_bundled("chips").rows, 2025)
    >>> int(chips["price"].notna().sum()), int(chips["price_2020"].notna().sum())
    (185, 0)
    """
    of_the_day = real(chips["price"].to_numpy(float), chips["date"].to_numpy(float), year)
    # An amount in USD of 2020 holds for the middle of that year.
    of_2020 = real(chips["price_2020"].to_numpy(float), np.full(len(chips), 2020.5), year)
    return chips.assign(price=np.where(np.isfinite(of_2020), of_2020, of_the_day), price_2020=np.nan)


def _of_the_table(chips: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the release prices that the table of chips has itself, of the day or of 2020."""
    prices = in_usd_of(chips.rename(columns={"released": "date"}), year)["price"]
    table = chips.assign(basis=RELEASE, date=chips["released"], real=prices)
    return table[table["real"].notna()]


def _joined(chips: pd.DataFrame, prices: pd.DataFrame, within: float, year: int) -> pd.DataFrame:
    """Return purchase and rental prices of the chips with the same name."""
    about = chips[["name", "released", "performance", "is_tensor"]].drop_duplicates("name")
    rows = prices.rename(columns={"hardware": "name"})[["name", "date", "price", "price_per_hour"]]
    rows = rows.merge(about, on="name", validate="many_to_one")
    bought = rows[rows["price"].notna()]
    near = (bought["date"] - bought["released"]).abs() <= within
    bought = bought.assign(basis=np.where(near, RELEASE, PURCHASE))
    rented = rows[rows["price_per_hour"].notna()]
    rented = rented.assign(basis=RENTAL, price=rented["price_per_hour"])
    table = pd.concat([bought, rented], ignore_index=True)
    return table.assign(real=real(table["price"].to_numpy(float), table["date"].to_numpy(float), year))
