"""The AI 2027 models draw by draw: days in plain Python, SciPy's integrator, refusals, atoms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import ai2027_days as oracle
import timecone as tc
from ai2027_inputs import block, setup
from timecone.errors import ScenarioError
from timecone.models.ai2027 import benchmarks, takeoff, time_horizon
from timecone.models.ai2027.doublings import doublings_in_months, months_of_doublings
from timecone.models.ai2027.pace import Pace
from timecone.schema import Status

RATIO = {"superexponential": 0.9, "subexponential": 1.1, "exponential": 1.0}
DRAWS = 40
DAY = 1.0 / 365.0


def _require_within_days(ours: float, stepped: float, growth: float) -> None:
    """Fail unless a date is the stepped one within the error of its steps of a day.

    Steps end up to a day late, of which the pace of the first moment adds half a day for each factor e of
    growth; the slowdown begins up to a day late.
    """
    stepped = max(stepped, 2025.25)
    assert stepped - (1.1 + 0.5 * np.log(growth)) * DAY <= ours <= stepped + DAY, (ours, stepped)


@pytest.fixture(scope="module")
def horizons() -> tuple[np.ndarray, np.ndarray]:
    return block("time_horizon_eli", DRAWS, 11)


def _share(path: list[tuple[float, float]], times: np.ndarray) -> np.ndarray:
    dates, shares = np.array(path).T
    return np.interp(times, dates, np.minimum(shares, 1.0))


def test_the_time_horizon_extension_is_that_of_daily_steps(horizons) -> None:
    rows, growth = horizons
    at = setup("published")
    result, paths = time_horizon.outcomes(rows, at), time_horizon.trajectories(rows, at)
    kinds = set()
    for draw, kind in enumerate(growth):
        now, required, doubling_time, ratio, gap, lead, first, last = rows[:8, draw]
        assert ratio == RATIO[kind]
        months = oracle.doubling_months(np.log2(required / now), doubling_time, kind)
        date, path = oracle.arrival(months + gap, 2025.25 - lead / 12, first, last, 366.0)
        _require_within_days(min(result.arrival[0, draw], 2050.0), date, (1 + last) / (1 + first))
        share = _share(path, at.grid.times)
        speedup = np.log10((1 + first) * ((1 + last) / (1 + first)) ** share)
        np.testing.assert_allclose(paths["software_speedup"][draw], speedup, atol=0.03)
        kinds.add((kind, date < 2029.0, date < 2050.0))
    assert len(kinds) >= 4, "draws before, after and beyond 2029 and 2050 are wanted"


def test_benchmarks_and_gaps_is_that_of_daily_steps() -> None:
    rows, growth = block("benchmarks_nikola", DRAWS, 12)
    result = benchmarks.outcomes(rows, setup("published", horizon=2100.0))
    for draw, kind in enumerate(growth):
        saturation, saturated, required, doubling_time = rows[:4, draw]
        lead, first, last = rows[11:14, draw]
        doublings = np.log2((required / 167.0) / (saturated / 720.0))
        work = oracle.doubling_months(doublings, doubling_time, kind) + rows[5:11, draw].sum()
        date, _ = oracle.arrival(work, 2025.25 + saturation / 12, first, last, 365.0, cap=2130.0)
        date -= lead / 12
        if date >= 2100.0:
            assert result.status[0, draw] == Status.NOT_BY_HORIZON
        else:
            _require_within_days(result.arrival[0, draw], date, (1 + last) / (1 + first))


def _integrated(pace: Pace, draw: int) -> tuple[float, object]:
    """Return the months of a draw's work by SciPy, and the share done as a function of months."""
    work, first, last, turn, labour, compute = (
        float(getattr(pace, n)[draw]) for n in ("work", "first", "last", "turn", "labour", "compute")
    )

    def slope(slow: bool):
        def rate(_: float, share: np.ndarray) -> np.ndarray:
            v = first * (last / first) ** share
            if slow:
                return (np.sqrt(labour * v * (v - 1.0 + labour)) + compute) / 2.0 / work
            return (v + 1.0) / 2.0 / work

        return rate

    def done(_: float, share: np.ndarray) -> float:
        return share[0] - 1.0

    done.terminal = True  # type: ignore[attr-defined]
    tight = {"rtol": 1e-11, "atol": 1e-13, "events": done, "dense_output": True}
    parts, begin, share = [], 0.0, 0.0
    if turn > 0.0:
        early = solve_ivp(slope(slow=False), (0.0, turn), [0.0], **tight)
        parts.append((0.0, early.t[-1], early.sol))
        if early.t_events[0].size:
            return early.t_events[0][0], parts
        begin, share = turn, early.y[0, -1]
    late = solve_ivp(slope(slow=True), (begin, begin + 1e4), [share], **tight)
    return late.t_events[0][0], [*parts, (begin, late.t[-1], late.sol)]


def test_months_and_shares_are_those_of_scipy() -> None:
    rng = np.random.default_rng(7)
    pace = Pace(
        work=rng.uniform(1.0, 300.0, 24),
        first=1.0 + rng.uniform(0.01, 0.5, 24),
        last=np.r_[1.0 + rng.uniform(0.6, 60.0, 22), 1.005, 1.2],
        turn=np.r_[rng.uniform(5.0, 90.0, 20), 0.0, -30.0, 40.0, -1.0],
        labour=rng.uniform(0.2, 1.0, 24),
        compute=rng.uniform(0.0, 1.0, 24),
    )
    months = pace.months()
    for draw in range(24):
        exact, parts = _integrated(pace, draw)
        np.testing.assert_allclose(months[draw], exact, rtol=1e-8)
        times = np.linspace(0.0, exact, 30)
        ours = pace.progress(np.tile(times, (24, 1)))[draw]
        share = np.array([next(s for a, b, s in parts if a <= t <= b + 1e-9)(t)[0] for t in times])
        np.testing.assert_allclose(ours, share, atol=2e-4)


