"""Conditions of a forecast: what it takes for granted, as one text or as clauses that have names.

A clause may say what it is about, so that a scenario derived from another one does not inherit a sentence
that its own inputs make untrue.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from timecone.errors import ScenarioError
from timecone.scenario.field_errors import validated
from timecone.scenario.specs import Frozen, Text

#: The name of the only clause of conditions that are one text.
WHOLE: Final = ""


class Clause(Frozen):
    """One condition, and the keys of a scenario file that it is about, such as ``components.pause``."""

    text: Text
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conditions:
    """All conditions of a scenario; as text, the clauses one after another.

    Attributes
    ----------
    clauses : tuple of (str, Clause)
        By name, in the order of the file.
    """

    clauses: tuple[tuple[str, Clause], ...]

    def __str__(self) -> str:
        """Return all conditions as one text."""
        if len(self.clauses) == 1:
            return self.clauses[0][1].text
        return "; ".join(clause.text.rstrip(".;") for _, clause in self.clauses) + "."

    def without(self, stated: Collection[str]) -> Conditions:
        """Return the conditions without the clauses about what is stated anew."""
        return Conditions(tuple(c for c in self.clauses if not untrue(c[1].about, stated)))

    def plain(self) -> Any:
        """Return the conditions as TOML has them."""
        if self.clauses[0][0] == WHOLE:
            return self.clauses[0][1].text
        # All as tables: TOML puts plain texts before tables, and the order of the clauses would be lost.
        return {
            name: {"text": clause.text} | ({"about": list(clause.about)} if clause.about else {})
            for name, clause in self.clauses
        }


def untrue(about: Collection[str], stated: Collection[str]) -> set[str]:
    """Return which of the keys that a clause is about are stated anew."""
    return set(about) & set(stated)


def read_conditions(value: object) -> Conditions:
    """Return conditions from a text or a table of clauses.

    Raises
    ------
    ScenarioError
        The value is neither, or is empty.
    """
    if isinstance(value, Conditions):
        if not value.clauses:
            raise ScenarioError(
                "no-conditions-left", "no clause is left", where="conditions", allowed="some text"
            )
        return value
    if not isinstance(value, str | Mapping):
        raise ScenarioError(
            "not-text",
            "not text",
            where="conditions",
            got=value,
            allowed="text in quotes, or a table of clauses",
        )
    if not value or (isinstance(value, str) and not value.strip()):
        raise ScenarioError("empty-text", "empty", where="conditions", got=value, allowed="some text")
    clauses = value if isinstance(value, Mapping) else {WHOLE: value}
    return Conditions(tuple((name, _clause(name, clause)) for name, clause in clauses.items()))


def _clause(name: str, clause: object) -> Clause:
    fields = {"text": clause} if isinstance(clause, str) else clause
    if not isinstance(fields, Mapping):
        raise ScenarioError(
            "not-text",
            "not text",
            where=f"conditions.{name}",
            got=clause,
            allowed="text in quotes, or a table with text and about",
        )
    return validated(Clause, fields, f"conditions.{name}".rstrip("."))
