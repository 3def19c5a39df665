"""The mixture and the correlated pair of `input_contests` in squigglepy: 90 % intervals and weights alike."""

from __future__ import annotations

import numpy as np
import squigglepy as sq


def mixture(draws: int) -> object:
    """Draw from a mixture of two lognormals and a normal."""
    parts = [sq.lognorm(1.0, 4.0), sq.norm(mean=6.0, sd=1.0), sq.lognorm(5.0, 20.0)]
    return sq.mixture(parts, weights=[0.5, 0.3, 0.2]) @ draws


def pair(draws: int) -> object:
    """Draw a lognormal and a normal with rank correlation 0.5."""
    one, other = sq.correlate((sq.lognorm(1.0, 8.0), sq.norm(20.0, 40.0)), np.array([[1.0, 0.5], [0.5, 1.0]]))
    return one @ draws, other @ draws
