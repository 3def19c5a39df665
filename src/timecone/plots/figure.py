"""A drawn figure: its axes, the numbers in it, its caption, and the runs that they come from."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
# Of each run's conditions, where several runs have different ones.
_SHORT = 220
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
        What it shows, how many draws it rests on, the runs' identity and conditions.
    run_ids : tuple of str
        The runs, fits or back-tests that it shows.
    of : str, default: "run"
        What these are.

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
        """Write it with the runs' identity in its metadata; the suffix gives the format.

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
        date = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix, {})
        # Read as bytes, not as a view: CPython 3.12.1 crashed when it collected a view after a failure.
        content = io.BytesIO()
        with house():  # its salt makes the same figure the same file
            self.figure.savefig(content, format=path.suffix[1:], dpi=160, metadata={key: identity, **date})
        return write_file(path, content.getvalue())

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


def finish(
    axes: Sequence[Axes],
    runs: xr.DataTree | Mapping[str, xr.DataTree],
    table: pd.DataFrame,
    text: str,
    *,
    own: bool = True,
) -> Figure:
    """Write the caption and return the figure.

    ``own`` says that the figure is ours as a whole, so that the caption stands at its foot; else it stands
    below the first of the axes.
    """
    named = {str(runs.attrs["name"]): runs} if isinstance(runs, xr.DataTree) else runs
    caption = f"{text.strip()} {_provenance(named)}"
    ids = tuple(str(run.attrs["run_id"]) for run in named.values())
    return write_caption(Figure(tuple(axes), table, caption, ids), own=own)


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


def _provenance(runs: Mapping[str, xr.DataTree]) -> str:
    """Return draws, identity and conditions of runs."""
    conditions = [" ".join(str(run.attrs["conditions"]).split()) for run in runs.values()]
    draws = [f"{_draws(run)}; run {run.attrs['run_id']}." for run in runs.values()]
    if len(runs) == 1:
        return f"{draws[0]} Conditions: {conditions[0]}"
    parts = [f"{name}: {account}" for name, account in zip(runs, draws, strict=True)]
    if len(set(conditions)) == 1:
        parts.append(f"Conditions of all: {conditions[0]}")
    else:
        short = (textwrap.shorten(text, _SHORT, placeholder=" …") for text in conditions)
        parts += [f"Conditions of {name}: {condition}" for name, condition in zip(runs, short, strict=True)]
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
