"""Figures of runs. Each returns its Axes and changes no global settings.

>>> import timecone as tc
>>> axes = tc.plots.cdf(run)  # doctest: +SKIP
"""

from __future__ import annotations

from timecone.plots.cdf import cdf, takeoff
from timecone.plots.fan import fan
from timecone.plots.inputs import inputs
from timecone.plots.style import save

__all__ = ["cdf", "fan", "inputs", "save", "takeoff"]
