"""Where the command line writes: results, progress."""

from __future__ import annotations

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


def console(width: int = WIDTH) -> Console:
    """Return the console for results; at least so wide where output is no terminal."""
    fixed = None if sys.stdout.isatty() else max(width, shutil.get_terminal_size((0, 0)).columns)
    return Console(width=fixed, highlight=False, soft_wrap=False)


def plain(text: str) -> None:
    """Print a line as it is, unwrapped."""
    sys.stdout.write(f"{text}\n")


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
        "timecone: compiling kernels, once for this version: some seconds, before a first run one to two"
        " minutes ...\n"
    )


def compiled(seconds: float) -> None:
    """Say how long compiling the kernels took."""
    sys.stderr.write(f"timecone: compiling took {seconds:.0f} s.\n")
