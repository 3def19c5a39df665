"""Output of ``fit``, ``update`` and ``backtest``: evidence, posterior, scores."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from timecone.cli.output import console, plain
from timecone.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from timecone.history.evidence import Evidence
    from timecone.history.joint.observations import Observations
    from timecone.history.readers import HistoryTable, RejectedRow

_SHOWN = 5


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as JSON has them: what is infinite or missing is null."""
    return list(json.loads(table.to_json(orient="records")))


def evidence_rows(evidence: Evidence) -> list[dict[str, Any]]:
    """Return every file with all its rejected rows, as plain values."""
    return [
        {**source, "rows": int(source["rows"]),
         "skipped": [rejected._asdict() for rejected in evidence.rejected[source["kind"]]],
         "converted": list(evidence.notes[source["kind"]]),
         "unused": [rejected._asdict() for rejected in evidence.unused.get(source["kind"], ())]}
        for source in evidence.sources
    ]  # fmt: skip


def print_evidence(evidence: Evidence) -> None:
    """Print every file with the first of its rejected rows, what was converted, and what fills no cell."""
    for source in evidence.sources:
        kind = source["kind"]
        print_source(source["name"], kind, int(source["rows"]), evidence.rejected[kind])
        for note in evidence.notes[kind]:
            plain(f"    {note}")
        _print_unused(kind, evidence.unused.get(kind, ()))


def _print_unused(kind: str, unused: Sequence[RejectedRow]) -> None:
    """Print rows that were read and not used, one line for each reason."""
    # What stands in brackets differs from row to row.
    reasons = Counter(rejected.reason.partition(" (")[0] for rejected in unused)
    for reason, count in reasons.most_common():
        first = next(rejected for rejected in unused if rejected.reason.startswith(reason))
        plain(f"    {count} {kind} not used: {reason}; the first, row {first.row}: {first.got}")


def print_warnings(evidence: Evidence) -> None:
    """Print on the error stream what makes a fit to these tables questionable."""
    for warning in evidence.warnings:
        sys.stderr.write(f"timecone: warning: {warning}\n")


class EndOfEvidence(NamedTuple):
    """Until when runs are used, how that date came about, and why later runs are not used."""

    until: float
    reason: str
    reason_unused: str


def end_of_evidence(
    runs: pd.DataFrame, stated: float | None, as_of: float = math.inf, start: float = math.inf
) -> EndOfEvidence:
    """Return the end of complete evidence: the one stated, or an estimate, not after the scenario's start.

    Raises
    ------
    ArgumentError
        The date that is stated is not finite.
    """
    from timecone.history.trends.completeness import complete_until

    if stated is not None:
        if not math.isfinite(stated):
            raise ArgumentError(
                "not-a-date",
                "not a date",
                where="--complete-until",
                got=stated,
                allowed="a decimal year, as 2025.6",
            )
        until, reason = stated, "stated by --complete-until"
        unused = f"after {until:g}, as --complete-until states"
    else:
        until, reason = complete_until(runs)
        unused = f"after {until:g}, from when the largest runs are missing; --complete-until uses later ones"
    if stated is None and start < until:
        until, reason = start, f"the start of the scenario; the runs themselves reach to {until:g} ({reason})"
        unused = f"after {start:g}, the start of the scenario; a later --start uses them"
    if as_of < until:
        until, reason, unused = as_of, "the date of the evidence, --as-of", f"after --as-of, {as_of:.2f}"
    return EndOfEvidence(until, reason, unused)


def print_end(end: EndOfEvidence, unused: Sequence[RejectedRow]) -> None:
    """Print the end of complete evidence, how it was estimated, and every run after it."""
    plain(f"Evidence on runs ends at {end.until:.2f}: {end.reason}.")
    if unused:
        runs = "; ".join(rejected.got for rejected in unused)
        plain(f"Not used, {len(unused)} runs {end.reason_unused}: {runs}.")


def print_source(name: str, kind: str, rows: int, rejected_rows: Sequence[RejectedRow]) -> None:
    """Print one file with the first of its rejected rows."""
    plain(f"{name}: {rows} {kind}, {len(rejected_rows)} rows or cells not readable")
    for rejected in rejected_rows[:_SHOWN]:
        place = f"row {rejected.row}" + (f", {rejected.column}" if rejected.column else "")
        plain(f"    {place}: {rejected.reason}; got {rejected.got!r}")
    if len(rejected_rows) > _SHOWN:
        plain(f"    ... and {len(rejected_rows) - _SHOWN} more (all with --json)")


