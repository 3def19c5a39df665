"""What contradicts the model, or itself, in a scenario that is well formed."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator

from timecone.errors import ScenarioError, suggestion
from timecone.models.model import Model
from timecone.scenario.assumptions import Assumptions
from timecone.scenario.components import component_problems, components_on
from timecone.scenario.published_problems import published_problems
from timecone.scenario.redraw import redraw_problems
from timecone.scenario.specs import ByInput, Form, FormulaInput, LookupInput, places
from timecone.units import decimal_year

# A run file holds quantities beside these.
_RESERVED_NAME = "draw"
_RESERVED_PREFIX = "choice_"


def unknown_parameter(name: str, model: Model) -> ScenarioError:
    """Return the complaint about a name that is no parameter of the model."""
    return ScenarioError(
        "unknown-parameter",
        f"the {model.name} model has no such parameter",
        where=f"parameters.{name}",
        remedy=suggestion(name, [p.name for p in model.parameters]),
    )


# Fewer are certain.
_FEWEST_VALUES = 2
# Steps by which a date may lie beside the end of one.
_SAME_DATE = 1e-9


def problems(scenario: Assumptions) -> Iterator[ScenarioError]:
    """Yield what contradicts the model, or itself, in the order of the file."""
    yield from _time_problems(scenario)
    yield from _evidence_problems(scenario)
    yield from _parameter_problems(scenario)
    yield from component_problems(scenario)
    yield from _missing_parameters(scenario)
    yield from _quantity_problems(scenario)
    yield from _reference_problems(scenario)
    yield from _unused_choices(scenario)
    yield from _correlation_problems(scenario)
    if scenario.redraw is not None:
        yield from redraw_problems(
            scenario.redraw,
            scenario.definition,
            frozenset(scenario.inputs()),
            random=scenario.run.design == "random",
            gaussian=scenario.copula.kind == "gaussian",
        )
    yield from _condition_problems(scenario)
    if scenario.published is not None:
        yield from published_problems(scenario, scenario.published)


def _time_problems(scenario: Assumptions) -> Iterator[ScenarioError]:
    if decimal_year(scenario.as_of) >= scenario.time.horizon:
        yield ScenarioError(
            "as-of-after-horizon",
            "as_of is not before the horizon",
            where="as_of",
            got=scenario.as_of.isoformat(),
        )
    if scenario.time.step not in scenario.definition.steps:
        yield ScenarioError(
            "unsupported-step",
            f"the {scenario.model} model does not support this step",
            where="time.step",
            got=scenario.time.step,
            allowed=", ".join(scenario.definition.steps),
        )
    scheme, schemes = scenario.time.scheme, scenario.definition.schemes
    if scheme is not None and scheme not in schemes:
        yield ScenarioError(
            "unknown-scheme",
            f"the {scenario.model} model has no such scheme of steps",
            where="time.scheme",
            got=scheme,
            allowed=", ".join(schemes) or "none: it steps in one way",
            remedy=suggestion(scheme, schemes) or None,
        )
    milestones = [m.name for m in scenario.definition.milestones]
    for name in scenario.not_yet.milestones:
        if name not in milestones:
            yield ScenarioError(
                "unknown-milestone",
                "unknown milestone",
                where="not_yet.milestones",
                got=name,
                remedy=suggestion(name, milestones),
            )
    yield from _not_yet_problems(scenario)


def _not_yet_problems(scenario: Assumptions) -> Iterator[ScenarioError]:
    """Yield the errors in the numbers of a softer not-yet rule."""
    rule = scenario.not_yet
    try:
        rule.require_milestones(scenario.not_yet_milestones)
    except ScenarioError as error:
        yield error
    if rule.rule == "shift" and scenario.evidence is not None:
        yield ScenarioError(
            "shift-with-evidence",
            "evidence measures the draws on a date, from which the rule would move them",
            where="not_yet.rule",
            got="shift",
            allowed="remove, likelihood or off together with [evidence]",
        )


def _evidence_problems(scenario: Assumptions) -> Iterator[ScenarioError]:
    evidence, grid, known = scenario.evidence, scenario.time.grid, scenario.definition.evidence
    if evidence is None:
        return
    if evidence.observable != known:
        yield ScenarioError(
            "evidence-not-comparable",
            f"the {scenario.model} model does not compare this observable with evidence",
            where="evidence.observable",
            got=evidence.observable,
            allowed=known or "none",
        )
    steps = (evidence.date - grid.start) / grid.step
    outside = not grid.start <= evidence.date <= grid.horizon
    if outside or abs(steps - round(steps)) > _SAME_DATE:
        near = grid.start + grid.step * min(max(round(steps), 0), grid.steps)
        yield ScenarioError(
            "evidence-between-steps",
            "the date of the evidence is not the end of a time step",
            where="evidence.date",
            got=evidence.date,
            allowed=f"{grid.start:g} or later, in steps of {grid.step:g} years",
            remedy=f"Use {near:.6g} and move the measured share to that date.",
        )


def _parameter_problems(scenario: Assumptions) -> Iterator[ScenarioError]:
    model = scenario.definition
    for name, quantity in scenario.parameters.items():
        if model.parameter(name) is None:
            yield unknown_parameter(name, model)
        yield from _choice_problems(scenario, f"parameters.{name}", quantity.form, 0)


def _missing_parameters(scenario: Assumptions) -> Iterator[ScenarioError]:
    model, on = scenario.definition, components_on(scenario)
    for parameter in model.parameters:
        needed = parameter.default is None and parameter.is_read(on)
        if needed and parameter.name not in scenario.parameters:
            yield ScenarioError(
                "missing-parameter",
                f"the {model.name} model needs this parameter",
                where=f"parameters.{parameter.name}",
                remedy=parameter.meaning,
            )


def _quantity_problems(scenario: Assumptions) -> Iterator[ScenarioError]:
    waiting_times = {row for clock in scenario.definition.clocks for row in clock.rows}
    for name, quantity in scenario.quantities.items():
        where = f"quantities.{name}"
        if not name.isidentifier() or keyword.iskeyword(name):
            yield ScenarioError(
                "unusable-name",
                "formulas cannot refer to this name",
                where=where,
                got=name,
                allowed="letters, digits and '_'",
            )
        if name in scenario.choices or name in waiting_times or name == _RESERVED_NAME:
            yield ScenarioError(
                "quantity-name-taken", "the name of a quantity is taken", where=where, got=name
            )
        if name.startswith(_RESERVED_PREFIX):
            yield ScenarioError(
                "reserved-name-prefix",
                "the name of a quantity begins with the prefix of choices",
                where=where,
                got=name,
            )
        yield from _choice_problems(scenario, where, quantity.form, 0)


def _reference_problems(scenario: Assumptions) -> Iterator[ScenarioError]:
    """Yield what formulas and tables refer to in vain."""
    numbers = {*(p.name for p in scenario.definition.parameters), *scenario.quantities}
    for name, quantity in scenario.inputs().items():
        table = f"{'parameters' if name in scenario.parameters else 'quantities'}.{name}"
        for where, leaf in places(quantity.form, table):
            if isinstance(leaf, FormulaInput):
                known = {*numbers, *scenario.choices}
                yield from _unknown(leaf.parsed().names, known, f"{where}.expression")
            elif isinstance(leaf, LookupInput):
                yield from _unknown([leaf.of], numbers, f"{where}.of")


def _unknown(names: Iterable[str], known: set[str], where: str) -> Iterator[ScenarioError]:
    for name in sorted(names):
        if name not in known:
            yield ScenarioError(
                "reference-unknown",
                "refers to something unknown",
                where=where,
                got=name,
                remedy=suggestion(name, known),
            )


def _unused_choices(scenario: Assumptions) -> Iterator[ScenarioError]:
    used = set().union(*(q.choices | q.referred for q in scenario.inputs().values()))
    for name in scenario.choices:
        if name not in used:
            yield ScenarioError(
                "unused-choice",
                "nothing depends on this choice",
                where=f"choices.{name}",
                remedy="Use it with by = ... or remove it.",
            )


def _choice_problems(scenario: Assumptions, where: str, form: Form, depth: int) -> Iterator[ScenarioError]:
    if not isinstance(form, ByInput):
        return
    if depth > 1:
        yield ScenarioError(
            "nested-choices", "choices are nested more than once", where=f"{where}.by", got=form.by
        )
        return
    if form.by not in scenario.choices:
        yield ScenarioError(
            "unknown-choice",
            "unknown choice",
            where=f"{where}.by",
            got=form.by,
            remedy=suggestion(form.by, scenario.choices),
        )
        return
    expected = set(scenario.choices[form.by].weights)
    for value in form.values:
        if value not in expected:
            yield ScenarioError(
                "unknown-choice-value",
                f"choice {form.by!r} has no such value",
                where=f"{where}.values.{value}",
                remedy=suggestion(value, expected),
            )
    for value in sorted(expected - set(form.values)):
        yield ScenarioError(
            "choice-value-without-distribution",
            f"no distribution for a value of choice {form.by!r}",
            where=f"{where}.values.{value}",
        )
    for value, inner in form.values.items():
        yield from _choice_problems(scenario, f"{where}.values.{value}", inner, depth + 1)


def _condition_problems(scenario: Assumptions) -> Iterator[ScenarioError]:
    """Yield what clauses of the conditions are about in vain: they would be inherited by everybody."""
    model = scenario.definition
    known = {
        *(f"parameters.{parameter.name}" for parameter in model.parameters),
        *(f"components.{component.name}" for component in model.components),
        *(f"choices.{name}" for name in scenario.choices),
        *(f"quantities.{name}" for name in scenario.quantities),
        *("time", "run", "not_yet", "evidence", "redraw", "copula", "as_of"),
    }
    for name, clause in scenario.conditions.clauses:
        for key in clause.about:
            if key not in known:
                yield ScenarioError(
                    "unknown-evidence",
                    "refers to something unknown",
                    where=f"conditions.{name}.about",
                    got=key,
                    remedy=suggestion(key, known),
                )


def _choice_correlation_problems(
    scenario: Assumptions, name: str, where: str, removal: str
) -> Iterator[ScenarioError]:
    if name in scenario.inputs():
        yield ScenarioError(
            "duplicate-name",
            "both a choice and an input have this name",
            where=where,
            got=name,
            remedy="Rename the choice.",
        )
    if sum(weight > 0.0 for weight in scenario.choices[name].weights.values()) < _FEWEST_VALUES:
        yield ScenarioError(
            "certain-choice-correlated",
            "a choice without uncertainty has no rank to correlate",
            where=where,
            got=name,
            remedy=removal,
        )


def _removal(pair: tuple[str, str]) -> str:
    return f'Remove the pair; if it is inherited, write remove = [["{pair[0]}", "{pair[1]}"]].'


def _correlation_problems(scenario: Assumptions) -> Iterator[ScenarioError]:
    pairs = set()
    known = scenario.inputs()
    for k, correlation in enumerate(scenario.correlations):
        where = f"correlations[{k}].between"
        for name in correlation.between:
            if name in scenario.choices:
                yield from _choice_correlation_problems(scenario, name, where, _removal(correlation.between))
                continue
            if name not in known:
                yield ScenarioError(
                    "correlation-name-unknown",
                    "the scenario has no such parameter or choice",
                    where=where,
                    got=name,
                    remedy=suggestion(name, {**known, **scenario.choices}),
                )
                return
            distributions = known[name].distributions.values()
            if not distributions:
                yield ScenarioError(
                    "computed-quantity-correlated",
                    "a computed quantity has no rank of its own to correlate",
                    where=where,
                    got=name,
                    remedy="Correlate what it is computed from. " + _removal(correlation.between),
                )
            elif any(d.name == "posterior" for d in distributions):
                yield ScenarioError(
                    "posterior-correlated",
                    "a posterior has the dependence of its rows and cannot be correlated otherwise",
                    where=where,
                    got=name,
                    remedy=f"{_removal(correlation.between)} Or state quantiles in"
                    " distribution = 'percentiles' in place of the posterior.",
                )
            elif all(d.name == "point" for d in distributions):
                yield ScenarioError(
                    "certain-parameter-correlated",
                    "a parameter without uncertainty has no rank to correlate",
                    where=where,
                    got=name,
                    remedy=_removal(correlation.between),
                )
        pair = frozenset(correlation.between)
        if len(pair) == 1 or pair in pairs:
            yield ScenarioError(
                "invalid-correlation-pair",
                "a pair is named twice, or a parameter is paired with itself",
                where=where,
                got=tuple(correlation.between),
            )
        pairs.add(pair)
