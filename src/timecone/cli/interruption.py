"""Requests to stop: Ctrl-C, SIGTERM and SIGHUP end a command alike and lose nothing that is finished.

While nothing is finished, a signal ends the command at once. From then on (`holding`, or once `Interruption`
has been asked as ``stop`` of a simulation) the first signal is noted, and the command stops where it has a
result; a second one ends it at once.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_BASE_CODE = 128


class Interruption:
    """Whether a signal has asked the command to stop, and which one."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self._is_held = False
        self._is_noted = False

    def __call__(self) -> bool:
        """Return whether to stop; something is finished, so from now on a first signal is only noted."""
        self._is_held = True
        return self._is_noted

    @property
    def exit_code(self) -> int:
        """128 and the number of the signal, as shells have it."""
        return _BASE_CODE + int(self.signal or signal.SIGINT)

    def receive(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        self.signal = number
        if not self._is_held or self._is_noted:
            raise KeyboardInterrupt
        self._is_noted = True

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Let what is begun here be done before a first signal ends the command."""
        before, self._is_held = self._is_held, True
        try:
            yield
        finally:
            self._is_held = before


#: Of the command that runs.
interruption = Interruption()


@contextmanager
def listening() -> Iterator[Interruption]:
    """Handle signals while a command runs. One that is ignored, as under nohup, stays ignored."""
    interruption.__init__()  # type: ignore[misc]
    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, interruption.receive)
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
