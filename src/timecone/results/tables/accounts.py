"""Accounts of a run in sentences: its subject, where its draws went, how it is cited."""

from __future__ import annotations

import numpy as np
import xarray as xr

from timecone.results.run_file.access import (
    durations,
    group,
    headline,
    keeps_all,
    label,
)
from timecone.results.run_file.accounts import (
    accounts,
    contradictions,
    contradictory,
    effective_draws,
    removed_by_evidence,
)
from timecone.results.run_file.extras import flags
from timecone.results.run_file.failures import failed_draws, failures_table
from timecone.results.run_file.not_yet import rule_effect, rule_numbers, softer_rule
from timecone.results.run_file.probabilities import default_years, horizon, probability_by
from timecone.results.tables import rounding
from timecone.results.tables.formats import writers
from timecone.schema import (
    CONTRADICTED,
    GIVEN,
    LIKELIHOOD_RULE,
    REDRAWN,
    REDRAWN_UNTIL,
    REDRAWS,
    SUMMARY,
)

# The medians of a rule are quoted to a hundredth of a year.
_MEDIAN_ERROR = 0.1
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
    """Say what each rule removes by itself, what it does to the median, and what the evidence leaves."""
    lines, rules = [], contradictions(run)
    if len(rules) > 1:
        each = ", ".join(f"{label(run, name)} {rounding.share_of(n, draws)}" for name, n in rules.items())
        verb = "contradicts" if softer_rule(run) else "would remove"
        lines.append(f"Share that each event {verb} alone: {each}.")
    if effect := rule_effect_sentence(run):
        lines.append(effect)
    effective = effective_draws(run)
    if effective is not None and softer_rule(run) == LIKELIHOOD_RULE:
        lines.append(
            f"The {account['counted']:,} counted draws are equally weighted, because each was kept with its"
            f" likelihood. Weighting all draws by it instead would be worth {effective:,.0f} draws (Kish)."
        )
    removed = removed_by_evidence(run)
    if effective is not None and removed is not None:
        share = rounding.share_of(removed, max(removed + account["counted"], 1))
        lines.append(
            f"The evidence removed {removed:,} of the other draws ({share}), each with probability"
            f" 1 - likelihood. Weighting the draws instead would be worth {effective:,.0f} draws."
        )
    return lines


def rule_effect_sentence(run: xr.DataTree) -> str:
    """Say what the not-yet rule does to the headline's median; empty where it concerns no stored draw."""
    effect = rule_effect(run)
    if effect is None:
        return ""
    write = writers(run)[0]
    without, removed, median = (
        write(date, _MEDIAN_ERROR) for date in (effect.without, effect.removed, effect.median)
    )
    text = f"Without the not-yet rule the median of {label(run, headline(run))} would be {without}"
    instead = f"; with removal of all contradicted draws it would be {removed}" if softer_rule(run) else ""
    change = effect.median - effect.without
    moved = f" ({change:+.2f} years)" if np.isfinite(change) else ""
    stored = f", in the {effect.draws:,} stored draws that did not fail"
    return f"{text}, with it it is {median}{moved}{instead}{'' if keeps_all(run) else stored}."


def _removal_line(run: xr.DataTree, account: dict[str, int], draws: int) -> str:
    """Say where the draws went where the not-yet rule removes draws, or is off."""
    removed = account["removed_not_yet"]
    went = (
        f"{draws:,} draws: {account['counted']:,} counted, {account['failed']:,} failed, {removed:,} removed"
    )
    if removed:
        went += (
            f" ({rounding.share_of(removed, draws)}) by the not-yet rule, because they date something before"
        )
        went += f" {run.attrs.get('as_of', 'the date of the evidence')} that had not happened by then"
    return f"{went}."


def _rule_line(run: xr.DataTree, account: dict[str, int], draws: int) -> str:
    """Say where the draws went under a softer not-yet rule."""
    numbers, removed = rule_numbers(run), account["removed_not_yet"]
    contradicted = int(run.attrs[CONTRADICTED])
    which = (
        f"the {contradicted:,} draws ({rounding.share_of(contradicted, draws)}) that date something before"
        f" {run.attrs.get('as_of', 'the date of the evidence')} that had not happened by then"
    )
    counts = f"{draws:,} draws: {account['counted']:,} counted, {account['failed']:,} failed"
    if softer_rule(run) == LIKELIHOOD_RULE:
        missed = ", ".join(f"{label(run, name)} {p:g}" for name, p in numbers.items())
        return (
            f"{counts}, {removed:,} removed ({rounding.share_of(removed, draws)}) by the not-yet rule, which"
            f" keeps {which} with the probability that it was missed: {missed}."
        )
    delay = numbers["delay"]
    until = f"{delay:g} years after that day on average" if delay else "on that day"
    return (
        f"{counts}, none removed. The not-yet rule moves later {which}: the first such event comes {until}."
    )


def sentence(text: str) -> str:
    """Return words with a capital letter, as they begin a sentence."""
    return text[:1].upper() + text[1:]


def account_lines(run: xr.DataTree) -> list[str]:
    """Return, as sentences, where the draws went and what the intervals say."""
    a, account, draws = run.attrs, accounts(run), int(run.attrs["draws"])
    lines = [_rule_line(run, account, draws) if softer_rule(run) else _removal_line(run, account, draws)]
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
