"""Descriptive trends: growth and its eras, the frontier, yearly extremes, errors of measurement."""

from __future__ import annotations

from timecone.history.trends.completeness import Completeness, complete_until
from timecone.history.trends.eras import ChangePoint, change_point, eras
from timecone.history.trends.extremes import ExtremeTrend, extreme_trend, yearly_maxima
from timecone.history.trends.frontier import flagged, records_at_release, top_at_release
from timecone.history.trends.growth import Growth, growth
from timecone.history.trends.measurement import measurement_sd
from timecone.history.trends.series import Series, series
from timecone.history.trends.truncation import Truncation, truncated_below

__all__ = [
    "ChangePoint",
    "Completeness",
    "ExtremeTrend",
    "Growth",
    "Series",
    "Truncation",
    "change_point",
    "complete_until",
    "eras",
    "extreme_trend",
    "flagged",
    "growth",
    "measurement_sd",
    "records_at_release",
    "series",
    "top_at_release",
    "truncated_below",
    "yearly_maxima",
]
