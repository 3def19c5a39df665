"""Scenario files altered at random: broken ones, other orders of tables, and corrupted text."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from hypothesis import strategies as st

from generated import scenarios

type Path = tuple[str | int, ...]


def _nested(depth: int, table: bool) -> Any:
    inner: Any = 1
    for _ in range(depth):
        inner = {"a": inner} if table else [inner]
    return inner


#: What no author would write.
STRANGE: tuple[Any, ...] = (
    1e308, -1e308, 1.7e308, 5e-324, -0.0, 0.0, 0, 1, -1, 2.5, 1e-300, 1e300, float("nan"), float("inf"),
    -float("inf"), 10**400, -(10**400), 2**63, 2**64, 10**18, True, False, "", " ", "x", "0.5", "nan", "\n",
    "\0", "é", "日本", "\U0001f600", "a\nb", "..", "/", "q0", "tai", "threshold", "%", "x" * 3000, "(" * 300,
    "1 / 0", "q0 +", "year", "percentiles", "mixture", "scipy.norm",
    "scipy.", date(1, 1, 1), date(9999, 12, 31), datetime(2026, 8, 22, tzinfo=UTC), [], {}, [[]], [{}],
    {"": 1}, [0.5], [1, 2], [1e308, -1e308], [float("nan")], ["a", "b"], [True], {"low": 2, "high": 1},
    {"low": 1e308}, {"distribution": "normal"}, {"by": "threshold"}, {"expression": "1"},
    _nested(40, table=False), _nested(40, table=True),
)  # fmt: skip


class Broken(NamedTuple):
    """A file's content, the places in it that were altered, and the keys and texts that lay there before."""

    content: dict[str, Any]
    places: list[Path]
    before: set[str]


def places(value: Any, here: Path = ()) -> list[Path]:
    """Return the path of every key and element, outer ones first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, deeper in inner for path in [(*here, key), *places(deeper, (*here, key))]]


def words(value: Any) -> set[str]:
    """Return the keys and texts in a value: what else may miss when it goes."""
    if isinstance(value, dict):
        return set(value) | {word for inner in value.values() for word in words(inner)}
    if isinstance(value, list):
        return {word for inner in value for word in words(inner)}
    return {value} if isinstance(value, str) else set()


def at(content: Any, path: Path) -> Any:
    """Return what lies at a path."""
    for step in path:
        content = content[step]
    return content


@st.composite
def broken(draw: st.DrawFn, baseline: dict[str, Any], most: int = 3) -> Broken:
    """Return a generated file with one or a few alterations; some of them are harmless."""
    content = draw(scenarios(baseline))
    altered: list[Path] = []
    before: set[str] = set()
    for _ in range(draw(st.integers(1, most))):
        path = draw(st.sampled_from(places(content)))
        before |= words(at(content, path)) | {str(path[-1])}
        altered.append(_alter(draw, content, path))
    return Broken(content, altered, {word for word in before if len(word) > 1})


def _alter(draw: st.DrawFn, content: Any, path: Path) -> Path:
    """Alter what lies at a path, in place; return what was altered."""
    holder, key = at(content, path[:-1]), path[-1]
    value = holder[key]
    act = draw(st.sampled_from(["strange", "strange", "delete", "misspell", "extreme", "add", "level"]))
    if act == "delete":
        del holder[key]
    elif act == "misspell" and isinstance(key, str):
        cut = draw(st.integers(0, len(key)))
        other = key[:cut] + draw(st.sampled_from(["", "x", "_", " ", ".", "é", "\n"])) + key[cut + 1 :]
        holder[other] = holder.pop(key)
        path = (*path[:-1], other)
    elif act == "add" and isinstance(holder, dict):
        other = draw(st.sampled_from(["p50", "p5", "low", "note", "unit", "by", "file", "extends", "x y",
                                      ""]))  # fmt: skip
        holder[other] = draw(st.sampled_from(STRANGE))
        path = (*path[:-1], other)
    elif act == "level" and isinstance(key, str) and key[1:].isdigit():
        # The same level in other words, or one that lies at the same place.
        other = draw(st.sampled_from([f"{key}_0", f"{key}_00", f"{key}_1", "p0", "p100", "p5"]))
        holder[other] = value
        path = (*path[:-1], other)
    elif act == "extreme" and isinstance(value, (int, float)) and not isinstance(value, bool):
        scale = draw(st.sampled_from([-1.0, 0.0, 1e-12, 1e12, 1e-150, 1e150, 1e300, 1e-300]))
        holder[key] = float(value) * scale if abs(value) < 1e300 else scale
    else:
        holder[key] = copy.deepcopy(draw(st.sampled_from(STRANGE)))
    return path


@st.composite
def shuffled(draw: st.DrawFn, table: dict[str, Any]) -> dict[str, Any]:
    """Return the tables of parameters, quantities and the file itself in another order."""
    result = {key: table[key] for key in draw(st.permutations(sorted(table)))}
    for section in ("parameters", "quantities"):
        result[section] = {
            key: result[section][key] for key in draw(st.permutations(sorted(result[section])))
        }
    return result


_SCRAPS = (b"", b"\0", b"\xff", b"\xc3", b"\n", b"[", b"]", b"[[[[", b"{", b"}", b'"', b"'''", b"=", b"#",
           b".", b"nan", b"-inf", b"1e999", b"9" * 5000, b"[" * 3000, b"0x", b"2026-02-30", b"\xef\xbb\xbf",
           b"\r", b"\t", b"a.b.c = 1\n", b"[parameters]\n", b"[[choices]]\n",
           b"extends = 'nothing.toml'\n")  # fmt: skip


@st.composite
def corrupted(draw: st.DrawFn, text: bytes) -> bytes:
    """Return the bytes of a file with pieces cut out, put in, moved or doubled."""
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 60)))
        act = draw(st.sampled_from(["replace", "double", "move", "end", "lines"]))
        if act == "replace":
            text = text[:begin] + draw(st.sampled_from(_SCRAPS) | st.binary(max_size=4)) + text[end:]
        elif act == "double":
            text = text[:end] + text[begin:]
        elif act == "move":
            text = text[:begin] + text[end:] + text[begin:end]
        elif act == "end":
            text = text[:begin]
        else:
            lines = text.splitlines(keepends=True)
            k = draw(st.integers(0, max(len(lines) - 1, 0)))
            text = b"".join([*lines[k:], *lines[:k]])
    return text
