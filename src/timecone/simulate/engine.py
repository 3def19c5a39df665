"""Blocks of draws on a pool of threads.

The kernels release the GIL, so threads are enough; a block is a pure function of its number, so neither the
number of threads nor the order in which blocks end can change a bit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import NamedTuple


class Span(NamedTuple):
    """Draws ``first`` to ``first + draws - 1``."""

    first: int
    draws: int


def spans(draws: int, block: int) -> Iterator[Span]:
    """Yield the blocks of a run in order."""
    for first in range(0, draws, block):
        yield Span(first, min(block, draws - first))


def default_threads() -> int:
    """Return the number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_blocks(
    work: Callable[[Span], None],
    blocks: Iterator[Span],
    *,
    threads: int,
    done: Callable[[int], None],
) -> int:
    """Work through blocks; return how many draws are finished from the first one on.

    Blocks are begun in order. On Ctrl-C no new one is begun and those under way are finished, so what is
    done is always the first so many draws; a second Ctrl-C is not caught.

    Parameters
    ----------
    work : callable
        Does one block; called from any thread.
    blocks : iterator of Span
        In order.
    threads : int
        Number of blocks at a time.
    done : callable
        Told the number of draws finished so far, from the calling thread.
    """
    finished = 0
    pending: set[Future[int]] = set()

    def one(span: Span) -> int:
        work(span)
        return span.draws

    def collect(ready: set[Future[int]]) -> None:
        nonlocal finished
        finished += sum(future.result() for future in ready)
        done(finished)

    with ThreadPoolExecutor(threads, thread_name_prefix="timecone") as pool:
        try:
            for span in blocks:
                pending.add(pool.submit(one, span))
                if len(pending) >= 2 * threads:
                    ready, pending = wait(pending, return_when=FIRST_COMPLETED)
                    collect(ready)
        except KeyboardInterrupt:
            pass
        ready, pending = wait(pending)
        collect(ready)
    return finished
