"""Presets of the AI 2027 models for their tests: draws as blocks, and comparison with printed quantiles."""

from __future__ import annotations

import numpy as np

import timecone as tc
from timecone.models import find
from timecone.models.model import Setup, TimeGrid

#: Standard errors by which a share may miss the printed one; both are Monte Carlo results.
ERRORS = 4.0
#: Printed quantiles have two decimals; the published code ends a draw at the end of a day.
ROUNDING = 0.005 + 1.0 / 365.0
PUBLISHED_DRAWS = 20_000


def block(preset: str, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return draws of a preset's parameters, shape (parameters, draws), and each draw's kind of growth."""
    scenario = tc.load(f"ai2027/{preset}")
    values = tc.sample(scenario, draws, seed)
    rows = np.array([values[p.name].values for p in find(scenario.model).parameters])
    if "choice_growth" not in values:
        return rows, np.empty(0)
    kinds = np.array(values["choice_growth"].attrs["flag_meanings"].split())
    return rows, kinds[values["choice_growth"].values]


def setup(scheme: str = "", start: float = 2025.25, horizon: float = 2050.0, step: float = 1 / 12) -> Setup:
    """Return the set-up of a model."""
    return Setup(TimeGrid(start, horizon, step), scheme=scheme)


def require_quantiles(values: np.ndarray, printed: dict[float, float], rounding: float = ROUNDING) -> None:
    """Fail unless values have the printed quantiles, by level, within the error of both Monte Carlos."""
    for level, quantile in printed.items():
        error = ERRORS * np.sqrt(level * (1.0 - level) * (1.0 / len(values) + 1.0 / PUBLISHED_DRAWS))
        low, high = ((values < quantile + side * rounding).mean() for side in (-1.0, 1.0))
        assert low - error <= level <= high + error, (level, quantile, low, high)


def require_share(share: float, printed: float, draws: int) -> None:
    """Fail unless a share is the printed one within the error of both Monte Carlos."""
    error = ERRORS * np.sqrt(printed * (1.0 - printed) * (1.0 / draws + 1.0 / PUBLISHED_DRAWS))
    assert abs(share - printed) <= error + 0.0005, (share, printed)
