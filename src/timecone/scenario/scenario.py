"""Scenario: all assumptions of a forecast, validated, with what is computed from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Self

from pydantic import model_validator

from timecone.errors import ScenarioError, UnitError, suggestion
from timecone.inputs.distributions import Distribution
from timecone.models.model import Parameter, Setup
from timecone.scenario.assumptions import Assumptions
from timecone.scenario.compile import CompiledScenario, require_answers
from timecone.scenario.conditions import Conditions
from timecone.scenario.field_errors import validated
from timecone.scenario.groups import plain_members, require_groups, require_qualifiers
from timecone.scenario.reachable import reachable
from timecone.scenario.specs import ParameterInput, QuantityInput
from timecone.scenario.summary import summary_html, summary_text
from timecone.scenario.unit_checks import require_units
from timecone.scenario.validate import problems, unknown_parameter
from timecone.units import PURE_NUMBER


class Scenario(Assumptions):
    """All assumptions of a forecast.

    `timecone.load` makes a scenario, `replace` derives another one. Scenarios are equal (``==``) where all
    their fields are; `equals` asks whether they lead to the same numbers.

    Parameters
    ----------
    name : str
        Short name.
    title : str
        One line for people.
    model : str
        Name of the model.
    as_of : date
        Day of the forecast: milestones that had not been reached by then are not before it.
    conditions : mapping
        What the forecast is conditional on, in sentences.
    time : TimeInput
        Start, horizon and step.
    run : RunInput
        Default number of draws, seed and sampling design.
    not_yet : NotYetInput
        Rule for draws whose milestones lie before ``as_of``.
    evidence : EvidenceInput, optional
        A level of an observable at a date that draws are weighted by.
    redraw : RedrawInput, optional
        Which draws are drawn again because a constraint of the model does not hold in them.
    components : mapping of str to bool
        Components of the model that are switched on or off.
    choices : mapping of str to ChoiceInput
        Alternatives and their weights.
    quantities : mapping of str to QuantityInput
        Inputs that are no parameters of the model, from which parameters are computed.
    parameters : mapping of str to ParameterInput
        Inputs of the model.
    correlations : tuple of CorrelationInput
        Rank correlations between inputs, choices among them.
    copula : CopulaInput
        Kind of dependence that the correlations describe.
    history : mapping
        What the parameters were fitted to, as text.
    published : PublishedInput, optional
        Published figures of the forecast that the scenario repeats; no assumption.

    Raises
    ------
    ScenarioError, UnitError, DistributionError
        The parts do not make a scenario that the model can run.

    Examples
    --------
    >>> import timecone as tc
    >>> baseline = tc.load("baseline")
    >>> baseline.model, baseline.time.start
    ('compute', 2026.0)
    """

    @model_validator(mode="after")
    def _fits_the_model(self) -> Self:
        for problem in problems(self):
            raise problem
        return self

    def __hash__(self) -> int:
        return hash((self.name, self.model, self.as_of))

    def __repr__(self) -> str:
        return summary_text(self.compiled)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return the scenario as a notebook shows it."""
        return summary_html(self.compiled)

    @cached_property
    def compiled(self) -> CompiledScenario:
        """What a run needs of the scenario, computed once: sampler, set-up, digest, inactive inputs."""
        return CompiledScenario(self)

    @property
    def digest(self) -> str:
        """16 hex digits over everything that determines the numbers of a draw."""
        return self.compiled.digest

    @property
    def components_on(self) -> frozenset[str]:
        """Names of the model's components that are switched on, by ``components`` or by default."""
        return self.compiled.components

    @property
    def setup(self) -> Setup:
        """What the model is told beside its inputs."""
        return self.compiled.setup

    def equals(self, other: Scenario) -> bool:
        """Return whether another scenario leads to the same numbers, draw by draw.

        Names, texts, sources, units, default seed and number of draws may differ; ``==`` compares these too.

        Parameters
        ----------
        other : Scenario
            Any other scenario.

        Returns
        -------
        bool
            Whether the digests are equal.

        Examples
        --------
        >>> import timecone as tc
        >>> baseline = tc.load("baseline")
        >>> renamed = baseline.replace({}, name="renamed")
        >>> baseline.equals(renamed), baseline == renamed
        (True, False)
        """
        return self.digest == other.digest

    def independent(self) -> Scenario:
        """Return the scenario with the same marginals and no correlation.

        Returns
        -------
        Scenario
            Named after this one, with ``-independent``.

        Examples
        --------
        >>> import timecone as tc
        >>> tc.load("baseline").independent().correlations
        ()
        """
        return self.replace({}, name=f"{self.name}-independent", correlations=())

    def without(self, *components: str) -> Scenario:
        """Return the same scenario with components of the model switched off.

        Every other draw stays what it was, so the difference between the two is exact draw by draw.

        Parameters
        ----------
        *components : str
            Names of components, as ``components`` of a scenario file has them.

        Returns
        -------
        Scenario
            Named after this one, with ``-without-`` and the components.

        Raises
        ------
        ScenarioError
            The model has no such component, or something that is read is computed from its parameters.

        Examples
        --------
        >>> import timecone as tc
        >>> "supply_shock" in tc.load("baseline").without("supply_shock").components_on
        False
        """
        off = dict.fromkeys(components, False)
        name = "-without-".join([self.name, *components])
        return self.replace({}, name=name, components={**self.components, **off})

    def replace(
        self, changes: Mapping[str, Distribution], *, keep: Collection[str] = (), **fields: Any
    ) -> Scenario:
        """Return a scenario with some parameters and fields changed.

        As in a file that extends another one, parameters that mean something only together are replaced
        together, and what served only what is replaced goes with it: quantities, choices, and clauses of the
        conditions about it. Published figures belong to the scenario that states them and are left out.

        Parameters
        ----------
        changes : mapping of str to Distribution
            New distributions by parameter name, each with its unit; a pure number needs none.
        keep : collection of str
            Parameters that stay as they are although they belong to a changed one.
        **fields
            Any top-level field, for instance ``name="faster"``.

        Returns
        -------
        Scenario
            A new one; this one stays as it is.

        Raises
        ------
        ScenarioError, UnitError
            A name is no parameter of the model, a value is no distribution or has no unit, a parameter that
            belongs to a changed one is left behind, the result is invalid, or a formula that stays would see
            a number in another unit.

        Examples
        --------
        >>> import timecone as tc
        >>> halving = tc.LogNormal(p05=2, p95=12, unit="month")
        >>> faster = tc.load("baseline").replace({"algorithms.halving_time": halving}, name="faster")
        >>> faster.name, str(faster.parameters["algorithms.halving_time"].form)
        ('faster', 'lognormal(p05=2, p95=12)')
        """
        parameters = dict(self.parameters)
        for name, distribution in changes.items():
            parameters[name] = self._replaced(name, distribution)
        self._require_kept(keep, changes)
        values = {key: getattr(self, key) for key in type(self).model_fields} | {"parameters": parameters}
        derived = self._still_needed(fields.get("parameters", parameters))
        derived["published"] = None
        derived["conditions"] = self._still_true(changes, fields, derived)
        scenario = validated(Scenario, values | derived | fields, "")
        stated = {name for name in changes if name in self.parameters}
        if scenario.time.start != self.time.start:
            stated.add("time.start")
        inherited = set(self.parameters) - set(changes) - set(keep) - scenario.compiled.inactive
        inherited -= plain_members(self.definition, self._certain(), scenario.time.start)
        require_groups(self.definition, stated, inherited, "")
        require_qualifiers(self.definition, stated, inherited, "")
        require_units(self, scenario)
        require_answers(scenario.compiled)
        return scenario

    def _certain(self) -> dict[str, float]:
        """Return the values of the parameters that are points, in the units of the scenario."""
        return {
            name: stated.form.arguments["value"]
            for name, stated in self.parameters.items()
            if isinstance(stated.form, Distribution) and stated.form.name == "point"
        }

    def _require_kept(self, keep: Collection[str], changes: Collection[str]) -> None:
        for name in keep:
            if name not in self.parameters or name in changes:
                raise ScenarioError(
                    "not-a-kept-parameter",
                    "not a parameter that is kept",
                    where="keep",
                    got=name,
                    remedy=suggestion(name, set(self.parameters) - set(changes)),
                )

    def _still_needed(self, parameters: Mapping[str, QuantityInput]) -> dict[str, Any]:
        """Return quantities, their correlations and choices without what served only replaced parameters."""

        def served(stated: Mapping[str, QuantityInput]) -> set[str]:
            mentions = {name: quantity.mentioned for name, quantity in {**stated, **self.quantities}.items()}
            return reachable(stated, mentions) & set(self.quantities)

        unread = served(self.parameters) - served(parameters)
        quantities = {name: quantity for name, quantity in self.quantities.items() if name not in unread}
        used = set().union(*(q.mentioned for q in (*parameters.values(), *quantities.values())))
        gone = unread | (set(self.choices) - used)
        return {
            "quantities": quantities,
            "choices": {name: choice for name, choice in self.choices.items() if name in used},
            "correlations": tuple(c for c in self.correlations if gone.isdisjoint(c.between)),
        }

    def _still_true(
        self, changes: Collection[str], fields: Mapping[str, Any], derived: Mapping[str, Any]
    ) -> Conditions:
        """Return the conditions without the clauses about what is stated anew or gone."""
        switched = {
            f"components.{name}"
            for name, on in dict(fields.get("components", {})).items()
            if self.components.get(name) != on
        }
        stated = {*(f"parameters.{name}" for name in changes), *switched, *fields}
        stated |= {f"choices.{name}" for name in fields.get("choices", {})}
        for section in ("choices", "quantities"):
            stated |= {f"{section}.{name}" for name in getattr(self, section) if name not in derived[section]}
        return self.conditions.without(stated)

    def _replaced(self, name: str, distribution: object) -> ParameterInput:
        known = self.definition.parameter(name)
        if known is None:
            raise unknown_parameter(name, self.definition)
        if not isinstance(distribution, Distribution):
            raise ScenarioError(
                "not-a-distribution",
                "not a distribution",
                where=f"parameters.{name}",
                got=distribution,
                allowed="a distribution, for instance Point(value=...)",
            )
        before = self.parameters.get(name)
        return ParameterInput(
            unit=_unit_of(distribution, known, before),
            # The unit stands beside the form, as in a file.
            form=replace(distribution, unit=None),
            source=f"set in code; was: {before.source}" if before else "set in code",
            as_of=self.as_of,
            basis="guess",
        )


def _unit_of(distribution: Distribution, parameter: Parameter, before: ParameterInput | None) -> str:
    """Return the unit that a distribution says, or that the file of a posterior says.

    Only a pure number may leave it out: nobody should have to know in which unit a scenario's file was.
    """
    stated = distribution.unit or distribution.arguments.get("units")
    if isinstance(stated, str):
        return stated
    if parameter.unit == PURE_NUMBER and (before is None or before.unit == PURE_NUMBER):
        return PURE_NUMBER
    was = f", in which the scenario states it, or {parameter.unit!r}" if before else ""
    unit = before.unit if before else parameter.unit
    raise UnitError(
        "distribution-without-unit",
        "a distribution without a unit",
        where=f"parameters.{parameter.name}",
        allowed=f"a unit, for instance unit={unit!r}{was if unit != parameter.unit else ''}",
    )
