"""From a scenario to what the simulation runs: units converted, quantile functions compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from timecone.errors import ScenarioError, UnitError, UsageError
from timecone.inputs.compiled_quantile import CompiledQuantile
from timecone.inputs.dependence import Copula
from timecone.inputs.designs import RandomDesign
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import Exponential, Family, Posterior, convert
from timecone.inputs.nodes import ByChoice, Copy, Formula, Lookup, Node, Rows, Tree
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.inputs.sampler import ChoiceWeights, Sampler
from timecone.models.model import Parameter
from timecone.scenario.components import idle, setup
from timecone.scenario.once import once_per_scenario
from timecone.scenario.scenario import Scenario
from timecone.scenario.specs import ByInput, Form, FormulaInput, QuantityInput, forms
from timecone.schema import FloatArray
from timecone.units import UNCHANGED, Conversion, conversion, same_unit

#: Several scenarios' worth of distributions.
_KEPT: Final = 128
#: Draws in which a formula must have a value at least once.
_TRIALS: Final = 1024
#: A correlation of scores below this is none, but for rounding.
_TINY: Final = 1e-12


@dataclass(frozen=True)
class Resolved:
    """One quantity in the unit that the simulation wants.

    Attributes
    ----------
    name : str
        Of the quantity.
    given : QuantityInput
        As in the scenario.
    unit : str
        The wanted unit.
    how : Conversion
        From the author's unit.
    where : str
        Its table in the scenario.
    """

    name: str
    given: QuantityInput
    unit: str
    how: Conversion
    where: str

    def leaf(self, distribution: Distribution, where: str = "") -> Family:
        """Return a distribution of the quantity in the wanted unit; its own unit comes first."""
        where = where or self.where
        self._require_unit_of_file(distribution, where)
        how = self.how if distribution.unit is None else _conversion(distribution.unit, self.unit, where)
        try:
            return convert(distribution.family, how)
        except UsageError as error:
            raise error.at(f"{where}.") if error.where else error.at(where) from None

    def _require_unit_of_file(self, distribution: Distribution, where: str) -> None:
        """Refuse a posterior whose file says that it is in another unit than the author says."""
        found = distribution.arguments.get("units")
        stated = distribution.unit or self.given.unit
        if isinstance(found, str) and not same_unit(found, stated):
            raise UnitError("the file of the posterior says another unit", where=f"{where}.unit", got=stated,
                            allowed=repr(found), remedy="State the unit of the file.")  # fmt: skip


def _conversion(unit: str, wanted: str, where: str) -> Conversion:
    try:
        return conversion(unit, wanted)
    except UsageError as error:
        raise error.at(f"{where}.unit") from None


@once_per_scenario
def resolve(scenario: Scenario) -> dict[str, Resolved]:
    """Return every parameter and quantity that the scenario gives, with its conversion.

    Raises
    ------
    UnitError
        A unit is of another kind than the model's.
    """
    found = {}
    for name, given in scenario.parameters.items():
        parameter = scenario.definition.parameter(name)
        assert parameter is not None
        where = f"parameters.{name}"
        how = _conversion(given.unit, parameter.unit, where)
        found[name] = Resolved(name, given, parameter.unit, how, where)
    # By name, so that the order in the file moves no stream of a design.
    for name, quantity in sorted(scenario.quantities.items()):
        found[name] = Resolved(name, quantity, quantity.unit, Conversion(1.0), f"quantities.{name}")
    return found


def _tree(resolved: Resolved, form: Form, where: str) -> Tree:
    if isinstance(form, ByInput):
        inner = form.values.items()
        return ByChoice(form.by, {v: _tree(resolved, f, f"{where}.values.{v}") for v, f in inner})
    if isinstance(form, Distribution):
        family = resolved.leaf(form, where)
        if isinstance(family, Posterior):
            weights = np.array(family.weights) if family.weights else None
            return Rows(family.rows, np.array(family.values), weights)
        try:
            return family.compiled()
        except UsageError as error:
            raise error.at(f"{where}: ") if error.where else error.at(where) from None
    if isinstance(form, FormulaInput):
        return Formula(form.parsed(), resolved.how)
    x, y = np.array(form.points, dtype=np.float64).T
    return Lookup(form.of, x, y, form.interpolation == "step", resolved.how)


def _exact(resolved: Resolved) -> tuple[FloatArray, FloatArray] | None:
    """Return the converted values of positive probability of a quantity, and the stated ones."""
    if resolved.how == UNCHANGED:
        return None
    pairs: dict[float, float] = {}
    for _, leaf in forms(resolved.given.form):
        if not isinstance(leaf, Distribution) or leaf.unit not in (None, resolved.given.unit):
            continue
        stated, stored = leaf.family.exact_values, resolved.leaf(leaf).exact_values
        if len(stated) == len(stored):
            pairs.update(zip(stored.tolist(), stated.tolist(), strict=True))
    if not pairs:
        return None
    stored, stated = np.array(sorted(pairs.items())).T
    return stored, stated


# The row of a parameter that nothing reads.
_NOTHING = CompiledQuantile(a=0.0, b=0.0)


def _default(parameter: Parameter) -> Tree:
    if parameter.default is None:
        return _NOTHING
    if isinstance(parameter.default, str):
        return Copy(parameter.default)
    return CompiledQuantile(a=parameter.default, b=0.0)


def nodes(scenario: Scenario) -> list[Node]:
    """Return how every quantity comes about: the model's parameters, its event clocks, the scenario's own.

    What nothing reads, because components are switched off, is the constant 0.
    """
    return _without(idle(scenario), _all_nodes(scenario))


def _without(off: frozenset[str], every: list[Node]) -> list[Node]:
    return [Node(node.name, node.stream, _NOTHING) if node.name in off else node for node in every]


@once_per_scenario
def _all_nodes(scenario: Scenario) -> list[Node]:
    """Return `nodes` with everything that the scenario gives, also what nothing reads."""
    resolved = resolve(scenario)
    found = []
    for parameter in scenario.definition.parameters:
        given = resolved.get(parameter.name)
        stream = f"parameter/{parameter.name}"
        if given is None:
            found.append(Node(parameter.name, stream, _default(parameter)))
            continue
        tree = _tree(given, given.given.form, given.where)
        _check_support(parameter, tree, given.where)
        found.append(Node(parameter.name, stream, tree, given.how, _exact(given)))
    found += _clocks(scenario)
    found += [
        Node(name, f"quantity/{name}", _tree(given, given.given.form, given.where))
        for name, given in resolved.items()
        if name in scenario.quantities
    ]
    return found


def _check_support(parameter: Parameter, tree: Tree, where: str) -> None:
    """Refuse a distribution that leaves the parameter's support; formulas are checked draw by draw."""
    if isinstance(tree, ByChoice):
        for value, inner in tree.trees.items():
            _check_support(parameter, inner, f"{where}.values.{value}")
        return
    if not isinstance(tree, CompiledQuantile | Rows):
        return
    if isinstance(tree, Rows):
        ends = np.array([tree.values.min(), tree.values.max()])
    else:
        ends = tree(np.array([-LARGEST_SCORE, LARGEST_SCORE]))
    if np.all(parameter.admits(ends)):
        return
    low, high = ends.tolist()
    raise ScenarioError(
        "the distribution reaches values that the parameter cannot take",
        where=where,
        got=(float(f"{low:.4g}"), float(f"{high:.4g}")),
        allowed=f"values {parameter.support}",
        remedy="Leave rows out in the file."
        if isinstance(tree, Rows)
        else "Truncate it (truncate = { low = ..., high = ... }) or choose another family.",
    )


