"""What a scenario is: every assumption of a forecast, with its source; frozen and validated."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainValidator, PrivateAttr, model_validator

from timecone.errors import ScenarioError, UnitError, suggestion
from timecone.inputs.distributions import Distribution
from timecone.models import find
from timecone.models.model import Model, Parameter, Setup, TimeGrid
from timecone.models.registry import known
from timecone.scenario.components import components_on, idle, setup
from timecone.scenario.conditions import Conditions, read_conditions
from timecone.scenario.evidence import EvidenceInput
from timecone.scenario.field_errors import validated
from timecone.scenario.groups import plain_members, require_groups, require_qualifiers
from timecone.scenario.once import once_per_scenario
from timecone.scenario.reachable import reachable
from timecone.scenario.specs import (
    Day,
    Frozen,
    Name,
    Number,
    ParameterInput,
    Provenance,
    QuantityInput,
    ReadOnly,
    Remark,
    Remarks,
)
from timecone.scenario.unit_checks import require_units
from timecone.scenario.validate import problems, unknown_parameter
from timecone.units import PURE_NUMBER, STEPS

_WEIGHT_TOLERANCE = 1e-9
_MOST_STEPS = 20_000
# An attribute of a run file holds no larger number; `timecone.simulate` takes as large ones.
_LARGEST = 2**64 - 1

type Year = Annotated[Number, Field(ge=1.0, le=9999.0)]
type Whole = Annotated[int, Field(strict=True, le=_LARGEST)]


class ChoiceInput(Provenance):
    """A discrete choice between views, with the weight of each.

    Where a rank correlation names the choice, its values rise in the order of ``weights``.
    """

    title: Remark = ""
    weights: ReadOnly[Annotated[Number, Field(ge=0.0, le=1.0)]]

    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        total = sum(self.weights.values())
        if abs(total - 1.0) > _WEIGHT_TOLERANCE:
            raise ScenarioError(
                "the weights do not sum to 1", where="weights", got=round(total, 12), allowed="1",
                remedy="Divide each weight by the sum, or add the missing value.",
            )  # fmt: skip
        return self


class CorrelationInput(Provenance):
    """Spearman's rank correlation of two inputs: parameters, quantities or choices."""

    between: tuple[Name, Name]
    rho: Annotated[Number, Field(ge=-1.0, le=1.0)]


class TimeInput(Frozen):
    """Start, horizon and step of the simulation."""

    start: Year
    horizon: Year
    step: Literal["year", "quarter", "tenth", "month", "week", "day"] = "quarter"

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if not self.start < self.horizon:
            raise ScenarioError(
                "the horizon is not after the start",
                where="time.horizon", got=self.horizon, allowed=f"a year after {self.start:g}",
            )  # fmt: skip
        if self.grid.steps > _MOST_STEPS:
            raise ScenarioError(
                "too many time steps", where="time.horizon", got=self.grid.steps,
                allowed=f"at most {_MOST_STEPS}", remedy="Use a nearer horizon or a longer step.",
            )  # fmt: skip
        return self

    @property
    def grid(self) -> TimeGrid:
        """The grid that kernels step on."""
        return TimeGrid(self.start, self.horizon, STEPS[self.step])


class CopulaInput(Frozen):
    """The kind of dependence; ``df`` is for the t copula, whose extremes come together."""

    kind: Literal["gaussian", "t"] = "gaussian"
    df: Annotated[Number, Field(gt=0.0)] | None = None

    @model_validator(mode="after")
    def _df_for_t(self) -> Self:
        if (self.kind == "t") != (self.df is not None):
            raise ScenarioError("df goes with the t copula, and only with it", where="copula.df", got=self.df)
        return self


class RunInput(Frozen):
    """Defaults of a run; the command line may override them."""

    draws: Annotated[Whole, Field(ge=1)] = 1_000_000
    seed: Annotated[Whole, Field(ge=0)] = 0
    design: Literal["random", "sobol", "latin"] = "random"
    replicates: Annotated[Whole, Field(ge=8)] = 8
    stratify: Annotated[bool, Field(strict=True)] = False


class NotYetInput(Frozen):
    """What to do with draws whose milestones lie before ``as_of``: they contradict the world."""

    rule: Literal["remove", "off"] = "remove"
    milestones: tuple[Name, ...] = ()


@once_per_scenario
def _definition(scenario: Scenario) -> Model:
    return find(scenario.model)


