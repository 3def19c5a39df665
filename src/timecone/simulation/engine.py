"""Engines: what works through the blocks of a run, wherever that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from timecone.simulation.limits import Plan
from timecone.simulation.run_accumulator import RunAccumulator
from timecone.simulation.threads import Done, Span, run_blocks


class Engine(Protocol):
    """Works through the blocks of a run, wherever that is.

    Blocks may be done in any order and place, since what is counted are whole numbers; what an engine has
    done when it returns are always the first so many draws of the blocks.
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
            Where the blocks go.
        blocks : iterator of Span
            In order.
        done : callable
            Told the number of draws finished so far, from the calling thread.
        stop : callable
            Asked, from the calling thread, whenever something is finished; no new block is begun when it
            returns True.
        """


@dataclass(frozen=True)
class ThreadEngine:
    """Works through blocks on threads of this process.

    Attributes
    ----------
    threads : int
        Number of blocks at a time.
    """

    threads: int

    def work(
        self,
        plan: Plan,  # noqa: ARG002 - an engine elsewhere needs it
        accumulator: RunAccumulator,
        blocks: Iterator[Span],
        *,
        done: Callable[[int], None],
        stop: Callable[[], bool],
    ) -> Done:
        """Work through blocks; see `Engine`."""
        return run_blocks(accumulator, blocks, threads=self.threads, done=done, stop=stop)
