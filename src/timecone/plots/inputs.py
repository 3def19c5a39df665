"""What went in: the marginal of every uncertain input, and their rank correlations."""

from __future__ import annotations

import textwrap
from math import ceil

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from timecone.errors import ArgumentError
from timecone.plots import alt_text
from timecone.plots.figure import Figure, finish
from timecone.plots.style import (
    COLOURS,
    house,
    is_wide,
    new_axes,
    panels,
    plain_log_ticks,
    plain_number,
)
from timecone.results.run_file.access import choices, group
from timecone.results.run_file.choice_titles import choice_clause
from timecone.results.tables.names import plain_name
from timecone.results.tables.rounding import share_of
from timecone.schema import DERIVED, INPUTS, FloatArray

_COLUMNS = 5
_MOST_DRAWS = 50_000
_BINS = 40
_FEW_VALUES = 8
# Characters of a choice's value in its panel.
_CLAUSE = 30
_SHOWN = (1.0, 5.0, 50.0, 95.0, 99.0)
# Smaller ones are not drawn; neither are those within so many standard errors of none.
_LEAST_RHO = 0.05
_SIGNIFICANT = 4.0


def uncertain(run: xr.DataTree) -> dict[str, FloatArray]:
    """Return the inputs that vary between draws, by name; the first draws of a large run.

    Draws in which a formula has no value are left out of all.
    """
    drawn = {
        str(name): variable.values[:_MOST_DRAWS].astype(np.float64)
        for name, variable in group(run, INPUTS).data_vars.items()
        if not str(name).startswith("choice_") and not variable.attrs.get(DERIVED) and variable.ndim == 1
    }
    complete = np.ones(min(group(run, INPUTS).sizes.get("draw", 0), _MOST_DRAWS), dtype=np.bool_)
    for values in drawn.values():
        complete &= ~np.isnan(values)
    drawn = {name: values[complete] for name, values in drawn.items()}
    varying = {name: values for name, values in drawn.items() if np.any(values != values[:1])}
    if not varying:
        raise ArgumentError(
            "no-uncertain-input", "the run has no uncertain input", where="run", got=run.attrs["name"]
        )
    return varying


