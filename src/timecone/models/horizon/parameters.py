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
from timecone.models.model import Group

PARAMETERS: Final = (
    *time_horizon.PARAMETERS,
    *coding_labour.PARAMETERS,
    *throughput.PARAMETERS,
    *taste.PARAMETERS,
    *milestones.PARAMETERS,
    *human_only.PARAMETERS,
    *series.PARAMETERS,
)

_PACE = "at the pace of the start"
GROUPS: Final = (
    Group(
        ("time.start",),
        "these numbers are stated for the start",
        {
            "horizon.now": "at the start",
            "horizon.doubling_time": "at the start",
            "gap.progress": _PACE,
            "coding.efficiency_slope": _PACE,
            "coding.multiple_now": "at the start",
            "throughput.unlimited_labour": "over the throughput of the start",
            "throughput.unlimited_compute": "over the throughput of the start",
            "throughput.compute_cut": "of the throughput of the start",
            "taste.slope": _PACE,
            "revenue.now": "at the start",
            "revenue.growth": _PACE,
        },
        {
            "horizon.age": "how long before the start the horizon was measured",
            "revenue.age": "how long before the start the revenue was that",
        },
    ),
    Group(
        ("horizon.now",),
        "a length of tasks was measured at some time",
        qualifiers={"horizon.age": "how long before the start that was"},
    ),
    Group(
        ("revenue.now",),
        "a revenue is that of some time",
        qualifiers={"revenue.age": "how long before the start that was"},
    ),
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
