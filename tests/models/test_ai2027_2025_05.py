"""The AI 2027 models of May 2025 draw by draw: days in plain Python, SciPy's integrator, limits, slips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

import ai2027_days as oracle
import ai2027_numpy as numpy_oracle
import timecone as tc
from ai2027_inputs import block, setup
from refusals import refused
from timecone.models.ai2027 import benchmarks_2025_05 as benchmarks
from timecone.models.ai2027 import time_horizon_2025_05 as time_horizon
from timecone.models.ai2027.doublings import doublings_with_onset, months_with_onset
from timecone.models.ai2027.research_stock import Labour, StockPace
from timecone.schema import Status

DRAWS = 24
DAY = 1.0 / 365.0
START = 2025.345
TURNS = (2028.0, 2029.0, 2030.0, 2031.0)


def _shortening(kind: str, ratio: float) -> float:
    # Doublings that all take as long are the limit; the oracle divides by it.
    return {"exponential": 1e-12, "subexponential": -0.1}.get(kind, 1.0 - ratio)


def _require_within_days(ours: float, stepped: float, growth: float, start: float) -> None:
    """Fail unless a date is the stepped one within the error of its steps of a day.

    Beside what the steps of the first version cost, the growth of a day is a logarithm, of the stock before
    it is added to: 0.3 % where output is a hundredth of the stock.
    """
    stepped = max(stepped, start)
    years = stepped - 2024.0
    assert abs(ours - stepped) <= (1.1 + np.log(growth)) * DAY + 0.003 * years, (ours, stepped)


def test_the_time_horizon_extension_is_that_of_daily_steps() -> None:
    rows, growth = block("time_horizon_eli_2025_05", DRAWS, 11)
    at = setup("published", start=START, horizon=2065.0)
    result, paths = time_horizon.outcomes(rows, at), time_horizon.trajectories(rows, at)
    seen = set()
    for draw, kind in enumerate(growth):
        now, required, doubling_time, onset, ratio, gap, lead, first, last, share = rows[:10, draw]
        steady = np.log2(onset / now) if onset > 0.0 else 0.0
        months = oracle.onset_months(np.log2(required / now), steady, doubling_time, _shortening(kind, ratio))
        work = max(months + gap, 0.0)
        date, path = oracle.stock_arrival(
            work,
            START - lead / 12,
            first,
            last,
            share,
            days_per_year=366.0,
            days_of_growth=250.0,
            cap=2065.0,
        )
        _require_within_days(min(result.arrival[0, draw], 2065.0), date, (1 + last) / (1 + first), START)
        dates, shares = np.array(path).T
        done = np.interp(at.grid.times, dates, np.minimum(shares, 1.0))
        speedup = np.log10((1 + first) * ((1 + last) / (1 + first)) ** done)
        np.testing.assert_allclose(paths["software_speedup"][draw], speedup, atol=0.03)
        seen.add((kind, date < 2028.0, date < 2065.0))
    assert len(seen) >= 6, "draws of several kinds, before and after 2028 and beyond 2065 are wanted"


def test_benchmarks_and_gaps_is_that_of_daily_steps() -> None:
    rows, growth = block("benchmarks_eli_2025_05", DRAWS, 12)
    result = benchmarks.outcomes(rows, setup("published", horizon=2100.0))
    for draw, kind in enumerate(growth):
        saturation, saturated, required, doubling_time, onset, ratio = rows[:6, draw]
        lead, now, first, last, share = rows[12:17, draw]
        first = max(now, first)
        last = max(first, last)
        steady = np.log2(onset / 167.0 / (saturated / 720.0)) if onset > 0.0 else 0.0
        doublings = np.log2((required / 167.0) / (saturated / 720.0))
        months = oracle.onset_months(doublings, steady, doubling_time, _shortening(kind, ratio))
        begin = 2025.25 - lead / 12
        labour, stock = oracle.until_saturation(saturation / 12, begin, now, first, 365.0, 250.0)
        date, _ = oracle.stock_arrival(
            max(months + rows[6:12, draw].sum(), 0.0),
            begin + saturation / 12,
            first,
            last,
            share,
            days_per_year=365.0,
            days_of_growth=250.0,
            labour=labour,
            stock=stock,
            cap=2100.0,
        )
        _require_within_days(min(result.arrival[0, draw], 2100.0), date, (1 + last) / (1 + first), 2025.25)


def test_days_in_numpy_are_days_in_python() -> None:
    """The fast oracle, which the benchmarks time, against the plain one."""
    rng = np.random.default_rng(6)
    work, begin = rng.uniform(1.0, 60.0, 6), rng.uniform(2024.6, 2028.5, 6)
    first, last, share = rng.uniform(0.01, 0.4, 6), rng.uniform(0.5, 30.0, 6), rng.uniform(0.1, 0.9, 6)
    rows = list(zip(work, begin, first, last, strict=True))
    fast = numpy_oracle.arrivals(work, begin, first, last, 366.0, 2029.0)
    np.testing.assert_allclose(fast, [oracle.arrival(*row, 366.0, 2029.0)[0] for row in rows], rtol=1e-12)
    labour, stock = numpy_oracle.saturation(np.full(6, 2.0), begin, first, last, 366.0)
    state = [oracle.until_saturation(2.0, *row[1:], 366.0, 250.0) for row in rows]
    np.testing.assert_allclose(np.transpose([labour, stock]), state, rtol=1e-12)
    fast = numpy_oracle.stock_arrivals(work, begin, first, last, share, 366.0, 2029.0, labour, stock)
    how = {"days_per_year": 366.0, "days_of_growth": 250.0, "cap": 2029.0}
    dates = [
        oracle.stock_arrival(*row, share[k], labour=labour[k], stock=stock[k], **how)[0]
        for k, row in enumerate(rows)
    ]
    np.testing.assert_allclose(fast, dates, rtol=1e-12)
    assert (fast < 2029.0).any()
    assert (fast == 2029.0).any()
    years = numpy_oracle.phase_years(work / 10.0, 1.0 + first, 1.0 + last)
    phases = [oracle.phase_years(row[0] / 10.0, 1.0 + row[2], 1.0 + row[3], 1) for row in rows]
    np.testing.assert_allclose(years, phases, rtol=1e-12)


def _paces(draws: int, **changes: np.ndarray | float) -> StockPace:
    """Return wild paces: speed-ups that rise and fall, labour of any size, work of a month to a century."""
    rng = np.random.default_rng(5)
    begin = rng.uniform(2024.5, 2033.0, draws)
    elasticity = rng.uniform(0.05, 1.0, draws)
    labour = Labour(
        begin,
        np.log(rng.uniform(100.0, 1e5, draws)),
        elasticity,
        np.log1p(rng.uniform(0.0, 1.0, (5, draws))) / 12.0,
        12.0,
    )
    pace = StockPace(
        work=np.exp(rng.uniform(0.0, 7.0, draws)),
        first=1.0 + rng.uniform(0.01, 0.5, draws),
        last=1.0 + rng.uniform(0.005, 60.0, draws),
        share=rng.uniform(0.02, 0.98, draws),
        stock_growth=rng.uniform(0.001, 0.3, draws),
        labour=labour,
        compute=rng.uniform(0.1, 1.0, (5, draws)),
        limit=np.full(draws, 1200.0),
    )
    return replace(pace, **{n: np.broadcast_to(v, getattr(pace, n).shape).copy() for n, v in changes.items()})


def _integrated(pace: StockPace, draw: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the months of a draw's work and its progress at 40 times, from the differential equations."""
    labour = pace.labour
    begin, size, power = (float(a[draw]) for a in (labour.begin, np.exp(labour.log_size), labour.elasticity))
    first, last, share, work, rate = (
        float(a[draw]) for a in (pace.first, pace.last, pace.share, pace.work, pace.stock_growth)
    )
    growth, compute = labour.growth[:, draw], pace.compute[:, draw]
    first_output = ((size + 1.0) ** power - 1.0) * first
    stock = first_output / rate
    state, month, ends = np.array([0.0, stock, np.log(size)]), 0.0, [*TURNS, np.inf]
    pieces = []
    for step, turn in enumerate(ends):
        end = min((turn - begin) * 12.0, 1200.0)
        if end <= month:
            continue

        def slope(_: float, y: np.ndarray, step: int = step) -> list[float]:
            output = ((np.exp(y[2]) + 1.0) ** power - 1.0) * first * (last / first) ** (y[0] / work)
            return [share * output / y[1] / rate + (1.0 - share) * compute[step], output, growth[step]]

        def done(_: float, y: np.ndarray) -> float:
            return y[0] - work

        done.terminal = True
        part = solve_ivp(
            slope,
            (month, end),
            state,
            rtol=1e-10,
            atol=1e-12,
            method="DOP853",
            events=done,
            dense_output=True,
        )
        assert part.success
        pieces.append((month, part.t[-1], part.sol))
        state, month = part.y[:, -1], end
        if part.t_events[0].size:
            month = part.t_events[0][0]
            times = np.linspace(0.0, month, 40)
            path = [next(s for a, b, s in pieces if a <= t <= b + 1e-9)(t)[0] / work for t in times]
            return month, times, np.array(path)
    return np.inf, np.empty(0), np.empty(0)


