"""Distribution functions of arrivals and of durations.

The axis runs from 0 to 1 and the curve stops at the horizon; the mass beyond it is written beside the curve.
Nothing is smoothed and nothing is renormalised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from timecone.errors import ArgumentError, suggestion
from timecone.plots import alt_text
from timecone.plots.figure import Figure, finish
from timecone.plots.published import PUBLISHED, draw_published, label_published, published_words
from timecone.plots.style import house, label_lines, line_style, new_axes, plain_log_ticks, share
from timecone.results.run_file import curves
from timecone.results.run_file.access import (
    choices,
    duration_of,
    group,
    headline,
    is_duration,
    label,
    milestones,
)
from timecone.results.run_file.accounts import choice_shares
from timecone.results.run_file.choice_titles import choice_clause
from timecone.results.tables.accounts import sentence, share_begun
from timecone.results.tables.rows import attempt
from timecone.schema import SUMMARY

type Curve = tuple[str, xr.DataArray]
type Runs = xr.DataTree | Mapping[str, xr.DataTree]

# Height of the figure with published forecasts, inches, and the end of its axis.
_TALL = 7.6
_LAST_PUBLISHED = 2100.0
_SHADING = "Shaded: 95 % Monte Carlo interval."
# Left end of the axis of durations, years.
_SHORTEST = 0.1


def cdf(
    run: Runs,
    quantity: str | None = None,
    *,
    choice: str | Sequence[str] | None = None,
    published: bool = False,
    axes: Axes | None = None,
) -> Figure:
    """Draw when milestones arrive.

    Parameters
    ----------
    run : DataTree or mapping of str to DataTree
        One run: all its milestones, or one of them by value of each choice. Several: one milestone of each.
    quantity : str, optional
        A milestone; the headline of each by default where several runs are given.
    choice : str or sequence of str, optional
        The choices by whose values a milestone of one run is shown; all by default, none for an empty one.
    published : bool, default: False
        Whether published forecasts are drawn too, as thin lines to 2100, beside one milestone: the headline
        by default. Their milestones differ; the caption says each.
    axes : Axes, optional
        Where to draw.

    Returns
    -------
    Figure
        Table: curve, date, probability, lower, upper, not_by_horizon.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
    >>> figure = tc.plots.cdf(run)
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    runs = _named(run)
    first = next(iter(runs.values()))
    if quantity is not None and is_duration(first, quantity):
        raise ArgumentError(
            "duration-has-no-calendar-date",
            "a duration has no calendar date",
            where="quantity",
            got=quantity,
            remedy="Draw the figure duration.",
        )
    if isinstance(run, xr.DataTree):
        if published and quantity is None and choice is None:
            quantity, choice = headline(run), ()
        drawn = _of_one(run, quantity, choice)
        title = "Arrival of each milestone" if quantity is None else f"Arrival of {label(run, quantity)}"
        title = f"{title}: {run.attrs['name']}"
    else:
        wanted = {name: quantity or headline(tree) for name, tree in runs.items()}
        labels = {name: label(tree, wanted[name]) for name, tree in runs.items()}
        different = list(dict.fromkeys(labels.values()))
        drawn = [
            (f"{name}: {labels[name]}" if len(different) > 1 else name, curves.cdf(tree, wanted[name]))
            for name, tree in runs.items()
        ]
        title = f"Arrival of {' or '.join(different)}"
        if choice is not None:
            raise ArgumentError(
                "choices-of-several-runs", "choices can be shown for one run only", where="choice", got=choice
            )
    last = max(float(tree.attrs["horizon"]) for tree in runs.values())
    with house():
        height = _TALL if published else max(4.8, 1.2 + 0.36 * len(drawn))
        own, axes = axes is None, new_axes(axes, size=(8.6, height))
        if published:
            last = min(last, _LAST_PUBLISHED)
            axes.set_xlim(right=last)  # where the labels of the curves begin
        _draw(
            axes,
            drawn,
            lambda name, curve: f"{name}\nnot by {curve['date'].values[-1]:g}: {_rest(curve)}",
            direct=own,
        )
        axes.set(
            xlim=(min(float(tree.attrs["start"]) for tree in runs.values()), last),
            xlabel="Calendar date (year)",
            ylabel="Probability of arrival before the date",
            title=title,
        )
        table = _table(drawn, "date")
        alt = alt_text.of_curves(table)
        if not published:
            shares = len(drawn) > 1 and isinstance(run, xr.DataTree) and quantity is not None
            notes = "Shares of draws are of the counted draws." if shares else ""
            return finish([axes], runs, table, _SHADING, notes=notes, alt=alt, own=own)
        table = pd.concat([table, draw_published(axes)], ignore_index=True)
        definitions = f"{label(first, quantity or headline(first))}: {_definition(first, quantity)}."
        figure = finish(
            [axes],
            runs,
            table,
            f"{_SHADING} {PUBLISHED}",
            notes=f"{definitions} {published_words()}",
            alt=alt_text.of_curves(table),
            own=own,
        )
        label_published(axes)
        return figure


def _definition(run: xr.DataTree, quantity: str | None) -> str:
    """Return what a milestone of a run means."""
    summary = group(run, SUMMARY).sel(milestone=quantity or headline(run))
    return str(summary["milestone_definition"].item())


