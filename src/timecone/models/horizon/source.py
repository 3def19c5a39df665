"""Works that the equations and the default inputs come from."""

from __future__ import annotations

from typing import Final

AI_FUTURES: Final = "Kokotajlo et al. 2025, AI Futures Model"
EDITION: Final = "Kokotajlo et al. 2025, AI Futures Model, December 2025"
