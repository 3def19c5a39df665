"""Table of a ledger of forecasts of records: quantiles, how far the tables reach, scores."""

from __future__ import annotations

import math

import pandas as pd

from timecone.results.tables.table import MISSING, Table


def record_score_table(scores: pd.DataFrame) -> Table:
    """Return scored forecasts of records as a table to quote; what has no outcome yet has no score."""
    rows = []
    for _, row in scores.iterrows():
        is_open = math.isnan(row["observed"])
        inside = [name for name in scores.columns if name.startswith("inside_")]
        narrowest = next((name.removeprefix("inside_") for name in inside if row[name] == 1.0), None)
        rows.append(
            (
                f"{str(row['series']).replace('_', ' ')}, {row['date']}: {row['method']}",
                (
                    row["made"],
                    *(f"{row[name]:.2f}" for name in ("p05", "p50", "p95")),
                    f"{row['so_far']:.2f} at {row['known_until']:.1f}",
                    MISSING if is_open else f"{row['observed']:.2f}",
                    MISSING if is_open else "none" if narrowest is None else f"{narrowest} %",
                    MISSING if is_open else f"{row['score']:.3f}",
                ),
            )
        )
    heads = ("made", "5 %", "50 %", "95 %", "so far", "outcome", "narrowest interval", "score")
    title = "Forecasts of records (score: twice the mean pinball loss, smaller is better)"
    return Table.of_texts("record-forecasts", title, "series, date and method", heads, rows)
