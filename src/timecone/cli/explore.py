"""The explorer on the command line: a page served to this machine, or one file to send."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from timecone.cli.app import app
from timecone.cli.output import plain
from timecone.errors import ArgumentError


@app.command()
def explore(
    scenario: Annotated[
        Path, typer.Argument(metavar="[SCENARIO]", help="Scenario file (TOML), or the name of a preset.")
    ] = Path("baseline"),
    host: Annotated[
        str, typer.Option(help="Address to listen on; another than this machine's own opens it to others.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; any that is free by default.")] = 0,
    browser: Annotated[bool, typer.Option(help="Whether to open a browser.")] = True,
    static: Annotated[bool, typer.Option("--static", help="Write one HTML file to send, and end.")] = False,
    inputs: Annotated[
        str | None,
        typer.Option(
            help="With --static: up to three inputs, separated by commas; by default the strongest."
        ),
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(
            "--draws",
            "-n",
            help="Draws of the long run on request, by default 1 million; with --static, draws at each point,"
            " by default 20 000.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="With --static: file to write; NAME.html by default.")
    ] = None,
) -> int:
    """Open a page with a slider for every input of a scenario, and the answer beside it."""
    from timecone.explorer.open import named, require_panel

    opened, files = named(scenario)
    if static:
        from timecone.explorer.static import write_page

        path = out or Path(f"{scenario.stem}.html")
        keys = None if inputs is None else [part.strip() for part in inputs.split(",")]
        page = write_page(
            opened, files, path, keys=keys, draws=20_000 if draws is None else draws, told=plain
        )
        plain(f"{page}  {page.stat().st_size / 1e6:.2f} MB")
        return 0
    if inputs is not None or out is not None:
        raise ArgumentError(
            "option-of-static-page",
            "only a static page has it",
            where="--inputs, --out",
            remedy="Add --static.",
        )
    require_panel()
    from timecone.explorer.server import is_loopback, serve_until_stopped, server, url_of
    from timecone.explorer.session import MANY
    from timecone.scenario.file import load

    host = host.removeprefix("[").removesuffix("]")  # as addresses of pages have IPv6
    load(scenario)  # what is wrong with it is said here, not in the page
    made = server(opened, files, host=host, port=port, many=MANY if draws is None else draws)
    if not is_loopback(host):
        sys.stderr.write(
            f"timecone: warning: everybody who reaches {host} can use the page and this machine.\n"
        )
    address = url_of(made, host)
    plain(f"{address}  (Ctrl-C ends it)")
    sys.stdout.flush()
    if browser:
        import webbrowser

        webbrowser.open(address)
    serve_until_stopped(made)
    return 0
