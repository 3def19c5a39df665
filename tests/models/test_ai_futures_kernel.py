"""The kernel of the AI Futures Model against the slow second implementation, draw by draw.

The oracle's accurate method takes exact integrals and SciPy's integrator with a tolerance of 1e-8.
"""

from __future__ import annotations

import numpy as np
import pytest

from ai_futures_inputs import MODEL, START, dates, oracle_draw, preset, setup, stack

pytestmark = pytest.mark.slow

END = 2060.0


def _gaps(draws: int, seed: int) -> tuple[np.ndarray, int]:
    """Return distances in years to the oracle's dates, and in how many cases one alone is reached."""
    inputs = preset("eli_2025_12", draws, seed)
    outcomes = MODEL.outcomes(stack(inputs), setup("december_2025", END, 0.1, slowdown=True))
    assert outcomes.failure is not None
    ours, gaps, split = dates(outcomes), [], 0
    for i in np.flatnonzero(outcomes.failure == 0):
        theirs = oracle_draw(inputs, int(i), END, "accurate").dates()
        for column, date in ours.items():
            # What has passed at the start is dated there.
            expected = max(theirs[column], START["december_2025"])
            expected = expected if expected < END else np.inf
            if np.isfinite(date[i]) != np.isfinite(expected):
                split += 1
            elif np.isfinite(expected):
                gaps.append(abs(date[i] - expected))
    return np.array(gaps), split


def test_a_few_draws_have_the_dates_of_the_oracle() -> None:
    gaps, split = _gaps(4, seed=11)
    assert split == 0
    assert gaps.max() < 0.002


@pytest.mark.slow
def test_draws_have_the_dates_of_the_oracle() -> None:
    gaps, split = _gaps(80, seed=12)
    assert split == 0
    assert np.median(gaps) < 2e-5
    assert np.quantile(gaps, 0.95) < 0.002
    assert gaps.max() < 0.03
