"""Entry point: dispatches commands and turns failures into one line and an exit code.

0: done. 1: the run failed, or a published figure differs without a cause that closes the difference. 2: bad
usage or input. 3: more than 1 % of the run's draws failed. 130, 143, 129: stopped by Ctrl-C, SIGTERM, SIGHUP.
"""

from __future__ import annotations

import functools
import os
import sys
import warnings
from contextlib import nullcontext, suppress
from contextvars import copy_context
from typing import Any

import typer
from typer.exceptions import TyperException

# Commands register themselves with the app.
from timecone.cli import (  # noqa: F401
    analysis,
    batch,
    citation,
    commands,
    elicitation,
    estimate,
    explore,
    figures,
    history,
    kernels,
    ledger,
    new,
    pages,
    pool,
    published,
    reweight,
    time_to_next,
)
from timecone.cli.app import INTERRUPTED, KEPT, app
from timecone.cli.interruption import interruption, listening
from timecone.cli.output import compiled, compiling, tolerate_narrow_encodings, visible
from timecone.errors import TimeconeError
from timecone.numerics.compilation import compilation_reported
from timecone.version import __version__


def _fail(message: str, code: int) -> int:
    with suppress(OSError, ValueError):  # nobody may be listening
        sys.stderr.write(f"timecone: {visible(message)}\n")
        sys.stderr.flush()
    return code


@functools.cache
def _command() -> Any:
    """Return the application with all its commands, made once: that takes longer than many a command."""
    return typer.main.get_command(app)


def _call(arguments: list[str]) -> object:
    """Run a command; say so if kernels must be compiled, unless it is to be quiet."""
    if arguments == ["--version"]:
        sys.stdout.write(f"timecone {__version__}\n")
        return 0
    quiet = not {"-q", "--quiet"}.isdisjoint(arguments)
    with nullcontext() if quiet else compilation_reported(compiling, compiled):
        # What a command sets for itself, such as the style of dates, ends with it.
        return copy_context().run(_command(), arguments, standalone_mode=False)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in argv
    argv = [a for a in argv if a != "--debug"]
    if not argv:
        _command()(["--help"], standalone_mode=False)
        return 2
    with listening():
        return _run(argv, debug=debug)


def _explained(error: Exception) -> tuple[str, int]:
    """Return one line about a failure, and the exit code."""
    reason = str(error).splitlines()[0] if str(error) else ""
    match error:
        case TyperException():
            return " ".join(error.format_message().split()), 2
        case TimeconeError():
            return error.line, error.exit_code
        case BrokenPipeError():
            return "the output was closed before all was printed.", 1
        case OSError():
            where = f" ({error.filename})" if error.filename else ""
            return f"{error.strerror or error}{where}.", 1
        case MemoryError():
            return f"not enough memory{f' ({reason})' if reason else ''}.", 1
    return f"internal error: {type(error).__name__}: {reason}. Please report it; --debug shows where.", 1


def _run(arguments: list[str], *, debug: bool) -> int:
    try:
        result = _call(arguments)
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        return _fail("stopped; nothing was finished.", interruption.exit_code)
    except Exception as error:
        if debug:
            raise
        return _fail(*_explained(error))
    code = result if isinstance(result, int) else 0
    # typer turns Ctrl-C into this code and says nothing.
    if code == INTERRUPTED:
        return _fail("stopped; nothing was finished.", interruption.exit_code)
    return interruption.exit_code if code == KEPT else code


def entry() -> None:
    """Run as the ``timecone`` script."""
    tolerate_narrow_encodings()
    warnings.showwarning = _warn
    if sys.stdout is None or sys.stderr is None:  # closed by the shell
        sys.stdout, sys.stderr = (stream or open(os.devnull, "w") for stream in (sys.stdout, sys.stderr))  # noqa: SIM115, PTH123
    code = main()
    try:
        sys.stdout.flush()
    except OSError:
        # Python would complain again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    _fail(f"warning: {message}", 0)
