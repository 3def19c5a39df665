"""Registry of models: those of timecone, and those that installed packages offer.

A package offers a model through an entry point of the group ``timecone.models``: the name of the entry point
is the name in scenario files, its object a `timecone.models.model.Model`.
"""

from __future__ import annotations

import importlib
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Final

from timecone.errors import ScenarioError, suggestion
from timecone.models.model import Model, ModelFigure

#: Group of entry points.
GROUP: Final = "timecone.models"

_BUILT_IN: Final = {
    "ai_futures": "timecone.models.horizon.model:MODEL",
    "ai2027_takeoff": "timecone.models.ai2027.takeoff:MODEL",
    "benchmarks_and_gaps": "timecone.models.ai2027.benchmarks:MODEL",
    "benchmarks_and_gaps_2025_05": "timecone.models.ai2027.benchmarks_2025_05:MODEL",
    "compute": "timecone.models.compute.model:MODEL",
    "full_takeoff": "timecone.models.full_takeoff.model:MODEL",
    "research_automation": "timecone.models.research_automation.model:MODEL",
    "software_explosion": "timecone.models.software_explosion.model:MODEL",
    "time_horizon_extension": "timecone.models.ai2027.time_horizon:MODEL",
    "time_horizon_extension_2025_05": "timecone.models.ai2027.time_horizon_2025_05:MODEL",
    "toy": "timecone.models.toy.model:MODEL",
}
_REGISTERED: dict[str, Model] = {}


def register(model: Model) -> Model:
    """Make a model known under its name, for this process.

    Parameters
    ----------
    model : Model
        The model; another one of the same name is replaced.

    Returns
    -------
    Model
        The same one.

    Raises
    ------
    ScenarioError
        The model contradicts itself: it names a milestone, an observable or a parameter that it has not.
    """
    _require_consistent(model)
    _REGISTERED[model.name] = model
    return model


def unregister(name: str) -> None:
    """Forget a model that was registered in this process."""
    _REGISTERED.pop(name, None)


def known() -> tuple[str, ...]:
    """Return the names of all models, in alphabetical order."""
    return tuple(sorted({*_BUILT_IN, *_REGISTERED, *_offered()}))


def find(name: str) -> Model:
    """Return the model of that name.

    Raises
    ------
    ScenarioError
        There is no such model, or what a package offers under the name is no model.
    """
    if name in _REGISTERED:
        return _REGISTERED[name]
    where = _BUILT_IN.get(name) or _offered().get(name)
    if where is None:
        raise ScenarioError("unknown-model", "unknown model", got=name, remedy=suggestion(name, known()))
    model = imported(where)
    if not isinstance(model, Model):
        raise ScenarioError("not-a-model", "the entry point of the package is not a model", got=where)
    _require_consistent(model)
    # Under the name of the entry point, which is the one in scenario files.
    _REGISTERED[name] = model
    return model


def figures_of(name: str) -> tuple[ModelFigure, ...]:
    """Return the figures that only runs of a model have; none of a model that is not known here."""
    return find(name).figures if name in known() else ()


def imported(where: str) -> Any:
    """Return the object named by ``module:name``."""
    module, _, name = where.partition(":")
    return getattr(importlib.import_module(module), name)


@cache
def _offered() -> dict[str, str]:
    return {point.name: point.value for point in entry_points(group=GROUP)}


def _require_consistent(model: Model) -> None:
    milestones = {m.name for m in model.milestones}
    parameters = {p.name for p in model.parameters}
    observables = {o.name for o in model.observables}
    components = {c.name for c in model.components}
    named = [
        ("headline", {model.headline}, milestones),
        ("durations", {end for d in model.durations for end in (d.begin, d.end)}, milestones),
        ("constraints", {name for c in model.constraints for name in c.parameters}, parameters),
        ("evidence", {model.evidence} - {""}, observables),
        ("components", {name for c in model.components for name in c.requires}, components),
    ]
    if uncounted := sorted(o.name for o in model.observables if o.threshold and o.grid is None):
        raise ScenarioError(
            "observable-without-grid",
            f"an observable of the model {model.name!r} has a threshold but no grid",
            where="observables",
            got=", ".join(uncounted),
        )
    for what, names, allowed in named:
        if unknown := sorted(names - allowed):
            raise ScenarioError(
                "model-names-unknown",
                f"the model {model.name!r} refers to names that it does not define",
                where=what,
                got=", ".join(unknown),
                allowed=", ".join(sorted(allowed)),
            )
