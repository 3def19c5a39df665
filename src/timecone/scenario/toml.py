"""The content of TOML files, before anything is made of it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from timecone.errors import ScenarioError, suggestion


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
        siblings = [p.name for p in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        raise ScenarioError("no such file", where=str(path), remedy=suggestion(path.name, siblings)) from None
    except OSError as error:
        raise ScenarioError(f"cannot be read ({error.strerror})", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise ScenarioError(
            f"not UTF-8 text (byte {error.start})", where=path.name,
            remedy="A scenario is a TOML file.",
        ) from None  # fmt: skip
    except ValueError:
        raise ScenarioError("not a file name", got=str(path)) from None
    return read_text(text, path.name)


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
        raise ScenarioError("TOML syntax: nested too deeply", where=where) from None
    except ValueError as error:
        raise ScenarioError(f"TOML syntax: {error}", where=where) from None
    return content


def _require_printable(content: Any, where: str | None) -> None:
    inner = content.values() if isinstance(content, Mapping) else content if isinstance(content, list) else ()
    for key in content if isinstance(content, Mapping) else ():
        if not key.isprintable():
            raise ScenarioError("a key with unprintable characters", where=where, got=key)
    for value in inner:
        _require_printable(value, where)


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