def test_the_closed_form_solves_the_differential_equations() -> None:
    pace = _paces(40)
    months = pace.months()
    drag = pace.stock_growth / pace.share - pace.exponent / pace.work
    assert (drag < 0.0).sum() > 5
    assert (drag > 0.0).sum() > 5
    arrived = 0
    for draw in range(40):
        exact, times, path = _integrated(pace, draw)
        np.testing.assert_allclose(months[draw], exact, rtol=1e-7)
        if np.isfinite(exact):
            arrived += 1
            np.testing.assert_allclose(pace.progress(np.tile(times, (40, 1)))[draw], path, atol=1e-6)
    assert arrived > 25


def test_without_software_the_work_is_that_of_compute_alone() -> None:
    pace = _paces(30, share=1e-9, compute=np.array([1.0, 0.9, 0.5, 0.4, 0.3])[:, None], work=40.0)
    for month, begin in zip(pace.months(), pace.labour.begin, strict=True):
        dates = np.concatenate([[begin], [t for t in TURNS if t > begin], [begin + month / 12.0]])
        dates = np.sort(dates[dates <= begin + month / 12.0])
        paces = np.array([1.0, 0.9, 0.5, 0.4, 0.3])[np.searchsorted(TURNS, dates[:-1], side="right")]
        np.testing.assert_allclose(12.0 * np.diff(dates) @ paces, 40.0, rtol=1e-6)


