"""New scenario files: a commented file that extends another one, from what is to differ.

Every change is checked as a file that states it would be. The file says, in comments, what each input was.
"""

from __future__ import annotations

import os
import re
import shlex
import textwrap
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import tomli_w

from timecone.errors import ScenarioError, UsageError, suggestion
from timecone.files import write_file
from timecone.inputs.distributions import Distribution
from timecone.scenario.file import load, parse
from timecone.scenario.inheritance import read_changed
from timecone.scenario.presets import preset_file, scenario_file
from timecone.scenario.scenario import Scenario
from timecone.scenario.specs import QuantityInput, forms
from timecone.scenario.toml import require_printable_text

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_WIDTH: Final = 110
_LEVELS: Final = {"5 %": 0.05, "50 %": 0.5, "95 %": 0.95}
_MOST_SHOWN: Final = 200
#: Keys of a parameter's table that say where it comes from, in the order of the file.
_PROVENANCE: Final = ("unit", "source", "as_of", "basis", "note")


class NewScenario:
    """A scenario file in the making: the file that it extends, and what differs.

    Parameters
    ----------
    name : str
        Name of the scenario, and of its file without the ending.
    extends : str
        Name of a preset, or a scenario file.
    folder : Path, optional
        Where the file will lie; the current folder by default.

    Raises
    ------
    ScenarioError
        Not a name, the file exists, or the file that is extended is missing or broken.

    Examples
    --------
    >>> draft = NewScenario("slow-chips", "baseline")
    >>> draft.state("hardware.headroom", read_answer("lognormal p05=1 p95=3 source='a test'"))
    >>> draft.text().splitlines()[1:3]
    ['extends = "baseline"', 'name = "slow-chips"']
    """

    def __init__(self, name: str, extends: str, folder: Path | None = None) -> None:
        if not _NAME.fullmatch(name):
            raise ScenarioError(
                "not-a-scenario-name",
                "not a name for a scenario",
                where="NAME",
                got=name,
                allowed="letters, digits, '_', '.' and '-', at most 100",
            )
        self.name = name
        self.path = (folder or Path()) / f"{name}.toml"
        if self.path.exists() or self.path.is_symlink():
            raise ScenarioError(
                "scenario-file-exists",
                "the file exists and is not overwritten",
                where=str(self.path),
                remedy="Choose another name.",
            )
        self._file = scenario_file(extends)
        #: The scenario that is extended.
        self.parent: Scenario = load(self._file)
        is_preset = not Path(extends).exists() and preset_file(extends) is not None
        self.extends = (
            extends if is_preset else Path(os.path.relpath(self._file, self.path.parent)).as_posix()
        )
        self.title = ""
        self._parameters: dict[str, dict[str, Any]] = {}
        self._components: dict[str, bool] = {}
        self._choices: dict[str, dict[str, Any]] = {}
        self._keep: list[str] = []

    @property
    def differs(self) -> bool:
        """Whether anything is stated that may change a number."""
        return bool(self._parameters or self._components or self._choices)

    def entitle(self, title: str) -> None:
        """State the title.

        Raises
        ------
        ScenarioError
            It has control characters.
        """
        _require_text("title", title)
        self.title = " ".join(title.split())

    def inherited(self, name: str) -> list[str]:
        """Return what an input is in the scenario that is extended, as lines.

        Parameters
        ----------
        name : str
            A parameter of the model.

        Raises
        ------
        ScenarioError
            The model has no such parameter.
        """
        parameter = self.parent.definition.parameter(name)
        if parameter is None:
            raise ScenarioError(
                "unknown-parameter",
                f"the {self.parent.model} model has no such parameter",
                where=f"parameters.{name}",
                remedy=suggestion(name, [p.name for p in self.parent.definition.parameters]),
            )
        lines = [parameter.meaning]
        stated = self.parent.parameters.get(name)
        if stated is not None:
            lines += [f"Inherited{text}" for text in _values(stated)]
            lines.append(f"Grade {stated.basis}, as of {stated.as_of.isoformat()}, unit {stated.unit}.")
            lines.append(f"Source: {stated.source}")
        elif parameter.default is None:
            lines.append(f"Not stated in {self.extends}. Unit {parameter.unit}.")
        else:
            lines.append(f"Default of the model: {parameter.default}, unit {parameter.unit}.")
        return [" ".join(line.split()) for line in lines]

    def unit_of(self, name: str) -> str:
        """Return the unit in which the scenario that is extended states a parameter, or the model's."""
        stated, parameter = self.parent.parameters.get(name), self.parent.definition.parameter(name)
        return stated.unit if stated is not None else parameter.unit if parameter is not None else ""

    def state(self, name: str, table: Mapping[str, Any]) -> None:
        """State a parameter anew.

        Parameters
        ----------
        name : str
            A parameter of the model.
        table : mapping
            Its table as in a scenario file. The unit is the inherited one, the grade "guess" and the date
            that of the scenario that is extended, unless it says otherwise.

        Raises
        ------
        ScenarioError, UnitError, DistributionError
            The model has no such parameter, or the table is not one that it can have.
        """
        self.inherited(name)
        defaults = {"unit": self.unit_of(name), "as_of": self.parent.as_of, "basis": "guess"}
        whole = {**defaults, **table}
        if not str(whole.get("source", "")).strip():
            raise ScenarioError(
                "source-missing",
                "a changed input needs a source",
                where=f"parameters.{name}.source",
                allowed="where the numbers come from; 'own judgement' is a source",
            )
        for key, value in whole.items():
            _require_text(f"parameters.{name}.{key}", value)
        first = {key: value for key, value in whole.items() if key not in _PROVENANCE}
        last = {key: whole[key] for key in _PROVENANCE if key in whole}
        self._try(self._parameters, name, first | last)

    def switch(self, component: str, *, on: bool) -> None:
        """Switch a component of the model on or off.

        Raises
        ------
        ScenarioError
            The model has no such component, or it cannot be switched so.
        """
        known = [c.name for c in self.parent.definition.components]
        if component not in known:
            raise ScenarioError(
                "unknown-component",
                f"the {self.parent.model} model has no such component",
                where=f"components.{component}",
                remedy=suggestion(component, known),
            )
        self._try(self._components, component, on)

    def weigh(self, choice: str, weights: Mapping[str, float], **about: Any) -> None:
        """Give the values of a choice other weights.

        Parameters
        ----------
        choice : str
            A choice of the scenario that is extended.
        weights : mapping of str to float
            A weight for each of its values; they sum to 1.
        **about
            ``source``, ``as_of`` and ``basis`` of the weights.

        Raises
        ------
        ScenarioError
            There is no such choice or value, or the weights do not sum to 1.
        """
        known = self.parent.choices
        if choice not in known:
            raise ScenarioError(
                "unknown-choice",
                "unknown choice",
                where=f"choices.{choice}",
                got=choice,
                remedy=suggestion(choice, known),
            )
        before = known[choice]
        for value in weights:
            if value not in before.weights:
                raise ScenarioError(
                    "unknown-choice-value",
                    f"choice {choice!r} has no such value",
                    where=f"choices.{choice}.weights",
                    got=value,
                    remedy=suggestion(value, before.weights),
                )
        stated = {"as_of": self.parent.as_of, "basis": "guess", "source": "own judgement"} | about
        for key, text in stated.items():
            _require_text(f"choices.{choice}.{key}", text)
        table: dict[str, Any] = {"title": before.title} if before.title else {}
        table |= {"weights": dict(weights), **{key: stated[key] for key in ("source", "as_of", "basis")}}
        self._try(self._choices, choice, table)

    def keep_members(self) -> list[str]:
        """Keep the inherited inputs that belong together with changed ones; return their names."""
        stated = set(self._parameters)
        self._keep = [
            f"parameters.{member}"
            for group in self.parent.definition.groups
            if not stated.isdisjoint(group.basis)
            for member in group.members
            if member not in stated and member in self.parent.parameters
        ]
        return self._keep

    def _try(self, tables: dict[str, Any], name: str, value: Any) -> None:
        """Put an entry in if the scenario holds with it; leave everything as it was otherwise.

        Inputs that belong together are stated one after the other, so here they may be incomplete; `check`
        refuses what is missing in the end.
        """
        before = tables.get(name)
        tables[name] = value
        kept = self._keep
        try:
            self.keep_members()
            self.check()
        except UsageError:
            if before is None:
                del tables[name]
            else:
                tables[name] = before
            raise
        finally:
            self._keep = kept

    def _content(self) -> dict[str, Any]:
        """Return the content of the file, without what it extends."""
        parameters: dict[str, Any] = {}
        for name, table in self._parameters.items():
            component, _, quantity = name.partition(".")
            parameters.setdefault(component, {})[quantity] = table
        content: dict[str, Any] = {"name": self.name}
        content |= {"title": self.title} if self.title else {}
        content |= {"keep": self._keep} if self._keep else {}
        content |= {"components": self._components} if self._components else {}
        content |= {"choices": self._choices} if self._choices else {}
        return content | ({"parameters": parameters} if parameters else {})

    def check(self) -> Scenario:
        """Return the scenario that the file will be.

        Raises
        ------
        ScenarioError, UnitError, DistributionError
            As `timecone.load`.
        """
        return parse(read_changed(self._file, self._content()), self._file.parent)

    def text(self) -> str:
        """Return the file: what differs, each input with what it was in comments."""
        content = self._content()
        lines = [
            *_comment(
                f"What differs from {self.extends}; all else is inherited. After a change by hand:"
                f" timecone check {self.name}.toml"
            ),
            f"extends = {_toml_text(self.extends)}",
            *_dumped({key: content[key] for key in ("name", "title", "keep") if key in content}),
        ]
        if self._components:
            on = self.parent.components_on
            was = [f"{name}: {'on' if name in on else 'off'}" for name in self._components]
            lines += [
                "",
                *_comment(f"Inherited: {', '.join(was)}."),
                *_dumped({"components": self._components}),
            ]
        for name, table in self._choices.items():
            before = self.parent.choices[name]
            was = [f"{value} {weight:g}" for value, weight in before.weights.items()]
            lines += ["", *_comment(f"Inherited: {', '.join(was)}. Source: {before.source}")]
            lines += _dumped({"choices": {name: table}})
        for name, table in self._parameters.items():
            component, _, quantity = name.partition(".")
            lines += ["", *(part for line in self.inherited(name) for part in _comment(line))]
            lines += _dumped({"parameters": {component: {quantity: table}}})
        return "\n".join(lines) + "\n"

    def save(self) -> Path:
        """Write the file, which must not exist yet.

        Raises
        ------
        ScenarioError
            Nothing differs, the file exists by now, or it does not hold as a whole.
        """
        if not self.differs:
            raise ScenarioError(
                "nothing-differs",
                "nothing differs from the scenario that is extended",
                where=self.name,
                remedy="State an input, a component or the weights of a choice.",
            )
        self.check()
        if self.path.exists():
            raise ScenarioError(
                "scenario-file-exists",
                "the file exists and is not overwritten",
                where=str(self.path),
                remedy="Choose another name.",
            )
        write_file(self.path, self.text())
        load(self.path)
        return self.path


