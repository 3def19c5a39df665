"""timecone: Monte Carlo simulation of AI timelines.

    import timecone as tc
    run = tc.simulate(tc.load("baseline"), draws=100_000, seed=1)
    tc.percentiles(run, "tai", [5, 50, 95])

Names are imported when first used, so ``import timecone`` costs nothing that the caller does not need.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from timecone.version import __version__

if TYPE_CHECKING:
    from timecone import plots
    from timecone.conditioning.given import given
    from timecone.explorer.open import explore
    from timecone.inputs.constructors import (
        Beta,
        CumulativeTable,
        Discrete,
        Empirical,
        Exponential,
        Gamma,
        Lindy,
        LogNormal,
        LogStudentT,
        LogUniform,
        Mixture,
        Normal,
        Pareto,
        PercentileTable,
        Pert,
        Point,
        Posterior,
        SkewNormal,
        StudentT,
        Triangular,
        Uniform,
        UpdatedNormal,
        Weibull,
    )
    from timecone.inputs.distributions import Distribution
    from timecone.inputs.elicitation import Elicitation, elicit
    from timecone.results.citation.cite import Citation, cite
    from timecone.results.citation.metaculus import MetaculusForecast, metaculus
    from timecone.results.ledger.changes import LedgerChanges, ledger_changes
    from timecone.results.ledger.ledger import Ledger, add_to_ledger, read_ledger
    from timecone.results.ledger.movement import ledger_movement
    from timecone.results.run_file.compare import compare
    from timecone.results.run_file.curves import cdf
    from timecone.results.run_file.decomposition import decomposition, growth_in_jumps
    from timecone.results.run_file.drivers import drivers
    from timecone.results.run_file.export import to_arviz, to_csv, to_frame, to_parquet
    from timecone.results.run_file.extras import extras, flags
    from timecone.results.run_file.percentiles import percentiles
    from timecone.results.run_file.pool import pool
    from timecone.results.run_file.probabilities import probability_by
    from timecone.results.run_file.read_write import open_run, save_run
    from timecone.results.run_file.time_to_next import time_to_next
    from timecone.results.tables.dates import dates_as
    from timecone.results.tables.workbook import to_xlsx
    from timecone.reweighting.density_ratio import log_ratio
    from timecone.reweighting.reweight import Reweighted, reweight
    from timecone.scenario.file import load
    from timecone.scenario.presets import presets
    from timecone.scenario.scenario import Scenario
    from timecone.simulation.attribution import attribute
    from timecone.simulation.conditional import conditional_estimate
    from timecone.simulation.dask_engine import DaskEngine
    from timecone.simulation.design_choice import DesignChoice, choose_design
    from timecone.simulation.estimate import Estimate, estimate
    from timecone.simulation.reproduce import reproduce
    from timecone.simulation.run import sample, simulate
    from timecone.simulation.sweep import sweep


_HOME = {
    "Beta": "inputs.constructors",
    "Citation": "results.citation.cite",
    "CumulativeTable": "inputs.constructors",
    "DesignChoice": "simulation.design_choice",
    "Discrete": "inputs.constructors",
    "Distribution": "inputs.distributions",
    "Elicitation": "inputs.elicitation",
    "Empirical": "inputs.constructors",
    "Estimate": "simulation.estimate",
    "Exponential": "inputs.constructors",
    "Gamma": "inputs.constructors",
    "Lindy": "inputs.constructors",
    "Ledger": "results.ledger.ledger",
    "LedgerChanges": "results.ledger.changes",
    "LogNormal": "inputs.constructors",
    "LogStudentT": "inputs.constructors",
    "LogUniform": "inputs.constructors",
    "MetaculusForecast": "results.citation.metaculus",
    "Mixture": "inputs.constructors",
    "Normal": "inputs.constructors",
    "Pareto": "inputs.constructors",
    "PercentileTable": "inputs.constructors",
    "Pert": "inputs.constructors",
    "Point": "inputs.constructors",
    "Posterior": "inputs.constructors",
    "Reweighted": "reweighting.reweight",
    "Scenario": "scenario.scenario",
    "SkewNormal": "inputs.constructors",
    "StudentT": "inputs.constructors",
    "Triangular": "inputs.constructors",
    "Uniform": "inputs.constructors",
    "UpdatedNormal": "inputs.constructors",
    "Weibull": "inputs.constructors",
    "add_to_ledger": "results.ledger.ledger",
    "attribute": "simulation.attribution",
    "cdf": "results.run_file.curves",
    "choose_design": "simulation.design_choice",
    "cite": "results.citation.cite",
    "compare": "results.run_file.compare",
    "conditional_estimate": "simulation.conditional",
    "dates_as": "results.tables.dates",
    "decomposition": "results.run_file.decomposition",
    "drivers": "results.run_file.drivers",
    "elicit": "inputs.elicitation",
    "estimate": "simulation.estimate",
    "explore": "explorer.open",
    "extras": "results.run_file.extras",
    "flags": "results.run_file.extras",
    "given": "conditioning.given",
    "growth_in_jumps": "results.run_file.decomposition",
    "ledger_changes": "results.ledger.changes",
    "ledger_movement": "results.ledger.movement",
    "load": "scenario.file",
    "log_ratio": "reweighting.density_ratio",
    "metaculus": "results.citation.metaculus",
    "open_run": "results.run_file.read_write",
    "percentiles": "results.run_file.percentiles",
    "pool": "results.run_file.pool",
    "presets": "scenario.presets",
    "probability_by": "results.run_file.probabilities",
    "read_ledger": "results.ledger.ledger",
    "reproduce": "simulation.reproduce",
    "reweight": "reweighting.reweight",
    "sample": "simulation.run",
    "save_run": "results.run_file.read_write",
    "simulate": "simulation.run",
    "DaskEngine": "simulation.dask_engine",
    "sweep": "simulation.sweep",
    "time_to_next": "results.run_file.time_to_next",
    "to_arviz": "results.run_file.export",
    "to_csv": "results.run_file.export",
    "to_frame": "results.run_file.export",
    "to_parquet": "results.run_file.export",
    "to_xlsx": "results.tables.workbook",
}

__all__ = [
    "Beta",
    "Citation",
    "CumulativeTable",
    "DaskEngine",
    "DesignChoice",
    "Discrete",
    "Distribution",
    "Elicitation",
    "Empirical",
    "Estimate",
    "Exponential",
    "Gamma",
    "Ledger",
    "LedgerChanges",
    "Lindy",
    "LogNormal",
    "LogStudentT",
    "LogUniform",
    "MetaculusForecast",
    "Mixture",
    "Normal",
    "Pareto",
    "PercentileTable",
    "Pert",
    "Point",
    "Posterior",
    "Reweighted",
    "Scenario",
    "SkewNormal",
    "StudentT",
    "Triangular",
    "Uniform",
    "UpdatedNormal",
    "Weibull",
    "__version__",
    "add_to_ledger",
    "attribute",
    "cdf",
    "choose_design",
    "cite",
    "compare",
    "conditional_estimate",
    "dates_as",
    "decomposition",
    "drivers",
    "elicit",
    "estimate",
    "explore",
    "extras",
    "flags",
    "given",
    "growth_in_jumps",
    "ledger_changes",
    "ledger_movement",
    "load",
    "log_ratio",
    "metaculus",
    "open_run",
    "percentiles",
    "plots",
    "pool",
    "presets",
    "probability_by",
    "read_ledger",
    "reproduce",
    "reweight",
    "sample",
    "save_run",
    "simulate",
    "sweep",
    "time_to_next",
    "to_arviz",
    "to_csv",
    "to_frame",
    "to_parquet",
    "to_xlsx",
]


def __getattr__(name: str) -> Any:
    if name == "plots":
        return importlib.import_module("timecone.plots")
    if name in _HOME:
        return getattr(importlib.import_module(f"timecone.{_HOME[name]}"), name)
    message = f"module 'timecone' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted(__all__)
