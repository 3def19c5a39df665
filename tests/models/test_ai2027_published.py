"""The AI 2027 presets against quantiles of the published samplers (commit 1356db7), 20 000 draws each.

False alarm: each of some 100 shares misses by more than 4 standard errors with a probability of 6e-5.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import ai2027_days as oracle
from ai2027_inputs import block, require_quantiles, require_share, setup
from timecone.models import find
from timecone.models.ai2027 import takeoff

DATA = Path(__file__).resolve().parents[1] / "data" / "ai2027"
DRAWS = 20_000
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
ROUTES = {"time_horizon": "time_horizon_extension", "benchmarks": "benchmarks_and_gaps"}
# Date of the superhuman coder at percentiles 10 to 90; share not by 2050, before 2028, before 2031.
TABLE = {
    "time_horizon_eli": ((2025.82, 2026.36, 2027.70, 2031.86, 2039.23), (0.0348, 0.5321, 0.7210)),
    "benchmarks_eli": ((2025.97, 2026.88, 2029.11, 2036.93, np.inf), (0.1092, 0.3976, 0.5895)),
    "benchmarks_nikola": ((2025.79, 2026.40, 2027.80, 2032.56, 2043.85), (0.0698, 0.5231, 0.7039)),
}
# By kind of growth: share of draws; date at percentiles 10, 50, 90.
BY_GROWTH = {
    "time_horizon_eli": {
        "superexponential": (0.449, 2025.58, 2026.34, 2027.66),
        "exponential": (0.448, 2027.09, 2030.57, 2042.04),
        "subexponential": (0.103, 2027.49, 2034.54, np.inf),
    },
    "benchmarks_eli": {
        "superexponential": (0.449, 2025.61, 2026.90, 2030.96),
        "exponential": (0.449, 2027.91, 2036.61, np.inf),
        "subexponential": (0.102, 2026.71, 2029.92, 2041.86),
    },
    "benchmarks_nikola": {
        "superexponential": (0.400, 2025.51, 2026.33, 2028.26),
        "exponential": (0.501, 2026.89, 2031.40, np.inf),
        "subexponential": (0.098, 2026.23, 2027.90, 2036.20),
    },
}
# One change to the time-horizon extension: row of the block, and what it becomes.
NOW, REQUIRED, LEAD = 0, 1, 5
CHANGES = {
    "a second": (NOW, 1 / 3600, (2026.00, 2026.63, 2029.07, 2038.13)),
    "a minute": (NOW, 1 / 60, (2025.93, 2026.51, 2028.26, 2034.28, 2043.69)),
    "an hour": (NOW, 1.0, (2025.76, 2026.26, 2027.45, 2030.76, 2037.06)),
    "a month required": (REQUIRED, 167.0, (2025.70, 2026.12, 2026.97, 2028.47, 2031.40)),
    "no lead": (LEAD, 0.0, (2026.03, 2026.55, 2027.92, 2032.24, 2039.52)),
}
# Benchmarks and gaps with both horizons in months of 167 hours.
CONSISTENT = {
    "benchmarks_eli": (2025.92, 2026.77, 2028.71, 2035.67, 2048.31),
    "benchmarks_nikola": (2025.74, 2026.27, 2027.47, 2031.19, 2040.48),
}
# Takeoff: work of humans alone in years, and length in years in closed form, at percentiles 10 to 90.
WORK = ((0.00, 1.61, 3.27, 5.73, 9.29), (2.31, 5.68, 18.78, 80.67, 389.07), (2.48, 10.96, 93.64, 2972.63))
LENGTH = ((0.0, 0.16, 0.33, 0.57, 0.92), (0.04, 0.09, 0.29, 1.26, 6.08), (0.00, 0.02, 0.16, 5.00))
TOTAL = (0.19, 0.39, 1.04, 9.55)
MEAN_MULTIPLIERS = (10.06, 63.96, 594.13)
# Share of draws in which superintelligence follows within some years.
WITHIN = {0.25: 0.14, 0.5: 0.32, 1.0: 0.49, 2.0: 0.61, 3.0: 0.66, 5.0: 0.70, 10.0: 0.75}


def _table(name: str) -> list[dict[str, str]]:
    lines = (DATA / name).read_text("utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def _printed(row: dict[str, str]) -> tuple[float, ...]:
    return tuple(float(row[f"p{100 * q:.0f}"]) for q in LEVELS)


def _dates(preset: str, rows: np.ndarray, scheme: str) -> np.ndarray:
    model = find(ROUTES[preset.rpartition("_")[0]])
    return model.outcomes(rows, setup(scheme, step=1.0)).arrival[0]


def _levels(quantiles: tuple[float, ...]) -> dict[float, float]:
    return {q: v for q, v in zip(LEVELS, quantiles, strict=False) if np.isfinite(v)}


@pytest.mark.parametrize("preset", TABLE)
def test_dates_are_those_of_the_published_sampler(preset: str) -> None:
    rows, growth = block(preset, DRAWS, 1)
    dates = _dates(preset, rows, "published")
    quantiles, (capped, by_2028, by_2031) = TABLE[preset]
    require_quantiles(dates, _levels(quantiles))
    require_share(np.isinf(dates).mean(), capped, DRAWS)
    require_share((dates < 2028.0).mean(), by_2028, DRAWS)
    require_share((dates < 2031.0).mean(), by_2031, DRAWS)
    for kind, (share, *printed) in BY_GROWTH[preset].items():
        chosen = dates[growth == kind]
        require_share(len(chosen) / DRAWS, share, DRAWS)
        levels = {q: v for q, v in zip((0.1, 0.5, 0.9), printed, strict=True) if np.isfinite(v)}
        for level, quantile in levels.items():
            # Both Monte Carlos have as many draws of the kind.
            error = 4.0 * np.sqrt(2.0 * level * (1.0 - level) / len(chosen))
            low, high = ((chosen < quantile + side * 0.008).mean() for side in (-1.0, 1.0))
            assert low - error <= level <= high + error, (kind, level, quantile, low, high)


@pytest.mark.parametrize("change", CHANGES)
def test_one_change_moves_the_dates_as_it_moves_the_published_ones(change: str) -> None:
    rows, _ = block("time_horizon_eli", DRAWS, 2)
    row, value, quantiles = CHANGES[change]
    rows[row] = value
    require_quantiles(_dates("time_horizon_eli", rows, "published"), _levels(quantiles))


@pytest.mark.parametrize("preset", CONSISTENT)
def test_the_corrected_scheme_has_one_unit_of_horizons(preset: str) -> None:
    rows, _ = block(preset, DRAWS, 3)
    # The published year has 365 / 30.5 months, so its dates are up to 0.3 % of the time later.
    late = 0.003 * 23.0
    require_quantiles(_dates(preset, rows, "corrected"), _levels(CONSISTENT[preset]), rounding=late)


def test_the_unit_slip_adds_two_doublings_and_delays_every_draw() -> None:
    rows, _ = block("benchmarks_eli", 500, 4)
    published = _dates("benchmarks_eli", rows, "published")
    corrected = _dates("benchmarks_eli", rows, "corrected")
    longer = rows[2] > rows[1]
    assert (published[longer] >= corrected[longer]).all()
    assert (published[longer] > corrected[longer]).mean() > 0.8


def test_takeoff_phases_are_those_of_the_published_sampler() -> None:
    rows, _ = block("takeoff", DRAWS, 5)
    work, length = takeoff.phases(rows), takeoff.lengths(rows)
    for phase in range(3):
        require_quantiles(work[phase][work[phase] > 0.0 if phase else slice(None)], _levels(WORK[phase]))
        require_quantiles(length[phase], _levels(LENGTH[phase]))
        some = work[phase] > 0.0
        np.testing.assert_allclose(
            work[phase][some] / length[phase][some], MEAN_MULTIPLIERS[phase], atol=0.005
        )
    total = length.sum(axis=0)
    require_quantiles(total, _levels(TOTAL))
    for years, share in WITHIN.items():
        # Shares are printed in whole percent, and the published phases end with a day each.
        low, high = ((total + days / 365.0 < years).mean() for days in (3.0, 0.0))
        error = 4.0 * np.sqrt(2.0 * share * (1.0 - share) / DRAWS) + 0.005
        assert low - error <= share <= high + error
    require_share((work[0] == 0.0).mean(), 0.15, DRAWS)
    require_share((length[1] > 1000.0).mean(), 0.0018, DRAWS)
    require_share((length[2] > 1000.0).mean(), 0.1069, DRAWS)


def test_the_update_of_may_2025_has_the_dates_of_the_published_sampler_from_any_start() -> None:
    """The published code starts at the day on which it is run; the three starts were printed apart."""
    rows, _ = block("time_horizon_eli_2025_05", DRAWS, 6)
    model = find("time_horizon_extension_2025_05")
    for row in _table("update_2025_05.csv"):
        at = setup("published", start=float(row["start"]), horizon=2065.0, step=20.0)
        dates = model.outcomes(rows, at).arrival[0]
        require_quantiles(dates, _levels(_printed(row)))
        require_share(np.isinf(dates).mean(), float(row["at_cap"]), DRAWS)
        for year in (2028, 2031):
            require_share((dates < year).mean(), float(row[f"before_{year}"]), DRAWS)


def test_takeoff_phases_of_whole_days_are_those_of_the_published_sampler() -> None:
    rows, _ = block("takeoff", DRAWS, 5)
    length = takeoff.lengths(rows, "published")
    ours = dict(
        zip(
            (row["length"] for row in _table("takeoff_as_coded.csv")),
            [*length, *length.cumsum(axis=0)],
            strict=True,
        )
    )
    for row in _table("takeoff_as_coded.csv"):
        values = ours[row["length"]]
        # All quantiles are of whole days; that of 1000 years is the cut.
        levels = {q: v for q, v in _levels(_printed(row)).items() if v < 1000.0}
        require_quantiles(values, levels, rounding=0.0051)
        if row["cut_off"]:
            require_share((values >= 1000.0).mean(), float(row["cut_off"]), DRAWS)
    total = length.sum(axis=0)
    error = 4.0 * np.sqrt(2.0 * 0.9 * 0.1 / DRAWS)
    assert (total < 1000.63).mean() - error <= 0.9 <= (total < 1000.65).mean() + error
    for years, share in WITHIN.items():
        # Shares are printed in whole percent.
        assert (
            abs((total <= years).mean() - share) < 4.0 * np.sqrt(2.0 * share * (1.0 - share) / DRAWS) + 0.005
        )


def test_whole_days_are_counted_as_by_steps_of_a_day() -> None:
    rng = np.random.default_rng(8)
    work = np.concatenate([[0.0, 1e-4], np.exp(rng.uniform(-3.0, 3.0, 60))])
    for first, last in ((5.0, 25.0), (25.0, 250.0), (250.0, 2000.0), (10.0, 10.0)):
        days = takeoff.whole_days(365.0 * work / first, np.full_like(work, np.log(last / first)))
        stepped = [round(365.0 * oracle.phase_years(w, first, last, 1)) for w in work]
        np.testing.assert_array_equal(days, stepped)


def test_whole_days_make_every_phase_longer_by_what_the_steps_miss() -> None:
    """Half a day for each factor e of the pace, and up to a day to the end of the last step."""
    rows, _ = block("takeoff", 2000, 9)
    exact, days = takeoff.lengths(rows), takeoff.lengths(rows, "published")
    for phase, growth in enumerate((5.0, 10.0, 8.0)):
        some = (exact[phase] > 0.5) & (exact[phase] < 900.0)
        late = 365.0 * (days[phase] - exact[phase])[some]
        assert (late > 0.5 * np.log(growth) - 0.02).all()
        assert (late < 0.5 * np.log(growth) + 1.0).all()