def read_answer(text: str) -> dict[str, Any]:
    """Return the table of a parameter from a short answer.

    A number alone is a point; ``lognormal p05=1 p95=4`` a family with its arguments; ``p10=1 p50=2 p90=4``
    percentiles. Everything that a scenario file takes can be stated as an inline table of TOML.

    Parameters
    ----------
    text : str
        The answer.

    Raises
    ------
    ScenarioError
        It is neither.

    Examples
    --------
    >>> read_answer("2.5"), read_answer("lognormal p05=1 p95=4 unit=OOM")["unit"]
    ({'distribution': 'point', 'value': 2.5}, 'OOM')
    """
    text = text.strip()
    require_printable_text(text, "answer")
    if text.startswith("{"):
        try:
            table = tomllib.loads(f"answer = {text}")
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise ScenarioError("toml-syntax", f"TOML syntax: {error}", where="answer") from None
        if set(table) != {"answer"}:
            raise _unreadable(text)
        return dict(table["answer"])
    try:
        parts = shlex.split(text)
    except ValueError:
        raise _unreadable(text) from None
    if not parts:
        raise _unreadable(text)
    if len(parts) == 1 and "=" not in parts[0]:
        value = _value(parts[0])
        if isinstance(value, float | int):
            return {"distribution": "point", "value": value}
    named = "=" not in parts[0]
    table = {"distribution": parts[0] if named else "percentiles"}
    for part in parts[named:]:
        key, sign, value_text = part.partition("=")
        if not sign or not key or key in table:
            raise _unreadable(text)
        table[key] = _value(value_text)
    return table


