"""The AI Futures Model of August 2026, whose effective compute is the sum of all training, against other answers."""

from __future__ import annotations

import numpy as np
import pytest

import ai_futures as oracle
from ai_futures_reference import AUGUST, AUGUST_DATES, DATES, kernel_dates, series
from timecone.models.horizon import series as exogenous
from timecone.models.horizon.coding_labour import CodingLabour
from timecone.models.horizon.human_only import LN_10, HumanOnly
from timecone.models.horizon.integration import COMPUTE, ROWS, date_of, integrate
from timecone.models.horizon.state import Draw, log_effort
from timecone.models.horizon.taste import CELLS, Taste
from timecone.models.horizon.throughput import Throughput
from timecone.models.horizon.time_horizon import TimeHorizon


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
        -2.0, 0.0, 1.1, 0.1, 1.0, 1e4, *(0.0 for _ in range(9)), *(unused for _ in range(4))
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
    """The level of the coder is that of its published date: what follows then depends on the state equation."""
    for person, published in AUGUST_DATES.items():
        p = AUGUST[person]

        def coder(log_horizon, scheme, p=p):
            return kernel_dates({**p, "ac_horizon": 10.0**log_horizon}, scheme)

        gaps = {}
        for scheme in ("august_2026", "january_2026"):
            low, high = 2.5, 8.0
            for _ in range(30):
                middle = 0.5 * (low + high)
                low, high = (middle, high) if coder(middle, scheme)["ac"] < published["ac"] else (low, middle)
            dates = coder(high, scheme)
            gaps[scheme] = {n: dates[n] - dates["ac"] for n in published if n != "ac"}
        for name in gaps["august_2026"]:
            delay = published[name] - published["ac"]
            assert gaps["august_2026"][name] == pytest.approx(delay, rel=0.09), (person, name)
            assert gaps["january_2026"][name] < 0.84 * delay, (person, name)
