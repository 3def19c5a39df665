"""The figure of published forecasts: a panel each, with its definition, their points and our line."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc
from published_panels import repeated
from refusals import refused
from synthetic_run import synthetic
from timecone.plots.forecasts import forecasts

pytestmark = pytest.mark.usefixtures("closed_figures")


def test_each_forecast_has_a_panel_with_its_points_and_its_definition() -> None:
    run = synthetic()
    figure = forecasts(repeated(run))
    assert len(figure.axes) == 3
    assert figure.run_ids == (run.attrs["run_id"],)
    table = figure.table.set_index("forecast")
    ours = table[table["whose"] == "ours"]
    np.testing.assert_array_equal(ours["probability"], tc.cdf(run, "half").values)
    assert set(ours.index) == {"One 2025"}
    theirs = table[table["whose"] == "theirs"]
    assert theirs.loc["Two 2026", "date"].tolist() == [2033.0, 2050.0]
    assert theirs.loc["Three 2026", "probability"].tolist() == [0.1, 0.7]
    for axes, name in zip(
        figure.axes, ("One 2025 (2025-04)", "Two 2026 (2026-01)", "Three 2026 (2026)"), strict=True
    ):
        assert axes.get_title(loc="left") == name
        low, high = axes.get_xlim()
        dates = theirs.loc[[name.rpartition(" ")[0]], "date"]
        assert low < dates.min() <= dates.max() < high
    assert figure.axes[0].texts[0].get_text() == "half way"
    definition = figure.axes[1].texts[0].get_text()
    assert definition.replace("\n", " ") == repeated(run)[1].forecast.milestone  # in full


def test_no_text_of_a_panel_lies_on_another() -> None:
    figure = forecasts(repeated(synthetic()))
    figure.figure.canvas.draw()
    for axes in figure.axes:
        title = axes._left_title.get_window_extent()
        assert not title.overlaps(axes.texts[0].get_window_extent())
    extents = [axes.get_tightbbox() for axes in figure.axes]
    for k, first in enumerate(extents):
        assert not any(first.overlaps(second) for second in extents[k + 1 :])


def test_without_a_forecast_there_is_no_figure() -> None:
    with refused("no-forecasts", "forecasts"):
        forecasts([])
