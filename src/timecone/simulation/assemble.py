"""From what was collected to a run: labelled, with units and provenance."""

from __future__ import annotations

import copy
import hashlib
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import xarray as xr

from timecone.models.model import Model
from timecone.numerics.sources import source_hash
from timecone.scenario.file import dumps
from timecone.scenario.redraw import optional_constraint
from timecone.scenario.scenario import Scenario
from timecone.schema import (
    BEGINS,
    BY_VALUE,
    CHOICES,
    COMPONENTS,
    CONTRADICTED,
    DERIVED,
    ENDS,
    EXTRA_BEFORE,
    EXTRA_KIND,
    EXTRAPOLATED,
    FACTORS,
    FAILURE,
    FORMAT,
    FORMAT_KEY,
    HEADLINE,
    INPUTS,
    IS_DURATION,
    MAIN_OBSERVABLE,
    NOT_YET_LIKELIHOOD,
    NOT_YET_NUMBERS,
    NOT_YET_RULE,
    NOTE,
    OUTCOMES,
    PATHS,
    REDRAWN,
    REDRAWN_UNTIL,
    REDRAWS,
    SCHEMA_VERSION,
    SHIFT,
    SUMMARY,
    ByteArray,
    Extra,
    Failure,
    FloatArray,
    Inclusion,
    Status,
)
from timecone.simulation.stored_draws import StoredDraws
from timecone.simulation.summary import YEAR, by_value, replicates, summary
from timecone.simulation.tally import Tally
from timecone.version import __version__


def _codes(enum: type[Status | Inclusion]) -> dict[str, object]:
    """Return CF flag attributes of an enumeration."""
    return {
        "flag_values": np.array([e.value for e in enum], dtype=np.int8),
        "flag_meanings": " ".join(e.name.lower() for e in enum),
    }


def _failure_codes(failures: Sequence[Failure]) -> dict[str, object]:
    """Return CF flag attributes of why draws failed."""
    return {
        "long_name": "why the draw failed",
        "flag_values": np.arange(1 + len(failures), dtype=np.int16),
        "flag_meanings": " ".join(["none", *(failure.name for failure in failures)]),
    }


def _draw_coordinate(count: int) -> tuple[str, np.ndarray, dict[str, str]]:
    return "draw", np.arange(count), {"standard_name": "realization", "units": "1"}


def input_dataset(
    scenario: Scenario, names: Sequence[str], values: FloatArray, choices: ByteArray
) -> xr.Dataset:
    """Return drawn inputs, shape (names, draws), with units and sources.

    Of random events the times are stored that the model computes from their variates, so that every draw can
    be recomputed from its inputs alone.
    """
    parameters = {p.name: p for p in scenario.definition.parameters}
    inputs, off = scenario.inputs(), scenario.compiled.inactive
    variables: dict[str, object] = {}
    for row, name in enumerate(names):
        if name in off or (name not in parameters and name not in inputs):
            continue  # what is switched off was not drawn
        attrs = {}
        if name in parameters:
            attrs = {"units": parameters[name].unit, "long_name": parameters[name].meaning}
        if name in inputs:
            quantity = inputs[name]
            attrs = {"units": quantity.unit} | attrs
            attrs |= {"source": quantity.source, "basis": quantity.basis, "as_of": quantity.as_of.isoformat()}
        variables[name] = ("draw", values[row], attrs)
    model, setup = scenario.definition, scenario.setup
    for name, derived in model.derived(values[: model.rows(setup)], setup).items():
        attrs = {"units": derived.unit, "long_name": derived.meaning, DERIVED: "yes"}
        dims = ("draw", derived.events) if derived.events else ("draw",)
        variables[name] = (dims, derived.values, attrs)
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
        for k, choice in enumerate(scenario.compiled.choices)
    }


