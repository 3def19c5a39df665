"""What a scenario is: every assumption of a forecast, with its source; frozen and validated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from timecone.errors import ScenarioError, suggestion
from timecone.inputs.distributions import Distribution
from timecone.models import find
from timecone.models.model import Model, TimeGrid
from timecone.scenario.validation import validated
from timecone.units import STEPS, decimal_year

type Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
type Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
type ReadOnly[V] = Annotated[Mapping[str, V], AfterValidator(lambda m: MappingProxyType(dict(m)))]

_WEIGHT_TOLERANCE = 1e-9
_MOST_STEPS = 20_000


class Frozen(BaseModel):
    """A part of a scenario: no unknown keys, no changes after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Provenance(Frozen):
    """Where a number comes from and how good it is."""

    source: Text
    as_of: date
    basis: Literal["data", "expert", "guess"]
    note: str = ""


class ParameterInput(Provenance):
    """One parameter of the model: a distribution, or one per value of a choice."""

    unit: Text
    distribution: Distribution | None = None
    by: Name | None = None
    values: ReadOnly[Distribution] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.distribution is None) != (self.by is not None and bool(self.values)):
            raise ScenarioError(
                "a parameter has either one distribution, or 'by' and one distribution per value"
            )
        return self

    @property
    def distributions(self) -> dict[str, Distribution]:
        """The distributions by value of the choice; a single one under ``""``."""
        return {"": self.distribution} if self.distribution else dict(self.values)


class ChoiceInput(Provenance):
    """A discrete choice between views, with the weight of each."""

    title: str = ""
    weights: ReadOnly[Annotated[float, Field(ge=0.0, le=1.0)]]

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
    """Spearman's rank correlation of two parameters."""

    between: tuple[Name, Name]
    rho: Annotated[float, Field(gt=-1.0, lt=1.0)]


class TimeInput(Frozen):
    """Start, horizon and step of the simulation."""

    start: float
    horizon: float
    step: Literal["year", "quarter", "month"] = "quarter"

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


class RunInput(Frozen):
    """Defaults of a run; the command line may override them."""

    draws: Annotated[int, Field(ge=1, strict=True)] = 1_000_000
    seed: Annotated[int, Field(ge=0, strict=True)] = 0


class NotYetInput(Frozen):
    """What to do with draws whose milestones lie before ``as_of``: they contradict the world."""

    rule: Literal["remove", "off"] = "remove"
    milestones: tuple[Name, ...] = ()


class Scenario(Frozen):
    """A whole forecast's assumptions.

    Made by `timecone.load`; `replace` derives another one. Equality and `digest` look at what determines
    the numbers.
    """

    name: Name
    title: str = ""
    model: Name
    as_of: date
    conditions: Text
    time: TimeInput
    run: RunInput = RunInput()
    not_yet: NotYetInput = NotYetInput()
    choices: ReadOnly[ChoiceInput] = Field(default_factory=dict)
    parameters: ReadOnly[ParameterInput]
    correlations: tuple[CorrelationInput, ...] = ()

    @model_validator(mode="after")
    def _fits_the_model(self) -> Self:
        for problem in _problems(self):
            raise problem
        return self

    @property
    def definition(self) -> Model:
        """The model that the scenario is for."""
        return find(self.model)

    @property
    def not_yet_milestones(self) -> tuple[str, ...]:
        """Milestones that must not lie before ``as_of``; the headline where none is named."""
        if self.not_yet.rule == "off":
            return ()
        return self.not_yet.milestones or (self.definition.milestones[-1].name,)

    def replace(self, changes: Mapping[str, Distribution], **fields: Any) -> Scenario:
        """Return a scenario with some parameters and fields changed.

        Parameters
        ----------
        changes : mapping of str to Distribution
            New distributions by parameter name; the unit is the distribution's own, or the one the
            parameter had.
        **fields
            Any top-level field, for instance ``name="faster"``.

        Raises
        ------
        ScenarioError
            A name is no parameter of the model, or the result is invalid.

        Examples
        --------
        >>> from timecone import LogNormal, load
        >>> faster = load("configs/baseline.toml").replace(
        ...     {"algorithms.halving_time": LogNormal(p05=2, p95=12, unit="month")}, name="faster"
        ... )
        """
        parameters = dict(self.parameters)
        for name, distribution in changes.items():
            known = self.definition.parameter(name)
            if known is None:
                raise _unknown_parameter(name, self.definition)
            before = parameters.get(name)
            unit = distribution.unit or (before.unit if before else known.unit)
            parameters[name] = ParameterInput(
                unit=unit,
                distribution=distribution,
                source=f"set in code; was: {before.source}" if before else "set in code",
                as_of=self.as_of,
                basis="guess",
            )
        values = {key: getattr(self, key) for key in type(self).model_fields}
        return validated(Scenario, values | {"parameters": parameters} | fields, "")


