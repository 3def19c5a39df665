"""Every draw can be recomputed from the inputs that its run stores, the times of random events included."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from calculator import calculator, formula, point
from timecone.models.compute import parameters as table
from timecone.models.compute.model import MODEL
from timecone.models.model import Setup, TimeGrid
from timecone.scenario.file import parse

STARTS = ("shocks.supply_start", "shocks.pause_start", "shocks.winter_start")


def _rows(run: xr.DataTree) -> np.ndarray:
    """Return the stored inputs as the model reads them; a parameter that is not stored is switched off."""
    stored = run["inputs"].dataset
    rows = np.zeros((len(table.ROW), stored.sizes["draw"]))
    for name, row in table.ROW.items():
        if name in stored:
            rows[row] = stored[name].values
    return rows


def _grid(run: xr.DataTree) -> TimeGrid:
    return TimeGrid(*(float(run.attrs[key]) for key in ("start", "horizon", "step")))


def test_shocks_are_stored_as_they_came(small_run: xr.DataTree) -> None:
    rows, on = _rows(small_run), frozenset(str(small_run.attrs["components"]).split())
    assert {"supply_shock", "pause", "winter"} <= on
    horizon = float(small_run.attrs["horizon"] - small_run.attrs["start"])
    for name in STARTS:
        start, hazard = small_run["inputs"][name].values, small_run["inputs"][f"{name[:-6]}_hazard"].values
        np.testing.assert_array_equal(np.isfinite(start), hazard > 0.0)
        assert (start < horizon).mean() > 0.05
    # Without any random event of its own, from the file alone.
    again = MODEL.outcomes(rows, Setup(_grid(small_run), on))
    outcomes = small_run["outcomes"]
    np.testing.assert_array_equal(again.arrival, outcomes["arrival"].values)
    np.testing.assert_array_equal(again.status, outcomes["status"].values)
    for name, values in again.extras.items():
        np.testing.assert_array_equal(values, outcomes[name].values)
    # The times matter: without them other dates come out.
    for name in STARTS:
        rows[table.ROW[name]] = np.inf
    without = MODEL.outcomes(rows, Setup(_grid(small_run), on))
    assert (without.arrival[2] != again.arrival[2]).mean() > 0.02


def test_a_shock_happens_at_a_given_start_or_else_by_its_hazard() -> None:
    parameters = {
        "shocks.pause_start": formula("where(u < 0.5, 7, inf)", "year"),
        "shocks.pause_hazard": formula("where(u < 0.75, 0.1, 0)", "1/year"),
        "shocks.pause_duration": point(2.0, "year"),
        "shocks.pause_research_share": point(0.5, "1"),
    }
    uniform = {"distribution": "uniform", "low": 0, "high": 1, "unit": "1"}
    content = calculator(
        u=uniform | {k: point(0.0, "1")[k] for k in ("source", "as_of", "basis")}, parameters=parameters
    )
    inputs = tc.sample(parse(content), 4000, seed=3)
    u, start = inputs["u"].values, inputs["shocks.pause_start"].values
    assert (start[u < 0.5] == 7.0).all()
    by_hazard = start[(u >= 0.5) & (u < 0.75)]
    assert np.isfinite(by_hazard).all()
    # Exponential with mean 10: its standard error is 10 / sqrt(1000).
    assert abs(by_hazard.mean() - 10.0) < 4.0 * 10.0 / by_hazard.size**0.5
    assert np.isposinf(start[u >= 0.75]).all()


@pytest.mark.slow
def test_breakthroughs_are_stored_as_they_came(tmp_path) -> None:
    parameters = {
        "algorithms.breakthrough_rate": point(0.1, "1/year"),
        "algorithms.breakthrough_size": point(0.8, "OOM"),
        "algorithms.headroom": point(50.0, "OOM"),
    }
    content = calculator(point(32.0, "log10 FLOP"), parameters=parameters)
    run = tc.simulate(parse(content), draws=1000, seed=3, threads=1, paths=0)
    stored = tc.open_run(tc.save_run(run, tmp_path / "run.nc"))
    dates = stored["inputs"]["algorithms.breakthrough_dates"]
    assert dates.dims == ("draw", "breakthrough")
    assert dates.attrs["units"] == "year"
    events = np.where(np.isfinite(dates.values), dates.values, np.inf)
    assert np.isposinf(events[events >= 100.0]).all()
    assert abs(np.isfinite(events).sum(axis=1).mean() - 10.0) < 4.0 * (10.0 / 1000) ** 0.5
    # 1 OOM a year from hardware and 0.8 at each breakthrough, from 20 to 32.
    tai = stored["outcomes"]["arrival"].sel(milestone="tai").values
    for date, times in zip(tai, events, strict=True):
        done = 0
        while done < times.size and times[done] + 0.8 * done < 12.0 and times[done] < 12.0 - 0.8 * done:
            done += 1
        before = times[done - 1] if done else 0.0
        assert abs(date - 2026.0 - max(before, 12.0 - 0.8 * done)) < 1e-8
    frame = tc.to_frame(stored)
    np.testing.assert_array_equal(frame["algorithms.breakthrough_dates_01"], dates.values[:, 0])
    assert not tc.reproduce(stored, threads=1).different
