"""Records of the past for tests: dates and labels of a made-up frontier, and parameters near the truth."""

from __future__ import annotations

import numpy as np

from timecone.history.joint.observations import Observations
from timecone.history.joint.priors import PRIORS, draw_priors

END = 2025.5


def made_up(runs: int = 40, chips: int = 30, studies: int = 4, seed: int = 7) -> Observations:
    """Return observations whose dates, labels and ranks are plausible and whose values are zero."""
    generator = np.random.default_rng(seed)
    label = generator.choice([0.29, 0.61, 0.9], runs)
    cost = np.where(generator.random(runs) < 0.7, 0.0, np.nan)
    return Observations(
        end=END,
        run_name=tuple(f"run {i}" for i in range(runs)),
        run_date=np.sort(generator.uniform(2011.0, END, runs)),
        compute=np.zeros(runs),
        cost=cost,
        compute_error=label,
        is_record=generator.random(runs) < 0.35,
        chip_name=tuple(f"chip {i}" for i in range(chips)),
        chip_date=np.sort(generator.uniform(2007.0, 2026.0, chips)),
        performance=np.zeros(chips),
        is_tensor=generator.random(chips) < 0.4,
        study_name=tuple(f"study {i}" for i in range(studies)),
        halving=np.zeros(studies),
        halving_error=generator.uniform(0.2, 0.7, studies),
    )


#: Parameters near what the records of 2026 say.
TRUTH = {
    "spending_level": 8.6, "efficiency_level": 18.1, "spending_growth_now": 0.55, "hardware_growth_now": 0.11,
    "efficiency_extra": 0.02, "spending_drift": 0.04, "hardware_drift": 0.01, "runner_up_gap": 0.8,
    "spending_spread": 0.3, "efficiency_spread": 0.1, "cost_error": 0.2, "label_scale": 0.3, "run_tail": 6.0,
    "chip_level": (10.5, 10.9), "chip_spread": 0.35, "chip_tail": 10.0, "halving_centre": 2.2,
    "halving_spread": 0.25, "spending_steps": (0.5, -0.3, 0.2), "hardware_steps": (-0.4, 0.3, 0.1),
}  # fmt: skip


def truth(draws: int = 1) -> dict[str, np.ndarray]:
    """Return the true parameters as (draw,) or (draw, element)."""
    assert TRUTH.keys() == PRIORS.keys()
    return {name: np.repeat(np.atleast_1d(value)[None], draws, 0).squeeze(1) if np.ndim(value) == 0
            else np.repeat(np.asarray(value)[None], draws, 0) for name, value in TRUTH.items()}  # fmt: skip


def near_truth(draws: int, seed: int = 3) -> dict[str, np.ndarray]:
    """Return draws scattered about the truth by a twentieth of the prior's width."""
    prior, centre = draw_priors(seed, draws, END), truth(draws)
    found = {}
    for name, values in centre.items():
        scatter = (prior[name] - prior[name].mean(axis=0)) / 20.0
        found[name] = np.abs(values + scatter) if PRIORS[name].family != "normal" else values + scatter
    return found
