"""A drawn figure: its axes, the numbers in it, its caption, and the runs that they come from."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.font_manager import findfont, get_font

from timecone.errors import OutputError
from timecone.files import write_file
from timecone.plots.style import FONT, date_axes, house
from timecone.results.run_file.accounts import accounts

_FONT_SIZE = 7.5
# Characters of the conditions below a figure; the notes have all of them.
_SHORT = 90
_BELOW_AXES = -50.0


@dataclass(frozen=True, eq=False, repr=False)
class Figure:
    """A drawn figure.

    Attributes
    ----------
    axes : tuple of Axes
        Its panels, the main one first.
    table : DataFrame
        The numbers that are drawn, tidy: one row per point, bar or cell.
    caption : str
        The text below it: how to read it, then `source`.
    run_ids : tuple of str
        The runs, fits or back-tests that it shows.
    of : str, default: "run"
        What these are.
    source : str
        End of the caption: number of draws, runs, and the beginning of the conditions.
    notes : str
        Small print that is not drawn: definitions, removed draws, all conditions.
    alt : str
        Description with the main numbers, for readers who cannot see the figure.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
    >>> figure = tc.plots.cdf(run)
    >>> figure.table.columns.tolist()[:3]
    ['curve', 'date', 'probability']
    >>> figure.close()
    """

    axes: tuple[Axes, ...]
    table: pd.DataFrame
    caption: str
    run_ids: tuple[str, ...]
    of: str = "run"
    source: str = ""
    notes: str = ""
    alt: str = ""

    def __repr__(self) -> str:
        """Say what it shows."""
        return f"<figure of {self.of} {', '.join(self.run_ids)}: {len(self.table)} rows>"

    @property
    def figure(self) -> mpl.figure.Figure:
        """The matplotlib figure that the axes belong to."""
        root = self.axes[0].get_figure(root=True)
        assert root is not None
        return root

    def save(self, path: str | Path) -> Path:
        """Write the figure; the suffix gives the format.

        The file's metadata hold the runs' identity, the caption, the notes and the alternative text. An SVG
        file has the alternative text as its label, its text as text, and a PDF file embeds TrueType fonts.

        Parameters
        ----------
        path : str or Path
            The file, for instance with the suffix ``.png``, ``.svg`` or ``.pdf``.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        OutputError
            The file cannot be written, or the format is unknown.

        Examples
        --------
        >>> import timecone as tc
        >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
        >>> figure = tc.plots.cdf(run)
        >>> figure.save("arrival.svg").name
        'arrival.svg'
        >>> figure.close()
        """
        path = Path(path)
        key = {".png": "Description", ".svg": "Description", ".pdf": "Subject"}.get(path.suffix)
        if key is None:
            raise OutputError(
                "unknown-figure-format",
                "unknown figure format",
                where=str(path),
                got=path.suffix,
                allowed=".png, .svg or .pdf",
            )
        identity = f"timecone {self.of} {', '.join(self.run_ids)}"
        about = "\n".join(filter(None, (identity, self.caption, self.notes, self.alt)))
        date = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix, {})
        # Read as bytes, not as a view: CPython 3.12.1 crashed when it collected a view after a failure.
        content = io.BytesIO()
        with house():  # its salt makes the same figure the same file
            self.figure.savefig(content, format=path.suffix[1:], dpi=160, metadata={key: about, **date})
        drawn = content.getvalue()
        return write_file(path, labelled(drawn, self.alt) if path.suffix == ".svg" else drawn)

    def save_table(self, path: str | Path) -> Path:
        """Write the numbers that are drawn as CSV.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        OutputError
            The file cannot be written.

        Examples
        --------
        >>> import timecone as tc
        >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
        >>> figure = tc.plots.cdf(run)
        >>> figure.save_table("arrival.csv").name
        'arrival.csv'
        >>> figure.close()
        """
        return write_file(path, self.table.to_csv(index=False))

    def close(self) -> None:
        """Close the figure, so that pyplot releases it.

        Examples
        --------
        >>> import timecone as tc
        >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
        >>> tc.plots.cdf(run).close()
        """
        from matplotlib import pyplot as plt  # noqa: PLC0415 - it settles on a backend when imported

        plt.close(self.figure)


def labelled(svg: bytes, alt: str) -> bytes:
    """Return a drawing that screen readers announce as one image with this description."""
    label = f'<svg role="img" aria-label="{escape(alt)}" '.encode()
    return svg.replace(b"<svg ", label, 1) if alt else svg


def finish(
    axes: Sequence[Axes],
    runs: xr.DataTree | Mapping[str, xr.DataTree],
    table: pd.DataFrame,
    text: str,
    *,
    notes: str = "",
    alt: str = "",
    own: bool = True,
) -> Figure:
    """Write the caption and return the figure.

    Parameters
    ----------
    axes : sequence of Axes
        The panels.
    runs : DataTree or mapping of str to DataTree
        The runs that are drawn.
    table : DataFrame
        The numbers that are drawn.
    text : str
        How to read the figure, in one or two sentences.
    notes : str
        Small print, which is kept with the figure and not drawn.
    alt : str
        The main numbers, for readers who cannot see the figure.
    own : bool
        Whether the whole figure is ours, so that the caption stands at its foot; else it stands below the
        first of the axes.
    """
    named = {str(runs.attrs["name"]): runs} if isinstance(runs, xr.DataTree) else runs
    source = _source(named)
    small_print = " ".join(filter(None, (notes.strip(), _provenance(named))))
    ids = tuple(str(run.attrs["run_id"]) for run in named.values())
    figure = Figure(
        tuple(axes),
        table,
        f"{text.strip()} {source}",
        ids,
        source=source,
        notes=small_print,
        alt=alt.strip(),
    )
    return write_caption(figure, own=own)


def write_caption(figure: Figure, *, own: bool = True) -> Figure:
    """Write a figure's caption at its foot, or below its first axes if the figure is not ours as a whole."""
    for axes in figure.axes:
        date_axes(axes)
    first, caption = figure.axes[0], figure.caption
    width = figure.figure.get_figwidth() * 72.0
    if own:
        figure.figure.supxlabel(
            _wrapped(caption, width - 16.0), x=0.01, ha="left", fontsize=_FONT_SIZE, color="0.35"
        )
    else:
        width *= first.get_position().width
        first.annotate(
            _wrapped(caption, width), xy=(0.0, 0.0), xycoords="axes fraction", xytext=(0.0, _BELOW_AXES),
            textcoords="offset points", fontsize=_FONT_SIZE, color="0.35", va="top", annotation_clip=False,
        )  # fmt: skip
    return figure


