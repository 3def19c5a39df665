"""How a scenario says what a quantity is: the forms, each with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SkipValidation,
    StringConstraints,
    model_validator,
)

from timecone.errors import ScenarioError
from timecone.inputs.distributions import Distribution
from timecone.inputs.expression import Expression
from timecone.scenario.toml import require_printable_text


def _printable(text: str) -> str:
    require_printable_text(text)
    return text


type Remark = Annotated[str, AfterValidator(_printable)]
type Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_printable)]
type Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
type Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
type Day = Annotated[date, Field(strict=True)]
type ReadOnly[V] = Annotated[Mapping[Name, V], AfterValidator(lambda m: MappingProxyType(dict(m)))]


def _frozen(value: Any) -> Any:
    """Return tables and lists that cannot be changed."""
    if isinstance(value, Mapping):
        return MappingProxyType({str(key): _frozen(inner) for key, inner in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(map(_frozen, value))
    if isinstance(value, str):
        require_printable_text(value, "history")
    if not isinstance(value, (str, int, float, date, time)):
        raise ScenarioError(
            "not-toml-value",
            "a value that TOML cannot represent",
            where="history",
            got=repr(value),
            allowed="text, numbers, truth values, dates, lists and tables of these",
        )
    return value


def plain(value: Any) -> Any:
    """Return plain tables, lists and numbers, as TOML has them."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


#: Remarks of any form that TOML has.
type Remarks = Annotated[Mapping[str, Any], AfterValidator(_frozen)]


class Frozen(BaseModel):
    """A part of a scenario: no unknown keys, no changes after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Provenance(Frozen):
    """Where a number comes from and how good it is."""

    source: Text
    as_of: Day
    basis: Literal["data", "expert", "guess"]
    note: Remark = ""


class FormulaInput(Frozen):
    """A quantity computed from others."""

    expression: Text

    @model_validator(mode="after")
    def _is_arithmetic(self) -> Self:
        self.parsed()
        return self

    @property
    def summary(self) -> str:
        """The form in a few words."""
        return f"= {self.expression}"

    def parsed(self) -> Expression:
        """Return the expression, parsed."""
        return Expression(self.expression)


class LookupInput(Frozen):
    """A quantity that is a step or linear function of another one."""

    of: Name
    interpolation: Literal["step", "linear"] = "linear"
    points: tuple[tuple[Number, Number], ...]

    @property
    def summary(self) -> str:
        """The form in a few words."""
        return f"{self.interpolation} function of {self.of}"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        x = [point[0] for point in self.points]
        if not x or any(not a < b for a, b in pairwise(x)):
            raise ScenarioError(
                "table-not-increasing",
                "the points are not in increasing order of the other quantity",
                where="points",
                got=x,
            )
        return self


class ByInput(Frozen):
    """A quantity that comes about in another way for each value of a choice."""

    by: Name
    values: ReadOnly[Annotated[Form, SkipValidation]]


type Form = Distribution | FormulaInput | LookupInput | ByInput


def forms(form: Form) -> Iterator[tuple[str, Distribution | FormulaInput | LookupInput]]:
    """Yield the leaves of a form, each with the choices that lead to it, "a = x, b = y"."""
    if not isinstance(form, ByInput):
        yield "", form
        return
    for value, inner in form.values.items():
        for deeper, leaf in forms(inner):
            yield f"{form.by} = {value}" + (f", {deeper}" if deeper else ""), leaf


def places(form: Form, where: str) -> Iterator[tuple[str, Distribution | FormulaInput | LookupInput]]:
    """Yield the leaves of a form, each with its place in the file."""
    if not isinstance(form, ByInput):
        yield where, form
        return
    for value, inner in form.values.items():
        yield from places(inner, f"{where}.values.{value}")


class QuantityInput(Provenance):
    """A named quantity: how it comes about, and in which unit."""

    unit: Text
    form: Annotated[Form, SkipValidation]

    @property
    def distributions(self) -> dict[str, Distribution]:
        """Its distributions, by the choices that lead to each; a single one under ``""``."""
        return {key: leaf for key, leaf in forms(self.form) if isinstance(leaf, Distribution)}

    @property
    def choices(self) -> set[str]:
        """Names of the choices whose values it has forms for."""
        return {form.by for form in _branches(self.form)}

    @property
    def referred(self) -> set[str]:
        """Names in its formulas."""
        leaves = (leaf for _, leaf in forms(self.form))
        return set().union(*(leaf.parsed().names for leaf in leaves if isinstance(leaf, FormulaInput)))

    @property
    def mentioned(self) -> set[str]:
        """Names that it depends on: choices, and what its formulas and tables read."""
        tables = {leaf.of for _, leaf in forms(self.form) if isinstance(leaf, LookupInput)}
        return self.choices | self.referred | tables


def _branches(form: Form) -> Iterator[ByInput]:
    if isinstance(form, ByInput):
        yield form
        for inner in form.values.values():
            yield from _branches(inner)


class ParameterInput(QuantityInput):
    """One parameter of the model."""
