"""Labels of points that keep clear of each other: each as near to its point as the earlier ones allow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

_SIZE = 7.0
# Candidate places round a point, in points of the page: rings of growing radius.
_RADII = tuple(range(8, 260, 6))
_DIRECTIONS = 24
_GAP = 1.5
_ON_CURVE = 12.0


def place_labels(
    axes: Axes, texts: Sequence[str], anchors: Sequence[tuple[float, float]], colours: Sequence[str]
) -> None:
    """Write texts beside points, inside the axes, without overlap, each joined to its point by a thin line.

    Parameters
    ----------
    axes : Axes
        Of a figure that is laid out: labels move no axes.
    texts : sequence of str
        Labels.
    anchors : sequence of (float, float)
        Points, in data coordinates.
    colours : sequence of str
        Of the labels' lines.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()  # the layout settles the axes
    scale = figure.dpi / 72.0
    frame = axes.get_window_extent()
    curves = np.concatenate([dense_line(axes, line.get_xydata()) for line in axes.lines])
    taken: list[Bbox] = []
    for text, anchor, colour in sorted(zip(texts, anchors, colours, strict=True), key=lambda item: item[1]):
        size = _size(axes, text)
        centre = np.asarray(axes.transData.transform(anchor))
        best, cost = None, np.inf
        for place in _places():
            if float(np.hypot(*place)) >= cost:
                continue
            box = Bbox.from_bounds(*(centre + place * scale - size / 2.0), *size).padded(_GAP * scale)
            if not _contains(frame, box) or any(box.overlaps(other) for other in taken):
                continue
            inside = (curves > box.min) & (curves < box.max)
            # A place on a curve is worse than one some points of the page away from it.
            price = float(np.hypot(*place)) + _ON_CURVE * min(int(inside.all(axis=1).sum()), 4)
            if price < cost:
                best, cost = (place, box), price
        if best is None:
            continue
        place, box = best
        taken.append(box)
        label = axes.annotate(
            text,
            anchor,
            xytext=(float(place[0]), float(place[1])),
            textcoords="offset points",
            fontsize=_SIZE,
            ha="center",
            va="center",
            zorder=3.0,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.5, "shrinkA": 0.0, "shrinkB": 1.5},
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.5},
        )
        label.set_in_layout(False)


def _size(axes: Axes, text: str) -> np.ndarray:
    """Return width and height of a label in pixels."""
    label = axes.text(0.0, 0.0, text, fontsize=_SIZE)
    size = np.array(label.get_window_extent().size)
    label.remove()
    return size


def _places() -> np.ndarray:
    """Return candidate places, the nearest first, shape (places, 2)."""
    angles = np.linspace(0.0, 2.0 * np.pi, _DIRECTIONS, endpoint=False)
    rings = [radius * np.column_stack([1.6 * np.cos(angles), np.sin(angles)]) for radius in _RADII]
    return np.concatenate(rings)


def _contains(frame: Bbox, box: Bbox) -> bool:
    return bool(frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1)


def dense_line(axes: Axes, points: Any) -> np.ndarray:
    """Return points along a line in pixels, close enough that no label fits between two of them."""
    corners = axes.transData.transform(np.asarray(points, dtype=np.float64))
    parts = [corners[:1]]
    for first, last in pairwise(corners):
        steps = max(int(np.hypot(*(last - first)) / 4.0), 1)
        parts.append(first + (last - first) * np.linspace(0.0, 1.0, steps + 1)[1:, None])
    return np.concatenate(parts)
