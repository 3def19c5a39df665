"""Alternative texts: their numbers are those of the run, and files carry them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from history_records import fitted, scored
from ledgers import forecasts
from made_up_horizons import fitted_horizons
from published_panels import repeated
from sweeps import swept
from synthetic_run import synthetic
from timecone.plots import alt_text
from timecone.plots.forecasts import forecasts as published_forecasts

pytestmark = pytest.mark.usefixtures("closed_figures")


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return synthetic()


def test_a_curve_is_described_by_its_percentiles_and_its_end(run: xr.DataTree) -> None:
    alt = tc.plots.cdf(run).alt
    for name, quantity in (("half way", "half"), ("all there", "whole")):
        sentence = re.search(rf"{name}: (.*?)\.(?: |$)", alt)
        assert sentence is not None
        stated = re.findall(r"(?<![.\d])(\d+) % by (\d+\.\d)", sentence[1])
        assert len(stated) >= 2
        levels = [float(level) for level, _ in stated]
        dates = tc.percentiles(run, quantity, levels).values
        # The curve is drawn in steps of up to a quarter of a year, and dates have one decimal.
        np.testing.assert_allclose([float(date) for _, date in stated], dates, rtol=0.0, atol=0.3)
    assert "all there: 10 % by" in alt
    assert "90 % by" not in alt.partition("all there")[2]  # it is not reached by the horizon


def test_a_fan_is_described_at_its_ends_and_in_the_middle(run: xr.DataTree) -> None:
    figure = tc.plots.fan(run, "automation_share")
    bands = figure.table[figure.table["percentile"].notna()]
    wide = bands.pivot_table(index="time", columns="percentile", values="value")
    for date in (2030.0, 2050.0, 2070.0):
        low, middle, high = (wide.loc[date, p] for p in (5.0, 50.0, 95.0))
        spread = "" if low == high else f" (5 to 95 %: {low:.3g} to {high:.3g})"
        assert f"{date:.1f}: median {middle:.3g}{spread}" in figure.alt


@pytest.mark.slow
def test_figures_of_other_things_than_runs_have_numbers_too(run: xr.DataTree) -> None:
    fit, backtest = fitted(), scored()
    others = {
        "history_trends": tc.plots.history_trends(fit),
        "history_priors": tc.plots.history_priors(fit),
        "history_checks": tc.plots.history_checks(fit),
        "backtest": tc.plots.backtest(backtest),
        "pit": tc.plots.pit(backtest),
        "calibration": tc.plots.calibration(backtest),
        "horizons": tc.plots.horizons(fitted_horizons()),
        "heat map": tc.plots.heat_map(swept(), by=2035),
        "ledger": tc.plots.ledger(forecasts()),
        "forecasts": published_forecasts(repeated(run)),
    }
    for name, figure in others.items():
        assert re.search(r"\d", figure.alt), name
        assert len(figure.alt) < 1500, name
        assert len(figure.caption.split()) <= 25, name
    checks = fit["checks"].to_dataset()
    first = f"p = {float(checks['p_value'][0]):.2f}"
    assert first in others["history_checks"].alt


def test_a_level_is_found_between_points_and_beyond_the_last() -> None:
    dates, shares = np.array([2030.0, 2032.0, 2040.0]), np.array([0.1, 0.5, 0.7])
    for level in (0.1, 0.2, 0.5, 0.65):
        assert alt_text.reached(dates, shares, level) == pytest.approx(np.interp(level, shares, dates))
    assert alt_text.reached(dates, shares, 0.05) == 2030.0
    assert alt_text.reached(dates, shares, 0.8) == np.inf


def test_files_carry_the_text_and_keep_letters_as_letters(run: xr.DataTree, tmp_path: Path) -> None:
    figure = tc.plots.cdf(run)
    drawing = figure.save(tmp_path / "arrival.svg").read_text("utf-8")
    root = drawing.partition("<svg ")[2].partition(">")[0]
    assert 'role="img"' in root
    assert f'aria-label="{figure.alt}"' in root
    assert "<text" in drawing
    printed = figure.save(tmp_path / "arrival.pdf").read_bytes()
    # Type 42 is TrueType, embedded; Type 3 would be outlines.
    assert b"/FontFile2" in printed
    assert b"/Type3" not in printed
