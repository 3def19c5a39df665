"""The AI Futures Model of August 2026, in which training adds up to effective compute, and other answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

import ai_futures as oracle
from ai_futures_reference import (
    AUGUST,
    AUGUST_DATES,
    AUGUST_PROGRESS,
    AUGUST_RETURNS,
    DATES,
    ELI,
    kernel_dates,
    kernel_outcomes,
    kernel_tracks,
    series,
)
from timecone.models import find
from timecone.models.horizon import series as exogenous
from timecone.models.horizon.coding_labour import CodingLabour
from timecone.models.horizon.human_only import LN_10, HumanOnly
from timecone.models.horizon.integration import COMPUTE, ROWS, date_of, integrate
from timecone.models.horizon.state import Draw, log_effort
from timecone.models.horizon.taste import CELLS, Taste
from timecone.models.horizon.throughput import Throughput
from timecone.models.horizon.time_horizon import TimeHorizon

pytestmark = pytest.mark.slow


def solved(person: str, **options) -> oracle.FlowDraw:
    return oracle.FlowDraw(AUGUST[person], series("2026-01"), end=2060.0, **options)


@pytest.mark.parametrize("anchor", ["horizon", "revenue"])
def test_the_kernel_has_the_dates_of_the_oracle(anchor) -> None:
    for person, p in AUGUST.items():
        expected = solved(person, anchor=anchor).dates()
        for step, allowed in ((0.05, 0.001), (0.25, 0.01)):
            dates = kernel_dates(p, "august_2026", step=step, revenue=anchor == "revenue")
            misses = {name: dates[name] - expected[name] for name in DATES if expected[name] < oracle.NEVER}
            assert max(map(abs, misses.values())) <= allowed, f"{person} {step}: {misses}"
            assert [n for n in DATES if dates[n] == oracle.NEVER] == [
                n for n in DATES if expected[n] == oracle.NEVER
            ]


def power_law(r: float, m: float, inflow: float) -> Draw:
    """Return a draw with constant inputs and effort proportional to the power m of effective compute."""
    years, zero = np.array([0.0, 1000.0]), np.zeros(2)
    constant = exogenous.Series(years, *(zero for _ in range(9)))
    limit = 1e7  # T(x) = exp(x) to 1e-5
    taste = Taste(limit, 0.0, 0.0, 0.0, 1.0, 7.0, m * LN_10, 0.0, np.zeros(CELLS + 1), np.zeros(CELLS + 1))
    unused = np.zeros(2)
    coding = CodingLabour(
        -2.0, 0.0, 1.1, 0.1, 1.0, 1e4, *(0.0 for _ in range(10)), *(unused for _ in range(4))
    )
    throughput = Throughput(-0.2, 0.5, 0.5, np.log(0.5), np.log(0.5))
    human = HumanOnly(r, 0.0, 1.0, 1.0, 0.0)
    draw = Draw(
        constant,
        throughput,
        human,
        TimeHorizon(1.0, 0.0, 1.0, 1.0, 1.0),
        taste,
        coding,
        0.0,
        inflow,
        0.0,
        0.0,
        0.0,
    )
    # On the power law R grows (m + 1) / (r + 1) times as fast as effective compute from the start.
    growth = inflow * (m + 1.0) / (r + 1.0) if inflow else 1.0
    return draw._replace(log_first_stock=log_effort(draw, 0.0, 0.0, 0) - np.log(growth))


@pytest.mark.parametrize(
    ("r", "m", "of_sum", "of_product"),
    [
        (2.4, 0.5, 0.92169, 0.89090),
        (2.4, 0.8, 0.79101, 0.71739),
        (1.0, 2.0, 0.84090, 0.70711),
        (0.5, 3.0, 0.92587, 0.79370),
    ],
)
def test_research_doublings_shorten_by_the_closed_form(r, m, of_sum, of_product) -> None:
    """With constant training compute and effort in proportion to E^m, research doubles ever faster."""
    levels = np.log10(2.0) / m * np.arange(5)
    for inflow, ratio in ((1.0, of_sum), (0.0, of_product)):
        path, points = integrate(power_law(r, m, inflow), 0.02, 60.0, np.empty((ROWS, 64)))
        assert path[COMPUTE, points - 1] > levels[-1]
        times = np.diff([date_of(path, points, level) for level in levels])
        assert times[1:] / times[:-1] == pytest.approx(np.full(3, ratio), abs=2e-5)


def test_delays_after_the_coder_are_nearer_to_the_published_ones_as_a_sum() -> None:
    """The coder's level is that of its published date: what follows then depends on the state equation."""
    for person, published in AUGUST_DATES.items():
        delays = {name: date - published["ac"] for name, date in published.items() if name != "ac"}
        ours = {}
        for scheme in ("august_2026", "january_2026"):
            horizon = brentq(
                lambda x, s=scheme, n=person: coder_at(n, s, x) - AUGUST_DATES[n]["ac"], 3.0, 8.0
            )
            dates = kernel_dates({**AUGUST[person], "ac_horizon": 10.0**horizon}, scheme)
            ours[scheme] = {name: dates[name] - dates["ac"] for name in delays}
        for name, delay in delays.items():
            assert ours["august_2026"][name] == pytest.approx(delay, rel=0.09), (person, name)
            assert ours["january_2026"][name] < 0.84 * delay, (person, name)