def test_with_a_constant_speed_up_software_is_the_logarithm_of_the_stock() -> None:
    """Nothing feeds back then: the stock is an integral of labour's output, taken by SciPy."""
    pace = _paces(12, last=1.2, first=1.2, limit=400.0)
    months = np.full((12, 1), 30.0)
    done = pace.progress(months)[:, 0] * pace.work
    for draw in range(12):
        labour = pace.labour
        begin, size, power = labour.begin[draw], labour.log_size[draw], labour.elasticity[draw]

        def log_labour(m: float, draw: int = draw, begin: float = begin, size: float = size) -> float:
            edges = np.clip((np.array([-np.inf, *TURNS, np.inf]) - begin) * 12.0, 0.0, m)
            return size + np.diff(edges) @ pace.labour.growth[:, draw]

        def output(m: float, power: float = power) -> float:
            return (np.exp(log_labour(m)) + 1.0) ** power - 1.0

        turns = [m for m in (12.0 * (np.array(TURNS) - begin)) if 0.0 < m < 30.0]
        edges = np.clip((np.array([-np.inf, *TURNS, np.inf]) - begin) * 12.0, 0.0, 30.0)
        compute = np.diff(edges) @ pace.compute[:, draw]
        made = quad(output, 0.0, 30.0, points=turns or None, epsrel=1e-11, limit=200)[0]
        stock = 1.0 + pace.stock_growth[draw] * made / output(0.0)
        share = pace.share[draw]
        software = share / pace.stock_growth[draw] * np.log(stock)
        expected = min(software + (1.0 - share) * compute, pace.work[draw])
        np.testing.assert_allclose(done[draw], expected, rtol=1e-8)


