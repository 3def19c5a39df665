"""The compute model's table of parameters, and the row of each in a block of inputs."""

from __future__ import annotations

from typing import Final

from timecone.models.compute import (
    algorithms,
    automation,
    economy,
    hardware,
    investment,
    threshold,
)

PARAMETERS: Final = (
    *hardware.PARAMETERS,
    *economy.PARAMETERS,
    *investment.PARAMETERS,
    *algorithms.PARAMETERS,
    *threshold.PARAMETERS,
    *automation.PARAMETERS,
)

ROW: Final = {parameter.name: row for row, parameter in enumerate(PARAMETERS)}