def _unknown_parameter(name: str, model: Model) -> ScenarioError:
    return ScenarioError(
        f"the {model.name} model has no such parameter",
        where=f"parameters.{name}",
        remedy=suggestion(name, [p.name for p in model.parameters]),
    )


def _problems(scenario: Scenario) -> Iterator[ScenarioError]:
    """Yield what contradicts the model, or itself, in the order of the file."""
    model = scenario.definition
    if decimal_year(scenario.as_of) >= scenario.time.horizon:
        yield ScenarioError("as_of is not before the horizon", where="as_of",
                            got=scenario.as_of.isoformat())  # fmt: skip
    milestones = [m.name for m in model.milestones]
    for name in scenario.not_yet.milestones:
        if name not in milestones:
            yield ScenarioError("unknown milestone", where="not_yet.milestones", got=name,
                                remedy=suggestion(name, milestones))  # fmt: skip
    for name, given in scenario.parameters.items():
        if model.parameter(name) is None:
            yield _unknown_parameter(name, model)
        yield from _choice_problems(scenario, name, given)
    for parameter in model.parameters:
        if parameter.default is None and parameter.name not in scenario.parameters:
            yield ScenarioError(
                f"the {model.name} model needs this parameter",
                where=f"parameters.{parameter.name}",
                remedy=parameter.meaning,
            )
    used = {p.by for p in scenario.parameters.values()}
    for name in scenario.choices:
        if name not in used:
            yield ScenarioError("no parameter depends on this choice", where=f"choices.{name}",
                                remedy="Use it with by = ... or remove it.")  # fmt: skip
    yield from _correlation_problems(scenario)


def _choice_problems(scenario: Scenario, name: str, given: ParameterInput) -> Iterator[ScenarioError]:
    if given.by is None:
        return
    where = f"parameters.{name}"
    if given.by not in scenario.choices:
        yield ScenarioError("unknown choice", where=f"{where}.by", got=given.by,
                            remedy=suggestion(given.by, scenario.choices))  # fmt: skip
        return
    expected = set(scenario.choices[given.by].weights)
    for value in given.values:
        if value not in expected:
            yield ScenarioError(f"choice {given.by!r} has no such value",
                                where=f"{where}.values.{value}",
                                remedy=suggestion(value, expected))  # fmt: skip
    for value in sorted(expected - set(given.values)):
        yield ScenarioError(f"no distribution for a value of choice {given.by!r}",
                            where=f"{where}.values.{value}")  # fmt: skip


def _correlation_problems(scenario: Scenario) -> Iterator[ScenarioError]:
    seen = set()
    for k, correlation in enumerate(scenario.correlations):
        where = f"correlations[{k}].between"
        for name in correlation.between:
            if name not in scenario.parameters:
                yield ScenarioError("no such parameter in this scenario", where=where, got=name,
                                    remedy=suggestion(name, scenario.parameters))  # fmt: skip
                return
            distributions = scenario.parameters[name].distributions.values()
            if all(d.name == "point" for d in distributions):
                yield ScenarioError("a parameter without uncertainty has no rank to correlate",
                                    where=where, got=name)  # fmt: skip
        pair = frozenset(correlation.between)
        if len(pair) == 1 or pair in seen:
            yield ScenarioError("a pair is named twice, or a parameter is paired with itself",
                                where=where, got=tuple(correlation.between))  # fmt: skip
        seen.add(pair)
