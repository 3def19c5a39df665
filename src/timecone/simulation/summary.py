"""Summary of a run: the counts over all draws, as labelled datasets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Final

import numpy as np
import xarray as xr

from timecone.models.model import Model
from timecone.results.estimators.histogram import grid_percentiles
from timecone.results.run_file.accumulator import Accumulator
from timecone.scenario.scenario import Scenario
from timecone.schema import (
    BIN_WIDTH,
    BINS_PER_YEAR,
    COUNT_OF,
    FAN_OF,
    FAN_PERCENTILES,
    GRID_BINS,
    GRID_LOW,
    GRID_WIDTH,
    LIKELIHOOD_RULE,
    NOTE,
    REPLICATES,
    REPLICATES_BY_VALUE,
    STRATUM_SEPARATOR,
    THRESHOLD,
    Failure,
    FloatArray,
    Inclusion,
    IntArray,
    Observable,
    Status,
)
from timecone.simulation.counts import Counts

#: Attributes of a coordinate of decimal years.
YEAR: Final = {"units": "1", "long_name": "decimal year"}


def summary(scenario: Scenario, counts: Counts, failures: Sequence[Failure], first: IntArray) -> xr.Dataset:
    """Return what is counted over all draws of a run, labelled.

    Of the ways in which draws can fail, those in which any did; ``first`` is the number of the first such
    draw.
    """
    model, grid, accumulator = scenario.definition, scenario.time.grid, counts.strata
    q = np.array(FAN_PERCENTILES)
    cumulative = np.cumsum(accumulator.arrivals.sum(axis=1), axis=1)
    total = cumulative[:, -1] + accumulator.beyond.sum(axis=1)
    years = np.arange(int(accumulator.origin), int(np.floor(grid.horizon)))
    ends = (years + 1 - int(accumulator.origin)) * BINS_PER_YEAR - 1
    return xr.Dataset(
        _by_cell(model, accumulator)
        | _evidence(scenario, accumulator)
        | _fans(model, accumulator, q)
        | {
            "cdf": (
                ("milestone", "year"),
                cumulative[:, ends] / np.maximum(total, 1)[:, None],
                {"units": "1", "long_name": "probability by the end of the year"},
            ),
        }
        | _failures(accumulator, failures, first),
        coords=_coordinates(scenario, strata=not counts.by_choice)
        | {
            "time": ("time", grid.observed_times, YEAR),
            "percentile": ("percentile", q, {"units": "percent"}),
            "year": ("year", years, {"units": "1", "long_name": "calendar year"}),
        },
        attrs={"origin": accumulator.origin, "bin_width": BIN_WIDTH},
    )


def _grid(observable: Observable) -> dict[str, object]:
    """Return attributes that say in which bins an observable is counted."""
    assert observable.grid is not None
    grid = observable.grid
    return {"units": observable.unit, GRID_LOW: grid.low, GRID_WIDTH: grid.width, GRID_BINS: grid.bins}


def _fans(model: Model, accumulator: Accumulator, q: FloatArray) -> dict[str, object]:
    """Return the percentiles over time of every observable that is counted."""
    fans: dict[str, object] = {}
    for observable, counts in zip(model.counted_observables, accumulator.observables, strict=True):
        assert observable.grid is not None
        about = _grid(observable) | {"long_name": observable.label}
        if observable.threshold:
            about[THRESHOLD] = observable.threshold.name
        if observable.note:
            about[NOTE] = observable.note
        values = grid_percentiles(counts, q, observable.grid)
        fans[FAN_OF + observable.name] = (("time", "percentile"), values, about)
    return fans


def _thresholds(model: Model, accumulator: Accumulator) -> dict[str, Entry]:
    having = [o for o in model.counted_observables if o.threshold]
    return {
        o.threshold.name + COUNT_OF: (("cell", f"{o.name}_bin"), counts, _grid(o))
        for o, counts in zip(having, accumulator.thresholds, strict=True)
        if o.threshold
    }


type Entry = tuple[tuple[str, ...], IntArray] | tuple[tuple[str, ...], IntArray, dict[str, object]]


def _by_cell(model: Model, accumulator: Accumulator) -> dict[str, Entry]:
    """Return the counts that a run has by stratum."""
    return {**accumulator.counts, **_thresholds(model, accumulator)}


def _evidence(scenario: Scenario, accumulator: Accumulator) -> dict[str, tuple[tuple[str, ...], IntArray]]:
    weighted = has_weights(scenario)
    return {"likelihood_sum": (("power", "cell"), accumulator.likelihoods)} if weighted else {}


def has_weights(scenario: Scenario) -> bool:
    """Return whether draws are kept with a probability: by evidence, or by a softer not-yet rule."""
    return scenario.evidence is not None or scenario.not_yet.rule == LIKELIHOOD_RULE


def _failures(accumulator: Accumulator, failures: Sequence[Failure], first: IntArray) -> dict[str, object]:
    """Return how many draws failed and why; nothing where none did."""
    rows = np.flatnonzero(accumulator.failures.sum(axis=1)).tolist()
    if not rows:
        return {}
    happened = [failures[row] for row in rows]
    return {
        "failure_count": (("failure", "cell"), accumulator.failures[rows]),
        "failure_first": ("failure", first[rows], {"long_name": "number of the first draw"}),
        "failure_name": ("failure", [f.name for f in happened]),
        "failure_label": ("failure", [f.label for f in happened]),
        "failure_where": ("failure", [f.where for f in happened]),
    }


def _coordinates(scenario: Scenario, *, strata: bool) -> dict[str, object]:
    """Return the names along the dimensions of counts; ``strata`` says whether combinations are counted."""
    model = scenario.definition
    choices = scenario.compiled.choices if strata else ()
    combinations = list(product(*(choice.values for choice in choices)))
    names: dict[str, object] = {
        "milestone": [m.name for m in model.milestones],
        "milestone_label": ("milestone", [m.label for m in model.milestones]),
        "milestone_definition": ("milestone", [m.definition for m in model.milestones]),
        "cell": [STRATUM_SEPARATOR.join(c) or "all" for c in combinations],
        "standing": [e.name.lower() for e in Inclusion],
        "status": [e.name.lower() for e in Status],
    }
    if model.durations:
        names["duration"] = [d.name for d in model.durations]
        names["duration_label"] = ("duration", [d.label for d in model.durations])
    for k, choice in enumerate(choices):
        names[f"choice_{choice.name}"] = ("cell", [c[k] for c in combinations])
    if scenario.not_yet_milestones:
        names["rule"] = list(dict.fromkeys(scenario.not_yet_milestones))
    if has_weights(scenario):
        names["power"] = [1, 2]
    flags = [e for e in model.extras_of(scenario.components_on) if e.kind == "flag"]
    if flags:
        names["flag"] = [f.name for f in flags]
        names["flag_label"] = ("flag", [f.label for f in flags])
        names["flag_definition"] = ("flag", [f.definition for f in flags])
    return names


def by_value(scenario: Scenario, counts: Counts) -> xr.Dataset:
    """Return the counts by value of each choice: a stratum is a value, its other choices are empty."""
    return _values_as_cells(
        scenario,
        [xr.Dataset(_by_cell(scenario.definition, t) | _evidence(scenario, t)) for t in counts.by_choice],
    ).assign_coords({k: v for k, v in _coordinates(scenario, strata=False).items() if k != "cell"})


def _values_as_cells(scenario: Scenario, parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Join datasets, one for each choice, along the strata."""
    choices = scenario.compiled.choices
    pairs = [(choice.name, value) for choice in choices for value in choice.values]
    coordinates: dict[str, object] = {"cell": [f"{name} = {value}" for name, value in pairs]}
    for choice in choices:
        coordinates[f"choice_{choice.name}"] = ("cell", [v if n == choice.name else "" for n, v in pairs])
    return xr.concat(parts, "cell", data_vars="minimal").assign_coords(coordinates)


def replicates(scenario: Scenario, counts: Sequence[Counts]) -> dict[str, xr.Dataset]:
    """Return the groups with the counts of each replicate, whose spread gives the Monte Carlo error."""
    model = scenario.definition
    groups = {REPLICATES: _of_replicates(model, [part.strata for part in counts])}
    if counts[0].by_choice:
        by_choice = zip(*(part.by_choice for part in counts), strict=True)
        parts = [_of_replicates(model, tallies) for tallies in by_choice]
        groups[REPLICATES_BY_VALUE] = _values_as_cells(scenario, parts)
    return groups


def _of_replicates(model: Model, tallies: Sequence[Accumulator]) -> xr.Dataset:
    wanted = {"arrival_count", "arrival_beyond", "duration_count", "duration_beyond"}
    parts = [xr.Dataset({k: v for k, v in _by_cell(model, t).items() if k in wanted}) for t in tallies]
    return xr.concat(parts, "replicate")
