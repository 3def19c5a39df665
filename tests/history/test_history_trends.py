"""Trends find what was put into made-up histories, and refuse what no trend can be drawn through."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from refusals import Refusal, refused
from timecone.history.estimates import compute_from_hardware, compute_from_parameters
from timecone.history.readers.columns import CONFIDENCES
from timecone.history.trends import (
    change_point,
    eras,
    extreme_trend,
    flagged,
    growth,
    measurement_sd,
    records_at_release,
    series,
    top_at_release,
    yearly_maxima,
)
from timecone.history.trends.measurement import FACTORS


def made_up(seed: int, count: int = 300, scatter: float = 0.5, bend: float | None = None):
    """A history that grows 4-fold a year from 2010, and 2-fold before ``bend`` if given."""
    rng = np.random.default_rng(seed)
    dates = rng.uniform(2000.0, 2025.0, count)
    exponent = (dates - 2010.0) * math.log10(4.0)
    if bend is not None:
        exponent = np.where(dates < bend, (dates - bend) * math.log10(2.0), (dates - bend) * math.log10(4.0))
    return dates, 10.0 ** (20.0 + exponent + rng.normal(0.0, scatter, count))


def test_a_series_leaves_out_what_is_missing_and_sorts_the_rest() -> None:
    found = series([2020.0, np.nan, 2018.0, 2019.0, 2021.0], [1e3, 1.0, 1e1, np.nan, 1e4], until=2021.0)
    assert found.dates.tolist() == [2018.0, 2020.0]
    assert found.values.tolist() == [1.0, 3.0]


@pytest.mark.parametrize("value", [0.0, -1.0, np.inf])
def test_a_series_of_logarithms_has_positive_values(value: float) -> None:
    with refused("no-logarithm", "values"):
        series([2020.0, 2021.0], [1.0, value])
    with refused("series-length-mismatch", "dates"):
        series([2020.0], [1.0, 2.0])
    with refused("empty-span", "until"):
        series([2020.0], [1.0], first=2021.0, until=2020.0)


@pytest.mark.parametrize("method", ["least_squares", "theil_sen"])
def test_an_exact_exponential_is_found_exactly(method: str) -> None:
    dates = np.linspace(2010.0, 2020.0, 21)
    found = growth(series(dates, 1e20 * 4.0 ** (dates - 2010.0)), seed=1, method=method)
    assert found.factor == pytest.approx(4.0)
    assert (found.low, found.high) == pytest.approx((4.0, 4.0))
    assert found.doubling_time == pytest.approx(0.5)
    assert found.doubling_interval == pytest.approx((0.5, 0.5))
    assert found.value(2030.0) == pytest.approx(20.0 + 20.0 * math.log10(4.0))
    assert found.residual_sd == pytest.approx(0.0, abs=1e-9)
    assert (found.observations, found.first, found.last, found.method) == (21, 2010.0, 2020.0, method)


@pytest.mark.parametrize("method", ["least_squares", "theil_sen"])
def test_intervals_hold_the_truth_as_often_as_they_say(method: str) -> None:
    # Out of these bounds one time in a thousand, if 88 to 91 of a hundred intervals of 90 % hold the truth.
    held = 0
    for seed in range(200):
        found = growth(series(*made_up(seed, 60)), seed=seed, resamples=500, method=method)
        held += found.low <= 4.0 <= found.high
    assert stats.binom.ppf(0.0005, 200, 0.88) <= held <= stats.binom.ppf(0.9995, 200, 0.91)


def test_one_wild_estimate_in_ten_moves_the_median_slope_less() -> None:
    dates, values = made_up(3, 200)
    wild = np.where(np.argsort(np.argsort(dates)) >= 180, values * 1e-8, values)
    plain = growth(series(dates, wild), seed=1)
    robust = growth(series(dates, wild), seed=1, method="theil_sen")
    assert abs(math.log(robust.factor / 4.0)) < 0.25 * abs(math.log(plain.factor / 4.0))


def test_growth_agrees_with_the_library_and_repeats_itself() -> None:
    dates, values = made_up(5)
    found = growth(series(dates, values), seed=7)
    library = stats.linregress(dates, np.log10(values))
    assert math.log10(found.factor) == pytest.approx(library.slope)
    assert found.residual_sd == pytest.approx(
        math.sqrt(np.sum((np.log10(values) - library.intercept - library.slope * dates) ** 2) / 298)
    )
    again = growth(series(dates, values), seed=7)
    other = growth(series(dates, values), seed=8)
    assert again == found
    assert (other.factor, other.level) == (found.factor, found.level)
    assert other.low != found.low
    wider = growth(series(dates, values), seed=7, mass=0.99)
    assert wider.low < found.low < found.factor < found.high < wider.high


def test_a_fall_has_a_negative_doubling_time_and_a_standstill_an_infinite_one() -> None:
    dates = np.array([2010.0, 2011.0, 2012.0, 2013.0])
    assert growth(series(dates, 0.5 ** (dates - 2010.0)), seed=1).doubling_time == pytest.approx(-1.0)
    assert math.isinf(growth(series(dates, np.full(4, 7.0)), seed=1).doubling_time)


def test_no_trend_through_too_little() -> None:
    for dates, values in (([2010.0, 2011.0], [1.0, 2.0]), ([2010.0] * 5, [1.0, 2.0, 3.0, 4.0, 5.0])):
        with refused("too-few-observations", "series"):
            growth(series(dates, values), seed=1)
    found = series(*made_up(1))
    for code, wrong in (
        ("invalid-interval-mass", {"mass": 1.0}),
        ("invalid-interval-mass", {"mass": 0.0}),
        ("unknown-method", {"method": "median"}),
        ("invalid-resample-count", {"resamples": 0}),
    ):
        with refused(code, *wrong):
            growth(found, seed=1, **wrong)


def test_eras_are_fitted_by_themselves() -> None:
    dates, values = made_up(2, 400, bend=2010.0)
    before, after = eras(series(dates, values), (2010.0,), seed=4)
    assert before == growth(series(dates, values, until=2010.0), seed=4)
    assert after == growth(series(dates, values, first=2010.0), seed=4)
    assert before.last < 2010.0 <= after.first
    assert before.low < 2.0 < before.high
    assert after.low < 4.0 < after.high
    with refused("not-ascending", "changes"):
        eras(series(dates, values), (2015.0, 2010.0), seed=4)


@pytest.mark.slow
def test_a_change_point_is_found_where_it_was_put() -> None:
    held, dates = 0, []
    for seed in range(40):
        made = series(*made_up(seed, 100, scatter=0.3, bend=2012.0))
        found = change_point(made, seed=1, resamples=100)
        held += found.low <= 2012.0 <= found.high
        dates.append(found.date)
    # Of 90 % intervals, but for one time in a thousand if they hold the truth 84 to 95 times in a hundred.
    assert stats.binom.ppf(0.0005, 40, 0.84) <= held <= stats.binom.ppf(0.9995, 40, 0.95)
    assert abs(np.mean(dates) - 2012.0) < 4.0 * np.std(dates) / math.sqrt(40)


def test_growth_before_and_after_a_change_point() -> None:
    found = change_point(series(*made_up(11, 300, scatter=0.3, bend=2012.0)), seed=1, resamples=100)
    assert found.before == pytest.approx(2.0, rel=0.03)
    assert found.after == pytest.approx(4.0, rel=0.03)
    assert found.bic_gain > 100.0
    assert found.residual_sd == pytest.approx(0.3, rel=0.1)


def test_the_best_two_lines_are_the_least_squares_of_a_hinge() -> None:
    found = series(*made_up(12, 80, bend=2015.0))
    change = change_point(found, seed=1, resamples=10)
    times = found.dates - 2010.0

    def squares(columns: list[np.ndarray]) -> tuple[np.ndarray, float]:
        design = np.column_stack(columns)
        weights, (rest,), *_ = np.linalg.lstsq(design, found.values)
        return weights, float(rest)

    weights, rest = squares([np.ones(80), times, np.maximum(found.dates - change.date, 0.0)])
    assert (math.log10(change.before), math.log10(change.after)) == pytest.approx(
        (weights[1], weights[1] + weights[2])
    )
    assert change.residual_sd == pytest.approx(math.sqrt(rest / 76))
    _, line = squares([np.ones(80), times])
    assert change.bic_gain == pytest.approx(80 * math.log(line / rest) - 2.0 * math.log(80))
    for other in np.linspace(found.dates[3], found.dates[-4], 200):
        assert squares([np.ones(80), times, np.maximum(found.dates - other, 0.0)])[1] >= rest * (1.0 - 1e-12)


def test_no_change_where_there_is_none() -> None:
    # A needless change gains more than it costs in a few steady histories of a hundred.
    gains = [change_point(series(*made_up(seed, 120)), seed=1, resamples=5).bic_gain for seed in range(40)]
    assert np.mean(np.array(gains) < 0.0) > 0.85


def test_a_change_point_needs_records_on_both_sides() -> None:
    found = series(*made_up(1, 50))
    for between in ((1990.0, 2010.0), (2010.0, 2030.0), (2012.0, 2011.0)):
        with refused("invalid-change-date", "between"):
            change_point(found, seed=1, between=between)
    with refused("too-few-observations", "series"):
        change_point(series(*made_up(1, 8)), seed=1)


RUNS = pd.DataFrame(
    {
        "name": list("ABCDEFGH"),
        "date": [2012.0, 2010.0, 2011.0, np.nan, 2013.0, 2014.0, 2014.0, 2015.0],
        "training_compute": [3.0, 2.0, 1.0, 9.0, np.nan, 3.0, 4.0, 2.5],
        "frontier": [True, False, True, True, True, False, False, False],
    }
)


def test_the_frontier() -> None:
    assert records_at_release(RUNS).name.tolist() == list("BAFG")
    assert top_at_release(RUNS, 2).name.tolist() == list("BCAFG")
    assert top_at_release(RUNS, 3).name.tolist() == list("BCAFG")
    assert top_at_release(RUNS, 4).name.tolist() == list("BCAFGH")
    assert flagged(RUNS).name.tolist() == list("CA")
    with refused("not-a-rank", "count"):
        top_at_release(RUNS, 0)
    with refused("unknown-column", "column"):
        top_at_release(RUNS, 1, "compute")


@pytest.mark.parametrize("count", [1, 5, 10])
def test_the_top_at_release_is_what_a_plain_count_says(count: int) -> None:
    dates, values = made_up(21, 200, scatter=2.0)
    rows = pd.DataFrame({"date": dates, "training_compute": values})
    expected = [i for i in range(200) if np.sum((dates < dates[i]) & (values > values[i])) < count]
    assert sorted(top_at_release(rows, count).index) == expected


def test_yearly_maxima() -> None:
    found = yearly_maxima(series([2010.1, 2010.9, 2012.0, 2012.99], [1e3, 1e5, 1e4, 1e2]))
    assert found.dates.tolist() == [2010.5, 2012.5]
    assert found.values.tolist() == [5.0, 4.0]


@pytest.mark.slow
@pytest.mark.parametrize("shape", [-0.2, 0.1, 0.3])
def test_extremes_are_found_within_their_standard_errors(shape: float) -> None:
    years = np.arange(1880.0, 2000.0) + 0.5
    errors = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        drawn = stats.genextreme.rvs(-shape, loc=0.1 * (years - 1900.0), scale=0.4, random_state=rng)
        found = extreme_trend(series(years, 10.0**drawn))
        assert found.regular
        errors.append(
            [
                (math.log10(found.factor) - 0.1) / found.factor_se,
                (found.location - 0.1 * (found.centre - 1900.0)) / found.location_se,
                (found.scale - 0.4) / found.scale_se,
                (found.shape - shape) / found.shape_se,
            ]
        )
    # Standard normal each, so the sums leave these bounds one time in a thousand.
    squares = (np.array(errors) ** 2).sum(axis=0)
    assert (squares > stats.chi2.ppf(0.0005, 8)).all()
    assert (squares < stats.chi2.ppf(0.9995, 8)).all()


def test_extremes_at_the_edge_have_no_standard_errors() -> None:
    years = np.arange(1900.0, 2000.0) + 0.5
    rng = np.random.default_rng(1)
    drawn = stats.genextreme.rvs(0.9, loc=0.1 * (years - 1950.0), scale=0.4, random_state=rng)
    found = extreme_trend(series(years, 10.0**drawn))
    assert not found.regular
    assert math.isnan(found.factor_se)
    assert all(math.isnan(end) for end in found.interval())
    with refused("too-few-observations", "series"):
        extreme_trend(series(years[:7], 10.0 ** drawn[:7]))
    with refused("maxima-on-a-line", "maxima"):
        extreme_trend(series(years, np.ones(100)))


def test_measurement_errors_by_grade() -> None:
    assert tuple(FACTORS) == CONFIDENCES
    sd = measurement_sd([["Confident", "Likely"], ["Speculative", "Unverified"]])
    assert sd.shape == (2, 2)
    # Within the factor, up or down, nine times in ten.
    inside = stats.norm.cdf(np.log10([3.0, 10.0, 30.0, 30.0]) / sd.ravel())
    assert 2.0 * inside - 1.0 == pytest.approx(0.9)
    with refused("unknown-grade", "confidence", got="likely", names="'Likely'"):
        measurement_sd("likely")


def test_compute_from_hardware_and_from_parameters() -> None:
    # GPT-3: 3.14e23 FLOP in Brown et al. 2020, from 175e9 parameters and 300e9 tokens.
    assert compute_from_parameters(174.6e9, 300e9) == pytest.approx(3.14e23, rel=0.005)
    assert compute_from_hardware(10, 1.0, 1e12, 0.5) == pytest.approx(10 * 3600 * 0.5e12)
    both = compute_from_parameters([1e9, np.nan], [[1e9], [2e9]])
    assert both.shape == (2, 2)
    assert np.isnan(both[:, 1]).all()
    assert both[:, 0].tolist() == [6e18, 1.2e19]


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ((0.0, 1.0, 1e12, 0.5), Refusal("out-of-range", "quantity", got=0.0)),
        ((1.0, -1.0, 1e12, 0.5), Refusal("out-of-range", "training_time", got=-1.0)),
        ((1.0, 1.0, np.inf, 0.5), Refusal("out-of-range", "peak", got=np.inf)),
        ((1.0, 1.0, 1e12, 45.0), Refusal("out-of-range", "utilisation", got=45.0, names="to 1")),
        ((1.0, 1.0, "H100", 0.5), Refusal("not-numbers", "peak", got="H100")),
    ],
)
def test_estimates_refuse_what_cannot_be(arguments: tuple, refusal: Refusal) -> None:
    with refusal.expected():
        compute_from_hardware(*arguments)
    with refused("shape-mismatch", None):
        compute_from_parameters([1.0, 2.0], [1.0, 2.0, 3.0])
