"""Compiled scenarios: units converted, quantile functions tabulated, dependence factored, the digest taken.

A `CompiledScenario` is made once for each scenario, and simulation, checks and tables use it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np

from timecone.errors import ScenarioError, UsageError
from timecone.inputs.compiled_quantile import CompiledQuantile
from timecone.inputs.dependence import Copula
from timecone.inputs.designs import RandomDesign
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import Exponential, Posterior
from timecone.inputs.nodes import ByChoice, Copy, Formula, Lookup, Node, Rows, Tree
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.inputs.sampler import ChoiceWeights, Sampler
from timecone.models.model import Constraint, Parameter, Setup
from timecone.scenario.assumptions import Assumptions
from timecone.scenario.components import components_on, inactive, setup
from timecone.scenario.dependence import choice_weights, copula
from timecone.scenario.digest import digest
from timecone.scenario.redraw import redraw_of
from timecone.scenario.resolve import Resolved, resolve
from timecone.scenario.specs import ByInput, Form, FormulaInput, forms
from timecone.schema import FloatArray
from timecone.units import UNCHANGED

#: Draws in which a formula must have a value at least once.
_TRIALS: Final = 1024


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
    for _, leaf in forms(resolved.stated.form):
        if not isinstance(leaf, Distribution) or leaf.unit not in (None, resolved.stated.unit):
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


def _all_nodes(scenario: Assumptions, resolved: dict[str, Resolved], setup: Setup) -> list[Node]:
    """Return how every input comes about, inactive ones too."""
    nodes = []
    for parameter in scenario.definition.parameters:
        quantity = resolved.get(parameter.name)
        stream = f"parameter/{parameter.name}"
        if quantity is None:
            nodes.append(Node(parameter.name, stream, _default(parameter)))
            continue
        tree = _tree(quantity, quantity.stated.form, quantity.where)
        _check_support(parameter, tree, quantity.where)
        nodes.append(Node(parameter.name, stream, tree, quantity.how, _exact(quantity)))
    nodes += _clocks(scenario, setup)
    nodes += [
        Node(name, f"quantity/{name}", _tree(quantity, quantity.stated.form, quantity.where))
        for name, quantity in resolved.items()
        if name in scenario.quantities
    ]
    return nodes


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
        "distribution-outside-domain",
        "the distribution reaches values that the parameter cannot take",
        where=where,
        got=(float(f"{low:.4g}"), float(f"{high:.4g}")),
        allowed=f"values {parameter.support}",
        remedy="Leave rows out in the file."
        if isinstance(tree, Rows)
        else "Truncate it (truncate = { low = ..., high = ... }) or choose another family.",
    )


def _clocks(scenario: Assumptions, setup: Setup) -> list[Node]:
    """Return the streams of the model's random events, where the scenario has such events."""
    unit_exponential = Exponential(1.0).compiled()
    names = [row for clock in scenario.definition.clocks if clock.name in setup.clocks for row in clock.rows]
    return [Node(name, f"parameter/{name}", unit_exponential) for name in names]


def _computed(scenario: Assumptions) -> dict[str, Parameter]:
    """Return the parameters that formulas or tables give."""
    stated = scenario.parameters
    return {
        parameter.name: parameter
        for parameter in scenario.definition.parameters
        if parameter.name in stated
        and any(not isinstance(leaf, Distribution) for _, leaf in forms(stated[parameter.name].form))
    }


