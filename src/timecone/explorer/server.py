"""Server of the explorer: on this machine alone unless its user says otherwise."""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import panel as pn
from panel.io.server import Server, get_server
from panel.template import Template

from timecone.errors import ArgumentError
from timecone.explorer.view import Explorer

#: Most bytes of a message of a page.
LARGEST_MESSAGE: Final = 256 * 1024
_LAST_PORT: Final = 65_535
_PAGE: Final = """
{% extends base %}
{% block title %}timecone explore{% endblock %}
{% block preamble %}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; connect-src 'self' data: blob: ws:">
<style>body { margin: 0; background: #fff; }</style>
{% endblock %}
{% block loader %}{% endblock %}
{% block contents %}{{ embed(roots.explorer) }}{% endblock %}
"""


def is_loopback(host: str) -> bool:
    """Return whether a host can be reached from this machine alone.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def server(
    opened: str,
    files: Mapping[str, Path] | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
) -> Server:
    """Return a server of the explorer, which is not running yet.

    Parameters
    ----------
    opened : str
        The scenario to begin with.
    files : mapping of str to Path, optional
        Scenario files that may be opened by name, beside the presets.
    host : str
        Address to listen on.
    port : int
        Port; 0 for any that is free.

    Raises
    ------
    ArgumentError
        The port is out of range.
    """
    if not 0 <= port <= _LAST_PORT:
        raise ArgumentError(
            "setting-out-of-range",
            "port is out of range",
            where="port",
            got=port,
            allowed=f"0 to {_LAST_PORT}",
        )

    def page() -> Template:
        explorer = Explorer(opened, files, address=True)
        pn.state.on_session_destroyed(lambda _: explorer.session.close())
        template = Template(_PAGE)
        template.add_panel("explorer", explorer)
        return template

    listened = port or _free_port(host)
    # Pages of other origins are refused the connection.
    names = ("localhost", "127.0.0.1") if is_loopback(host) else (host,)
    return get_server(
        page,
        address=host,
        port=listened,
        show=False,
        start=False,
        title="timecone explore",
        websocket_max_message_size=LARGEST_MESSAGE,
        websocket_origin=[f"{name}:{listened}" for name in names],
    )


def _free_port(host: str) -> int:
    """Return a port that nobody listens on: the origins that may connect are named with it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def serve_until_stopped(made: Server) -> None:
    """Serve until Ctrl-C, SIGTERM or SIGHUP.

    Bokeh's own way prints on a signal, and goes on if whoever started it no longer reads.
    """
    loop = made.io_loop
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: loop.add_callback_from_signal(loop.stop))
    made.start()
    with suppress(KeyboardInterrupt):
        loop.start()
    made.stop()


def url_of(made: Any, host: str) -> str:
    """Return where a server is reached."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{made.port}/"
