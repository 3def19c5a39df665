"""Changes to the content of a scenario file, as a hand would make them."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from typing import Any

from timecone.scenario.file import dumps
from timecone.scenario.scenario import Scenario

#: Stands for "this key is not there".
ABSENT = object()


def content_of(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as its file holds it: tables, lists, numbers, texts and dates."""
    return tomllib.loads(dumps(scenario))


def edited(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy with some keys changed; "correlations.0.rho" is the rho of the first correlation."""
    result = copy.deepcopy(dict(content))
    for path, value in changes.items():
        *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        place: Any = result
        for step in way:
            place = place[step] if isinstance(place, list) else place.setdefault(step, {})
        if value is ABSENT:
            del place[last]
        else:
            place[last] = value
    return result
