"""Which parts of the full model are on, as bits of one number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from timecone.models.compute.components.data_wall import DATA_WALL
from timecone.models.compute.components.economy import OUTPUT_FEEDBACK
from timecone.models.compute.components.investment import INVESTMENT_FEEDBACK
from timecone.models.compute.components.research import HARDWARE_FEEDBACK, SOFTWARE_FEEDBACK
from timecone.models.compute.components.supply import SUPPLY_LIMITS

HARDWARE_LOOP: Final = 1
SOFTWARE_LOOP: Final = 2
INVESTMENT_LOOP: Final = 4
OUTPUT_LOOP: Final = 8
WALL: Final = 16
LIMITS: Final = 32

RESEARCH_LOOPS: Final = HARDWARE_LOOP | SOFTWARE_LOOP
LOOPS: Final = RESEARCH_LOOPS | INVESTMENT_LOOP | OUTPUT_LOOP

_BITS = {
    HARDWARE_FEEDBACK: HARDWARE_LOOP,
    SOFTWARE_FEEDBACK: SOFTWARE_LOOP,
    INVESTMENT_FEEDBACK: INVESTMENT_LOOP,
    OUTPUT_FEEDBACK: OUTPUT_LOOP,
    DATA_WALL: WALL,
    SUPPLY_LIMITS: LIMITS,
}


def features(components: Iterable[str]) -> int:
    """Return the bits of the components that are on; shocks need none, they are events."""
    return sum(_BITS.get(name, 0) for name in components)
