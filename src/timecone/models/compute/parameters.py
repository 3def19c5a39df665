"""Parameter table of the compute model.

Parameters and switchable components of all component files; the row of each parameter in a block of inputs.
"""

from __future__ import annotations

from typing import Final

from timecone.models.compute.components import (
    algorithms,
    automation,
    chip_limits,
    compute_trend,
    data_wall,
    deployment,
    economy,
    hardware,
    investment,
    labour,
    research,
    shocks,
    soft_caps,
    supply,
    threshold,
)

PARAMETERS: Final = (
    *hardware.PARAMETERS,
    *economy.PARAMETERS,
    *investment.PARAMETERS,
    *algorithms.PARAMETERS,
    *threshold.PARAMETERS,
    *automation.PARAMETERS,
    *supply.PARAMETERS,
    *data_wall.PARAMETERS,
    *research.PARAMETERS,
    *labour.PARAMETERS,
    *shocks.PARAMETERS,
    *deployment.PARAMETERS,
    *chip_limits.PARAMETERS,
    *soft_caps.PARAMETERS,
    *supply.POWER_PARAMETERS,
    *compute_trend.PARAMETERS,
)

#: What a scenario can switch on and off.
COMPONENTS: Final = (
    *research.COMPONENTS,
    *investment.COMPONENTS,
    *economy.COMPONENTS,
    *data_wall.COMPONENTS,
    *supply.COMPONENTS,
    *shocks.COMPONENTS,
    *chip_limits.COMPONENTS,
    *soft_caps.COMPONENTS,
    *supply.POWER_COMPONENTS,
    *compute_trend.COMPONENTS,
)

#: A bit for each component: the engine's kernels are told by their sum what is on.
BIT: Final = {component.name: 1 << k for k, component in enumerate(COMPONENTS)}

ROW: Final = {parameter.name: row for row, parameter in enumerate(PARAMETERS)}

# Rows by short names: kernels read them as constants.
PRICE_PERFORMANCE: Final = ROW["hardware.price_performance"]
DOUBLING_TIME: Final = ROW["hardware.doubling_time"]
HARDWARE_HEADROOM: Final = ROW["hardware.headroom"]
HARDWARE_HEADROOM_YEAR: Final = ROW["hardware.headroom_year"]
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
SOFTWARE_HEADROOM_YEAR: Final = ROW["algorithms.headroom_year"]
BREAKTHROUGH_SIZE: Final = ROW["algorithms.breakthrough_size"]
REQUIREMENT: Final = ROW["threshold.requirement"]
REFERENCE_YEAR: Final = ROW["threshold.reference_year"]
GAP: Final = ROW["automation.gap"]
BREAKTHROUGH_RATE: Final = ROW["algorithms.breakthrough_rate"]
AUTOMATION_GROWTH: Final = ROW["economy.automation_growth"]
WAKEUP_GROWTH: Final = ROW["investment.wakeup_growth"]
ADOPTION_LAG: Final = ROW["automation.adoption_lag"]
NEURON_COMPLEXITY: Final = ROW["threshold.neuron_complexity"]
POWER: Final = ROW["supply.power"]
CHIPS: Final = ROW["supply.chips"]
LATENCY: Final = ROW["supply.latency"]
STOCK: Final = ROW["data.stock"]
STOCK_GROWTH: Final = ROW["data.growth"]
STOCK_MULTIPLIER: Final = ROW["data.multiplier"]
TOKENS_PER_PARAMETER: Final = ROW["data.tokens_per_parameter"]
PARALLELISATION: Final = ROW["feedback.parallelisation"]
SUPPLY_DURATION: Final = ROW["shocks.supply_duration"]
SUPPLY_SETBACK: Final = ROW["shocks.supply_setback"]
PAUSE_DURATION: Final = ROW["shocks.pause_duration"]
WINTER_DEPTH: Final = ROW["shocks.winter_depth"]
DELAY: Final = ROW["deployment.delay"]
TOKENS_PER_SECOND: Final = ROW["deployment.tokens_per_second"]
PROCESS_SIZE_LIMIT: Final = ROW["chips.process_size_limit"]
TRANSISTORS_PER_CORE: Final = ROW["chips.transistors_per_core"]
CORES_1970: Final = ROW["chips.cores_1970"]
CORES_GROWTH: Final = ROW["chips.cores_growth"]
SPECIALISATION: Final = ROW["chips.specialisation"]
SPECIALISATION_LIMIT: Final = ROW["chips.specialisation_limit"]
SPECIALISATION_YEAR: Final = ROW["chips.specialisation_year"]
GROWTH_BEFORE: Final = ROW["chips.growth_before"]
CHIP_PRICE: Final = ROW["chips.price"]
ALGORITHMS_GROWTH: Final = ROW["algorithms.growth"]
TRAINING_COMPUTE: Final = ROW["trend.training_compute"]
TREND_GROWTH: Final = ROW["trend.growth"]
LATER_GROWTH: Final = ROW["trend.later_growth"]
REVERSION_TIME: Final = ROW["trend.reversion_time"]