def _clocks(scenario: Scenario) -> list[Node]:
    """Return the streams of the model's random events, where the scenario has such events."""
    unit_exponential = Exponential(1.0).compiled()
    present = setup(scenario).clocks
    names = [row for found in scenario.definition.clocks if found.name in present for row in found.rows]
    return [Node(name, f"parameter/{name}", unit_exponential) for name in names]


@once_per_scenario
def copula(scenario: Scenario) -> Copula:
    """Return the scenario's dependence between quantities.

    What is switched off is left out, unless the scores of others are made from its own too: a switch must
    not change these.
    """
    whole, off = _whole_copula(scenario), idle(scenario)
    kept = {k for k, name in enumerate(whole.names) if name not in off}
    while reached := {k for row in kept for k in np.flatnonzero(whole.factor[row]).tolist()} - kept:
        kept |= reached
    rows = sorted(kept)
    # No kept row has a factor of what is left out, so what remains is the factor of their correlations.
    return Copula(tuple(whole.names[k] for k in rows), whole.factor[np.ix_(rows, rows)], whole.df)


def _whole_copula(scenario: Scenario) -> Copula:
    given = {frozenset(c.between): c.rho for c in scenario.correlations}
    # A quantity's score is made from its own stream and from those before it: what a switch can take away
    # comes last, so that others seldom need it.
    parameters = scenario.definition.parameters
    known = [p.name for p in parameters if not p.components] + sorted(scenario.quantities)
    known += [p.name for p in parameters if p.components]
    # A choice comes first: an even spread of its own stream then reaches its values.
    known = sorted(scenario.choices) + known
    names = [name for name in known if any(name in pair for pair in given)]
    # In the model's order: scores are combined in the order of names, which must not be the file's.
    pairs = {pair: given[frozenset(pair)] for pair in combinations(names, 2) if frozenset(pair) in given}
    df = np.inf if scenario.copula.df is None else scenario.copula.df
    try:
        dependence = Copula.from_pairs(pairs, df, names=names)
    except UsageError as error:
        raise error.at("correlations") from None
    _require_stated_branches(scenario, dependence)
    return dependence


