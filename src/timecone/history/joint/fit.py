"""The joint fit: sampling by nutpie's NUTS (Hoffman & Gelman 2014), refused unless its diagnostics hold."""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, TimeconeError, UsageError
from timecone.history.joint.ahead import AHEAD, require_ahead
from timecone.history.joint.observations import Observations
from timecone.schema import FloatArray

#: Bounds of Vehtari et al. 2021 for quoting: rank-normalised R-hat, and effective sample sizes in the bulk
#: and in the tails.
LARGEST_RHAT, FEWEST_EFFECTIVE = 1.01, 1000
#: How many independent chains are sampled by default.
CHAINS = 4
# Shares of steps to accept: where the sampler diverges with the first, it goes again in smaller steps.
_ACCEPTANCES = (0.95, 0.99)
_LARGEST_SEED, _FEWEST_CHAINS = 2**63 - 1, 2
#: What sampling, its diagnostics and the scores of forecasts import.
_EXTRA = ("nutpie", "pymc", "pytensor", "arviz", "arviz_stats", "scoringrules")


class FitError(TimeconeError):
    """The sampler did not converge."""


def fit(
    seen: Observations,
    *,
    seed: int = 2026,
    draws: int = 3000,
    chains: int = CHAINS,
    start: float = 2026.0,
    ahead: float = AHEAD,
) -> xr.DataTree:
    """Fit the joint model and carry it to the scenario's start.

    Parameters
    ----------
    seen : Observations
        Frontier runs, chips and studies.
    seed : int
        The same observations and seed give the same posterior, bit for bit, on the same machine.
    draws, chains : int
        Kept draws of each chain, and chains; as many more draws are used for tuning, 1000 at least.
    start : float
        Decimal year at which the levels are wanted.
    ahead : float
        Years after it over which growth is averaged.

    Returns
    -------
    DataTree
        As ArviZ has it: ``posterior`` (chain, draw; parameters and the scenario's), ``prior``,
        ``posterior_predictive``, ``observed_data``, ``sample_stats``.

    Raises
    ------
    FitError
        R-hat, an effective sample size or a divergence is beyond its bound.
    UsageError
        The sampler is not installed, or a number that is asked for is out of range.
    """
    from timecone.history.joint.posterior import assemble  # noqa: PLC0415 - with xarray, only when asked for

    require_fittable(seen, seed=seed, draws=draws, chains=chains, start=start, ahead=ahead)
    for acceptance in _ACCEPTANCES:
        sampled = sample(seen, seed=seed, draws=draws, chains=chains, acceptance=acceptance)
        if not _diverged(diagnostics(sampled)):
            break
    require_convergence(sampled)
    return assemble(sampled, seen, seed=seed, start=start, ahead=ahead)


def require_fittable(
    seen: Observations, *, seed: int, draws: int, chains: int, start: float, ahead: float
) -> None:
    """Refuse before anybody waits what would fail after the sampling; see `fit`.

    Raises
    ------
    UsageError
        The sampler is not installed, the seed or a number is out of range, or the start lies before the
        newest evidence.
    """
    require_sampler()
    require_seed(seed)
    if chains < _FEWEST_CHAINS:
        raise ArgumentError("too few chains to compare", where="chains", got=chains, allowed="at least 2")
    if draws * chains <= FEWEST_EFFECTIVE:
        raise ArgumentError(
            f"too few draws for more than {FEWEST_EFFECTIVE} effective ones", where="draws", got=draws,
            allowed=f"at least {FEWEST_EFFECTIVE // chains + 1} of each of {chains} chains",
        )  # fmt: skip
    require_ahead(seen.end, start=start, ahead=ahead)


def require_seed(seed: int) -> None:
    """Refuse a number that is no seed.

    Raises
    ------
    ArgumentError
        It is negative, or larger than a file's attribute can be.
    """
    if not 0 <= seed <= _LARGEST_SEED:
        raise ArgumentError("no seed", where="seed", got=seed, allowed="a whole number from 0 to 2**63 - 1")


def require_sampler() -> None:
    """Refuse where the packages of the extra ``fit`` are missing.

    Raises
    ------
    UsageError
        Names the first of them that is.
    """
    for name in _EXTRA:
        if not _is_installed(name):
            raise UsageError(
                f"the sampler is not installed: {name} is missing",
                remedy="Install timecone with its extra: pip install 'timecone[fit]'.",
            )


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


