"""The joint fit: sampling by nutpie's NUTS (Hoffman & Gelman 2014), refused unless its diagnostics hold."""

from __future__ import annotations

import importlib.util
import os
from typing import Any

import xarray as xr

from timecone.errors import ArgumentError, UsageError
from timecone.history.joint.convergence import FEWEST_EFFECTIVE, diagnostics, diverged, require_convergence
from timecone.history.joint.forecast import YEARS_AHEAD, require_forecast_span
from timecone.history.joint.observations import Observations
from timecone.history.joint.posterior import assemble

#: How many independent chains are sampled by default.
CHAINS = 4
# Shares of steps to accept: where the sampler diverges with the first, it goes again in smaller steps.
_ACCEPTANCES = (0.95, 0.99)
_LARGEST_SEED, _FEWEST_CHAINS = 2**63 - 1, 2
#: What sampling, its diagnostics and the scores of forecasts import.
_EXTRA = ("nutpie", "pymc", "pytensor", "arviz", "arviz_stats", "scoringrules")


def fit(
    observations: Observations,
    *,
    seed: int = 2026,
    draws: int = 3000,
    chains: int = CHAINS,
    start: float = 2026.0,
    ahead: float = YEARS_AHEAD,
) -> xr.DataTree:
    """Fit the joint model and carry it to the scenario's start.

    Parameters
    ----------
    observations : Observations
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

    Examples
    --------
    The fit takes about two minutes.

    >>> from timecone.history.evidence import gather
    >>> from timecone.history.joint.fit import fit
    >>> from timecone.history.joint.observations import observe
    >>> known = gather()
    >>> observations = observe(known.runs, known.chips, known.studies, as_of=2026.0)
    >>> posterior = fit(observations, seed=1)  # doctest: +SKIP
    """
    require_fittable(observations, seed=seed, draws=draws, chains=chains, start=start, ahead=ahead)
    for acceptance in _ACCEPTANCES:
        sampled = sample(observations, seed=seed, draws=draws, chains=chains, acceptance=acceptance)
        diagnosed = diagnostics(sampled)
        if not diverged(diagnosed):
            break
    require_convergence(diagnosed)
    return assemble(sampled, diagnosed, observations, seed=seed, start=start, ahead=ahead)


def require_fittable(
    observations: Observations, *, seed: int, draws: int, chains: int, start: float, ahead: float
) -> None:
    """Check the arguments of `fit` before sampling, so that errors appear at once.

    Raises
    ------
    UsageError
        The sampler is not installed, the seed or a number is out of range, or the start lies before the
        newest evidence.
    """
    require_sampler()
    require_seed(seed)
    if chains < _FEWEST_CHAINS:
        raise ArgumentError(
            "too-few-chains", "too few chains to compare", where="chains", got=chains, allowed="at least 2"
        )
    if draws * chains <= FEWEST_EFFECTIVE:
        raise ArgumentError(
            "too-few-draws-to-converge",
            f"too few draws to reach more than {FEWEST_EFFECTIVE} effective ones",
            where="draws",
            got=draws,
            allowed=f"at least {FEWEST_EFFECTIVE // chains + 1} of each of {chains} chains",
        )
    require_forecast_span(observations.end, start=start, ahead=ahead)


def require_seed(seed: int) -> None:
    """Refuse a number that is not a valid seed.

    Raises
    ------
    ArgumentError
        It is negative, or larger than a file's attribute can be.
    """
    if not 0 <= seed <= _LARGEST_SEED:
        raise ArgumentError(
            "invalid-seed",
            "not a valid seed",
            where="seed",
            got=seed,
            allowed="a whole number from 0 to 2**63 - 1",
        )


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
                "sampler-missing",
                f"the sampler is not installed: {name} is missing",
                remedy="Install timecone with its extra: pip install 'timecone[fit]'.",
            )


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


def sample(
    observations: Observations,
    *,
    seed: int,
    draws: int,
    chains: int = CHAINS,
    acceptance: float = _ACCEPTANCES[0],
) -> xr.DataTree:
    """Sample the posterior without judging it; see `fit`."""
    require_sampler()
    import nutpie  # noqa: PLC0415 - an extra

    from timecone.history.joint.model import tables  # noqa: PLC0415

    ready = _compiled(observations).with_data(**tables(observations))
    sampled = nutpie.sample(
        ready, draws=draws, tune=max(1000, draws // 2), chains=chains, cores=min(chains, os.cpu_count() or 1),
        seed=seed, target_accept=acceptance, progress_bar=False,
    )  # fmt: skip
    return sampled if isinstance(sampled, xr.DataTree) else xr.DataTree.from_dict(dict(sampled))


#: Compiled densities by the number of bounds, each once it was needed.
_COMPILED: dict[tuple[int, int], Any] = {}


def _compiled(observations: Observations) -> Any:
    """Return the compiled density, made at first need; its data are exchanged, whatever their number.

    Only bounds have parameters of their own, so their number is part of the density.
    """
    sizes = observations.censored.sizes if observations.censored is not None else (0, 0)
    if sizes not in _COMPILED:
        import nutpie  # noqa: PLC0415

        from timecone.history.joint.model import build  # noqa: PLC0415

        _COMPILED[sizes] = nutpie.compile_pymc_model(build(observations))
    return _COMPILED[sizes]
