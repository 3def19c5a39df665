"""Pooled runs: the mixture of outcomes, its error with shared random numbers, and what is not pooled."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from refusals import refused
from synthetic_run import numbers, synthetic
from timecone.errors import ArgumentError
from timecone.results.estimators.mixture import mixture_quantiles, mixture_shares
from timecone.results.run_file.pool import pooled_cdf
from timecone.results.tables.batch import batch_table

WEIGHTS = np.array([0.3, 0.7])


@pytest.fixture(scope="module")
def runs() -> dict[str, xr.DataTree]:
    return {"slow": synthetic(name="slow"), "fast": synthetic(0.05, pace=1.5, name="fast")}


def _counted(shift: float, pace: float) -> np.ndarray:
    n = numbers(shift, pace)
    return n["whole"][n["standing"] == 0]


def test_a_pool_is_the_mixture_of_the_outcomes(runs: dict[str, xr.DataTree]) -> None:
    pooled = tc.pool(runs, {"slow": 3, "fast": 7}, years=[2035, 2045], q=[10, 50])
    dates = [_counted(0.0, 1.0), _counted(0.05, 1.5)]
    for year in (2035, 2045):
        expected = sum(w * np.mean(d < year + 1.0) for w, d in zip(WEIGHTS, dates, strict=True))
        assert pooled["probability"].sel(year=year).item() == pytest.approx(expected, abs=1e-12)
    expected = 1.0 - sum(w * np.mean(np.isfinite(d)) for w, d in zip(WEIGHTS, dates, strict=True))
    assert pooled["not_reached"].item() == pytest.approx(expected, abs=1e-12)
    # Another way to the percentile: the date at which the weighted sum of both CDFs passes the level.
    every = np.sort(np.concatenate(dates))
    total = sum(
        w * np.searchsorted(np.sort(d), every, side="right") / d.size
        for w, d in zip(WEIGHTS, dates, strict=True)
    )
    for level in (10, 50):
        first = every[np.argmax(total >= level / 100.0 - 1e-12)]
        assert pooled["value"].sel(percentile=level).item() == first


def test_a_pool_is_no_average_of_percentiles(runs: dict[str, xr.DataTree]) -> None:
    medians = [tc.percentiles(run, "whole", [90]).item() for run in runs.values()]
    pooled = tc.pool(runs, {"slow": 1, "fast": 1}, q=[90])["value"].item()
    assert np.isinf(medians).any() or abs(pooled - np.mean(medians)) > 0.5


def test_the_whole_weight_on_one_run_gives_that_run(runs: dict[str, xr.DataTree]) -> None:
    pooled = tc.pool(runs, {"slow": 2.0, "fast": 0.0}, years=[2040], q=[25, 50])
    alone = tc.probability_by(runs["slow"], "whole", [2040])
    assert pooled["probability"].item() == alone.item()
    assert pooled["probability_lower"].item() == pytest.approx(alone["lower"].item(), abs=1e-4)
    np.testing.assert_array_equal(
        pooled["value"].values, tc.percentiles(runs["slow"], "whole", [25, 50]).values
    )


def test_what_lies_beyond_the_earliest_horizon_is_not_reached(runs: dict[str, xr.DataTree]) -> None:
    short = runs["fast"].copy()
    short.attrs["horizon"] = 2050.0
    pooled = tc.pool(runs | {"fast": short}, {"slow": 1, "fast": 1})
    assert pooled.attrs["horizon"] == 2050.0
    assert pooled["year"].max() < 2050
    dates = [_counted(0.0, 1.0), _counted(0.05, 1.5)]
    expected = 1.0 - np.mean([np.mean(d < 2050.0) for d in dates])
    assert pooled["not_reached"].item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("paired", [True, False])
def test_the_intervals_cover(paired: bool) -> None:
    """400 pairs of exponential dates: the 95 % intervals cover 92.5 to 97.5 % of the truth."""
    draws, replicates = 400, 400
    weights = np.array([0.5, 0.5])
    scales = np.array([5.0, 6.0])
    truth = float(weights @ (1.0 - np.exp(-6.0 / scales)))
    grid = np.linspace(0.0, 30.0, 300_001)
    cdf = weights @ (1.0 - np.exp(-grid[None, :] / scales[:, None]))
    median = grid[np.searchsorted(cdf, 0.5)]
    counted = np.ones(draws, dtype=bool)
    rng = np.random.default_rng(12)
    inside = np.zeros((replicates, 2))
    apart = 0
    for k in range(replicates):
        u = rng.random(draws)
        v = u if paired else rng.random(draws)
        sides = [(-scales[0] * np.log(u), counted), (-scales[1] * np.log(v), counted)]
        share = mixture_shares(sides, weights, np.array([6.0]), paired=paired)
        date = mixture_quantiles(sides, weights, np.array([0.5]), paired=paired)
        inside[k] = [share.lower[0] <= truth <= share.upper[0], date.lower[0] <= median <= date.upper[0]]
        wrong = mixture_shares(sides, weights, np.array([6.0]), paired=False)
        apart += wrong.lower[0] <= truth <= wrong.upper[0]
    # Binomial with 400 trials of 0.95: outside these bounds with probability 0.02.
    assert np.all(np.abs(inside.mean(axis=0) - 0.95) < 2.33 * np.sqrt(0.05 * 0.95 / 400))
    if paired:
        assert apart / replicates < 0.9


def test_shares_that_all_draws_agree_on_have_an_interval() -> None:
    counted = np.ones(50, dtype=bool)
    sides = [(np.full(50, 3.0), counted)] * 2
    share = mixture_shares(sides, WEIGHTS, np.array([1.0, 5.0]), paired=True)
    np.testing.assert_array_equal(share.value, [0.0, 1.0])
    # Wilson's upper end of 0 in 50: z**2 / (n + z**2).
    assert share.upper[0] == pytest.approx(1.959964**2 / (50 + 1.959964**2), rel=1e-6)


@pytest.mark.parametrize(
    ("weights", "what"),
    [
        ({"slow": 1}, "no weight is stated; got 'fast'"),
        ({"slow": 1, "fast": 1, "fats": 1}, "Did you mean 'fast'"),
        ({"slow": 1, "fast": -1}, "not a weight"),
        ({"slow": 1, "fast": np.nan}, "not a weight"),
        ({"slow": 0, "fast": 0}, "all weights are 0"),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    runs: dict[str, xr.DataTree], weights: Mapping[str, float], what: str
) -> None:
    with pytest.raises(ArgumentError, match=what):
        tc.pool(runs, weights)


def test_different_milestones_are_not_pooled(runs: dict[str, xr.DataTree]) -> None:
    other = runs["fast"].copy(deep=True)
    other["summary"] = other["summary"].dataset.assign_coords(
        milestone_definition=("milestone", ["half", "all but one"])
    )
    with pytest.raises(
        ArgumentError, match="do not forecast the same milestone; got \"'all' and 'all but one'\""
    ):
        tc.pool(runs | {"fast": other}, {"slow": 1, "fast": 1})
    # Outside the pool it does no harm.
    tc.pool(runs | {"fast": other}, {"slow": 1, "fast": 0})
    with pytest.raises(ArgumentError, match="unknown milestone"):
        tc.pool(runs, {"slow": 1, "fast": 1}, "agi")
    with pytest.raises(ArgumentError, match="a year outside the runs"):
        tc.pool(runs, {"slow": 1, "fast": 1}, years=[2150])


def test_the_table_shows_a_gap_where_a_run_does_not_reach_a_year(runs: dict[str, xr.DataTree]) -> None:
    pooled = tc.pool(runs, {"slow": 1, "fast": 1}, years=[2035], q=[10, 50, 90])
    table = batch_table(runs, pooled, years=[2035, 2090])
    by_label = dict(table.rows)
    assert [cells[4].text for cells in by_label.values()] == ["-", "-", "-"]
    expected = tc.probability_by(runs["slow"], "whole", [2035]).item()
    assert float(by_label["slow"][3].text) == pytest.approx(expected, abs=1e-3)
    assert "mixture of the outcomes with the weights slow 0.5, fast 0.5" in table.note


def test_milestones_that_a_mapping_names_are_pooled(runs: dict[str, xr.DataTree]) -> None:
    names = {"slow": "half", "fast": "whole"}
    pooled = tc.pool(runs, {"slow": 3, "fast": 7}, names, years=[2035, 2045])
    assert pooled.attrs["quantity"] == "half or whole"
    for year in (2035, 2045):
        parts = [tc.probability_by(runs[key], name, [year]).item() for key, name in names.items()]
        assert pooled["probability"].sel(year=year).item() == pytest.approx(WEIGHTS @ parts, abs=1e-12)
    # Both runs have all of one milestone's weight: naming it for each is naming it once.
    named = tc.pool(runs, {"slow": 1, "fast": 1}, dict.fromkeys(runs, "whole"))
    xr.testing.assert_identical(named, tc.pool(runs, {"slow": 1, "fast": 1}, "whole"))
    with refused("run-without-milestone", "quantity", got="fast"):
        tc.pool(runs, {"slow": 1, "fast": 1}, {"slow": "half"})
    with refused("unknown-milestone", "fast", got="agi"):
        tc.pool(runs, {"slow": 1, "fast": 1}, {"slow": "half", "fast": "agi"})


def test_the_pooled_distribution_function_is_the_sum_of_both(runs: dict[str, xr.DataTree]) -> None:
    names = {"slow": "half", "fast": "whole"}
    curve = pooled_cdf(runs, {"slow": 3, "fast": 7}, names, step=1.0)
    for weight, (key, name) in zip(WEIGHTS, names.items(), strict=True):
        curve = curve - weight * tc.cdf(runs[key], name, step=1.0).values
    np.testing.assert_allclose(curve, 0.0, atol=1e-12)


def test_a_run_that_is_not_pooled_is_drawn_and_said_to_be_apart(runs: dict[str, xr.DataTree]) -> None:
    figure = tc.plots.pool(runs, {"slow": 1, "fast": 0}, {"slow": "half", "fast": "whole"})
    alone = figure.table[figure.table["curve"] == "slow"]["probability"]
    pooled = figure.table[figure.table["curve"] == "pooled"]["probability"]
    np.testing.assert_allclose(pooled, alone, atol=1e-12)
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert ["not pooled" in text for text in legend] == [False, True, False]
    figure.close()
