"""The house style: colours that survive colour-blindness and grey print, units on every axis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import xarray as xr
from matplotlib.axes import Axes

from timecone.errors import OutputError
from timecone.results.tables import accounts

# Okabe & Ito 2008, ordered so that neighbours also differ in lightness; with it a line style each.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))

_SETTINGS: Any = {
    "font.size": 10.0,
    "axes.titlesize": 11.0,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "0.9",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "timecone",
}


@contextmanager
def house() -> Iterator[None]:
    """Draw in the house style."""
    with mpl.rc_context(_SETTINGS):
        yield


def new_axes(axes: Axes | None, *, size: tuple[float, float] = (7.0, 4.4)) -> Axes:
    """Return the given axes, or those of a new pyplot figure, which notebooks show by themselves."""
    if axes is not None:
        return axes
    # pyplot settles on a backend when imported, and only some callers draw.
    from matplotlib import pyplot as plt  # noqa: PLC0415

    return plt.subplots(figsize=size, layout="constrained")[1]


def caption(axes: Axes, run: xr.DataTree, text: str) -> None:
    """Write below the axes what the figure is conditional on and which run it shows."""
    counted = accounts(run)["counted"]
    note = f"{text} {counted:,} draws counted of {int(run.attrs['draws']):,}; run {run.attrs['run_id']}."
    axes.annotate(
        note,
        xy=(0.0, 0.0),
        xycoords="axes fraction",
        xytext=(0.0, -38.0),
        textcoords="offset points",
        fontsize=7.5,
        color="0.35",
        va="top",
        annotation_clip=False,
    )


def save(axes: Axes, path: str | Path, run: xr.DataTree) -> Path:
    """Write a figure with the run's identity in its metadata; the suffix gives the format.

    Raises
    ------
    OutputError
        The file cannot be written, or the format is unknown.
    """
    path = Path(path)
    figure = axes.get_figure(root=True)
    assert figure is not None
    key = {".png": "Description", ".svg": "Description", ".pdf": "Subject"}.get(path.suffix)
    if key is None:
        raise OutputError("unknown figure format", where=str(path), got=path.suffix,
                          allowed=".png, .svg or .pdf")  # fmt: skip
    identity = f"timecone run {run.attrs['run_id']}"
    date = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix, {})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with house():  # its salt makes the same figure the same file
            figure.savefig(path, dpi=160, metadata={key: identity, **date})
    except OSError as error:
        raise OutputError(f"cannot be written ({error.strerror})", where=str(path)) from None
    return path
