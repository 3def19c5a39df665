"""Assumptions of a forecast as frozen data: the tables of a scenario file, each entry with its source.

What follows from them (validation, compilation, digest) is computed in the modules around this one, of which
it imports none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainValidator, model_validator

from timecone.errors import ScenarioError, suggestion
from timecone.models import find
from timecone.models.model import Model, TimeGrid
from timecone.models.registry import known
from timecone.scenario.conditions import Conditions, read_conditions
from timecone.scenario.evidence import EvidenceInput
from timecone.scenario.not_yet import NotYetInput
from timecone.scenario.published import PublishedInput
from timecone.scenario.redraw import RedrawInput
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
    Text,
)
from timecone.units import STEPS

_WEIGHT_TOLERANCE = 1e-9
_MOST_STEPS = 20_000
# An attribute of a run file holds no larger number; `timecone.simulate` takes as large ones.
_LARGEST = 2**64 - 1

type Year = Annotated[Number, Field(ge=1.0, le=9999.0)]
type Whole = Annotated[int, Field(strict=True, le=_LARGEST)]


class ChoiceInput(Provenance):
    """A discrete choice between views, with the weight of each.

    Where a rank correlation names the choice, its values rise in the order of ``weights``. ``meanings`` says
    what each value means, as a clause that follows "if" in tables and figures.
    """

    title: Remark = ""
    weights: ReadOnly[Annotated[Number, Field(ge=0.0, le=1.0)]]
    meanings: ReadOnly[Text] = Field(default_factory=dict, validate_default=True)

    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        total = sum(self.weights.values())
        if abs(total - 1.0) > _WEIGHT_TOLERANCE:
            raise ScenarioError(
                "weights-do-not-sum",
                "the weights do not sum to 1",
                where="weights",
                got=round(total, 12),
                allowed="1",
                remedy="Divide each weight by the sum, or add the missing value.",
            )
        return self

    @model_validator(mode="after")
    def _meanings_of_values(self) -> Self:
        for value in self.meanings:
            if value not in self.weights:
                raise ScenarioError(
                    "meaning-of-no-value",
                    "the choice has no such value",
                    where=f"meanings.{value}",
                    got=value,
                    allowed=", ".join(self.weights),
                    remedy=suggestion(value, self.weights),
                )
        return self


class CorrelationInput(Provenance):
    """Spearman's rank correlation of two inputs: parameters, quantities or choices."""

    between: tuple[Name, Name]
    rho: Annotated[Number, Field(ge=-1.0, le=1.0)]


class TimeInput(Frozen):
    """Start, horizon and step of the simulation, and the scheme of a model that can step in several ways."""

    start: Year
    horizon: Year
    step: Literal["year", "quarter", "tenth", "month", "week", "day"] = "quarter"
    scheme: Name | None = None

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if not self.start < self.horizon:
            raise ScenarioError(
                "horizon-not-after-start",
                "the horizon is not after the start",
                where="time.horizon",
                got=self.horizon,
                allowed=f"a year after {self.start:g}",
            )
        if self.grid.steps > _MOST_STEPS:
            raise ScenarioError(
                "too-many-steps",
                "too many time steps",
                where="time.horizon",
                got=self.grid.steps,
                allowed=f"at most {_MOST_STEPS}",
                remedy="Use a nearer horizon or a longer step.",
            )
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
            raise ScenarioError(
                "df-without-t-copula",
                "df is required for the t copula and not allowed otherwise",
                where="copula.df",
                got=self.df,
            )
        return self


class RunInput(Frozen):
    """Defaults of a run; the command line may override them.

    ``leading`` names inputs and choices that take the first dimensions of Sobol' points, which are the most
    even ones.
    """

    draws: Annotated[Whole, Field(ge=1)] = 1_000_000
    seed: Annotated[Whole, Field(ge=0)] = 0
    design: Literal["random", "sobol", "latin"] = "random"
    replicates: Annotated[Whole, Field(ge=8)] = 8
    stratify: Annotated[bool, Field(strict=True)] = False
    leading: tuple[Name, ...] = ()

    def table(self) -> dict[str, Any]:
        """Return it as a table of a scenario file."""
        return self.model_dump(mode="json", exclude=None if self.leading else {"leading"})

    @model_validator(mode="after")
    def _leading_for_sobol(self) -> Self:
        if self.leading and self.design != "sobol":
            raise ScenarioError(
                "leading-without-sobol",
                "only Sobol' points have leading inputs",
                where="run.leading",
                got=", ".join(self.leading),
                remedy='Set design = "sobol", or take leading out.',
            )
        return self


class Assumptions(Frozen):
    """Fields of a scenario, as its file states them; described at `timecone.scenario.scenario.Scenario`."""

    name: Name
    title: Remark = ""
    model: Name
    as_of: Day
    conditions: Annotated[Conditions, PlainValidator(read_conditions)]
    time: TimeInput
    run: RunInput = RunInput()
    not_yet: NotYetInput = NotYetInput()
    evidence: EvidenceInput | None = None
    redraw: RedrawInput | None = None
    components: ReadOnly[Annotated[bool, Field(strict=True)]] = Field(
        default_factory=lambda: MappingProxyType({})
    )
    choices: ReadOnly[ChoiceInput] = Field(default_factory=dict)
    quantities: ReadOnly[QuantityInput] = Field(default_factory=dict)
    parameters: ReadOnly[ParameterInput]
    correlations: tuple[CorrelationInput, ...] = ()
    copula: CopulaInput = CopulaInput()
    history: Remarks = Field(default_factory=lambda: MappingProxyType({}))
    published: PublishedInput | None = None

    @model_validator(mode="before")
    @classmethod
    def _step_of_the_model(cls, data: Any) -> Any:
        """State the model's own step where the scenario states none."""
        time = data.get("time") if isinstance(data, Mapping) else None
        if not isinstance(time, Mapping) or "step" in time or data.get("model") not in known():
            return data
        return {**data, "time": {**time, "step": find(data["model"]).steps[0]}}

    def __copy__(self) -> Self:
        return _with_fields_alone(super().__copy__())

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return _with_fields_alone(super().__deepcopy__(memo))

    @cached_property
    def definition(self) -> Model:
        """The model that the scenario is for."""
        return find(self.model)

    @property
    def not_yet_milestones(self) -> tuple[str, ...]:
        """Milestones that must not lie before ``as_of``; the headline where none is named."""
        if self.not_yet.rule == "off":
            return ()
        return self.not_yet.milestones or (self.definition.headline,)

    @property
    def not_yet_terms(self) -> list[Any]:
        """What a softer not-yet rule adds to the numbers; empty for removal."""
        return self.not_yet.terms()

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


def _with_fields_alone[A: Assumptions](copied: A) -> A:
    """Take off what had been computed from the original: a copy may be changed by ``model_copy``."""
    for name in set(vars(copied)) - set(type(copied).model_fields):
        del vars(copied)[name]
    return copied
