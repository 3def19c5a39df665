"""Parameter table of the AI Futures Model, and the row of each parameter in a block of inputs."""

from __future__ import annotations

from typing import Final

from timecone.models.horizon import (
    coding_labour,
    human_only,
    milestones,
    series,
    taste,
    throughput,
    time_horizon,
)

PARAMETERS: Final = (
    *time_horizon.PARAMETERS,
    *coding_labour.PARAMETERS,
    *throughput.PARAMETERS,
    *taste.PARAMETERS,
    *milestones.PARAMETERS,
    *human_only.PARAMETERS,
    *series.PARAMETERS,
)

ROW: Final = {parameter.name: row for row, parameter in enumerate(PARAMETERS)}

# Rows by short names: kernels read them as constants.
HORIZON_NOW: Final = ROW["horizon.now"]
DOUBLING_TIME: Final = ROW["horizon.doubling_time"]
DOUBLING_RATIO: Final = ROW["horizon.doubling_ratio"]
CODER_HORIZON: Final = ROW["horizon.automated_coder"]
HORIZON_AGE: Final = ROW["horizon.age"]
GAP_PRESENT: Final = ROW["gap.present"]
GAP_HORIZON: Final = ROW["gap.horizon"]
GAP_PROGRESS: Final = ROW["gap.progress"]
REVENUE_NOW: Final = ROW["revenue.now"]
REVENUE_AGE: Final = ROW["revenue.age"]
REVENUE_GROWTH: Final = ROW["revenue.growth"]
REVENUE_OF_CODER: Final = ROW["revenue.automated_coder"]
REVENUE_DECIDES: Final = ROW["revenue.decides"]
CODING_SUBSTITUTION: Final = ROW["coding.substitution"]
EFFICIENCY_SLOPE: Final = ROW["coding.efficiency_slope"]
FIRST_EFFICIENCY: Final = ROW["coding.first_efficiency"]
LARGEST_MULTIPLE: Final = ROW["coding.largest_multiple"]
MULTIPLE_NOW: Final = ROW["coding.multiple_now"]
CEILING: Final = ROW["automation.ceiling"]
UNLIMITED_LABOUR: Final = ROW["throughput.unlimited_labour"]
UNLIMITED_COMPUTE: Final = ROW["throughput.unlimited_compute"]
COMPUTE_CUT: Final = ROW["throughput.compute_cut"]
PARALLEL_EXPONENT: Final = ROW["labour.parallel_exponent"]
TASTE_AT_CODER: Final = ROW["taste.at_automated_coder"]
TASTE_SLOPE: Final = ROW["taste.slope"]
TOP_TO_MEDIAN: Final = ROW["taste.top_to_median"]
TASTE_LIMIT: Final = ROW["taste.limit"]
TASTE_SMOOTHING: Final = ROW["taste.smoothing"]
EXPERT_STEP: Final = ROW["taste.expert_step"]
SOFTWARE_RATE: Final = ROW["software.rate_2024"]
GROWTH_BEFORE: Final = ROW["growth.before"]
SLOWDOWN: Final = ROW["growth.slowdown"]
GROWTH_AFTER: Final = ROW["growth.after"]
