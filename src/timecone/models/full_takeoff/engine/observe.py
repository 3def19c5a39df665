"""Observables of the Full Takeoff economy, and what is recorded of a draw at a step."""

from __future__ import annotations

from typing import Final

from timecone.models.full_takeoff.components.fractions import FRACTIONS
from timecone.models.full_takeoff.engine import layout as row
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import LOG10_2, log2
from timecone.schema import FloatArray, Grid, Observable, Threshold

#: Observables that are counted over all draws come first.
OBSERVABLES: Final = (
    Observable(
        "training_run",
        "Effective compute of the largest training run",
        "log10 FLOP",
        grid=Grid(low=20.0, width=0.02, bins=4500),
        threshold=Threshold("requirement", "Training compute that all tasks need, log10 FLOP"),
        note="FLOP with the software of {start:g}.",
    ),
    Observable(
        "world_output",
        "Gross world product",
        "log10 USD/year",
        grid=Grid(low=13.0, width=0.02, bins=2500),
    ),
    Observable(
        "automated_goods",
        "Automated share of goods and services",
        "1",
        grid=Grid(low=-0.005, width=0.01, bins=102),
    ),
    Observable("automated_rnd", "Automated share of research on hardware", "1"),
    Observable("automatable_goods", "Share of goods and services that can be automated", "1"),
    Observable("automatable_rnd", "Share of research that can be automated", "1"),
    Observable(
        "automatable_untraded", "Share of goods and services that can be automated without a trade-off", "1"
    ),
    Observable("effective_compute", "Effective compute", "log10 FLOP/year"),
    Observable("physical_compute", "Stock of hardware", "log10 FLOP/year"),
    Observable("software", "Software efficiency, that of the start being 1", "log10"),
    Observable("price_performance", "Price-performance of the best hardware", "log10 FLOP/year/USD"),
    Observable("capital", "Capital", "log10 USD"),
    Observable("run_cost", "Cost of the largest training run", "log10 USD"),
    Observable("rnd_multiplier", "Research on hardware over that without AI", "1"),
    *(Observable(f"fraction_{name}", f"Fraction of {meaning}", "1") for name, meaning in FRACTIONS.items()),
)
#: Observables that are counted.
COUNTED: Final = sum(o.grid is not None for o in OBSERVABLES)


@scalar
def _log10(x: float) -> float:
    return log2(x) * LOG10_2


@scalar
def record(state: FloatArray, levels: FloatArray, money: float, out: FloatArray) -> None:
    """Fill ``out``, one number per observable, or the counted ones alone."""
    out[0] = _log10(levels[row.RUN])
    out[1] = _log10(levels[row.OUTPUT])
    out[2] = levels[row.AUTOMATED_GOODS]
    if out.size == COUNTED:
        return
    out[3] = levels[row.AUTOMATED_RND]
    out[4] = levels[row.AUTOMATABLE_GOODS]
    out[5] = levels[row.AUTOMATABLE_RND]
    out[6] = levels[row.UNTRADED]
    out[7] = _log10(levels[row.COMPUTE])
    out[8] = _log10(state[row.STOCK])
    out[9] = _log10(state[row.SOFTWARE])
    out[10] = _log10(state[row.HARDWARE])
    out[11] = _log10(state[row.CAPITAL])
    out[12] = _log10(money)
    out[13] = levels[row.MULTIPLIER]
    for n in range(row.FRACTIONS):
        out[14 + n] = state[row.FRACTION + n]
