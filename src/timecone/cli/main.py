"""Entry point: dispatches commands and turns failures into one line and an exit code.

0: done. 1: the run failed. 2: bad usage or input. 3: more than 1 % of the run's draws failed. 130: stopped by
Ctrl-C.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext

import typer
from typer.exceptions import TyperException

from timecone import __version__
from timecone.cli.output import compiled, compiling
from timecone.errors import TimeconeError
from timecone.numerics.compilation import compilation_reported

app = typer.Typer(
    name="timecone",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Monte Carlo simulation of AI timelines. --version: the version; --debug anywhere: tracebacks.",
)

INTERRUPTED = 130
#: What a command returns that was stopped by Ctrl-C and has said itself what it kept.
KEPT = -INTERRUPTED


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"timecone: {message}\n")
    return code


def _call(arguments: list[str]) -> object:
    """Run a command; say so if kernels must be compiled, unless it is to be quiet."""
    if arguments == ["--version"]:
        sys.stdout.write(f"timecone {__version__}\n")
        return 0
    quiet = not {"-q", "--quiet"}.isdisjoint(arguments)
    with nullcontext() if quiet else compilation_reported(compiling, compiled):
        return app(arguments, standalone_mode=False)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    given = [a for a in given if a != "--debug"]
    if not given:
        app(["--help"], standalone_mode=False)
        return 2
    try:
        result = _call(given)
    except TyperException as error:
        if debug:
            raise
        return _fail(" ".join(error.format_message().split()), 2)
    except TimeconeError as error:
        if debug:
            raise
        return _fail(error.line, error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("stopped; nothing was finished.", INTERRUPTED)
    except Exception as error:
        if debug:
            raise
        reason = str(error).splitlines()[0] if str(error) else ""
        return _fail(
            f"internal error: {type(error).__name__}: {reason}. Please report it; --debug shows where.",
            1,
        )
    code = result if isinstance(result, int) else 0
    # typer turns Ctrl-C into this code and says nothing.
    if code == INTERRUPTED:
        return _fail("stopped; nothing was finished.", INTERRUPTED)
    return INTERRUPTED if code == KEPT else code


# Commands register themselves with the app.
from timecone.cli import commands, estimate, figures, history, pages, reweight  # noqa: E402, F401


def entry() -> None:
    """Run as the ``timecone`` script."""
    sys.exit(main())
