"""Correlations of many inputs at once, written out as pairs.

A table of ``[[correlations]]`` states one rank correlation for two inputs, ``between = ["a", "b"]``, for all
pairs of a list, ``among = ["a", "b", "c"]``, or for each input of one list with each of another one,
``between = [["a", "b"], ["c", "d"]]``. Content that is read holds pairs only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

from timecone.errors import ScenarioError


def with_pairs(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a file with every block of correlations written out as pairs.

    Raises
    ------
    ScenarioError
        A block is not a list of names, or names an input twice.
    """
    tables = content.get("correlations")
    if not isinstance(tables, list):
        return dict(content)
    pairs = [pair for k, table in enumerate(tables) for pair in _pairs(table, f"correlations[{k}]")]
    return {**content, "correlations": pairs}


def _pairs(table: Any, where: str) -> Iterator[Any]:
    if not isinstance(table, Mapping):
        yield table  # which is refused elsewhere
        return
    rest = {key: value for key, value in table.items() if key not in ("among", "between")}
    if "among" in table:
        if "between" in table:
            raise ScenarioError("correlation-block", "either among or between, not both", where=where)
        names = _names(table["among"], f"{where}.among", least=2)
        _require_distinct(names, f"{where}.among")
        for pair in combinations(names, 2):
            yield {"between": list(pair), **rest}
        return
    sides = table.get("between")
    if not isinstance(sides, list) or not (list in (kinds := {*map(type, sides)}) and kinds <= {list, str}):
        yield table  # a pair, or what is refused elsewhere
        return
    if len(sides) != 2:  # noqa: PLR2004
        raise ScenarioError(
            "correlation-block",
            "not two lists of names",
            where=f"{where}.between",
            got=sides,
            allowed='for instance [["a", "b"], ["c", "d"]]',
        )
    lists = [
        _names(side if isinstance(side, list) else [side], f"{where}.between[{k}]", least=1)
        for k, side in enumerate(sides)
    ]
    _require_distinct([*lists[0], *lists[1]], f"{where}.between")
    for first, second in product(*lists):
        yield {"between": [first, second], **rest}


def _names(names: Any, where: str, *, least: int) -> list[str]:
    if not isinstance(names, list) or len(names) < least or not all(isinstance(n, str) for n in names):
        raise ScenarioError(
            "correlation-block",
            "not a list of names",
            where=where,
            got=names,
            allowed=f"{least} or more names of inputs",
        )
    return names


def _require_distinct(names: list[str], where: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ScenarioError("correlation-pair-repeated", "an input stands twice", where=where, got=name)
