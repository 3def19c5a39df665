"""Models of AI capability beside plain code, draws per second: ``uv run python benchmarks/capability.py``.

Contestants run in turn on one core, in blocks as a run makes them. The models observe their trajectories
every year as in a run; their opponents only find dates, those of takeoff within 100 years. Seconds of the
processor are counted as well as those of the clock: on a shared machine only the first say what the code
takes.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

import timecone as tc
from timecone.inputs.designs import RandomDesign
from timecone.models import find
from timecone.models.ai2027 import benchmarks, benchmarks_2025_05, takeoff, time_horizon, time_horizon_2025_05
from timecone.models.model import Setup
from timecone.schema import FloatArray

type Values = dict[str, FloatArray]
type Work = Callable[[Values], object]

ORACLES = Path(__file__).resolve().parents[1] / "tests" / "oracles"
BLOCK = 8192
#: Steps in a year of the opponents that step by days.
DAYS = 366.0


class Contest(NamedTuple):
    """A model, and the same dates by code that shares nothing with it."""

    name: str
    preset: str
    opponents: dict[str, tuple[Work, int]]


def _work(module: ModuleType, values: Values, setup: Setup) -> tuple[FloatArray, FloatArray]:
    """Return the work of each draw as the model counts it, and when it begins."""
    inputs = np.array(list(values.values()))
    if module is time_horizon_2025_05:
        work = module._work(inputs, setup)[0]  # noqa: SLF001
        return work, setup.grid.start - values["lead.internal"] / 12.0
    begin = setup.grid.start + (values.get("saturation.delay", np.zeros(1)) - values["lead.internal"]) / 12.0
    if module is benchmarks_2025_05:
        return module._work(inputs, setup), begin  # noqa: SLF001
    if module is benchmarks:
        begin = begin + values["lead.internal"] / 12.0
    return module._pace(inputs, setup).work, begin  # noqa: SLF001


def _days(oracle: ModuleType, module: ModuleType, setup: Setup) -> Work:
    """Return the dates of a timelines model by steps of a day in NumPy."""

    def run(values: Values) -> object:
        work, begin = _work(module, values, setup)
        first = values["speedup.saturated" if "speedup.saturated" in values else "speedup.now"]
        last, cap = values["speedup.superhuman_coder"], setup.grid.horizon
        if "software.share" not in values:
            return oracle.arrivals(work, begin, first, last, DAYS, cap)
        share, start = values["software.share"], dict[str, Any]()
        if "saturation.delay" in values:
            now = values["speedup.now"]
            first = np.maximum(now, first)
            last = np.maximum(first, last)
            years = values["saturation.delay"] / 12.0
            labour, stock = oracle.saturation(years, begin - years, now, first, DAYS)
            start = {"labour": labour, "stock": stock}
        return oracle.stock_arrivals(work, begin, first, last, share, DAYS, cap, **start)

    return run


def _python_days(oracle: ModuleType, module: ModuleType, setup: Setup) -> Work:
    """Return the dates of a timelines model by steps of a day in Python, draw by draw."""

    def run(values: Values) -> object:
        work, begin = _work(module, values, setup)
        first = values["speedup.saturated" if "speedup.saturated" in values else "speedup.now"]
        last, cap = values["speedup.superhuman_coder"], setup.grid.horizon
        if "software.share" not in values:
            rows = zip(work, begin, first, last, strict=True)
            return [oracle.arrival(*row, DAYS, cap) for row in rows]
        shared = zip(work, begin, first, last, values["software.share"], strict=True)
        how: dict[str, Any] = {"days_per_year": DAYS, "days_of_growth": 250.0, "cap": cap}
        if "saturation.delay" not in values:
            return [oracle.stock_arrival(*row, **how) for row in shared]
        dates, now, years = [], values["speedup.now"], values["saturation.delay"] / 12.0
        for draw, row in enumerate(shared):
            labour, stock = oracle.until_saturation(
                years[draw], row[1] - years[draw], now[draw], row[2], DAYS, 250.0
            )
            dates.append(oracle.stock_arrival(*row, **how, labour=labour, stock=stock))
        return dates

    return run


def _phases(oracle: ModuleType) -> Work:
    def run(values: Values) -> object:
        inputs = np.array(list(values.values()))
        work = takeoff.phases(inputs)
        return [oracle.phase_years(work[k], inputs[4 + k], inputs[5 + k], 100.0) for k in range(3)]

    return run


def _explosions(oracle: ModuleType) -> Work:
    def run(values: Values) -> object:
        names = ("software.limit", "research.speedup", "research.returns", "research.parallel_returns")
        keys = ("limit", "speedup", "returns", "parallel_returns")
        dates = []
        for row in zip(*(values[name] for name in names), strict=True):
            ends = oracle.doubling_ends(**dict(zip(keys, row, strict=True)))
            dates.append([oracle.first_end(ends, *event) for event in oracle.EVENTS.values()])
        return dates

    return run


def _automations(oracle: ModuleType) -> Work:
    def run(values: Values) -> object:
        names = (
            "automation.share_now",
            "automation.width",
            "research.labour_share",
            "research.returns_to_scale",
            "research.difficulty",
        )
        return [oracle.simulate(*row) for row in zip(*(values[name] for name in names), strict=True)]

    return run


def contests(draws: int, slow_draws: int) -> list[Contest]:
    """Return all contests; the oracles lie among the tests."""
    sys.path.insert(0, str(ORACLES))
    ai2027_days, ai2027_numpy, research_automation, software_explosion = map(
        importlib.import_module,
        ("ai2027_days", "ai2027_numpy", "research_automation", "software_explosion"),
    )
    routes = (
        ("time horizon, April", "ai2027/time_horizon_eli", time_horizon),
        ("benchmarks, April", "ai2027/benchmarks_eli", benchmarks),
        ("time horizon, May", "ai2027/time_horizon_eli_2025_05", time_horizon_2025_05),
        ("benchmarks, May", "ai2027/benchmarks_eli_2025_05", benchmarks_2025_05),
    )
    made = []
    for name, preset, module in routes:
        setup = tc.load(preset).compiled.setup
        opponents = {
            "days in NumPy": (_days(ai2027_numpy, module, setup), draws),
            "days in Python": (_python_days(ai2027_days, module, setup), slow_draws),
        }
        made.append(Contest(name, preset, opponents))
    made.append(Contest("takeoff", "ai2027/takeoff", {"days in NumPy": (_phases(ai2027_numpy), draws)}))
    return [
        *made,
        Contest(
            "software explosion",
            "software_explosion/davidson_2025",
            {"doublings in Python": (_explosions(software_explosion), slow_draws)},
        ),
        Contest(
            "research automation",
            "research_automation/kwa_2026",
            {"SciPy, draw by draw": (_automations(research_automation), slow_draws)},
        ),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2048, help="draws of a vectorised opponent in a round")
    parser.add_argument("--slow-draws", type=int, default=32, help="draws of one that takes them one by one")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    rates: dict[tuple[str, str], list[tuple[float, float]]] = {}
    works: dict[tuple[str, str], tuple[Callable[[], object], int]] = {}
    for contest in contests(arguments.draws, arguments.slow_draws):
        compiled, model = tc.load(contest.preset).compiled, find(tc.load(contest.preset).model)
        inputs = compiled.sampler.draw(RandomDesign(1), 0, BLOCK).values
        works[contest.name, "model"] = (partial(model.outcomes, inputs, compiled.setup), BLOCK)
        for name, (find_dates, draws) in contest.opponents.items():
            values = {p.name: inputs[row, :draws].copy() for row, p in enumerate(model.parameters)}
            works[contest.name, name] = (partial(find_dates, values), draws)
    for counted in range(-1, arguments.repeats):
        for key, (work, draws) in works.items():
            clock, processor = time.perf_counter(), time.process_time()
            work()
            taken = time.perf_counter() - clock, time.process_time() - processor
            if counted >= 0:
                rates.setdefault(key, []).append((draws / taken[0], draws / taken[1]))
    print(f"{'draws per second':44} {'by the clock':>14} {'of a processor':>15} {'model / this':>13}")
    for (about, name), measured in rates.items():
        pairs = zip(rates[about, "model"], measured, strict=True)
        ratio = statistics.median(mine[1] / theirs[1] for mine, theirs in pairs)
        by_clock, of_processor = (statistics.median(column) for column in zip(*measured, strict=True))
        print(f"{about + ': ' + name:44} {by_clock:14,.0f} {of_processor:15,.0f} {ratio:13,.1f}")


if __name__ == "__main__":
    main()
