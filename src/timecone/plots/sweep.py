"""Heat map of a sweep over two parameters."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patheffects import Normal, Stroke

from timecone.errors import ArgumentError
from timecone.plots import alt_text
from timecone.plots.figure import Figure, write_caption
from timecone.plots.style import house, new_axes
from timecone.results.tables.names import plain_name
from timecone.results.tables.sweep import SweptStatistic, name_of_axis, swept_statistic

# One hue from a pale tint to nearly black, so that grey says the same.
_COLOUR_MAP = ListedColormap(colormaps["Blues"](np.linspace(0.1, 0.95, 256)))
_DARK = 0.6


def heat_map(swept: xr.Dataset, *, by: int | None = None, axes: Axes | None = None) -> Figure:
    """Draw the probability by a year, or the median, at each point of a sweep over two parameters.

    Parameters
    ----------
    swept : Dataset
        As `timecone.sweep` gives it.
    by : int, optional
        The year whose probability is drawn; the median date by default.
    axes : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Figure
        A cell for each point, with the number and its standard error; contour lines where both parameters
        have two values or more. Table: both parameters, value, lower, upper, standard_error.

    Raises
    ------
    ArgumentError
        The sweep is of one parameter, or has no such year.

    Examples
    --------
    >>> import timecone as tc
    >>> values = {"deployment.delay": [1.0, 4.0], "hardware.doubling_time": [2.0, 3.0]}
    >>> figure = tc.plots.heat_map(tc.sweep(tc.load("baseline"), values, draws=2000), by=2040)
    >>> len(figure.table)
    4
    >>> figure.close()
    """
    names = [str(dim) for dim in swept["probability"].dims if dim != "year"]
    if len(names) != 2:  # noqa: PLR2004 - the two axes of a map
        raise ArgumentError(
            "heat-map-parameter-count", "a heat map needs two parameters", where="swept", got=", ".join(names)
        )
    statistic = swept_statistic(swept, by)
    with house():
        return _draw(swept, statistic, axes)


def _draw(swept: xr.Dataset, statistic: SweptStatistic, axes: Axes | None) -> Figure:
    own = axes is None
    axes = new_axes(axes, size=(7.6, 5.4))
    asked, write, points = statistic
    values, errors = points["value"].values, points["standard_error"].values
    drawn = np.minimum(values, float(swept.attrs["horizon"]))
    axes.grid(visible=False)
    image = axes.imshow(drawn.T, origin="lower", aspect="auto", cmap=_COLOUR_MAP)
    low, high = float(drawn.min()), float(drawn.max())
    contours = None
    if min(values.shape) > 1 and high > low:
        contours = axes.contour(drawn.T, levels=5, colors="0.1", linewidths=1.0, linestyles="--")
        # A pale rim keeps the lines apart from dark cells.
        contours.set_path_effects([Stroke(linewidth=2.2, foreground="white", alpha=0.7), Normal()])
    for i, j in np.ndindex(values.shape):
        dark = high > low and (drawn[i, j] - low) / (high - low) > _DARK
        error = f"\n±{errors[i, j]:.2g}" if np.isfinite(errors[i, j]) else ""
        text = write(float(values[i, j]), float(errors[i, j])) + error
        box = {"facecolor": image.cmap(image.norm(drawn[i, j])), "edgecolor": "none", "pad": 2.0}
        colour = "white" if dark else "0.1"
        axes.text(i, j, text, ha="center", va="center", fontsize=7.5, color=colour, bbox=box)
    names = [str(dim) for dim in points.dims]
    for axis, name in zip((axes.xaxis, axes.yaxis), names, strict=True):
        axis.set_ticks(range(swept.sizes[name]), [f"{value:g}" for value in swept[name].values])
        axis.set_label_text(plain_name(name_of_axis(swept, name)))
    axes.set_title(f"{asked}, {swept.attrs['scenario']}", loc="left")
    bar = axes.figure.colorbar(image, ax=axes, label="probability" if asked.startswith("P(") else "date")
    if contours is not None:
        bar.add_lines(contours)
    source = f"{int(swept.attrs['draws']):,} draws each, seed {swept.attrs['seed']}."
    caption = f"{asked} with its standard error; dashed: contour lines. {source}"
    notes = "All points have the same random numbers. Errors are Monte Carlo errors, not model errors."
    table = points.to_dataframe().reset_index()
    cells = [
        (
            ", ".join(f"{plain_name(name)} {row[name]:g}" for name in names),
            write(row["value"], row["standard_error"]),
        )
        for row in table.to_dict("records")
    ]
    alt = alt_text.of_rows(asked, cells)
    scenario = str(swept.attrs["scenario"])
    figure = Figure((axes,), table, caption, (scenario,), "sweep", source=source, notes=notes, alt=alt)
    return write_caption(figure, own=own)