def outcome_dataset(
    scenario: Scenario, stored: StoredDraws, failures: Sequence[Failure], count: int
) -> xr.Dataset:
    """Return the outcomes of the first ``count`` stored draws, with units and what their codes mean."""
    model = scenario.definition
    return xr.Dataset(
        {
            "arrival": (
                ("milestone", "draw"),
                stored.arrival[:, :count],
                YEAR | {"comment": "+inf: not before the horizon"},
            ),
            "status": (("milestone", "draw"), stored.status[:, :count], _codes(Status)),
            "standing": ("draw", stored.inclusion[:count], _codes(Inclusion)),
            FAILURE: ("draw", stored.failure[:count], _failure_codes(failures)),
        }
        | _durations(model, stored, count)
        | _thresholds(model, stored, count)
        | _likelihood(stored, count)
        | _not_yet(stored, count)
        | _extra_variables(model.extras, stored, count)
        | _choice_variables(scenario, stored.choices[:, :count]),
        coords={
            "draw": _draw_coordinate(count),
            "milestone": [m.name for m in model.milestones],
        },
    )


def _durations(model: Model, stored: StoredDraws, count: int) -> dict[str, object]:
    """Return the durations of each draw."""
    labels = {m.name: m.label for m in model.milestones}
    return {
        d.name: (
            "draw",
            values[:count],
            {
                "units": "year",
                "long_name": f"time from {labels[d.begin]} to {labels[d.end]}",
                IS_DURATION: "yes",
                BEGINS: d.begin,
                ENDS: d.end,
            },
        )
        for d, values in zip(model.durations, stored.durations, strict=True)
    }


def _thresholds(model: Model, stored: StoredDraws, count: int) -> dict[str, object]:
    """Return the thresholds of each draw."""
    return {
        o.threshold.name: (
            "draw",
            stored.thresholds[o.threshold.name][:count],
            {"long_name": o.threshold.meaning, "units": o.unit},
        )
        for o in model.counted_observables
        if o.threshold
    }


def _likelihood(stored: StoredDraws, count: int) -> dict[str, object]:
    """Return the likelihood of the evidence by draw, where the scenario has evidence."""
    if stored.likelihood is None:
        return {}
    about = {"units": "1", "long_name": "likelihood of the evidence, at most 1"}
    return {"likelihood": ("draw", stored.likelihood[:count], about)}


def _not_yet(stored: StoredDraws, count: int) -> dict[str, object]:
    """Return what a softer not-yet rule made of each draw."""
    about = {
        NOT_YET_LIKELIHOOD: {
            "units": "1",
            "long_name": "probability with which the not-yet rule keeps the draw",
        },
        SHIFT: {
            "units": "year",
            "long_name": "shift of the draw's dates by the not-yet rule",
            "comment": "status is that of the dates before the shift; trajectories are not shifted",
        },
    }
    return {name: ("draw", values[:count], about[name]) for name, values in stored.not_yet.items()}


def _extra_variables(extras: Sequence[Extra], stored: StoredDraws, count: int) -> dict[str, object]:
    """Return the model's extras that the run has, each with what it says and of which kind it is."""
    no_yes: dict[str, object] = {"flag_values": np.array([0, 1], dtype=np.int8), "flag_meanings": "no yes"}
    censored = " (decimal year; +inf: not before the horizon)"
    competing = " (decimal year; +inf: not before the horizon, or {} comes first)"
    remarks = {
        extra.name: (
            (competing.format(extra.before) if extra.before else censored) if extra.kind == "date" else ""
        )
        for extra in extras
    }
    return {
        extra.name: (
            "draw",
            stored.extras[extra.name][:count],
            {
                "units": extra.unit,
                "long_name": extra.label,
                "comment": extra.definition + remarks[extra.name],
                EXTRA_KIND: extra.kind,
            }
            | (no_yes if extra.kind == "flag" else {})
            | ({EXTRA_BEFORE: extra.before} if extra.before else {}),
        )
        for extra in extras
        if extra.name in stored.extras
    }


