"""The tables that figures return hold the run's own numbers, recomputed here from its draws."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from refusals import refused
from synthetic_run import BASE, HORIZON, LIMIT, PARTS, PATHS, START, growth, numbers, synthetic
from timecone.models.compute import figures
from timecone.results.estimators.intervals import wilson
from timecone.results.run_file.access import choices
from timecone.results.run_file.histogram import arrival_histogram
from timecone.results.run_file.trajectories import percentiles_of_paths, trajectories

pytestmark = pytest.mark.usefixtures("closed_figures")

FAN = [5.0, 25.0, 50.0, 75.0, 95.0]


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return synthetic()


@pytest.fixture(scope="module")
def made() -> dict[str, np.ndarray]:
    return numbers()


def _kept(made: dict[str, np.ndarray]) -> np.ndarray:
    """Return which stored paths count."""
    return np.flatnonzero(made["standing"][:PATHS] == 0)


def _quantiles(values: np.ndarray) -> np.ndarray:
    return np.quantile(values, np.array(FAN) / 100.0, axis=0, method="inverted_cdf").T


# ------------------------------------------------------------------------------------------------- density


@pytest.mark.parametrize("name", ["half", "whole"])
def test_bins_and_bars_apart_sum_to_one(run: xr.DataTree, made: dict[str, np.ndarray], name: str) -> None:
    table = tc.plots.density(run, name).table
    assert table["probability"].sum() == pytest.approx(1.0, abs=1e-12)
    counted = made["standing"] == 0
    dates, early = made[name][counted], made["before"][counted] & (name == "half")
    assert table.iloc[0]["probability"] == early.sum() / counted.sum()
    assert table.iloc[-1]["probability"] == np.isinf(dates).sum() / counted.sum()
    bins = table[table["part"] == "bin"]
    edges = np.append(bins["begin"], bins["end"].iloc[-1])
    expected = np.histogram(dates[~early & np.isfinite(dates)], edges)[0]
    np.testing.assert_allclose(bins["probability"] * counted.sum(), expected, atol=1e-9)
    np.testing.assert_array_equal(bins["lower"], wilson(expected, counted.sum())[0])


def test_bins_are_as_narrow_as_the_error_allows(run: xr.DataTree) -> None:
    found = arrival_histogram(run, "whole")
    assert found.attrs["width"] == 2
    assert float(found["standard_error"].sum()) <= 0.1
    assert float(arrival_histogram(run, "whole", width=1)["standard_error"].sum()) > 0.1
    assert len(tc.plots.density(run, width=10).table) == 7


def test_what_never_comes_is_said_and_is_part_of_what_has_not_come(
    run: xr.DataTree, made: dict[str, np.ndarray]
) -> None:
    counted = made["standing"] == 0
    never = (made["level"][counted] > LIMIT).mean()
    found = arrival_histogram(run, "whole")
    assert found.attrs["never"] == never
    assert found.attrs["not_by_horizon"] > never
    assert f"In {100 * never:.2f} % of draws it never comes" in tc.plots.density(run).notes
    assert "never" not in tc.plots.density(run, "half").notes


def test_a_condition_selects_draws(run: xr.DataTree, made: dict[str, np.ndarray]) -> None:
    chosen = (made["standing"] == 0) & (made["view"] == 1)
    found = arrival_histogram(run, "half", where={"view": "high_bar"})
    assert found.attrs["draws"] == chosen.sum()
    assert found.attrs["before_start"] == (made["before"] & chosen).sum() / chosen.sum()


def test_a_width_below_a_year_is_refused(run: xr.DataTree) -> None:
    with refused("invalid-bin-width", "width"):
        tc.plots.density(run, width=0)


# ----------------------------------------------------------------------------------------------------- fan


def _levels(made: dict[str, np.ndarray], last: float) -> np.ndarray:
    """Return percentiles of effective compute in the draws that count, at whole years, from the draws."""
    years = np.arange(START, last + 1.0)
    return _quantiles(BASE + growth(made["rate"][made["standing"] == 0], years))


def test_the_main_fan_is_of_all_draws_that_count(run: xr.DataTree, made: dict[str, np.ndarray]) -> None:
    table = tc.plots.fan(run, until=2050.0).table
    wide = table.pivot_table(index="time", columns="percentile", values="value")
    np.testing.assert_allclose(wide.to_numpy(), _levels(made, 2050.0), rtol=0.0, atol=0.02)
    assert list(wide.index) == list(np.arange(2030.0, 2051.0))
    assert list(wide.columns) == FAN
    assert set(table["units"]) == {"log10 FLOP"}
    assert tc.plots.fan(run, "effective_compute", until=2050.0).table.equals(table)
    assert tc.plots.fan(run).caption.startswith("Percentiles at each date. ")
    assert "infinite" not in tc.plots.fan(run).notes


@pytest.mark.slow
def test_a_fan_of_infinite_percentiles_is_drawn_and_says_so() -> None:
    run = synthetic()
    summary = run["summary"].to_dataset()
    summary["fan_effective_compute"][25:, 6:] = np.inf  # from 2055 on, P75 and above
    run["summary"] = xr.DataTree(summary)
    for figure in (tc.plots.fan(run), tc.plots.threshold(run)):
        axes = figure.axes[0]
        figure.figure.canvas.draw()
        assert np.isfinite(axes.get_ylim()).all()
        assert "a percentile is infinite" in axes.get_legend_handles_labels()[1]
    assert "outside the range that is counted, 10⁰ to 10¹⁴⁰" in tc.plots.fan(run).notes
    assert np.isinf(tc.plots.fan(run).table["value"]).any()


@pytest.mark.parametrize("name", ["spending", "automation_share", "research_multiplier"])
def test_other_fans_are_of_the_paths_that_count(
    run: xr.DataTree, made: dict[str, np.ndarray], name: str
) -> None:
    kept = _kept(made)
    assert len(kept) < PATHS
    figure = tc.plots.fan(run, name)
    expected = _quantiles(run["paths"][name].values[kept])[:81]
    bands = figure.table[figure.table["percentile"].notna()]
    wide = bands.pivot_table(index="time", columns="percentile", values="value")
    np.testing.assert_array_equal(wide.to_numpy(), expected)
    drawn = figure.table[figure.table["percentile"].isna()]
    assert list(drawn["path"].unique()) == list(kept[:20])
    assert figure.caption.startswith(f"Percentiles at each date, from {len(kept)} stored paths.")
    whole = percentiles_of_paths(trajectories(run, name), [50])
    assert whole.attrs["paths"] == len(kept)


def test_logarithms_are_labelled_with_powers_of_ten(run: xr.DataTree) -> None:
    figure = tc.plots.fan(run, "spending")
    figure.figure.canvas.draw()
    words = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert "10¹⁰" in words
    assert figure.axes[0].get_ylabel() == "Cost of the largest run (USD)"
    assert tc.plots.fan(run, "research_multiplier").axes[0].get_yscale() == "log"


def test_an_unknown_observable_is_refused_by_name(run: xr.DataTree) -> None:
    with refused("trajectory-not-stored", "observable", got="spendin", names="'spending'"):
        tc.plots.fan(run, "spendin")


def test_a_run_without_paths_is_refused_with_the_remedy() -> None:
    empty = synthetic()
    empty["paths"] = xr.DataTree(xr.Dataset())
    for code, draw in (
        ("no-trajectories", figures.automation),
        ("no-trajectories", figures.spending),
        ("trajectory-not-stored", tc.plots.decomposition),
    ):
        with refused(code):
            draw(empty)
    with refused("no-trajectories", "paths", names="--paths above 0"):
        tc.plots.fan(empty, "spending")


# ----------------------------------------------------------------------------------------------- threshold


def test_requirements_are_the_thresholds_of_the_draws_that_count(
    run: xr.DataTree, made: dict[str, np.ndarray]
) -> None:
    table = tc.plots.threshold(run).table
    required = table[(table["part"] == "required") & table["probability"].notna()]
    for k, view in enumerate(("low_bar", "high_bar")):
        own = BASE + made["level"][(made["standing"] == 0) & (made["view"] == k)]
        rows = required[required["condition"] == view]
        *bins, never = zip(rows["level"], rows["level_end"], rows["probability"], strict=True)
        for level, end, probability in bins:
            assert end == pytest.approx(level + 0.5)
            assert probability == pytest.approx(np.mean((own >= level) & (own < end)))
        assert never == (140.0, np.inf, pytest.approx(np.mean(own > BASE + LIMIT)))
        assert rows["probability"].sum() == pytest.approx(1.0)
    percentiles = table[(table["part"] == "required") & table["percentile"].notna()]
    for k, view in enumerate(("low_bar", "high_bar")):
        own = made["level"][(made["standing"] == 0) & (made["view"] == k)]
        own = np.where(own > LIMIT, np.inf, BASE + own)
        rows = percentiles[percentiles["condition"] == view]
        expected = np.quantile(own, rows["percentile"] / 100.0, method="inverted_cdf")
        np.testing.assert_allclose(rows["level"], expected, rtol=0.0, atol=0.02)
        assert np.isinf(expected[-1])
    available = table[table["part"] == "available"].pivot_table(
        index="time", columns="percentile", values="level"
    )
    np.testing.assert_allclose(available.to_numpy(), _levels(made, 2070.0), rtol=0.0, atol=0.02)


@pytest.mark.slow
def test_requirements_are_shown_by_the_choice_that_moves_them(small_run: xr.DataTree) -> None:
    shown = tc.plots.threshold(small_run).table["condition"].dropna().unique()
    assert set(shown) == {"bio_anchors", "direct_approach", "full_takeoff"}
    other = tc.plots.threshold(small_run, "data").table["condition"].dropna().unique()
    assert set(other) == set(choices(small_run)["data"])
    with refused("unknown-choice", "choice"):
        tc.plots.threshold(small_run, "treshold")


def test_what_is_cut_off_the_axis_is_written_beside_it(run: xr.DataTree, made: dict[str, np.ndarray]) -> None:
    figure = tc.plots.threshold(run)
    words = [t.get_text() for t in figure.axes[1].get_legend().get_texts()]
    own = (made["standing"] == 0) & (made["view"] == 1)
    never = np.mean(made["level"][own] > LIMIT)
    assert words[0].startswith("if view is low bar\n(")
    assert words[1].startswith(f"if view is high bar\n({100 * never:.0f}")
    assert words[1].endswith(" % never)")
    assert "Never: no level suffices, or only one above 10¹⁴⁰." in figure.notes


def test_a_median_requirement_above_the_axis_is_marked_at_its_edge() -> None:
    run = synthetic()
    summary = run["summary"].to_dataset()
    counts = summary["requirement_count"].values
    counts[1] = 0
    counts[1, -1] = 1000  # nothing suffices under the second view
    run["summary"] = xr.DataTree(summary)
    figure = tc.plots.threshold(run)
    marks = [line.get_marker() for line in figure.axes[1].lines]
    assert sorted(marks) == ["^", "o"]
    words = [t.get_text() for t in figure.axes[1].get_legend().get_texts()]
    assert words[1] == "if view is high bar\n(100 % never)"


# --------------------------------------------------------------------------------------------------- joint


def test_squares_strips_and_the_rest_are_all_draws(run: xr.DataTree, made: dict[str, np.ndarray]) -> None:
    table = tc.plots.joint(run).table
    counted = made["standing"] == 0
    assert table["draws"].sum() == counted.sum()
    assert table["probability"].sum() == pytest.approx(1.0, abs=1e-12)
    assert table.iloc[-1]["draws"] == np.isinf(made["whole"][counted]).sum()
    date, duration = made["whole"][counted], run["outcomes"]["takeoff_duration"].values[counted]
    for _, row in table.iloc[:-1].iterrows():
        inside = (date >= row["arrival_begin"]) & (date < row["arrival_end"])
        inside &= (duration >= row["duration_begin"]) & (duration < row["duration_end"])
        assert row["draws"] == np.sum(inside & np.isfinite(date))


def test_later_arrivals_stand_in_a_strip(run: xr.DataTree, made: dict[str, np.ndarray]) -> None:
    figure = tc.plots.joint(run, until=2045.0)
    later = figure.table[np.isinf(figure.table["arrival_end"]) & np.isfinite(figure.table["arrival_begin"])]
    assert set(later["arrival_begin"]) == {2045.0}
    date = made["whole"][made["standing"] == 0]
    assert later["draws"].sum() == np.sum((date >= 2045.0) & np.isfinite(date))


# ------------------------------------------------------------------------------------------- decomposition


def test_parts_are_the_means_and_add_up_to_the_growth(run: xr.DataTree, made: dict[str, np.ndarray]) -> None:
    figure = tc.plots.decomposition(run, until=2060.0)
    wide = figure.table.pivot_table(index="time", columns="part", values="growth")
    parts = ["hardware", "investment", "algorithms", "supply", "data_wall"]
    np.testing.assert_allclose(wide[parts].sum(axis=1), wide["growth"], atol=1e-9)
    x = growth(made["rate"][_kept(made)], wide.index.to_numpy()).mean(axis=0)
    np.testing.assert_allclose(wide["growth"], x, atol=1e-9)
    for part, name in (("hardware", "price_performance"), ("data_wall", "wall_loss")):
        np.testing.assert_allclose(wide[part], PARTS[name] * x, atol=1e-9)
    assert (wide.index[0], wide.index[-1]) == (START, 2060.0)
    last = figure.table[(figure.table["time"] == 2060.0) & (figure.table["part"] == "growth")]
    values = growth(made["rate"][_kept(made)], np.array([2060.0]))[:, 0]
    assert last["standard_error"].item() == pytest.approx(values.std(ddof=1) / len(values) ** 0.5)


def test_losses_lie_below_zero_and_the_top_of_the_stack_is_the_sum_without_them(run: xr.DataTree) -> None:
    axes = tc.plots.decomposition(run).axes[0]
    bands = {band.get_label(): band.get_paths()[0].vertices[:, 1] for band in axes.collections}
    assert bands["lost to supply limits"].max() <= 0.0
    assert bands["lost to the data wall"].min() < bands["lost to supply limits"].min()
    assert bands["algorithmic gain"].max() > bands["cost of the largest run"].max()
    assert bands["cost of the largest run"].max() > bands["price-performance"].max() > 0.0


def test_limits_that_a_model_lacks_are_not_in_the_legend() -> None:
    free = synthetic()
    paths = free["paths"].dataset.drop_vars(["supply_loss", "wall_loss"])
    kept = sum(paths[n] for n in ("price_performance", "spending", "algorithmic_gain"))
    free["paths"] = xr.DataTree(paths.assign(effective_compute=kept))
    axes = tc.plots.decomposition(free).axes[0]
    assert not [t for t in axes.get_legend().get_texts() if "lost" in t.get_text()]


# ------------------------------------------------------------------------------------ automation, spending


def test_automation_shows_the_share_and_the_milestones_on_the_way(
    run: xr.DataTree, made: dict[str, np.ndarray]
) -> None:
    table = figures.automation(run).table
    share = table[table["part"] == "share"].pivot_table(index="time", columns="percentile", values="value")
    expected = _quantiles(run["paths"]["automation_share"].values[_kept(made)])[:81]
    np.testing.assert_array_equal(share.to_numpy(), expected)
    chance = table[table["part"] == "probability"]
    assert list(chance["quantity"].unique()) == ["half way", "all there"]
    last = chance[(chance["quantity"] == "all there") & (chance["time"] == 2070.0)]
    dates = made["whole"][made["standing"] == 0]
    assert last["value"].item() == np.mean(dates < 2070.0)
    assert last["lower"].item() < last["value"].item() < last["upper"].item()


def test_spending_is_shown_against_both_caps(run: xr.DataTree, made: dict[str, np.ndarray]) -> None:
    table = figures.spending(run).table
    kept = _kept(made)
    time = run["paths"]["time"].values[:81]
    caps = table[table["part"] == "cap of output"].pivot_table(
        index="time", columns="percentile", values="value"
    )
    expected = _quantiles(np.log10(made["cap"][kept])[:, None] + 14.0 + 0.02 * (time - START))
    np.testing.assert_allclose(caps.to_numpy(), expected, rtol=0.0, atol=1e-12)
    absolute = table[table["part"] == "absolute cap"].set_index("percentile")["value"]
    usd = np.log10(run["inputs"]["investment.cap_usd"].values[kept])
    assert absolute[50.0] == np.quantile(usd, 0.5, method="inverted_cdf")
    assert np.isinf(absolute[95.0])
    reached = table[(table["part"] == "probability") & (table["time"] == 2050.0)]["value"].item()
    assert reached == np.mean(made["cap_reached"][made["standing"] == 0] < 2050.0)


def test_spending_without_a_dated_cap_is_one_panel() -> None:
    plain = synthetic()
    plain["outcomes"] = xr.DataTree(plain["outcomes"].dataset.drop_vars("cap_reached"))
    figure = figures.spending(plain)
    assert len(figure.axes) == 1
    assert "Below" not in figure.caption
    plain["inputs"] = xr.DataTree(plain["inputs"].dataset.drop_vars("investment.cap_share"))
    with refused("run-has-no-spending-cap", "inputs"):
        figures.spending(plain)


# -------------------------------------------------------------------------------------------------- inputs


def test_every_input_that_varies_has_a_panel_and_a_row(run: xr.DataTree) -> None:
    figure = tc.plots.inputs(run)
    stored = run["inputs"]
    varying = [str(n) for n in stored.data_vars if n not in ("growth.base", "choice_view")]
    rows = figure.table[figure.table["share"].isna()].set_index("input")
    assert list(rows.index) == varying
    assert len(figure.axes) == len(varying) + 1
    for name in varying:
        values = stored[name].values
        assert rows.loc[name, "p50"] == np.quantile(values, 0.5, method="inverted_cdf")
        assert rows.loc[name, "infinite"] == np.isinf(values).mean()
    labels = [axes.get_xlabel() for axes in figure.axes]
    assert any(words.startswith("USD (∞ in ") for words in labels)
    shares = figure.table[figure.table["input"] == "choice view"].set_index("value")["share"]
    assert shares["high_bar"] == run["inputs"]["choice_view"].values.mean()


def test_correlations_are_spearmans_and_noise_is_left_out(run: xr.DataTree) -> None:
    figure = tc.plots.correlations(run)
    rho = figure.table.set_index(["first", "second"])["rho"]
    stored = run["inputs"]
    for first, second in (("growth.rate", "threshold.gap"), ("threshold.gap", "data.stock")):
        ranks = [np.argsort(np.argsort(stored[name].values)) for name in (first, second)]  # without ties
        expected = np.corrcoef(ranks)[0, 1]
        assert rho[first, second] == pytest.approx(expected, abs=1e-12)
    shown = {t.get_text() for t in figure.axes[0].get_xticklabels() + figure.axes[0].get_yticklabels()}
    assert "threshold: gap" in shown
    assert "growth.rate" not in shown
    assert len(rho) == 7 * 6 / 2


def test_inputs_without_uncertainty_are_refused() -> None:
    certain = synthetic()
    certain["inputs"] = xr.DataTree(certain["inputs"].dataset[["growth.base", "choice_view"]])
    for draw in (tc.plots.inputs, tc.plots.correlations):
        with refused("no-uncertain-input", "run"):
            draw(certain)


@pytest.mark.parametrize("name", ["fan", "threshold", "joint", "decomposition", "automation", "spending"])
@pytest.mark.parametrize("until", [2020.0, 2030.0, float("nan")])
def test_an_end_before_the_start_is_refused(run: xr.DataTree, name: str, until: float) -> None:
    with refused("fan-end-before-start", "until"):
        (getattr(tc.plots, name, None) or getattr(figures, name))(run, until=until)


@pytest.mark.slow
def test_bins_of_replicates_have_the_error_between_them(baseline: tc.Scenario) -> None:
    design = baseline.model_copy(update={"run": baseline.run.model_copy(update={"design": "sobol"})})
    stored = tc.simulate(design, draws=4096, seed=1, threads=1, paths=1)
    found = arrival_histogram(stored, "tai")
    random = wilson(np.rint(found.values * found.attrs["draws"]).astype(int), found.attrs["draws"])
    inside = found["upper"] - found["lower"]
    assert float(inside.sum()) != pytest.approx(float(np.sum(random[1] - random[0])), rel=1e-3)
    table = tc.plots.density(stored).table
    assert table["probability"].sum() == pytest.approx(1.0, abs=1e-12)


def test_dates_end_at_the_horizon(run: xr.DataTree) -> None:
    assert tc.plots.cdf(run).table["date"].max() == HORIZON
    for name in ("fan", "decomposition"):
        assert getattr(tc.plots, name)(run, until=2200.0).table["time"].max() <= HORIZON
