"""Blocks of inputs as the model takes them."""

from __future__ import annotations

import numpy as np

import timecone as tc
from timecone.models.compute.model import MODEL


def rows(inputs):
    """Return inputs by name as a block in the order of the model's table; 0 for what is not given."""
    draws = len(inputs["automation.gap"])
    return np.array([inputs.get(p.name, np.zeros(draws)) for p in MODEL.parameters])


def drawn(scenario, draws, seed):
    """Return a scenario's draws by parameter, with the defaults of those that it does not draw."""
    found = tc.sample(scenario, draws, seed=seed)
    given = {p.name: found[p.name].values for p in MODEL.parameters if p.name in found}
    numbers = {p.name: np.full(draws, p.default) for p in MODEL.parameters if isinstance(p.default, float)}
    return numbers | given
