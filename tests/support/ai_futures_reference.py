"""Published inputs, points and draws of the AI Futures Model, as the oracle takes them."""

from __future__ import annotations

import csv
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np

import ai_futures as oracle
from timecone.models import find
from timecone.models.model import Outcomes, Setup, TimeGrid

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


# Point inputs of August 2026, as far as they are public, with the dates of horizon and revenue.
_AUGUST = {
    **ELI,
    "present_day": 2026.578082,
    "present_horizon": 186.0,
    "horizon_date": 2026.269178,
    "revenue": 47e9,
    "revenue_date": 2026.374429,
    "infinite_compute_multiple": 1001.0,
    "infinite_labour_multiple": 15.1421,
    "compute_cut_slowdown": 2.79444,
}
AUGUST = {
    "daniel": {
        **_AUGUST,
        "doubling_time": 0.33284,
        "ac_horizon": 120_000.0,
        "present_uplift": 2.0,
        "taste_sd_at_ac": 0.0,
        "taste_slope": 3.0,
        "taste_top_over_median": 3.96648,
        "taste_limit": 16.0,
        "ted_step": 1.00012,
        "uplift_doubling": 5.0 / 12.0,
        "revenue_growth": 5.0,
        "ac_revenue": 1e12,
    },
    "eli": {
        **_AUGUST,
        "doubling_time": 0.374881,
        "ac_horizon": 1.5e7,
        "present_uplift": 1.7,
        "taste_slope": 2.3,
        "taste_top_over_median": 4.0,
        "ted_step": 1.49666,
        "uplift_doubling": 6.5008 / 12.0,
        "revenue_growth": 5.0,
        "ac_revenue": 7e12,
    },
    "brendan": {
        **_AUGUST,
        "doubling_time": 0.374881,
        "ac_horizon": 1.5e7,
        "present_uplift": 1.8,
        "taste_slope": 2.6926,
        "taste_top_over_median": 4.34664,
        "ted_step": 1.49666,
        "uplift_doubling": 5.4991 / 12.0,
        "revenue_growth": 7.0,
        "ac_revenue": 3e12,
    },
}
#: Deterministic dates of August 2026, as an audit by others prints them.
AUGUST_DATES = {
    "daniel": {"ac": 2027.7866, "sar": 2028.3746, "ted_ai": 2028.6436, "siar": 2028.8044, "asi": 2028.9263},
    "eli": {"ac": 2028.4127, "sar": 2029.0288, "ted_ai": 2029.5851, "siar": 2029.7433, "asi": 2030.2898},
    "brendan": {"ac": 2028.0271, "sar": 2028.5452, "ted_ai": 2028.9327, "asi": 2029.2649},
}
#: Returns r, growth of effective compute at the present day, and level of the coder, from the same audit.
AUGUST_RETURNS = {"daniel": 3.14465, "eli": 3.13775, "brendan": 3.14326}
AUGUST_PROGRESS = {"daniel": 1.60576, "eli": 1.57376, "brendan": 1.58969}
#: Names of the model, and of the oracle.
PARAMETERS = {
    "horizon.doubling_time": "doubling_time",
    "horizon.doubling_ratio": "doubling_factor",
    "gap.present": "gap",
    "gap.progress": "gap_years",
    "coding.substitution": "rho_coding",
    "coding.efficiency_slope": "ai_efficiency_slope",
    "coding.first_efficiency": "initial_ai_efficiency",
    "coding.largest_multiple": "max_serial_multiple",
    "coding.multiple_now": "present_uplift",
    "automation.ceiling": "schedule_asymptote",
    "throughput.unlimited_labour": "infinite_labour_multiple",
    "throughput.unlimited_compute": "infinite_compute_multiple",
    "throughput.compute_cut": "compute_cut_slowdown",
    "labour.parallel_exponent": "labour_exponent",
    "taste.at_automated_coder": "taste_sd_at_ac",
    "taste.slope": "taste_slope",
    "taste.top_to_median": "taste_top_over_median",
    "taste.limit": "taste_limit",
    "taste.smoothing": "taste_smoothing",
    "taste.expert_step": "ted_step",
    "software.rate_2024": "software_rate_2024",
    "revenue.now": "revenue",
    "revenue.growth": "revenue_growth",
    "revenue.automated_coder": "ac_revenue",
}
MILESTONES = {
    "ac": "automated_coder",
    "ai2027_sc": "superhuman_coder",
    "sar": "superhuman_researcher",
    "siar": "superintelligent_researcher",
    "ted_ai": "expert_ai",
    "asi": "superintelligence",
    **{f"air_{k}": f"speedup_{k}" for k in oracle.SPEEDUPS},
}


def kernel_block(p: dict[str, float], *, revenue: bool = False) -> np.ndarray:
    """Return one draw of the model's inputs, shape (parameters, 1)."""
    values = {name: p.get(theirs, 0.0) for name, theirs in PARAMETERS.items()}
    now = p["present_day"]
    values["horizon.now"] = p["present_horizon"] / 60.0
    values["horizon.automated_coder"] = p["ac_horizon"] / 60.0
    values["gap.horizon"] = p["pre_gap_horizon"] / 60.0
    values["horizon.age"] = now - p.get("horizon_date", now)
    values["revenue.age"] = now - p.get("revenue_date", now)
    values["revenue.decides"] = float(revenue)
    return np.array([[values.get(parameter.name, 0.0)] for parameter in find("ai_futures").parameters])


def kernel_outcomes(
    p: dict[str, float], scheme: str, *, step: float = 0.25, end: float = 2060.0, revenue: bool = False
) -> Outcomes:
    """Return what the model's kernel says of one draw."""
    components = frozenset({"revenue"}) if revenue else frozenset()
    setup = Setup(TimeGrid(p["present_day"], end, step), components, scheme=scheme)
    return find("ai_futures").outcomes(kernel_block(p, revenue=revenue), setup)


def kernel_dates(
    p: dict[str, float], scheme: str, *, step: float = 0.25, end: float = 2060.0, revenue: bool = False
) -> dict[str, float]:
    """Return the dates of the model's kernel by the oracle's names."""
    outcomes = kernel_outcomes(p, scheme, step=step, end=end, revenue=revenue)
    assert outcomes.failure is not None
    assert not outcomes.failure.any()
    names = [milestone.name for milestone in find("ai_futures").milestones]
    return {ours: outcomes.arrival[names.index(name), 0] for ours, name in MILESTONES.items()}


def kernel_tracks(p: dict[str, float], scheme: str, *, step: float, end: float) -> dict[str, np.ndarray]:
    """Return the observables of the model's kernel at every step."""
    setup = Setup(TimeGrid(p["present_day"], end, step), scheme=scheme)
    return {n: values[0] for n, values in find("ai_futures").trajectories(kernel_block(p), setup).items()}