def _paths(scenario: Scenario, stored: StoredDraws, count: int) -> xr.Dataset:
    model, grid = scenario.definition, scenario.time.grid
    trajectories = model.trajectories(stored.model_inputs(count), scenario.setup)
    return xr.Dataset(
        {
            o.name: (
                ("path", "time"),
                trajectories[o.name],
                {"units": o.unit, "long_name": o.label} | ({NOTE: o.note} if o.note else {}),
            )
            for o in model.observables
            if o.name in trajectories
        },
        coords={
            "path": ("path", np.arange(count), {"standard_name": "realization", "units": "1"}),
            "time": ("time", grid.times, YEAR),
        },
    )


def run_id(scenario: Scenario, seed: int, draws: int) -> str:
    """Return 16 hex digits over everything that determines a run's numbers."""
    text = f"{scenario.digest}/{seed}/{draws}/{source_hash()}"
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _softer_rule(scenario: Scenario, tally: Tally) -> dict[str, int | str]:
    """Return a softer not-yet rule with its numbers, and how many draws it concerns."""
    if not scenario.not_yet.outcomes:
        return {}
    return {
        NOT_YET_RULE: scenario.not_yet.rule,
        NOT_YET_NUMBERS: scenario.not_yet.numbers,
        CONTRADICTED: tally.contradicted,
    }


def _redraws(scenario: Scenario, tally: Tally) -> dict[str, int | str]:
    """Return how many draws were drawn again, how often in all, and until what held."""
    if scenario.redraw is None:
        return {}
    constraint = optional_constraint(scenario.definition, scenario.redraw.constraint)
    return {
        REDRAWN: tally.redrawn,
        REDRAWS: tally.redraws,
        REDRAWN_UNTIL: "" if constraint is None else constraint.meaning,
    }


def assemble(
    scenario: Scenario,
    stored: StoredDraws,
    tally: Tally,
    failures: Sequence[Failure],
    *,
    seed: int,
    wanted: int,
    finished: int,
    paths: int,
) -> xr.DataTree:
    """Return the run of the first ``finished`` draws."""
    model = scenario.definition
    count = min(finished, stored.size)
    grid = scenario.time.grid
    inputs = input_dataset(scenario, stored.names, stored.inputs[:, :count], stored.choices[:, :count])
    counts = tally.counts
    pooled = counts[0] if len(counts) == 1 else copy.deepcopy(counts[0])
    for part in counts[1:]:
        pooled.merge(part)
    root = xr.Dataset(
        attrs={
            FORMAT_KEY: FORMAT,
            "schema_version": SCHEMA_VERSION,
            "Conventions": "CF-1.11",
            "title": scenario.title or scenario.name,
            "name": scenario.name,
            "model": scenario.model,
            HEADLINE: model.headline,
            MAIN_OBSERVABLE: next(iter(model.grids), ""),
            FACTORS: " ".join(
                f"{part}={name}" for part, name in model.factors(scenario.components_on).items()
            ),
            EXTRAPOLATED: ""
            if scenario.components_on.isdisjoint(model.extrapolated_with)
            else model.headline,
            "run_id": run_id(scenario, seed, finished),
            COMPONENTS: " ".join(c.name for c in model.components if c.name in scenario.components_on),
            CHOICES: " ".join(scenario.choices),
            "scenario_digest": scenario.digest,
            "scenario": dumps(scenario),
            "conditions": " ".join(str(scenario.conditions).split()),
            "as_of": scenario.as_of.isoformat(),
            "seed": seed,
            "draws": finished,
            "draws_wanted": wanted,
            **_redraws(scenario, tally),
            **_softer_rule(scenario, tally),
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
            OUTCOMES: outcome_dataset(scenario, stored, failures, count),
            PATHS: _paths(scenario, stored, paths),
            SUMMARY: summary(scenario, pooled, failures, tally.first_failures),
        }
        | ({BY_VALUE: by_value(scenario, pooled)} if pooled.by_choice else {})
        | (replicates(scenario, counts) if len(counts) > 1 else {}),
        name=scenario.name,
    )
