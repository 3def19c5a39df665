"""Checkpoints: the tally of an unfinished run on disk, from which the run can be resumed.

A checkpoint holds only counts, of all draws up to some number. The draws that a run stores in full are
simulated again when it is resumed, since a draw is determined by the seed and its number. The resumed run is
the same, bit for bit, as one that was never stopped.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from timecone.errors import CheckpointError, OutputError
from timecone.files import write_file
from timecone.numerics.sources import source_hash
from timecone.simulation.limits import Plan
from timecone.simulation.tally import Tally
from timecone.version import __version__

#: Version of the file format.
_FORMAT: Final = 1
# Exceptions that reading a damaged archive raises.
_DAMAGED: Final = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
)
_IDENTITY: Final = "identity"
_FINISHED: Final = "finished"
_TITLES: Final = {
    "format": "format of the file",
    "scenario": "scenario",
    "seed": "seed",
    "draws": "number of draws",
    "until": "precision wanted",
    "sources": "version of timecone",
}


class Checkpoint:
    """A file that holds the counts of a run so far.

    Parameters
    ----------
    path : Path
        The file.
    plan : Plan
        The run.
    resume : bool
        Whether to resume from the file. If not, the first save replaces it.
    failed : callable, optional
        Called once, with a sentence, when the file cannot be written. The run goes on.
    """

    def __init__(
        self, path: Path, plan: Plan, *, resume: bool, failed: Callable[[str], None] | None = None
    ) -> None:
        self.path = path
        self._resume = resume
        self._failed = failed
        self._identity = _identity(plan)
        self._most = plan.draws

    def load(self, empty: Tally) -> tuple[Tally, int] | None:
        """Return the tally in the file and its number of draws; None if the run is not to be resumed.

        Parameters
        ----------
        empty : Tally
            An empty tally of the same run.

        Raises
        ------
        CheckpointError
            There is no such file, it is damaged, or it belongs to another run.
        """
        if not self._resume:
            return None
        content = self._read()
        self._require_same(content)
        finished = int(content[_FINISHED])
        try:
            empty.fill([content[f"array_{k}"] for k in range(len(empty.arrays))])
        except (KeyError, ValueError):
            raise self._damaged("its counts do not fit this run") from None
        if not 0 < finished <= self._most:
            raise self._damaged(f"it claims {finished:,} finished draws of {self._most:,}")
        return empty, finished

    def save(self, tally: Tally, finished: int) -> None:
        """Replace the file by one with this tally. If that fails, the older file stays."""
        stream = io.BytesIO()
        arrays = {f"array_{k}": array for k, array in enumerate(tally.arrays)}
        np.savez_compressed(
            stream,
            allow_pickle=False,
            **{_IDENTITY: np.array(json.dumps(self._identity)), _FINISHED: np.array(finished)},
            **arrays,
        )
        try:
            write_file(self.path, stream.getbuffer())
        except OutputError as error:
            if self._failed:
                self._failed(f"no checkpoint was saved after {finished:,} draws: {error.line}")
                self._failed = None

    def remove(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)

    def _read(self) -> Mapping[str, np.ndarray]:
        try:
            with self.path.open("rb") as file:
                if not zipfile.is_zipfile(file):
                    raise self._damaged("it is not a complete archive")
                file.seek(0)
                with np.load(file, allow_pickle=False) as stored:
                    return {name: stored[name] for name in stored.files}
        except FileNotFoundError:
            raise CheckpointError(
                "no-checkpoint",
                "there is no checkpoint to resume from",
                where=str(self.path),
                remedy="Run without --resume.",
            ) from None
        except _DAMAGED as error:
            raise self._damaged(str(error).splitlines()[0] if str(error) else "it is empty") from None

    def _damaged(self, reason: str) -> CheckpointError:
        return CheckpointError(
            "checkpoint-damaged",
            f"the checkpoint is damaged ({reason})",
            where=str(self.path),
            remedy="Run without --resume to start again.",
        )

    def _require_same(self, content: Mapping[str, np.ndarray]) -> None:
        try:
            theirs = json.loads(str(content[_IDENTITY][()]))
            different = [key for key in self._identity if theirs[key] != self._identity[key]]
        except (KeyError, TypeError, ValueError):
            raise self._damaged("it does not say which run it belongs to") from None
        if different:
            key, others = different[0], " and another ".join(_TITLES[name] for name in different)
            raise CheckpointError(
                "checkpoint-of-another-run",
                f"the checkpoint belongs to a run with another {others}",
                where=str(self.path),
                got=theirs[key],
                allowed=str(self._identity[key]),
                remedy="Run without --resume to start again, or choose another folder with --out.",
            )


def _identity(plan: Plan) -> dict[str, Any]:
    """Return everything that determines the numbers of a run."""
    until = None if plan.tolerance is None else [plan.tolerance.years, plan.tolerance.probability]
    return {
        "format": _FORMAT,
        "scenario": plan.scenario.digest,
        "seed": plan.seed,
        "draws": plan.draws,
        "until": None if until is None else [repr(value) for value in until],
        "sources": f"{__version__} ({source_hash()})",
    }
