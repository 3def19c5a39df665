"""Plausibility of every column against wide physical ranges, which depend on the date.

Two ranges catch wrong units. One holds for every value: a training run of 1e9 FLOP in 2024 or a chip of
1e30 FLOP/s stops the reading. The other, narrower, holds for the median of the column, because a whole column
that is off by a factor of a million may lie inside the first. Limits stand in `RANGES` as decimal logarithms
at stated years, linear between them; all of Epoch AI's tables of 2024 to 2026 lie inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from timecone.errors import HistoryError
from timecone.schema import BoolArray, FloatArray

#: Values that a median needs.
FEWEST: Final = 5

type Curve = tuple[tuple[float, float], ...]


class PlausibleRange(NamedTuple):
    """Limits of one column, or of a ratio of two.

    Attributes
    ----------
    low, high : curve
        Least and largest plausible log10 of any value: (year, log10) pairs.
    middle_low, middle_high : curve
        The same of the median of a column.
    """

    low: Curve
    high: Curve
    middle_low: Curve
    middle_high: Curve


def _constant(low: float, high: float, middle_low: float, middle_high: float) -> PlausibleRange:
    return PlausibleRange(*(((2000.0, value),) for value in (low, high, middle_low, middle_high)))


def _shifted(curve: Curve, by: float) -> Curve:
    return tuple((year, value + by) for year, value in curve)


def _around(middle: Curve, width: float, middle_width: float) -> PlausibleRange:
    return PlausibleRange(
        _shifted(middle, -width),
        _shifted(middle, width),
        _shifted(middle, -middle_width),
        _shifted(middle, middle_width),
    )


_COST: Final = PlausibleRange(
    ((2000.0, -2.0),), ((1950.0, 8.0), (2026.0, 11.5)), ((2000.0, 1.5),), ((1950.0, 7.0), (2026.0, 10.0))
)
_COMPUTE: Final = PlausibleRange(
    ((1940.0, 0.0), (1980.0, 1.0), (2000.0, 5.0), (2010.0, 8.0), (2020.0, 11.0), (2030.0, 13.0)),
    (
        (1940.0, 6.0),
        (1960.0, 12.0),
        (1990.0, 15.5),
        (2010.0, 21.0),
        (2018.0, 25.0),
        (2026.0, 29.0),
        (2040.0, 37.0),
    ),
    ((1940.0, 0.0), (1990.0, 6.0), (2010.0, 11.0), (2020.0, 15.5), (2030.0, 21.0)),
    (
        (1940.0, 6.0),
        (1960.0, 10.0),
        (1990.0, 14.0),
        (2010.0, 18.5),
        (2020.0, 24.5),
        (2026.0, 27.5),
        (2040.0, 35.0),
    ),
)
# Models that an index of capabilities scores are large; of Epoch AI's index half have more than 7e23 FLOP.
_SCORED: Final = _COMPUTE._replace(middle_low=((2020.0, 21.5), (2030.0, 23.0)))
_PRICE: Final = _constant(0.0, 7.5, 1.5, 5.7)
_MONTHS: Final = _constant(-1.5, 3.5, 0.0, 2.5)
# Horizons of the best models as METR measured them until April 2026, log10 minutes; from then on the limits
# part, at 0.3 and 1.2 orders of magnitude a year. A column in hours lies 1.8 below, one in seconds above.
_HORIZON: Final = ((2019.0, -1.4), (2022.0, -0.2), (2023.2, 0.6), (2024.4, 0.8), (2025.0, 1.6), (2026.1, 2.6))
_SLOWEST, _FASTEST, _AHEAD = 0.3, 1.2, 10.0


def _horizons(shift: float, middle_width: float = 3.0) -> PlausibleRange:
    """Return limits round the horizons of the past, shifted, for instance to those at 80 % success."""
    curve = _shifted(_HORIZON, shift)
    year, level = curve[-1]
    low = (*curve, (year + _AHEAD, level + _SLOWEST * _AHEAD))
    high = (*curve, (year + _AHEAD, level + _FASTEST * _AHEAD))
    return PlausibleRange(
        _shifted(low, -3.0), _shifted(high, 3.0), _shifted(low, -middle_width), _shifted(high, middle_width)
    )


_OPERATIONS_LOW: Final = ((1970.0, 2.0), (2000.0, 7.0), (2010.0, 8.5), (2030.0, 9.5))
_PER_USD: Final = ((1990.0, 5.5), (2006.0, 8.5), (2012.0, 9.2), (2020.0, 10.2), (2026.0, 11.0))

# One H100 in a server, with cooling, takes about 1.4 kW; chips of 2010 did a thousandth of its work per watt.
_PER_MW: Final = ((2005.0, -1.5), (2010.0, -0.3), (2018.0, 1.7), (2024.0, 2.8), (2030.0, 3.6))

#: Limits by kind and column.
RANGES: Final[Mapping[str, Mapping[str, PlausibleRange]]] = {
    "runs": {
        "training_compute": _COMPUTE,
        "cost": _COST,
        "parameters": _constant(0.0, 16.0, 2.0, 13.5),
        "dataset_size": _constant(0.0, 18.0, 2.0, 15.0),
        "training_time": _constant(-4.5, 5.5, -1.0, 4.5),
        "hardware_quantity": _constant(0.0, 8.0, 0.0, 6.5),
        "utilisation": _constant(-4.0, 0.0, -2.0, 0.0),
    },
    "chips": {
        "fp32": PlausibleRange(
            _OPERATIONS_LOW,
            ((1970.0, 8.0), (2000.0, 12.0), (2010.0, 14.0), (2020.0, 16.0), (2030.0, 18.0)),
            ((1970.0, 3.0), (2000.0, 7.5), (2006.0, 8.9), (2026.0, 11.5)),
            ((1970.0, 7.0), (2000.0, 11.5), (2006.0, 12.9), (2026.0, 16.0)),
        ),
        "tensor_fp16": PlausibleRange(
            ((2015.0, 10.0), (2030.0, 11.0)), ((2015.0, 17.0), (2030.0, 20.0)),
            ((2015.0, 12.0), (2030.0, 13.0)), ((2015.0, 16.5), (2030.0, 18.5)),
        ),
        "price": _PRICE,
        "price_2020": _PRICE,
        "power": _constant(-0.5, 5.5, 0.7, 4.5),
    },
    "prices": {"price_per_hour": _constant(-3.0, 3.5, -1.7, 2.2), "price": _PRICE},
    "costs": dict.fromkeys(("cloud", "acquisition", "amortised"), _COST),
    "studies": {
        **dict.fromkeys(("halving_time", "low", "high"), _MONTHS),
        "mass": _constant(-2.0, 0.0, -1.0, 0.0),
    },
    "horizons": {
        "p50": _horizons(0.0, 1.2),
        "p80": _horizons(-0.7, 1.2),
        **dict.fromkeys(("p50_low", "p50_high"), _horizons(0.0)),
        **dict.fromkeys(("p80_low", "p80_high"), _horizons(-0.7)),
        "average_score": _constant(-4.0, 0.0, -2.0, 0.0),
    },
    # Epoch AI's index of April 2026 lies between 61 and 161.
    "capabilities": {"score": _constant(0.5, 3.0, 1.5, 2.7), "training_compute": _SCORED},
    # Epoch AI's clusters of August 2026: 2e-4 to 5e7 H100 equivalents, the largest planned for 2030.
    "clusters": {
        "h100e": PlausibleRange(
            ((2000.0, -6.0),),
            ((2010.0, 4.0), (2018.0, 5.5), (2024.0, 6.5), (2026.0, 7.5), (2032.0, 9.0)),
            ((2000.0, -2.0),), ((2010.0, 3.0), (2026.0, 6.0), (2032.0, 7.5)),
        ),
        "performance_16bit": _constant(9.0, 24.5, 12.0, 22.5),
        "power": _constant(-4.0, 4.7, -2.0, 3.5),
        "cost": _constant(3.0, 12.5, 5.0, 11.5),
        "units": _constant(0.0, 9.0, 1.0, 7.0),
    },
    "sites": {
        "h100e": _constant(0.0, 8.7, 2.0, 7.7),
        "power": _constant(-1.0, 4.7, 0.0, 3.9),
        "cost": _constant(5.0, 12.5, 7.0, 11.9),
    },
    "stocks": {
        **dict.fromkeys(("h100e", "h100e_low", "h100e_high"), _constant(0.0, 9.7, 2.0, 9.0)),
        **dict.fromkeys(("units", "units_low", "units_high"), _constant(0.0, 9.7, 2.0, 9.0)),
        **dict.fromkeys(("power", "power_low", "power_high"), _constant(-2.0, 6.5, -0.5, 5.5)),
    },
    "production": {
        **dict.fromkeys(("h100e", "h100e_low", "h100e_high"), _constant(-1.0, 9.0, 1.5, 8.2)),
        **dict.fromkeys(("units", "units_low", "units_high"), _constant(-1.0, 9.0, 1.5, 8.2)),
        **dict.fromkeys(("power", "power_low", "power_high"), _constant(-2.5, 6.0, -1.0, 5.0)),
    },
    "spending": dict.fromkeys(
        ("amount", "research", "inference", "total"), _constant(4.0, 12.5, 6.5, 11.7)
    ),
}  # fmt: skip

#: Ratios of columns by kind: numerator, denominator, unit, limits.
RATIOS: Final[Mapping[str, tuple[tuple[str, str, str, PlausibleRange], ...]]] = {
    "runs": (
        ("training_compute", "cost", "FLOP per USD", _around(
            ((1990.0, 12.5), (2012.0, 16.5), (2020.0, 17.5), (2026.0, 18.3)), 4.0, 2.2)),
    ),
    "chips": (
        ("fp32", "price", "FLOP/s per USD", _around(_PER_USD, 3.5, 2.2)),
        ("fp32", "price_2020", "FLOP/s per USD of 2020", _around(_PER_USD, 3.5, 2.2)),
        ("tensor_fp16", "price", "FLOP/s per USD", _around(_PER_USD, 3.5, 2.2)),
    ),
    "clusters": (("h100e", "power", "H100 equivalents per MW", _around(_PER_MW, 2.6, 1.5)),),
    # A site costs some 3e7 to 5e7 USD per MW with its chips, a tenth of that without.
    "sites": (
        ("h100e", "power", "H100 equivalents per MW", _around(_PER_MW, 2.0, 1.3)),
        ("cost", "power", "USD per MW", _constant(5.0, 9.5, 6.3, 8.7)),
    ),
    **dict.fromkeys(
        ("stocks", "production"),
        (
            ("h100e", "power", "H100 equivalents per MW", _around(_PER_MW, 2.0, 1.3)),
            ("h100e", "units", "H100 equivalents per chip", _constant(-3.0, 2.5, -2.2, 1.7)),
        ),
    ),
}  # fmt: skip


def limits(curve: Curve, dates: FloatArray, *, is_lower: bool) -> FloatArray:
    """Return a limit at dates; where a date is missing, the widest."""
    years, values = np.array(curve).T
    widest = values.min() if is_lower else values.max()
    within: FloatArray = np.interp(np.nan_to_num(dates), years, values)
    return np.asarray(np.where(np.isnan(dates), widest, within))


def require_plausible(kind: str, rows: pd.DataFrame, units: Mapping[str, str], where: str) -> None:
    """Refuse a table with values that cannot be true, which mostly are in another unit.

    Parameters
    ----------
    kind : str
        Kind of the table.
    rows : DataFrame
        Their columns.
    units : mapping
        Unit of each column, for messages.
    where : str
        Name of the file.

    Raises
    ------
    HistoryError
        Names the first row, its value, the plausible range and the remedy.
    """
    dates = rows["date"].to_numpy(float) if "date" in rows else np.full(len(rows), np.nan)
    for name, plausible in RANGES[kind].items():
        remedy = f"Correct the cell, or the unit in the heading; {name} is kept in {units[name] or 'units'}."
        _require(rows.index, dates, rows[name].to_numpy(float), plausible, (name, units[name], where, remedy))
    for above, below, unit, plausible in RATIOS.get(kind, ()):
        remedy = f"Check the units of {above} and {below}, which are {units[above]} and {units[below]}."
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = rows[above].to_numpy(float) / rows[below].to_numpy(float)
        _require(rows.index, dates, ratio, plausible, (f"{above} / {below}", unit, where, remedy))


def _require(
    index: pd.Index[int],
    dates: FloatArray,
    values: FloatArray,
    plausible: PlausibleRange,
    texts: tuple[str, str, str, str],
) -> None:
    # Zero is allowed where the reader let it pass, and has no logarithm.
    known = np.isfinite(values) & (values > 0.0)
    dates, level, rows = dates[known], np.log10(values[known]), index.to_numpy()[known]
    if not len(level):
        return
    low, high = limits(plausible.low, dates, is_lower=True), limits(plausible.high, dates, is_lower=False)
    outside = (level < low) | (level > high)
    if outside.any():
        raise _refusal(outside, rows, dates, level, (low, high), texts, "")
    low = limits(plausible.middle_low, dates, is_lower=True)
    high = limits(plausible.middle_high, dates, is_lower=False)
    # The middle of the distances from each limit: dates differ, so values themselves cannot be ranked.
    for excess in (low - level, level - high):
        if len(level) >= FEWEST and np.median(excess) > 0.0:
            is_middle = np.arange(len(excess)) == np.argsort(excess, kind="stable")[len(excess) // 2]
            what = f", and half of the {len(level)} values lie as far out or further"
            raise _refusal(is_middle, rows, dates, level, (low, high), texts, what)


def _refusal(
    wrong: BoolArray,
    rows: FloatArray,
    dates: FloatArray,
    level: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
    texts: tuple[str, str, str, str],
    more: str,
) -> HistoryError:
    name, unit, where, remedy = texts
    i = int(np.flatnonzero(wrong)[0])
    low, high = (10.0 ** bound[i] for bound in bounds)
    at = "" if np.isnan(dates[i]) else f" in {dates[i]:.1f}"
    of = "for the median of a table" if more else "for any row"
    value = f"{10.0 ** level[i]:.4g} {unit}".strip()
    return HistoryError(
        "implausible-values",
        f"row {rows[i]}: {name} of {value}{at} is implausible{more}",
        where=where,
        allowed=f"{low:.1g} to {high:.1g} {unit}".strip() + f" {of}",
        remedy=remedy,
    )
