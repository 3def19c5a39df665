"""The house style: colours that survive colour-blindness and grey print, units on every axis."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from timecone.results.tables.dates import DateStyle, date_style, month
from timecone.results.tables.rounding import percent
from timecone.schema import FloatArray

# Okabe & Ito 2008, ordered so that neighbours also differ in lightness; with it a line style each.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
#: What is censored or apart from the rest.
GREY = "0.55"

#: Comes with matplotlib, so figures look the same everywhere.
FONT = "DejaVu Sans"

SETTINGS: Any = {
    "font.family": [FONT],
    "font.size": 10.0,
    "axes.titlesize": 11.0,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "0.9",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "figure.constrained_layout.use": True,
    "svg.fonttype": "none",
    # TrueType fonts, embedded: text stays text, and journals accept the file.
    "pdf.fonttype": 42,
    "svg.hashsalt": "timecone",
    # Names and conditions are not formulas, also where they speak of $.
    "text.parse_math": False,
}
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOG10 = "log10 "
# From this ratio on an axis of positive numbers is logarithmic.
_WIDE = 20.0
_MANY_DECADES = 4.0
# Characters of a label beside an axis, before it goes on in a second line.
_LABEL = 46


@contextmanager
def house() -> Iterator[None]:
    """Draw in the house style."""
    with mpl.rc_context(SETTINGS):
        try:
            yield
        finally:
            interactive = mpl.is_interactive()
    # A notebook's backend turns this on when the first figure makes it load, perhaps in here; turned off
    # again, no later figure would be shown.
    mpl.interactive(interactive)


def new_axes(axes: Axes | None, *, size: tuple[float, float] = (7.0, 4.8)) -> Axes:
    """Return the given axes, or those of a new pyplot figure, which notebooks show by themselves."""
    if axes is not None:
        return axes
    # pyplot settles on a backend when imported, and only some callers draw.
    from matplotlib import pyplot as plt  # noqa: PLC0415

    return plt.subplots(figsize=size, layout="constrained")[1]


def panels(
    rows: int, columns: int = 1, *, size: tuple[float, float] = (7.0, 6.2), **about: Any
) -> tuple[Axes, ...]:
    """Return the axes of a new pyplot figure with several panels, row by row."""
    from matplotlib import pyplot as plt  # noqa: PLC0415 - as in `new_axes`

    _, axes = plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False, **about)
    return tuple(axes.ravel())


def power(exponent: float) -> str:
    """Write a power of ten."""
    return "10" + f"{exponent:g}".translate(_SUPERSCRIPT)


def split_unit(unit: str) -> tuple[str, bool]:
    """Return the unit of the numbers themselves, and whether they are stored as logarithms."""
    return (unit.removeprefix(_LOG10), True) if unit.startswith(_LOG10) else (unit, False)


def quantity_axis(axes: Axes, text: str, unit: str) -> None:
    """Label a vertical axis; logarithms get the powers of ten that they stand for as ticks."""
    unit, logarithm = split_unit(unit)
    text = text if unit in ("", "1") else f"{text} ({unit})"
    axes.set_ylabel(textwrap.fill(text, _LABEL))
    if logarithm:
        axes.yaxis.set_major_locator(MaxNLocator(8, integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: power(round(x))))


def is_wide(low: float, high: float) -> bool:
    """Return whether numbers between these ends need a logarithmic axis."""
    return bool(low > 0.0 and high / low > _WIDE)


def plain_log_ticks(axes: Axes, which: str = "x", marks: Sequence[float] = (1.0, 3.0)) -> None:
    """Make an axis logarithmic, with plain numbers as ticks inside its present limits."""
    scale, axis = (axes.set_xscale, axes.xaxis) if which == "x" else (axes.set_yscale, axes.yaxis)
    scale("log")
    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    decades = np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1.0)
    if len(decades) > _MANY_DECADES + 1.0:
        decades, marks = decades[:: int(np.ceil(len(decades) / 5.0))], (1.0,)
    ticks = [m * 10.0**d for d in decades for m in marks if low <= m * 10.0**d <= high * (1.0 + 1e-9)]
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda x, _: plain_number(x)))


def plain_number(x: float) -> str:
    """Write a number for a tick: as it is where it is short, else with a power of ten."""
    size = abs(x)
    if size == 0.0 or 1e-3 <= size < 1e5:  # noqa: PLR2004 - what reads well in full
        return f"{x:.6g}" if size < 1e4 else f"{x:,.6g}"  # noqa: PLR2004 - 2,026 is no year
    exponent = int(np.floor(np.log10(size) + 1e-12))
    mantissa = f"{x / 10.0**exponent:.3g}"
    return power(exponent) if mantissa == "1" else f"{mantissa}·{power(exponent)}"


def share(value: float, error: float) -> str:
    """Write a probability in percent, rounded by its error, with one decimal at most."""
    return percent(value, max(error, 1e-2))


def draw_bands(
    axes: Axes,
    time: FloatArray,
    values: FloatArray,
    *,
    colour: str = COLOURS[0],
    of: str = "draws",
) -> None:
    """Draw a fan: 5-95 %, 25-75 % and the median; values of shape (times, 5).

    An infinite percentile runs out of the axes, and a triangle at their edge marks it.
    """
    low, high = finite_ends(values)
    room = 0.1 * max(high - low, 1.0)
    finite = np.clip(values, low - room, high + room)
    for first, last, alpha, interval in ((0, 4, 0.18, "5 to 95 %"), (1, 3, 0.34, "25 to 75 %")):
        axes.fill_between(
            time, finite[:, first], finite[:, last],
            color=colour, alpha=alpha, linewidth=0, label=f"{interval} of {of}",
        )  # fmt: skip
    # Edges, so that the bands are told apart in grey and in print.
    for k in (0, 4):
        axes.plot(time, finite[:, k], color=colour, linewidth=0.6, alpha=0.7)
    axes.plot(time, finite[:, 2], color=colour, linewidth=1.8, label="median")
    for sign, marker, edge in ((1.0, "^", 1.0), (-1.0, "v", 0.0)):
        infinite = np.any(values == sign * np.inf, axis=1)
        if infinite.any():
            axes.plot(time[infinite], np.full(infinite.sum(), edge), marker, color=colour, markersize=5.0,
                      transform=axes.get_xaxis_transform(), clip_on=False,
                      label="a percentile is infinite")  # fmt: skip


def finite_ends(values: FloatArray) -> tuple[float, float]:
    """Return the least and the largest finite number of an array; 0 and 1 where it has none."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def line_style(k: int) -> tuple[str, Any]:
    """Return colour and line style of the k-th curve; no two of the first 36 have both in common."""
    turn = k // len(COLOURS)
    return COLOURS[k % len(COLOURS)], STYLES[(k + turn) % len(STYLES)]


