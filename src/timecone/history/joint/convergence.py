"""Whether draws of a sampler may be quoted: R-hat, effective sample sizes, divergences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from timecone.errors import TimeconeError

#: Bounds of Vehtari et al. 2021 for quoting: rank-normalised R-hat, and effective sample sizes in the bulk
#: and in the tails.
LARGEST_RHAT, FEWEST_EFFECTIVE = 1.01, 1000


class FitError(TimeconeError):
    """The sampler did not converge."""


def require_convergence(diagnosed: Mapping[str, Any]) -> None:
    """Refuse draws with these `diagnostics`: they must not be quoted.

    Raises
    ------
    FitError
        Names the worst parameter and the bound that it passes.
    """
    remedy = "Sample more: raise the draws, or look for tables that contradict each other."
    if diverged(diagnosed):
        raise FitError(
            "sampler-diverged",
            "the sampler diverged: its draws miss part of the posterior",
            got=diagnosed["divergences"],
            allowed=f"at most {diagnosed['draws'] // 1000} of {diagnosed['draws']}",
            remedy=remedy,
        )
    if not diagnosed["rhat"] < LARGEST_RHAT:
        raise FitError(
            "chains-disagree",
            "the chains disagree",
            where=diagnosed["rhat_of"],
            got=round(diagnosed["rhat"], 4),
            allowed=f"an R-hat below {LARGEST_RHAT}",
            remedy=remedy,
        )
    for part in ("bulk", "tail"):
        if not diagnosed[f"ess_{part}"] > FEWEST_EFFECTIVE:
            raise FitError(
                "too-few-effective-draws-of-fit",
                f"too few effective draws in the {part}",
                where=diagnosed[f"ess_{part}_of"],
                got=round(diagnosed[f"ess_{part}"]),
                allowed=f"more than {FEWEST_EFFECTIVE}",
                remedy=remedy,
            )


def diverged(diagnosed: Mapping[str, Any]) -> bool:
    """Return whether so many draws diverged that part of the posterior is missed."""
    return bool(diagnosed["divergences"] > diagnosed["draws"] / 1000)


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
    for key, statistic, extreme in (
        ("rhat", az.rhat(posterior), np.max),
        ("ess_bulk", az.ess(posterior, method="bulk"), np.min),
        ("ess_tail", az.ess(posterior, method="tail"), np.min),
    ):
        values = {str(name): float(extreme(statistic[name])) for name in statistic.data_vars}
        name = (max if extreme is np.max else min)(values, key=lambda parameter: values[parameter])
        worst |= {key: values[name], f"{key}_of": name}
    return worst
