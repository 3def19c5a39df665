"""Where the command line writes: results, progress."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from timecone.simulation.run import Progress as ProgressCall

#: Width of what is not printed on a terminal: always the same, so that files do not depend on a window.
WIDTH = 118
# All but tab and line break.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def console() -> Console:
    """Return the console for results: as wide as the terminal, or of a fixed width where there is none."""
    width = None if sys.stdout.isatty() else WIDTH
    return Console(width=width, highlight=False, soft_wrap=False)


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
    """Show draws done, rate and time left on the error stream, where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
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
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            rate = f"{speed:,.0f} draws/s" if speed else ""
            bar.update(task, completed=done, total=wanted, rate=rate)

        yield advance


def compiling() -> None:
    """Say that kernels are being compiled."""
    sys.stderr.write(
        "timecone: compiling kernels, once for this version: some seconds, before a first run about half a"
        " minute; 'timecone compile' does it ahead ...\n"
    )


def compiled(seconds: float) -> None:
    """Say how long compiling the kernels took."""
    sys.stderr.write(f"timecone: compiling took {seconds:.0f} s.\n")