def _wrapped(text: str, points: float) -> str:
    """Break a text into lines no wider than this, as measured in the font of the house."""
    font = get_font(findfont(FONT))
    font.set_size(_FONT_SIZE, 72)

    def width(line: str) -> float:
        font.set_text(line)
        return float(font.get_width_height()[0]) / 64.0

    words, lines, first, count = text.split(), [], 0, 1
    while first < len(words):
        # Lines hold similar numbers of words: the search begins with the number in the line before.
        while first + count < len(words) and width(" ".join(words[first : first + count + 1])) <= points:
            count += 1
        while count > 1 and width(" ".join(words[first : first + count])) > points:
            count -= 1
        lines.append(" ".join(words[first : first + count]))
        first += count
    return "\n".join(lines)


def _source(runs: Mapping[str, xr.DataTree]) -> str:
    """Return draws and identity of runs, and the beginning of their conditions if these are the same."""
    conditions = {" ".join(str(run.attrs["conditions"]).split()) for run in runs.values()}
    short = (
        f"Conditions: {textwrap.shorten(conditions.pop(), _SHORT, placeholder=' …')}"
        if len(conditions) == 1
        else "Each run has its own conditions."
    )
    if len(runs) == 1:
        (run,) = runs.values()
        return f"{_counted(run)}; run {run.attrs['run_id']}. {short}"
    each = [f"{name}: {_counted(run)}, run {run.attrs['run_id']}" for name, run in runs.items()]
    return f"{'; '.join(each)}. {short}"


def _counted(run: xr.DataTree) -> str:
    counts = accounts(run)
    failed = f" ({counts['failed']:,} failed)" if counts.get("failed") else ""
    return f"{counts['counted']:,} draws{failed}"


def _provenance(runs: Mapping[str, xr.DataTree]) -> str:
    """Return draws, identity and all conditions of runs."""
    conditions = [" ".join(str(run.attrs["conditions"]).split()) for run in runs.values()]
    draws = [f"{_draws(run)}; run {run.attrs['run_id']}." for run in runs.values()]
    if len(runs) == 1:
        return f"{draws[0]} Conditions: {conditions[0]}"
    parts = [f"{name}: {account}" for name, account in zip(runs, draws, strict=True)]
    if len(set(conditions)) == 1:
        parts.append(f"Conditions of all: {conditions[0]}")
    else:
        parts += [f"Conditions of {name}: {text}" for name, text in zip(runs, conditions, strict=True)]
    return " ".join(parts)


def _draws(run: xr.DataTree) -> str:
    counts = accounts(run)
    aside = [
        f"{counts[key]:,} {reason}"
        for key, reason in (
            ("removed_not_yet", "removed by the not-yet rule"),
            ("removed_evidence", "removed by the evidence"),
            ("failed", "failed"),
        )
        if counts.get(key)
    ]
    text = f"{counts['counted']:,} draws counted of {int(run.attrs['draws']):,}"
    return text + (f" ({', '.join(aside)})" if aside else "")