def table_json(table: HistoryTable) -> dict[str, Any]:
    """Return what was read of one file, as plain values."""
    return {
        "name": table.source,
        "kind": table.kind,
        "sha256": table.sha256,
        "total": table.total,
        "rows": len(table.rows),
        "rejected": [each._asdict() for each in table.rejected],
        "blanked": [each._asdict() for each in table.blanked],
        "converted": list(table.notes),
        "absent": list(table.absent),
        "filled": _filled(table),
        "about": dict(table.about),
    }


def print_table_read(table: HistoryTable) -> None:
    """Print what was read of one file: rows, the first that were not, dates, filled cells, conversions."""
    print_source(table.source, table.kind, len(table.rows), (*table.rejected, *table.blanked))
    for note in table.notes:
        plain(f"    {note}")
    for name in ("date", "published"):
        dates = table.rows[name].dropna() if name in table.rows else ()
        if len(dates):
            plain(f"    {name}: {min(dates):.2f} to {max(dates):.2f}")
    plain(f"    filled: {', '.join(f'{name} {count}' for name, count in _filled(table).items())}")
    if table.absent:
        plain(f"    not in this file: {', '.join(table.absent)}")


def _filled(table: HistoryTable) -> dict[str, int]:
    """Return the number of filled cells of each column that the file has; of flags, those that are true."""
    present = [name for name in table.rows if name not in table.absent]
    return {
        str(name): int(
            table.rows[name].sum()
            if table.rows[name].dtype == bool
            else (table.rows[name].notna() & (table.rows[name] != "")).sum()
        )
        for name in present
    }


def print_observed(observations: Observations) -> None:
    """Print how much a fit rests on."""
    plain(
        f"Fitting {len(observations.compute)} frontier runs ({int(observations.priced.sum())} with a cost), "
        f"{len(observations.performance)} chips with a price and {len(observations.halving)} studies of "
        "algorithms."
    )
    if observations.censored is not None:
        dates = ", ".join(f"{date:g}" for date in observations.censored.bound_date)
        plain(f"Supply bounds the largest run before {dates}.")
        if observations.censored.sizes[1]:
            plain(f"Runs of unknown compute: {', '.join(observations.censored.unknown_name)}.")


def print_sampling() -> None:
    """Print what is being waited for."""
    plain("Sampling (the model is compiled first, some tens of seconds) ...")