def label_lines(axes: Axes) -> None:
    """Write each line's label at its right end, beside the axes; labels keep their distance.

    The lines are drawn in the order of `line_style`, and the axes run from 0 to 1. A thin line joins a label
    to its curve, and a stroke before it shows the style.
    """
    lines = [line for line in axes.lines if not str(line.get_label()).startswith("_")]
    right = axes.get_xlim()[1]
    ends = np.array([np.interp(right, *np.asarray(line.get_xydata(), dtype=np.float64).T) for line in lines])
    gap = min(0.085, 1.0 / max(len(lines), 1))
    order = np.argsort(-ends, kind="stable")
    # From the top down, each as near to its curve as those above it leave room; then up again from below.
    places = np.minimum(np.minimum.accumulate(ends[order] + gap * np.arange(len(order))), 1.0)
    places -= gap * np.arange(len(order))
    lowest = gap / 2.0 + gap * np.arange(len(order))[::-1]
    for k, place in zip(order, np.maximum(places, lowest), strict=True):
        line = lines[k]
        colour = line.get_color()
        for x, y, width, style in (((1.0, 1.03), (ends[k], place), 0.6, "-"),
                                   ((1.03, 1.085), (place, place), 1.8, line_style(int(k))[1])):  # fmt: skip
            axes.plot(x, y, color=colour, linewidth=width, linestyle=style, clip_on=False,
                      transform=axes.transAxes)  # fmt: skip
        axes.text(1.095, place, str(line.get_label()), transform=axes.transAxes, va="center", fontsize=8.0,
                  linespacing=1.1)  # fmt: skip


def date_axes(axes: Axes) -> None:
    """Write the ticks of an axis of dates as months, where dates are written so."""
    if date_style() is not DateStyle.MONTH:
        return
    for axis in (axes.xaxis, axes.yaxis):
        text = axis.get_label_text()
        if text == "date" or (text.startswith("Calendar date") and text.endswith(" (year)")):
            axis.set_label_text(text.removesuffix(" (year)"))
            axis.set_major_formatter(FuncFormatter(lambda x, _: month(x)))
            if axis is axes.xaxis:
                axes.tick_params(axis="x", labelrotation=30.0)


def heading(axes: Axes, title: str, *, columns: int = 4) -> None:
    """Write the title, and the legend in rows between it and the axes, where it hides nothing."""
    handles, _ = axes.get_legend_handles_labels()
    rows = -(-len(handles) // columns)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=columns, borderaxespad=0.2,
        borderpad=0.1, columnspacing=1.4, handlelength=2.2, labelspacing=0.3,
    )  # fmt: skip
    axes.set_title(title, pad=8.0 + 13.5 * rows)


#: Percentiles of a fan, in the order that `draw_bands` takes.
FAN = (5.0, 25.0, 50.0, 75.0, 95.0)
