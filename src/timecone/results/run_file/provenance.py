"""What a scenario's inputs were fitted to, in one line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

#: What is said of a fit: keys of its history, and words.
_ABOUT_A_FIT = {"as_of": "as of", "seed": "seed", "draws": "draws"}


def history_line(about: Mapping[str, Any]) -> str | None:
    """Return what the table ``[history]`` of a scenario says; None where it says nothing.

    Examples
    --------
    >>> history_line({"sources": [{"name": "runs.csv"}, {"name": "chips.csv"}], "seed": 7})
    'fitted to runs.csv, chips.csv, seed 7'
    """
    if not about:
        return None
    files = about.get("files", about.get("sources", ()))
    named = files if isinstance(files, Mapping) else map(_file_name, _listed(files))
    parts = [f"fitted to {', '.join(map(str, named))}"] if files else ["fitted"]
    parts += [f"{words} {about[key]}" for key, words in _ABOUT_A_FIT.items() if key in about]
    return ", ".join(" ".join(part.split()) for part in parts)


def history_of(scenario: str) -> str | None:
    """Return `history_line` of a scenario file's text, as a run keeps it; None also where it is no TOML."""
    try:
        about = tomllib.loads(scenario).get("history")
    except tomllib.TOMLDecodeError:
        return None
    return history_line(about) if isinstance(about, Mapping) else None


def _listed(files: Any) -> Sequence[Any]:
    return files if isinstance(files, Sequence) and not isinstance(files, str) else [files]


def _file_name(entry: Any) -> str:
    """Return the name of a file from an entry of a history, which may be a name or a table with one."""
    if not isinstance(entry, Mapping):
        return str(entry)
    return next((str(entry[key]) for key in ("file", "name", "path") if key in entry), "?")
