"""Published forecasts beside a run's arrival: their numbers, their caption, and labels that keep apart."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.text import Annotation

import timecone as tc
from synthetic_run import synthetic
from timecone.forecasts import published_forecasts
from timecone.plots.published import lines

pytestmark = pytest.mark.usefixtures("closed_figures")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def figure(small_run: xr.DataTree) -> tc.plots.Figure:
    return tc.plots.cdf(small_run, published=True)


def test_the_page_of_results_states_what_is_drawn() -> None:
    text = (
        (ROOT / "docs" / "explanation" / "results.md")
        .read_text(encoding="utf-8")
        .partition("## Published forecasts for comparison")[2]
    )
    rows = [
        [cell.strip() for cell in line.strip("| ").split(" | ")]
        for line in text.replace("| |", "|  |").replace("| |", "|  |").splitlines()
        if line.startswith("| ")
    ]
    stated = {row[0]: row[1:8] for row in rows}
    for forecast in lines():
        date, *percentiles = stated[forecast.name][:4]
        shares = stated[forecast.name][4:7]
        assert date == forecast.date[:7], forecast.name
        assert percentiles == [forecast.percentiles.get(p, "") for p in (10.0, 50.0, 90.0)], forecast.name
        for year, text in zip((2030.0, 2050.0, 2100.0), shares, strict=True):
            # Where a forecast goes through calendar years, "by 2030" is that year itself.
            known = [forecast.probabilities[y] for y in (year, year + 1.0) if y in forecast.probabilities]
            assert [float(share) for share in [text] if share] == known, (forecast.name, year)


def test_points_rise_and_hold_all_percentiles() -> None:
    assert len(lines()) == 13
    for forecast in published_forecasts():
        date, share = forecast.points()
        assert np.all(np.diff(date) > 0), forecast.name
        assert np.all(np.diff(share) > 0), forecast.name
        dated = [p for p, year in forecast.percentiles.items() if not year.startswith(">")]
        assert {p / 100 for p in dated} <= set(share.tolist()), forecast.name
        assert date.size, forecast.name


def test_a_probability_by_a_year_stands_at_its_end_and_rounding_does_not_bend_a_line_back() -> None:
    by_name = {forecast.name: forecast for forecast in published_forecasts()}
    date, share = by_name["Samotsvety 2023"].points()
    np.testing.assert_array_equal(date, [2026, 2031, 2041, 2051, 2101, 2164])
    np.testing.assert_array_equal(share, [0.1, 0.31, 0.5, 0.63, 0.81, 0.9])
    # 0.08 by the end of 2030 and 0.1 by 2031 are the same date.
    assert by_name["Cotra 2020"].points()[0].tolist() == [2031, 2037, 2051, 2052, 2101]


def test_every_forecast_in_sight_has_a_label_and_no_two_overlap(figure: tc.plots.Figure) -> None:
    figure.figure.canvas.draw()
    frame = figure.axes[0].get_window_extent()
    labels = [text for text in figure.axes[0].texts if isinstance(text, Annotation)]
    assert {text.get_text() for text in labels} == {forecast.name for forecast in lines()}
    boxes = {text.get_text(): text.get_bbox_patch().get_window_extent() for text in labels}
    for first, second in combinations(boxes, 2):
        assert not boxes[first].overlaps(boxes[second]), (first, second)
    for name, box in boxes.items():
        assert frame.x0 <= box.x0, name
        assert box.x1 <= frame.x1, name


def test_the_caption_says_each_milestone_and_date(figure: tc.plots.Figure, small_run: xr.DataTree) -> None:
    for forecast in lines():
        assert f"{forecast.name}: {forecast.milestone}, {forecast.date}" in figure.notes
    summary = small_run["summary"].dataset.sel(milestone="tai")
    assert summary["milestone_definition"].item() in figure.notes
    assert figure.axes[0].get_xlim() == (2026.0, 2100.0)


def test_the_run_itself_is_drawn_as_without_them(figure: tc.plots.Figure, small_run: xr.DataTree) -> None:
    alone = tc.plots.cdf(small_run, "tai", choice=())
    rows = figure.table[~figure.table["curve"].isin([forecast.name for forecast in lines()])]
    np.testing.assert_array_equal(rows["probability"], alone.table["probability"])
    assert len(figure.table) > len(rows)


@pytest.mark.slow
def test_several_runs_and_a_short_horizon(small_run: xr.DataTree) -> None:
    figure = tc.plots.cdf({"one": small_run, "two": small_run}, published=True)
    assert len(figure.run_ids) == 2
    short = tc.plots.cdf(synthetic(), "half", choice=(), published=True)
    assert short.axes[0].get_xlim() == (2030.0, 2080.0)
    assert "half way: half." in short.notes


@pytest.mark.slow
def test_the_command_draws_them_on_the_cdf_alone(
    small_run: xr.DataTree, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from timecone.cli.main import main

    stored, out = tc.save_run(small_run, tmp_path / "run.nc"), tmp_path / "p.svg"
    assert main(["plot", str(stored), "--published", "--out", str(out)]) == 0
    assert "Samotsvety 2023" in out.read_text(encoding="utf-8")
    assert main(["plot", str(stored), "--figure", "density", "--published", "--out", str(out)]) == 2
    assert "the figure density does not take this option" in capsys.readouterr().err
