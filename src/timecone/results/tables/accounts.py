"""Accounts of a run in sentences: its subject, where its draws went, how it is cited."""

from __future__ import annotations

import xarray as xr

from timecone.results.run_file.access import (
    durations,
    group,
    headline,
    label,
)
from timecone.results.run_file.accounts import accounts, contradictions, contradictory, effective_draws
from timecone.results.run_file.extras import flags
from timecone.results.run_file.failures import failed_draws, failures_table
from timecone.results.run_file.probabilities import default_years, horizon, probability_by
from timecone.results.tables import rounding
from timecone.schema import GIVEN, REDRAWN, REDRAWN_UNTIL, REDRAWS, SUMMARY

#: What intervals cover.
ERROR_NOTE = "Intervals are 95 % Monte Carlo intervals: they do not include model error."


def failure_note(run: xr.DataTree) -> str:
    """Return in words how many draws failed and why; empty where none did."""
    failed, draws = failed_draws(run), int(run.attrs["draws"])
    if not failed:
        return ""
    parts = []
    for row in failures_table(run).to_dict("records"):
        place = f" in {row['quantity']}" if row["quantity"] else ""
        parts.append(f"{row['count']:,}{place}: {row['meaning']} (first in draw {row['first_draw']})")
    reasons = f" {'; '.join(parts)}." if parts else ""
    share = rounding.share_of(failed, draws)
    return f"{share} of the draws failed ({failed:,} of {draws:,}).{reasons} No quoted number includes them."


def subject(run: xr.DataTree) -> tuple[str, str, str]:
    """Return what a run is: its title, what its headline means, what it is conditional on."""
    summary = group(run, SUMMARY).sel(milestone=headline(run))
    definition = f"{summary['milestone_label'].item()}: {summary['milestone_definition'].item()}."
    return str(run.attrs.get("title", run.attrs["name"])), definition, str(run.attrs["conditions"])


def _never(run: xr.DataTree, never: int) -> str:
    """Say in how many draws no threshold suffices: no horizon is late enough for these."""
    main = headline(run)
    by_horizon = probability_by(run, main, default_years(run)[-1:])
    rest, counted = by_horizon.attrs["not_by_horizon"], by_horizon.attrs["draws"]
    late = round(rest * counted)
    if never > late:
        raise contradictory(
            "status_count", f"{never:,} that never arrive", f"at most {late:,}, which are not reached"
        )
    part = rounding.share_of(never, late)
    whole = rounding.percent(rest, by_horizon.attrs["not_by_horizon_error"])
    return (
        f"In {whole} of the counted draws {label(run, main)} does not arrive by {horizon(run):g}. In {part}"
        " of these it never arrives: no level is enough."
    )


def _removals(run: xr.DataTree, account: dict[str, int], draws: int) -> list[str]:
    """Say what each rule removes by itself, and what the evidence leaves."""
    lines, rules = [], contradictions(run)
    if len(rules) > 1:
        each = ", ".join(f"{label(run, name)} {rounding.share_of(n, draws)}" for name, n in rules.items())
        lines.append(f"Share that each event would remove alone: {each}.")
    effective = effective_draws(run)
    if effective is not None:
        removed = account["removed_evidence"]
        share = rounding.share_of(removed, max(removed + account["counted"], 1))
        lines.append(
            f"The evidence removed {removed:,} of the other draws ({share}), each with probability"
            f" 1 - likelihood. Weighting the draws instead would be worth {effective:,.0f} draws."
        )
    return lines


def sentence(text: str) -> str:
    """Return words with a capital letter, as they begin a sentence."""
    return text[:1].upper() + text[1:]


def account_lines(run: xr.DataTree) -> list[str]:
    """Return, as sentences, where the draws went and what the intervals say."""
    a, account, draws = run.attrs, accounts(run), int(run.attrs["draws"])
    removed = account["removed_not_yet"]
    went = (
        f"{draws:,} draws: {account['counted']:,} counted, {account['failed']:,} failed, {removed:,} removed"
    )
    if removed:
        went += (
            f" ({rounding.share_of(removed, draws)}) by the not-yet rule, because they date something before"
        )
        went += f" {a.get('as_of', 'the date of the evidence')} that had not happened by then"
    lines = [f"{went}."]
    if failed := failure_note(run):
        lines.append(failed)
    if REDRAWN in a:
        whole = "In the whole run " if GIVEN in a else ""
        lines.append(
            f"{whole}{int(a[REDRAWN]):,} draws were drawn again, {int(a[REDRAWS]):,} times in all, until"
            f" {a[REDRAWN_UNTIL]}. Draws for which this never held have failed."
        )
    lines += [early_durations(run, name) for name in durations(run) if account[f"{name}_from_start"]]
    lines += _removals(run, account, draws)
    if account["never"]:
        lines.append(_never(run, account["never"]))
    for flag in flags(run):
        among = flag.sel(among="arrived")
        part = rounding.percent(among.item(), among["standard_error"].item())
        name = label(run, headline(run))
        lines.append(f"{flag['label'].item()}: {part} of the draws in which {name} arrives.")
    return [*lines, ERROR_NOTE]


def citation(run: xr.DataTree) -> str:
    """Return how the run's numbers are cited."""
    a = run.attrs
    by = f" {a['version']}" if "version" in a else ""
    of = f"scenario {a['scenario_digest']}, " if "scenario_digest" in a else ""
    return f"timecone{by}, run {a['run_id']} ({of}seed {a['seed']}); CITATION.cff."


def share_begun(run: xr.DataTree, name: str) -> str:
    """Return in what share of the counted draws a duration had begun before the start."""
    account = accounts(run)
    return rounding.share_of(account[f"{name}_from_start"], max(account["counted"], 1))


def early_durations(run: xr.DataTree, name: str) -> str:
    """Say in how many draws a duration had begun before the start; these are left out."""
    return (
        f"The statistics of the {label(run, name)} leave out {share_begun(run, name)} of the counted draws,"
        f" in which it had begun before {float(run.attrs['start']):g}."
    )
