"""Inheritance as ``check`` and ``run`` print it: what a file changes, drops and keeps of its parent."""

from __future__ import annotations

import sys
import textwrap
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timecone.cli.output import plain

if TYPE_CHECKING:
    from timecone.scenario.inheritance import Inheritance

_WIDTH = 100
#: Entries that are named one by one; a file that extends a fragment adds all but what was fitted.
_MOST_NAMED = 20


def print_inheritance(file: Path) -> None:
    """Print what a scenario file makes of the file that it extends; nothing where it extends none."""
    made = _inheritance(file)
    if made is None:
        return
    plain(f"Against {made.parent}:")
    _print("changes", made.changed)
    _print("adds", made.added if len(made.added) <= _MOST_NAMED else [_counted(made.added)])
    _print("removes", made.removed)
    for name, reason in made.dropped.items():
        _print("drops", [f"{name} ({reason})"])
    _print("keeps", [_counted(made.kept)])
    conditions = [name for name in made.kept if name.partition(".")[0] == "conditions"]
    if conditions:
        _print("keeps", [*conditions[:-1], f"{conditions[-1]}: state anew, or remove, what no longer holds"])
    pairs = [name.partition(": ")[2] for name in made.kept_correlations]
    if pairs:
        _print("keeps", ["correlations of parameters that it states anew: " + pairs[0], *pairs[1:]])
    for name, readers in made.shared_choices.items():
        _print("keeps", [f"{name}: still decides {readers[0]}", *readers[1:]])


def warn_of_inheritance(file: Path) -> None:
    """Say on the error stream what a file drops of what it inherits, and what it keeps that may not hold."""
    made = _inheritance(file)
    if made is None:
        return
    for name, reason in made.dropped.items():
        sys.stderr.write(f"timecone: {name} is not inherited from {made.parent}: {reason}.\n")
    for name, readers in made.shared_choices.items():
        sys.stderr.write(
            f"timecone: {name}, inherited from {made.parent}, still decides {', '.join(readers)}.\n"
        )
    # Clauses say what they are about; one text does not.
    if "conditions" in made.kept and any(name.startswith("parameters.") for name in made.changed):
        sys.stderr.write(
            f"timecone: the conditions are inherited from {made.parent}, but not all inputs:"
            " state anew what no longer holds.\n"
        )


def inheritance_table(file: Path) -> dict[str, Any] | None:
    """Return the same as plain lists; None where the file extends none."""
    made = _inheritance(file)
    if made is None:
        return None
    return {
        "extends": made.parent,
        "changes": list(made.changed),
        "adds": list(made.added),
        "removes": list(made.removed),
        "drops": dict(made.dropped),
        "keeps": list(made.kept),
    }


def _inheritance(file: Path) -> Inheritance | None:
    from timecone.scenario.inheritance import inheritance

    return inheritance(file)


def _print(verb: str, names: Iterable[str]) -> None:
    text = ", ".join(names)
    if text:
        first, rest = f"  {verb:<8}", " " * 10
        plain(textwrap.fill(text, _WIDTH, initial_indent=first, subsequent_indent=rest,
                            break_long_words=False, break_on_hyphens=False))  # fmt: skip


def _counted(names: Iterable[str]) -> str:
    """Return how many entries of each section, the sections without entries by their name."""
    sections = Counter(name.partition(".")[0].partition(":")[0] for name in names)
    return ", ".join(
        f"{count} {section}" if section in _SECTIONS else section for section, count in sections.items()
    )


_SECTIONS = ("parameters", "quantities", "choices", "components", "conditions", "correlations")
