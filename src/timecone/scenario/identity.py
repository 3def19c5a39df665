"""The digest of a scenario: equal exactly when the numbers it leads to are."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import Any

from timecone.inputs.families import Family
from timecone.scenario.compile import families
from timecone.scenario.scenario import Scenario


def _number(value: float) -> str:
    # Twelve digits: a unit conversion moves the last bits, and 9 months are 0.75 years.
    return f"{value:.12g}"


def _plain(value: Any) -> Any:
    if isinstance(value, Family):
        return [value.name, *(_plain(getattr(value, f.name)) for f in fields(value))]  # type: ignore[arg-type]
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return _number(float(value)) if isinstance(value, (int, float)) else value


def digest(scenario: Scenario) -> str:
    """Return 16 hex digits over everything that determines the numbers.

    Names, titles, sources, notes and conditions do not count; units count only through the values.
    """
    content = {
        "model": scenario.model,
        "as_of": scenario.as_of.isoformat(),
        "time": [_number(scenario.time.start), _number(scenario.time.horizon), scenario.time.step],
        "not_yet": list(scenario.not_yet_milestones),
        "choices": {
            name: {value: _number(w) for value, w in choice.weights.items()}
            for name, choice in scenario.choices.items()
        },
        "parameters": {
            parameter.name: {
                "by": scenario.parameters[parameter.name].by,
                "families": {v: _plain(f) for v, f in families(scenario, parameter).items()},
            }
            for parameter in scenario.definition.parameters
            if parameter.name in scenario.parameters
        },
        "correlations": sorted([*sorted(c.between), _number(c.rho)] for c in scenario.correlations),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
