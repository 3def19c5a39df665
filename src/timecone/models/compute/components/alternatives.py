"""Names of the components that take the place of others, and of those with which they cannot be combined.

The alternatives are curves of time in closed form, which the stepped engine with its feedback does not know.
"""

from __future__ import annotations

from typing import Final

CHIP_LIMITS: Final = "chip_limits"
SOFT_CAPS: Final = "soft_caps"
COMPUTE_TREND: Final = "compute_trend"
ALTERNATIVES: Final = (CHIP_LIMITS, SOFT_CAPS, COMPUTE_TREND)

#: What takes the place of the trend of hardware.
OF_HARDWARE: Final = (CHIP_LIMITS, COMPUTE_TREND)

#: Components that need the stepped engine.
EXCLUDED: Final = (
    "software_feedback",
    "hardware_feedback",
    "investment_feedback",
    "output_feedback",
    "data_wall",
    "supply_limits",
    "supply_shock",
    "pause",
    "winter",
    "power_feedback",
)
