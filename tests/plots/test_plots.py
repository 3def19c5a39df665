"""Figures say what they show: units, conditions, the mass beyond the horizon, the run's identity."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.image import imread
from matplotlib.lines import Line2D
from PIL import Image

import timecone as tc
from history_records import fitted, scored
from ledgers import forecasts
from made_up_horizons import fitted_horizons
from made_up_supply import fitted_supply
from refusals import refused
from sweeps import swept
from synthetic_run import synthetic
from timecone.models.compute import figures
from timecone.plots import Figure, style
from timecone.plots.style import house
from timecone.results.run_file.access import label, milestones
from timecone.results.run_file.choice_titles import choice_clause

TAKEOFF = "takeoff_duration"

pytestmark = pytest.mark.usefixtures("closed_figures")

#: What they are drawn of, for figures that are of no run.
OF_HISTORY = {"backtest": scored, "calibration": scored, "pit": scored} | dict.fromkeys(
    ("history_trends", "history_priors", "history_checks"), fitted
)
OF_HISTORY |= {"horizons": fitted_horizons, "supply": fitted_supply}
OF_COMPUTE = ("automation", "spending")
#: Of two runs, of a sweep, and of a ledger.
OF_SEVERAL = ("comparison", "heat_map", "ledger", "pool")
ALL = [name for name in tc.plots.__all__ if name not in {"Figure", *OF_HISTORY, *OF_SEVERAL}] + list(
    OF_COMPUTE
)
ON_AXES = ["cdf", "duration", "density", "fan", "decomposition", "correlations"]


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return synthetic()


@pytest.fixture(scope="module")
def other() -> xr.DataTree:
    return synthetic(0.01, name="other", run_id="fedcba9876543210", conditions="Another world.")


def _draw(name: str) -> Callable[..., Figure]:
    return getattr(figures if name in OF_COMPUTE else tc.plots, name)


def _legend(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def _curves(figure: Figure) -> dict[str, np.ndarray]:
    lines = _labelled(figure.axes[0])
    return {re.split(r" \(|\n", str(line.get_label()))[0]: line.get_xydata() for line in lines}


def _labelled(axes: Axes) -> list[Line2D]:
    """Return the curves, without the strokes that lead to their labels."""
    return [line for line in axes.get_lines() if not str(line.get_label()).startswith("_")]


@pytest.mark.parametrize(
    ("name", "x", "y"),
    [
        ("cdf", "Calendar date (year)", "Probability of arrival before the date"),
        ("density", "Calendar year of arrival", "Probability per 2 calendar years"),
        ("duration", "Takeoff duration (years, logarithmic)", "Probability of a shorter takeoff duration"),
        ("fan", "Calendar date (year)", "Effective compute (FLOP)"),
        ("threshold", "Calendar date (year)", "Effective compute (FLOP)"),
        ("joint", "Calendar date of arrival (year)", "Takeoff duration (years, logarithmic)"),
        ("decomposition", "Calendar date (year)", "Mean growth since 2030 (OOM)"),
        ("automation", "", "Share of tasks that AI can do"),
        ("spending", "", "Cost of the largest run (USD)"),
    ],
)
def test_axes_are_labelled_with_units(run: xr.DataTree, name: str, x: str, y: str) -> None:
    figure = _draw(name)(run)
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == (x, y)
    assert any(panel.get_title(loc="left") for panel in figure.axes)


@pytest.mark.parametrize("name", ALL)
def test_every_figure_has_a_table_and_says_its_run_its_draws_and_its_conditions(
    run: xr.DataTree, name: str
) -> None:
    figure = _draw(name)(run)
    assert isinstance(figure, Figure)
    assert all(isinstance(axes, Axes) for axes in figure.axes)
    assert figure.run_ids == ("0123456789abcdef",)
    standing = run["outcomes"]["standing"].values
    counted, removed, failed = (int(np.sum(standing == k)) for k in range(3))
    conditions = "Conditions: A closed form; prices in US$ of $2025."
    assert figure.source == f"{counted:,} draws ({failed} failed); run 0123456789abcdef. {conditions}"
    assert figure.caption.endswith(figure.source)
    # Two lines at the foot: how to read it, and its source.
    assert len(figure.caption.removesuffix(figure.source).split()) <= 28
    assert figure.notes.endswith(
        f"{counted:,} draws counted of 4,000 ({removed} removed by the not-yet rule, {failed} failed);"
        f" run 0123456789abcdef. {conditions}"
    )
    assert figure.caption not in figure.notes
    assert re.search(r"\d", figure.alt)
    assert isinstance(figure.table, pd.DataFrame)
    assert len(figure.table) > 1
    assert "0123456789abcdef" in repr(figure)


def _drawn(name: str, run: xr.DataTree, other: xr.DataTree) -> Figure:
    if name == "comparison":
        return tc.plots.comparison(run, other)
    if name == "heat_map":
        return tc.plots.heat_map(swept(), by=2035)
    if name == "ledger":
        return tc.plots.ledger(forecasts())
    if name == "pool":
        return tc.plots.pool({"one": run, "two": other}, {"one": 1, "two": 2})
    return _draw(name)(OF_HISTORY[name]() if name in OF_HISTORY else run)


def test_the_comparison_names_both_runs_and_tabulates_their_curves(
    run: xr.DataTree, other: xr.DataTree
) -> None:
    figure = tc.plots.comparison(run, other)
    assert figure.run_ids == ("0123456789abcdef", "fedcba9876543210")
    assert "run 0123456789abcdef" in figure.caption
    assert "run fedcba9876543210" in figure.caption
    assert len(figure.table) > 1


@pytest.mark.slow
def test_the_heat_map_shows_what_a_run_of_its_point_gives() -> None:
    figure = tc.plots.heat_map(swept(), by=2035)
    assert figure.axes[0].get_title(loc="left").startswith("P(TAI by 2035), ")
    row = figure.table.iloc[0]
    point = {name: row[name] for name in ("hardware.doubling_time", "algorithms.halving_time")}
    fixed = {
        name: tc.Point(value=value, unit=unit)
        for (name, value), unit in zip(point.items(), ("year", "month"), strict=True)
    }
    scenario = tc.load("baseline")
    pairs = tuple(pair for pair in scenario.correlations if not fixed.keys() & set(pair.between))
    alone = tc.simulate(scenario.replace(fixed, correlations=pairs), draws=400, seed=1, paths=0)
    assert row["value"] == tc.probability_by(alone, "tai", [2035]).item()


def test_the_figure_of_a_ledger_leaves_gaps_and_marks_what_lies_beyond() -> None:
    figure = tc.plots.ledger(forecasts())
    dates, chances = figure.axes
    lines = {str(line.get_label()): np.asarray(line.get_ydata(), dtype=float) for line in dates.lines}
    np.testing.assert_array_equal(lines["median"], [2034.0, 2035.2, 2033.1, 2036.0])
    assert lines["90 % beyond"].size == 1
    by = {str(line.get_label()): np.asarray(line.get_ydata(), dtype=float) for line in chances.lines}
    np.testing.assert_allclose(by["by 2030"], [0.25, 0.22, np.nan, 0.16])
    row = figure.table.query("statistic == 'P90' and entry == 4").iloc[0]
    assert np.isinf(row["value"])
    assert figure.run_ids == tuple(f"{k:016x}" for k in range(4))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [*ALL, *(pytest.param(name, marks=pytest.mark.slow) for name in OF_HISTORY), *OF_SEVERAL]
)
def test_the_caption_and_all_words_lie_inside_the_figure(
    run: xr.DataTree, other: xr.DataTree, name: str
) -> None:
    figure = _drawn(name, run, other).figure
    figure.canvas.draw()
    assert figure.get_supxlabel()
    width, height = figure.canvas.get_width_height()
    box = figure.get_tightbbox(figure.canvas.get_renderer()).transformed(figure.dpi_scale_trans)
    assert box.x0 >= -1.0
    assert box.y0 >= -1.0
    assert box.x1 <= width + 1.0
    assert box.y1 <= height + 1.0


def test_the_caption_of_several_runs_names_each(run: xr.DataTree, other: xr.DataTree) -> None:
    figure = tc.plots.cdf({"one": run, "two": other})
    assert figure.run_ids == ("0123456789abcdef", "fedcba9876543210")
    for words in ("one: ", "two: ", "run 0123456789abcdef", "run fedcba9876543210"):
        assert words in figure.caption
    assert figure.caption.endswith("Each run has its own conditions.")
    for words in ("Conditions of one: A closed form", "Conditions of two: Another world."):
        assert words in figure.notes
    same = synthetic(0.01, run_id="fedcba9876543210")
    assert figure.notes.count("Conditions of") == 2
    together = tc.plots.duration({"one": run, "two": same})
    assert "Conditions: A closed" in together.caption
    assert "Conditions of all: A closed" in together.notes
    with refused("no-runs", "run"):
        tc.plots.cdf({})


def test_curves_are_the_distribution_functions(small_run: xr.DataTree) -> None:
    figure = tc.plots.cdf(small_run)
    drawn = _curves(figure)
    for name in milestones(small_run):
        curve = tc.cdf(small_run, name)
        expected = np.column_stack([curve.date.values, curve.values])
        np.testing.assert_array_equal(drawn[label(small_run, name)], expected)
        rows = figure.table[figure.table["curve"] == label(small_run, name)]
        np.testing.assert_array_equal(rows[["date", "probability"]], expected)
        np.testing.assert_array_equal(rows["lower"], curve["lower"])
        assert set(rows["not_by_horizon"]) == {curve.attrs["not_by_horizon"]}


def test_shading_is_the_monte_carlo_interval(small_run: xr.DataTree) -> None:
    axes = tc.plots.cdf(small_run).axes[0]
    for name, band in zip(milestones(small_run), axes.collections, strict=True):
        curve = tc.cdf(small_run, name)
        corners = {tuple(v) for v in band.get_paths()[0].vertices}
        dates, lower, upper = (curve[k].values for k in ("date", "lower", "upper"))
        assert set(zip(dates, lower, strict=True)) | set(zip(dates, upper, strict=True)) <= corners


def test_legends_state_the_mass_beyond_the_horizon(run: xr.DataTree) -> None:
    dates = run["outcomes"]["arrival"].values[:, run["outcomes"]["standing"].values == 0]
    half, whole = (100.0 * np.isinf(dates)).mean(axis=1)
    assert sorted(text.get_text() for text in tc.plots.cdf(run).axes[0].texts) == [
        f"all there\nnot by 2080: {whole:.1f} %",
        f"half way\nnot by 2080: {half:.1f} %",
    ]
    assert _legend(tc.plots.duration(run).axes[0]) == [
        f"synthetic (no arrival by the horizon: {whole:.1f} %)"
    ]
    # On axes of somebody else there is a legend: labels beside them would hide what stands there.
    axes = plt.subplots()[1]
    tc.plots.cdf(run, axes=axes)
    assert _legend(axes)[0] == f"half way, not by 2080: {half:.1f} %"


def test_probability_runs_from_0_to_1_and_dates_from_start_to_horizon(small_run: xr.DataTree) -> None:
    axes = tc.plots.cdf(small_run).axes[0]
    assert axes.get_ylim() == (0.0, 1.0)
    assert axes.get_xlim() == (2026.0, 2126.0)
    assert max(line.get_xdata().max() for line in axes.get_lines()) == 2126.0
    assert tc.plots.duration(small_run).axes[0].get_ylim() == (0.0, 1.0)


def test_one_milestone_is_drawn_by_value_of_each_choice(small_run: xr.DataTree) -> None:
    drawn = _curves(tc.plots.cdf(small_run, "tai"))
    outcomes = small_run["outcomes"]
    counted = outcomes["standing"].values == 0
    expected = {"TAI, all": tc.cdf(small_run, "tai")}
    for choice in ("threshold", "data"):
        codes = outcomes[f"choice_{choice}"]
        for k, value in enumerate(codes.attrs["flag_meanings"].split()):
            share = 100.0 * np.mean(codes.values[counted] == k)
            curve = tc.cdf(small_run, "tai", where={choice: value})
            expected[f"if {choice_clause(small_run, choice, value)}, {share:.1f} % of draws"] = curve
    assert set(drawn) == set(expected)
    for words, curve in expected.items():
        np.testing.assert_array_equal(drawn[words][:, 1], curve.values)


def test_choices_are_left_out_on_request(small_run: xr.DataTree) -> None:
    shown = [name.rpartition(", ")[0] for name in _curves(tc.plots.cdf(small_run, "tai", choice="data"))]
    assert shown == ["TAI", "if training data are limiting", "if training data are not limiting"]
    assert list(_curves(tc.plots.cdf(small_run, "tai", choice=[]))) == ["TAI, all"]
    with refused("unknown-choice", "choice"):
        tc.plots.cdf(small_run, "tai", choice="dota")
    with refused("choices-of-several-milestones", "choice"):
        tc.plots.cdf(small_run, choice="data")


def test_no_two_of_many_curves_look_alike_and_labels_do_not_touch() -> None:
    assert len({str(style.line_style(k)) for k in range(36)}) == 36
    axes = plt.subplots()[1]
    axes.set_ylim(0.0, 1.0)
    for k in range(10):
        axes.plot([0.0, 1.0], [0.0, 0.95 + 0.001 * k], label=f"curve {k}")
    style.label_lines(axes)
    heights = sorted(text.get_position()[1] for text in axes.texts)
    assert len(heights) == 10
    assert min(np.diff(heights)) > 0.08
    assert 0.0 < heights[0] < heights[-1] <= 1.0


def test_several_runs_are_drawn_under_their_names(run: xr.DataTree, other: xr.DataTree) -> None:
    runs = {"slow": run, "quick": other}
    drawn = _curves(tc.plots.cdf(runs))
    assert list(drawn) == list(runs)
    for name, one in runs.items():
        np.testing.assert_array_equal(drawn[name][:, 1], tc.cdf(one, "whole").values)
    assert list(_curves(tc.plots.duration(runs))) == list(runs)


def test_several_curves_differ_in_colour_and_in_line_style(small_run: xr.DataTree) -> None:
    lines = _labelled(tc.plots.cdf(small_run, "tai").axes[0])
    assert len({line.get_color() for line in lines}) == len(lines)
    # An unscaled dash pattern tells styles apart that get_linestyle() calls all "--".
    assert len({str(line._unscaled_dash_pattern) for line in lines}) == len(lines)


def test_the_fans_caption_says_which_components_were_on(small_run: xr.DataTree, baseline_file: Path) -> None:
    on = small_run.attrs["components"].split()
    assert {"software_feedback", "data_wall", "pause"} <= set(on)
    notes = tc.plots.fan(small_run).notes
    assert f"Components switched on: {', '.join(name.replace('_', ' ') for name in on)}." in notes
    assert "After a draw reaches TAI, its values are extrapolated" in notes
    plain = tc.simulate(tc.load(baseline_file.parent / "open_loop.toml"), draws=200, seed=1, paths=4)
    assert plain.attrs["components"] == ""
    notes = tc.plots.fan(plain).notes
    assert "All components are switched off." in notes
    assert "extrapolated" not in notes
    # A run that does not say so is not said to have any.
    del plain.attrs["components"], plain.attrs["extrapolated_after"]
    notes = tc.plots.fan(plain).notes
    assert "omponent" not in notes
    assert "Where AI speeds up its own progress" in notes


def test_the_takeoff_caption_says_how_many_began_before_the_start(run: xr.DataTree) -> None:
    counted = run["outcomes"]["standing"].values == 0
    share = 100.0 * int(run["summary"]["duration_from_start"].sum()) / counted.sum()
    assert f"Left out: {share:.2f} % of draws, in which it began before 2030" in tc.plots.duration(run).notes


@pytest.mark.parametrize("name", ON_AXES)
def test_given_axes_are_drawn_on_and_no_other_figure_is_opened(
    run: xr.DataTree, tmp_path: Path, name: str
) -> None:
    axes = mpl.figure.Figure().add_subplot()
    figure = _draw(name)(run, axes=axes)
    assert figure.axes == (axes,)
    assert axes.has_data()
    assert "run 0123456789abcdef" in " ".join("".join(t.get_text() for t in axes.texts).split())
    figure.save(tmp_path / "f.png")
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "name", ["cdf", *(pytest.param(n, marks=pytest.mark.slow) for n in ("joint", "inputs"))]
)
def test_no_global_setting_is_changed(run: xr.DataTree, tmp_path: Path, name: str) -> None:
    before = dict(mpl.rcParams)
    _draw(name)(run).save(tmp_path / "f.png")
    assert dict(mpl.rcParams) == before


def test_a_saved_png_carries_the_run_id_and_is_not_blank(run: xr.DataTree, tmp_path: Path) -> None:
    path = tc.plots.cdf(run).save(tmp_path / "new" / "f.png")
    with Image.open(path) as image:
        assert image.info["Description"].startswith("timecone run 0123456789abcdef\n")
    assert imread(path).std() > 0.01


@pytest.mark.parametrize(
    "suffix", [".svg", *(pytest.param(s, marks=pytest.mark.slow) for s in (".pdf", ".png"))]
)
def test_a_figure_saved_twice_is_the_same_file(run: xr.DataTree, tmp_path: Path, suffix: str) -> None:
    one, other = (tc.plots.cdf(run).save(tmp_path / f"{k}{suffix}") for k in range(2))
    assert one.read_bytes() == other.read_bytes()


def test_text_formats_carry_the_run_ids(run: xr.DataTree, other: xr.DataTree, tmp_path: Path) -> None:
    identity = b"timecone run 0123456789abcdef, fedcba9876543210"
    figure = tc.plots.cdf({"one": run, "two": other})
    assert identity in figure.save(tmp_path / "f.svg").read_bytes()
    assert identity in figure.save(tmp_path / "f.pdf").read_bytes()


@pytest.mark.parametrize("name", ["f.bmp", "f.jpeg", "f", "f.PNGX"])
def test_an_unknown_format_is_refused(run: xr.DataTree, tmp_path: Path, name: str) -> None:
    with refused("unknown-figure-format", str(tmp_path / name), names=(".png", ".svg", ".pdf")):
        tc.plots.cdf(run).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_one_line(run: xr.DataTree, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    figure = tc.plots.cdf(run)
    with refused("unwritable-file"):
        figure.save(tmp_path / "file" / "f.png")
    with refused("unwritable-file"):
        figure.save_table(tmp_path / "file" / "f.csv")


def test_a_table_is_written_as_csv(run: xr.DataTree, tmp_path: Path) -> None:
    figure = tc.plots.density(run)
    again = pd.read_csv(figure.save_table(tmp_path / "new" / "f.csv"))
    pd.testing.assert_frame_equal(again, figure.table)


def test_an_unknown_milestone_is_refused_by_name(small_run: xr.DataTree) -> None:
    for draw, subject in ((tc.plots.cdf, small_run), (tc.plots.cdf, {"one": small_run}),
                          (tc.plots.density, small_run)):  # fmt: skip
        with refused("unknown-milestone", "quantity"):
            draw(subject, "agi")


def test_durations_are_not_drawn_on_an_axis_of_dates(run: xr.DataTree) -> None:
    for name, unit in (("cdf", "date"), ("density", "year")):
        with refused(f"duration-has-no-calendar-{unit}", "quantity", got=TAKEOFF):
            _draw(name)(run, TAKEOFF)


@pytest.mark.slow
def test_all_figures_of_a_simulated_run_are_drawn(small_run: xr.DataTree) -> None:
    for name in ALL:
        assert len(_draw(name)(small_run).table) > 1


def test_a_backend_that_turns_interactive_while_drawing_stays_so() -> None:
    # As a notebook's does when the first figure loads it; turned off again, no later figure would be shown.
    before = mpl.is_interactive()
    try:
        with house():
            mpl.interactive(True)
        assert mpl.is_interactive()
    finally:
        mpl.interactive(before)
