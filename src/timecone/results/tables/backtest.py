"""Table of a back-test's scores by series and method."""

from __future__ import annotations

from typing import Any

import pandas as pd
import xarray as xr

from timecone.results.run_file.backtest import MASSES, forecasts_of, summary
from timecone.results.tables.table import MISSING, Cell, Table
from timecone.schema import JOINT_FIT, SERIES


def score_table(backtest: xr.Dataset) -> Table:
    """Return a back-test's scores by series and method as a table to quote; the joint fit's rows first."""
    scores = summary(forecasts_of(backtest))
    order = [*SERIES, *sorted(set(scores["target"]) - set(SERIES))]
    rows = []
    for target in order:
        of_target = scores[scores["target"] == target]
        first = of_target["method"] == JOINT_FIT
        series = SERIES.get(target, (target,))[0]
        rows += [(f"{series}: {JOINT_FIT}", score_cells(row)) for _, row in of_target[first].iterrows()]
        rows += [(f"  {row['method']}", score_cells(row)) for _, row in of_target[~first].iterrows()]
    return Table(
        "backtest",
        "Scores of forecasts from past dates (of CRPS and log score, smaller is better)",
        "series and method",
        (
            "forecasts",
            "CRPS, OOM",
            f"{JOINT_FIT} on the same",
            "log score, nat",
            *(f"in {mass} %" for mass in MASSES),
            "bias, OOM",
        ),
        tuple(rows),
    )


def score_cells(row: pd.Series[Any]) -> tuple[Cell, ...]:
    """Return a row of `summary` as it is quoted, from the number of forecasts on."""
    same = MISSING if row["method"] == JOINT_FIT else f"{row['crps_ours']:.2f}"
    texts = (
        f"{row['forecasts']}",
        f"{row['crps']:.2f}",
        same,
        f"{row['log_score']:.2f}",
        *(f"{row[f'covered_{mass}']:.0%}".replace("%", " %") for mass in MASSES),
        f"{row['bias']:+.2f}",
    )
    return tuple(Cell(text) for text in texts)