def test_no_work_is_done_at_once_and_a_late_date_is_none() -> None:
    pace = _paces(3, work=np.array([0.0, 1e-12, 1e9]))
    np.testing.assert_array_equal(pace.months(), [0.0, 0.0, np.inf])
    np.testing.assert_array_equal(pace.progress(np.array([[-1.0, 0.0, 5.0]] * 3))[:2], [[0.0, 1.0, 1.0]] * 2)


def test_doublings_and_months_with_an_onset_are_inverse() -> None:
    doublings, onset, ratio = np.meshgrid([0.0, 0.5, 3.0, 20.0], [0.0, 2.5, 40.0], [0.0, 0.9, 1.0, 1.1])
    time = np.full_like(doublings, 4.0)
    months = months_with_onset(doublings, onset, time, ratio)
    loop = sum(np.where(k < onset, 4.0, 4.0 * ratio ** np.maximum(k - onset, 0.0)) for k in range(20))
    whole = (doublings == 20.0) & (onset != 2.5)
    np.testing.assert_allclose(months[whole], loop[whole], rtol=1e-12)
    inside = (ratio > 0.0) | (doublings <= onset)
    back = doublings_with_onset(months, onset, time, ratio)
    np.testing.assert_allclose(back[inside], doublings[inside], rtol=1e-12, atol=1e-12)
    # With a ratio of 0 the next doubling takes its time, and all later ones none.
    at_once = (ratio == 0.0) & (doublings > onset)
    np.testing.assert_allclose(months[at_once], 4.0 * (onset[at_once] + 1.0))


ROW = {p.name: row for row, p in enumerate(time_horizon.PARAMETERS)}


def _one_draw(**changes: float) -> np.ndarray:
    rows, _ = block("time_horizon_eli_2025_05", 1, 3)
    rows[:10, 0] = [0.25, 1e5, 5.0, 0.2338, 0.85, 6.0, 0.0, 0.2, 10.0, 0.5]
    for name, value in changes.items():
        rows[ROW[name.replace("__", ".")], 0] = value
    return rows


def _date(scheme: str, rows: np.ndarray) -> float:
    return time_horizon.outcomes(rows, setup(scheme, start=START, horizon=2300.0, step=1.0)).arrival[0, 0]


def test_an_onset_that_has_passed_is_a_negative_number_of_doublings_only_as_published() -> None:
    doublings, onset = np.log2(1e5 / 0.25), np.log2(0.2338 / 0.25)
    months = {
        "published": onset * 5.0 + 5.0 * (1.0 - 0.85 ** (doublings - onset)) / 0.15,
        "corrected": 5.0 * (1.0 - 0.85**doublings) / 0.15,
    }
    for scheme, work in months.items():
        pace = time_horizon._pace(_one_draw(), setup(scheme, start=START, horizon=2065.0))
        np.testing.assert_allclose(pace.work, work + 6.0, rtol=1e-12)


def test_work_that_overflows_or_is_less_than_none_is_none_only_as_published() -> None:
    huge = _one_draw(horizon__doubling_time=1e308, horizon__doubling_ratio=1.1)
    assert (_date("published", huge), _date("corrected", huge)) == (START, np.inf)
    short = _one_draw(horizon__required=1e-9)
    gap_alone = _one_draw(horizon__required=0.25)
    assert _date("published", short) == START
    assert _date("corrected", short) == _date("corrected", gap_alone) > START + 0.1


