"""Entry point: dispatches commands and turns failures into one line and an exit code.

0: done. 1: the run failed. 2: bad usage or input. 130, 143, 129: stopped by Ctrl-C, SIGTERM, SIGHUP.
"""

from __future__ import annotations

import sys

import typer
from typer.exceptions import TyperException

from timecone.cli.interruption import interruption, listening
from timecone.errors import TimeconeError

app = typer.Typer(
    name="timecone",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Monte Carlo simulation of AI timelines. --debug anywhere shows tracebacks.",
)

INTERRUPTED = 130
#: What a command returns that was stopped by a signal and has said itself what it kept.
KEPT = -INTERRUPTED


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"timecone: {message}\n")
    return code


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    given = [a for a in given if a != "--debug"]
    if not given:
        app(["--help"], standalone_mode=False)
        return 2
    with listening():
        return _run(given, debug=debug)


def _run(arguments: list[str], *, debug: bool) -> int:
    try:
        result = app(arguments, standalone_mode=False)
    except TyperException as error:
        if debug:
            raise
        return _fail(" ".join(error.format_message().split()), 2)
    except TimeconeError as error:
        if debug:
            raise
        return _fail(error.line, error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("stopped; nothing was finished.", interruption.exit_code)
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
        return _fail("stopped; nothing was finished.", interruption.exit_code)
    return interruption.exit_code if code == KEPT else code


# Commands register themselves with the app.
from timecone.cli import commands, estimate, figures, history, pages, reweight  # noqa: E402, F401


def entry() -> None:
    """Run as the ``timecone`` script."""
    sys.exit(main())
