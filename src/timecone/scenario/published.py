"""Published figures of a forecast that a file repeats: the table ``[published]``.

It says what was published, when, about which milestone, and what each number is, so that the numbers of the
file's own run can be set against them. It is no assumption: no draw depends on it, it does not count in the
digest, and a file that extends another one does not inherit it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from timecone.errors import ScenarioError, suggestion
from timecone.scenario.field_errors import validated
from timecone.scenario.specs import Day, Frozen, Name, Number, ReadOnly, Remark, Remarks, Text

type Statistic = Literal["percentile", "probability", "share", "trajectory", "map", "calculation"]
type Positive = Annotated[Number, Field(ge=0.0)]
type Level = Annotated[Number, Field(gt=0.0, lt=100.0)]

#: Keys that a statistic needs, beside those that every figure has.
_NEEDED: dict[str, tuple[str, ...]] = {
    "percentile": ("level",),
    "probability": ("date",),
    "trajectory": ("level", "date"),
    "share": (),
    "map": ("by", "points"),
    "calculation": (),
}
_OPTIONAL = {"percentile": ("among",), "share": ("among",), "probability": ("reading",), "map": ("within",)}
_KEYS = ("level", "date", "among", "reading", "by", "points", "within")
_SHARES = ("probability", "share", "map")


class FactInput(Frozen):
    """A number, or several, from which a published calculation is repeated."""

    value: Number | tuple[Number, ...]
    unit: Text
    source: Text


class ChangeInput(Frozen):
    """A change that was tested as the cause of a difference: it is made, and the figure is computed again.

    Attributes
    ----------
    text : str
        What is changed, as a clause.
    scenario : mapping
        Content of a scenario file that extends this one.
    preset : str
        A scenario that is run in place of this one.
    after : str
        A calculation that the dates of the run pass through, because the model has no such part.
    facts : mapping of str to FactInput
        What that calculation, or the calculation of the file, takes in place of the file's own facts.
    """

    text: Text
    scenario: Remarks | None = None
    preset: Text | None = None
    after: Name | None = None
    facts: ReadOnly[FactInput] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [key for key in ("scenario", "preset", "after") if getattr(self, key) is not None]
        if len(kinds) > 1 or not (kinds or self.facts) or (self.facts and kinds not in ([], ["after"])):
            raise ScenarioError(
                "change-of-one-kind",
                "a change is not of exactly one kind",
                got=", ".join([*kinds, *(["facts"] if self.facts else [])]) or "none",
                allowed="'scenario', 'preset', 'after' with 'facts', or 'facts' alone",
            )
        return self


class FigureInput(Frozen):
    """A published number, how well it is known, and why it differs where it does.

    Attributes
    ----------
    statistic : str
        What is computed of the run: see docs/how-to/published.md.
    of : str or None
        The milestone, duration, extra, input, flag, observable or result; by default that of the table.
    level : float or None
        Percentile, between 0 and 100.
    date : float or None
        Decimal year: of a probability, that by which the milestone is reached.
    value, above : float or None
        The published number, or the number above which it lies.
    error : float
        Half of its 95 % interval: rounding and Monte Carlo error.
    tolerance : float or None
        How far our number may lie from it, beside our own Monte Carlo error; ``error`` by default.
    reading : str or None
        Whether a published probability is of the state at the date or of first passage by it; ours is first
        passage.
    among : str or None
        Of a share of a flag: all draws that count, or those in which the headline arrives. Of a percentile of
        a date or a duration: all draws that count, or those in which it is reached.
    by : str or None
        Of a map: the input whose value decides the published date.
    points : tuple of (float, float)
        Of a map: values of that input, rising, and the published date from each of them on.
    within : float or None
        Of a map: how far a date may lie from the published one, 0 by default.
    variant : str or None
        Name of the change under which the figure is computed in the first place.
    where : mapping of str to str
        Values of choices that the figure is conditional on.
    source : str
        Where the number stands, if not in the citation of the table.
    cause : str
        Why ours differs.
    change : str or None
        Name of the change with which the difference closes.
    corrected : float or None
        Another value of the published number, with which the difference closes: a recomputation, say.
    open : str
        Why no cause of the difference is known: what was tested, and what is not public.
    difference : float or None
        The open difference, ours less theirs, as it was last computed.
    """

    statistic: Statistic
    of: Name | None = None
    level: Level | None = None
    date: Number | None = None
    value: Number | None = None
    above: Number | None = None
    error: Positive = 0.0
    tolerance: Positive | None = None
    reading: Literal["at the date", "first passage"] | None = None
    among: Literal["counted", "arrived"] | None = None
    by: Name | None = None
    points: tuple[tuple[Number, Number], ...] | None = None
    within: Positive | None = None
    variant: Name | None = None
    where: ReadOnly[Name] = Field(default_factory=dict)
    source: Remark = ""
    cause: Remark = ""
    change: Name | None = None
    corrected: Number | None = None
    open: Remark = ""
    difference: Number | None = None

    @property
    def allowance(self) -> float:
        """How far our number may lie from the published one, beside our Monte Carlo error."""
        return self.error if self.tolerance is None else self.tolerance

    @model_validator(mode="after")
    def _complete(self) -> Self:
        self._require_keys()
        self._require_value()
        self._require_test()
        return self

    def _require_keys(self) -> None:
        needed, optional = _NEEDED[self.statistic], _OPTIONAL.get(self.statistic, ())
        for key in _KEYS:
            stated = getattr(self, key) is not None
            if key in needed and not stated:
                raise ScenarioError("missing-key", "missing", where=key)
            if stated and key not in (*needed, *optional):
                raise ScenarioError(
                    "key-of-another-statistic",
                    "a key that this statistic does not have",
                    where=key,
                    got=self.statistic,
                )
        rows = [value for value, _ in self.points or ()]
        if self.points is not None and (not rows or sorted(set(rows)) != rows):
            raise ScenarioError(
                "map-not-rising",
                "the values of the input do not rise",
                where="points",
                allowed="at least one",
            )

    def _require_value(self) -> None:
        if (self.value is None) == (self.above is None):
            raise ScenarioError(
                "figure-without-value",
                "not exactly one of the two ways to state the figure",
                allowed="value, or above",
            )
        for key in ("value", "above", "corrected"):
            number = getattr(self, key)
            if self.statistic in _SHARES and number is not None and not 0.0 <= number <= 1.0:
                raise ScenarioError(
                    "out-of-range", "out of range", where=key, got=number, allowed="a share between 0 and 1"
                )
        if self.allowance < self.error:
            raise ScenarioError(
                "tolerance-below-error",
                "the tolerance is below the figure's own error",
                where="tolerance",
                got=self.tolerance,
                allowed=f"at least {self.error:g}",
            )

    def _require_test(self) -> None:
        tests = [key for key in ("change", "corrected") if getattr(self, key) is not None]
        if len(tests) != bool(self.cause):
            raise ScenarioError(
                "cause-without-test",
                "a cause does not stand with exactly one test of it",
                where="cause",
                got=self.cause or None,
                allowed="cause with change, or cause with corrected",
            )
        if self.change is not None and self.change == self.variant:
            raise ScenarioError(
                "change-is-the-variant",
                "the figure is computed under this change in the first place, so it tests nothing",
                where="change",
                got=self.change,
            )
        if bool(self.open) != (self.difference is not None) or (self.open and self.cause):
            raise ScenarioError(
                "open-without-difference",
                "an open difference stands without its size, or with a cause",
                where="open",
                got=self.open or None,
                allowed="open and difference, without cause",
            )


def _not_empty(figures: tuple[FigureInput, ...]) -> tuple[FigureInput, ...]:
    if not figures:
        raise ScenarioError("no-figures", "no published figure is stated", where="figures")
    return figures


class PublishedInput(Frozen):
    """What was published of a forecast.

    Attributes
    ----------
    forecast : str
        A short name, as tables and figures show it.
    citation, url : str
        Where it stands.
    date : date
        Day of publication.
    milestone : str
        The published definition of what is forecast, in words.
    of : str or None
        What of the model that is; figures are about it unless they say otherwise.
    kind : str
        How the forecast came about.
    line : bool
        Whether figures of any run draw the published numbers as a line.
    step : float or None
        The published calculation goes through dates that are multiples of this, in years; our dates are
        rounded up to them.
    calculation : str or None
        The calculation that the file repeats, in place of a scenario.
    facts : mapping of str to FactInput
        What that calculation takes.
    figures : tuple of FigureInput
        The published numbers.
    changes : mapping of str to ChangeInput
        Changes that were tested as causes of differences.
    """

    forecast: Text
    citation: Text
    url: Remark = ""
    date: Day
    milestone: Text
    of: Name | None = None
    kind: Literal["model", "trend"] = "model"
    line: Annotated[bool, Field(strict=True)] = False
    step: Annotated[Number, Field(gt=0.0)] | None = None
    calculation: Name | None = None
    facts: ReadOnly[FactInput] = Field(default_factory=dict)
    figures: Annotated[tuple[FigureInput, ...], AfterValidator(_not_empty)]
    changes: ReadOnly[ChangeInput] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        stated: set[tuple[object, ...]] = set()
        for k, figure in enumerate(self.figures):
            place = f"figures[{k}]"
            for key, name in (("change", figure.change), ("variant", figure.variant)):
                if name is not None and name not in self.changes:
                    raise ScenarioError(
                        "unknown-change",
                        "no such change is stated",
                        where=f"{place}.{key}",
                        got=name,
                        remedy=suggestion(name, self.changes),
                    )
            if figure.of is None and self.of is None:
                raise ScenarioError("missing-key", "missing", where=f"{place}.of")
            if (figure.statistic == "calculation") != (self.calculation is not None):
                raise ScenarioError(
                    "statistic-of-another-file",
                    "figures of a calculation and of a scenario do not stand in the same file",
                    where=f"{place}.statistic",
                    got=figure.statistic,
                )
            if (asked := self._asked(figure)) in stated:
                raise ScenarioError(
                    "figure-stated-twice",
                    "the same number is stated twice",
                    where=place,
                    remedy="Remove one, or say in 'source' where each was published.",
                )
            stated.add(asked)
        self._require_changes()
        return self

    def _asked(self, figure: FigureInput) -> tuple[object, ...]:
        """Return what a figure is the number of, and where that number was published."""
        return (
            *(figure.statistic, self.subject(figure), figure.level, figure.date, figure.among or "counted"),
            *(figure.by, figure.points, figure.within, figure.variant, figure.source),
            frozenset(figure.where.items()),
        )

    def _require_changes(self) -> None:
        used = {name for figure in self.figures for name in (figure.change, figure.variant)}
        for name, change in self.changes.items():
            if name not in used:
                raise ScenarioError("unused-change", "no figure names this change", where=f"changes.{name}")
            alone = change.scenario is None and change.preset is None and change.after is None
            if alone != (self.calculation is not None):
                raise ScenarioError(
                    "change-of-another-file",
                    "a change of facts alone is for a calculation, any other change for a scenario",
                    where=f"changes.{name}",
                )
        corrected = any(change.after is not None for change in self.changes.values())
        if self.facts and self.calculation is None and not corrected:
            raise ScenarioError(
                "unused-facts", "neither a calculation nor a correction takes facts", where="facts"
            )

    def subject(self, figure: FigureInput) -> str:
        """Return the name of what a figure is about."""
        return figure.of or self.of or ""

    def plain(self) -> dict[str, Any]:
        """Return the table as TOML has it."""
        content: dict[str, Any] = self.model_dump(
            mode="python", exclude={"facts", "figures", "changes"}, exclude_none=True, exclude_defaults=True
        )
        content["facts"] = {name: _plain(fact) for name, fact in self.facts.items()}
        content["figures"] = [_plain(figure) for figure in self.figures]
        content["changes"] = {name: _plain(change) for name, change in self.changes.items()}
        return {key: value for key, value in content.items() if value not in ({}, [])}


def _plain(part: Any) -> Any:
    """Return a part of the table without what it does not state."""
    if isinstance(part, Frozen):
        stated = {key: getattr(part, key) for key in part.model_fields_set}
        return {key: _plain(value) for key, value in stated.items() if value is not None}
    if hasattr(part, "items"):
        return {key: _plain(value) for key, value in part.items()}
    return [_plain(value) for value in part] if isinstance(part, tuple) else part


def read_published_table(table: Mapping[str, Any]) -> PublishedInput:
    """Return the table ``[published]`` of a file, validated part by part.

    Raises
    ------
    ScenarioError
        Something in it is wrong; the place begins with ``published``.
    """
    fields = dict(table)
    parts: dict[str, type[Frozen]] = {"facts": FactInput, "changes": ChangeInput}
    for key, part in parts.items():
        if key in fields:
            fields[key] = {
                name: validated(part, _change(entry), f"published.{key}.{name}")
                for name, entry in _table(fields[key], f"published.{key}").items()
            }
    figures = fields.get("figures", [])
    if not isinstance(figures, list):
        raise ScenarioError(
            "not-an-array-of-tables",
            "not an array of tables",
            where="published.figures",
            remedy="Write [[published.figures]].",
        )
    fields["figures"] = tuple(
        validated(FigureInput, figure, f"published.figures[{k}]") for k, figure in enumerate(figures)
    )
    return validated(PublishedInput, fields, "published")


def _change(entry: Any) -> Any:
    """Return a change with its facts validated; what is malformed is refused elsewhere."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("facts"), Mapping):
        return entry
    return {
        **entry,
        "facts": {name: validated(FactInput, fact, f"facts.{name}") for name, fact in entry["facts"].items()},
    }


def _table(content: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        raise ScenarioError("not-a-table", "not a table", where=where, got=content)
    return content
