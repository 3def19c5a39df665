"""Where the command line writes: results, progress."""

from __future__ import annotations

import io
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from timecone.simulation.run import Progress as ProgressCall

WIDTH = 118
# All but tab and line break.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def console(width: int = WIDTH) -> Console:
    """Return the console for results; at least so wide where output is no terminal."""
    fixed = None if sys.stdout.isatty() else max(width, shutil.get_terminal_size((0, 0)).columns)
    return Console(width=fixed, highlight=False, soft_wrap=False)


def plain(text: str) -> None:
    """Print a line, unwrapped; control characters in it are printed as their codes."""
    sys.stdout.write(f"{visible(text)}\n")


def visible(text: str) -> str:
    r"""Return a text with its control characters, but line breaks and tabs, as codes.

    Examples
    --------
    >>> print(visible("red " + chr(27) + "[31m"))
    red \x1b[31m
    """
    return _CONTROL.sub(lambda character: ascii(character[0])[1:-1], text)


def tolerate_narrow_encodings() -> None:
    """Let characters that the terminal or a file does not know be written as codes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[ProgressCall | None]:
    """Show draws done, rate and time left on the error stream, where that is a terminal.

    What is called before the first draw says so if kernels must be compiled.
    """
    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        yield _announce
        return
    bar = Progress(
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} draws"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("draws", total=1, rate="")

        def advance(done: int, wanted: int) -> None:
            if done == 0 and _is_cold():
                bar.console.print(_COMPILING)
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            rate = f"{speed:,.0f} draws/s" if speed else ""
            bar.update(task, completed=done, total=wanted, rate=rate)

        yield advance


_COMPILING = "Compiling the kernels, once for this version (some seconds) ..."


def _announce(done: int, wanted: int) -> None:
    if done == 0 and wanted and _is_cold():
        sys.stderr.write(f"{_COMPILING}\n")


def _is_cold() -> bool:
    """Return whether the model's kernels were never compiled on this machine."""
    from timecone.numerics.compiled import cache_folder

    folder = cache_folder()
    return folder is None or not any(folder.glob("compute*"))