def test_labour_grows_faster_with_250_days_to_a_year_only_as_published() -> None:
    year = np.array([12.0])
    for scheme, times in {"corrected": 1.0, "published": 366.0 / 250.0}.items():
        pace = time_horizon._pace(_one_draw(), setup(scheme, start=START, horizon=2065.0))
        growth = (pace.labour.at(year) - pace.labour.log_size)[0]
        np.testing.assert_allclose(growth, times * np.log(1.5), rtol=1e-12)
        np.testing.assert_allclose(pace.stock_growth, times * (1001**0.3 - 1.0) * 1.2 / 50.0 / 12.0)


def test_without_slips_to_make_both_schemes_have_the_same_dates() -> None:
    """Constant labour, a stock that hardly grows and an onset ahead leave no slip anything to act on."""
    still = {f"labour__growth_{step}": 0.0 for step in ("2027", "2028", "2029", "2030", "later")}
    rows = _one_draw(horizon__onset=50.0, stock__start=1e9, **still)
    np.testing.assert_allclose(_date("published", rows), _date("corrected", rows), rtol=1e-9)
    for name, value in {"horizon__onset": 0.2, "stock__start": 50.0, "labour__growth_2027": 0.5}.items():
        changed = rows.copy()
        changed[ROW[name.replace("__", ".")]] = value
        assert abs(_date("published", changed) - _date("corrected", changed)) > 0.01, name


def test_statuses_and_horizons_are_those_of_the_dates() -> None:
    rows, _ = block("time_horizon_eli_2025_05", 300, 4)
    at = setup("corrected", start=START, horizon=2040.0, step=1.0)
    result = time_horizon.outcomes(rows, at)
    path = time_horizon.trajectories(rows, at)
    later = setup("corrected", start=START, horizon=2100.0, step=1.0)
    longer = time_horizon.outcomes(rows, later).arrival[0]
    reached = result.status[0] == Status.REACHED
    assert 150 < reached.sum() < 290
    np.testing.assert_allclose(result.arrival[0, reached], longer[reached], rtol=1e-12)
    assert (longer[result.status[0] == Status.NOT_BY_HORIZON] >= 2040.0).all()
    assert (np.diff(path["task_horizon"], axis=1) >= 0.0).all()
    top = np.log10(np.maximum(rows[0], rows[1]))
    assert (path["task_horizon"] <= top[:, None] + 1e-9).all()
    np.testing.assert_allclose(path["task_horizon"][reached, -1], top[reached])


def test_speed_ups_before_saturation_rise_evenly_and_never_fall() -> None:
    rows, _ = block("benchmarks_eli_2025_05", 50, 5)
    rows[12] = 0.0
    rows[0] = 24.0
    rows[13:16] = np.array([0.1, 0.05, 0.02])[:, None]
    at = setup("corrected", horizon=2040.0)
    speedup = benchmarks.trajectories(rows, at)["software_speedup"]
    np.testing.assert_allclose(speedup, np.log10(1.1))
    rows[13:16] = np.array([0.1, 0.6, 5.0])[:, None]
    speedup = benchmarks.trajectories(rows, at)["software_speedup"]
    np.testing.assert_allclose(speedup[:, 12], 0.5 * np.log10(1.1 * 1.6), rtol=1e-9)
    assert (np.diff(speedup, axis=1) >= -1e-12).all()


@pytest.mark.parametrize(
    ("name", "value"), [("software.share", 1.0), ("labour.start", 50.0), ("stock.start", 0.0)]
)
def test_a_value_outside_its_range_is_refused(name: str, value: float) -> None:
    with refused("distribution-outside-domain", f"parameters.{name}"):
        tc.load("ai2027/time_horizon_eli_2025_05").replace({name: tc.Point(value=value, unit="1")})
