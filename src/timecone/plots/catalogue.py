"""Figures that a run has the numbers for, chosen by what its model gives and not by any name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import xarray as xr

from timecone.plots.cdf import cdf, duration
from timecone.plots.decomposition import decomposition
from timecone.plots.density import density
from timecone.plots.fan import fan
from timecone.plots.figure import Figure
from timecone.plots.inputs import inputs
from timecone.plots.joint import joint
from timecone.plots.threshold import threshold
from timecone.results.run_file.access import durations, group
from timecone.schema import FACTORS, FAN_OF, MAIN_OBSERVABLE, PATHS, SUMMARY, THRESHOLD


@dataclass(frozen=True)
class Drawing:
    """A figure of one run.

    Attributes
    ----------
    name, title : str
        Key, and what it shows.
    draw : callable
        Draws it from a run.
    """

    name: str
    title: str
    draw: Callable[[xr.DataTree], Figure]


def has_paths(run: xr.DataTree) -> bool:
    """Return whether a run stores trajectories."""
    return group(run, PATHS).sizes.get("path", 0) > 0


def drawings(run: xr.DataTree) -> tuple[Drawing, ...]:
    """Return the figures that show a run, the main ones first.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("configs/open_loop.toml"), draws=1000, seed=1, paths=0)
    >>> [drawing.name for drawing in drawings(run)]
    ['cdf', 'density', 'threshold', 'duration', 'joint', 'inputs']
    """
    made = [
        Drawing("cdf", "Probability of each milestone's arrival before a date", cdf),
        Drawing("density", "When the milestone arrives: share of draws by year", density),
    ]
    if main := str(run.attrs.get(MAIN_OBSERVABLE, "")):
        summary = group(run, SUMMARY)
        about = summary[FAN_OF + main].attrs if FAN_OF + main in summary else {THRESHOLD: "unknown"}
        name = str(about.get("long_name", main))
        made.append(
            Drawing("threshold", f"{name} over time against what is required", threshold)
            if about.get(THRESHOLD)
            else Drawing("fan", f"{name} over time", fan)
        )
    if durations(run):
        made += [
            Drawing("duration", "Probability of a shorter duration", duration),
            Drawing("joint", "Arrival and duration together", joint),
        ]
    if run.attrs.get(FACTORS) and has_paths(run):
        made.append(Drawing("decomposition", "Growth by factor", decomposition))
    return (*made, Drawing("inputs", "Distribution of every uncertain input, as drawn", inputs))
