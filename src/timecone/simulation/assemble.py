"""From what was collected to a run: labelled, with units and provenance."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import xarray as xr

from timecone import __version__
from timecone.numerics.compiled import source_hash
from timecone.results.curves import level_percentiles
from timecone.results.tally import Tally
from timecone.scenario.compile import choice_weights
from timecone.scenario.file import dumps
from timecone.scenario.identity import digest
from timecone.scenario.scenario import Scenario
from timecone.scenario.switches import idle
from timecone.schema import (
    BIN_WIDTH,
    BINS_PER_YEAR,
    CELL_SEPARATOR,
    FAN_PERCENTILES,
    FORMAT,
    FORMAT_KEY,
    INPUTS,
    LEVEL_LOW,
    LEVEL_WIDTH,
    OUTCOMES,
    PATHS,
    REPLICATES,
    SCHEMA_VERSION,
    SUMMARY,
    TAKEOFF,
    ByteArray,
    FloatArray,
    Standing,
    Status,
)
from timecone.simulation.collect import Collector

_YEAR = {"units": "1", "long_name": "decimal year"}


def _codes(enum: type[Status | Standing]) -> dict[str, object]:
    """Return CF flag attributes of an enumeration."""
    return {
        "flag_values": np.array([e.value for e in enum], dtype=np.int8),
        "flag_meanings": " ".join(e.name.lower() for e in enum),
    }


def _draw_coordinate(count: int) -> tuple[str, np.ndarray, dict[str, str]]:
    return "draw", np.arange(count), {"standard_name": "realization", "units": "1"}


def input_dataset(
    scenario: Scenario, names: Sequence[str], values: FloatArray, choices: ByteArray
) -> xr.Dataset:
    """Return drawn inputs, shape (names, draws), with units and sources."""
    parameters = {p.name: p for p in scenario.definition.parameters}
    inputs, off = scenario.inputs(), idle(scenario)
    variables: dict[str, object] = {}
    for row, name in enumerate(names):
        if name in off or (name not in parameters and name not in inputs):
            continue  # what is switched off was not drawn; the times of random events follow from the seed
        attrs = {}
        if name in parameters:
            attrs = {"units": parameters[name].unit, "long_name": parameters[name].meaning}
        if name in inputs:
            given = inputs[name]
            attrs = {"units": given.unit} | attrs
            attrs |= {"source": given.source, "basis": given.basis, "as_of": given.as_of.isoformat()}
        variables[name] = ("draw", values[row], attrs)
    return xr.Dataset(
        variables | _choice_variables(scenario, choices),
        coords={"draw": _draw_coordinate(values.shape[1])},
    )


def _choice_variables(scenario: Scenario, choices: ByteArray) -> dict[str, object]:
    return {
        f"choice_{choice.name}": (
            "draw",
            choices[k],
            {
                "flag_values": np.arange(len(choice.values), dtype=np.int8),
                "flag_meanings": " ".join(choice.values),
            },
        )
        for k, choice in enumerate(choice_weights(scenario))
    }


def _outcomes(scenario: Scenario, collector: Collector, count: int) -> xr.Dataset:
    model = scenario.definition
    (threshold, meaning), *_ = model.thresholds.items()
    labels = {m.name: m.label for m in model.milestones}
    begin, end = (labels[name] for name in model.takeoff)
    return xr.Dataset(
        {
            "arrival": (
                ("milestone", "draw"),
                collector.arrival[:, :count],
                _YEAR | {"comment": "+inf: not before the horizon"},
            ),
            "status": (("milestone", "draw"), collector.status[:, :count], _codes(Status)),
            TAKEOFF: (
                "draw",
                collector.takeoff[:count],
                {"units": "year", "long_name": f"time from {begin} to {end}"},
            ),
            "standing": ("draw", collector.standing[:count], _codes(Standing)),
            threshold: ("draw", collector.threshold[:count], {"long_name": meaning}),
        }
        | _choice_variables(scenario, collector.choices[:, :count]),
        coords={
            "draw": _draw_coordinate(count),
            "milestone": [m.name for m in model.milestones],
        },
    )


def _paths(scenario: Scenario, collector: Collector, count: int) -> xr.Dataset:
    model, grid = scenario.definition, scenario.time.grid
    found = model.trajectories(collector.model_inputs(count), scenario.setup)
    return xr.Dataset(
        {
            o.name: (("path", "time"), found[o.name], {"units": o.unit, "long_name": o.label})
            for o in model.observables
            if o.name in found
        },
        coords={
            "path": ("path", np.arange(count), {"standard_name": "realization", "units": "1"}),
            "time": ("time", grid.times, _YEAR),
        },
    )


def _summary(scenario: Scenario, tally: Tally) -> xr.Dataset:
    model, grid = scenario.definition, scenario.time.grid
    combinations: list[tuple[str, ...]] = [()]
    choices = choice_weights(scenario)
    for choice in choices:
        combinations = [(*c, value) for c in combinations for value in choice.values]
    q = np.array(FAN_PERCENTILES)
    observable = model.observables[0]
    cumulative = np.cumsum(tally.arrivals.sum(axis=1), axis=1)
    total = cumulative[:, -1] + tally.beyond.sum(axis=1)
    years = np.arange(int(tally.origin), int(np.floor(grid.horizon)))
    ends = (years + 1 - int(tally.origin)) * BINS_PER_YEAR - 1
    coordinates: dict[str, object] = {
        "milestone": [m.name for m in model.milestones],
        "milestone_label": ("milestone", [m.label for m in model.milestones]),
        "milestone_definition": ("milestone", [m.definition for m in model.milestones]),
        "cell": [CELL_SEPARATOR.join(c) or "all" for c in combinations],
        "time": ("time", grid.observed_times, _YEAR),
        "percentile": ("percentile", q, {"units": "percent"}),
        "year": ("year", years, {"units": "1", "long_name": "calendar year"}),
        "standing": [e.name.lower() for e in Standing],
        "status": [e.name.lower() for e in Status],
    }
    for k, choice in enumerate(choices):
        coordinates[f"choice_{choice.name}"] = ("cell", [c[k] for c in combinations])
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
        },
        coords=coordinates,
        attrs={
            "origin": tally.origin,
            "bin_width": BIN_WIDTH,
            "level_low": LEVEL_LOW,
            "level_width": LEVEL_WIDTH,
        },
    )


def _replicates(tallies: Sequence[Tally]) -> xr.Dataset:
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


def run_id(scenario: Scenario, seed: int, draws: int) -> str:
    """Return 16 hex digits over everything that determines a run's numbers."""
    text = f"{digest(scenario)}/{seed}/{draws}/{source_hash()}"
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def assemble(
    scenario: Scenario,
    collector: Collector,
    *,
    seed: int,
    wanted: int,
    finished: int,
    paths: int,
) -> xr.DataTree:
    """Return the run of the first ``finished`` draws."""
    stored = min(finished, collector.standing.size)
    grid = scenario.time.grid
    inputs = input_dataset(
        scenario, collector.names, collector.inputs[:, :stored], collector.choices[:, :stored]
    )
    tallies = collector.tallies()
    pooled = tallies[0].copy()
    for part in tallies[1:]:
        pooled.merge(part)
    root = xr.Dataset(
        attrs={
            FORMAT_KEY: FORMAT,
            "schema_version": SCHEMA_VERSION,
            "Conventions": "CF-1.11",
            "title": scenario.title or scenario.name,
            "name": scenario.name,
            "model": scenario.model,
            "run_id": run_id(scenario, seed, finished),
            "scenario_digest": digest(scenario),
            "scenario": dumps(scenario),
            "conditions": " ".join(scenario.conditions.split()),
            "as_of": scenario.as_of.isoformat(),
            "seed": seed,
            "draws": finished,
            "draws_wanted": wanted,
            "start": grid.start,
            "horizon": grid.horizon,
            "step": grid.step,
            "design": scenario.run.design,
            "version": __version__,
            "source_hash": source_hash(),
            "platform": f"{platform.system()} {platform.machine()}, Python "
            f"{platform.python_version()}, NumPy {np.__version__}",
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )
    return xr.DataTree.from_dict(
        {
            "/": root,
            INPUTS: inputs,
            OUTCOMES: _outcomes(scenario, collector, stored),
            PATHS: _paths(scenario, collector, paths),
            SUMMARY: _summary(scenario, pooled),
        }
        | ({REPLICATES: _replicates(tallies)} if len(tallies) > 1 else {}),
        name=scenario.name,
    )
