"""A binned sample answers as the full one does, exactly at bin edges and within half a bin elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timecone.results.estimators.sample import BinnedSample, ReplicatedSample, SortedSample
from timecone.results.run_file.accumulator import Accumulator
from timecone.results.run_file.percentiles import of_sample
from timecone.results.run_file.probabilities import probability_before
from timecone.schema import BIN_WIDTH, BINS_PER_YEAR, Inclusion

ORIGIN, HORIZON = 2026.0, 2056.0
YEARS = np.arange(ORIGIN, HORIZON + 1.0)
# Half a bin, and the rounding of a date near 2000.
HALF_BIN = 0.5 * BIN_WIDTH + 1e-9


def _tallied(dates: np.ndarray) -> Accumulator:
    """Count dates as a run does, in the only cell of the only milestone."""
    tally = Accumulator.empty(ORIGIN, HORIZON, milestones=1, strata=1, times=1, flags=0)
    draws = dates.size
    tally.add(
        arrival=dates[None, :],
        status=np.zeros((1, draws), dtype=np.int8),
        durations=np.empty((0, draws)),
        begins=[],
        observed=[],
        thresholds=[],
        inclusion=np.full(draws, Inclusion.COUNTED, dtype=np.int8),
        strata=np.zeros(draws, dtype=np.int64),
        flags=np.zeros((0, draws), dtype=np.int8),
        headline=0,
    )
    return tally


def _both(dates: np.ndarray) -> tuple[SortedSample, BinnedSample]:
    tally = _tallied(dates)
    binned = BinnedSample(ORIGIN, BINS_PER_YEAR, tally.arrivals[0, 0], int(tally.beyond[0, 0]))
    return SortedSample(np.sort(dates)), binned


def _adjoining(year: float) -> list[float]:
    return [float(np.nextafter(year, -np.inf)), year, float(np.nextafter(year, np.inf))]


dates = st.lists(
    st.one_of(
        st.floats(ORIGIN, HORIZON, exclude_max=True),
        st.sampled_from([d for year in YEARS[1:-1] for d in _adjoining(year)]),
        st.just(np.inf),
    ),
    min_size=1,
    max_size=60,
).map(np.array)


@given(values=dates)
def test_counts_are_exact_at_year_boundaries(values: np.ndarray) -> None:
    full, binned = _both(values)
    np.testing.assert_array_equal(binned.count_below(YEARS), full.count_below(YEARS))


@given(values=dates)
def test_order_statistics_agree_within_half_a_bin(values: np.ndarray) -> None:
    full, binned = _both(values)
    ranks = np.arange(1, values.size + 1)
    exact, approximate = full.order_statistic(ranks), binned.order_statistic(ranks)
    np.testing.assert_array_equal(np.isinf(approximate), np.isinf(exact))
    finite = np.isfinite(exact)
    assert np.all(np.abs(approximate[finite] - exact[finite]) <= HALF_BIN)


@given(values=dates)
def test_both_have_every_value_also_the_censored_ones(values: np.ndarray) -> None:
    full, binned = _both(values)
    assert full.size == binned.size == values.size
    reached = int(np.isfinite(values).sum())
    for sample in (full, binned):
        assert sample.count_below(np.array([np.inf]))[0] == reached
        assert sample.count_below(np.array([-np.inf]))[0] == 0


def test_a_date_just_before_new_year_belongs_to_the_old_year() -> None:
    for year in YEARS[1:-1]:
        full, binned = _both(np.array(_adjoining(year)))
        for sample in (full, binned):
            assert sample.count_below(np.array([year]))[0] == 1


def test_the_resolution_of_binned_values_is_stated() -> None:
    full, binned = _both(np.linspace(2030.0, 2040.0, 500))
    assert of_sample(full, np.array([50.0])).attrs["resolution"] == 0.0
    found = of_sample(binned, np.array([50.0]))
    assert found.attrs["resolution"] == pytest.approx(BIN_WIDTH)
    # A value known within a bin has at least a bin's own standard deviation.
    assert float(found.standard_error[0]) >= BIN_WIDTH / np.sqrt(12.0)


def test_binned_values_that_are_all_equal_are_not_claimed_to_be_exact() -> None:
    _, binned = _both(np.full(1000, 2033.3))
    assert float(of_sample(binned, np.array([50.0])).standard_error[0]) > 0.0


def test_probabilities_by_year_are_identical() -> None:
    random = np.random.default_rng(11)
    values = ORIGIN + random.exponential(12.0, 20_000)
    values[values >= HORIZON] = np.inf
    full, binned = _both(values)
    one, other = probability_before(full, YEARS), probability_before(binned, YEARS)
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.lower.values, other.lower.values)
    assert one.attrs == other.attrs
    assert one.attrs["not_by_horizon"] == pytest.approx(np.isinf(values).mean())


def test_the_interval_of_a_share_of_replicates_ends_at_0_and_1():
    parts = [SortedSample(np.array(values)) for values in ([1.0, 5.0], [5.0, 5.0], [5.0, 9.0])]
    pooled = SortedSample(np.sort(np.concatenate([part.values for part in parts])))
    lower, upper = ReplicatedSample(pooled, parts).share_interval(np.array([2.0, 7.0]))
    np.testing.assert_array_equal([lower[0], upper[1]], [0.0, 1.0])
    assert 0.0 < lower[1] < 5.0 / 6.0
    assert 1.0 / 6.0 < upper[0] < 1.0
