"""Entry point: dispatches commands and turns failures into one line and an exit code.

0: done. 1: the run failed. 2: bad usage or input. 130: stopped by Ctrl-C.
"""

from __future__ import annotations

import sys

import click
import typer

from timecone.errors import TimeconeError

app = typer.Typer(
    name="timecone",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Monte Carlo simulation of AI timelines. --debug anywhere shows tracebacks.",
)

_INTERRUPTED = 130


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"timecone: {message}\n")
    return code


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    given = [a for a in given if a != "--debug"]
    try:
        result = app(given, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stdout.write(error.format_message() + "\n")
        return 2
    except click.ClickException as error:
        if debug:
            raise
        return _fail(" ".join(error.format_message().split()), 2)
    except TimeconeError as error:
        if debug:
            raise
        return _fail(error.line, error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _fail("stopped; nothing was finished.", _INTERRUPTED)
    except Exception as error:
        if debug:
            raise
        reason = str(error).splitlines()[0] if str(error) else ""
        return _fail(
            f"internal error: {type(error).__name__}: {reason}. Please report it; --debug shows where.",
            1,
        )
    return result if isinstance(result, int) else 0


# Commands register themselves with the app.
from timecone.cli import commands  # noqa: E402, F401


def entry() -> None:
    """Run as the ``timecone`` script."""
    sys.exit(main())
