"""A scenario whose date of TAI is arithmetic: start + requirement - 20 years, to the last digits.

Hardware grows by 1 OOM a year from 1e20 FLOP/USD, spending stays at 1 USD and algorithms stand still.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Any

SOURCE = {"source": "a test", "as_of": date(2026, 1, 1), "basis": "guess"}

_POINTS = {
    "hardware.price_performance": (1e20, "FLOP/USD"),
    "hardware.doubling_time": (math.log10(2.0), "year"),
    "hardware.headroom": (1e4, "OOM"),
    "economy.output": (1e30, "USD"),
    "economy.growth": (0.0, "1/year"),
    "investment.largest_run": (1.0, "USD"),
    "investment.growth": (1.0, "x/year"),
    "investment.cap_share": (1.0, "share of world output"),
    "algorithms.halving_time": (1e12, "year"),
    "algorithms.headroom": (1e-9, "OOM"),
    "threshold.reference_year": (2026.0, "calendar year"),
    "automation.gap": (1.0, "OOM"),
}
REQUIREMENT = {"distribution": "normal", "mean": 30, "sd": 3, "unit": "log10 FLOP"} | SOURCE
UNIFORM = {"distribution": "uniform", "low": 0, "high": 1, "unit": "1"} | SOURCE


def point(value: float, unit: str) -> dict[str, Any]:
    return {"distribution": "point", "value": value, "unit": unit} | SOURCE


def formula(text: str, unit: str = "log10 FLOP") -> dict[str, Any]:
    return {"expression": text, "unit": unit} | SOURCE


def calculator(
    requirement: dict[str, Any] = REQUIREMENT,
    *,
    start: float = 2026.0,
    horizon: float = 2126.0,
    parameters: dict[str, dict[str, Any]] | None = None,
    **quantities: dict[str, Any],
) -> dict[str, Any]:
    """Return the content of the scenario file."""
    given = {name: point(*stated) for name, stated in _POINTS.items()}
    given |= {"threshold.requirement": requirement} | (parameters or {})
    tables: dict[str, dict[str, Any]] = {}
    for name, entry in given.items():
        table, key = name.split(".")
        tables.setdefault(table, {})[key] = entry
    content = {
        "name": "calculator",
        "model": "compute",
        "as_of": date(2026, 1, 1),
        "conditions": "A test.",
        "time": {"start": start, "horizon": horizon, "step": "year"},
        "not_yet": {"rule": "off"},
        "parameters": tables,
    }
    return content | ({"quantities": quantities} if quantities else {})