def coder_at(person: str, scheme: str, log_horizon: float) -> float:
    return kernel_dates({**AUGUST[person], "ac_horizon": 10.0**log_horizon}, scheme)["ac"]


@pytest.mark.slow
def test_public_intermediates_are_met_or_their_differences_have_a_tested_cause() -> None:
    # Published compute of the present day is 4.5 % below that of January: with it the weight is as published.
    january = series("2026-01")
    lower = np.where(january.years >= 2026.0, 0.9551, 1.0)
    less = oracle.Series(
        january.years,
        january.coders(january.years),
        january.inference(january.years) * lower,
        january.experiments(january.years) * lower,
        log_flop=january.log_flop,
    )
    draw = oracle.FlowDraw(AUGUST["eli"], less, end=2060.0)
    assert draw.experiments == pytest.approx(1_945_489.0, rel=1e-4)
    assert draw.inference == pytest.approx(194_549.0, rel=1e-4)
    assert draw.coders == pytest.approx(3_982.88, abs=0.005)
    assert draw.throughput.alpha == pytest.approx(0.813515, abs=2e-6)
    assert draw.throughput.rho == pytest.approx(-0.154751, abs=1e-6)
    assert draw.throughput.zeta == pytest.approx(0.654111, abs=2e-6)
    assert solved("eli").throughput.alpha == pytest.approx(0.814220, abs=1e-6)
    # Returns differ by person only with the uplift in the run that calibrates them, and then as published.
    off = {person: AUGUST_RETURNS[person] - solved(person, uplift=True).human.returns for person in AUGUST}
    assert list(off.values()) == pytest.approx([0.0055] * 3, abs=1e-4)
    assert len({round(solved(person).human.returns, 9) for person in AUGUST}) == 1
    # Growth at the present day, and the level of uplift that has the published date of the coder.
    for person, progress, level in (
        ("daniel", 1.595, 8.0),
        ("eli", 1.564, 7.6),
        ("brendan", 1.577, 7.7),
    ):
        draw = solved(person, uplift=True)
        assert draw.human.progress == pytest.approx(progress, abs=6e-4)
        assert abs(draw.human.progress - AUGUST_PROGRESS[person]) < 0.014
        p, date = AUGUST[person], AUGUST_DATES[person]["ac"]
        coder = brentq(
            lambda e, n=person, d=date: solved(n, uplift=True, coder_level=e).dates()["ac"] - d,
            36.0,
            40.0,
            xtol=1e-4,
        )
        doublings = (coder - draw.human.effective) / (draw.human.progress * p["uplift_doubling"])
        assert 1.0 + (p["present_uplift"] - 1.0) * 2.0**doublings == pytest.approx(level, abs=0.06)


def test_a_horizon_dated_before_the_start_counts_from_its_own_date() -> None:
    """In the product form too, with the level of the coder from the human-only run at that date."""
    p = {**ELI, "horizon_date": 2025.5}
    expected = oracle.Draw(p, series("2026-01"), version="2026-01", end=2060.0, method="accurate").dates()
    later = kernel_dates(ELI, "january_2026", step=0.05)
    dates = kernel_dates(p, "january_2026", step=0.05)
    for name in ("ac", "sar", "ted_ai", "asi"):
        assert dates[name] == pytest.approx(expected[name], abs=0.001)
        assert dates[name] < later[name] - 0.1


def test_trajectories_have_the_research_stock_and_the_growth_of_the_oracle() -> None:
    draw = solved("daniel")
    solution = draw.accurate_path(200.0)
    tracks = kernel_tracks(AUGUST["daniel"], "august_2026", step=0.05, end=2034.0)
    for years in (0, 40, 80, 140):
        date = AUGUST["daniel"]["present_day"] + 0.05 * years
        level, stock = solution(date)
        assert tracks["research_stock"][years] == pytest.approx(np.log10(draw.start) + stock, abs=2e-3)
        compute = level - solution(AUGUST["daniel"]["present_day"])[0]
        assert tracks["effective_compute"][years] == pytest.approx(compute, abs=2e-3)
        horizon = draw.horizon(level, solution(AUGUST["daniel"]["horizon_date"])[0]) / 60.0
        assert tracks["task_horizon"][years] == pytest.approx(np.log10(horizon), abs=5e-3)


def test_a_horizon_from_before_the_series_fails_by_name() -> None:
    for age, failed in ((0.5, 0), (10.0, 1)):
        outcomes = kernel_outcomes({**AUGUST["eli"], "horizon_date": 2026.578082 - age}, "august_2026")
        names = list(find("ai_futures").failures)
        assert outcomes.failure[0] == (failed and 1 + names.index("before_series"))
