"""The AI Futures Model against point runs, draws and the Monte Carlo of its published code.

The published solver works to a relative tolerance of 1e-3 in effective compute and reads dates on a grid of
0.1 years; reference dates called accurate are those of a second implementation with fourth-order steps.
"""

from __future__ import annotations

import numpy as np
import pytest

from ai_futures_inputs import (
    MILESTONES,
    MODEL,
    changed,
    dates,
    expected,
    preset,
    reference_draws,
    run,
    setup,
    stack,
    table,
)
from timecone.models.horizon import coding_labour, series
from timecone.models.horizon.run import Rules, calibrate
from timecone.models.model import Outcomes

pytestmark = pytest.mark.slow

BASES = {
    ("2025-12", "defaults"): ("site_2025_12", "december_2025"),
    ("2026-01", "eli"): ("eli_2026_01", "january_2026"),
    ("2026-01", "daniel"): ("daniel_2026_01", "january_2026"),
}
#: Distance from a published date, in years or as a share of the time from the start: the solver's error.
PUBLISHED, PUBLISHED_SHARE = 0.05, 0.01
#: Distance from an accurate date.
ACCURATE = 0.006


def _gap(ours: float, theirs: float) -> float:
    return 0.0 if ours == theirs else abs(ours - theirs)


def test_point_runs_and_single_changes_have_the_published_dates() -> None:
    worst = {"published": 0.0, "accurate": 0.0}
    for row in table("reference_points"):
        name, scheme = BASES[row["version"], row["base"]]
        # The accurate dates were solved with short steps.
        inputs = changed(preset(name), row["change"])
        ours = dates(run(inputs, setup(scheme, step=0.1)))
        for column, (theirs,) in expected([row]).items():
            gap = _gap(float(ours[column][0]), theirs)
            limit = ACCURATE
            if row["solver"] == "published":
                limit = max(PUBLISHED, PUBLISHED_SHARE * (theirs - 2025.6))
            assert gap < limit, (row["base"], row["change"], row["solver"], column, ours[column][0], theirs)
            worst[row["solver"]] = max(worst[row["solver"]], gap)
    # The published dates are those of another solver, not ours.
    assert worst["published"] > worst["accurate"]


def _calibrated(name: str, scheme: str, *, returns: float = 0.0):
    """Return a calibrated point; with ``returns`` the software rate is such that r has that value."""
    edition, start = {"december_2025": ("2025_12", 2025.6), "january_2026": ("2026_01", 2025.9)}[scheme]
    inputs, rules = preset(name), Rules(scheme == "december_2025", slowdown=False)

    def solved():
        return calibrate(stack(inputs), 0, series.series(edition), rules, start)[0]

    if returns:
        inputs["software.rate_2024"] = inputs["software.rate_2024"] * returns / solved().human_only.returns
    return solved()


def _near(ours: float, printed: str) -> None:
    """Fail unless a number is the printed one, within its last digit or the error of their trapezoids."""
    last_digit = 10.0 ** -len(printed.partition(".")[2])
    assert abs(ours - float(printed)) < max(last_digit, 1e-7 * abs(ours)), (ours, printed)


def _returns_of_the_january_code() -> float:
    """Return r as the January code reads it: from a grid on which 2024.0 does not lie.

    Its first pass to 2026.9 has 101 points from 2017 on, 0.099 years apart, and the rate of 2024 is
    interpolated between two of them, across a kink of the series.
    """
    columns = series.rows_of("2026_01")
    p, zeta, alpha, exponent = -0.15499526152549, 0.654829782488856, 0.8088133158, 0.5
    fine = np.linspace(2017.0, 2026.9, 100 * 3000 + 1)

    def of(name: str, t: np.ndarray) -> np.ndarray:
        return np.exp(np.interp(t, columns["year"], np.log(columns[name])))

    compute, labour = of("experiment_h100e", fine) ** zeta, of("human_coders", fine) ** exponent
    x = (alpha * compute**p + (1.0 - alpha) * labour**p) ** (1.0 / p)
    first = x[0] / np.gradient(np.log(x[:3]), fine[:3])[0]
    steps = np.diff(fine) * 0.5 * (x[1:] + x[:-1])
    stock = first + np.concatenate([[0.0], np.cumsum(steps)])
    rate = (x / (stock * np.log(10.0)))[::3000]
    return float(1.0 / np.interp(2024.0, fine[::3000], rate))


