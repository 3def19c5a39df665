"""Published forecasts as points of a distribution function, to be drawn beside a run's or beside ours.

They forecast other milestones than the run does, so each is named with its milestone and date. Numbers are as
their authors state them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.spatial import cKDTree

from timecone.forecasts import Forecast, published_forecasts
from timecone.plots.labels import dense_line, place_labels
from timecone.plots.style import line_style

#: What a caption says of the published forecasts.
PUBLISHED = "Thin lines and points: published forecasts, whose milestones differ."
_WIDTH = 0.9
# The curves of the run come first in the order of styles.
_FIRST_STYLE = 1


def lines() -> list[Forecast]:
    """Return the published forecasts that are drawn beside a run's curves."""
    return [forecast for forecast in published_forecasts() if forecast.line]


def draw_published(axes: Axes) -> pd.DataFrame:
    """Draw the published forecasts as thin lines with points; return the points that are drawn."""
    frames = []
    for k, forecast in enumerate(lines(), _FIRST_STYLE):
        date, share = forecast.points()
        colour, style = line_style(k)
        axes.plot(
            date,
            share,
            color=colour,
            linestyle=style,
            linewidth=_WIDTH,
            marker="o",
            markersize=2.6,
            label=f"_{forecast.name}",
            zorder=1.8,
        )
        frames.append(pd.DataFrame({"curve": forecast.name, "date": date, "probability": share}))
    return pd.concat(frames, ignore_index=True)


def label_published(axes: Axes) -> None:
    """Write the name of each published forecast beside it, once the figure is laid out."""
    drawn = {str(line.get_label()): line for line in axes.lines}
    low, high = axes.get_xlim()
    along, colours = {}, {}
    for name in (forecast.name for forecast in lines()):
        line = drawn[f"_{name}"]
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
    """Return the milestone and date of each published forecast, in sentences."""
    parts = [f"{forecast.name}: {forecast.milestone}, {forecast.date}" for forecast in lines()]
    return (
        f"Milestones of the published forecasts: {'; '.join(parts)}. Straight lines join the percentiles and"
        " probabilities that their authors state."
    )
