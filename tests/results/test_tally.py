"""Counts are integers: merged in any order and from any partition they are the same bit for bit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from timecone.results.run_file.accumulator import Accumulator
from timecone.schema import BINS_PER_YEAR, Grid, Inclusion, Status

ORIGIN, HORIZON = 2026.0, 2046.0
MILESTONES, STRATA, TIMES, FLAGS, DURATIONS, DRAWS = 2, 3, 4, 2, 2, 2000
GRID = Grid(low=-40.0, width=0.05, bins=2000)


@dataclass(frozen=True)
class Draws:
    """Blocks of draws as a model would give them, with failed and removed ones among them."""

    arrival: np.ndarray
    status: np.ndarray
    durations: np.ndarray
    observed: np.ndarray
    thresholds: np.ndarray
    inclusion: np.ndarray
    strata: np.ndarray
    flags: np.ndarray

    def part(self, chosen: np.ndarray | slice) -> dict[str, Any]:
        arrays = {f.name: np.ascontiguousarray(getattr(self, f.name)[..., chosen]) for f in fields(self)}
        counted = {
            name: [(values, GRID) for values in arrays.pop(name)] for name in ("observed", "thresholds")
        }
        return arrays | counted


def _draws(seed: int = 5) -> Draws:
    random = np.random.default_rng(seed)
    arrival = ORIGIN + random.exponential(10.0, (MILESTONES, DRAWS))
    early = random.random((MILESTONES, DRAWS)) < 0.1
    arrival[early] = ORIGIN
    arrival[arrival >= HORIZON] = np.inf
    status = np.where(np.isinf(arrival), Status.NOT_BY_HORIZON, Status.REACHED).astype(np.int8)
    status[early] = Status.BEFORE_START
    inclusion = random.choice(
        np.array([Inclusion.COUNTED, Inclusion.REMOVED_NOT_YET, Inclusion.FAILED], dtype=np.int8),
        DRAWS,
        p=[0.8, 0.15, 0.05],
    )
    durations = np.where(np.isinf(arrival[1]), np.inf, random.exponential(5.0, (DURATIONS, DRAWS)))
    # Two observables: values below zero count like any others.
    observed = random.normal([[[30.0]], [[-14.0]]], 3.0, (2, TIMES, DRAWS))
    # A failed draw may hold anything: none of it may reach a count.
    failed = inclusion == Inclusion.FAILED
    arrival[:, failed], status[:, failed] = np.nan, Status.FAILED
    durations[:, failed], observed[..., failed] = np.nan, np.nan
    thresholds = random.normal(33.0, 4.0, (1, DRAWS))
    thresholds[:, failed] = np.nan
    return Draws(arrival, status, durations, observed, thresholds, inclusion,
                 random.integers(0, STRATA, DRAWS),
                 (random.random((FLAGS, DRAWS)) < 0.3).astype(np.int8))  # fmt: skip


def _empty() -> Accumulator:
    return Accumulator.empty(
        ORIGIN,
        HORIZON,
        milestones=MILESTONES,
        strata=STRATA,
        times=TIMES,
        flags=FLAGS,
        durations=DURATIONS,
        grids=[GRID, GRID],
        threshold_grids=[GRID],
    )


def _tally(draws: Draws, chosen: np.ndarray | slice = slice(None)) -> Accumulator:
    tally = _empty()
    tally.add(**draws.part(chosen), begins=[0, 1], headline=1)
    return tally


def _assert_identical(one: Accumulator, other: Accumulator) -> None:
    assert one.origin == other.origin
    for mine, theirs in zip(one.arrays, other.arrays, strict=True):
        assert mine.dtype == theirs.dtype == np.int64
        np.testing.assert_array_equal(mine, theirs)


@given(
    cuts=st.lists(st.integers(0, DRAWS), max_size=6).map(sorted),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=examples(25))
def test_any_partition_merged_in_any_order_is_the_whole(cuts: list[int], order: object) -> None:
    draws = _draws()
    edges = [0, *cuts, DRAWS]
    parts = [_tally(draws, slice(a, b)) for a, b in pairwise(edges)]
    order.shuffle(parts)  # type: ignore[attr-defined]
    merged = _empty()
    for part in parts:
        merged.merge(part)
    _assert_identical(merged, _tally(draws))


def test_blocks_added_to_one_tally_are_the_whole() -> None:
    draws = _draws()
    tally = _empty()
    for first in range(0, DRAWS, 333):
        tally.add(**draws.part(slice(first, first + 333)), begins=[0, 1], headline=1)
    _assert_identical(tally, _tally(draws))


def test_shuffled_draws_are_counted_the_same() -> None:
    draws = _draws()
    _assert_identical(_tally(draws, np.random.default_rng(1).permutation(DRAWS)), _tally(draws))


def test_merging_is_associative_and_leaves_the_other_untouched() -> None:
    draws = _draws()
    a, b, c = (lambda k=k: _tally(draws, slice(k, None, 3)) for k in range(3))
    left, right, tail = a(), b(), c()
    left.merge(right)
    left.merge(tail)
    _assert_identical(right, b())
    inner, whole = b(), a()
    inner.merge(c())
    whole.merge(inner)
    _assert_identical(left, whole)


def test_an_empty_tally_adds_nothing() -> None:
    tally = _tally(_draws())
    tally.merge(_empty())
    _assert_identical(tally, _tally(_draws()))


def test_every_draw_is_counted_once() -> None:
    draws = _draws()
    tally = _tally(draws)
    assert tally.inclusion.sum() == DRAWS
    counted = tally.inclusion[:, Inclusion.COUNTED]
    for k in range(STRATA):
        inside = draws.strata == k
        for inclusion in Inclusion:
            expected = np.count_nonzero(inside & (draws.inclusion == inclusion))
            assert tally.inclusion[k, inclusion] == expected
    np.testing.assert_array_equal(tally.arrivals.sum(axis=2) + tally.beyond, [counted] * MILESTONES)
    durations = tally.durations.sum(axis=2) + tally.durations_beyond
    np.testing.assert_array_equal(durations + tally.durations_from_start, [counted] * DURATIONS)
    np.testing.assert_array_equal(tally.thresholds[0].sum(axis=1), counted)
    for values in tally.observables:
        np.testing.assert_array_equal(values.sum(axis=1), [counted.sum()] * TIMES)
    np.testing.assert_array_equal(tally.status.sum(axis=2), [counted] * MILESTONES)


@pytest.mark.parametrize("inclusion", [Inclusion.REMOVED_NOT_YET, Inclusion.FAILED])
def test_removed_and_failed_draws_reach_only_the_count_of_standings(inclusion: Inclusion) -> None:
    draws = _draws()
    tally = _tally(draws, draws.inclusion == inclusion)
    expected = np.count_nonzero(draws.inclusion == inclusion)
    assert tally.inclusion[:, inclusion].sum() == tally.inclusion.sum() == expected > 0
    others = [array for array in tally.arrays if array is not tally.inclusion]
    assert len(others) == len(tally.arrays) - 1
    assert not any(array.any() for array in others)


def test_counts_are_those_of_numpys_histograms() -> None:
    draws = _draws()
    tally = _tally(draws)
    counted = draws.inclusion == Inclusion.COUNTED
    edges = np.arange((HORIZON - ORIGIN) * BINS_PER_YEAR + 1)
    grid_edges = np.arange(GRID.bins + 1)
    for k in range(STRATA):
        inside = counted & (draws.strata == k)
        for m in range(MILESTONES):
            dates = draws.arrival[m, inside]
            expected, _ = np.histogram((dates[np.isfinite(dates)] - ORIGIN) * BINS_PER_YEAR, edges)
            np.testing.assert_array_equal(tally.arrivals[m, k], expected)
            assert tally.beyond[m, k] == np.isinf(dates).sum()
            kinds = np.bincount(draws.status[m, inside], minlength=len(Status))
            np.testing.assert_array_equal(tally.status[m, k], kinds)
        for d in range(DURATIONS):
            began = draws.status[d, inside] == Status.BEFORE_START
            assert tally.durations_from_start[d, k] == np.count_nonzero(began)
            whole = draws.durations[d, inside][~began]
            k_of = np.clip((whole[np.isfinite(whole)] * BINS_PER_YEAR).astype(int), 0, edges.size - 2)
            bins = np.bincount(k_of, minlength=edges.size - 1)
            np.testing.assert_array_equal(tally.durations[d, k], bins)
            assert tally.durations_beyond[d, k] == np.isinf(whole).sum()
        np.testing.assert_array_equal(tally.flags[:, k], draws.flags[:, inside].sum(axis=1))
        arrived = inside & np.isfinite(draws.arrival[1])
        np.testing.assert_array_equal(tally.flags_arrived[:, k], draws.flags[:, arrived].sum(axis=1))
        expected, _ = np.histogram((draws.thresholds[0, inside] - GRID.low) / GRID.width, grid_edges)
        np.testing.assert_array_equal(tally.thresholds[0][k], expected)
    for values, counts in zip(draws.observed, tally.observables, strict=True):
        for t in range(TIMES):
            expected, _ = np.histogram((values[t, counted] - GRID.low) / GRID.width, grid_edges)
            np.testing.assert_array_equal(counts[t], expected)


def _add_one(level: float, threshold: float) -> Accumulator:
    tally = Accumulator.empty(
        ORIGIN, HORIZON, milestones=1, strata=1, times=1, grids=[GRID], threshold_grids=[GRID]
    )
    tally.add(
        arrival=np.full((1, 1), np.inf),
        status=np.full((1, 1), Status.NOT_BY_HORIZON, dtype=np.int8),
        durations=np.empty((0, 1)),
        begins=[],
        observed=[(np.full((1, 1), level), GRID)],
        thresholds=[(np.full(1, threshold), GRID)],
        inclusion=np.zeros(1, dtype=np.int8),
        strata=np.zeros(1, dtype=np.int64),
        flags=np.zeros((0, 1), dtype=np.int8),
        headline=0,
    )
    return tally


@pytest.mark.parametrize(("level", "bin_"), [(-1e9, 0), (1e9, GRID.bins - 1)])
def test_levels_outside_the_grid_are_kept_at_its_ends(level: float, bin_: int) -> None:
    tally = _add_one(level, level)
    assert tally.observables[0][0, bin_] == tally.thresholds[0][0, bin_] == 1


def test_a_threshold_that_nothing_reaches_is_the_highest() -> None:
    assert _add_one(30.0, np.inf).thresholds[0][0, GRID.bins - 1] == 1
