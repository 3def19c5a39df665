"""The parts of the compute model that a scenario can switch, and what each needs."""

from __future__ import annotations

from timecone.models.compute.components.data_wall import DATA_WALL
from timecone.models.compute.components.economy import OUTPUT_FEEDBACK
from timecone.models.compute.components.investment import INVESTMENT_FEEDBACK
from timecone.models.compute.components.research import HARDWARE_FEEDBACK, SOFTWARE_FEEDBACK
from timecone.models.compute.components.shocks import PAUSE, STEMS, SUPPLY_SHOCK, WINTER
from timecone.models.compute.components.supply import KINDS, SUPPLY_LIMITS
from timecone.models.model import Component

_LABOUR = ("feedback.substitution", "feedback.parallelisation", "feedback.workforce")
# Parameters that say when a shock begins: of each pair one must be given.
_TIMING = {name: ((f"{stem}_hazard", f"{stem}_start"),) for name, stem in STEMS.items()}

COMPONENTS = (
    Component(
        SOFTWARE_FEEDBACK,
        "Software feedback",
        ("feedback.software_returns", *_LABOUR),
        "AI speeds up research on algorithms.",
    ),
    Component(
        HARDWARE_FEEDBACK,
        "Hardware feedback",
        ("feedback.hardware_returns", *_LABOUR),
        "AI speeds up research on hardware.",
    ),
    Component(
        INVESTMENT_FEEDBACK,
        "Investment feedback",
        ("investment.wakeup_share", "investment.wakeup_growth"),
        "Investors wake up to automation and spend more.",
    ),
    Component(
        OUTPUT_FEEDBACK,
        "Output feedback",
        ("economy.automation_growth",),
        "Automation makes world output grow faster, and what may be spent of it.",
    ),
    Component(
        DATA_WALL,
        "Data wall",
        ("data.stock",),
        "Training that finds too little data makes less of its compute.",
    ),
    Component(
        SUPPLY_LIMITS,
        "Supply limits",
        tuple(f"supply.{kind}" for kind in KINDS),
        "Power, chips and latency bound one training run.",
        any_of=True,
    ),
    Component(
        SUPPLY_SHOCK,
        "Supply shock",
        ("shocks.supply_duration", "shocks.supply_setback"),
        "Leading-edge chip output is lost for some years.",
        one_of=_TIMING[SUPPLY_SHOCK],
    ),
    Component(
        PAUSE,
        "Regulated pause",
        ("shocks.pause_duration", "shocks.pause_research_share"),
        "Spending on the largest run is frozen for some years.",
        one_of=_TIMING[PAUSE],
    ),
    Component(
        WINTER,
        "Investment winter",
        ("shocks.winter_depth",),
        "Spending falls and has to grow again.",
        one_of=_TIMING[WINTER],
    ),
)
