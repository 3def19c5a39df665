"""Checks that several families make of their arguments."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from timecone.errors import DistributionError, suggestion
from timecone.inputs.arguments import list_of_numbers
from timecone.inputs.families.base import Family

_WEIGHT_TOLERANCE: Final = 1e-9


def require_known(arguments: Mapping[str, Any], family: type[Family], *keys: str) -> None:
    """Refuse arguments that are not among ``keys``, by default all that the family accepts."""
    allowed = keys or family.accepts
    for key in arguments:
        if key not in allowed:
            raise DistributionError(
                "unknown-argument",
                f"{family.name} takes no {key!r}",
                got=sorted(arguments),
                allowed=", ".join(allowed),
                remedy=suggestion(key, allowed),
            )


def require_probabilities(key: str, weights: list[float]) -> None:
    """Refuse probabilities that are negative or do not sum to 1."""
    if min(weights) < 0.0:
        raise DistributionError(
            "negative-probability",
            f"one of the {key} is negative",
            got=min(weights),
            allowed="numbers of 0 and above that sum to 1",
        )
    if abs(sum(weights) - 1.0) > _WEIGHT_TOLERANCE:
        raise DistributionError(
            "probabilities-do-not-sum",
            f"the {key} do not sum to 1",
            got=round(sum(weights), 12),
            allowed="a sum of 1",
        )


def weights_of(values: Sequence[float], stated: object) -> list[float]:
    """Return the weight of each value, as probabilities."""
    weights = list_of_numbers("weights", stated)
    if len(weights) != len(values):
        raise DistributionError(
            "weight-count",
            "the number of weights differs from the number of values",
            where="weights",
            got=len(weights),
            allowed=f"{len(values)}",
        )
    if min(weights) < 0.0 or not sum(weights) > 0.0:
        raise DistributionError(
            "invalid-weights",
            "a weight is negative, or all are 0",
            where="weights",
            got=min(weights),
            allowed="weights of 0 and above",
        )
    total = math.fsum(weights)
    return [weight / total for weight in weights]
