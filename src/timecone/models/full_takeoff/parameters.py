"""Parameter table of the Full Takeoff economy, and the row of each parameter in a block of inputs."""

from __future__ import annotations

from typing import Final

from timecone.models.full_takeoff.components import (
    automation,
    compute_stock,
    economy,
    fractions,
    production,
    requirements,
    research,
)

# The training requirement comes first: correlated scores are made in this order, so its draws rest on no
# other parameter's, and the others can be drawn again for a draw of it.
PARAMETERS: Final = (
    *requirements.PARAMETERS,
    *automation.PARAMETERS,
    *production.PARAMETERS,
    *compute_stock.PARAMETERS,
    *research.PARAMETERS,
    *fractions.PARAMETERS,
    *economy.PARAMETERS,
)

ROW: Final = {parameter.name: row for row, parameter in enumerate(PARAMETERS)}

# Rows by short names: kernels read them as constants.
TRAINING: Final = ROW["requirement.training"]
TRAINING_GAP: Final = ROW["requirement.training_gap"]
TRAINING_RATIO: Final = ROW["requirement.training_goods_to_rnd"]
TRAINING_STEEPNESS: Final = ROW["requirement.training_steepness"]
RUNTIME: Final = ROW["requirement.runtime"]
RUNTIME_GAP: Final = ROW["requirement.runtime_gap"]
RUNTIME_RATIO: Final = ROW["requirement.runtime_goods_to_rnd"]
RUNTIME_STEEPNESS: Final = ROW["requirement.runtime_steepness"]
TRADEOFF: Final = ROW["automation.tradeoff"]
LARGEST_TRADEOFF: Final = ROW["automation.largest_tradeoff"]
LARGEST_RUN: Final = ROW["automation.largest_run"]
TASKS: Final = ROW["automation.tasks"]
LABOUR_GOODS: Final = ROW["substitution.labour_goods"]
LABOUR_RND: Final = ROW["substitution.labour_rnd"]
CAPITAL_GOODS: Final = ROW["substitution.capital_goods"]
CAPITAL_RND: Final = ROW["substitution.capital_rnd"]
EXPERIMENTS: Final = ROW["substitution.experiments"]
COGNITIVE_GOODS: Final = ROW["factor_share.cognitive_goods"]
COGNITIVE_HARDWARE: Final = ROW["factor_share.cognitive_hardware"]
EXPERIMENT_SHARE: Final = ROW["factor_share.experiments"]
COMPUTE_GOODS: Final = ROW["factor_share.compute_goods"]
COMPUTE_RND: Final = ROW["factor_share.compute_rnd"]
PRODUCTION: Final = ROW["hardware.production"]
STOCK_RATIO: Final = ROW["hardware.stock_to_production"]
PRICE_PERFORMANCE: Final = ROW["hardware.price_performance"]
HARDWARE_CEILING: Final = ROW["hardware.ceiling"]
DELAY: Final = ROW["hardware.delay"]
DEPRECIATION: Final = ROW["hardware.depreciation"]
PARALLELISATION: Final = ROW["rnd.parallelisation"]
HARDWARE_RETURNS: Final = ROW["hardware.returns"]
HARDWARE_INPUT: Final = ROW["hardware.input_ratio"]
SOFTWARE_RETURNS: Final = ROW["software.returns"]
SOFTWARE_INPUT: Final = ROW["software.input_ratio"]
SOFTWARE_CEILING: Final = ROW["software.ceiling"]
EXPERIMENT_EXPONENT: Final = ROW["software.experiment_exponent"]
FIRST_SHARE: Final = ROW[f"share.{fractions.STATED[0]}"]
FIRST_GROWTH: Final = ROW[f"growth.{next(iter(fractions.FRACTIONS))}"]
FIRST_AWAKE: Final = ROW[f"growth_awake.{next(iter(fractions.FRACTIONS))}"]
FIRST_CEILING: Final = ROW[f"ceiling.{next(iter(fractions.FRACTIONS))}"]
TRIGGER: Final = ROW["wakeup.trigger"]
MONEY_CAP: Final = ROW["wakeup.money_cap"]
OUTPUT: Final = ROW["economy.output"]
SAVINGS: Final = ROW["economy.savings"]
CAPITAL_GROWTH: Final = ROW["economy.capital_growth"]
WORKERS: Final = ROW["economy.workers"]
LABOUR_GROWTH: Final = ROW["economy.labour_growth"]
TFP_GROWTH: Final = ROW["economy.tfp_growth"]
