"""Dates at the default step against those of steps 64 times shorter."""

from __future__ import annotations

import pytest

from convergence import MILESTONES, errors


@pytest.mark.parametrize("draws", [128, *(pytest.param(n, marks=pytest.mark.slow) for n in (512, 4096))])
def test_quarterly_dates_are_those_of_much_shorter_steps(draws):
    found = errors(draws, ("quarter",))
    assert [e.milestone for e in found] == list(MILESTONES)
    for e in found:
        assert e.median < 0.02
        assert e.p99 < 0.1
        assert e.flipped <= draws // 500
