"""Calculations that published figures of the past are repeated with, from facts that a file states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from timecone.published.facts import Facts
from timecone.published.statistics import Number

type Calculation = Callable[[Facts], dict[str, Number]]

#: Calculations by the name that a file gives as ``calculation``.
CALCULATIONS: Final[dict[str, Calculation]] = {}
