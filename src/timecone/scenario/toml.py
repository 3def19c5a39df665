"""The content of TOML files, before anything is made of it."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from timecone.errors import ScenarioError

_SCENARIO_KEYS: Final = re.compile(r"^\s*((extends|model)\s*=|\[\s*parameters\b)", re.MULTILINE)
_MOST_NEAR: Final = 5
# All but tab and line breaks.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MOST_SHOWN: Final = 60


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file.

    Raises
    ------
    ScenarioError
        The file is missing, cannot be read, or is no TOML.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise ScenarioError(
            "no-such-file", "no such file", where=str(path), remedy=nearest_file(path)
        ) from None
    except OSError as error:
        raise ScenarioError(
            "unreadable-file", f"cannot be read ({error.strerror})", where=str(path)
        ) from None
    except UnicodeDecodeError as error:
        raise ScenarioError(
            "not-utf8",
            f"not UTF-8 text (byte {error.start})",
            where=path.name,
            remedy="A scenario is a TOML file.",
        ) from None
    except ValueError:
        raise ScenarioError("not-a-file-name", "not a file name", got=str(path)) from None
    return read_text(text, path.name)


def nearest_file(path: Path) -> str | None:
    """Return "Did you mean ...?" for the scenario beside ``path`` whose name is nearest, if any is near."""
    try:
        # Without the ending, which all of them share.
        siblings = {p.stem: p for p in sorted(path.parent.glob("*.toml")) if p.name != path.name}
    except (OSError, ValueError):
        return None
    for stem in difflib.get_close_matches(path.name.removesuffix(".toml"), siblings, n=_MOST_NEAR):
        if _looks_like_a_scenario(siblings[stem]):
            return f"Did you mean {siblings[stem].name!r}?"
    return None


def _looks_like_a_scenario(path: Path) -> bool:
    """Return whether a file has a scenario's keys, be it otherwise broken; a project's settings have not."""
    try:
        return _SCENARIO_KEYS.search(path.read_text(encoding="utf-8")) is not None
    except (OSError, ValueError):
        return False


def read_text(text: str, where: str | None = None) -> dict[str, Any]:
    """Return the content of TOML text; ``where`` names it in a complaint.

    Raises
    ------
    ScenarioError
        It is no TOML, or a key holds what cannot be shown in one line.
    """
    try:
        content = tomllib.loads(text)
        _require_printable(content, where)
    except RecursionError:
        raise ScenarioError("toml-syntax", "TOML syntax: nested too deeply", where=where) from None
    except ValueError as error:
        raise ScenarioError("toml-syntax", f"TOML syntax: {error}", where=where) from None
    return content


def _require_printable(content: Any, where: str | None, *keys: str) -> None:
    """Refuse control characters: they would reach terminals, pages and pictures."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            if not key.isprintable():
                raise ScenarioError(
                    "unprintable-key", "a key with unprintable characters", where=where, got=key
                )
            _require_printable(value, where, *keys, key)
    elif isinstance(content, list):
        for value in content:
            _require_printable(value, where, *keys)
    elif isinstance(content, str):
        require_printable_text(content, ": ".join(part for part in (where, ".".join(keys)) if part))


def require_printable_text(text: str, where: str = "") -> None:
    """Refuse a text with control characters.

    Raises
    ------
    ScenarioError
        It has one, other than a tab or a line break.
    """
    if _CONTROL.search(text):
        raise ScenarioError(
            "control-characters",
            "a text with control characters",
            where=where or None,
            got=text[:_MOST_SHOWN],
            allowed="printable characters, line breaks and tabs",
        )


def rebased(content: Any, folder: Path) -> Any:
    """Return content whose file names, stated from ``folder``, are stated from where that name is."""
    if folder == Path():
        return content
    return _with_files(content, lambda file: str(folder / file))


def _with_files(content: Any, change: Callable[[str], str]) -> Any:
    if isinstance(content, Mapping):
        return {
            key: change(value) if key == "file" and isinstance(value, str) else _with_files(value, change)
            for key, value in content.items()
        }
    if isinstance(content, list):
        return [_with_files(value, change) for value in content]
    return content
