"""Heat map of a sweep over two parameters."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from timecone.errors import ArgumentError
from timecone.plots.figure import Figure, write_caption
from timecone.plots.style import house, new_axes
from timecone.results.tables.rounding import date, probability

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
        raise ArgumentError("a heat map shows two parameters", where="swept", got=", ".join(names))
    if by is not None and by not in swept["year"].values:
        raise ArgumentError("the sweep has no such year", where="by", got=by,
                            allowed=", ".join(map(str, swept["year"].values)))  # fmt: skip
    if by is None and 50.0 not in swept["percentile"].values:  # noqa: PLR2004 - the median
        raise ArgumentError("the sweep has no median", where="swept")
    key, at = ("value", {"percentile": 50.0}) if by is None else ("probability", {"year": by})
    parts = {
        end: swept[f"{key}{end}"].sel(at).transpose(*names) for end in ("", "_lower", "_upper", "_error")
    }
    with house():
        return _draw(swept, names, parts, by, axes)


def _draw(
    swept: xr.Dataset, names: list[str], parts: dict[str, xr.DataArray], by: int | None, axes: Axes | None
) -> Figure:
    own = axes is None
    axes = new_axes(axes, size=(7.6, 5.4))
    values, errors = parts[""].values, parts["_error"].values
    last, start = float(swept.attrs["horizon"]), float(swept.attrs["start"])
    drawn = np.minimum(values, last)
    axes.grid(visible=False)
    image = axes.imshow(drawn.T, origin="lower", aspect="auto", cmap=_COLOUR_MAP)
    low, high = float(drawn.min()), float(drawn.max())
    for i, j in np.ndindex(values.shape):
        dark = high > low and (drawn[i, j] - low) / (high - low) > _DARK
        text = (
            probability(float(values[i, j]), float(errors[i, j])) if by is not None
            else date(float(values[i, j]), float(errors[i, j]), start=start, horizon=last)
        )  # fmt: skip
        error = f"\n±{errors[i, j]:.2g}" if np.isfinite(errors[i, j]) else ""
        axes.text(
            i, j, text + error, ha="center", va="center", fontsize=7.5, color="white" if dark else "0.1"
        )
    if min(values.shape) > 1 and high > low:
        axes.contour(drawn.T, levels=5, colors="0.35", linewidths=0.8, linestyles="--")
    marks = [[f"{v:g}" for v in swept[name].values] for name in names]
    labels = [f"{name} ({swept[name].attrs.get('units', '')})" for name in names]
    axes.set_xticks(range(len(marks[0])), marks[0])
    axes.set_yticks(range(len(marks[1])), marks[1])
    axes.set(xlabel=labels[0], ylabel=labels[1])
    asked = (
        f"P({swept.attrs['quantity']} by {by})" if by is not None else f"median of {swept.attrs['quantity']}"
    )
    axes.set_title(f"{asked}, {swept.attrs['scenario']}", loc="left")
    axes.figure.colorbar(image, ax=axes, label="probability" if by is not None else "date")
    table = xr.Dataset(
        {
            "value": parts[""],
            "lower": parts["_lower"],
            "upper": parts["_upper"],
            "standard_error": parts["_error"],
        },
    ).drop_vars(["year", "percentile"], errors="ignore")
    words = (
        f"{asked} with its standard error at each point, {int(swept.attrs['draws']):,} draws each, "
        f"seed {swept.attrs['seed']} at all points. Dashed: contour lines. Monte Carlo error only."
    )  # fmt: skip
    figure = Figure(
        (axes,), table.to_dataframe().reset_index(), words, (str(swept.attrs["scenario"]),), "sweep"
    )
    return write_caption(figure, own=own)
