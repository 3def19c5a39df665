"""Observables: task horizon, effective compute, coding multiple, research taste and speed-up of a draw."""

from __future__ import annotations

from typing import Final

from timecone.models.horizon import coding_labour, taste
from timecone.models.horizon import series as exogenous
from timecone.models.horizon.human_only import LN_10
from timecone.models.horizon.integration import compute_at, lag_at
from timecone.models.horizon.state import Draw, log_speedup
from timecone.models.horizon.time_horizon import log10_horizon
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray, Grid, Observable, Threshold

#: Observables that are counted over all draws come first.
OBSERVABLES: Final = (
    Observable(
        "task_horizon",
        "Task horizon at 80 %",
        "log10 hour",
        grid=Grid(low=-10.0, width=0.05, bins=800),
        threshold=Threshold("required_horizon", "Task horizon of the automated coder, log10 hour"),
        note="Hours of human work. It has no bound where each doubling takes less than the one before.",
    ),
    Observable(
        "effective_compute",
        "Effective compute",
        "log10",
        grid=Grid(low=-50.0, width=0.05, bins=4000),
        note="That of {start:g} is 1.",
    ),
    Observable(
        "coding_multiple",
        "Coding labour over that of humans alone",
        "log10",
        grid=Grid(low=0.0, width=0.05, bins=700),
        note="With the resources of {start:g}.",
    ),
    Observable(
        "research_speedup",
        "Software progress over that of humans alone",
        "log10",
        grid=Grid(low=-2.0, width=0.02, bins=2000),
        note="With the resources of {start:g}.",
    ),
    Observable(
        "research_taste",
        "Research taste of AI",
        "1",
        grid=Grid(low=-100.0, width=0.1, bins=4000),
        note="Standard deviations of human researchers above their median.",
    ),
    Observable("team_taste", "Research taste of a team of humans and AI", "log10"),
    Observable("automatable_share", "Share of coding tasks that AI can automate", "1"),
    Observable("research_stock", "Research stock", "log10", note="In years of the throughput 1."),
)
#: Observables that are counted.
COUNTED: Final = sum(o.grid is not None for o in OBSERVABLES)


@kernel
def observe(
    draw: Draw, path: FloatArray, points: int, now: float, then: float, time: float, out: FloatArray
) -> None:
    """Fill ``out``, one number per observable or the counted ones alone.

    ``now`` is E at the start, ``then`` that at the date of the horizon that the draw states.
    """
    compute = compute_at(path, points, time)
    out[0] = log10_horizon(draw.horizon, compute - then)
    out[1] = compute - now
    out[2] = coding_labour.log_multiple(draw.coding, compute, draw.log_compute_per_coder) / LN_10
    out[3] = log_speedup(draw, compute) / LN_10
    out[4] = taste.standard_deviations(draw.taste, compute)
    if out.size == COUNTED:
        return
    out[5] = taste.log_team_taste(draw.taste, compute) / LN_10
    out[6] = coding_labour.automatable_share(draw.coding, compute)
    # E = G + r log10(R / R of the first year), and the lag where training adds up.
    j = exogenous.row_before(draw.series.years, time, 0)
    software = compute - exogenous.growth_until(draw.series, time, j) - lag_at(path, points, time) / LN_10
    out[7] = software / draw.human_only.returns + draw.log_first_stock / LN_10