def test_intermediate_results_of_the_january_default_are_the_published_ones() -> None:
    returns = _returns_of_the_january_code()
    _near(returns, "3.17399")
    draw = _calibrated("eli_2026_01", "january_2026", returns=3.1739915)
    coding, humans = draw.coding, draw.human_only
    _near(draw.throughput.exponent, "-.1549953")
    _near(draw.throughput.compute_exponent, ".6548298")
    _near(np.exp(draw.throughput.log_compute_weight), ".8088133")
    _near(humans.effective_compute, "13.4668766")
    _near(humans.progress, "1.5581386")
    _near(humans.software, ".9611867")
    _near(np.exp(humans.log_stock), "3016.81")
    _near(np.exp(draw.log_labour), "2366.65")
    _near(np.exp(draw.log_experiments), "917563.2")
    _near(np.exp(draw.log_compute_per_coder + draw.log_labour), "89660.04")
    _near(draw.horizon.coder, "20.5328347")
    _near(draw.taste.slope, "1.3477620")
    # T = t ln(10) / k
    _near(coding.gain * coding.steepness / np.log(10.0), "1.9253742")
    np.testing.assert_allclose(np.exp(coding.log_rest), 2.15443e-11, rtol=1e-5)
    _near(coding_labour.automatable_share(coding, humans.effective_compute), ".3242067")
    _near(coding.steepness, ".4493502")
    _near(coding.midpoint, "15.4085798")
    _near(draw.taste.mean, "-.0903268")
    _near(draw.taste.deviation, ".4451615")
    _near(np.exp(draw.taste.log_limit), "129961.74")


def test_intermediate_results_and_the_path_of_december_are_the_published_ones() -> None:
    draw = _calibrated("site_2025_12", "december_2025")
    humans, coding = draw.human_only, draw.coding
    _near(humans.returns, "3.2620924")
    _near(np.exp(draw.throughput.log_compute_weight), ".7904946")
    _near(humans.effective_compute, "23.0889365")
    _near(humans.progress, "1.6076806")
    _near(humans.software, ".9947657")
    _near(draw.horizon.coder, "30.3759890")
    _near(draw.taste.slope, "1.3684311")
    _near(coding.steepness, ".4707636")
    _near(coding.midpoint, "25.4848179")
    _near(draw.taste.mean, "-.0903168")
    _near(draw.taste.deviation, ".4443033")
    _near(np.exp(humans.log_stock), "1570.18")
    np.testing.assert_allclose(np.exp(draw.log_first_stock), 0.05820954, rtol=1e-6)
    # E, R, schedule, AI's taste, team's taste, coding multiple, speed-up. The published solver works to 1e-3.
    path = {
        2028: (26.9146, 9442.3, 0.72841, -4.2367, 1.0, 7.0582, 1.3751),
        2030: (29.8606, 42182.0, 0.97565, -0.2052, 1.09287, 228.80, 2.4532),
        2032: (39.129, 2.0253e7, 1.0, 12.478, 80.836, 1.0e16, 1001.9),
        2035: (46.0296, 1.64455e9, 1.0, 21.921, 765.13, 1.0e16, 9483.3),
    }
    inputs = stack(preset("site_2025_12"))
    traced = MODEL.trajectories(inputs, setup("december_2025", 2036.0, 0.1))
    times = setup("december_2025", 2036.0, 0.1).grid.times
    now = 23.0889365 + 0.055
    for year, published in path.items():
        k = int(np.argmin(np.abs(times - year)))
        at = {name: values[0, k] for name, values in traced.items()}
        ours = (
            at["effective_compute"] + now,
            10.0 ** at["research_stock"],
            at["automatable_share"],
            at["research_taste"],
            10.0 ** at["team_taste"],
            10.0 ** at["coding_multiple"],
            10.0 ** at["research_speedup"],
        )
        # 0.02 OOM of effective compute, which coding labour of 2030 follows most steeply.
        assert abs(ours[0] - published[0]) < 0.02
        np.testing.assert_allclose(ours[1:3], published[1:3], rtol=0.03)
        assert abs(ours[3] - published[3]) < 0.03
        np.testing.assert_allclose(ours[4:], published[4:], rtol=0.05)
    assert abs(10.0 ** traced["task_horizon"][0, 24] * 60.0 / 2079.0 - 1.0) < 0.02


def _within(ours: np.ndarray, theirs: np.ndarray, years: float, share: float) -> np.ndarray:
    both = np.isfinite(ours) & np.isfinite(theirs)
    limit = np.maximum(years, share * (np.where(both, theirs, 2026.0) - 2025.6))
    with np.errstate(invalid="ignore"):
        return np.where(both, np.abs(ours - theirs) <= limit, ours == theirs)


@pytest.fixture(scope="module")
def drawn() -> tuple[list[dict[str, str]], Outcomes, Outcomes]:
    """Return the reference draws, and the model's outcomes by steps of 0.05 and of 0.25 years."""
    rows, inputs = reference_draws()
    how = {step: setup("december_2025", 2200.0, step, slowdown=True) for step in (0.05, 0.25)}
    return rows, run(inputs, how[0.05]), run(inputs, how[0.25])


