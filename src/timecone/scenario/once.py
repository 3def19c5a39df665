"""Results that are computed once for each scenario: its components, set-up, sampler and digest.

A scenario never changes, so what follows from it is kept with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from timecone.scenario.scenario import Scenario


def once_per_scenario[T](compute: Callable[[Scenario], T]) -> Callable[[Scenario], T]:
    """Keep the result of a function of a scenario. Errors are not kept.

    Parameters
    ----------
    compute : callable
        From a scenario to a result that nobody changes.

    Returns
    -------
    callable
        The same function, which computes its result once for each scenario.
    """
    key = f"{compute.__module__}.{compute.__qualname__}"

    @wraps(compute)
    def kept(scenario: Scenario) -> T:
        results = scenario.kept
        if key not in results:
            results[key] = compute(scenario)
        result: T = results[key]
        return result

    return kept
