"""The public call: the explorer of a scenario, in a notebook."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from timecone.errors import ArgumentError
from timecone.scenario.file import dumps
from timecone.scenario.presets import preset_file, scenario_file
from timecone.scenario.scenario import Scenario

if TYPE_CHECKING:
    from timecone.explorer.view import Explorer


def explore(scenario: Scenario | str | Path = "baseline") -> Explorer:
    """Return the explorer of a scenario, which a notebook shows: sliders for every input, and the answer.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, the name of a preset, or a scenario file.

    Returns
    -------
    Explorer
        A Panel component. ``timecone explore`` serves the same page to a browser.

    Raises
    ------
    ArgumentError
        Panel is not installed.
    ScenarioError
        There is no such file and no such preset.

    Examples
    --------
    >>> import timecone as tc
    >>> explorer = tc.explore("open_loop")
    >>> explorer.session.opened
    'open_loop'
    """
    require_panel()
    import panel as pn  # noqa: PLC0415 - an extra

    from timecone.explorer.view import Explorer  # noqa: PLC0415 - needs Panel

    if _is_notebook():
        pn.extension(inline=True)
    if isinstance(scenario, Scenario):
        folder = Path(tempfile.mkdtemp(prefix="timecone-explore-"))
        path = folder / f"{scenario.name}.toml"
        path.write_text(dumps(scenario), encoding="utf-8")
        explorer = Explorer(scenario.name, {scenario.name: path}, whole=True)
        weakref.finalize(explorer, shutil.rmtree, folder, ignore_errors=True)
        return explorer
    opened, files = named(scenario)
    return Explorer(opened, files)


def named(scenario: str | Path) -> tuple[str, dict[str, Path]]:
    """Return a scenario's name in addresses, and the file that it stands for unless it is a preset.

    Raises
    ------
    ScenarioError
        There is no such file and no such preset.

    Examples
    --------
    >>> named("baseline")
    ('baseline', {})
    """
    path = scenario_file(scenario)
    name = Path(scenario).as_posix()
    if preset_file(name) == path:
        return name, {}
    return f"file/{path.stem}", {f"file/{path.stem}": path}


def require_panel() -> None:
    """Refuse in one line where Panel is not installed.

    Raises
    ------
    ArgumentError
        It is not.
    """
    if importlib.util.find_spec("panel") is None:
        raise ArgumentError(
            "panel-missing",
            "the explorer needs Panel",
            where="panel",
            remedy="Install timecone with its extra: pip install 'timecone[explore]'.",
        )


def _is_notebook() -> bool:
    """Return whether a notebook's kernel runs this."""
    kernel = sys.modules.get("IPython")
    shell = kernel.get_ipython() if kernel else None
    return shell is not None and hasattr(shell, "kernel")
