"""Notices of compilation: whoever starts work can be told when kernels are compiled and how long that takes.

This module imports nothing heavy, so that a command can ask to be told before Numba is loaded; `compiled`
reports to it what Numba really compiles. Machine code that is read from the cache is not reported.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class _Watch:
    """The time from the beginning of the first compilation under way to the end of the last, added up."""

    def __init__(self, started: Callable[[], None]) -> None:
        self._started = started
        self._lock = threading.Lock()
        self._under_way = 0
        self._since = 0.0
        self.any = False
        self.seconds = 0.0

    def begin(self) -> None:
        """Note that a function begins to be compiled; in the course of it others may."""
        with self._lock:
            first, self.any = not self.any, True
            if self._under_way == 0:
                self._since = time.monotonic()
            self._under_way += 1
        if first:
            self._started()

    def end(self) -> None:
        """Note that a function has been compiled."""
        with self._lock:
            if self._under_way:
                self._under_way -= 1
                if self._under_way == 0:
                    self.seconds += time.monotonic() - self._since


_watches: list[_Watch] = []


@contextmanager
def compilation_reported(started: Callable[[], None], finished: Callable[[float], None]) -> Iterator[None]:
    """Tell when kernels are compiled inside the context.

    Parameters
    ----------
    started : callable
        Called when the first kernel begins to be compiled, from the thread that compiles it.
    finished : callable
        Called at the end of the context with the seconds that compiling took, if anything was compiled.

    Examples
    --------
    >>> from timecone.numerics.compilation import compilation_reported
    >>> with compilation_reported(lambda: print("compiling"), lambda seconds: print("done")):
    ...     pass
    """
    watch = _Watch(started)
    _watches.append(watch)
    try:
        yield
    finally:
        _watches.remove(watch)
        if watch.any:
            finished(watch.seconds)


def began() -> None:
    """Report that a function begins to be compiled."""
    for watch in tuple(_watches):
        watch.begin()


def ended() -> None:
    """Report that a function has been compiled."""
    for watch in tuple(_watches):
        watch.end()