def inputs(run: xr.DataTree) -> Figure:
    """Draw the marginals of all uncertain inputs, and the weights of choices.

    Parameters
    ----------
    run : DataTree
        A run; its stored draws are shown, also those that the not-yet rule removes.

    Returns
    -------
    Figure
        One panel per input, in the order of the scenario. Table: input, units, draws, infinite (share), p01,
        p05, p50, p95, p99; choices have a row per value, with its share.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
    >>> figure = tc.plots.inputs(run)
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    values, stored, chosen = uncertain(run), group(run, INPUTS), _shares(run)
    count = len(values) + len(chosen)
    rows = ceil(count / _COLUMNS)
    with house():
        axes = panels(rows, _COLUMNS, size=(2.3 * _COLUMNS, 1.62 * rows + 0.9))
        for panel, (name, drawn) in zip(axes, values.items(), strict=False):
            _marginal(panel, name, drawn, str(stored[name].attrs.get("units", "")))
        for panel, (choice, parts) in zip(axes[len(values) :], chosen.items(), strict=False):
            _weights(panel, run, choice, parts, min(stored.sizes["draw"], _MOST_DRAWS))
        for panel in axes[count:]:
            panel.set_visible(False)
        title = f"Inputs of {run.attrs['name']}"
        axes[0].get_figure().suptitle(title, x=0.01, ha="left", fontsize=12.0)  # type: ignore[union-attr]
        text = "Solid line: median; dotted: 5 and 95 %."
        notes = (
            f"From the first {next(iter(values.values())).size:,} stored draws, before the not-yet rule"
            " removes any. Each axis runs from the 1 to the 99 % quantile."
        )
        lost = min(stored.sizes["draw"], _MOST_DRAWS) - next(iter(values.values())).size
        if lost:
            notes += f" Left out: {lost:,} draws in which a formula has no value."
        medians = {
            plain_name(name): f"{alt_text.short(np.median(drawn))} {_unit(stored, name)}".strip()
            for name, drawn in values.items()
        }
        alt = alt_text.of_rows(f"Medians of {len(values)} inputs", medians)
        return finish(axes[:count], run, _table(values, chosen, stored), text, notes=notes, alt=alt)


def _unit(stored: xr.Dataset, name: str) -> str:
    """Return the unit of an input; nothing for a pure number."""
    unit = str(stored[name].attrs.get("units", ""))
    return "" if unit == "1" else unit


def _shares(run: xr.DataTree) -> dict[str, dict[str, float]]:
    """Return the share of stored draws with each value, by choice."""
    stored, shares = group(run, INPUTS), {}
    for choice, names in choices(run).items():
        if f"choice_{choice}" in stored:
            drawn = stored[f"choice_{choice}"].values[:_MOST_DRAWS]
            shares[choice] = {name: float(np.mean(drawn == k)) for k, name in enumerate(names)}
    return shares


def _marginal(axes: Axes, name: str, drawn: FloatArray, unit: str) -> None:
    finite = drawn[np.isfinite(drawn)]
    never = drawn.size - finite.size
    low, high = np.quantile(finite, [0.01, 0.99]) if finite.size else (0.0, 1.0)
    log = is_wide(float(low), float(high))
    few = np.unique(finite[:1000])
    if few.size <= _FEW_VALUES:
        parts = [float(np.mean(drawn == v)) for v in few]
        axes.bar([plain_number(v) for v in few], parts, width=0.5, color=COLOURS[0], alpha=0.7)
    else:
        edges = np.geomspace(low, high, _BINS) if log else np.linspace(low, high, _BINS)
        counts, _ = np.histogram(finite, edges)
        axes.stairs(counts, edges, fill=True, color=COLOURS[0], alpha=0.6)
        axes.set_xlim(edges[0], edges[-1])
        for q, style in ((5.0, ":"), (50.0, "-"), (95.0, ":")):
            axes.axvline(float(np.percentile(finite, q)), color="0.15", linewidth=1.0, linestyle=style)
        if log:
            short = high / low <= 100.0 and low >= 1e-3 and high < 1e4  # noqa: PLR2004 - short numbers
            plain_log_ticks(axes, marks=(1.0, 2.0, 5.0) if short else (1.0,))
        else:
            axes.xaxis.set_major_locator(MaxNLocator(4 if 1e-3 <= abs(high) < 1e4 else 3))  # noqa: PLR2004
            axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: plain_number(x)))
    unit_text = "" if unit == "1" else unit
    _frame(axes, name, f"{unit_text} (∞ in {share_of(never, drawn.size)})".strip() if never else unit_text)


def _weights(axes: Axes, run: xr.DataTree, choice: str, parts: dict[str, float], of: int) -> None:
    places = np.arange(len(parts))[::-1]
    axes.barh(places, list(parts.values()), height=0.66, color="0.82")
    for y, (value, p) in zip(places, parts.items(), strict=True):
        text = textwrap.shorten(choice_clause(run, choice, value), _CLAUSE, placeholder=" …")
        axes.text(0.02, y, f"{share_of(round(p * of), of)} {text}", va="center", fontsize=7.5)
    axes.set_xlim(0.0, 1.0)
    _frame(axes, plain_name(f"choice_{choice}"), "share of draws")


def _frame(axes: Axes, name: str, unit: str) -> None:
    axes.set_title(plain_name(name).replace(": ", ":\n", 1), fontsize=8, linespacing=1.05)
    axes.set_xlabel(unit, fontsize=7.5, labelpad=1.0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(labelsize=7.5, pad=2.0)
    axes.minorticks_off()
    axes.grid(visible=False)


def _table(
    values: dict[str, FloatArray], chosen: dict[str, dict[str, float]], stored: xr.Dataset
) -> pd.DataFrame:
    rows = []
    for name, drawn in values.items():
        read = np.quantile(drawn, np.array(_SHOWN) / 100.0, method="inverted_cdf")
        rows.append(
            {"input": name, "units": str(stored[name].attrs.get("units", "")), "draws": drawn.size,
             "infinite": float(np.mean(np.isinf(drawn)))}
            | {f"p{q:02.0f}": v for q, v in zip(_SHOWN, read, strict=True)}
        )  # fmt: skip
    rows += [
        {"input": f"choice {choice}", "value": value, "share": p}
        for choice, parts in chosen.items()
        for value, p in parts.items()
    ]
    return pd.DataFrame(rows)


def correlations(run: xr.DataTree, *, axes: Axes | None = None) -> Figure:
    """Draw the rank correlations of the inputs that have any.

    Parameters
    ----------
    run : DataTree
        A run; its stored draws are shown, also those that the not-yet rule removes.
    axes : Axes, optional
        Where to draw.

    Returns
    -------
    Figure
        Spearman's rho over all values of choices, of the inputs with one of at least 0.05 that is no noise.
        Table: first, second, rho, for every pair.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
    >>> figure = tc.plots.correlations(run)
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    values = uncertain(run)
    ranks = np.array([pd.Series(v).rank().to_numpy() for v in values.values()])
    rho = np.atleast_2d(np.corrcoef(ranks))
    names = np.array(list(values))
    least = max(_LEAST_RHO, _SIGNIFICANT / ranks.shape[1] ** 0.5)
    strong = (np.abs(rho) >= least) & ~np.eye(len(names), dtype=bool)
    some = np.flatnonzero(strong.any(axis=0))
    first, second = np.triu_indices(len(names), 1)
    table = pd.DataFrame({"first": names[first], "second": names[second], "rho": rho[first, second]})
    with house():
        side = max(4.6, 0.42 * len(some) + 2.4)
        own, axes = axes is None, new_axes(axes, size=(side + 1.6, side))
        _matrix(axes, rho[np.ix_(some, some)], strong[np.ix_(some, some)], names[some])
        title = f"Rank correlations of inputs: {run.attrs['name']}"
        if own:
            axes.get_figure().suptitle(title, x=0.01, ha="left", fontsize=11.0)  # type: ignore[union-attr]
        else:
            axes.set_title(title)
        none = len(names) - len(some)
        text = f"Spearman's rho of at least {least:.2f}; {none} of {len(names)} inputs have none."
        notes = (
            f"From {ranks.shape[1]:,} stored draws, before the not-yet rule removes any, over all values of"
            " choices."
        )
        strongest = table.reindex(table["rho"].abs().sort_values(ascending=False).index)
        shown = strongest[strongest["rho"].abs() >= least].to_dict("records")
        pairs = [
            (f"{plain_name(row['first'])} and {plain_name(row['second'])}", f"{row['rho']:+.2f}")
            for row in shown
        ]
        alt = alt_text.of_rows("Rank correlations", pairs) if pairs else "All inputs are independent."
        return finish([axes], run, table, text, notes=notes, alt=alt, own=own)


