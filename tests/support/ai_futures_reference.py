"""Published inputs, points and draws of the AI Futures Model, as the oracle takes them."""

from __future__ import annotations

import csv
from decimal import Decimal
from functools import cache
from pathlib import Path

import ai_futures as oracle

DATA = Path(__file__).resolve().parents[1] / "data" / "horizon"
INPUTS = ("human_coders", "inference_h100e", "experiment_h100e")
DATES = tuple(name for name in oracle.MILESTONES if name != "strat_ai")
# The columns of changes are short for inputs of the model.
CHANGES = {
    "d": "doubling_factor",
    "ach": "ac_horizon",
    "dbl": "doubling_time",
    "slope": "taste_slope",
    "uplift": "present_uplift",
    "swrate": "software_rate_2024",
    "M": "taste_top_over_median",
}
ELI = oracle.POINT
DANIEL = {
    **ELI,
    "doubling_time": 5.5 / 12.0,
    "ac_horizon": 411_048.0,
    "taste_sd_at_ac": 0.0,
    "taste_slope": 3.0,
    "taste_top_over_median": 3.97,
}
DECEMBER = {
    **ELI,
    "present_day": 2025.6,
    "present_horizon": 26.0,
    "ac_horizon": 1.2e7,
    "present_uplift": 1.6,
    "taste_slope": 2.2,
    "taste_smoothing": 0.51,
    "ted_step": 3.0,
}
POINTS = {("2026-01", "eli"): ELI, ("2026-01", "daniel"): DANIEL, ("2025-12", "defaults"): DECEMBER}
ENDS = {"2026-01": 2060.0, "2025-12": 2050.0}


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table of tests/data/horizon."""
    lines = (DATA / name).read_text("utf-8").splitlines()
    return tuple(csv.DictReader(line for line in lines if not line.startswith("#")))


@cache
def series(version: str) -> oracle.Series:
    """Return the input series of a version."""
    table = rows(f"inputs_{version}.csv")

    def column(name: str) -> list[float]:
        return [float(row[name]) for row in table]

    years, inputs = column("year"), [column(name) for name in INPUTS]
    if version == "2025-12":
        return oracle.Series(years, *inputs, growth=column("training_growth_oom_per_year"))
    return oracle.Series(years, *inputs, log_flop=column("log10_training_flop"))


def changed(change: str) -> dict[str, float]:
    """Return Eli's inputs of January 2026 with one change."""
    if change.startswith("gap"):
        return {**ELI, "gap": 1.0, "gap_years": 0.7, "ac_horizon": 124_600.0}
    short, value = change.split("=")
    return {**ELI, CHANGES[short]: float(value)}


def point(row: dict[str, str], method: str) -> oracle.Draw:
    """Return the draw of a row of reference_points.csv."""
    version = row["version"]
    p = changed(row["change"]) if row["change"] else POINTS[version, row["base"]]
    return oracle.Draw(p, series(version), version=version, end=ENDS[version], method=method)


def drawn(row: dict[str, str], method: str, *, underflow: bool = False) -> oracle.Draw:
    """Return the draw of a row of reference_draws.csv."""
    p = {**DECEMBER, **{name: float(row[name]) for name in oracle.POINT if name in row}}
    p["schedule_asymptote"] = float(row["asymptote"])
    inputs = series("2025-12").with_slowdown(
        float(row["growth_1"]), float(row["slowdown_year"]), float(row["growth_2"])
    )
    return oracle.Draw(
        p, inputs, version="2025-12", end=float(row["end_year"]), method=method, underflow=underflow
    )


def differences(dates: dict[str, float], row: dict[str, str], suffix: str = "") -> dict[str, float]:
    """Return our date less the reference's for every milestone, infinite where only one is reached."""
    out = {}
    for name in DATES:
        ours, theirs = dates[name], row[name + suffix]
        if not theirs:
            out[name] = 0.0 if ours == oracle.NEVER else -oracle.NEVER
        else:
            out[name] = ours - float(theirs)
    return out


def half_digit(printed: str) -> float:
    """Return half a unit of the last digit of a printed number."""
    return 0.5 * 10.0 ** int(Decimal(printed).as_tuple().exponent)
