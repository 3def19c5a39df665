"""Commands in processes of their own that save checkpoints quickly, for tests that kill them.

Every command is a fork of a server that has imported timecone and loaded the kernels: so a command costs only
what it does. ``python slow_run.py FILE`` is the server, and FILE a small scenario. It reads orders from its
input, a line of JSON each, and answers each with a number.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Self

# Answer about a command that has not ended.
_RUNS = 1000
_LONGEST = 120.0


class Commands:
    """The server, and the commands that it starts; a context manager.

    Parameters
    ----------
    scenario : Path
        A small scenario, of which some draws are made to load the kernels.
    folder : Path
        Where what the commands print is kept.
    """

    def __init__(self, scenario: Path, folder: Path) -> None:
        self._folder, self._count = folder, 0
        self._server = subprocess.Popen(
            [sys.executable, __file__, str(scenario)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        """Return the server."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the server."""
        self._server.communicate(timeout=60)

    def begin(
        self, *arguments: object, checkpoints: float = 0.1, pause: float = 0.0, writing: float = 0.0
    ) -> Command:
        """Start a command.

        Parameters
        ----------
        *arguments : object
            Of ``timecone``.
        checkpoints : float
            Seconds between two checkpoints.
        pause : float
            Seconds to sleep before each block of draws.
        writing : float
            Seconds to sleep in the middle of each file that is written.
        """
        self._count += 1
        out, err = (self._folder / f"{self._count}.{name}" for name in ("out", "err"))
        for path in (out, err):
            path.touch()
        delays = [checkpoints, pause, writing]
        number = self.ask("begin", str(out), str(err), delays, [str(argument) for argument in arguments])
        return Command(self, number, out, err)

    def run(self, *arguments: object, **delays: float) -> Command:
        """Start a command and wait for its end."""
        command = self.begin(*arguments, **delays)
        command.wait()
        return command

    def ask(self, *order: Any) -> int:
        """Send an order; return the answer."""
        self._server.stdin.write(f"{json.dumps(order)}\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())


class Command:
    """A command that was started."""

    def __init__(self, commands: Commands, number: int, out: Path, err: Path) -> None:
        self._commands, self._number, self._out, self._err = commands, number, out, err
        self.code: int | None = None

    @property
    def out(self) -> str:
        """What it has printed."""
        return self._out.read_text("utf-8")

    @property
    def err(self) -> str:
        """Its messages."""
        return self._err.read_text("utf-8")

    def send(self, number: int) -> None:
        """Send a signal."""
        os.kill(self._number, number)

    def is_running(self) -> bool:
        """Return whether it still runs."""
        if self.code is None:
            code = self._commands.ask("poll", self._number)
            self.code = None if code == _RUNS else code
        return self.code is None

    def wait(self) -> int:
        """Wait for its end; return the exit code, which is minus the number of a signal that ended it."""
        deadline = time.monotonic() + _LONGEST
        while self.is_running():
            assert time.monotonic() < deadline, self.err
            time.sleep(0.01)
        return self.code

    def kill(self) -> int:
        """Kill it."""
        self.send(signal.SIGKILL)
        return self.wait()


def _serve(scenario: str) -> None:
    """Start a command for every order, or say how one has ended."""
    import timecone as tc

    tc.simulate(tc.load(scenario), draws=100, paths=2)
    for line in sys.stdin:
        order, *content = json.loads(line)
        answer = _begin(*content) if order == "begin" else _code(*content)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _code(number: int) -> int:
    ended, status = os.waitpid(number, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else _RUNS


def _begin(out: str, err: str, delays: list[float], arguments: list[str]) -> int:
    """Fork a process that runs a command; return its number."""
    number = os.fork()
    if number:
        return number
    code = 1
    try:
        for descriptor, path in ((0, os.devnull), (1, out), (2, err)):
            flags = os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_CREAT
            os.dup2(os.open(path, flags, 0o666), descriptor)
        # Who runs the tests in the background may have these signals ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        _command(delays, arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - a fork must not go on as the server
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _command(delays: list[float], arguments: list[str]) -> None:
    """Run a command with checkpoints, pauses and writing at the speed that was asked for, without figures."""
    from timecone import files
    from timecone.cli import folder
    from timecone.cli.main import entry
    from timecone.simulation import run
    from timecone.simulation.block import BlockSimulator

    run.CHECKPOINT_SECONDS, pause, writing = delays
    run.SEGMENT_SECONDS = run.CHECKPOINT_SECONDS / 2
    folder._drawn = lambda _: {}
    simulate, write = BlockSimulator.__call__, files._write_all

    def slowly(self: Any, span: Any) -> Any:
        time.sleep(pause)
        return simulate(self, span)

    def in_halves(descriptor: int, chunk: memoryview) -> None:
        write(descriptor, chunk[: len(chunk) // 2])
        time.sleep(writing)
        write(descriptor, chunk[len(chunk) // 2 :])

    BlockSimulator.__call__ = slowly
    files._write_all = in_halves
    sys.argv[1:] = arguments
    entry()


if __name__ == "__main__":
    _serve(sys.argv[1])