def fit_json(tree: xr.DataTree, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a fit as plain values: fragment, and checks."""
    about = {key: value for key, value in content["history"].items() if not isinstance(value, date)}
    parameters = {f"{g}.{k}": v for g, group in content["parameters"].items() for k, v in group.items()}
    shown = {key: {n: v for n, v in table.items() if n != "as_of"} for key, table in parameters.items()}
    pairs = [{"between": pair["between"], "rho": pair["rho"]} for pair in content["correlations"]]
    checks = rows_of(tree["checks"].to_dataset().to_dataframe())
    return {"history": about, "parameters": shown, "correlations": pairs, "checks": checks}


def print_json(content: Mapping[str, Any]) -> None:
    """Print plain values as JSON."""
    console().print_json(json.dumps(content, allow_nan=False))


_QUANTILES = ("p05", "p25", "p50", "p75", "p95")


def print_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Print what an update changes in a posterior: each parameter's quantiles, and their differences."""
    from timecone.results.tables.table import Table
    from timecone.results.tables.terminal import print_table

    rows = []
    for group, values in before["parameters"].items():
        for name, stated in values.items():
            updated = after["parameters"][group][name]
            rows += [
                (f"{group}.{name}", (stated["unit"], *(f"{stated[key]:.3g}" for key in _QUANTILES))),
                ("  updated", ("", *(f"{updated[key]:.3g}" for key in _QUANTILES))),
                ("  difference", ("", *(f"{updated[key] - stated[key]:+.2g}" for key in _QUANTILES))),
            ]
    heads = ("unit", *(f"{int(key[1:])} %" for key in _QUANTILES))
    title = "Posterior before and after, by its stored draws, and the difference"
    print_table(console(), Table.of_texts("changes", title, "parameter", heads, rows, ["unit"]))


def print_fit(tree: xr.DataTree, content: Mapping[str, Any]) -> None:
    """Print a fit: quantiles and correlations of the fragment, diagnostics, the worst check."""
    from timecone.results.tables.table import Table
    from timecone.results.tables.terminal import print_table

    rows = []
    for group, values in content["parameters"].items():
        for name, entry in values.items():
            quantiles = (f"{entry[key]:.3g}" for key in _QUANTILES)
            rows.append((f"{group}.{name}", (entry["unit"], *quantiles)))
    heads = ("unit", "5 %", "25 %", "50 %", "75 %", "95 %")
    print_table(console(), Table.of_texts("posterior", "Posterior", "parameter", heads, rows, ["unit"]))
    _print_correlations(content["correlations"])
    about = tree.attrs
    plain(
        f"R-hat at most {float(about['rhat']):.4f}, effective draws at least {float(about['ess_bulk']):,.0f} "
        f"(bulk) and {float(about['ess_tail']):,.0f} (tails), {int(about['divergences'])} divergences; "
        f"{100.0 * float(about['share_at_slowest_doubling']):.2g} % of draws double in 30 years or more."
    )
    if "bounds" in tree.children:
        _print_bounds(tree["bounds"].to_dataset())
    table = tree["checks"].to_dataset().to_dataframe()
    worst = table.sort_values("p_value", key=lambda p: -(p - 0.5).abs()).iloc[0]
    plain(
        f"Of {len(table)} posterior predictive checks the worst is {worst['series']}, {worst['statistic']}: "
        f"p = {worst['p_value']:.2f}."
    )


def _print_bounds(bounds: xr.Dataset) -> None:
    """Print the compute that the fit gives to runs within bounds, and the check by simulated runs."""
    from timecone.results.tables.table import Table
    from timecone.results.tables.terminal import print_table

    rows = []
    for name in ("bound", "unknown"):
        if f"{name}_compute" not in bounds:
            continue
        labels = (
            [f"largest run before {date:g}" for date in bounds["bound_date"].values]
            if name == "bound"
            else [str(label) for label in bounds["unknown"].values]
        )
        quantiles = 10.0 ** bounds[f"{name}_compute"].sel(level=[5.0, 50.0, 95.0]).values
        highest = 10.0 ** bounds["bound_mean" if name == "bound" else "unknown_mean"].values
        least = 10.0 ** bounds["low"].values if name == "unknown" else np.full(len(labels), np.nan)
        for i, label in enumerate(labels):
            low = f"{least[i]:.2g}" if name == "unknown" else ""
            inside = f"{100.0 * float(bounds[f'{name}_inside'][i]):.0f} %"
            cells = (low, f"{highest[i]:.2g}", *(f"{value:.2g}" for value in quantiles[:, i]), inside)
            rows.append((label, cells))
    heads = ("least", "most", "5 %", "50 %", "95 %", "simulated inside")
    title = "Training compute of runs within bounds, FLOP"
    print_table(console(), Table.of_texts("bounds", title, "run", heads, rows))
    plain(
        f"All of them lie within their bounds in {100.0 * float(bounds.attrs['all_inside']):.0f} % of"
        " simulated sets."
    )


def _print_correlations(pairs: Sequence[Mapping[str, Any]]) -> None:
    texts = (f"{' and '.join(pair['between'])} {pair['rho']:+.2f}" for pair in pairs)
    plain(f"Rank correlations: {'; '.join(texts)}.")


def print_scores(scores: pd.DataFrame, judged: str) -> None:
    """Print the scores of a back-test by series and method; the others are compared with the judged one."""
    from timecone.results.run_file.backtest import MASSES
    from timecone.results.tables.backtest import PUBLICATION, score_cells
    from timecone.results.tables.table import Cell, Table
    from timecone.results.tables.terminal import print_table

    covered = (f"in {mass} %" for mass in MASSES)
    heads = ("forecasts", "CRPS", "ours", "log score", *covered, "bias", *PUBLICATION)
    rows = []
    for _, row in scores.sort_values("target", kind="stable").iterrows():
        cells = (Cell(str(row["method"])), *score_cells(row, judged))
        rows.append((str(row["target"]).replace("_", " "), cells))
    title = "Scores of forecasts (smaller is better)"
    columns = ("method", *heads)
    print_table(
        console(), Table("scores", title, "series", columns, tuple(rows), text_columns=frozenset(["method"]))
    )
    plain(
        "CRPS and bias (observed less median) in OOM, logarithmic score in nats; ours: the CRPS of the"
        f" {judged} on the forecasts that the method made too. Figures from after: share of the figures used"
        " that were published after the date of the forecast, or at an unknown date."
    )
    plain("Forecasts share their errors over years and dates, so they are worth fewer than their number.")
