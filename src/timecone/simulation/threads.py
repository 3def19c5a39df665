"""Blocks of draws on a pool of threads.

The kernels release the GIL, so threads suffice. A block is a pure function of its number, so neither the
number of threads nor the order in which blocks finish changes a bit of the result.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import NamedTuple


class Span(NamedTuple):
    """Draws ``first`` to ``first + draws - 1``."""

    first: int
    draws: int


def spans(
    draws: int, block: int, replicates: int = 1, first: int = 0, end: int | None = None
) -> Iterator[Span]:
    """Yield the blocks of a run in order. No block crosses the end of a replicate.

    Parameters
    ----------
    draws, block, replicates : int
        Number of draws of the run, of draws in a block, and of replicates.
    first, end : int
        Range of draws to cover, without ``end``; all by default.
    """
    points = draws // replicates
    end = draws if end is None else end
    while first < end:
        count = min(block, points - first % points, end - first)
        yield Span(first, count)
        first += count


class Done(NamedTuple):
    """Progress through blocks: number of draws finished, and whether Ctrl-C ended the work."""

    draws: int
    stopped: bool


def default_threads() -> int:
    """Return the number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_blocks(
    work: Callable[[Span], None],
    blocks: Iterator[Span],
    *,
    threads: int,
    done: Callable[[int], None],
    stop: Callable[[], bool] = lambda: False,
) -> Done:
    """Work through blocks; return how many draws are finished.

    Blocks are started in order. On Ctrl-C, or when ``stop`` returns True, no further block is started and
    those under way are finished, so the finished draws are always the first ones. A second Ctrl-C is not
    caught.

    Parameters
    ----------
    work : callable
        Does one block. Called from any thread.
    blocks : iterator of Span
        Blocks, in order.
    threads : int
        Number of threads.
    done : callable
        Called with the number of draws finished so far, from the calling thread.
    stop : callable
        Called from the calling thread whenever a block is finished.
    """
    finished, stopped = 0, False
    lock = threading.Lock()

    def work_and_count(span: Span) -> None:
        nonlocal finished
        work(span)
        # Counted in the worker thread, so that an interrupt in the calling thread cannot lose it.
        with lock:
            finished += span.draws

    with ThreadPoolExecutor(threads, thread_name_prefix="timecone") as pool:
        pending: set[Future[None]] = set()
        try:
            done(0)
            for span in blocks:
                pending.add(pool.submit(work_and_count, span))
                if len(pending) >= 2 * threads:
                    ready, pending = wait(pending, return_when=FIRST_COMPLETED)
                    _raise_failures(ready)
                    done(finished)
                    if finished and stop():
                        break
            wait(pending)
        except KeyboardInterrupt:
            stopped = True
        # Leaving the pool waits for every block that was started.
    _raise_failures(pending)
    try:
        done(finished)
    except KeyboardInterrupt:
        stopped = True
    return Done(finished, stopped)


def _raise_failures(futures: set[Future[None]]) -> None:
    for future in futures:
        future.result()