def test_a_speed_up_that_stays_the_same_is_the_limit_of_one_that_hardly_grows() -> None:
    def months(last: float) -> float:
        return Pace(*(np.array([v]) for v in (60.0, 1.2, last, 1e9, 0.5, 0.5))).months()[0]

    np.testing.assert_allclose(months(1.2), 60.0 * 2.0 / 2.2, rtol=1e-12)
    np.testing.assert_allclose(months(1.2), months(1.2 + 1e-9), rtol=1e-8)


def test_doublings_and_months_are_inverse_up_to_the_pole() -> None:
    n, ratio = np.meshgrid([0.0, 0.5, 3.0, 25.0], [0.9, 1.0, 1.1])
    months = months_of_doublings(n, np.full_like(n, 4.0), ratio)
    np.testing.assert_allclose(months[0, 3], sum(4.0 * 0.9**k for k in range(25)), rtol=1e-12)
    np.testing.assert_allclose(doublings_in_months(months, np.full_like(n, 4.0), ratio), n, rtol=1e-12)
    assert np.isinf(doublings_in_months(np.array([41.0]), np.array([4.0]), np.array([0.9])))[0]


def test_the_horizon_ends_at_the_required_one(horizons) -> None:
    rows, _ = horizons
    at = setup("corrected", horizon=2150.0, step=1.0)
    path = time_horizon.trajectories(rows, at)["task_horizon"]
    assert (path <= np.log10(np.maximum(rows[0], rows[1]))[:, None] + 1e-9).all()
    reached = time_horizon.outcomes(rows, at).status[0] == Status.REACHED
    assert reached.sum() > 30
    np.testing.assert_allclose(path[reached, -1], np.log10(np.maximum(rows[0], rows[1]))[reached])
    assert (np.diff(path, axis=1) >= 0.0).all()


def test_a_horizon_that_is_long_enough_gives_time_back_only_as_published(horizons) -> None:
    rows = horizons[0][:, :1].copy()
    rows[[0, 1, 4]] = [[8.0], [4.0], [20.0]]
    corrected, published = (
        time_horizon.outcomes(rows, setup(scheme)).arrival[0, 0] for scheme in ("corrected", "published")
    )
    equal = rows.copy()
    equal[1] = 8.0
    assert corrected == time_horizon.outcomes(equal, setup("published")).arrival[0, 0]
    assert published < corrected


def test_takeoff_phases_are_those_of_small_steps() -> None:
    rows, _ = block("takeoff", 8, 13)
    # Work of up to some decades: the loop takes steps of an eighth of a day.
    rows[0], rows[1], rows[3] = np.linspace(0.0, 9.0, 8), np.linspace(0.5, 12.0, 8), 0.5
    best = 10.0 + rows[1]
    most = best * (best / 10.0) ** 2
    work = np.stack([rows[0], most - best, most * (most / best) ** 0.5 - most])
    np.testing.assert_allclose(takeoff.phases(rows), work, rtol=1e-12)
    years = takeoff.lengths(rows)
    for phase, (first, last) in enumerate([(5.0, 25.0), (25.0, 250.0), (250.0, 2000.0)]):
        for draw in range(8):
            stepped = oracle.phase_years(work[phase, draw], first, last, 8)
            assert abs(stepped - years[phase, draw]) < 3.0 * DAY / 8


def test_the_multiplier_passes_its_values_at_the_milestones() -> None:
    rows, _ = block("takeoff", 40, 14)
    rows = rows[:, rows[0] > 0.0][:, :30]
    ends = takeoff.lengths(rows).cumsum(axis=0)
    for draw in range(30):
        for phase, after in enumerate((25.0, 250.0, 2000.0)):
            if not 0.01 < ends[phase, draw] < 50.0:
                continue
            at = setup(start=2027.25, horizon=2027.25 + ends[phase, draw], step=ends[phase, draw])
            value = takeoff.trajectories(rows[:, draw : draw + 1], at)["research_multiplier"][0]
            np.testing.assert_allclose(value, np.log10([5.0, after]), atol=1e-6)
    no_work = rows[:, :1].copy()
    no_work[[0, 1]] = 0.0
    result = takeoff.outcomes(no_work, setup(start=2027.25, horizon=2030.0))
    np.testing.assert_array_equal(result.arrival, 2027.25)
    np.testing.assert_allclose(result.observed["research_multiplier"][0], np.log10(2000.0))


@pytest.mark.parametrize(
    ("preset", "name", "value", "unit"),
    [
        ("time_horizon_eli", "horizon.now", 0.0, "hour"),
        ("time_horizon_eli", "slowdown.labour", 1.5, "1"),
        ("benchmarks_eli", "gap.other", -1.0, "month"),
        ("takeoff", "multiplier.coder", 0.0, "1"),
    ],
)
def test_a_value_outside_its_range_is_refused(preset: str, name: str, value: float, unit: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        tc.load(f"ai2027/{preset}").replace({name: tc.Point(value=value, unit=unit)})
    assert name in refused.value.line
    assert "\n" not in refused.value.line