def choice_weights(scenario: Scenario) -> tuple[ChoiceWeights, ...]:
    """Return the scenario's choices, sorted: their order in the file moves no draw.

    The values of a choice are sorted too, unless it is correlated: then they are in the order of the file.
    """
    ordered = ordered_values(scenario)
    return tuple(
        ChoiceWeights(
            name,
            values := ordered.get(name, tuple(sorted(choice.weights))),
            tuple(choice.weights[value] for value in values),
        )
        for name, choice in sorted(scenario.choices.items())
    )


def ordered_values(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the values of every correlated choice, in the order that its correlations mean."""
    named = {name for correlation in scenario.correlations for name in correlation.between}
    return {name: tuple(choice.weights) for name, choice in scenario.choices.items() if name in named}


def _require_stated_branches(scenario: Scenario, dependence: Copula) -> None:
    """Refuse a quantity that depends on a choice twice: by ``by``, and by a correlation of scores.

    Given a value of the choice, the quantity would no longer have the distribution stated for that value.
    """
    place = {name: k for k, name in enumerate(dependence.names)}
    scores = dependence.factor @ dependence.factor.T
    for name, quantity in scenario.inputs().items():
        for choice in sorted(quantity.choices & set(place)):
            if name not in place or (
                not dependence.heavy and abs(scores[place[name], place[choice]]) < _TINY
            ):
                continue
            table = "parameters" if name in scenario.parameters else "quantities"
            raise ScenarioError(
                "a distribution for each value of a choice would not hold where the quantity is correlated"
                " with the choice",
                where=f"{table}.{name}.by",
                got=choice,
                remedy="Take one of the two out; under a t copula all that is correlated goes together.",
            )


@once_per_scenario
def sampler(scenario: Scenario) -> Sampler:
    """Return the sampler: rows are the model's parameters, its event clocks, then the scenario's quantities.

    Raises
    ------
    UsageError
        Something in the scenario does not fit the model; the message names the key.
    """
    off, every, dependence = idle(scenario), _all_nodes(scenario), copula(scenario)
    rows = [node.name for node in every if node.name not in off or node.name not in scenario.quantities]
    if off:
        _sampler(scenario, every, rows, dependence)  # what is switched off must be right, too
    return _sampler(scenario, _without(off, every), rows, dependence)


def _sampler(scenario: Scenario, found: list[Node], rows: list[str], dependence: Copula) -> Sampler:
    try:
        return Sampler(found, rows, choice_weights(scenario), dependence)
    except ScenarioError as error:
        table = "quantities" if error.where in scenario.quantities else "parameters"
        raise error.at(f"{table}.") if error.where else error from None


def require_answers(scenario: Scenario, source: Sampler) -> None:
    """Refuse a scenario in which a formula fails in every one of some trial draws.

    Raises
    ------
    ScenarioError
        A parameter has no value, or none that it can take, in any draw.
    """
    parameters = computed(scenario)
    if not parameters:
        return
    block = source.draw(RandomDesign(0), 0, _TRIALS)
    for name, parameter in parameters.items():
        fault = block.faults.get(name)
        if fault is not None and np.all(fault != 0):
            failure = source.failures[int(fault[0]) - 1]
            raise ScenarioError(
                f"no value in any of {_TRIALS:,} trial draws ({failure.label})",
                where=f"parameters.{name}",
                got=failure.where,
                allowed="a formula with a value, or inf for never",
            )
        values = block.values[source.names.index(name)]
        if not np.any(parameter.admits(values)):
            raise ScenarioError(
                f"the parameter cannot take the computed value in any of {_TRIALS:,} trial draws",
                where=f"parameters.{name}",
                got=float(values[0]),
                allowed=f"values {parameter.support}",
            )


def computed(scenario: Scenario) -> Mapping[str, Parameter]:
    """Return the parameters whose support must be checked draw by draw, because formulas give them."""
    given = scenario.parameters
    return {
        parameter.name: parameter
        for parameter in scenario.definition.parameters
        if parameter.name in given
        and any(not isinstance(leaf, Distribution) for _, leaf in forms(given[parameter.name].form))
    }
