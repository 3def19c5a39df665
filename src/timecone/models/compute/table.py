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

# Rows by short names: kernels read them as constants.
PRICE_PERFORMANCE: Final = ROW["hardware.price_performance"]
DOUBLING_TIME: Final = ROW["hardware.doubling_time"]
HARDWARE_HEADROOM: Final = ROW["hardware.headroom"]
OUTPUT: Final = ROW["economy.output"]
ECONOMY_GROWTH: Final = ROW["economy.growth"]
LARGEST_RUN: Final = ROW["investment.largest_run"]
INVESTMENT_GROWTH: Final = ROW["investment.growth"]
CAP_SHARE: Final = ROW["investment.cap_share"]
CAP_USD: Final = ROW["investment.cap_usd"]
LIFETIME: Final = ROW["investment.trend_lifetime"]
HALVING_TIME: Final = ROW["algorithms.halving_time"]
HALVING_TIME_PAST: Final = ROW["algorithms.halving_time_past"]
SOFTWARE_HEADROOM: Final = ROW["algorithms.headroom"]
BREAKTHROUGH_SIZE: Final = ROW["algorithms.breakthrough_size"]
REQUIREMENT: Final = ROW["threshold.requirement"]
REFERENCE_YEAR: Final = ROW["threshold.reference_year"]
GAP: Final = ROW["automation.gap"]
BREAKTHROUGH_RATE: Final = ROW["algorithms.breakthrough_rate"]
