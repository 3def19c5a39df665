"""Published forecasts for the figure of all of them: one repeated by a run, one with a bound, one alone."""

from __future__ import annotations

import xarray as xr

import timecone as tc
from timecone.forecasts import Forecast
from timecone.plots.forecasts import Repeated


def repeated(run: xr.DataTree) -> list[Repeated]:
    """Return three forecasts, the first beside the distribution function of the run's milestone ``half``."""
    long = (
        "a milestone whose definition is long, because its author says at length what counts and what does"
        " not, so that it does not fit into the lines that stand above a panel"
    )
    one = Forecast(
        "One 2025", "2025-04-30", "half way", "model", "a test", {10.0: "2031", 50.0: "2040"}, {}, line=True
    )
    two = Forecast(
        "Two 2026",
        "2026-01",
        long,
        "survey",
        "a test",
        {10.0: "2033", 90.0: ">2100"},
        {2050.0: 0.4},
        line=False,
    )
    three = Forecast(
        "Three 2026", "2026", "the same", "market", "a test", {}, {2030.0: 0.1, 2061.0: 0.7}, line=False
    )
    curve = tc.cdf(run, "half")
    return [Repeated(one, curve, str(run.attrs["run_id"])), Repeated(two), Repeated(three)]
