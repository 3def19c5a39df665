"""Zarr store of all draws of a run, labelled as in a run file, for lazy reading with xarray and Dask.

A run file holds only the first draws. Blocks are collected in memory until a chunk is complete; the thread
that completes it writes it. Draws that are not finished read as missing values.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, OutputError
from timecone.files import one_line
from timecone.scenario.scenario import Scenario
from timecone.schema import INPUTS, OUTCOMES
from timecone.simulation.assemble import input_dataset, outcome_dataset, run_id
from timecone.simulation.block import BlockSimulator, SimulatedBlock
from timecone.simulation.stored_draws import StoredDraws
from timecone.simulation.threads import Span

#: Draws in a chunk: one megabyte for each variable of float64.
CHUNK: Final = 131_072
FINISHED: Final = "draws_finished"
_REMEDY: Final = "Choose another name with --store, on a disk with room."
_DIMENSIONS: Final = "_ARRAY_DIMENSIONS"


class DrawStore:
    """A Zarr store of the blocks of a run. Several threads may write to it, and several processes.

    Two processes must not write to the same chunk of `CHUNK` draws.

    Parameters
    ----------
    path : Path
        A folder whose name ends in ``.zarr``.
    scenario : Scenario
        The scenario of the run.
    simulator : BlockSimulator
        Simulates the blocks.
    seed, draws : int
        Seed and number of draws of the run.

    Raises
    ------
    ArgumentError
        Zarr is not installed.
    """

    def __init__(
        self, path: Path, scenario: Scenario, simulator: BlockSimulator, *, seed: int, draws: int
    ) -> None:
        self.path = path
        self._zarr = _zarr()
        self._scenario, self._simulator, self._seed, self._draws = scenario, simulator, seed, draws
        self._gathering: dict[int, _Chunk] = {}
        self._lock = threading.Lock()
        #: Draws, from the first on, that were complete when the store was opened.
        self.finished = 0

    def open(self) -> None:
        """Make the store, or open the existing store of the same run.

        Raises
        ------
        OutputError
            The folder holds something else, or cannot be written.
        """
        identity = {"run_id": run_id(self._scenario, self._seed, self._draws), "draws": self._draws}
        with one_line(self.path, remedy=_REMEDY):
            if self.path.exists():
                self.finished = self._require_same(identity)
                return
            # Old and new versions of Zarr read format 2.
            root = self._zarr.open_group(
                self.path, mode="w", zarr_format=2, attributes=identity | {FINISHED: 0}
            )
            for name, labelled in self._datasets(self._probe()):
                group = root.create_group(name, attributes=_attributes(labelled.attrs))
                for key, variable in labelled.variables.items():
                    self._create(group, str(key), variable)
            self._zarr.consolidate_metadata(self.path, zarr_format=2)

    def __call__(self, simulated: SimulatedBlock) -> None:
        """Add a block."""
        span = simulated.span
        for number in range(span.first // CHUNK, (span.first + span.draws - 1) // CHUNK + 1):
            first = number * CHUNK
            chunk = Span(first, min(CHUNK, self._draws - first))
            inside = Span(max(span.first, first), 0)
            inside = inside._replace(draws=min(span.first + span.draws, first + chunk.draws) - inside.first)
            with self._lock:
                gathering = self._gathering.setdefault(number, _Chunk(StoredDraws(self._simulator, chunk)))
            gathering.draws(simulated)
            with self._lock:
                gathering.note(inside)
                full = gathering.filled == chunk.draws
                if full:
                    del self._gathering[number]
            if full:
                self._write(gathering)

    def flush(self) -> None:
        """Write the chunks that are not complete. No block may be added meanwhile."""
        for gathering in self._gathering.values():
            if gathering.filled:
                self._write(gathering)
        self._gathering.clear()

    def finish(self, finished: int) -> None:
        """Write all that remains, and record how many draws are finished."""
        self.flush()
        with one_line(self.path, remedy=_REMEDY):
            self._root().attrs[FINISHED] = finished
            self._zarr.consolidate_metadata(self.path, zarr_format=2)

    def _root(self) -> Any:
        return self._zarr.open_group(self.path, mode="r+", zarr_format=2, use_consolidated=False)

    def _write(self, gathering: _Chunk) -> None:
        """Write the draws collected for a chunk, which are consecutive."""
        span = Span(gathering.first, gathering.filled)
        region = slice(span.first, span.first + span.draws)
        with one_line(self.path, remedy=_REMEDY):
            root = self._root()
            for name, labelled in self._datasets(gathering.draws.part(span)):
                labelled["draw"] = np.arange(region.start, region.stop)
                for key, variable in labelled.variables.items():
                    if "draw" in variable.dims:
                        at = tuple(region if dim == "draw" else slice(None) for dim in variable.dims)
                        root[name][str(key)][at] = variable.values

    def _datasets(self, stored: StoredDraws) -> Iterator[tuple[str, xr.Dataset]]:
        yield INPUTS, input_dataset(self._scenario, stored.names, stored.inputs, stored.choices)
        yield OUTCOMES, outcome_dataset(self._scenario, stored, self._simulator.failures, stored.size)

    def _probe(self) -> StoredDraws:
        """Return the first draws, which show the names and types of all variables."""
        span = Span(0, min(64, self._draws))
        stored = StoredDraws(self._simulator, span)
        stored(self._simulator(span))
        return stored

    def _create(self, group: Any, name: str, variable: xr.Variable) -> None:
        values = variable.values
        if values.dtype.kind in "UO":
            values = values.astype(str)
        has_draws = "draw" in variable.dims
        sizes = dict(zip(variable.dims, values.shape, strict=True))
        shape = tuple(self._draws if dim == "draw" else size for dim, size in sizes.items())
        chunks = tuple(min(CHUNK, self._draws) if dim == "draw" else size for dim, size in sizes.items())
        array = group.create_array(
            name,
            shape=shape,
            dtype=values.dtype,
            chunks=chunks if has_draws else "auto",
            fill_value=np.nan if values.dtype.kind == "f" else None,
            attributes=_attributes(variable.attrs) | {_DIMENSIONS: [str(dim) for dim in variable.dims]},
        )
        if not has_draws:
            array[...] = values

    def _require_same(self, identity: dict[str, Any]) -> int:
        """Return how many draws the store says are complete; refuse the store of another run."""
        try:
            attributes = dict(self._zarr.open_group(self.path, mode="r").attrs)
        except (OSError, ValueError, KeyError):
            attributes = {}
        for key, wanted in identity.items():
            if attributes.get(key) != wanted:
                raise OutputError(
                    "store-of-another-run",
                    "the store is not one of this run",
                    where=str(self.path),
                    got=attributes.get(key),
                    allowed=f"{key} {wanted}",
                    remedy="Choose another name with --store.",
                )
        return int(attributes.get(FINISHED, 0))


class _Chunk:
    """Draws collected for a chunk. They are consecutive once the chunk is full or the run has stopped."""

    def __init__(self, draws: StoredDraws) -> None:
        self.draws = draws
        self.first = draws.span.first + draws.span.draws
        self.filled = 0

    def note(self, span: Span) -> None:
        """Note that these draws were added."""
        self.first = min(self.first, span.first)
        self.filled += span.draws


def _attributes(attrs: dict[Any, Any]) -> dict[str, Any]:
    """Return attributes that can be written as JSON."""
    return {
        str(key): value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
        for key, value in attrs.items()
    }


def _zarr() -> Any:
    try:
        return importlib.import_module("zarr")
    except ImportError:
        raise ArgumentError(
            "zarr-missing",
            "a store of all draws needs Zarr",
            where="store",
            remedy="Install timecone with its extra: pip install 'timecone[cluster]'.",
        ) from None
