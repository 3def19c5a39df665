"""Figures say what they show: units, conditions, the mass beyond the horizon, the run's identity."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.image import imread
from PIL import Image

import timecone as tc
from timecone.errors import ArgumentError, OutputError, TimeconeError
from timecone.results.access import choices, label, milestones
from timecone.results.curves import fan, thresholds
from timecone.schema import TAKEOFF

DRAWINGS = {"cdf": tc.plots.cdf, "takeoff": tc.plots.takeoff, "fan": tc.plots.fan}


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    plt.switch_backend("agg")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def faster(baseline: tc.Scenario) -> xr.DataTree:
    scenario = baseline.replace(
        {"algorithms.halving_time": tc.LogNormal(p05=2, p95=6, unit="month")}, name="faster"
    )
    return tc.simulate(scenario, draws=1000, seed=7, threads=1, paths=1)


def _legend(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def _curves(axes: Axes) -> dict[str, np.ndarray]:
    return {str(line.get_label()).split(" (")[0]: line.get_xydata() for line in axes.get_lines()}


def _captions(axes: Axes) -> str:
    return "\n".join(text.get_text() for text in axes.texts)


@pytest.mark.parametrize(
    ("drawing", "x", "y"),
    [
        ("cdf", "Calendar date (year)", "Probability of arrival before the date"),
        ("takeoff", "Takeoff duration (years, logarithmic)", "Probability of a shorter takeoff"),
        ("fan", "Calendar date (year)", "log10 FLOP"),
    ],
)
def test_axes_are_labelled_with_units(small_run: xr.DataTree, drawing: str, x: str, y: str) -> None:
    axes = DRAWINGS[drawing](small_run)
    assert isinstance(axes, Axes)
    assert axes.get_xlabel() == x
    assert y in axes.get_ylabel()
    assert axes.get_title(loc="left") or axes.get_title()


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_captions_say_the_run_and_the_draws(small_run: xr.DataTree, drawing: str) -> None:
    text = _captions(DRAWINGS[drawing](small_run))
    assert f"run {small_run.attrs['run_id']}" in text
    assert "draws counted of 2,000" in text


def test_curves_are_the_distribution_functions(small_run: xr.DataTree) -> None:
    drawn = _curves(tc.plots.cdf(small_run))
    for name in milestones(small_run):
        curve = tc.cdf(small_run, name)
        expected = np.column_stack([curve.date.values, curve.values])
        np.testing.assert_array_equal(drawn[label(small_run, name)], expected)


def test_shading_is_the_monte_carlo_interval(small_run: xr.DataTree) -> None:
    axes = tc.plots.cdf(small_run)
    for name, band in zip(milestones(small_run), axes.collections, strict=True):
        curve = tc.cdf(small_run, name)
        corners = {tuple(v) for v in band.get_paths()[0].vertices}
        dates, lower, upper = (curve[k].values for k in ("date", "lower", "upper"))
        assert set(zip(dates, lower, strict=True)) | set(zip(dates, upper, strict=True)) <= corners


def test_legends_state_the_mass_beyond_the_horizon(small_run: xr.DataTree) -> None:
    for name, words in zip(milestones(small_run), _legend(tc.plots.cdf(small_run)), strict=True):
        rest = tc.cdf(small_run, name).attrs["not_by_horizon"]
        assert words == f"{label(small_run, name)} (not by 2126: {rest:.1%})"
    rest = tc.cdf(small_run, TAKEOFF).attrs["not_by_horizon"]
    assert rest > 0.0
    assert _legend(tc.plots.takeoff(small_run)) == [f"baseline (no arrival by the horizon: {rest:.1%})"]


def test_probability_runs_from_0_to_1_and_dates_from_start_to_horizon(small_run: xr.DataTree) -> None:
    axes = tc.plots.cdf(small_run)
    assert axes.get_ylim() == (0.0, 1.0)
    assert axes.get_xlim() == (2026.0, 2126.0)
    assert max(line.get_xdata().max() for line in axes.get_lines()) == 2126.0
    assert tc.plots.takeoff(small_run).get_ylim() == (0.0, 1.0)


def test_one_milestone_is_drawn_by_value_of_each_choice(small_run: xr.DataTree) -> None:
    drawn = _curves(tc.plots.cdf(small_run, "tai"))
    values = {"bio_anchors", "direct_approach", "full_takeoff", "binding", "escaped"}
    assert set(drawn) == {"TAI, all"} | values
    curve = tc.cdf(small_run, "tai", where={"threshold": "full_takeoff"})
    np.testing.assert_array_equal(drawn["full_takeoff"][:, 1], curve.values)


def test_several_runs_are_drawn_under_their_names(small_run: xr.DataTree, faster: xr.DataTree) -> None:
    runs = {"slow": small_run, "quick": faster}
    drawn = _curves(tc.plots.cdf(runs))
    assert list(drawn) == list(runs)
    for name, run in runs.items():
        np.testing.assert_array_equal(drawn[name][:, 1], tc.cdf(run, "tai").values)
    assert list(_curves(tc.plots.takeoff(runs))) == list(runs)


def test_several_curves_differ_in_colour_and_in_line_style(small_run: xr.DataTree) -> None:
    lines = tc.plots.cdf(small_run, "tai").get_lines()
    assert len({line.get_color() for line in lines}) == len(lines)
    # An unscaled dash pattern tells styles apart that get_linestyle() calls all "--".
    assert len({str(line._unscaled_dash_pattern) for line in lines}) == len(lines)


def test_the_takeoff_caption_says_how_many_began_before_the_start(small_run: xr.DataTree) -> None:
    summary = small_run["summary"]
    counted = int(summary["standing_count"].sel(standing="counted").sum())
    share = int(summary["takeoff_from_start"].sum()) / counted
    assert f"In {share:.0%} of draws it began before 2026" in _captions(tc.plots.takeoff(small_run))


def test_the_fan_is_the_stored_one_beside_the_thresholds(small_run: xr.DataTree) -> None:
    axes = tc.plots.fan(small_run)
    (median,) = [line for line in axes.get_lines() if line.get_label() == "median"]
    bands = fan(small_run)
    np.testing.assert_array_equal(median.get_ydata(), bands.sel(percentile=50.0).values)
    words = _captions(axes)
    for value in thresholds(small_run, next(iter(choices(small_run))))["value"].values:
        assert str(value).replace("_", " ") in words
    assert axes.get_xlim() == (2026.0, 2066.0)
    assert tc.plots.fan(small_run, until=2050.0).get_xlim() == (2026.0, 2050.0)
    assert "5 to 95 % of draws" in _legend(axes)


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_given_axes_are_drawn_on_and_no_other_figure_is_opened(
    small_run: xr.DataTree, tmp_path: Path, drawing: str
) -> None:
    axes = mpl.figure.Figure().add_subplot()
    assert DRAWINGS[drawing](small_run, axes=axes) is axes
    assert axes.get_lines()
    tc.plots.save(axes, tmp_path / "f.png", small_run)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_no_global_setting_is_changed(small_run: xr.DataTree, tmp_path: Path, drawing: str) -> None:
    before = dict(mpl.rcParams)
    tc.plots.save(DRAWINGS[drawing](small_run), tmp_path / "f.png", small_run)
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_saved_png_carries_the_run_id_and_is_not_blank(
    small_run: xr.DataTree, tmp_path: Path, drawing: str
) -> None:
    path = tc.plots.save(DRAWINGS[drawing](small_run), tmp_path / "new" / "f.png", small_run)
    with Image.open(path) as image:
        assert image.info["Description"] == f"timecone run {small_run.attrs['run_id']}"
    assert imread(path).std() > 0.01


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png"])
def test_a_figure_saved_twice_is_the_same_file(small_run: xr.DataTree, tmp_path: Path, suffix: str) -> None:
    one, other = (
        tc.plots.save(tc.plots.cdf(small_run), tmp_path / f"{k}{suffix}", small_run) for k in range(2)
    )
    assert one.read_bytes() == other.read_bytes()


def test_text_formats_carry_the_run_id(small_run: xr.DataTree, tmp_path: Path) -> None:
    identity = f"timecone run {small_run.attrs['run_id']}".encode()
    axes = tc.plots.cdf(small_run)
    assert identity in tc.plots.save(axes, tmp_path / "f.svg", small_run).read_bytes()
    assert identity in tc.plots.save(axes, tmp_path / "f.pdf", small_run).read_bytes()


@pytest.mark.parametrize("name", ["f.bmp", "f.jpeg", "f", "f.PNGX"])
def test_an_unknown_format_is_refused(small_run: xr.DataTree, tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"unknown figure format.*\.png, \.svg or \.pdf"):
        tc.plots.save(tc.plots.cdf(small_run), tmp_path / name, small_run)
    assert not list(tmp_path.iterdir())


def test_a_figure_that_cannot_be_written_is_one_line(small_run: xr.DataTree, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        tc.plots.save(tc.plots.cdf(small_run), tmp_path / "file" / "f.png", small_run)


def test_an_unknown_milestone_is_refused_by_name(small_run: xr.DataTree) -> None:
    with pytest.raises(ArgumentError, match="unknown milestone"):
        tc.plots.cdf(small_run, "agi")
    with pytest.raises(ArgumentError, match="unknown milestone"):
        tc.plots.cdf({"one": small_run}, "agi")


def test_durations_are_not_drawn_on_an_axis_of_dates(small_run: xr.DataTree) -> None:
    with pytest.raises(TimeconeError):
        tc.plots.cdf(small_run, TAKEOFF)
