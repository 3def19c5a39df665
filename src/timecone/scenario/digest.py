"""The digest of a scenario: equal exactly when the numbers it leads to are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from timecone.inputs.distributions import Distribution
from timecone.inputs.families import Empirical, Family, LogNormal, LogStudentT, Normal, Percentiles, Posterior
from timecone.inputs.families.scipy_backed import SciPyBacked
from timecone.scenario.compile import Resolved, copula, resolve
from timecone.scenario.components import components_on, idle
from timecone.scenario.evidence import EvidenceInput
from timecone.scenario.scenario import Scenario
from timecone.scenario.specs import ByInput, Form, FormulaInput
from timecone.units import Conversion


def _number(value: float) -> str:
    # Twelve digits: a unit conversion moves the last bits, and 9 months are 0.75 years.
    return f"{value:.12g}"


def _offset(value: float) -> str:
    # A logarithm, or a location in units of the scale, has no digits of its own near 0: there a conversion
    # leaves 1e-16 in one unit and 0 in another.
    return _number(round(value, 12) + 0.0)


def _plain(value: Any) -> Any:
    if isinstance(value, Family):
        return _family(value)
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return _number(float(value)) if isinstance(value, (int, float)) else value


def _family(family: Family) -> list[Any]:
    """Return name and numbers of a family, the same in whatever unit they were written."""
    match family:
        case LogNormal(mu=mu, sigma=sigma):
            return [family.name, _offset(mu), _number(sigma)]
        case Normal(mu=mu, sigma=sigma):
            return [family.name, _offset(mu / sigma), _number(sigma)]
        case LogStudentT(shapes=shapes, location=location, scale=scale):
            return [family.name, _plain(shapes), _offset(location), _number(scale)]
        case SciPyBacked(shapes=shapes, location=location, scale=scale):
            names = [family.name, family.scipy_name]
            return [*names, _plain(shapes), _offset(location / scale), _number(scale)]
        case Percentiles(levels=levels, values=values, space=space, tails=tails):
            bounds = [family.low, family.high] if space == "logit" else []
            return [family.name, _plain(levels), _plain(values), space, tails, _plain(bounds)]
        case Empirical(values=values, weights=weights, resample=resample):
            options = [_plain(weights)] * bool(weights) + ["resample"] * resample
            return [family.name, _plain(values), *options]
        case Posterior(values=values, rows=rows, weights=weights):
            return [family.name, _plain(values), rows, *([_plain(weights)] * bool(weights))]
    known: Any = family
    # The origin of a sample is a remark.
    return [family.name, *(_plain(getattr(known, f.name)) for f in fields(known) if f.name != "origin")]


def _conversion(how: Conversion) -> list[str]:
    return [how.kind, _number(how.factor)]


def _form(resolved: Resolved, form: Form, inputs: dict[str, Resolved]) -> Any:
    if isinstance(form, ByInput):
        return {"by": form.by, "values": {v: _form(resolved, f, inputs) for v, f in form.values.items()}}
    if isinstance(form, Distribution):
        return _plain(resolved.leaf(form))
    # Formulas and tables are in authors' units, so these count: their own and those of what they refer to.
    if isinstance(form, FormulaInput):
        names, about = form.parsed().names, [form.expression]
    else:
        names, about = frozenset([form.of]), [form.of, form.interpolation, _plain(form.points)]
    return [*about, _conversion(resolved.how), _units(names, inputs)]


def _units(names: Iterable[str], inputs: dict[str, Resolved]) -> dict[str, list[str]]:
    return {name: _conversion(inputs[name].how) for name in names if name in inputs}


def _design(scenario: Scenario) -> list[Any]:
    run = scenario.run
    return [run.design, run.stratify if run.design == "random" else run.replicates]


def _copula(scenario: Scenario, off: frozenset[str]) -> dict[str, Any]:
    """Return what determines dependence; of what is switched off, only what others' draws still need."""
    named = {name for c in scenario.correlations for name in c.between}
    kept = named if named.isdisjoint(off) else set(copula(scenario).names)
    found = [c for c in scenario.correlations if kept.issuperset(c.between)]
    alone = sorted(kept - {name for c in found for name in c.between})
    df = scenario.copula.df
    # Under a t copula a name counts also where all that it is correlated with is switched off.
    kind = [scenario.copula.kind, None if df is None else _number(df), *(alone if df else ())]
    return {
        "correlations": sorted([*sorted(c.between), _number(c.rho)] for c in found),
        "copula": kind if found or (alone and df) else [],
    }


def _evidence(evidence: EvidenceInput) -> list[Any]:
    quantiles = (evidence.p05, evidence.p50, evidence.p95)
    numbers = [None if x is None else _number(x) for x in (evidence.date, *quantiles)]
    return [evidence.observable, evidence.space, *numbers]


def digest(scenario: Scenario) -> str:
    """Return 16 hex digits over everything that determines the numbers.

    Names, titles, sources, notes and conditions do not count; units count only through the values; switches
    only through what is on. What is switched off does not count, save rank correlations on which the draws
    of others still rest.
    """
    inputs, off, on = resolve(scenario), idle(scenario), sorted(components_on(scenario))
    content = {
        "model": scenario.model,
        "as_of": scenario.as_of.isoformat(),
        "time": [_number(scenario.time.start), _number(scenario.time.horizon), scenario.time.step],
        "not_yet": sorted(set(scenario.not_yet_milestones)),
        "choices": {
            name: {value: _number(w) for value, w in choice.weights.items()}
            for name, choice in scenario.choices.items()
        },
        "inputs": {name: _form(r, r.given.form, inputs) for name, r in inputs.items() if name not in off},
        "design": _design(scenario),
        **_copula(scenario, off),
        **({"components": on} if on else {}),
        **({"evidence": _evidence(scenario.evidence)} if scenario.evidence else {}),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
