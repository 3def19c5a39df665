"""Published forecasts as points of a distribution function, to be drawn beside a run's.

They forecast other milestones than the run does, so each is named with its milestone and date. Numbers are as
their authors state them; what has neither percentiles nor probabilities by year is not in the table.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.spatial import cKDTree

from timecone.plots.labels import dense_line, place_labels
from timecone.plots.style import line_style

_PERCENTILES = (10, 50, 90)
_YEARS = (2030, 2050, 2100)
_WIDTH = 0.9
# The curves of the run come first in the order of styles.
_FIRST_STYLE = 1


@cache
def published_forecasts() -> pd.DataFrame:
    """Return the published forecasts: a row each, NaN where an author states no number."""
    with resources.files("timecone.plots").joinpath("published.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype={"date": str})


def points(row: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return dates and probabilities of a forecast: its percentiles, and between them what it states by year.

    By the end of a year means before the next. A probability by year that, because of rounding, does
    not lie between its neighbours is left out.
    """
    stated = {float(row[f"p{p}"]): p / 100.0 for p in _PERCENTILES if np.isfinite(row[f"p{p}"])}
    for year in _YEARS:
        date, share = year + 1.0, float(row[f"by_{year}"])
        earlier = [level for known, level in stated.items() if known < date]
        later = [level for known, level in stated.items() if known > date]
        between = max(earlier, default=0.0) < share < min(later, default=1.0)
        if np.isfinite(share) and date not in stated and between:
            stated[date] = share
    order = sorted(stated)
    return np.array(order), np.array([stated[date] for date in order])


def draw_published(axes: Axes) -> pd.DataFrame:
    """Draw the published forecasts as thin lines with points; return the points that are drawn."""
    frames = []
    for k, (_, row) in enumerate(published_forecasts().iterrows(), _FIRST_STYLE):
        date, share = points(row)
        colour, style = line_style(k)
        axes.plot(
            date,
            share,
            color=colour,
            linestyle=style,
            linewidth=_WIDTH,
            marker="o",
            markersize=2.6,
            label=f"_{row['forecast']}",
            zorder=1.8,
        )
        frames.append(pd.DataFrame({"curve": row["forecast"], "date": date, "probability": share}))
    return pd.concat(frames, ignore_index=True)


def label_published(axes: Axes) -> None:
    """Write the name of each published forecast beside it, once the figure is laid out."""
    lines = {str(line.get_label()): line for line in axes.lines}
    low, high = axes.get_xlim()
    along, colours = {}, {}
    for name in published_forecasts()["forecast"]:
        line = lines[f"_{name}"]
        places = dense_line(axes, line.get_xydata())
        date = axes.transData.inverted().transform(places)[:, 0]
        if (inside := (date > low) & (date < high)).any():
            along[name], colours[name] = places[inside], str(line.get_color())
    anchors = []
    for name, places in along.items():
        # Where the line lies farthest from the others.
        others = np.concatenate([part for key, part in along.items() if key != name])
        apart = cKDTree(others).query(places)[0]
        place = places[int(np.argmax(apart))]
        anchors.append(tuple(axes.transData.inverted().transform(place).tolist()))
    place_labels(axes, [*along], anchors, [*colours.values()])


def published_words() -> str:
    """Return the sentence of a caption that says what the published forecasts are of."""
    parts = [f"{row.forecast}: {row.milestone}, {row.date}" for row in published_forecasts().itertuples()]
    return (
        "Thin lines and points: published forecasts, whose milestones differ from the run's"
        f" ({'; '.join(parts)}); straight lines join the percentiles and probabilities that their"
        " authors state."
    )
