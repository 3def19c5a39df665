"""Engines: where the blocks of a run are simulated, on threads of this process or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from timecone.simulation.limits import Plan
from timecone.simulation.run_accumulator import RunAccumulator
from timecone.simulation.threads import Done, Span, run_blocks


class Engine(Protocol):
    """Works through the blocks of a run.

    Blocks may be done in any order and place, since counts are whole numbers and add up exactly. When an
    engine returns, the finished draws are always the first ones of the blocks.
    """

    def work(
        self,
        plan: Plan,
        accumulator: RunAccumulator,
        blocks: Iterator[Span],
        *,
        done: Callable[[int], None],
        stop: Callable[[], bool],
    ) -> Done:
        """Work through blocks, and count and store them in the accumulator.

        Parameters
        ----------
        plan : Plan
            The run.
        accumulator : RunAccumulator
            Counts and stores the blocks.
        blocks : iterator of Span
            Blocks, in order.
        done : callable
            Called with the number of draws finished so far, from the calling thread.
        stop : callable
            Called from the calling thread whenever a block is finished. When it returns True, no further
            block is started.
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

    def work(
        self,
        plan: Plan,  # noqa: ARG002 - engines on other machines need it
        accumulator: RunAccumulator,
        blocks: Iterator[Span],
        *,
        done: Callable[[int], None],
        stop: Callable[[], bool],
    ) -> Done:
        """Work through blocks; see `Engine`."""
        return run_blocks(accumulator, blocks, threads=self.threads, done=done, stop=stop)