def _named(run: Runs) -> dict[str, xr.DataTree]:
    runs = {str(run.attrs["name"]): run} if isinstance(run, xr.DataTree) else dict(run)
    if not runs:
        raise ArgumentError("no-runs", "no runs to plot", where="run", got="an empty mapping")
    return runs


def _of_one(run: xr.DataTree, quantity: str | None, choice: str | Sequence[str] | None) -> list[Curve]:
    if quantity is None:
        if choice is not None:
            raise ArgumentError(
                "choices-of-several-milestones",
                "choices can be shown for one milestone only",
                where="choice",
                got=choice,
                remedy="Name a milestone too.",
            )
        return [(label(run, name), curves.cdf(run, name)) for name in milestones(run)]
    drawn = [(f"{label(run, quantity)}, all", curves.cdf(run, quantity))]
    known = choices(run)
    shown = [*known] if choice is None else [choice] if isinstance(choice, str) else [*choice]
    for name in shown:
        if name not in known:
            raise ArgumentError(
                "unknown-choice", "unknown choice", where="choice", got=name, remedy=suggestion(name, known)
            )
    for row in choice_shares(run).to_dict("records"):
        if row["choice"] in shown:
            curve = attempt(curves.cdf, run, quantity, where={row["choice"]: row["value"]})
            if curve is not None:
                condition = f"if {choice_clause(run, row['choice'], row['value'])}"
                drawn.append((f"{condition}, {share(row['share'], row['standard_error'])} of draws", curve))
    return drawn


def duration(run: Runs, quantity: str | None = None, *, axes: Axes | None = None) -> Figure:
    """Draw the distribution function of a duration.

    Draws that do not arrive by the horizon have no duration: their share keeps the curve below 1.

    Parameters
    ----------
    run : DataTree or mapping of str to DataTree
        One run or several.
    quantity : str, optional
        A duration of the runs; the first one by default.
    axes : Axes, optional
        Where to draw.

    Returns
    -------
    Figure
        Table: curve, duration, probability, lower, upper, not_by_horizon.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
    >>> figure = tc.plots.duration(run)
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    runs = _named(run)
    first = next(iter(runs.values()))
    quantity = duration_of(first, quantity)
    drawn = [(name, curves.cdf(tree, quantity, step=0.05)) for name, tree in runs.items()]
    name = label(first, quantity)
    meaning = first["outcomes"][quantity].attrs.get("long_name", name)
    longest = max(float(tree.attrs["horizon"]) - float(tree.attrs["start"]) for tree in runs.values())
    with house():
        own, axes = axes is None, new_axes(axes)
        _draw(axes, drawn, lambda name, curve: f"{name} (no arrival by the horizon: {_rest(curve)})")
        axes.set(
            xlim=(_SHORTEST, max(longest, 1.0)),
            xlabel=f"{sentence(name)} (years, logarithmic)",
            ylabel=f"Probability of a shorter {name}",
            title=f"{sentence(name)}: {meaning}",
        )
        plain_log_ticks(axes)
        table = _table(drawn, "duration")
        notes = f"{_begun(runs, quantity)} Curves begin at the share below {_SHORTEST:g} years."
        alt = alt_text.of_curves(table, x="duration", unit=" years")
        return finish([axes], runs, table, _SHADING, notes=notes, alt=alt, own=own)


def _begun(runs: Mapping[str, xr.DataTree], quantity: str) -> str:
    """Say in how many draws of each run the duration began before the start."""
    shares = []
    for name, run in runs.items():
        of_draws = f"{share_begun(run, quantity)} of draws"
        shares.append(of_draws + (f" ({name})" if len(runs) > 1 else ""))
    start = float(next(iter(runs.values())).attrs["start"])
    return f"Left out: {', '.join(shares)}, in which it began before {start:g}."


def _rest(curve: xr.DataArray) -> str:
    return share(curve.attrs["not_by_horizon"], curve.attrs["not_by_horizon_error"])


def _draw(
    axes: Axes, drawn: list[Curve], describe: Callable[[str, xr.DataArray], str], *, direct: bool = False
) -> None:
    for k, (name, curve) in enumerate(drawn):
        colour, style = line_style(k)
        x = curve["date"].values
        axes.fill_between(x, curve["lower"].values, curve["upper"].values, color=colour, alpha=0.25, lw=0)
        text = describe(name, curve)
        axes.plot(
            x,
            curve.values,
            color=colour,
            linestyle=style,
            linewidth=1.8,
            label=text if direct else text.replace("\n", ", "),
        )
    axes.set(ylim=(0.0, 1.0), yticks=np.linspace(0.0, 1.0, 11))
    if direct:
        label_lines(axes)
    else:
        axes.legend(loc="best", handlelength=3.2)


def _table(drawn: list[Curve], x: str) -> pd.DataFrame:
    frames = [
        pd.DataFrame(
            {
                "curve": name,
                x: curve["date"].values,
                "probability": curve.values,
                "lower": curve["lower"].values,
                "upper": curve["upper"].values,
                "not_by_horizon": curve.attrs["not_by_horizon"],
            }
        )
        for name, curve in drawn
    ]
    return pd.concat(frames, ignore_index=True)
