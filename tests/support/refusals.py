"""Expected errors: code, place, offending value and what the remedy names, but not the wording.

The wording of all messages stands in ``tests/messages.txt``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from timecone.errors import TimeconeError


class _Any:
    """Its text, which names tests, is the same in every process."""

    def __repr__(self) -> str:
        return "ANY"


#: Stands for a part of an error that a test does not ask about.
ANY: object = _Any()


@dataclass(frozen=True)
class Refusal:
    """An error by its code and its place.

    Parameters
    ----------
    code : str
        The kind of fault.
    where : str or None
        The place; None for an error without a place. Not compared where left out.
    got : object
        The offending value. Not compared where left out; a number that is not one matches itself.
    names : str or tuple of str
        What the accepted values or the remedy must mention: values, keys and commands.
    """

    code: str
    where: object = ANY
    got: object = ANY
    names: str | tuple[str, ...] = ()

    def matches(self, error: TimeconeError) -> None:
        """Fail unless an error is the expected one, told in one line."""
        __tracebackhide__ = True
        first, *more = error.line.splitlines()
        assert error.code == self.code, error.line
        if self.where is not ANY:
            assert error.where == self.where, error.line
        if self.got is not ANY:
            assert repr(error.got) == repr(self.got), error.line
        for name in (self.names,) if isinstance(self.names, str) else self.names:
            assert name in f"{error.allowed} {error.remedy}", error.line
        assert first
        assert not more or error.code == "inconsistent-correlations", error.line

    @contextmanager
    def expected(self) -> Iterator[pytest.ExceptionInfo[TimeconeError]]:
        """Fail unless the block raises this error."""
        __tracebackhide__ = True
        with pytest.raises(TimeconeError) as caught:
            yield caught
        self.matches(caught.value)


def refused(
    code: str, where: object = ANY, *, got: object = ANY, names: str | tuple[str, ...] = ()
) -> contextmanager[pytest.ExceptionInfo[TimeconeError]]:
    """Fail unless the block raises the error of this code and place."""
    return Refusal(code, where, got, names).expected()
