"""Forecasts of a ledger: the median and the probabilities by year, from entry to entry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from timecone.plots import alt_text
from timecone.plots.figure import Figure, write_caption
from timecone.plots.style import COLOURS, house, line_style, panels
from timecone.results.ledger.ledger import Ledger
from timecone.results.ledger.movement import ledger_movement
from timecone.results.tables.accounts import sentence

_MOST_YEARS = 4
# Shown where an entry states them, of the years that most people ask for.
_PREFERRED = (2030, 2035, 2040, 2050)
_LEVELS = (10.0, 50.0, 90.0)
_MARKERS = "osD^v<"
_NARROW = 8


def ledger(ledger: Ledger, quantity: str | None = None, *, years: Sequence[int] | None = None) -> Figure:
    """Draw how a forecast moved from entry to entry of a ledger.

    Parameters
    ----------
    ledger : Ledger
        As `timecone.read_ledger` gives it.
    quantity : str, optional
        A milestone or a duration; the headline of the last entry by default.
    years : sequence of int, optional
        Calendar years whose probabilities are drawn; at most four that the last entry states by default.

    Returns
    -------
    Figure
        The median with the range from the 10th to the 90th percentile; of a milestone, below it, the
        probabilities by year with their 95 % Monte Carlo intervals. Table: entry, date, id, statistic, value,
        lower, upper.

    Raises
    ------
    ArgumentError
        No entry states the quantity or a year.

    Examples
    --------
    >>> import timecone as tc
    >>> for seed in (1, 2):
    ...     run = tc.simulate(tc.load("baseline"), draws=1000, seed=seed, paths=0)
    ...     entry = tc.add_to_ledger(run, "drawn.toml")
    >>> figure = tc.plots.ledger(tc.read_ledger("drawn.toml"))
    >>> sorted(set(figure.table["statistic"]))[:2]
    ['P(by 2030)', 'P(by 2035)']
    >>> figure.close()
    """
    stated = ledger_movement(ledger, quantity, q=())
    shown = _years(stated) if years is None else list(years)
    stated_levels = [
        p
        for p in _LEVELS
        if any(p in quoted.percentiles for entry in ledger.entries if (quoted := entry.quoted(quantity)))
    ]
    moved = ledger_movement(ledger, str(stated.attrs["quantity"]), years=shown, q=stated_levels)
    with house():
        return _draw(ledger, moved, shown)


def _years(stated: xr.Dataset) -> list[int]:
    known = [int(year) for year in stated["year"].values]
    preferred = [year for year in _PREFERRED if year in known]
    return (preferred or known)[:_MOST_YEARS]


def _draw(ledger: Ledger, moved: xr.Dataset, years: list[int]) -> Figure:
    size = moved.sizes["entry"]
    axes = panels(2 if years else 1, size=(max(7.0, 0.8 * size + 2.0), 7.0 if years else 4.2), sharex=True)
    places = np.arange(size)
    _draw_dates(axes[0], moved, places)
    for k, year in enumerate(years):
        _draw_probability(axes[1], moved.sel(year=year), places, k)
    if years:
        axes[1].set(ylim=(0.0, 1.0), ylabel="Probability")
        axes[1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=3.0)
    labels = [f"{k}\n{date}" for k, date in zip(moved["entry"].values, moved["date"].values, strict=True)]
    axes[-1].set_xticks(places, labels)
    if size > _NARROW:
        axes[-1].tick_params(axis="x", labelrotation=45.0)
    axes[-1].set(xlim=(-0.5, size - 0.5), xlabel="Entry and date of the forecast")
    axes[0].set_title(f"{sentence(str(moved.attrs['label']))}: how the forecast moved")
    axes[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=3.0)
    caption = f"Bars: 10 to 90 %; an arrow: beyond the horizon. Ledger {ledger.path.name}."
    notes = "Each forecast is conditional on its own assumptions."
    if years:
        notes += " Probabilities have 95 % Monte Carlo intervals where the ledger stores them."
    ids = tuple(str(name) for name in moved["id"].values)
    table = _table(moved, years)
    return write_caption(Figure(axes, table, caption, ids, "ledger", notes=notes, alt=_alt(table)))


def _alt(table: pd.DataFrame) -> str:
    """State every statistic of the last entry."""
    last = table[(table["entry"] == table["entry"].max()) & ~table["value"].isna()]
    if last.empty:
        return ""
    numbers = [(str(row["statistic"]), alt_text.short(row["value"])) for row in last.to_dict("records")]
    return alt_text.of_rows(f"Last forecast, {last['date'].iloc[0]}", numbers)


def _draw_dates(axes: Axes, moved: xr.Dataset, places: np.ndarray) -> None:
    """Draw the median of each entry, and a bar over the middle 80 %."""
    levels = {float(p): moved["value"].sel(percentile=p).values for p in moved["percentile"].values}
    nothing = np.full(len(places), np.nan)
    low, middle, high = (levels.get(p, nothing) for p in _LEVELS)
    finite = np.concatenate([part[np.isfinite(part)] for part in (low, middle, high)])
    top = float(finite.max()) if finite.size else float(moved["horizon"].max())
    bottom = float(finite.min()) if finite.size else float(moved["start"].min())
    room = 0.1 * max(top - bottom, 1.0)
    axes.set_ylim(bottom - room, top + 2.0 * room)
    ends = np.where(np.isinf(high), top + 1.6 * room, high)
    stated = ~np.isnan(low) & ~np.isnan(ends)
    axes.vlines(
        places[stated],
        np.minimum(low, top)[stated],
        ends[stated],
        color=COLOURS[0],
        linewidth=5.0,
        alpha=0.35,
        label="10 to 90 %",
    )
    beyond = stated & np.isinf(high)
    if beyond.any():
        axes.plot(places[beyond], ends[beyond], "^", color=COLOURS[0], markersize=8.0, label="90 % beyond")
    reached = np.where(np.isfinite(middle), middle, np.nan)
    axes.plot(places, reached, color="0.2", marker="o", linewidth=1.4, label="median")
    late = np.isinf(middle)
    if late.any():
        axes.plot(
            places[late], np.full(late.sum(), top + 1.6 * room), "^", color="0.2", label="median beyond"
        )
    axes.set_ylabel("Years" if moved.attrs["is_duration"] else "Calendar date (year)")


def _draw_probability(axes: Axes, moved: xr.Dataset, places: np.ndarray, k: int) -> None:
    colour, style = line_style(k)
    value, lower, upper = (moved[f"probability{end}"].values for end in ("", "_lower", "_upper"))
    axes.plot(
        places,
        value,
        color=colour,
        linestyle=style,
        marker=_MARKERS[k % len(_MARKERS)],
        label=f"by {moved['year'].item()}",
    )
    with_interval = ~np.isnan(lower)
    axes.vlines(
        places[with_interval], lower[with_interval], upper[with_interval], color=colour, linewidth=1.2
    )


def _table(moved: xr.Dataset, years: list[int]) -> pd.DataFrame:
    columns = [(f"P{p:g}", "value", {"percentile": p}) for p in moved["percentile"].values]
    columns += [(f"P(by {year})", "probability", {"year": year}) for year in years]
    frames = [
        pd.DataFrame(
            {
                "entry": moved["entry"].values,
                "date": moved["date"].values,
                "id": moved["id"].values,
                "statistic": name,
                **{end: moved[f"{key}{suffix}"].sel(at).values for end, suffix in _COLUMNS.items()},
            }
        )
        for name, key, at in columns
    ]
    return pd.concat(frames, ignore_index=True)


_COLUMNS = {"value": "", "lower": "_lower", "upper": "_upper"}
