"""The joint fit: sampling by nutpie's NUTS (Hoffman & Gelman 2014), refused unless its diagnostics hold."""

from __future__ import annotations

import functools
import os
from typing import Any

import numpy as np
import xarray as xr

from timecone.errors import TimeconeError, UsageError
from timecone.history.joint.ahead import AHEAD
from timecone.history.joint.observations import Observations
from timecone.schema import FloatArray

#: Bounds of Vehtari et al. 2021 for quoting: rank-normalised R-hat, and effective sample sizes in the bulk
#: and in the tails.
LARGEST_RHAT, FEWEST_EFFECTIVE = 1.01, 1000
_TARGET_ACCEPTANCE = 0.95


class FitError(TimeconeError):
    """The sampler did not converge."""


def fit(
    seen: Observations,
    *,
    seed: int = 2026,
    draws: int = 3000,
    chains: int = 4,
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
        The sampler is not installed.
    """
    from timecone.history.joint.posterior import assemble  # noqa: PLC0415 - with xarray, only when asked for

    sampled = sample(seen, seed=seed, draws=draws, chains=chains)
    require_convergence(sampled)
    return assemble(sampled, seen, seed=seed, start=start, ahead=ahead)


def sample(seen: Observations, *, seed: int, draws: int, chains: int = 4) -> xr.DataTree:
    """Sample the posterior without judging it; see `fit`."""
    nutpie = _nutpie()
    from timecone.history.joint.model import tables  # noqa: PLC0415

    ready = _compiled(seen).with_data(**tables(seen))
    found = nutpie.sample(
        ready, draws=draws, tune=max(1000, draws // 2), chains=chains, cores=min(chains, os.cpu_count() or 1),
        seed=seed, target_accept=_TARGET_ACCEPTANCE, progress_bar=False,
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
    if found["divergences"] > found["draws"] / 1000:
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


def _nutpie() -> Any:
    try:
        import nutpie  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError(
            "the sampler is not installed",
            remedy="Install timecone with its extra: pip install 'timecone[fit]'.",
        ) from None
    return nutpie


@functools.cache
def _compiled_model() -> list[Any]:
    return []


def _compiled(seen: Observations) -> Any:
    """Return the compiled density, made at first need; its data are exchanged, whatever their number."""
    kept = _compiled_model()
    if not kept:
        from timecone.history.joint.model import build  # noqa: PLC0415

        kept.append(_nutpie().compile_pymc_model(build(seen)))
    return kept[0]