def read_day(text: str) -> date:
    """Return a calendar date from an answer.

    Raises
    ------
    ScenarioError
        It is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ScenarioError(
            "not-a-calendar-date", "not a calendar date", got=text, allowed="YYYY-MM-DD"
        ) from None


def _require_text(where: str, value: object) -> None:
    """Refuse a text that a file cannot hold."""
    if not isinstance(value, str):
        return
    require_printable_text(value, where)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ScenarioError("not-utf8", f"not UTF-8 text (byte {error.start})", where=where) from None


def _unreadable(text: str) -> ScenarioError:
    return ScenarioError(
        "unreadable-answer",
        "the answer cannot be read",
        got=text[:_MOST_SHOWN],
        allowed="a number, FAMILY KEY=NUMBER ..., or an inline table of TOML",
        remedy="For instance: lognormal p05=1 p95=4",
    )


def _value(text: str) -> Any:
    try:
        return float(text) if not re.fullmatch(r"[+-]?\d{1,15}", text) else int(text)
    except ValueError:
        pass
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _values(stated: QuantityInput) -> list[str]:
    """Return what a quantity is, one line for each combination of choices."""
    lines = []
    for condition, form in forms(stated.form):
        prefix = f" if {condition}: " if condition else ": "
        if isinstance(form, Distribution):
            text = textwrap.shorten(str(form), _MOST_SHOWN, placeholder=" ...")
            numbers = form.ppf(list(_LEVELS.values())).tolist()
            if numbers[0] == numbers[-1]:
                lines.append(f"{prefix}{numbers[0]:.6g} {stated.unit} ({text}).")
                continue
            quantiles = ", ".join(f"{name} {value:.4g}" for name, value in zip(_LEVELS, numbers, strict=True))
            lines.append(f"{prefix}{text}: {quantiles} {stated.unit}.")
        else:
            lines.append(f"{prefix}{form.summary}.")
    return lines


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _dumped(content: Mapping[str, Any]) -> list[str]:
    return tomli_w.dumps(dict(content)).strip("\n").splitlines()


def _toml_text(text: str) -> str:
    return tomli_w.dumps({"x": text}).strip().removeprefix("x = ")
