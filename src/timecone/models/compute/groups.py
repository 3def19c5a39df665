"""Groups of parameters of the compute model that mean something only together."""

from __future__ import annotations

from timecone.models.compute.shocks import STEMS
from timecone.models.model import Group

_REQUIREMENT = {
    "threshold.requirement": "the requirement in the algorithms of that year",
    "threshold.reference_year": "the year in whose algorithms the requirement is stated",
    "threshold.neuron_complexity": "how much is added to the requirement",
}

#: Stated for the start of the simulation, so that another start makes them wrong.
_AT_START = {
    "hardware.price_performance": "at the start",
    "hardware.headroom": "from the start to the limit",
    "economy.output": "at the start",
    "investment.largest_run": "at the start",
    "investment.trend_lifetime": "counted from the start",
    "algorithms.headroom": "from the start to the limit",
    "supply.power": "at the start",
    "supply.chips": "at the start",
    "supply.latency": "at the start",
    "data.stock": "at the start",
    **{f"{stem}_start": "counted from the start" for stem in STEMS.values()},
}

GROUPS = (
    Group(
        ("threshold.requirement", "threshold.reference_year"),
        _REQUIREMENT,
        "a requirement is compute with the algorithms of a year",
    ),
    Group(("time.start",), _AT_START, "these numbers are stated for the start"),
    Group(
        ("data.stock",),
        {"data.multiplier": "how many times the stock counts"},
        "the stock is multiplied",
    ),
    Group(
        ("data.parameter_exponent", "data.token_exponent"),
        {
            "data.parameter_exponent": "the exponent of the loss in parameters",
            "data.token_exponent": "the exponent of the loss in tokens",
        },
        "the exponents come from one fit of a scaling law",
    ),
    *(
        Group(
            (f"{stem}_hazard",),
            {f"{stem}_start": "the date that takes the place of the hazard"},
            "a stated start takes the place of the hazard, which then does nothing",
        )
        for stem in STEMS.values()
    ),
)
