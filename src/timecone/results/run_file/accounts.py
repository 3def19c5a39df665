"""Accounts of a run's draws: counted, removed and by which rule, failed; and the weights of its choices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from timecone.errors import RunFileError
from timecone.results.estimators.intervals import standard_error, wilson
from timecone.results.run_file.access import choices, durations, group, headline, inclusion_counts, milestones
from timecone.results.run_file.not_yet import softer_rule
from timecone.schema import LIKELIHOOD_RULE, LIKELIHOOD_UNIT, OUTCOMES, SUMMARY, Inclusion, Status


def choice_shares(run: xr.DataTree) -> pd.DataFrame:
    """Return the share of draws with each value of each choice, one row per value.

    Returns
    -------
    DataFrame
        ``choice``, ``value``; ``drawn``, its share of all draws; ``share``, that of the draws that count,
        after the not-yet rule, with ``lower`` and ``upper`` (Wilson's 95 % interval) and ``standard_error``.
    """
    every = inclusion_counts(run, None)
    drawn, counted = max(int(every.sum()), 1), max(int(every[Inclusion.COUNTED]), 1)
    rows = []
    for choice, values in choices(run).items():
        for value in values:
            own = inclusion_counts(run, {choice: value})
            some = own[Inclusion.COUNTED]
            lower, upper = wilson(some, counted)
            rows.append(
                {
                    "choice": choice,
                    "value": value,
                    "drawn": own.sum() / drawn,
                    "share": some / counted,
                    "lower": float(lower),
                    "upper": float(upper),
                    "standard_error": float(standard_error(lower, upper)),
                }
            )
    return pd.DataFrame(
        rows, columns=["choice", "value", "drawn", "share", "lower", "upper", "standard_error"]
    )


def accounts(run: xr.DataTree) -> dict[str, int]:
    """Return how many draws count, were removed by the not-yet rule, and failed.

    Also in how many counted ones a duration began before the start, as ``NAME_from_start``, and in how many
    the headline never comes, because no threshold suffices.

    Raises
    ------
    RunFileError
        The counts of the summary contradict the number of draws, or the draws that are stored.
    """
    _require_consistent(run)
    summary = group(run, SUMMARY)
    totals = summary["standing_count"].sum("cell").values
    counts_by_name = {e.name.lower(): int(totals[e]) if e < totals.size else 0 for e in Inclusion}
    for name in durations(run):
        counts_by_name[f"{name}_from_start"] = int(summary["duration_from_start"].sel(duration=name).sum())
    never = 0
    if "status_count" in summary:
        never = int(summary["status_count"].sel(milestone=headline(run)).sum("cell").values[Status.NEVER])
    return counts_by_name | {"never": never}


def _require_consistent(run: xr.DataTree) -> None:
    """Refuse a run whose summary counts other draws than it has, as after an edit of one of them."""
    summary, outcomes = group(run, SUMMARY), group(run, OUTCOMES)
    totals, draws = summary["standing_count"].sum("cell"), int(run.attrs["draws"])
    _require_counts("standing_count", totals, outcomes["standing"].values, draws)
    if "status_count" in summary and "status" in outcomes:
        counted = int(totals.values[Inclusion.COUNTED])
        of_counted = outcomes["status"].isel(draw=np.flatnonzero(outcomes["standing"] == Inclusion.COUNTED))
        for name in milestones(run):
            counts = summary["status_count"].sel(milestone=name).sum("cell")
            _require_counts("status_count", counts, of_counted.sel(milestone=name).values, counted)


def _require_counts(name: str, counts: xr.DataArray, codes: np.ndarray, total: int) -> None:
    """Refuse counts with another sum, or with fewer draws of a code than are stored."""
    stored = np.bincount(codes, minlength=counts.size)[: counts.size]
    if int(counts.sum()) != total or np.any(counts.values < stored):
        total_and_stored = (
            f"{total:,} in all, at least {', '.join(map(str, stored.tolist()))}, which are stored"
        )
        raise contradictory(name, ", ".join(map(str, counts.values.tolist())), total_and_stored)


def contradictory(name: str, got: object, allowed: str) -> RunFileError:
    """Return the error of a run of which a count of the summary contradicts its draws."""
    return RunFileError(
        "contradictory-summary",
        "the summary of the run contradicts its draws",
        where=f"{SUMMARY}/{name}",
        got=got,
        allowed=allowed,
        remedy="Run the scenario again.",
    )


def contradictions(run: xr.DataTree) -> dict[str, int]:
    """Return how many draws each milestone of the not-yet rule would remove by itself, by its name."""
    summary = group(run, SUMMARY)
    if "contradiction_count" not in summary:
        return {}
    counts = summary["contradiction_count"].sum("cell")
    return {str(name): int(n) for name, n in zip(counts["rule"].values, counts.values, strict=True)}


def removed_by_evidence(run: xr.DataTree) -> int | None:
    """Return how many draws the likelihood of the evidence removed; None without evidence."""
    of_rule_alone = softer_rule(run) == LIKELIHOOD_RULE and "likelihood" not in group(run, OUTCOMES)
    if "likelihood_sum" not in group(run, SUMMARY) or of_rule_alone:
        return None
    return accounts(run)["removed_evidence"]


def effective_draws(run: xr.DataTree) -> float | None:
    """Return Kish's effective number of draws under their likelihood; None where draws have none.

    (sum of L)**2 / (sum of L**2), with L the likelihood of the evidence times that of a softer not-yet rule,
    over the draws that plain removal leaves: what weighting them would be worth, beside the number kept.

    Kish 1965, "Survey sampling".
    """
    summary = group(run, SUMMARY)
    if "likelihood_sum" not in summary:
        return None
    first, second = summary["likelihood_sum"].sum("cell").values / LIKELIHOOD_UNIT
    return float(first**2 / second) if second > 0.0 else 0.0
