"""Inputs of the AI Futures Model for its tests: reference points and draws as blocks, and their dates."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

import ai_futures as oracle
import timecone as tc
from ai_futures_reference import series as oracle_series
from timecone.models import find
from timecone.models.model import Outcomes, Setup, TimeGrid

DATA = Path(__file__).resolve().parents[1] / "data" / "horizon"
#: Columns of the reference tables, and the milestones of the model.
MILESTONES = {
    "ac": "automated_coder",
    "ai2027_sc": "superhuman_coder",
    "sar": "superhuman_researcher",
    "siar": "superintelligent_researcher",
    "ted_ai": "expert_ai",
    "asi": "superintelligence",
    **{f"air_{k}": f"speedup_{k}" for k in (5, 25, 250, 2000, 10000)},
}
#: Columns of the reference draws, and parameters; horizons are in minutes there.
_COLUMNS = {
    "horizon.doubling_time": "doubling_time",
    "horizon.doubling_ratio": "doubling_factor",
    "gap.present": "gap",
    "gap.progress": "gap_years",
    "coding.substitution": "rho_coding",
    "coding.efficiency_slope": "ai_efficiency_slope",
    "coding.largest_multiple": "max_serial_multiple",
    "coding.multiple_now": "present_uplift",
    "automation.ceiling": "asymptote",
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
    "growth.before": "growth_1",
    "growth.slowdown": "slowdown_year",
    "growth.after": "growth_2",
}
_MINUTES = {"horizon.automated_coder": "ac_horizon", "gap.horizon": "pre_gap_horizon"}
_CHANGES = {
    "d": "horizon.doubling_ratio",
    "dbl": "horizon.doubling_time",
    "slope": "taste.slope",
    "uplift": "coding.multiple_now",
    "swrate": "software.rate_2024",
    "M": "taste.top_to_median",
}
MODEL = find("ai_futures")
NAMES = [p.name for p in MODEL.parameters]
START = {"december_2025": 2025.6, "january_2026": 2025.9}


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of a reference table."""
    lines = (DATA / f"{name}.csv").read_text("utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def preset(name: str, draws: int = 1, seed: int = 1) -> dict[str, np.ndarray]:
    """Return draws of a preset's parameters, those of a default included."""
    values = tc.sample(tc.load(f"horizon/{name}"), draws, seed)
    return {n: np.array(values[n].values) if n in values else np.zeros(draws) for n in NAMES}


def changed(base: dict[str, np.ndarray], change: str) -> dict[str, np.ndarray]:
    """Return the inputs with the change that a reference point names."""
    if not change:
        return base
    if change == "gap .7 at 124600":
        at = np.array([124_600.0 / 60.0])
        return base | {
            "gap.present": np.ones(1),
            "gap.progress": np.array([0.7]),
            "horizon.automated_coder": at,
        }
    name, value = change.split("=")
    if name == "ach":
        return base | {"horizon.automated_coder": np.array([float(value) / 60.0])}
    return base | {_CHANGES[name]: np.array([float(value)])}


def reference_draws() -> tuple[list[dict[str, str]], dict[str, np.ndarray]]:
    """Return the rows of the reference draws, and their inputs."""
    rows = table("reference_draws")
    inputs = {name: np.array([float(r[c]) for r in rows]) for name, c in _COLUMNS.items()}
    inputs |= {name: np.array([float(r[c]) / 60.0 for r in rows]) for name, c in _MINUTES.items()}
    inputs["horizon.now"] = np.full(len(rows), 26.0 / 60.0)
    inputs["coding.first_efficiency"] = np.full(len(rows), 0.05)
    return rows, inputs


def stack(inputs: dict[str, np.ndarray]) -> np.ndarray:
    """Return inputs as a block, shape (parameters, draws)."""
    unstated = np.zeros_like(inputs["horizon.now"])  # a default of the model, or read by no scheme here
    return np.array([inputs.get(name, unstated) for name in NAMES], dtype=np.float64)


def setup(scheme: str, horizon: float = 2060.0, step: float = 0.25, *, slowdown: bool = False) -> Setup:
    """Return the set-up of a run."""
    components = frozenset({"compute_slowdown"}) if slowdown else frozenset()
    return Setup(TimeGrid(START[scheme], horizon, step), components, scheme=scheme)


def run(inputs: dict[str, np.ndarray], how: Setup) -> Outcomes:
    """Return the outcomes of a block, in which no draw may fail."""
    outcomes = MODEL.outcomes(stack(inputs), how)
    assert outcomes.failure is not None
    assert not outcomes.failure.any()
    return outcomes


def dates(outcomes: Outcomes) -> dict[str, np.ndarray]:
    """Return dates by the names of the reference columns."""
    rows = [m.name for m in MODEL.milestones]
    return {column: outcomes.arrival[rows.index(name)] for column, name in MILESTONES.items()}


def expected(rows: list[dict[str, str]], suffix: str = "") -> dict[str, np.ndarray]:
    """Return the dates of reference rows by column; +inf where not reached."""
    return {c: np.array([float(r[c + suffix] or "inf") for r in rows]) for c in MILESTONES}


def oracle_draw(inputs: dict[str, np.ndarray], i: int, end: float, method: str) -> oracle.Draw:
    """Return a draw with a slowdown of compute, by the rules of December 2025, as the oracle solves it."""
    p = {column: float(inputs[name][i]) for name, column in _COLUMNS.items() if column in oracle.POINT}
    p |= {column: float(inputs[name][i]) * 60.0 for name, column in _MINUTES.items()}
    p |= {
        "present_day": START["december_2025"],
        "present_horizon": float(inputs["horizon.now"][i]) * 60.0,
        "initial_ai_efficiency": float(inputs["coding.first_efficiency"][i]),
        "schedule_asymptote": float(inputs["automation.ceiling"][i]),
        # Strategic AI is at three times the taste of the best human.
        "strat_step": 2.0,
    }
    assert set(p) == set(oracle.POINT)
    growth = (float(inputs[f"growth.{part}"][i]) for part in ("before", "slowdown", "after"))
    return oracle.Draw(
        p, oracle_series("2025-12").with_slowdown(*growth), version="2025-12", end=end, method=method
    )
