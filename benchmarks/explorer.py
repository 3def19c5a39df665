"""Latency of the explorer: seconds from the question of a moved slider to its answer.

    uv run python benchmarks/explorer.py [MOVES]

Measured in the session, without the browser: state, scenario, draws, curves, sentence and file; the tables
follow. Kernels are compiled, and the unmoved scenario has been shown, before the first move. Moves go
in turn over all sliders of the scenario.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import numpy as np

from timecone.explorer.controls import Slider
from timecone.explorer.scenario_file import Base
from timecone.explorer.session import Session, quick_draws

SCENARIOS = ("baseline", "full_takeoff/monte_carlo_2022", "ai2027/time_horizon_eli", "horizon/eli_2026_08")


def moves_of(base: Base, count: int) -> list[str]:
    """Return addresses in which one distribution after the other is moved by up to a fifth of its width."""
    generator = np.random.default_rng(7)
    sliders = [s for s in base.controls.sliders.values() if s.ends and not s.ends.is_single and s.is_read]
    # Where every input is certain, the values that are not whole: some inputs take no others.
    sliders = sliders or [
        s for s in base.controls.sliders.values() if s.ends and s.is_read and s.ends.low % 1.0
    ]
    return [f"scenario={base.name}&{_move(sliders[k % len(sliders)], generator)}" for k in range(count)]


def _move(slider: Slider, generator: np.random.Generator) -> str:
    assert slider.ends is not None
    low, high = slider.ends.low, slider.ends.high
    if slider.ends.is_single:
        return f"{slider.key}={low + float(generator.uniform(0.02, 0.2)) * (slider.maximum - low):.6g}"
    shift = float(generator.uniform(0.05, 0.2)) * (high - low)
    return f"{slider.key}={low + shift:.6g}~{high:.6g}"


def latencies(name: str, count: int) -> tuple[list[float], int, int]:
    """Return the seconds of each move that was answered, how many were refused, and the draws of a move."""
    replies: list[tuple[float, str]] = []

    def take(message: dict[str, Any]) -> None:
        replies.append((time.perf_counter(), str(message["kind"])))

    session = Session(take, name)
    session.answer({"kind": "open", "id": 0, "address": f"scenario={name}"}, lambda: False)
    base = Base.open(name)
    seconds, refused = [], 0
    for k, address in enumerate(moves_of(base, count)):
        replies.clear()
        begin = time.perf_counter()
        session.answer({"kind": "ask", "id": k + 1, "address": address, "draws": quick_draws(base)})
        at, kind = next(reply for reply in replies if reply[1] != "progress")
        if kind == "answer":
            seconds.append(at - begin)
        else:
            refused += 1
    return seconds, refused, quick_draws(base)


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    print(f"{os.cpu_count()} processors, {wanted} moves of one slider each")
    for scenario in SCENARIOS:
        times, missed, draws = latencies(scenario, wanted)
        middle, late = np.percentile(times, [50, 95])
        print(f"{scenario:32} median {middle:.2f} s, 95 % {late:.2f} s, {draws:,} draws, {missed} refused")
