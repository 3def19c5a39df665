"""Files with published figures: a scenario, or a calculation from facts, and the table ``[published]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from timecone.errors import ScenarioError, UsageError, suggestion, unknown_key
from timecone.preset_files import folder
from timecone.published.calculations import CALCULATIONS
from timecone.published.corrections import CORRECTIONS
from timecone.scenario.file import load, parse
from timecone.scenario.inheritance import read_changed
from timecone.scenario.presets import scenario_file
from timecone.scenario.published import ChangeInput, PublishedInput, read_published_table
from timecone.scenario.published_problems import published_problems
from timecone.scenario.scenario import Scenario
from timecone.scenario.specs import plain
from timecone.scenario.toml import read_toml

#: Folder of the presets with published figures.
FOLDER: Final = "published"
_OF_CALCULATIONS: Final = ("name", "title", "published")
_OF_SCENARIOS: Final = ("model", "extends")


@dataclass(frozen=True)
class PublishedFile:
    """A file with published figures.

    Attributes
    ----------
    name : str
        Name of the preset, or the file's name.
    path : Path
        Where it lies.
    published : PublishedInput
        What was published.
    scenario : Scenario or None
        What is run; None where a calculation is repeated.
    """

    name: str
    path: Path
    published: PublishedInput
    scenario: Scenario | None

    def changed(self, change: ChangeInput) -> Scenario | None:
        """Return the scenario with a change; None of a calculation.

        Raises
        ------
        ScenarioError, UnitError, DistributionError
            The change makes no valid scenario.
        """
        if change.preset is None and change.scenario is None:
            return self.scenario
        try:
            if change.preset is not None:
                return load(change.preset)
            return parse(read_changed(self.path, plain(change.scenario)), self.path.parent)
        except UsageError as error:
            raise error.at(f"{self.path.name}: published.changes: ") from None


def published_files(names: Sequence[str] = ()) -> list[PublishedFile]:
    """Return files with published figures, read and validated.

    Parameters
    ----------
    names : sequence of str
        Paths, or names of presets with or without their folder; all presets with published figures by
        default, in the order of their dates.

    Raises
    ------
    ScenarioError, UnitError, DistributionError
        A file is missing, holds no published figures, or something in it is wrong.

    Examples
    --------
    >>> [file.name for file in published_files(["cotra_2020"])]
    ['cotra_2020']
    """
    if names:
        return [read_published(_path(name)) for name in names]
    every = [read_published(path) for path in sorted((folder() / FOLDER).glob("*.toml"))]
    return sorted(every, key=lambda file: file.published.date)


def _path(name: str) -> Path:
    short = folder() / FOLDER / f"{name}.toml"
    if Path(name).suffix == "" and not Path(name).exists() and short.is_file():
        return short
    try:
        return scenario_file(name)
    except ScenarioError as error:
        known = [path.stem for path in (folder() / FOLDER).glob("*.toml")]
        raise ScenarioError(error.code, error.what, got=name, remedy=suggestion(name, known)) from None


def read_published(path: Path) -> PublishedFile:
    """Return a file with published figures.

    Raises
    ------
    ScenarioError, UnitError, DistributionError
        As `published_files`.
    """
    content = read_toml(path)
    if "published" not in content:
        raise ScenarioError(
            "no-published-figures",
            "the file states no published figures",
            where=path.name,
            remedy="Write [published], as docs/how-to/published.md says.",
        )
    if any(key in content for key in _OF_SCENARIOS):
        scenario = load(path)
        assert scenario.published is not None
        published = scenario.published
    else:
        scenario = None
        try:
            published = _calculation(content)
        except UsageError as error:
            raise error.at(f"{path.name}: ") from None
    for name, change in published.changes.items():
        if change.after is not None and change.after not in CORRECTIONS:
            raise ScenarioError(
                "unknown-correction",
                "no such correction of dates",
                where=f"{path.name}: published.changes.{name}.after",
                got=change.after,
                remedy=suggestion(change.after, CORRECTIONS),
            )
    file = PublishedFile(path.stem, path, published, scenario)
    for name, change in published.changes.items():
        changed = file.changed(change)
        if changed is not None:
            for problem in published_problems(changed, published, name):
                raise problem.at(f"{path.name}: ")
    return file


def _calculation(content: Mapping[str, Any]) -> PublishedInput:
    """Return the published figures of a file that is no scenario."""
    for key in content:
        if key not in _OF_CALCULATIONS:
            raise unknown_key(key, _OF_CALCULATIONS)
    published = read_published_table(content["published"])
    if published.calculation not in CALCULATIONS:
        raise ScenarioError(
            "unknown-calculation",
            "no such calculation",
            where="published.calculation",
            got=published.calculation,
            remedy=suggestion(str(published.calculation), CALCULATIONS),
        )
    return published
