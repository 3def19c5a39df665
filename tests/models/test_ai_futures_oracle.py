"""The oracle of the AI Futures Model against figures of the published code, its parts against integrals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

import ai_futures as oracle
from ai_futures_reference import DECEMBER, ELI, differences, drawn, half_digit, point, rows, series

# Dates of AC and ASI (Eli, January 2026, with one change) as the published code prints them.
ONE_CHANGE = {
    "d=0.82": (2028.27, 2030.46),
    "d=0.88": (2029.57, 2032.19),
    "d=0.95": (2033.71, 2037.40),
    "d=0.98": (2038.00, 2042.05),
    "d=1": (2042.44, 2046.92),
    "d=1.02": (2049.91, 2054.71),
    "ach=12456": (2028.82, 2031.18),
    "ach=124560": (2029.76, 2032.46),
    "ach=1.5e+06": (2030.63, 2033.63),
    "ach=2.8e+10": (2032.73, 2036.26),
    "dbl=0.29": (2028.74, 2031.08),
    "dbl=0.4": (2030.31, 2033.21),
    "dbl=0.717": (2037.56, 2041.59),
    "slope=1.5": (2031.27, 2039.52),
    "slope=3": (2031.33, 2032.72),
    "slope=5": (2031.35, 2031.99),
    "uplift=1.2": (2031.49, None),
    "uplift=1.6": (2031.37, None),
    "uplift=2.5": (2031.23, None),
    "swrate=0.5": (2031.91, 2038.44),
    "swrate=2": (2030.91, 2032.74),
    "M=2": (None, 2037.69),
    "M=10": (None, 2032.38),
    "gap .7 at 124600": (2030.89, 2033.97),
}


def bases(solver: str) -> list[dict[str, str]]:
    return [row for row in rows("reference_points.csv") if not row["change"] and row["solver"] == solver]


def changes(solver: str) -> list[dict[str, str]]:
    return [row for row in rows("reference_points.csv") if row["change"] and row["solver"] == solver]


@pytest.fixture(scope="module")
def published() -> dict[str, oracle.Draw]:
    return {f"{row['version']}-{row['base']}": point(row, "published") for row in bases("published")}


def test_the_calibration_has_the_published_intermediates(published) -> None:
    for row in rows("reference_intermediates.csv"):
        draw = published[row["run"]]
        values = {
            **draw.human._asdict(),
            **vars(draw.throughput),
            **vars(draw),
            "taste_slope": draw.taste_slope,
            "efficiency_slope": draw.efficiency.slope,
            "schedule_slope": draw.schedule.slope,
            "schedule_middle": draw.schedule.middle,
            "mu": draw.taste.mu,
            "sigma": draw.taste.sigma,
            "top": np.exp(draw.taste.log_top),
        }
        ours, printed = values[row["quantity"]], row["value"]
        # a unit in the last digit: some are printed rounded, some cut
        assert abs(ours - float(printed)) <= 2.0 * half_digit(printed), f"{row}: {ours}"


def test_the_path_is_the_published_one(published) -> None:
    draw = published["2025-12-defaults"]
    times, effective, research = draw.path()
    now = np.interp(2025.6, times, effective)
    for row in rows("reference_path.csv"):
        at = int(np.argmin(np.abs(times - float(row["year"]))))
        level = effective[at]
        ours = {
            "effective": level,
            "research": research[at],
            "share": draw.schedule.share(level),
            "taste": draw.sd(level),
            "team_taste": draw.team(draw.sd(level)),
            "coding_multiple": draw.labour_multiple(level),
            "speedup": draw.speedup(level),
            "horizon": draw.horizon(level, now),
        }
        for name, value in ours.items():
            if row[name]:
                assert abs(value - float(row[name])) <= 2.0 * half_digit(row[name]), (
                    f"{row['year']} {name}: {value}, published {row[name]}"
                )


def test_point_runs_have_the_published_dates(published) -> None:
    for row in bases("published"):
        misses = differences(published[f"{row['version']}-{row['base']}"].dates(), row)
        assert max(map(abs, misses.values())) <= 1.01e-4, f"{row['version']} {row['base']}: {misses}"


def test_point_runs_solved_tightly_have_the_accurate_dates() -> None:
    for row in bases("accurate"):
        misses = differences(point(row, "accurate").dates(), row)
        assert max(map(abs, misses.values())) <= 0.004, f"{row['version']} {row['base']}: {misses}"


def test_published_returns_are_too_high_where_the_grid_misses_2024(published) -> None:
    """The step of the published grid is 0.099 years there by rounding, and 0.1 in December 2025."""
    for run, ratio in (("2026-01-eli", 1.0020), ("2025-12-defaults", 1.0000)):
        draw = published[run]
        exact = oracle.human_run(
            draw.series, draw.throughput, draw.p, draw.t0, draw.end, published=False
        ).returns
        assert draw.human.returns / exact == pytest.approx(ratio, abs=5e-5)


@pytest.mark.slow
def test_one_change_has_the_published_dates() -> None:
    table = changes("published")
    assert {row["change"] for row in table} == set(ONE_CHANGE)
    for row in table:
        dates = point(row, "published").dates()
        for name, printed in zip(("ac", "asi"), ONE_CHANGE[row["change"]], strict=True):
            if printed is not None:
                assert abs(dates[name] - printed) <= 0.0052, f"{row['change']} {name}: {dates[name]}"
        # Radau's steps turn on the last digits of the inputs: its dates move by up to .025 years
        misses = differences(dates, row)
        assert max(map(abs, misses.values())) <= 0.025, f"{row['change']}: {misses}"


@pytest.mark.slow
def test_one_change_solved_tightly_has_the_accurate_dates() -> None:
    for row in changes("accurate"):
        misses = differences(point(row, "accurate").dates(), row)
        assert max(map(abs, misses.values())) <= 0.004, f"{row['change']}: {misses}"


@pytest.mark.slow
def test_draws_have_the_published_dates() -> None:
    for row in rows("reference_draws.csv"):
        name = f"{row['set']} {row['draw']}"
        misses = differences(drawn(row, "published", underflow=row["underflow"] != "0").dates(), row)
        assert max(map(abs, misses.values())) <= 0.0101, f"{name}: {misses}"


@pytest.mark.slow
def test_draws_solved_tightly_have_the_accurate_dates() -> None:
    worst = []
    for row in rows("reference_draws.csv"):
        misses = differences(drawn(row, "accurate").dates(), row, "_accurate")
        if row["underflow"] == "2":
            # AI coders grow by 300 OOM in one of E: the reference's nodes resolve what follows AC less well
            misses = {name: misses[name] for name in ("ac", "sar", "siar", "air_5")}
        late = {name: 0.0002 * max(0.0, float(row[name + "_accurate"] or 0.0) - 2025.6) for name in misses}
        worst.append(max(abs(miss) - late[name] for name, miss in misses.items()))
        assert worst[-1] <= 0.03, f"{row['set']} {row['draw']}: {misses}"
    assert np.median(worst) <= 0.001


@pytest.mark.slow
def test_the_underflow_is_where_the_range_of_costs_says() -> None:
    """The floor of 1e-300 shows where costs of the first and last task lie more than 690 e-folds apart."""
    for row in rows("reference_draws.csv"):
        if row["set"] == "o":
            continue
        draw = drawn(row, "accurate")
        top = draw.schedule.asymptote
        folds = np.log(4095.0 * top - 1.0) - np.log(top - 1.0)
        spread = draw.efficiency.exponent * folds / draw.schedule.slope
        assert (spread > 690.0) == (row["underflow"] != "0"), f"{row['set']} {row['draw']}: {spread}"
        table, floored = (
            oracle.TableCoding(draw.schedule, draw.efficiency, underflow=slip) for slip in (False, True)
        )
        collapsed = any(
            floored(1e3, 1e3, level) < 0.5 * table(1e3, 1e3, level)
            for level in np.linspace(draw.schedule.middle, draw.coder_level, 50)
        )
        assert collapsed <= (row["underflow"] != "0")


def optimal_labour(draw: oracle.Draw, inference: float, coders: float, effective: float) -> float:
    """Return coding labour by pricing people and compute until both are used up, with 20 000 tasks."""
    schedule, efficiency = draw.schedule, draw.efficiency
    tasks = (np.arange(20_000) + 0.5) / 20_000
    log_productivity = np.log(efficiency.start) + efficiency.slope * oracle.LN10 * (
        effective - schedule.level(tasks)
    )
    automatable = tasks <= schedule.share(effective)
    elasticity = 1.0 / (efficiency.rho - 1.0)

    def use(log_wage):
        """Return people and compute used when compute costs 1 and tasks are as cheap as they can be."""
        by_machine = automatable & (-log_productivity <= log_wage)
        log_cost = np.where(by_machine, -log_productivity, log_wage)
        output = np.exp(elasticity * (log_cost - log_wage))
        machine = (output * by_machine * np.exp(-log_productivity)).mean()
        return output, (output * ~by_machine).mean(), machine

    def excess(log_wage):
        _, people, machine = use(log_wage)
        return machine * coders - people * inference

    wage = brentq(excess, -60.0, 60.0)
    output, people, _ = use(wage)
    output = output * coders / people
    return np.mean(output**efficiency.rho) ** (1.0 / efficiency.rho)


def test_coding_labour_is_that_of_the_best_allocation() -> None:
    draw = oracle.Draw(ELI, series("2026-01"), version="2026-01", end=2060.0, method="accurate")
    table = oracle.TableCoding(draw.schedule, draw.efficiency)
    for level, inference in ((13.5, 9e4), (16.0, 9e4), (16.0, 2.0), (18.0, 3e6)):
        exact = draw.coding(inference, 3000.0, level)
        assert exact == pytest.approx(optimal_labour(draw, inference, 3000.0, level), rel=2e-3)
        assert exact == pytest.approx(table(inference, 3000.0, level), rel=2e-3)


def test_a_teams_taste_is_the_mean_of_the_better_of_both() -> None:
    for smoothing in (0.25, 0.5, 0.8):
        taste = oracle.Taste.calibrated({**ELI, "taste_smoothing": smoothing})
        team, table = oracle.ExactTeam(taste), oracle.TableTeam(taste)
        for s in (-1.0, 0.7, 2.5, 6.0):
            floor = taste.of(s)

            def integrand(z, taste=taste, floor=floor):
                return max(taste.of(z), floor) * np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)

            mean = quad(integrand, -10.0, 10.0, points=[s], limit=200)[0]
            assert team(s) == pytest.approx(mean, rel=1e-6)
            assert table(s) == pytest.approx(mean, rel=3e-3)


def test_the_best_human_is_m_times_the_median_and_the_mean_is_one() -> None:
    for smoothing in (0.2, 0.5, 0.7):
        taste = oracle.Taste.calibrated({**DECEMBER, "taste_smoothing": smoothing})
        assert taste.of(oracle.Z) / taste.of(0.0) == pytest.approx(3.7, rel=1e-8)
        mean = quad(lambda z, t=taste: t.of(z) * np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi), -10, 10)[0]
        assert mean == pytest.approx(1.0, abs=2e-3)
        assert taste.inverse(taste.at(0.3)) == pytest.approx(0.3, rel=1e-9)


def doubling_ratio(times: np.ndarray, levels: np.ndarray, m: float) -> float:
    """Return the ratio of successive times in which research speed, 10^(m E), doubles."""
    wanted = levels[0] + np.log10(2.0) / m * np.arange(4)
    reached = np.interp(wanted, levels, times)
    first, second, third = np.diff(reached)
    assert third / second == pytest.approx(second / first, rel=1e-4)
    return second / first


def test_research_doublings_shorten_by_the_closed_form() -> None:
    """Constant training compute, effort proportional to E^m: a power law, by both state equations."""
    for r, m, flow, stock in (
        (2.4, 0.5, 0.92169, 0.89090),
        (2.4, 0.8, 0.79101, 0.71739),
        (1.0, 2.0, 0.84090, 0.70711),
        (0.5, 3.0, 0.92587, 0.79370),
    ):
        assert 2.0 ** (-(m * r - 1.0) / (m * (1.0 + r))) == pytest.approx(flow, abs=5e-6)
        assert 2.0 ** (-(m * r - 1.0) / (m * r)) == pytest.approx(stock, abs=5e-6)

        def effort(t, level, m=m):
            return 10.0 ** (m * level)

        top = 4.0 * np.log10(2.0) / m
        # On the power law R^(1+r) / (1+r) = E^(m+1) / (C (m+1)) from the start.
        training = np.log10((1.0 + r) / (1.0 + m))
        solution = oracle.flow_path(effort, lambda t, c=training: c, r, 1.0, 0.0, (0.0, 100.0), stop=top)
        times = np.linspace(0.0, solution.ts[-1], 20_001)
        assert doubling_ratio(times, solution(times)[0], m) == pytest.approx(flow, abs=2e-5)
        solution = oracle.stock_path(effort, lambda t: 0.0, r, 1.0, (0.0, 100.0), stop=top)
        times = np.linspace(0.0, solution.ts[-1], 20_001)
        assert doubling_ratio(times, solution(times)[0], m) == pytest.approx(stock, abs=2e-5)
