"""Components that take the place of the trends: closed forms, a second implementation, and the open loop."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from scipy import integrate

import direct_approach as oracle
import timecone as tc
from refusals import refused
from timecone.inputs.distributions import Distribution
from timecone.models import find
from timecone.models.compute.components import chip_limits, compute_trend, soft_caps
from timecone.models.compute.parameters import ECONOMY_GROWTH
from timecone.models.model import Setup, TimeGrid

pytestmark = pytest.mark.slow

DRAWS = 2000
MODEL = find("compute")


@pytest.fixture(scope="module")
def direct():
    """Return a run of the Direct Approach that stores every draw and its trajectories."""
    scenario = tc.load("published/direct_approach_2023")
    return tc.simulate(scenario, draws=DRAWS, seed=4, paths=DRAWS, keep=DRAWS, threads=1)


@pytest.fixture(scope="module")
def solved(direct):
    """Return what the oracle makes of the same draws: its terms, year by year."""
    v = {name: values.to_numpy() for name, values in direct["inputs"].data_vars.items()}
    growth, economy = v["investment.growth"], 1.0 + v["economy.growth"]
    slope = v["chips.cores_growth"] / (365.25 * 86400.0)
    speed = oracle.chips(
        v["chips.process_size_limit"], v["chips.transistors_per_core"], v["chips.cores_1970"], slope
    )
    start = v["investment.largest_run"] / growth
    return {
        "spending": oracle.spending(
            growth,
            start[:, None],
            (v["economy.output"] / economy)[:, None],
            economy,
            v["investment.cap_share"],
        ),
        "price_performance": oracle.price_performance(speed, v["chips.specialisation"]),
        "algorithms": oracle.algorithms(v["algorithms.growth"], v["algorithms.headroom"]),
        "requirement": v["threshold.requirement"],
    }


def test_every_draw_of_the_direct_approach_follows_its_second_implementation(direct, solved):
    paths = direct["paths"].sel(time=oracle.YEARS.astype(float))
    for name in ("spending", "price_performance"):
        np.testing.assert_allclose(paths[name].values, solved[name], rtol=0.0, atol=1e-9, err_msg=name)
    gain = solved["algorithms"] - solved["algorithms"][:, :1]
    np.testing.assert_allclose(paths["algorithmic_gain"].values, gain, rtol=0.0, atol=1e-9)
    compute = solved["spending"] + solved["price_performance"] + gain
    np.testing.assert_allclose(paths["effective_compute"].values, compute, rtol=0.0, atol=2e-9)


def test_dates_of_the_direct_approach_lie_in_the_year_of_its_second_implementation(direct, solved):
    outcomes = direct["outcomes"]
    above = solved["spending"] + solved["price_performance"] + solved["algorithms"]
    above = above > solved["requirement"][:, None]
    dates = outcomes["arrival"].sel(milestone="tai").values
    first = np.where(above.any(axis=1), 2023.0 + above.argmax(axis=1), np.inf)
    assert np.array_equal(np.where(dates <= 2100.0, np.ceil(dates), np.inf), first)
    fallen = (np.maximum.accumulate(above, axis=1) & ~above).any(axis=1)
    assert np.array_equal(outcomes["falls_back"].values[dates <= 2100.0] > 0, fallen[dates <= 2100.0])
    assert 0 < np.isfinite(first).sum() < DRAWS


def test_chips_are_read_where_a_calendar_says():
    years = np.arange(2023, 2071)
    published = oracle.FIRST_SECOND + oracle.SECONDS_APART * oracle.year_points()[: years.size]
    read = np.vectorize(chip_limits.trend_date)(years.astype(float))
    assert np.array_equal(read, published)
    # Inside a leap year too the date is the first of the grid that is not before.
    for date in (datetime(2024, 7, 2, tzinfo=UTC), datetime(2031, 3, 1, tzinfo=UTC)):
        begin, end = (datetime(date.year + k, 1, 1, tzinfo=UTC).timestamp() for k in (0, 1))
        year = date.year + (date.timestamp() - begin) / (end - begin)
        ahead = chip_limits.trend_date(year) - date.timestamp()
        assert -1e-3 <= ahead < oracle.SECONDS_APART


def test_price_performance_rises_when_chips_stop_improving():
    # Without growth a chip is paid off in 12 years, with the published 50 % a year in 2.
    of_price = chip_limits.price_performance
    still, growing = of_price(15.0, 0.0, 5000.0), of_price(15.0, np.log10(1.5), 5000.0)
    assert float(still - growing) == pytest.approx(np.log10(12.0 / 2.0), abs=1e-12)
    assert float(still) == pytest.approx(15.0 + np.log10(12.0 * 365 * 86400 / 5000), abs=1e-12)


def test_a_soft_cap_is_the_exponential_saturation():
    v, top = (a.ravel() for a in np.meshgrid(np.linspace(-9.0, 25.0, 69), np.linspace(0.1, 14.0, 15)))
    found = np.vectorize(soft_caps.soft_cap)(v, top)
    np.testing.assert_allclose(found, oracle.soft_cap(v, top), rtol=0.0, atol=1e-12)
    assert np.all(found <= np.minimum(v, top) + 1e-12)
    assert [soft_caps.soft_cap(trend, 3.0) for trend in (-80.0, 500.0)] == [-10.0, 3.0]


@pytest.mark.parametrize(("early", "late", "sigma"), [(0.66, 0.18, 8.0), (0.2, 0.5, 2.5), (0.3, 0.3, 18.0)])
def test_the_series_of_the_trend_is_the_integral_of_its_growth(early, late, sigma):
    def growth(t):
        return late * (early / late) ** np.exp(-(t**2) / (2.0 * sigma**2))

    weights, rates = np.empty(compute_trend.MOST_TERMS), np.empty(compute_trend.MOST_TERMS)
    terms = compute_trend.set_series(early, late, sigma, weights, rates)
    for years in (0.0, 0.3, 3.0, 18.0, 78.0):
        expected = integrate.quad(growth, 0.0, years, epsabs=1e-13, epsrel=1e-13, limit=200)[0]
        found = compute_trend.trend_growth(years, late, weights, rates, terms)
        assert float(found) == pytest.approx(expected, abs=1e-11), years


def _inputs(**values):
    """Return a block of inputs: defaults, and ``values`` by parameter, two underscores for the dot."""
    rows = np.array([p.default if isinstance(p.default, float) else 0.0 for p in MODEL.parameters])
    inputs = np.repeat(rows[:, None], 512, axis=1)
    names = [p.name for p in MODEL.parameters]
    for name, value in values.items():
        inputs[names.index(name.replace("__", "."))] = value
    return inputs


@pytest.mark.parametrize("step", [1.0, 0.25])
def test_far_from_all_limits_the_alternatives_are_the_open_loop(step):
    # With caps and headrooms out of reach all three ways to approach them leave the same trends.
    rng = np.random.default_rng(5)
    halving = rng.uniform(0.6, 3.0, 512)
    inputs = _inputs(
        hardware__price_performance=rng.uniform(1e17, 1e18, 512),
        hardware__doubling_time=rng.uniform(1.5, 3.0, 512),
        hardware__headroom=60.0,
        economy__output=1e60,
        economy__growth=rng.uniform(-0.01, 0.05, 512),
        investment__largest_run=rng.uniform(1e7, 1e9, 512),
        investment__growth=rng.uniform(1.2, 4.0, 512),
        investment__cap_share=1.0,
        investment__trend_lifetime=rng.uniform(0.5, 20.0, 512),
        algorithms__halving_time=halving,
        algorithms__halving_time_past=halving,
        algorithms__headroom=60.0,
        algorithms__growth=np.log10(2.0) / halving,
        threshold__requirement=rng.uniform(25.0, 36.0, 512),
        threshold__reference_year=2020.0,
        automation__gap=rng.uniform(1.0, 6.0, 512),
        automation__adoption_lag=rng.uniform(0.0, 4.0, 512),
    )
    grid = TimeGrid(2026.0, 2066.0, step)
    plain = MODEL.outcomes(inputs, Setup(grid, evidence_step=8))
    soft = MODEL.outcomes(inputs, Setup(grid, frozenset({"soft_caps"}), evidence_step=8))
    np.testing.assert_array_equal(soft.status, plain.status)
    # Effective compute may peak inside a step only where the economy shrinks after the trend's end.
    np.testing.assert_allclose(soft.arrival, plain.arrival, rtol=0.0, atol=1e-8)
    np.testing.assert_allclose(
        soft.observed["effective_compute"], plain.observed["effective_compute"], rtol=0.0, atol=1e-9
    )
    np.testing.assert_allclose(soft.evidence, plain.evidence, rtol=0.0, atol=1e-9)
    for name in ("ai_workers", "run_length_limit"):
        np.testing.assert_allclose(soft.extras[name], plain.extras[name], rtol=1e-5, err_msg=name)
    assert np.isfinite(plain.arrival[2]).sum() > 300
    assert not soft.extras["falls_back"][inputs[ECONOMY_GROWTH] > 0.0].any()


def test_spending_meets_its_caps_where_the_trend_does():
    inputs = _inputs(
        chips__process_size_limit=2.0,
        chips__transistors_per_core=1e6,
        chips__cores_1970=-0.7,
        chips__cores_growth=0.09,
        economy__output=1e14,
        economy__growth=0.0,
        investment__largest_run=1e8,
        investment__growth=10.0,
        investment__cap_share=1e-4,
        investment__cap_usd=1e10,
        algorithms__growth=0.0,
        algorithms__headroom=3.0,
        threshold__requirement=90.0,
        threshold__reference_year=2026.0,
        automation__gap=4.0,
    )
    setup = Setup(TimeGrid(2026.0, 2036.0, 0.25), frozenset({"chip_limits", "soft_caps"}))
    # Two caps of 1e10 USD are one of half of it, which the trend of a factor 10 a year meets after 1.7 years.
    reached = MODEL.outcomes(inputs, setup).extras["cap_reached"]
    np.testing.assert_allclose(reached, 2026.0 + np.log10(50.0), rtol=0.0, atol=1e-9)
    spent = MODEL.trajectories(inputs, setup)["spending"][0]
    trend = 10.0 ** (8.0 + np.arange(41) / 4.0)
    np.testing.assert_allclose(10.0**spent, 5e9 * -np.expm1(-trend / 5e9), rtol=1e-9)


def test_the_tracer_shows_what_the_run_counts(direct):
    grid = TimeGrid(2023.0, 2101.0, 1.0)
    assert direct["paths"]["effective_compute"].sizes["time"] == grid.steps + 1
    fan = direct["summary"]["fan_effective_compute"].sel(time=2040.0, percentile=50.0)
    median = np.quantile(direct["paths"]["effective_compute"].sel(time=2040.0), 0.5, method="inverted_cdf")
    assert float(fan) == pytest.approx(float(median), abs=0.02)


def test_steps_of_a_quarter_change_no_year_of_the_direct_approach(direct):
    time = {"start": 2023.0, "horizon": 2101.0, "step": "quarter"}
    scenario = tc.load("published/direct_approach_2023").replace({}, time=time)
    finer = tc.simulate(scenario, draws=500, seed=4, paths=0, keep=500, threads=1)
    yearly, quarterly = (r["outcomes"]["arrival"].sel(milestone="tai").values[:500] for r in (direct, finer))
    both = np.isfinite(yearly)
    assert np.mean(np.abs(yearly[both] - quarterly[both]) < 1e-6) > 0.98
    assert np.all(quarterly[both] <= yearly[both] + 1e-6)


def test_alternatives_are_refused_with_feedback_and_with_what_they_replace():
    scenario = tc.load("published/direct_approach_2023")
    stock = {"data.stock": Distribution("point", {"value": 1e14}, "token")}
    with refused("components-exclude", "components.chip_limits", got=["data_wall"]):
        scenario.replace(stock)
    with refused("replaced-parameter", "parameters.hardware.doubling_time"):
        scenario.replace({"hardware.doubling_time": Distribution("point", {"value": 2.0}, "year")})


def test_growth_is_split_into_what_the_curves_are_made_of():
    for name, parts in (
        ("direct_approach_2023", {"hardware", "investment", "algorithms"}),
        ("sevilla_2023_takeoff", {"compute", "algorithms"}),
    ):
        stored = tc.simulate(tc.load(f"published/{name}"), draws=64, seed=2, paths=64, threads=1)
        split = tc.decomposition(stored, 2025.0, 2040.0)
        compute = stored["paths"]["effective_compute"]
        whole = compute.sel(time=2040.0).values - compute.sel(time=2025.0).values
        np.testing.assert_allclose(split["growth"].values, whole, rtol=0.0, atol=1e-9)
        assert {part for part in split.data_vars if split[part].values.any()} == parts | {"growth"}
