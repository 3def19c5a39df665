"""What ``fit``, ``update`` and ``backtest`` print: evidence, posterior, scores."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from timecone.cli.layout import Column, print_table
from timecone.cli.output import console, plain

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from timecone.history.evidence import Evidence
    from timecone.history.joint.observations import Observations
    from timecone.history.readers import Skip

_SHOWN = 5


def rows_of(found: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as JSON has them: what is infinite or missing is null."""
    return list(json.loads(found.to_json(orient="records")))


def evidence_rows(evidence: Evidence) -> list[dict[str, Any]]:
    """Return every file with all its skips, as plain values."""
    return [
        {**source, "rows": int(source["rows"]),
         "skipped": [skip._asdict() for skip in evidence.skipped[source["kind"]]]}
        for source in evidence.sources
    ]  # fmt: skip


def print_evidence(evidence: Evidence) -> None:
    """Print every file with the first of its skips."""
    for source in evidence.sources:
        print_source(source["name"], source["kind"], int(source["rows"]), evidence.skipped[source["kind"]])


def print_source(name: str, kind: str, rows: int, skips: Sequence[Skip]) -> None:
    """Print one file with the first of its skips."""
    plain(f"{name}: {rows} {kind}, {len(skips)} rows or cells not readable")
    for skip in skips[:_SHOWN]:
        place = f"row {skip.row}" + (f", {skip.column}" if skip.column else "")
        plain(f"    {place}: {skip.reason}; got {skip.got!r}")
    if len(skips) > _SHOWN:
        plain(f"    ... and {len(skips) - _SHOWN} more (all with --json)")


def print_observed(seen: Observations) -> None:
    """Print how much a fit rests on."""
    plain(
        f"Fitting {len(seen.compute)} frontier runs ({int(seen.priced.sum())} with a cost), "
        f"{len(seen.performance)} chips with a price and {len(seen.halving)} studies of algorithms."
    )


def print_sampling() -> None:
    """Print what is being waited for."""
    plain("Sampling (the model is compiled first, some tens of seconds) ...")


def fit_json(tree: xr.DataTree, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a fit as plain values: fragment, and checks."""
    about = {key: value for key, value in content["history"].items() if not isinstance(value, date)}
    parameters = {f"{g}.{k}": v for g, group in content["parameters"].items() for k, v in group.items()}
    shown = {key: {n: v for n, v in one.items() if n != "as_of"} for key, one in parameters.items()}
    pairs = [{"between": one["between"], "rho": one["rho"]} for one in content["correlations"]]
    checks = rows_of(tree["checks"].to_dataset().to_dataframe())
    return {"history": about, "parameters": shown, "correlations": pairs, "checks": checks}


def print_json(found: Mapping[str, Any]) -> None:
    """Print plain values as JSON."""
    console().print_json(json.dumps(found, allow_nan=False))


def print_fit(tree: xr.DataTree, content: Mapping[str, Any]) -> None:
    """Print a fit: quantiles and correlations of the fragment, diagnostics, the worst check."""
    columns = [Column("unit", words=True), *map(Column, ("5 %", "25 %", "50 %", "75 %", "95 %"))]
    rows = []
    for group, values in content["parameters"].items():
        for name, one in values.items():
            quantiles = (f"{one[key]:.3g}" for key in ("p05", "p25", "p50", "p75", "p95"))
            rows.append((f"{group}.{name}", [(text,) for text in (one["unit"], *quantiles)]))
    print_table(console(), "parameter", columns, rows, title="Posterior")
    _print_correlations(content["correlations"])
    about = tree.attrs
    plain(
        f"R-hat at most {float(about['rhat']):.4f}, effective draws at least {float(about['ess_bulk']):,.0f} "
        f"(bulk) and {float(about['ess_tail']):,.0f} (tails), {int(about['divergences'])} divergences; "
        f"{100.0 * float(about['share_at_slowest_doubling']):.2g} % of draws double in 30 years or more."
    )
    table = tree["checks"].to_dataset().to_dataframe()
    worst = table.sort_values("p_value", key=lambda p: -(p - 0.5).abs()).iloc[0]
    plain(
        f"Of {len(table)} posterior predictive checks the worst is {worst['series']}, {worst['statistic']}: "
        f"p = {worst['p_value']:.2f}."
    )


def _print_correlations(pairs: Sequence[Mapping[str, Any]]) -> None:
    plain("Rank correlations: " + "; ".join(f"{a} and {b} {one['rho']:+.2f}"
                                           for one in pairs for a, b in [one["between"]]) + ".")  # fmt: skip


def print_scores(found: pd.DataFrame) -> None:
    """Print the scores of a back-test by series and method."""
    from timecone.results.backtest import MASSES, score_cells

    covered = (f"in {mass} %" for mass in MASSES)
    heads = ("forecasts", "CRPS", "ours", "log score", *covered, "bias")
    columns = [Column("method", words=True), *map(Column, heads)]
    rows = []
    for _, row in found.sort_values("target", kind="stable").iterrows():
        texts = (str(row["method"]), *(cell.text for cell in score_cells(row)))
        rows.append((str(row["target"]).replace("_", " "), [(text,) for text in texts]))
    print_table(console(), "series", columns, rows, title="Scores of forecasts (smaller is better)")
    plain(
        "CRPS and bias (outturn less median) in OOM, logarithmic score in nats; ours: the joint fit's CRPS on"
        " the forecasts that the method made too."
    )
    plain("Forecasts share their errors over years and dates, so they are worth fewer than their number.")
