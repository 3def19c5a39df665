"""Accumulator of a run: simulates, counts and stores blocks."""

from __future__ import annotations

from timecone.simulation.block import BlockSimulator
from timecone.simulation.draw_store import DrawStore
from timecone.simulation.stored_draws import StoredDraws
from timecone.simulation.tally import TallyKeeper
from timecone.simulation.threads import Span


class RunAccumulator:
    """Simulates, counts and stores blocks; safe to call from several threads.

    Parameters
    ----------
    simulator : BlockSimulator
        Simulates the blocks of the run.
    draws : int
        Number of draws of the whole run.
    stored : Span
        Draws that are stored in full.
    store : DrawStore, optional
        Zarr store to which all draws are also written.

    Attributes
    ----------
    tally : TallyKeeper
        Counts of the blocks.
    stored : StoredDraws
        Draws stored in full.
    """

    def __init__(
        self,
        simulator: BlockSimulator,
        draws: int,
        stored: Span,
        store: DrawStore | None = None,
    ) -> None:
        self.simulator = simulator
        self.tally = TallyKeeper(simulator, draws)
        self.stored = StoredDraws(simulator, stored)
        self._store = store

    def __call__(self, span: Span) -> None:
        """Do one block."""
        simulated = self.simulator(span)
        self.tally(simulated)
        self.stored(simulated)
        if self._store:
            self._store(simulated)

    @property
    def stores(self) -> str | None:
        """Path of the store, if there is one."""
        return None if self._store is None else str(self._store.path.resolve())

    def store(self, span: Span) -> None:
        """Simulate a block that was counted before, and keep its draws in memory."""
        self.stored(self.simulator(span))

    def store_on_disk(self, span: Span) -> None:
        """Simulate a block that was counted before, and write its draws to the store."""
        if self._store:
            self._store(self.simulator(span))
