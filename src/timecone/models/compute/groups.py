"""Parameter groups of the compute model: parameters that mean something only together."""

from __future__ import annotations

from timecone.models.compute.components.shocks import STEMS
from timecone.models.model import Group

_REQUIREMENT = {
    "threshold.requirement": "the requirement in the algorithms of that year",
    "threshold.reference_year": "the year in whose algorithms the requirement is stated",
}

#: Stated for the start of the simulation, so that another start makes them wrong.
_AT_START = {
    "hardware.price_performance": "at the start",
    "hardware.headroom": "from its year, or from the start, to the limit",
    "economy.output": "at the start",
    "investment.largest_run": "at the start",
    "investment.trend_lifetime": "counted from the start",
    "algorithms.headroom": "from its year, or from the start, to the limit",
    "supply.power": "at the start",
    "supply.chips": "at the start",
    "supply.latency": "at the start",
    "data.stock": "at the start",
    "chips.growth_before": "before the start",
    "trend.training_compute": "at the start",
    "trend.growth": "at the start",
    "trend.reversion_time": "counted from the start",
    **{f"{stem}_start": "counted from the start" for stem in STEMS.values()},
}

_EXPONENTS = {
    "data.parameter_exponent": "the exponent of the loss in parameters",
    "data.token_exponent": "the exponent of the loss in tokens",
}


def _headroom(factor: str) -> tuple[Group, Group]:
    headroom, year = f"{factor}.headroom", f"{factor}.headroom_year"
    reason = "a headroom is counted from a year"
    return (
        Group((headroom,), reason, qualifiers={year: "the year from which the headroom is counted"}),
        Group((year,), reason, members={headroom: "the headroom from that year to the limit"}),
    )


GROUPS = (
    Group(
        tuple(_REQUIREMENT),
        "a requirement is compute with the algorithms of a year",
        _REQUIREMENT,
        {"threshold.neuron_complexity": "what is added to the requirement"},
        plain_at_start=("threshold.reference_year",),
    ),
    *_headroom("hardware"),
    *_headroom("algorithms"),
    Group(("time.start",), "these numbers are stated for the start", _AT_START),
    Group(("data.stock",), "the stock is multiplied", {"data.multiplier": "how many times the stock counts"}),
    Group(tuple(_EXPONENTS), "the exponents come from one fit of a scaling law", _EXPONENTS),
    *(
        Group(
            (f"{stem}_hazard",),
            "a stated start takes the place of the hazard, which then does nothing",
            qualifiers={f"{stem}_start": "the date that takes the place of the hazard"},
        )
        for stem in STEMS.values()
    ),
)