class Scenario(Frozen):
    """All assumptions of a forecast.

    `timecone.load` makes a scenario, `replace` derives another one. Scenarios are equal where their digests
    are: what determines the numbers of a draw counts, while names, texts, sources, seed and number of draws
    do not.

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

    Raises
    ------
    ScenarioError, UnitError, DistributionError
        The parts do not make a scenario that the model can run.

    Examples
    --------
    >>> import timecone as tc
    >>> baseline = tc.load("baseline")
    >>> baseline.model, baseline == baseline.replace({}, name="renamed")
    ('compute', True)
    """

    name: Name
    title: Remark = ""
    model: Name
    as_of: Day
    conditions: Annotated[Conditions, PlainValidator(read_conditions)]
    time: TimeInput
    run: RunInput = RunInput()
    not_yet: NotYetInput = NotYetInput()
    evidence: EvidenceInput | None = None
    components: ReadOnly[Annotated[bool, Field(strict=True)]] = Field(
        default_factory=lambda: MappingProxyType({})
    )
    choices: ReadOnly[ChoiceInput] = Field(default_factory=dict)
    quantities: ReadOnly[QuantityInput] = Field(default_factory=dict)
    parameters: ReadOnly[ParameterInput]
    correlations: tuple[CorrelationInput, ...] = ()
    copula: CopulaInput = CopulaInput()
    history: Remarks = Field(default_factory=lambda: MappingProxyType({}))
    _kept: dict[str, Any] = PrivateAttr(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _step_of_the_model(cls, data: Any) -> Any:
        """State the model's own step where the scenario states none."""
        time = data.get("time") if isinstance(data, Mapping) else None
        if not isinstance(time, Mapping) or "step" in time or data.get("model") not in known():
            return data
        return {**data, "time": {**time, "step": find(data["model"]).steps[0]}}

    @model_validator(mode="after")
    def _fits_the_model(self) -> Self:
        for problem in problems(self):
            raise problem
        return self

    def __copy__(self) -> Self:
        made = super().__copy__()
        made._kept = {}  # noqa: SLF001 - of the same class; a copy may be updated
        return made

    def __eq__(self, other: object) -> bool:
        return self._digest() == other._digest() if isinstance(other, Scenario) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._digest())

    def __repr__(self) -> str:
        from timecone.scenario.summary import summary_text  # noqa: PLC0415 - which is about scenarios

        return summary_text(self)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return the scenario as a notebook shows it."""
        from timecone.scenario.summary import summary_html  # noqa: PLC0415 - which is about scenarios

        return summary_html(self)

    def _digest(self) -> str:
        from timecone.scenario.digest import digest  # noqa: PLC0415 - which is about scenarios

        return digest(self)

    @property
    def kept(self) -> dict[str, Any]:
        """Results that have been computed from the scenario, by function; see `once_per_scenario`."""
        return self._kept

    @property
    def definition(self) -> Model:
        """The model that the scenario is for."""
        return _definition(self)

    @property
    def not_yet_milestones(self) -> tuple[str, ...]:
        """Milestones that must not lie before ``as_of``; the headline where none is named."""
        if self.not_yet.rule == "off":
            return ()
        return self.not_yet.milestones or (self.definition.headline,)

    @property
    def components_on(self) -> frozenset[str]:
        """Names of the model's components that are switched on, by ``components`` or by default."""
        return components_on(self)

    @property
    def setup(self) -> Setup:
        """What the model is told beside its inputs."""
        return setup(self)

    def inputs(self) -> dict[str, QuantityInput]:
        """Return parameters and quantities by name.

        Returns
        -------
        dict of str to QuantityInput
            Parameters first, then quantities, in the order of the file.

        Examples
        --------
        >>> import timecone as tc
        >>> tc.load("baseline").inputs()["deployment.delay"].unit
        'year'
        """
        return {**self.parameters, **self.quantities}

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
        conditions about it.

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
        from timecone.scenario.compile import require_answers, sampler  # noqa: PLC0415 - which is about scenarios

        parameters = dict(self.parameters)
        for name, distribution in changes.items():
            parameters[name] = self._replaced(name, distribution)
        self._require_kept(keep, changes)
        values = {key: getattr(self, key) for key in type(self).model_fields} | {"parameters": parameters}
        derived = self._still_needed(fields.get("parameters", parameters))
        derived["conditions"] = self._still_true(changes, fields, derived)
        scenario = validated(Scenario, values | derived | fields, "")
        stated = {name for name in changes if name in self.parameters}
        if scenario.time.start != self.time.start:
            stated.add("time.start")
        inherited = set(self.parameters) - set(changes) - set(keep) - idle(scenario)
        inherited -= plain_members(self.definition, self._certain(), scenario.time.start)
        require_groups(self.definition, stated, inherited, "")
        require_qualifiers(self.definition, stated, inherited, "")
        require_units(self, scenario)
        require_answers(scenario, sampler(scenario))
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
                    "not a parameter that stays", where="keep", got=name,
                    remedy=suggestion(name, set(self.parameters) - set(changes)),
                )  # fmt: skip

    def _still_needed(self, parameters: Mapping[str, QuantityInput]) -> dict[str, Any]:
        """Return quantities, their correlations and choices without what served only replaced parameters."""

        def served(given: Mapping[str, QuantityInput]) -> set[str]:
            mentions = {name: quantity.mentioned for name, quantity in {**given, **self.quantities}.items()}
            return reachable(given, mentions) & set(self.quantities)

        unread = served(self.parameters) - served(parameters)
        quantities = {name: given for name, given in self.quantities.items() if name not in unread}
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
            raise ScenarioError("not a distribution", where=f"parameters.{name}", got=distribution,
                                allowed="a distribution, for instance Point(value=...)")  # fmt: skip
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
        "a distribution without a unit", where=f"parameters.{parameter.name}",
        allowed=f"a unit, for instance unit={unit!r}{was if unit != parameter.unit else ''}",
    )  # fmt: skip
