"""Distribution functions of published forecasts and ours, as the figure of all of them takes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from timecone.forecasts import not_simulated, published_forecasts
from timecone.plots.forecasts import Repeated
from timecone.published.comparison import ForecastComparison

_FEWEST_POINTS = 2


def repeated(comparisons: Sequence[ForecastComparison], *, whole: bool) -> list[Repeated]:
    """Return the forecasts that can be drawn, each with our distribution function, in the order of dates.

    Parameters
    ----------
    comparisons : sequence of ForecastComparison
        Forecasts that were repeated; those about no date are left out, and those of a single date, which have
        no distribution.
    whole : bool
        Whether forecasts that are not simulated are drawn too: those with two points at least.
    """
    by_file = {forecast.file: forecast for forecast in published_forecasts() if forecast.file}
    drawn = [
        Repeated(by_file[each.file.name], each.curve, each.run_id)
        for each in comparisons
        if each.curve is not None and each.file.name in by_file and not _is_single_date(each.curve)
    ]
    if whole:
        drawn += [Repeated(f) for f in not_simulated() if f.points()[0].size >= _FEWEST_POINTS]
    return sorted(drawn, key=lambda each: each.forecast.date)


def _is_single_date(curve: xr.DataArray) -> bool:
    """Return whether all draws arrive at the same date."""
    return bool(np.isin(curve.values, (0.0, 1.0)).all())
