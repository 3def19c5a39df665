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
from timecone.explorer.session import MANY, require_many
from timecone.explorer.view import Explorer

#: Most bytes of a message of a page.
LARGEST_MESSAGE: Final = 256 * 1024
_LAST_PORT: Final = 65_535
#: Names of this machine in the addresses of pages.
_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
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
    many: int = MANY,
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
    many : int
        Draws of the long run that a page can request.

    Raises
    ------
    ArgumentError
        The port or the number of draws is out of range, or nothing can listen on the address.
    """
    require_many(many)
    if not 0 <= port <= _LAST_PORT:
        raise ArgumentError(
            "setting-out-of-range",
            "port is out of range",
            where="port",
            got=port,
            allowed=f"0 to {_LAST_PORT}",
        )

    def page() -> Template:
        explorer = Explorer(opened, files, address=True, many=many)
        pn.state.on_session_destroyed(lambda _: explorer.session.close())
        template = Template(_PAGE)
        template.add_panel("explorer", explorer)
        return template

    listened = _usable_port(host, port)
    # Pages of other origins are refused the connection.
    origins = {f"{name}:{listened}" for name in _names(host)}
    made = get_server(
        page,
        address=host,
        port=listened,
        show=False,
        start=False,
        title="timecone explore",
        websocket_max_message_size=LARGEST_MESSAGE,
        websocket_origin=sorted(each for each in origins if not each.startswith("[")),
    )
    # Bokeh compares origins with colons, but takes none of them as an argument.
    made._tornado.websocket_origins.update(origins)  # noqa: SLF001 - no public way
    return made


def _usable_port(host: str, port: int) -> int:
    """Return the port, or one that nobody listens on: the origins that may connect are named with it.

    Raises
    ------
    ArgumentError
        There is no such address on this machine, or the port is taken.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except (OSError, UnicodeError) as error:
        raise ArgumentError(
            "cannot-listen",
            f"nothing can listen there ({getattr(error, 'strerror', None) or error})",
            where="host, port",
            got=f"{host[:80]}, {port}",
            allowed="an address of this machine and a free port",
        ) from None


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
    return f"http://{_in_url(host)}:{made.port}/"


def _names(host: str) -> set[str]:
    """Return the names by which pages may call a host; those of this machine where it listens everywhere."""
    names = {_in_url(host)}
    if is_loopback(host):
        names.update(_LOOPBACK)
    elif _is_everywhere(host):
        own = socket.gethostname()
        names.update(_LOOPBACK, {own.lower(), socket.getfqdn().lower()})
        with suppress(OSError):
            names.update(_in_url(str(address[0])) for *_, address in socket.getaddrinfo(own, None))
    return names


def _is_everywhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _in_url(host: str) -> str:
    """Return a host as URLs have it: an IPv6 address in brackets.

    >>> _in_url("::1"), _in_url("localhost")
    ('[::1]', 'localhost')
    """
    return f"[{host}]" if ":" in host else host.lower()
