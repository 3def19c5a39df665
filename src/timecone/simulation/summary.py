"""What is counted over all draws of a run, as labelled datasets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr

from timecone.results.curves import level_percentiles
from timecone.results.tally import Tally
from timecone.scenario.compile import choice_weights
from timecone.scenario.scenario import Scenario
from timecone.schema import (
    BIN_WIDTH,
    BINS_PER_YEAR,
    CELL_SEPARATOR,
    FAN_PERCENTILES,
    LEVEL_LOW,
    LEVEL_WIDTH,
    Failure,
    IntArray,
    Standing,
    Status,
)

#: Attributes of a coordinate of decimal years.
YEAR: Final = {"units": "1", "long_name": "decimal year"}


def summary(scenario: Scenario, tally: Tally, failures: Sequence[Failure], first: IntArray) -> xr.Dataset:
    """Return what is counted over all draws of a run, labelled.

    Of the ways in which draws can fail, those in which any did; ``first`` is the number of the first such
    draw.
    """
    model, grid = scenario.definition, scenario.time.grid
    q = np.array(FAN_PERCENTILES)
    observable = model.observables[0]
    cumulative = np.cumsum(tally.arrivals.sum(axis=1), axis=1)
    total = cumulative[:, -1] + tally.beyond.sum(axis=1)
    years = np.arange(int(tally.origin), int(np.floor(grid.horizon)))
    ends = (years + 1 - int(tally.origin)) * BINS_PER_YEAR - 1
    flags = {
        "flag_count": (("flag", "cell"), tally.flags),
        "flag_arrived_count": (("flag", "cell"), tally.flags_arrived),
    }
    return xr.Dataset(
        {
            "arrival_count": (("milestone", "cell", "date_bin"), tally.arrivals),
            "arrival_beyond": (("milestone", "cell"), tally.beyond),
            "takeoff_count": (("cell", "duration_bin"), tally.takeoffs),
            "takeoff_beyond": ("cell", tally.takeoffs_beyond),
            "takeoff_from_start": ("cell", tally.takeoffs_from_start),
            "threshold_count": (("cell", "level_bin"), tally.thresholds),
            "standing_count": (("cell", "standing"), tally.standing),
            "status_count": (("milestone", "cell", "status"), tally.status),
            "fan": (
                ("time", "percentile"),
                level_percentiles(tally.levels, q),
                {"units": observable.unit, "long_name": observable.label},
            ),
            "cdf": (
                ("milestone", "year"),
                cumulative[:, ends] / np.maximum(total, 1)[:, None],
                {"units": "1", "long_name": "probability by the end of the year"},
            ),
        }
        # A dimension without length would come back from a file as an unlimited one.
        | (flags if len(tally.flags) else {})
        | (
            {"contradiction_count": (("rule", "cell"), tally.contradictions)}
            if len(tally.contradictions)
            else {}
        )
        | ({"likelihood_sum": (("power", "cell"), tally.likelihoods)} if scenario.evidence else {})
        | _failures(tally, failures, first),
        coords=_coordinates(scenario)
        | {
            "percentile": ("percentile", q, {"units": "percent"}),
            "year": ("year", years, {"units": "1", "long_name": "calendar year"}),
        },
        attrs={
            "origin": tally.origin,
            "bin_width": BIN_WIDTH,
            "level_low": LEVEL_LOW,
            "level_width": LEVEL_WIDTH,
        },
    )


def _failures(tally: Tally, failures: Sequence[Failure], first: IntArray) -> dict[str, object]:
    """Return how many draws failed and why; nothing where none did."""
    rows = np.flatnonzero(tally.failures.sum(axis=1)).tolist()
    if not rows:
        return {}
    happened = [failures[row] for row in rows]
    return {
        "failure_count": (("failure", "cell"), tally.failures[rows]),
        "failure_first": ("failure", first[rows], {"long_name": "number of the first draw"}),
        "failure_name": ("failure", [f.name for f in happened]),
        "failure_label": ("failure", [f.label for f in happened]),
        "failure_where": ("failure", [f.where for f in happened]),
    }


def _coordinates(scenario: Scenario) -> dict[str, object]:
    """Return the names along the dimensions of the counts."""
    model = scenario.definition
    combinations: list[tuple[str, ...]] = [()]
    choices = choice_weights(scenario)
    for choice in choices:
        combinations = [(*c, value) for c in combinations for value in choice.values]
    found: dict[str, object] = {
        "milestone": [m.name for m in model.milestones],
        "milestone_label": ("milestone", [m.label for m in model.milestones]),
        "milestone_definition": ("milestone", [m.definition for m in model.milestones]),
        "cell": [CELL_SEPARATOR.join(c) or "all" for c in combinations],
        "time": ("time", scenario.time.grid.observed_times, YEAR),
        "standing": [e.name.lower() for e in Standing],
        "status": [e.name.lower() for e in Status],
    }
    for k, choice in enumerate(choices):
        found[f"choice_{choice.name}"] = ("cell", [c[k] for c in combinations])
    if scenario.not_yet_milestones:
        found["rule"] = list(dict.fromkeys(scenario.not_yet_milestones))
    if scenario.evidence:
        found["power"] = [1, 2]
    flags = [e for e in model.extras_of(scenario.components_on) if e.kind == "flag"]
    if flags:
        found["flag"] = [f.name for f in flags]
        found["flag_label"] = ("flag", [f.label for f in flags])
        found["flag_definition"] = ("flag", [f.definition for f in flags])
    return found


def replicates(tallies: Sequence[Tally]) -> xr.Dataset:
    """Return the counts of each replicate, from whose spread the Monte Carlo error is read."""
    return xr.Dataset(
        {
            "arrival_count": (
                ("replicate", "milestone", "cell", "date_bin"),
                np.array([t.arrivals for t in tallies]),
            ),
            "arrival_beyond": (("replicate", "milestone", "cell"), np.array([t.beyond for t in tallies])),
            "takeoff_count": (("replicate", "cell", "duration_bin"), np.array([t.takeoffs for t in tallies])),
            "takeoff_beyond": (("replicate", "cell"), np.array([t.takeoffs_beyond for t in tallies])),
        }
    )
