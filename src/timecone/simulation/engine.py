"""Engines: where the blocks of a run are simulated, on threads of this process or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from timecone.simulation.limits import Plan
from timecone.simulation.run_accumulator import RunAccumulator
from timecone.simulation.threads import Done, Span, run_blocks


class Session(Protocol):
    """Works through the blocks of one run, in several calls.

    Blocks may be done in any order and place, since counts are whole numbers and add up exactly. When a call
    returns, the accumulator holds exactly the first blocks. Those under way elsewhere are taken in by the
    next call, whose blocks begin with the first one that is not finished.
    """

    def work(self, blocks: Iterator[Span], *, done: Callable[[int], None], stop: Callable[[], bool]) -> Done:
        """Work through blocks, and count and store them in the accumulator of the run.

        Parameters
        ----------
        blocks : iterator of Span
            Blocks, in order.
        done : callable
            Called with the number of draws finished so far, from the calling thread.
        stop : callable
            Called from the calling thread whenever some blocks are finished. When it returns True, the call
            returns as soon as the accumulator holds exactly the first blocks.
        """


class Engine(Protocol):
    """Gives sessions, in which the blocks of a run are worked through."""

    def session(self, plan: Plan, accumulator: RunAccumulator) -> AbstractContextManager[Session]:
        """Return a context manager that yields the session of a run, and at the end drops what is under way.

        Parameters
        ----------
        plan : Plan
            The run.
        accumulator : RunAccumulator
            Counts and stores the blocks.
        """


@dataclass(frozen=True)
class ThreadEngine:
    """Works through blocks on threads of this process.

    Attributes
    ----------
    threads : int
        Number of threads.
    """

    threads: int

    @contextmanager
    def session(self, plan: Plan, accumulator: RunAccumulator) -> Iterator[Session]:  # noqa: ARG002
        """Yield the session of a run; see `Engine`."""
        yield _ThreadSession(self.threads, accumulator)


@dataclass(frozen=True)
class _ThreadSession:
    threads: int
    accumulator: RunAccumulator

    def work(self, blocks: Iterator[Span], *, done: Callable[[int], None], stop: Callable[[], bool]) -> Done:
        """Work through blocks; see `Session`."""
        return run_blocks(self.accumulator, blocks, threads=self.threads, done=done, stop=stop)
