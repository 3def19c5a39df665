"""The command-line application, with which the modules of commands register themselves."""

from __future__ import annotations

from typing import Final

import typer

app = typer.Typer(
    name="timecone",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Monte Carlo simulation of AI timelines. --version: the version; --debug anywhere: tracebacks.",
)

#: What typer returns of a command that Ctrl-C has stopped.
INTERRUPTED: Final = 130
#: What a command returns that was stopped by a signal and has said itself what it kept.
KEPT: Final = -INTERRUPTED
