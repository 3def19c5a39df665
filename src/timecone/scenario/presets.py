"""Presets: the scenario files that ship with timecone, by name.

``baseline`` is ``baseline.toml``, ``published/cotra_2020`` the file of that name in ``published``. They are
the files of the folder ``configs`` of the source tree; the wheel holds a copy in ``timecone/presets``.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from timecone.errors import ScenarioError, suggestion
from timecone.preset_files import folder

#: Folder of fitted trends, which a scenario extends and which cannot be run.
FRAGMENTS: Final = "history"


def presets() -> dict[str, str]:
    """Return the scenarios that ship with timecone.

    Returns
    -------
    dict of str to str
        Title by name; the names are what `timecone.load` and the command line take.

    Examples
    --------
    >>> from timecone import presets
    >>> presets()["open_loop"]
    'Open loop: present trends with limits alone, AI does nothing for its own progress'
    """
    files = [path for path in sorted(folder().rglob("*.toml")) if path.parent.name != FRAGMENTS]
    contents = {_name(path): tomllib.loads(path.read_text("utf-8")) for path in files}
    titles = {
        name: str(content.get("title", ""))
        for name, content in contents.items()
        if "model" in content or "extends" in content
    }
    # What the baseline is to the others, it is to the reader: the first.
    first = {"baseline": titles.pop("baseline")} if "baseline" in titles else {}
    return first | titles


def preset_file(name: str) -> Path | None:
    """Return the file of a preset or of a fragment of fitted trends; None where there is no such preset."""
    path = folder() / f"{name}.toml"
    return path if name in _names() and path.is_file() else None


def scenario_file(path: str | Path) -> Path:
    """Return the file that a user means by a path or by the name of a preset.

    A file of that name comes first. Only a name without an ending can be that of a preset.

    Raises
    ------
    ScenarioError
        The name has no ending, and neither a file nor a preset has it.
    """
    path = Path(path)
    if path.suffix or path.exists():
        return path
    name = path.as_posix()
    preset = preset_file(name)
    if preset is None:
        raise ScenarioError(
            "no-such-scenario",
            "no such file and no such preset",
            got=name,
            remedy=suggestion(name, presets()) or "timecone presets lists the presets.",
        )
    return preset


def _name(path: Path) -> str:
    return path.relative_to(folder()).with_suffix("").as_posix()


@cache
def _names() -> frozenset[str]:
    return frozenset(_name(path) for path in folder().rglob("*.toml"))
