"""A command in a process of its own that saves checkpoints quickly, for tests that kill it.

``python slow_run.py SECONDS PAUSE WRITING arguments...``: the command with checkpoints every SECONDS, which
sleeps PAUSE seconds before each block of draws, and WRITING seconds in the middle of each file. It draws no
figure.
"""

from __future__ import annotations

import sys
import time

from timecone import files
from timecone.cli import folder
from timecone.cli.main import entry
from timecone.simulation import run
from timecone.simulation.block import BlockSimulator, SimulatedBlock
from timecone.simulation.threads import Span

if __name__ == "__main__":
    seconds, pause, writing = map(float, sys.argv[1:4])
    run.CHECKPOINT_SECONDS = seconds
    run.SEGMENT_SECONDS = seconds / 2
    folder._drawn = lambda _: {}
    simulate, write = BlockSimulator.__call__, files._write_all

    def slowly(self: BlockSimulator, span: Span) -> SimulatedBlock:
        time.sleep(pause)
        return simulate(self, span)

    def in_halves(descriptor: int, chunk: memoryview) -> None:
        write(descriptor, chunk[: len(chunk) // 2])
        time.sleep(writing)
        write(descriptor, chunk[len(chunk) // 2 :])

    BlockSimulator.__call__ = slowly
    files._write_all = in_halves
    sys.argv[1:4] = []
    entry()
