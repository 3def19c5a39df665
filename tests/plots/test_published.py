"""Published forecasts beside a run's arrival: their numbers, their caption, and labels that keep apart."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.text import Annotation

import timecone as tc
from synthetic_run import synthetic
from timecone.plots.published import points, published_forecasts

pytestmark = pytest.mark.usefixtures("closed_figures")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def figure(small_run: xr.DataTree) -> tc.plots.Figure:
    return tc.plots.cdf(small_run, published=True)


def _stated() -> dict[str, list[str]]:
    """Return the rows of the table in docs/results.md by forecast and date, as texts."""
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8").partition("## Beside published")[2]
    rows = re.findall(r"^\| (?!\*|forecast|---)([^|]+) \| ([^|]+) \|((?:[^|]*\|){6})", text, re.MULTILINE)
    return {f"{name}, {date}": [cell.strip() for cell in cells.split("|")[:6]] for name, date, cells in rows}


def test_the_numbers_are_those_of_the_page_of_results() -> None:
    stated, used = _stated(), 0
    columns = ("p10", "p50", "p90", "by_2030", "by_2050", "by_2100")
    for row in published_forecasts().to_dict("records"):
        author = row["forecast"].split()[0]
        matches = {
            key: cells
            for key, cells in stated.items()
            if author in key and key.endswith(f", {row['date']}") and (";" not in cells[1] or cells[0])
        }
        assert len(matches) == 1, (row["forecast"], list(matches))
        for column, text in zip(columns, next(iter(matches.values())), strict=True):
            # Two authors share a row of the page.
            options = text.split("; ") if "; " in text else [text]
            if np.isnan(row[column]):
                assert all(not part or part.startswith(">") or "(" in part for part in options)
            else:
                assert row[column] in [float(part) for part in options]
        used += 1
    assert used == 13


def test_points_rise_and_hold_all_percentiles() -> None:
    for _, row in published_forecasts().iterrows():
        date, share = points(row)
        assert np.all(np.diff(date) > 0)
        assert np.all(np.diff(share) > 0)
        stated = [p for p in (10, 50, 90) if np.isfinite(row[f"p{p}"])]
        assert {p / 100 for p in stated} <= set(share.tolist())
        assert date.size, row["forecast"]


def test_a_probability_by_a_year_stands_at_its_end_and_rounding_does_not_bend_a_line_back() -> None:
    rows = published_forecasts().set_index("forecast")
    date, share = points(rows.loc["Samotsvety 2023"])
    np.testing.assert_array_equal(date, [2026, 2031, 2041, 2051, 2101, 2164])
    np.testing.assert_array_equal(share, [0.1, 0.31, 0.5, 0.63, 0.81, 0.9])
    # 0.08 by the end of 2030 and 0.1 by 2031 are the same date.
    assert points(rows.loc["Cotra 2020"])[0].tolist() == [2031, 2051, 2052, 2101]


def test_every_forecast_in_sight_has_a_label_and_no_two_overlap(figure: tc.plots.Figure) -> None:
    figure.figure.canvas.draw()
    frame = figure.axes[0].get_window_extent()
    labels = [text for text in figure.axes[0].texts if isinstance(text, Annotation)]
    assert {text.get_text() for text in labels} == set(published_forecasts()["forecast"])
    boxes = {text.get_text(): text.get_bbox_patch().get_window_extent() for text in labels}
    for first, second in combinations(boxes, 2):
        assert not boxes[first].overlaps(boxes[second]), (first, second)
    for name, box in boxes.items():
        assert frame.x0 <= box.x0, name
        assert box.x1 <= frame.x1, name


def test_the_caption_says_each_milestone_and_date(figure: tc.plots.Figure, small_run: xr.DataTree) -> None:
    for row in published_forecasts().itertuples():
        assert f"{row.forecast}: {row.milestone}, {row.date}" in figure.caption
    summary = small_run["summary"].dataset.sel(milestone="tai")
    assert summary["milestone_definition"].item() in figure.caption
    assert figure.axes[0].get_xlim() == (2026.0, 2100.0)


def test_the_run_itself_is_drawn_as_without_them(figure: tc.plots.Figure, small_run: xr.DataTree) -> None:
    alone = tc.plots.cdf(small_run, "tai", choice=())
    rows = figure.table[~figure.table["curve"].isin(published_forecasts()["forecast"])]
    np.testing.assert_array_equal(rows["probability"], alone.table["probability"])
    assert len(figure.table) > len(rows)


@pytest.mark.slow
def test_several_runs_and_a_short_horizon(small_run: xr.DataTree) -> None:
    figure = tc.plots.cdf({"one": small_run, "two": small_run}, published=True)
    assert len(figure.run_ids) == 2
    short = tc.plots.cdf(synthetic(), "half", choice=(), published=True)
    assert short.axes[0].get_xlim() == (2030.0, 2080.0)
    assert "half way: half." in short.caption


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
