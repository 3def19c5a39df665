"""Number of examples of property tests: a part by default, all with ``--hypothesis-profile thorough``."""

from __future__ import annotations

from hypothesis import settings

THOROUGH = 100
DEFAULT = 25


def examples(thorough: int) -> int:
    """Return how many of so many examples to try under the profile in use, three at least."""
    return max(thorough * settings.default.max_examples // THOROUGH, min(thorough, 3))
