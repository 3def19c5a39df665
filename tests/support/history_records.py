"""Records of the past for tests: dates and labels of a made-up frontier, and parameters near the truth."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import xarray as xr

from timecone.history.backtest.forecasts import _row, to_dataset
from timecone.history.backtest.observed import ObservedValue
from timecone.history.joint.censored import Censored
from timecone.history.joint.convergence import diagnostics
from timecone.history.joint.observations import Observations
from timecone.history.joint.posterior import assemble, with_sources
from timecone.history.joint.priors import PRIORS, draw_priors
from timecone.history.joint.replicate import as_observed, replicate
from timecone.schema import JOINT_FIT

END = 2025.5


def made_up(runs: int = 40, chips: int = 30, studies: int = 4, seed: int = 7) -> Observations:
    """Return observations whose dates, labels and ranks are plausible and whose values are zero."""
    generator = np.random.default_rng(seed)
    label = generator.choice([0.29, 0.61, 0.9], runs)
    cost = np.where(generator.random(runs) < 0.7, 0.0, np.nan)
    return Observations(
        end=END,
        run_name=tuple(f"run {i}" for i in range(runs)),
        run_date=np.sort(generator.uniform(2011.0, END, runs)),
        compute=np.zeros(runs),
        cost=cost,
        compute_error=label,
        is_record=generator.random(runs) < 0.35,
        chip_name=tuple(f"chip {i}" for i in range(chips)),
        chip_date=np.sort(generator.uniform(2007.0, 2026.0, chips)),
        performance=np.zeros(chips),
        is_tensor=generator.random(chips) < 0.4,
        study_name=tuple(f"study {i}" for i in range(studies)),
        halving=np.zeros(studies),
        halving_error=generator.uniform(0.2, 0.7, studies),
    )


def bounds(largest: int = 3, unknown: int = 5) -> Censored:
    """Return bounds near the trend of the true parameters on runs round the end of the evidence."""
    dates, releases = END - 1.0 + np.arange(largest) * 0.75, np.linspace(END - 1.0, END + 0.8, unknown)
    return Censored(
        bound_date=dates,
        bound_mean=26.9 + 0.45 * (dates - END),
        bound_sd=np.full(largest, 0.33),
        unknown_name=tuple(f"model {i}" for i in range(unknown)),
        unknown_date=releases,
        low=25.5 + 0.4 * (releases - END),
        low_error=np.full(unknown, 0.6),
        unknown_mean=26.9 + 0.45 * (releases - END),
        unknown_sd=np.full(unknown, 0.33),
        record_share=0.25,
    )


#: Parameters near what the records of 2026 say.
TRUTH = {
    "spending_level": 8.6, "efficiency_level": 18.1, "spending_growth_now": 0.55, "hardware_growth_now": 0.11,
    "efficiency_extra": 0.02, "spending_drift": 0.04, "hardware_drift": 0.01, "runner_up_gap": 0.8,
    "spending_spread": 0.3, "efficiency_spread": 0.1, "cost_error": 0.2, "label_scale": 0.3, "run_tail": 6.0,
    "chip_level": (10.5, 10.9), "chip_spread": 0.35, "chip_tail": 10.0, "halving_centre": 2.2,
    "halving_spread": 0.25, "spending_steps": (0.5, -0.3, 0.2), "hardware_steps": (-0.4, 0.3, 0.1),
}  # fmt: skip


def truth(draws: int = 1) -> dict[str, np.ndarray]:
    """Return the true parameters as (draw,) or (draw, element)."""
    assert TRUTH.keys() == PRIORS.keys()
    return {name: np.repeat(np.atleast_1d(value)[None], draws, 0).squeeze(1) if np.ndim(value) == 0
            else np.repeat(np.asarray(value)[None], draws, 0) for name, value in TRUTH.items()}  # fmt: skip


def near_truth(draws: int, seed: int = 3) -> dict[str, np.ndarray]:
    """Return draws scattered about the truth by a twentieth of the prior's width."""
    prior, centre = draw_priors(seed, draws, END), truth(draws)
    found = {}
    for name, values in centre.items():
        scatter = (prior[name] - prior[name].mean(axis=0)) / 20.0
        found[name] = np.abs(values + scatter) if PRIORS[name].family != "normal" else values + scatter
    return found


CHAINS, DRAWS = 4, 1000


def sampled(drawn: dict[str, np.ndarray]) -> xr.DataTree:
    """Return draws as the sampler does."""
    posterior = {
        name: (("chain", "draw", *(("x" + name,) if values.ndim == 2 else ())),
               values.reshape(CHAINS, DRAWS, *values.shape[1:]))
        for name, values in drawn.items()
    }  # fmt: skip
    zeros = (("chain", "draw"), np.zeros((CHAINS, DRAWS)))
    stats_ = xr.Dataset({"diverging": zeros, "logp": zeros})
    return xr.DataTree.from_dict({"posterior": xr.Dataset(posterior), "sample_stats": stats_})


def assembled(seen: Observations) -> xr.DataTree:
    """Return what a fit whose draws lie near the truth gives."""
    drawn = near_truth(CHAINS * DRAWS)
    if seen.censored is not None:
        generator = np.random.default_rng(8)
        drawn["bound_error"] = generator.standard_normal(CHAINS * DRAWS)
        for name, count in zip(("bound_run", "unknown_run"), seen.censored.sizes, strict=True):
            # Without such runs the sampler has no deviations of them.
            if count:
                drawn[name] = generator.standard_normal((CHAINS * DRAWS, count))
    draws = sampled(drawn)
    return assemble(draws, diagnostics(draws), seen, seed=5, start=2026.0, ahead=5.0)


def fitted() -> xr.DataTree:
    """Return what a fit to records that the model made would give."""
    return _fitted().copy(deep=True)


@functools.cache
def _fitted() -> xr.DataTree:
    seen = made_up()
    seen = as_observed(replicate(truth(), seen, np.random.default_rng(1)), seen, 0)
    found = assembled(seen)
    return with_sources(
        found, [{"name": "made up", "kind": "runs", "sha256": "0", "rows": "40", "skipped": "0"}]
    )


def forecasts(bias: float = 0.1) -> pd.DataFrame:
    """Return forecasts from 2016 and 2018 of the joint fit and of a wider method, with their scores."""
    generator, rows = np.random.default_rng(1), []
    for target, level in (("compute", 23.0), ("spending", 7.0), ("price_performance", 17.0)):
        for origin in (2016, 2018):
            for year in range(origin, 2021):
                came = level + 0.6 * (year - 2016) + bias * np.sin(2.0 * year)
                for method, width in ((JOINT_FIT, 0.15), ("last trend", 0.3)):
                    spread = width * (1 + year - origin) ** 0.5
                    members = generator.normal(level + 0.6 * (year - 2016) - bias, spread, 2000)
                    value = ObservedValue(target, year, year + 1.0, came, 1)
                    rows.append(_row(value, origin, method, members))
    return pd.DataFrame(rows)


def scored(bias: float = 0.1) -> xr.Dataset:
    """Return these forecasts as a back-test."""
    return _scored(bias).copy(deep=True)


@functools.cache
def _scored(bias: float) -> xr.Dataset:
    return to_dataset(forecasts(bias), [{"name": "made up", "kind": "runs"}], seed=3)
