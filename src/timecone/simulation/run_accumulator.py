"""Accumulator of a run: simulates, counts and stores its blocks as they come in."""

from __future__ import annotations

from timecone.simulation.block import BlockSimulator
from timecone.simulation.engine import Span
from timecone.simulation.stored_draws import StoredDraws
from timecone.simulation.tally import TallyKeeper


class RunAccumulator:
    """Simulates, counts and stores blocks; safe to call from several threads.

    Parameters
    ----------
    simulator : BlockSimulator
        Simulates a block of the run.
    draws : int
        Of the whole run.
    stored : Span
        Draws that are stored in full.

    Attributes
    ----------
    tally : TallyKeeper
        What is counted.
    stored : StoredDraws
        What is stored.
    """

    def __init__(self, simulator: BlockSimulator, draws: int, stored: Span) -> None:
        self.simulator = simulator
        self.tally = TallyKeeper(simulator, draws)
        self.stored = StoredDraws(simulator, stored)

    def __call__(self, span: Span) -> None:
        """Do one block."""
        simulated = self.simulator(span)
        self.tally(simulated)
        self.stored(simulated)

    def store(self, span: Span) -> None:
        """Do one block that was counted before: only store it."""
        self.stored(self.simulator(span))
