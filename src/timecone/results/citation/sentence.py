"""Sentences that quote a number of a run with its intervals and conditions."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from timecone.results.run_file.access import headline, is_duration, label
from timecone.results.run_file.accounts import accounts
from timecone.results.run_file.failures import failed_draws
from timecone.results.run_file.percentiles import percentiles
from timecone.results.run_file.probabilities import default_years, horizon, probability_by
from timecone.results.tables import rounding
from timecone.results.tables.accounts import sentence as capitalised
from timecone.results.tables.accounts import subject
from timecone.results.tables.formats import units_and_digits
from timecone.results.tables.table import Cell, cells

_LEVELS = (10.0, 50.0, 90.0)
#: Years of which the sentence states the probability; the last usual one where the run covers none.
_YEARS = (2030, 2040)
_MC = "95 % Monte Carlo interval"


def sentence(run: xr.DataTree, quantity: str | None = None, where: Mapping[str, str] | None = None) -> str:
    """Return the median of a milestone or duration with both intervals, its conditions and the run.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    quantity : str, optional
        A milestone or a duration; the headline by default.
    where : mapping, optional
        Values of choices to condition on.
    """
    quantity = quantity or headline(run)
    parts = [_median(run, quantity, where)]
    if not is_duration(run, quantity):
        parts += _probabilities(run, quantity, where)
    return " ".join([*parts, *_conditions(run), _made_by(run)])


def condition_text(where: Mapping[str, str] | None) -> str:
    """Return the values of choices that a number is conditional on, as words after a name."""
    return f" if {', '.join(f'{c} = {v}' for c, v in where.items())}" if where else ""


def _median(run: xr.DataTree, quantity: str, where: Mapping[str, str] | None) -> str:
    low, middle, high = _cells_at(run, quantity, where)
    unit = " years" if is_duration(run, quantity) else ""
    name = capitalised(label(run, quantity)) + condition_text(where)
    spread = f"80 % of the counted draws lie between {low.text} and {high.text}{unit}"
    return (
        f"{name}: the median is {middle.text}{unit} ({_MC} of the median: {middle.interval});"
        f" {spread} (the 10th and the 90th percentile: the spread of the forecast itself)."
    )


def _cells_at(run: xr.DataTree, quantity: str, where: Mapping[str, str] | None) -> tuple[Cell, ...]:
    _, write = units_and_digits(run, quantity)
    return cells(percentiles(run, quantity, _LEVELS, where=where or {}), write)


def _probabilities(run: xr.DataTree, quantity: str, where: Mapping[str, str] | None) -> list[str]:
    usual = default_years(run)
    if not usual:
        return []
    years = [year for year in _YEARS if year in usual] or usual[-1:]
    *by, beyond = cells(probability_by(run, quantity, years, where=where or {}), rounding.probability)
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
        f"{rounding.share_of(account[key], draws)} {words}"
        for key, words in removed.items()
        if account.get(key)
    ]
    if told:
        lines.append(f"Of {draws:,} draws, {' and '.join(told)}; these are not counted.")
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
