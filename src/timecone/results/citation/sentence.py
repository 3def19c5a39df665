"""Sentences that quote a number of a run with its intervals and conditions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from timecone.results.run_file.access import headline, is_duration, label
from timecone.results.run_file.accounts import accounts
from timecone.results.run_file.failures import failed_draws
from timecone.results.run_file.not_yet import softer_rule
from timecone.results.run_file.probabilities import default_years, horizon
from timecone.results.tables import rounding
from timecone.results.tables.accounts import rule_effect_sentence, subject
from timecone.results.tables.accounts import sentence as capitalised
from timecone.results.tables.comparison import Reading
from timecone.results.tables.formats import units_and_digits
from timecone.results.tables.table import cells
from timecone.schema import CONTRADICTED, SHIFT_RULE

_LEVELS = (10.0, 50.0, 90.0)
#: Years of which the sentence states the probability; the last usual one where the run covers none.
_YEARS = (2030, 2040)
_MC = "95 % Monte Carlo interval"


def sentence(reading: Reading, quantity: str | None = None, where: Mapping[str, str] | None = None) -> str:
    """Return the median of a milestone or duration with both intervals, its conditions and the run.

    Parameters
    ----------
    reading : Reading
        A run as it is, or with weights.
    quantity : str, optional
        A milestone or a duration; the headline by default.
    where : mapping, optional
        Values of choices to condition on.
    """
    run = reading.run
    quantity = quantity or headline(run)
    at = reading.percentiles(quantity, _LEVELS, where=where or {})
    name = capitalised(label(run, quantity)) + condition_text(where)
    certain = bool(np.all(np.isfinite(at)) and np.all(at == at[0]))
    parts = [_certain(run, quantity, at, name) if certain else _median(run, quantity, at, name)]
    if not certain and not is_duration(run, quantity):
        parts += _probabilities(reading, quantity, where)
    weights = weights_sentence(reading)
    return " ".join([*parts, *_conditions(run), *filter(None, [weights]), _made_by(run)])


def weights_sentence(reading: Reading) -> str:
    """Return what the draws of a weighted reading are worth; empty where they have no weights."""
    worth, khat = (getattr(reading, key, None) for key in ("ess", "khat"))
    if worth is None:
        return ""
    tail = f", Pareto k-hat {khat:.2f}" if khat is not None and np.isfinite(khat) else ""
    return (
        f"The stored draws are weighted, and are worth {worth:,.0f} equally weighted ones{tail}; the id of"
        " the run does not name the weights."
    )


def condition_text(where: Mapping[str, str] | None) -> str:
    """Return the values of choices that a number is conditional on, as words after a name."""
    return f" if {', '.join(f'{c} = {v}' for c, v in where.items())}" if where else ""


def _certain(run: xr.DataTree, quantity: str, at: xr.DataArray, name: str) -> str:
    """Say that every draw gives the same: there is neither a spread nor a Monte Carlo error to quote."""
    _, write = units_and_digits(run, quantity)
    unit = " years" if is_duration(run, quantity) else ""
    value = cells(at, write)[1].text
    return f"{name}: {value}{unit}, which is the 10th, the 50th and the 90th percentile of the counted draws."


def _median(run: xr.DataTree, quantity: str, at: xr.DataArray, name: str) -> str:
    _, write = units_and_digits(run, quantity)
    low, middle, high = cells(at, write)
    unit = " years" if is_duration(run, quantity) else ""
    spread = f"80 % of the counted draws lie between {low.text} and {high.text}{unit}"
    return (
        f"{name}: the median is {middle.text}{unit} ({_MC} of the median: {middle.interval});"
        f" {spread} (the 10th and the 90th percentile: the spread of the forecast itself)."
    )


def _probabilities(reading: Reading, quantity: str, where: Mapping[str, str] | None) -> list[str]:
    run = reading.run
    usual = default_years(run)
    if not usual:
        return []
    years = [year for year in _YEARS if year in usual] or usual[-1:]
    *by, beyond = cells(reading.probability_by(quantity, years, where=where or {}), rounding.probability)
    listed = " and ".join(
        f"{cell.text} by the end of {year} ({_MC}: {cell.interval})"
        for year, cell in zip(years, by, strict=True)
    )
    rest = f"The probability that it does not come by the horizon, {horizon(run):g}, is {beyond.text}"
    return [f"Its probability is {listed}.", f"{rest} ({_MC}: {beyond.interval})."]


def _conditions(run: xr.DataTree) -> list[str]:
    """Return what the number is conditional on: the scenario's conditions, removals, failures."""
    account, draws = accounts(run), int(run.attrs["draws"])
    stated = subject(run)[2].rstrip(". ")
    lines = [f"Conditions: {stated}."]
    day = run.attrs.get("as_of", "the date of the forecast")
    removed = {
        "removed_not_yet": f"contradicted what is known by {day}",
        "removed_evidence": "were removed by the likelihood of the evidence",
    }
    told = [
        f"{rounding.share_of(account[key], draws)} {reason}"
        for key, reason in removed.items()
        if account.get(key)
    ]
    if told:
        lines.append(f"Of {draws:,} draws, {' and '.join(told)}; these are not counted.")
    if softer_rule(run):
        share = rounding.share_of(int(run.attrs[CONTRADICTED]), draws)
        treated = "moved later" if softer_rule(run) == SHIFT_RULE else "kept with their likelihood"
        lines.append(f"{share} of the draws contradicted what is known by {day} and were {treated}.")
    lines += filter(None, [rule_effect_sentence(run)])
    failed = failed_draws(run)
    share = rounding.share_of(failed, draws)
    lines.append(
        f"{share} of the draws failed ({failed:,} of {draws:,}) and are in no number."
        if failed
        else "No draw failed."
    )
    return lines


def _made_by(run: xr.DataTree) -> str:
    a = run.attrs
    version = f" {a['version']}" if "version" in a else ""
    return (
        f"Scenario “{subject(run)[0]}”, {int(a['draws']):,} draws, seed {int(a['seed'])}, timecone{version},"
        f" run {a['run_id']}."
    )