def test_draws_have_the_dates_of_the_published_code(drawn) -> None:
    rows, fine, coarse = drawn
    ends = np.array([float(row["end_year"]) for row in rows])
    clean = np.array([row["underflow"] == "0" for row in rows])
    assert clean.sum() == 35
    for outcomes, years in ((fine, 0.0), (coarse, 0.03)):
        ours = {c: np.where(d <= ends, d, np.inf)[clean] for c, d in dates(outcomes).items()}
        of_clean = [row for row in rows if row["underflow"] == "0"]
        published, accurate = expected(of_clean), expected(of_clean, "_accurate")
        for column in MILESTONES:
            assert _within(ours[column], published[column], 0.05, 0.01).all(), column
            limit = 0.02 if column in {"ac", "sar", "siar", "ted_ai", "asi"} else 0.03
            assert _within(ours[column], accurate[column], limit + years, 0.0).all(), column


def test_dates_converge_with_the_step(drawn) -> None:
    _, fine, coarse = drawn
    reached = np.isfinite(fine.arrival)
    np.testing.assert_array_equal(reached, np.isfinite(coarse.arrival))
    gaps = np.abs(coarse.arrival[reached] - fine.arrival[reached])
    assert np.median(gaps) < 2e-4
    assert np.quantile(gaps, 0.95) < 0.01
    assert gaps.max() < 0.05


# Quantiles of another implementation of December's equations: 10 000 draws of Eli's inputs, 4000 of Daniel's.
CLEAN = {
    ("eli", 10_000): {
        "ac": (2027.161, 2030.712, 2051.2),
        "ai2027_sc": (2027.647, 2032.797, 2108.0),
        "sar": (2027.537, 2032.310, 2060.6),
        "siar": (2027.909, 2034.708, 2080.0),
    },
    ("daniel", 4_000): {
        "ac": (2027.524, 2029.650, 2036.6),
        "sar": (2027.818, 2030.624, 2041.7),
        "siar": (2028.001, 2031.625, 2050.5),
    },
}
MONTE_CARLO_DRAWS = 10_000
LEVELS = (0.1, 0.5, 0.9)
#: Shift by the slips of the published code that are not repeated: years of dates, share of durations.
SHIFT = {"ac": 0.1, "ai2027_sc": 0.1, "sar": 0.1, "siar": 0.4}
DURATION_SHIFT = 0.12


def _require_quantile(values: np.ndarray, level: float, quantile: float, draws: int, shift: float) -> None:
    """Fail unless values have a quantile that ``draws`` others have, within a shift and 3 standard errors.

    Both are Monte Carlo results. False alarm of each comparison: 0.3 %.
    """
    error = 3.0 * np.sqrt(level * (1.0 - level) * (1.0 / len(values) + 1.0 / draws))
    below, up_to = (values < quantile - shift).mean(), (values <= quantile + shift).mean()
    assert below - error <= level <= up_to + error, (level, quantile, below, up_to)


@pytest.mark.slow
@pytest.mark.parametrize("person", ["eli", "daniel"])
def test_the_monte_carlo_has_the_published_quantiles(person: str) -> None:
    inputs = preset(f"{person}_2025_12", MONTE_CARLO_DRAWS, seed=1)
    outcomes = MODEL.outcomes(stack(inputs), setup("december_2025", 2200.0, slowdown=True))
    kept = outcomes.failure == 0
    # Of these no distribution of taste is as stated.
    assert 0.998 < kept.mean() < 1.0
    ours = {column: d[kept] for column, d in dates(outcomes).items()}
    for (name, draws), clean in CLEAN.items():
        for column, quantiles in clean.items() if name == person else ():
            for level, quantile in zip(LEVELS, quantiles, strict=True):
                _require_quantile(ours[column], level, quantile, draws, 0.0005 if level < 0.9 else 0.5)
    reached = np.isfinite(ours["ac"])
    compared = 0
    for row in table("reference_quantiles"):
        column, draws = row["milestone"], int(row["draws"])
        if row["person"] != person or column == "strat_ai":
            continue
        if row["quantity"] == "date":
            for level in LEVELS[:2]:
                quantile = float(row[f"p{100.0 * level:.0f}"])
                _require_quantile(ours[column], level, quantile, draws, SHIFT[column])
        else:
            year = row["condition"].removeprefix("ac in ")
            chosen = np.floor(ours["ac"]) == float(year) if year.isdigit() else reached
            # A milestone before the coder counts as 0 years after it.
            years = np.maximum(ours[column][chosen] - ours["ac"][chosen], 0.0)
            _require_quantile(years, 0.5, float(row["p50"]), draws, DURATION_SHIFT * float(row["p50"]))
        compared += 1
    assert compared == 44
    by_year = {"eli": (0.226, 0.515, 0.713), "daniel": (0.205, 0.648, 0.871)}[person]
    for year, share in zip((2028.0, 2031.0, 2036.0), by_year, strict=True):
        _require_quantile(ours["ac"], share, year, 9993, 0.1)
    within = {"eli": 0.275, "daniel": 0.369}[person]
    years = ours["asi"][reached] - ours["ac"][reached]
    _require_quantile(years, within, 1.0, 9993, DURATION_SHIFT)
