"""How far dates are from those of much finer steps: ``uv run python benchmarks/convergence.py``."""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from full_inputs import likely
from timecone.models.compute.model import MODEL
from timecone.models.model import Setup, TimeGrid
from timecone.units import STEPS

type FloatArray = NDArray[np.float64]

START, HORIZON = 2026.0, 2126.0
FINER = 64
MILESTONES = ("automation_20", "automation_50", "tai")
EVERYTHING = frozenset(component.name for component in MODEL.components if not component.excludes)


class Errors(NamedTuple):
    """Errors of a milestone's date over the draws that reach it after the start, years."""

    step: str
    milestone: str
    median: float
    p99: float
    p999: float
    largest: float
    flipped: int  # draws that one of both runs has before the horizon, or before the start, and the other not


def _dates(inputs: FloatArray, length: float) -> FloatArray:
    return MODEL.outcomes(inputs, Setup(TimeGrid(START, HORIZON, length), EVERYTHING)).arrival[:3]


def errors(draws: int, steps: tuple[str, ...] = tuple(STEPS), seed: int = 1) -> list[Errors]:
    """Return the errors of each step length against one 64 times shorter, with everything on."""
    given = likely(draws, seed)
    inputs = np.array([given.get(p.name, np.zeros(draws)) for p in MODEL.parameters])
    found = []
    for step in steps:
        coarse, fine = _dates(inputs, STEPS[step]), _dates(inputs, STEPS[step] / FINER)
        for name, one, other in zip(MILESTONES, coarse, fine, strict=True):
            both = np.isfinite(one) & np.isfinite(other) & (other > START)
            flipped = np.isfinite(one) != np.isfinite(other)
            error = np.abs(one[both] - other[both])
            median, p99, p999 = np.quantile(error, [0.5, 0.99, 0.999])
            found.append(Errors(step, name, median, p99, p999, error.max(), int(flipped.sum())))
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=4096)
    draws = parser.parse_args().draws
    print(f"{draws} draws, everything on, against steps {FINER} times shorter; years")
    print(f"{'step':<9}{'milestone':<15}{'median':>10}{'99 %':>10}{'99.9 %':>10}{'max':>10}{'flipped':>9}")
    for e in errors(draws):
        numbers = "".join(f"{x:>10.2g}" for x in (e.median, e.p99, e.p999, e.largest))
        print(f"{e.step:<9}{e.milestone:<15}{numbers}{e.flipped:>9}")


if __name__ == "__main__":
    main()
