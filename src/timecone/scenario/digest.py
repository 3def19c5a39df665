"""The digest of a scenario: equal exactly when the numbers it leads to are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from timecone.inputs.dependence import Copula
from timecone.inputs.distributions import Distribution
from timecone.inputs.families.canonical import canonical, number_text
from timecone.scenario.assumptions import Assumptions
from timecone.scenario.components import scheme_of
from timecone.scenario.dependence import ordered_values
from timecone.scenario.evidence import EvidenceInput
from timecone.scenario.redraw import RedrawInput
from timecone.scenario.resolve import Resolved
from timecone.scenario.specs import ByInput, Form, FormulaInput
from timecone.units import Conversion


def _conversion(how: Conversion) -> list[str]:
    return [how.kind, number_text(how.factor)]


def _form(resolved: Resolved, form: Form, inputs: dict[str, Resolved]) -> Any:
    if isinstance(form, ByInput):
        return {"by": form.by, "values": {v: _form(resolved, f, inputs) for v, f in form.values.items()}}
    if isinstance(form, Distribution):
        return canonical(resolved.leaf(form))
    # Formulas and tables are in authors' units, so these count: their own and those of what they refer to.
    if isinstance(form, FormulaInput):
        names, about = form.parsed().names, [form.expression]
    else:
        names, about = frozenset([form.of]), [form.of, form.interpolation, canonical(form.points)]
    return [*about, _conversion(resolved.how), _units(names, inputs)]


def _units(names: Iterable[str], inputs: dict[str, Resolved]) -> dict[str, list[str]]:
    return {name: _conversion(inputs[name].how) for name in names if name in inputs}


def _design(scenario: Assumptions) -> list[Any]:
    run = scenario.run
    return [run.design, run.stratify if run.design == "random" else run.replicates]


def _copula(scenario: Assumptions, dependence: Copula, off: frozenset[str]) -> dict[str, Any]:
    """Return what determines dependence: inactive inputs count only where other draws rest on them."""
    named = {name for c in scenario.correlations for name in c.between}
    kept = named if named.isdisjoint(off) else set(dependence.names)
    correlations = [c for c in scenario.correlations if kept.issuperset(c.between)]
    alone = sorted(kept - {name for c in correlations for name in c.between})
    df = scenario.copula.df
    # Under a t copula a name counts also where all that it is correlated with is switched off.
    kind = [scenario.copula.kind, None if df is None else number_text(df), *(alone if df else ())]
    return {
        "correlations": sorted([*sorted(c.between), number_text(c.rho)] for c in correlations),
        "copula": kind if correlations or (alone and df) else [],
    }


def _evidence(evidence: EvidenceInput) -> list[Any]:
    quantiles = (evidence.p05, evidence.p50, evidence.p95)
    numbers = [None if x is None else number_text(x) for x in (evidence.date, *quantiles)]
    return [evidence.observable, evidence.space, *numbers]


def _redraw(redraw: RedrawInput) -> list[Any]:
    return [redraw.constraint, sorted(set(redraw.keep)), redraw.most]


def digest(
    scenario: Assumptions,
    inputs: dict[str, Resolved],
    dependence: Copula,
    *,
    on: frozenset[str],
    off: frozenset[str],
) -> str:
    """Return 16 hex digits over everything that determines the numbers.

    Names, titles, sources, notes and conditions do not count; units count only through the values; switches
    only through what is on. Inactive inputs do not count, except rank correlations on which the draws
    of active inputs rest.

    Parameters
    ----------
    scenario : Assumptions
        What is stated.
    inputs : dict of str to Resolved
        Its parameters and quantities.
    dependence : Copula
        Of the active inputs.
    on, off : frozenset of str
        Components that are on, and inactive inputs.
    """
    content = {
        "model": scenario.model,
        "as_of": scenario.as_of.isoformat(),
        "time": [number_text(scenario.time.start), number_text(scenario.time.horizon), scenario.time.step],
        "not_yet": sorted(set(scenario.not_yet_milestones)),
        "choices": {
            name: {value: number_text(w) for value, w in choice.weights.items()}
            for name, choice in scenario.choices.items()
        },
        "inputs": {name: _form(r, r.stated.form, inputs) for name, r in inputs.items() if name not in off},
        "design": _design(scenario),
        **_copula(scenario, dependence, off),
        **({"order": ordered} if (ordered := ordered_values(scenario)) else {}),
        **({"components": sorted(on)} if on else {}),
        **({"redraw": _redraw(scenario.redraw)} if scenario.redraw else {}),
        **({"scheme": scheme} if (scheme := scheme_of(scenario)) else {}),
        **({"evidence": _evidence(scenario.evidence)} if scenario.evidence else {}),
        **({"not_yet_rule": terms} if (terms := scenario.not_yet.terms()) else {}),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