def _matrix(axes: Axes, rho: FloatArray, strong: FloatArray, names: FloatArray) -> None:
    axes.grid(visible=False)
    if not len(names):
        axes.text(0.5, 0.5, "All inputs are independent.", transform=axes.transAxes, ha="center")
        axes.set(xticks=[], yticks=[])
        return
    # Half of a symmetric matrix says it all, and leaves no diagonal of ones to look at.
    hidden = np.triu(np.ones_like(rho, dtype=bool))
    shown = np.ma.array(rho, mask=hidden)[1:, :-1]
    image = axes.imshow(shown, cmap="RdBu_r", vmin=-1.0, vmax=1.0)
    labels = [plain_name(str(name)) for name in names]
    axes.set_xticks(range(len(names) - 1), labels[:-1], rotation=90, fontsize=7.5)
    axes.set_yticks(range(len(names) - 1), labels[1:], fontsize=7.5)
    for i, j in zip(*np.nonzero(strong[1:, :-1] & ~hidden[1:, :-1]), strict=True):
        # The sign is read in grey too; on dark squares in white.
        axes.text(j, i, f"{shown[i, j]:+.2f}", ha="center", va="center", fontsize=7,
                  color="white" if abs(shown[i, j]) > 0.6 else "black")  # fmt: skip  # noqa: PLR2004
    bar = axes.get_figure().colorbar(image, ax=axes, shrink=0.7)  # type: ignore[union-attr]
    bar.set_label("Spearman's rho", fontsize=8)
    bar.ax.tick_params(labelsize=7.5)