class CompiledScenario:
    """What a run needs of a scenario; each attribute is computed when it is first asked for, and kept.

    Parameters
    ----------
    scenario : Assumptions
        A valid scenario, which never changes.
    """

    def __init__(self, scenario: Assumptions) -> None:
        self.scenario = scenario

    @cached_property
    def components(self) -> frozenset[str]:
        """Names of the components that are on."""
        return components_on(self.scenario)

    @cached_property
    def inactive(self) -> frozenset[str]:
        """Names of inputs used only by switched-off components, and of quantities computed from them."""
        return inactive(self.scenario, self.components)

    @cached_property
    def setup(self) -> Setup:
        """What the model is told beside its inputs."""
        return setup(self.scenario, self.components)

    @cached_property
    def inputs(self) -> dict[str, Resolved]:
        """Stated parameters and quantities, with the conversion of their units."""
        return resolve(self.scenario)

    @cached_property
    def choices(self) -> tuple[ChoiceWeights, ...]:
        """Choices by name, with the values in the order of their positions."""
        return choice_weights(self.scenario)

    @cached_property
    def copula(self) -> Copula:
        """Dependence between the active inputs."""
        return copula(self.scenario, self.inactive)

    @cached_property
    def computed(self) -> dict[str, Parameter]:
        """Active parameters whose support must be checked draw by draw, because formulas give them."""
        return {
            name: parameter
            for name, parameter in _computed(self.scenario).items()
            if name not in self.inactive
        }

    @cached_property
    def nodes(self) -> list[Node]:
        """How every input comes about: the model's parameters, its event clocks, the scenario's quantities.

        Inactive ones are the constant 0.
        """
        off = self.inactive
        return [Node(node.name, node.stream, _NOTHING) if node.name in off else node for node in self._every]

    @cached_property
    def _every(self) -> list[Node]:
        return _all_nodes(self.scenario, self.inputs, self.setup)

    @cached_property
    def sampler(self) -> Sampler:
        """The sampler: rows are the model's parameters, its event clocks, then the scenario's quantities."""
        off, quantities = self.inactive, self.scenario.quantities
        rows = [node.name for node in self._every if node.name not in off or node.name not in quantities]
        if off:
            self._sampler(self._every, rows)  # inactive inputs must be right, too
        return self._sampler(self.nodes, rows)

    def _sampler(self, nodes: list[Node], rows: list[str]) -> Sampler:
        choices, dependence, stated = self.choices, self.copula, self.scenario.redraw
        model = self.scenario.definition
        redraw = None if stated is None else redraw_of(stated, model, rows, dependence)
        try:
            return Sampler(nodes, rows, choices, dependence, redraw)
        except ScenarioError as error:
            table = "quantities" if error.where in self.scenario.quantities else "parameters"
            raise error.at(f"{table}.") if error.where else error from None

    @cached_property
    def digest(self) -> str:
        """16 hex digits over everything that determines the numbers; see `timecone.scenario.digest`."""
        return digest(self.scenario, self.inputs, self.copula, on=self.components, off=self.inactive)


def _constraints(compiled: CompiledScenario) -> list[Constraint]:
    """Return the constraints that hold in every scenario and whose parameters are read."""
    return [
        constraint
        for constraint in compiled.scenario.definition.constraints
        if not constraint.optional and compiled.inactive.isdisjoint(constraint.parameters)
    ]


def require_answers(compiled: CompiledScenario) -> None:
    """Refuse a scenario in which a formula, or a constraint, fails in every one of some trial draws.

    Raises
    ------
    ScenarioError
        A parameter has no value, or none that it can take, in any draw, or parameters never go together.
    """
    parameters, source = compiled.computed, compiled.sampler
    constraints = _constraints(compiled)
    if not parameters and not constraints:
        return
    block = source.draw(RandomDesign(0), 0, _TRIALS)
    for constraint in constraints:
        values = [block.values[source.names.index(name)] for name in constraint.parameters]
        if not np.any(constraint.holds(*values)):
            got = ", ".join(
                f"{name} = {row[0]:g}" for name, row in zip(constraint.parameters, values, strict=True)
            )
            raise ScenarioError(
                "parameters-contradict",
                f"the parameters do not go together in any of {_TRIALS:,} trial draws",
                where=", ".join(f"parameters.{name}" for name in constraint.parameters),
                got=got,
                allowed=constraint.meaning,
            )
    for name, parameter in parameters.items():
        fault = block.faults.get(name)
        if fault is not None and np.all(fault != 0):
            failure = source.failures[int(fault[0]) - 1]
            raise ScenarioError(
                "formula-without-value",
                f"no value in any of {_TRIALS:,} trial draws ({failure.label})",
                where=f"parameters.{name}",
                got=failure.where,
                allowed="a formula with a value, or inf for never",
            )
        values = block.values[source.names.index(name)]
        if not np.any(parameter.admits(values)):
            raise ScenarioError(
                "formula-outside-domain",
                f"the parameter cannot take the computed value in any of {_TRIALS:,} trial draws",
                where=f"parameters.{name}",
                got=float(values[0]),
                allowed=f"values {parameter.support}",
            )
