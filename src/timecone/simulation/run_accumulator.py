"""Accumulator of a run: simulates, counts and stores its blocks as they come in."""

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
        Simulates a block of the run.
    draws : int
        Of the whole run.
    stored : Span
        Draws that are stored in full.
    store : DrawStore, optional
        Takes every block as well.

    Attributes
    ----------
    tally : TallyKeeper
        What is counted.
    stored : StoredDraws
        What is stored.
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
        """Do one block that was counted before: only store it."""
        self.stored(self.simulator(span))