def sample(
    seen: Observations, *, seed: int, draws: int, chains: int = CHAINS, acceptance: float = _ACCEPTANCES[0]
) -> xr.DataTree:
    """Sample the posterior without judging it; see `fit`."""
    require_sampler()
    import nutpie  # noqa: PLC0415 - an extra

    from timecone.history.joint.model import tables  # noqa: PLC0415

    ready = _compiled(seen).with_data(**tables(seen))
    found = nutpie.sample(
        ready, draws=draws, tune=max(1000, draws // 2), chains=chains, cores=min(chains, os.cpu_count() or 1),
        seed=seed, target_accept=acceptance, progress_bar=False,
    )  # fmt: skip
    return found if isinstance(found, xr.DataTree) else xr.DataTree.from_dict(dict(found))


def require_convergence(sampled: xr.DataTree) -> None:
    """Refuse draws that must not be quoted.

    Raises
    ------
    FitError
        Names the worst parameter and the bound that it passes.
    """
    found = diagnostics(sampled)
    remedy = "Sample more: raise the draws, or look for tables that contradict each other."
    if _diverged(found):
        raise FitError(
            "the sampler diverged: its draws miss part of the posterior", got=found["divergences"],
            allowed=f"at most {found['draws'] // 1000} of {found['draws']}", remedy=remedy,
        )  # fmt: skip
    if not found["rhat"] < LARGEST_RHAT:
        raise FitError("the chains disagree", where=found["rhat_of"], got=round(found["rhat"], 4),
                       allowed=f"an R-hat below {LARGEST_RHAT}", remedy=remedy)  # fmt: skip
    for part in ("bulk", "tail"):
        if not found[f"ess_{part}"] > FEWEST_EFFECTIVE:
            raise FitError(
                f"too few effective draws in the {part}", where=found[f"ess_{part}_of"],
                got=round(found[f"ess_{part}"]), allowed=f"more than {FEWEST_EFFECTIVE}", remedy=remedy,
            )  # fmt: skip


def _diverged(found: Mapping[str, Any]) -> bool:
    return bool(found["divergences"] > found["draws"] / 1000)


def diagnostics(sampled: xr.DataTree) -> dict[str, Any]:
    """Return the worst R-hat and effective sample sizes, with the parameters that have them.

    Returns
    -------
    dict
        ``rhat``, ``rhat_of``, ``ess_bulk``, ``ess_bulk_of``, ``ess_tail``, ``ess_tail_of``,
        ``divergences``, ``draws``.
    """
    import arviz as az  # noqa: PLC0415 - takes seconds

    posterior = sampled["posterior"].to_dataset()
    worst: dict[str, Any] = {
        "divergences": int(sampled["sample_stats"]["diverging"].sum()),
        "draws": posterior.sizes["chain"] * posterior.sizes["draw"],
    }
    for key, found, extreme in (
        ("rhat", az.rhat(posterior), np.max),
        ("ess_bulk", az.ess(posterior, method="bulk"), np.min),
        ("ess_tail", az.ess(posterior, method="tail"), np.min),
    ):
        values = {str(name): float(extreme(found[name])) for name in found.data_vars}
        name = (max if extreme is np.max else min)(values, key=lambda one: values[one])
        worst |= {key: values[name], f"{key}_of": name}
    return worst


def stacked(group: xr.Dataset) -> dict[str, FloatArray]:
    """Return draws of all chains in one: (draw,) or (draw, element) by name."""
    return {
        str(name): values.to_numpy().reshape(-1, *values.shape[2:])
        for name, values in group.data_vars.items()
    }


@functools.cache
def _compiled_model() -> list[Any]:
    return []


def _compiled(seen: Observations) -> Any:
    """Return the compiled density, made at first need; its data are exchanged, whatever their number."""
    kept = _compiled_model()
    if not kept:
        import nutpie  # noqa: PLC0415

        from timecone.history.joint.model import build  # noqa: PLC0415

        kept.append(nutpie.compile_pymc_model(build(seen)))
    return kept[0]
