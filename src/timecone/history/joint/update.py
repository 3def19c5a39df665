"""New records without a new fit: the posterior's draws weighted by how well each foretold them.

Importance sampling with Pareto-smoothed weights (Vehtari et al. 2024): where the largest weights follow a
Pareto tail of shape above 0.7, too few draws carry the answer, and the update is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from timecone.errors import ArgumentError, TimeconeError
from timecone.history.joint.fit import require_seed
from timecone.history.joint.forecast import parameters_of, spending_and_efficiency
from timecone.history.joint.posterior import draws_of
from timecone.history.trends.measurement import measurement_sd
from timecone.numerics.importance import LARGEST_KHAT, smoothed
from timecone.schema import FloatArray

#: Effective draws that quantiles at 5 and 95 % need.
FEWEST_EFFECTIVE = 400.0


class UpdateError(TimeconeError):
    """The new records are too far from what the posterior foretold."""


def update(tree: xr.DataTree, records: pd.DataFrame, *, seed: int = 2026) -> xr.DataTree:
    """Condition a posterior on runs that set records after its evidence.

    Parameters
    ----------
    tree : DataTree
        A posterior, as `fit.fit` returns it.
    records : DataFrame
        Rows of runs as the readers give them: each the largest run at its release, after the evidence, with
        training compute and, if known, cost.
    seed : int
        Of the growth ahead and of the resampling.

    Returns
    -------
    DataTree
        The posterior with its draws resampled by weight; attributes ``khat`` and ``effective_draws``.

    Raises
    ------
    UpdateError
        The Pareto shape is above 0.7, or too few effective draws are left.
    ArgumentError
        A record lies before the evidence or lacks its date or compute.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.joint.posterior import open_posterior
    >>> from timecone.history.joint.update import update
    >>> record = {"name": "next", "date": 2026.2, "training_compute": 1.6e27, "cost": 1e9}
    >>> record["confidence"] = "Likely"
    >>> updated = update(open_posterior("posterior.nc"), pd.DataFrame([record]), seed=1)
    >>> bool(updated.attrs["khat"] < 0.7)
    True
    """
    require_seed(seed)
    drawn = draws_of(tree)
    likelihood, forecast = _carry(tree, drawn, records, seed)
    weights, khat = smoothed(likelihood)
    effective = float(1.0 / np.sum(weights**2))
    if effective < FEWEST_EFFECTIVE:
        raise UpdateError(
            "too-few-draws-foretold",
            "too few draws are consistent with the new records",
            where="effective draws",
            got=round(effective),
            allowed=f"at least {FEWEST_EFFECTIVE:.0f}",
            remedy="Refit with these records among the data, or with more draws.",
        )
    if khat > LARGEST_KHAT:
        raise UpdateError(
            "posterior-too-far-from-records",
            "the new records are too far from the posterior's predictions to be added by reweighting",
            where="Pareto k-hat",
            got=round(khat, 2),
            allowed=f"at most {LARGEST_KHAT}",
            remedy="Refit with these records among the data.",
        )
    updated = tree.copy(deep=True)
    shape = tree["posterior"].sizes
    chosen = _systematic(weights, np.random.default_rng([seed, 4]))
    group = updated["posterior"].to_dataset()
    for name, values in (drawn | forecast).items():
        picked = values[chosen].reshape(shape["chain"], shape["draw"], *values.shape[1:])
        group[name] = (group[name].dims, picked, group[name].attrs)
    updated["posterior"] = xr.DataTree(group)
    updated.attrs.update(khat=khat, effective_draws=effective, updated_with=len(records))
    return updated


def _carry(
    tree: xr.DataTree, drawn: Mapping[str, FloatArray], records: pd.DataFrame, seed: int
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Return log-likelihoods (draw,) of the records, and the scenario's parameters on the same ways ahead."""
    end, start, ahead = (float(tree.attrs[key]) for key in ("end", "start", "ahead"))
    rows = records.sort_values("date", kind="stable")
    _require(rows, end)
    dates, ends = rows["date"].to_numpy(float), [start, start + ahead]
    all_dates = np.unique(np.append(dates, ends))
    generator = np.random.default_rng([seed, 5])
    spending, efficiency = spending_and_efficiency(drawn, all_dates, end, generator)
    total = np.zeros(len(spending))
    for (_, row), i in zip(rows.iterrows(), np.searchsorted(all_dates, dates), strict=True):
        total += _record(drawn, spending[:, i], efficiency[:, i], row)
    both = np.searchsorted(all_dates, ends)
    return total, parameters_of(drawn, spending[:, both], efficiency[:, both], ahead, generator)


def _record(
    drawn: Mapping[str, FloatArray], spending: FloatArray, efficiency: FloatArray, row: Any
) -> FloatArray:
    """Return the log density of one record in every draw; `model` says how it comes about."""
    label = measurement_sd([row["confidence"]])[0] * drawn["label_scale"]
    own = drawn["spending_spread"] ** 2 + label**2
    freedom = drawn["run_tail"] + 2.0
    compute = np.log10(row["training_compute"])
    if not np.isfinite(row["cost"]):
        scale = np.sqrt(own + drawn["efficiency_spread"] ** 2)
        return np.asarray(stats.t.logpdf(compute - spending - efficiency, freedom, scale=scale))
    cost, error = np.log10(row["cost"]), drawn["cost_error"] ** 2
    cost_residual, compute_residual = cost - spending, compute - cost - efficiency
    first, second = own + error, drawn["efficiency_spread"] ** 2 + error
    # The covariance is minus the variance of the cost's error: the joint law is the one's times the other's
    # given the one (Student-t with a degree of freedom more, and a scale that grows with the first).
    slope, rest = -error / first, second - error**2 / first
    wider = (freedom + cost_residual**2 / first) / (freedom + 1.0)
    return np.asarray(
        stats.t.logpdf(cost_residual, freedom, scale=np.sqrt(first))
        + stats.t.logpdf(compute_residual - slope * cost_residual, freedom + 1.0, scale=np.sqrt(rest * wider))
    )


def _require(rows: pd.DataFrame, end: float) -> None:
    if rows.empty:
        raise ArgumentError("no-new-records", "no new records", where="records", allowed="at least one run")
    for _, row in rows.iterrows():
        if not np.isfinite(row["training_compute"]) or not np.isfinite(row["date"]):
            raise ArgumentError(
                "incomplete-record", "a new record needs a date and training compute", where=str(row["name"])
            )
        if row["date"] < end:
            raise ArgumentError(
                "record-not-newer-than-evidence",
                "a new record is older than the end of the posterior's evidence and may already be part"
                " of it",
                where=str(row["name"]),
                got=round(float(row["date"]), 2),
                allowed=f"{end:.2f} or later",
            )


def _systematic(weights: FloatArray, generator: np.random.Generator) -> Any:
    """Return indices of draws by systematic resampling (Kitagawa 1996), each about its weight's times."""
    places = (generator.random() + np.arange(len(weights))) / len(weights)
    return np.minimum(np.searchsorted(np.cumsum(weights), places), len(weights) - 1)
