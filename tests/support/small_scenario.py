"""A scenario of the toy model: three parameters, two durations, a run of a third of the baseline's variables.

Tests of what is done with any run use it: to simulate, write and read it takes a quarter of the time.
"""

from __future__ import annotations

from datetime import date
from typing import Any

_LOGNORMAL = {
    "distribution": "lognormal",
    "source": "a test",
    "as_of": date(2026, 1, 1),
    "basis": "guess",
}


def content(model: str = "toy") -> dict[str, Any]:
    """Return the content of the scenario's file."""
    return {
        "name": "horizons",
        "model": model,
        "as_of": date(2026, 1, 1),
        "conditions": "An example.",
        "time": {"start": 2026.0, "horizon": 2066.0},
        "not_yet": {"rule": "off"},
        "parameters": {
            "horizon": {
                # Most draws begin with tasks of seconds: the logarithm of hours is negative.
                "now": _LOGNORMAL | {"p05": 1e-6, "p95": 1.0, "unit": "hour"},
                "doubling_time": _LOGNORMAL | {"p05": 3, "p95": 14, "unit": "month"},
                "required": _LOGNORMAL | {"p05": 2e3, "p95": 2e8, "unit": "hour"},
            }
        },
    }
