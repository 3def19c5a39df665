"""Titles of choices: what each value of a choice means, as a clause that follows "if".

A scenario file states them as ``meanings`` of ``[choices.NAME]``, and every run carries its scenario. Without
them the clause is made from the names: "threshold is bio anchors".
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import xarray as xr


def choice_clause(run: xr.DataTree, choice: str, value: str) -> str:
    """Return the clause that says what a value of a choice means.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    choice, value : str
        Names, as the scenario file has them.
    """
    meanings = _stated(run, choice).get("meanings", {})
    clause = meanings.get(value) if isinstance(meanings, Mapping) else None
    return str(clause) if clause else f"{spaced(choice)} is {spaced(value)}"


def choice_title(run: xr.DataTree, choice: str) -> str:
    """Return the title of a choice, from its name where the scenario states none."""
    return str(_stated(run, choice).get("title") or spaced(choice))


def spaced(name: str) -> str:
    """Return a name with blanks in place of underscores.

    Examples
    --------
    >>> spaced("bio_anchors")
    'bio anchors'
    """
    return name.replace("_", " ")


def _stated(run: xr.DataTree, choice: str) -> Mapping[str, Any]:
    table = _choices_of(str(run.attrs.get("scenario", ""))).get(choice, {})
    return table if isinstance(table, Mapping) else {}


@lru_cache(maxsize=8)
def _choices_of(scenario: str) -> Mapping[str, Any]:
    """Return the choices of a scenario file's text, as a run keeps it; none where it is not TOML."""
    try:
        choices = tomllib.loads(scenario).get("choices", {})
    except tomllib.TOMLDecodeError:
        return {}
    return choices if isinstance(choices, Mapping) else {}
