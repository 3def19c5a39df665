"""Parts of the AI Futures Model against quadrature, brute force, SciPy's integrators and definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from ai_futures_inputs import MODEL, dates, preset, run, setup, stack
from timecone.models.horizon import coding_labour, series, state, taste, throughput
from timecone.models.horizon.run import FAILURES, Rules, calibrate
from timecone.schema import Status
from timecone.simulation.block import _between

pytestmark = pytest.mark.slow

DRAWS = 12


@pytest.fixture(scope="module")
def drawn() -> list:
    """Return some draws of the December preset, calibrated."""
    inputs = stack(preset("eli_2025_12", DRAWS, seed=3))
    out = []
    for i in range(DRAWS):
        draw, failure = calibrate(inputs, i, series.series("2025_12"), Rules(True, slowdown=True), 2025.6)
        assert failure == 0
        out.append((dict(zip([p.name for p in MODEL.parameters], inputs[:, i], strict=True)), draw))
    return out


def test_gauss_series_is_the_integral_of_the_schedule() -> None:
    for power in (0.01, 0.7, 6.5, 40.0):
        for ceiling in (1.02, 1.1, 1.5):
            for task in (0.01, 0.4, 0.9, 1.0):
                share = task / ceiling
                whole, _ = integrate.quad(lambda j, c=ceiling, g=power: (j / (c - j)) ** g, 0.0, task)
                x = np.log(share / (1.0 - share))
                value = coding_labour.gauss_series(power, share)
                ours = ceiling * np.exp((1.0 + power) * x) * (1.0 - share) ** 2 * value / (1.0 + power)
                np.testing.assert_allclose(ours, whole, rtol=1e-7)


def test_throughput_gains_and_losses_are_the_stated_ones(drawn) -> None:
    for inputs, draw in drawn:
        parts, compute, labour = draw.throughput, draw.log_experiments, draw.log_labour

        def x(log_compute: float, log_labour: float, parts=parts) -> float:
            return float(np.exp(throughput.log_throughput(parts, log_compute, log_labour)))

        now, much = x(compute, labour), 1e6
        gains = (
            (x(compute, much), inputs["throughput.unlimited_labour"]),
            (x(much, labour), inputs["throughput.unlimited_compute"]),
        )
        for gain, stated in gains:
            assert abs(gain / now / stated - 1.0) < 1e-9
        assert abs(now / x(compute - np.log(10.0), labour) / inputs["throughput.compute_cut"] - 1.0) < 1e-9


def test_taste_has_the_stated_ratio_the_mean_1_and_the_limit(drawn) -> None:
    for inputs, draw in drawn:
        t = draw.taste
        top, median, limit = (
            taste.log_taste(t.log_limit, t.power, t.curvature, t.mean + t.deviation * z)[0]
            for z in (stats.norm.ppf(0.999), 0.0, 1e8)
        )
        ratio = inputs["taste.top_to_median"]
        assert abs(np.exp(top - median) / ratio - 1.0) < 1e-6
        assert abs(limit - (1.0 + inputs["taste.limit"]) * np.log(ratio)) < 1e-6

        def mean_above(z: float, t=t) -> float:
            def weighted(x: float) -> float:
                log_t, _ = taste.log_taste(t.log_limit, t.power, t.curvature, t.mean + t.deviation * x)
                return float(np.exp(log_t - 0.5 * x * x) / np.sqrt(2.0 * np.pi))

            return integrate.quad(weighted, z, 12.0, limit=400)[0]

        # By 32 nodes: the mean is met as well as these resolve the foot of the distribution.
        assert abs(mean_above(-12.0) - 1.0) < 5e-3
        for z in (-3.5, -1.0, 0.5, 2.0, 4.0):
            log_f, _ = taste.log_taste(t.log_limit, t.power, t.curvature, t.mean + t.deviation * z)
            team = np.exp(log_f) * stats.norm.cdf(z) + mean_above(z)
            at = t.coder + (z - t.at_coder) / t.slope
            assert abs(np.exp(taste.log_team_taste(t, at)) / team - 1.0) < 1e-4


def _best_labour(coding, compute: float, supply: float) -> float:
    """Return ln(labour / L) by trying all tasks: B by the trapezoidal rule over their log-odds."""
    odds = np.linspace(-30.0, min(coding.most, 45.0), 40_001)
    human = 1.0 / (1.0 + np.exp(odds))
    task = 1.0 - human
    at = coding.midpoint + np.log(task / (coding.ceiling - task)) / coding.steepness
    p, slope = coding.exponent, coding.gain * coding.steepness
    log_weight = -slope * p / (1.0 - p) * (at - compute)
    weight = np.exp(log_weight) * task * human
    total = np.concatenate([[0.0], np.cumsum(0.5 * np.diff(odds) * (weight[1:] + weight[:-1]))])
    share = coding_labour.automatable_share(coding, compute)
    with np.errstate(divide="ignore"):
        log_machine = p * supply + (1.0 - p) * np.log(total)
    labour = np.logaddexp((1.0 - p) * np.log(human), log_machine) / p
    return float(labour[task <= share].max(initial=0.0))


def test_coding_labour_is_the_best_division_of_tasks(drawn) -> None:
    for _, draw in drawn:
        coding = draw.coding
        # From little automation over scarce compute to the largest multiple.
        for x in (-3.0, 0.0, coding.full - 0.05, coding.full + 0.5):
            compute = coding.midpoint + x / coding.steepness
            for per_coder in (draw.log_compute_per_coder - 6.0, draw.log_compute_per_coder + 3.0):
                ours = coding_labour.log_multiple(coding, compute, per_coder)
                best = _best_labour(coding, compute, per_coder + coding.log_efficiency)
                assert abs(ours - best) < 2e-3 + 1e-3 * abs(best), (x, per_coder, ours, best)


def test_coding_labour_of_the_start_is_the_stated_multiple(drawn) -> None:
    for inputs, draw in drawn:
        at = draw.human_only.effective_compute
        multiple = np.exp(coding_labour.log_multiple(draw.coding, at, draw.log_compute_per_coder))
        assert abs(multiple / inputs["coding.multiple_now"] - 1.0) < 1e-6


def test_dates_are_those_of_an_integrator_with_step_control() -> None:
    inputs = preset("site_2025_12")
    draw, _ = calibrate(stack(inputs), 0, series.series("2025_12"), Rules(True, slowdown=False), 2025.6)
    years, rows = draw.series.years, draw.series.years.size

    def slopes(t: float, y: np.ndarray) -> list[float]:
        j = min(int(np.searchsorted(years, t, "right")) - 1, rows - 1)
        return [state.slopes(draw, t, y[0], 0.0, j)[0]]

    solved = integrate.solve_ivp(
        slopes, (2012.0, 2036.0), [0.0], "DOP853", rtol=1e-9, atol=1e-9, max_step=0.05, dense_output=True
    )
    times = np.linspace(2025.0, 2036.0, 11_001)
    e = [
        state.effective_compute(draw, t, y, 0.0, int(np.searchsorted(years, t, "right")) - 1)
        for t, y in zip(times, solved.sol(times)[0], strict=True)
    ]
    ours = dates(run(inputs, setup("december_2025", step=0.1)))
    levels = {
        "ac": draw.horizon.coder,
        "sar": taste_level(draw, taste.TOP),
        "ted_ai": taste_level(draw, 4.0 * taste.TOP),
        "asi": taste_level(draw, 6.0 * taste.TOP),
    }
    for name, level in levels.items():
        assert abs(ours[name][0] - np.interp(level, e, times)) < 1e-3, name


def taste_level(draw, deviations: float) -> float:
    """Return the effective compute of a research taste."""
    return draw.horizon.coder + (deviations - draw.taste.at_coder) / draw.taste.slope


def test_observables_pass_the_levels_of_milestones_at_their_dates() -> None:
    inputs = preset("eli_2026_01")
    how = setup("january_2026", 2040.0, 0.1)
    ours, traced = dates(run(inputs, how)), MODEL.trajectories(stack(inputs), how)
    times = how.grid.times

    def at(name: str, date: float) -> float:
        return float(np.interp(date, times, traced[name][0]))

    for k in (5, 25, 250, 2000, 10000):
        assert abs(at("research_speedup", ours[f"air_{k}"][0]) - np.log10(k)) < 0.02
    assert abs(at("coding_multiple", ours["ai2027_sc"][0]) - np.log10(675_000.0)) < 0.02
    for name, level in (("sar", taste.TOP), ("siar", 3.0 * taste.TOP), ("ted_ai", 2.5 * taste.TOP)):
        assert abs(at("research_taste", ours[name][0]) - level) < 0.05
    assert abs(traced["task_horizon"][0, 0] - np.log10(32.0 / 60.0)) < 1e-9
    assert traced["effective_compute"][0, 0] == pytest.approx(0.0, abs=1e-9)
    yearly = run(inputs, how).observed
    assert set(yearly) == {o.name for o in MODEL.counted_observables}
    for name, values in yearly.items():
        np.testing.assert_array_equal(values[:, 0], traced[name][0, :: how.grid.stride])


def test_editions_differ_in_gap_and_milestones() -> None:
    base = preset("eli_2026_01")
    gap = base | {"gap.present": np.ones(1), "gap.progress": np.array([0.7]), "gap.horizon": np.array([16.0])}
    january = setup("january_2026")
    # Only the rules of December read the horizon before the gap.
    assert dates(run(gap, january))["ac"] > dates(run(base, january))["ac"]
    other = gap | {"gap.horizon": np.array([1e6])}
    assert dates(run(other, january))["ac"] == dates(run(gap, january))["ac"]
    december = setup("december_2025")
    assert dates(run(other, december))["ac"] > dates(run(gap, december))["ac"] + 0.5
    # A taste at the coder above the best human's: January adds steps to it, December multiplies it.
    early = base | {"taste.at_automated_coder": np.array([4.0])}
    of = {name: run(early, setup(name, step=0.1)) for name in ("december_2025", "january_2026")}
    for name, (expert, asi) in {
        "december_2025": (4.0 * 2.5, 4.0 * 4.5),
        "january_2026": (4.0 + 1.5 * taste.TOP, 4.0 + 3.5 * taste.TOP),
    }.items():
        traced = MODEL.trajectories(stack(early), setup(name, step=0.1))["research_taste"][0]
        ours = dates(of[name])
        times = setup(name, step=0.1).grid.times
        for column, level in (("ted_ai", expert), ("asi", asi)):
            assert abs(np.interp(ours[column][0], times, traced) - level) < 0.1


def test_a_coder_at_the_start_an_impossible_multiple_and_no_taste_fail_by_name() -> None:
    base = preset("eli_2026_01")
    changes = {
        "coder_at_start": {"horizon.automated_coder": 0.5},
        "no_multiple": {"coding.multiple_now": 1e9, "coding.largest_multiple": 1e4},
        "no_taste": {"taste.top_to_median": 1.109, "taste.limit": 1.13, "taste.smoothing": 0.266},
    }
    for name, change in changes.items():
        inputs = base | {key: np.array([value]) for key, value in change.items()}
        outcomes = MODEL.outcomes(stack(inputs), setup("january_2026"))
        assert outcomes.failure is not None
        assert list(FAILURES)[outcomes.failure[0] - 1] == name
        assert (outcomes.status == Status.FAILED).all()
        assert np.isinf(outcomes.arrival).all()


def test_no_spread_of_taste_gives_a_ratio_that_is_too_large_for_its_limit() -> None:
    # The draw that fails above: with the mean 1, the ratio of the best to the median rises and falls again.
    smoothing, ratio, limit = 0.266, 1.109, 1.13
    log_limit = (1.0 + limit) * np.log(ratio)
    power = 2.0 * np.log(1.0 / smoothing - 1.0) / log_limit
    curvature = 1.0 - (1.0 / smoothing - 1.0) ** 2
    z = np.linspace(-8.0, 8.0, 4001)
    weights = stats.norm.pdf(z) * (z[1] - z[0])

    def value(x: np.ndarray) -> np.ndarray:
        bracket = 1.0 + curvature * np.expm1(power * x / curvature)
        return np.maximum(bracket, 0.0) ** (1.0 / power)

    largest = 0.0
    for deviation in np.geomspace(0.003, 3.0, 40):
        low, high = -50.0 * deviation * (1.0 + deviation), 10.0 * deviation
        for _ in range(50):
            mean = 0.5 * (low + high)
            low, high = (mean, high) if weights @ value(mean + deviation * z) < 1.0 else (low, mean)
        top, median = value(np.array([mean + deviation * taste.TOP, mean]))
        largest = max(largest, top / median)
    assert 1.05 < largest < ratio


def test_a_longer_horizon_or_a_slower_doubling_never_brings_the_coder_forward() -> None:
    base = preset("eli_2025_12", 200, seed=7)
    base["gap.present"][:] = 0.0
    how = setup("december_2025", 2100.0, slowdown=True)
    before = dates(run(base, how))["ac"]
    for name, factor in (("horizon.automated_coder", 3.0), ("horizon.doubling_time", 1.3)):
        later = dates(run(base | {name: base[name] * factor}, how))["ac"]
        assert (later >= before).all()
        assert np.isfinite(later).any()


def test_ai_whose_efficiency_leaps_never_takes_coding_labour_away() -> None:
    # The smaller the exponent of parallel labour, the steeper: 1e30 times per OOM and more.
    base = preset("eli_2025_12", 60, seed=5)
    base["labour.parallel_exponent"] = np.linspace(0.018, 0.06, 60)
    base["coding.efficiency_slope"] = np.linspace(10.0, 6.0, 60)
    outcomes = MODEL.outcomes(stack(base), setup("december_2025", 2045.0, slowdown=True))
    kept = outcomes.failure == 0
    assert kept.mean() > 0.8
    multiple = outcomes.observed["coding_multiple"][:, kept]
    assert multiple.min() >= 0.0
    assert multiple.max() > 1.0


def test_years_from_a_coder_that_does_not_come_are_infinite() -> None:
    arrival = np.array([[2027.0, np.inf, 2027.0, np.inf], [2026.0, 2028.0, np.inf, np.inf]])
    np.testing.assert_array_equal(_between(arrival, [(0, 1)]), [[-1.0, np.inf, np.inf, np.inf]])
