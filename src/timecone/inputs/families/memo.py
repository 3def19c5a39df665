"""Memoisation by content: what is computed of a distribution is kept for every other one of equal value.

Scenarios that share inputs, files that are read again and copies of a scenario have families of equal
content. The content is every field of a family down to the bits of its numbers, and families never change, so
what is kept can never be that of another distribution.
"""

from __future__ import annotations

import dataclasses
import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

import numpy as np

# Types whose equal values are the same value.
_PLAIN: Final = (int, bool, str, bytes, type(None))


class UnknownContentError(TypeError):
    """A value of a type that is not known to be immutable."""


def content(value: object) -> Hashable:
    """Return a key that two values share exactly if they are of equal type and content.

    Numbers count by their bits: 0.0 and -0.0 differ, and a number that is not one equals itself.

    Parameters
    ----------
    value : object
        A family, or another frozen dataclass; a number, a text or None; a tuple of these.

    Returns
    -------
    hashable
        The key.

    Raises
    ------
    UnknownContentError
        Something else is part of the value.

    Examples
    --------
    >>> content((0.0, "log")) == content((-0.0, "log"))
    False
    >>> content((float("nan"), 1)) == content((float("nan"), 1))
    True
    """
    kind = type(value)
    if isinstance(value, float) and kind is float:
        return array("d", [value]).tobytes()
    if kind in _PLAIN:
        return kind, value
    if isinstance(value, np.generic):
        return kind, value.tobytes()
    if isinstance(value, tuple):
        if value and all(type(part) is float for part in value):
            return kind, array("d", value).tobytes()
        return kind, tuple(map(content, value))
    if dataclasses.is_dataclass(value) and kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        return kind, tuple(content(getattr(value, field.name)) for field in dataclasses.fields(value))
    message = f"{kind.__name__} is not known to be immutable"
    raise UnknownContentError(message)


class Memo[T]:
    """Results by key, the least recently used of which are dropped; safe to use from several threads.

    Parameters
    ----------
    most_bytes : int
        Bytes of the results that are kept, at most.
    bytes_of : callable
        Returns how many bytes a result takes.
    """

    def __init__(self, most_bytes: int, bytes_of: Callable[[T], int]) -> None:
        self._most, self._bytes_of = most_bytes, bytes_of
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def of(self, compute: Callable[[], T], *values: object) -> T:
        """Return what is computed from some values: kept, where all that they consist of is immutable.

        Parameters
        ----------
        compute : callable
            Computes the result from nothing but the values.
        *values : object
            See `content`.
        """
        try:
            key = content(values)
        except UnknownContentError:
            return compute()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        # Not under the lock, since it may ask for results of parts. Two threads may compute the same one.
        result = compute()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = result
                self._bytes += self._bytes_of(result)
            while self._bytes > self._most and len(self._kept) > 1:
                self._bytes -= self._bytes_of(self._kept.popitem(last=False)[1])
        return result

    def __len__(self) -> int:
        return len(self._kept)
