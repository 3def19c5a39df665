"""Failures that a user can mend, each told in one line.

Every error says what is wrong, where it stands, what was found, what would have been accepted and
what to do next. The command line prints the line and ends with ``exit_code``; the Python API raises.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class TimeconeError(Exception):
    """Something went wrong that is not a defect of timecone itself.

    Parameters
    ----------
    code : str
        The kind of fault, in kebab case. It stays the same when the wording changes, so programs and
        tests should compare it rather than the text.
    what : str
        What is wrong, as a clause without a full stop.
    where : str, optional
        File and key, or the argument's name.
    got : object, optional
        The offending value; shown with ``repr``.
    allowed : str, optional
        What would have been accepted.
    remedy : str, optional
        What to do about it, as a sentence.
    """

    exit_code = 1

    def __init__(
        self,
        code: str,
        what: str,
        *,
        where: str | None = None,
        got: object = None,
        allowed: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.code = code
        self.what = what
        self.where = where
        self.got = got
        self.allowed = allowed
        self.remedy = remedy
        super().__init__(self.line)

    @property
    def line(self) -> str:
        """The whole message on one line (a remedy may carry a short list below it)."""
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.got is not None:
            text += f"; got {self.got!r}"
        if self.allowed:
            text += f"; expected {self.allowed}"
        text += "."
        if self.remedy:
            text += f" {self.remedy}"
        return text

    def __reduce__(self) -> tuple[object, ...]:
        """Let the error pass from one process to another."""
        return type(self).__new__, (type(self), self.line), self.__dict__

    def at(self, where: str) -> TimeconeError:
        """Return the same failure with its place prefixed by ``where``."""
        place = f"{where}{self.where}" if self.where else where.rstrip(".: ")
        return type(self)(
            self.code, self.what, where=place, got=self.got, allowed=self.allowed, remedy=self.remedy
        )


class UsageError(TimeconeError):
    """The call or the input is wrong; nothing was computed."""

    exit_code = 2


class ScenarioError(UsageError):
    """A scenario file or object contradicts itself, the model or the file format."""


class DistributionError(UsageError, ValueError):
    """A distribution cannot be built from the arguments given."""


class UnitError(UsageError, ValueError):
    """A unit is unknown or of the wrong kind."""


class ArgumentError(UsageError, ValueError):
    """An argument of a public function is outside its range."""


class RunFileError(UsageError):
    """A run file is missing, broken or of another kind."""


class LedgerError(UsageError):
    """A ledger of forecasts is missing, damaged or of another kind."""


class HistoryError(UsageError):
    """A file of the past, or of what was fitted to it, is missing, broken or of another kind."""


class OutputError(UsageError):
    """An output cannot be written."""


class CheckpointError(UsageError):
    """A checkpoint is missing, damaged or of another run."""


class ClusterError(TimeconeError):
    """Workers of a cluster cannot be reached, or would not give the same numbers."""


class UnfinishedRunError(TimeconeError):
    """A run broke off; what was finished before is a run of fewer draws.

    Attributes
    ----------
    run : DataTree
        What was finished.
    """

    run: Any = None


def suggestion(name: str, candidates: Iterable[str]) -> str:
    """Return "Did you mean ...?" for the candidate nearest to ``name``, or a list of all."""
    known = sorted(candidates)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"Known: {', '.join(known)}." if known else ""


def unknown_key(key: str, known: Iterable[str], where: str = "") -> ScenarioError:
    """Return the error of a key that a table does not have, with the nearest one that it has."""
    return ScenarioError(
        "unknown-key", "unknown key", where=f"{where}.{key}" if where else key, remedy=suggestion(key, known)
    )
