"""Timing contestants in turn, so that a noisy machine is unfair to all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

type Seconds = dict[str, list[float]]


def interleaved(contestants: Mapping[str, Callable[[], object]], repeats: int) -> Seconds:
    """Return the seconds of every call, in rounds A, B, A, B, ...; a first round is not counted."""
    seconds: Seconds = {name: [] for name in contestants}
    for counted in range(-1, repeats):
        for name, work in contestants.items():
            begin = time.perf_counter()
            work()
            if counted >= 0:
                seconds[name].append(time.perf_counter() - begin)
    return seconds


def median(seconds: Seconds, name: str) -> float:
    """Return the median of a contestant's rounds."""
    return statistics.median(seconds[name])


def ratio(seconds: Seconds, slow: str, fast: str) -> float:
    """Return how many times longer ``slow`` takes: the median over rounds of the ratio within a round."""
    rounds = zip(seconds[slow], seconds[fast], strict=True)
    return statistics.median(one / other for one, other in rounds)


def fastest(contestants: Mapping[str, Callable[[], object]], repeats: int) -> str:
    """Return the contestant with the smallest median."""
    seconds = interleaved(contestants, repeats)
    return min(contestants, key=lambda name: median(seconds, name))
