"""Draws of the Full Takeoff model for its tests, and what the published code calls its series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import timecone as tc
from timecone.models.full_takeoff.model import MODEL
from timecone.models.full_takeoff.parameters import PARAMETERS
from timecone.models.model import Setup, TimeGrid

#: Names of fractions: the published code's, and ours.
FRACTIONS = {
    "gwp_compute": "compute_spending",
    "capital_hardware_rnd": "hardware_capital",
    "labour_hardware_rnd": "hardware_labour",
    "compute_hardware_rnd": "hardware_compute",
    "labour_software_rnd": "software_labour",
    "compute_software_rnd": "software_compute",
    "compute_training": "training",
}
#: Series of the published code, and those of the oracle.
SERIES = {
    "biggest_training_run": "training_run",
    "compute": "compute",
    "hardware": "stock",
    "software": "software",
    "hardware_performance": "efficiency",
    "gwp": "output",
    "capital": "capital",
    "labour": "labour",
    "tfp_goods": "tfp",
    "frac_tasks_automated_goods": "automated_goods",
    "frac_tasks_automated_rnd": "automated_rnd",
    "frac_automatable_tasks_goods": "automatable_goods",
    "frac_automatable_tasks_rnd": "automatable_rnd",
    "frac_automatable_tasks_goods_no_tradeoff": "automatable_goods_untraded",
    "automation_multiplier_rnd": "multiplier",
    "rnd_input_hardware": "research_hardware",
    "rnd_input_software": "research_software",
    "cumulative_rnd_input_hardware": "input_hardware",
    "cumulative_rnd_input_software": "input_software",
    "money_spent_training": "money",
    **{f"frac_{theirs}": f"share.{ours}" for theirs, ours in FRACTIONS.items()},
}
#: Observables of the model, those of the oracle, and whether the model gives their log10.
OBSERVABLES = {
    "training_run": ("training_run", True),
    "world_output": ("output", True),
    "automated_goods": ("automated_goods", False),
    "automated_rnd": ("automated_rnd", False),
    "automatable_goods": ("automatable_goods", False),
    "automatable_rnd": ("automatable_rnd", False),
    "automatable_untraded": ("automatable_goods_untraded", False),
    "effective_compute": ("compute", True),
    "physical_compute": ("stock", True),
    "software": ("software", True),
    "price_performance": ("efficiency", True),
    "capital": ("capital", True),
    "run_cost": ("money", True),
    "rnd_multiplier": ("multiplier", False),
    **{f"fraction_{name}": (f"share.{name}", False) for name in FRACTIONS.values()},
}
#: The published grid.
GRID = TimeGrid(2022.0, 2100.0, 0.1)


def drawn(preset: str, draws: int, seed: int | None = None) -> dict[str, np.ndarray]:
    """Return draws of a preset's parameters by name."""
    values = tc.sample(tc.load(f"full_takeoff/{preset}"), draws, seed)
    return {p.name: values[p.name].values for p in PARAMETERS}


def block(values: dict[str, np.ndarray]) -> np.ndarray:
    """Return the block of inputs of some draws."""
    return np.array([values[p.name] for p in PARAMETERS])


def run(values: dict[str, np.ndarray], scheme: str = "published", grid: TimeGrid = GRID):
    """Return outcomes and trajectories of some draws."""
    setup = Setup(grid, scheme=scheme)
    return MODEL.outcomes(block(values), setup), MODEL.trajectories(block(values), setup)


def dates(outcomes) -> dict[str, np.ndarray]:
    """Return arrivals by milestone."""
    return {m.name: outcomes.arrival[k] for k, m in enumerate(MODEL.milestones)}


def finer(grid: TimeGrid, step: float) -> TimeGrid:
    """Return a grid with another step."""
    return replace(grid, step=step)
