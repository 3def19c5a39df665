"""The digest of a scenario: equal exactly when the numbers it leads to are."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from typing import Any

from timecone.inputs.distributions import Distribution
from timecone.inputs.families import Family
from timecone.scenario.compile import Resolved, resolve
from timecone.scenario.forms import ByInput, Form, FormulaInput
from timecone.scenario.scenario import Scenario


def _number(value: float) -> str:
    # Twelve digits: a unit conversion moves the last bits, and 9 months are 0.75 years.
    return f"{value:.12g}"


def _plain(value: Any) -> Any:
    if isinstance(value, Family) and is_dataclass(value):
        # The origin of a sample is a remark.
        return [value.name, *(_plain(getattr(value, f.name)) for f in fields(value) if f.name != "origin")]
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return _number(float(value)) if isinstance(value, (int, float)) else value


def _form(resolved: Resolved, form: Form) -> Any:
    if isinstance(form, ByInput):
        return {"by": form.by, "values": {v: _form(resolved, f) for v, f in form.values.items()}}
    if isinstance(form, Distribution):
        return _plain(resolved.leaf(form))
    # Formulas and tables are in the author's unit, so the unit counts.
    if isinstance(form, FormulaInput):
        return [form.expression, resolved.given.unit]
    return [form.of, form.interpolation, _plain(form.points), resolved.given.unit]


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
        "inputs": {name: _form(r, r.given.form) for name, r in resolve(scenario).items()},
        "correlations": sorted([*sorted(c.between), _number(c.rho)] for c in scenario.correlations),
        "copula": [scenario.copula.kind, scenario.copula.df],
        "design": [scenario.run.design, scenario.run.replicates, scenario.run.stratify],
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
