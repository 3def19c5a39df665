"""Percentiles and probabilities of a summary are those of its draws: NumPy's, of every draw of the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import timecone as tc
from examples import examples
from timecone.results.estimators.histogram import grid_percentiles
from timecone.results.run_file.curves import thresholds
from timecone.scenario.file import parse
from timecone.schema import BIN_WIDTH, FAN_PERCENTILES, Grid, Inclusion
from toy_model import SOURCE, open_content

GRID = Grid(low=0.0, width=0.02, bins=7000)

DRAWS = 512
LEVELS = np.array(FAN_PERCENTILES)


def quantiles(values: np.ndarray, q: np.ndarray = LEVELS) -> np.ndarray:
    """Return the inverted empirical CDF, last axis levels; ranks in whole numbers, as 0.07 * 100 is not 7."""
    return np.moveaxis(np.quantile(values, q / 100.0, axis=-1, method="inverted_cdf"), 0, -1)


def on_the_grid(levels: np.ndarray) -> np.ndarray:
    """Return levels as far as they are counted: infinite in the first and the last bin of the grid."""
    known = np.where(levels < GRID.width, -np.inf, levels)
    return np.where(levels >= (GRID.bins - 1) * GRID.width, np.inf, known)


def within_a_bin(stored: np.ndarray, expected: np.ndarray, width: float) -> None:
    np.testing.assert_array_equal(np.isposinf(stored), np.isposinf(expected))
    np.testing.assert_array_equal(np.isneginf(stored), np.isneginf(expected))
    finite = np.isfinite(expected)
    np.testing.assert_allclose(stored[finite], expected[finite], rtol=0.0, atol=width * (1.0 + 1e-6))


# -------------------------------------------------------------------------------------- counts of levels

#: Levels that share a bin, lie far apart, or lie outside the grid of 0 to 140.
samples = st.lists(
    st.one_of(
        st.floats(20.0, 60.0),
        st.sampled_from([36.0, 36.005, 47.3, 0.03, 139.97]),
        st.sampled_from([-np.inf, -5.0, 0.01, 139.99, 1e3, np.inf]),
    ),
    min_size=1,
    max_size=60,
)


@given(values=samples, copies=st.integers(1, 40))
def test_percentiles_of_counts_are_those_of_the_levels(values: list[float], copies: int) -> None:
    # Ties as well as single draws, so that bins hold any share of them.
    levels = np.repeat(np.array(values), [copies if k == 0 else 1 for k in range(len(values))])
    counts = np.zeros(GRID.bins, dtype=np.int64)
    for level in levels:
        counts[int(np.clip(np.floor(level / GRID.width), 0, GRID.bins - 1))] += 1
    within_a_bin(grid_percentiles(counts, LEVELS, GRID), quantiles(on_the_grid(levels)), GRID.width)


@pytest.mark.parametrize("level", [36.0, 0.5, 139.9])
def test_a_level_that_all_draws_share_is_every_percentile(level: float) -> None:
    counts = np.zeros((2, GRID.bins), dtype=np.int64)
    counts[:, round(level / GRID.width)] = 1000
    np.testing.assert_allclose(grid_percentiles(counts, LEVELS, GRID), level, rtol=0.0, atol=GRID.width)


def test_no_draws_have_no_percentiles() -> None:
    assert np.isnan(grid_percentiles(np.zeros(GRID.bins, dtype=np.int64), LEVELS, GRID)).all()


# --------------------------------------------------------------------------------------------- whole runs

#: Marginals of a need (log10 FLOP) and of a rate (OOM a year): points, narrow and broad ones, never.
_NEEDS: dict[str, dict[str, Any]] = {
    "point": {"distribution": "point", "value": 36.0},
    "narrow": {"distribution": "normal", "mean": 33.3, "sd": 0.004},
    "broad": {"distribution": "normal", "mean": 45.0, "sd": 15.0},
    "two": {"distribution": "discrete", "values": [24.0, 47.0], "probabilities": [0.3, 0.7]},
    "never": {
        "distribution": "mixture",
        "components": [
            {"weight": 0.9, "distribution": "normal", "mean": 33.0, "sd": 3.0},
            {"weight": 0.1, "distribution": "point", "value": float("inf")},
        ],
    },
}
_RATES: dict[str, dict[str, Any]] = {
    "point": {"distribution": "point", "value": 0.75},
    "narrow": {"distribution": "uniform", "low": 0.5, "high": 0.5001},
    "broad": {"distribution": "lognormal", "median": 0.5, "sigma": 1.2},
}


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    content = open_content()
    near, far = (_NEEDS[draw(st.sampled_from([*_NEEDS]))] for _ in range(2))
    content["choices"] = {"view": {"weights": {"near": 0.3, "far": 0.7}} | SOURCE}
    need = {"by": "view", "values": {"near": near, "far": far}, "unit": "log10 FLOP"}
    rate = _RATES[draw(st.sampled_from([*_RATES]))] | {"unit": "OOM/year"}
    content["parameters"]["growth"] = {"need": need | SOURCE, "rate": rate | SOURCE}
    content["run"] = {"seed": draw(st.integers(0, 99)), "design": draw(st.sampled_from(["random", "sobol"]))}
    return content


@given(content=scenarios())
@settings(max_examples=examples(10))
def test_a_summary_is_that_of_all_its_draws(content: dict[str, Any]) -> None:
    scenario = parse(content)
    whole = tc.simulate(scenario, draws=DRAWS, threads=1, keep=DRAWS, paths=DRAWS)
    binned = tc.simulate(scenario, draws=DRAWS, threads=1, keep=DRAWS // 8, paths=1)
    outcomes = whole["outcomes"].dataset
    counted = outcomes["standing"].values == Inclusion.COUNTED
    assert counted.any()
    _compare_fan(whole, binned, counted)
    _compare_requirements(whole, binned, counted)
    for name in whole["summary"]["milestone"].values:
        dates = outcomes["arrival"].sel(milestone=name).values[counted]
        expected = quantiles(dates)
        np.testing.assert_array_equal(tc.percentiles(whole, name, LEVELS).values, expected)
        within_a_bin(tc.percentiles(binned, name, LEVELS).values, expected, BIN_WIDTH)
        years = np.array([2027, 2040, 2065])
        share = (dates[:, None] < years + 1.0).mean(axis=0)
        for run in (whole, binned):
            np.testing.assert_allclose(tc.probability_by(run, name, years).values, share, atol=1e-12)
            at = run["summary"]["cdf"].sel(milestone=name, year=years)
            np.testing.assert_allclose(at.values, share, atol=1e-12)


def _compare_fan(whole: xr.DataTree, binned: xr.DataTree, counted: np.ndarray) -> None:
    times = whole["summary"]["time"].values
    levels = whole["paths"]["effective_compute"].sel(time=times).transpose("time", "path").values[:, counted]
    for run in (whole, binned):
        within_a_bin(
            run["summary"]["fan_effective_compute"].values, quantiles(on_the_grid(levels)), GRID.width
        )


def _compare_requirements(whole: xr.DataTree, binned: xr.DataTree, counted: np.ndarray) -> None:
    outcomes = whole["outcomes"].dataset
    need, view = outcomes["requirement"].values, outcomes["choice_view"].values
    need = on_the_grid(need)
    for run in (whole, binned):
        within_a_bin(thresholds(run).values[0], quantiles(need[counted]), GRID.width)
        by = thresholds(run, "view")
        for k, name in enumerate(outcomes["choice_view"].attrs["flag_meanings"].split()):
            if (own := counted & (view == k)).any():
                within_a_bin(by.sel(value=name).values, quantiles(need[own]), GRID.width)
