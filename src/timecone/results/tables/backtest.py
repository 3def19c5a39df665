"""Table of a back-test's scores by series and method."""

from __future__ import annotations

from typing import Any

import pandas as pd
import xarray as xr

from timecone.results.run_file.backtest import MASSES, forecasts_of, summary
from timecone.results.run_file.calibration import calibration
from timecone.results.tables.table import MISSING, Cell, Table
from timecone.schema import BACKTEST_KIND, JUDGED, SERIES

#: Heads of the columns that account for what forecasts used.
PUBLICATION = ("used records from after", "figures from after")


def score_table(backtest: xr.Dataset) -> Table:
    """Return a back-test's scores by series and method as a table to quote, the judged method first."""
    judged = JUDGED[backtest.attrs.get("kind", BACKTEST_KIND)]
    scores = summary(forecasts_of(backtest), judged)
    order = dict.fromkeys([*SERIES, *scores["target"]])
    rows = []
    for target in order:
        of_target = scores[scores["target"] == target]
        first = of_target["method"] == judged
        series = SERIES.get(target, (target.replace("_", " "),))[0]
        rows += [(f"{series}: {judged}", score_cells(row, judged)) for _, row in of_target[first].iterrows()]
        rows += [(f"  {row['method']}", score_cells(row, judged)) for _, row in of_target[~first].iterrows()]
    return Table(
        "backtest",
        "Scores of forecasts from past dates (of CRPS and log score, smaller is better)",
        "series and method",
        (
            "forecasts",
            "CRPS, OOM",
            f"{judged} on the same",
            "log score, nat",
            *(f"in {mass} %" for mass in MASSES),
            "bias, OOM",
            *PUBLICATION,
        ),
        tuple(rows),
    )


def calibration_table(backtest: xr.Dataset) -> Table:
    """Return the shares of outcomes in central intervals by method, with their sampling errors."""
    shares = calibration(forecasts_of(backtest))
    rows = []
    for method, group in shares.groupby("method", sort=False):
        cells = [f"{int(group['forecasts'].iloc[0])}", f"{int(group['blocks'].iloc[0])}"]
        cells += [
            f"{100 * row['share']:.0f} %"
            + (
                f" ({100 * row['low']:.0f} to {100 * row['high']:.0f})"
                if row["blocks"] > 1
                else " (one block)"
            )
            for _, row in group.iterrows()
        ]
        rows.append((str(method), cells))
    title = "Outcomes in central intervals, with the 90 % interval of the share"
    heads = ("forecasts", "blocks", *(f"in {mass} %" for mass in MASSES))
    return Table.of_texts("calibration", title, "method", heads, rows)


def score_cells(row: pd.Series[Any], judged: str) -> tuple[Cell, ...]:
    """Return a row of `summary` as it is quoted, from the number of forecasts on."""
    same = MISSING if row["method"] == judged else f"{row['crps_ours']:.2f}"
    if "after" in row:
        publication = (f"{row['after']:.0f}", f"{100 * row['hindsight']:.0f} %")
    else:
        publication = ("not stated", "not stated")
    texts = (
        f"{row['forecasts']}",
        f"{row['crps']:.2f}",
        same,
        f"{row['log_score']:.2f}",
        *(f"{row[f'covered_{mass}']:.0%}".replace("%", " %") for mass in MASSES),
        f"{row['bias']:+.2f}",
        *publication,
    )
    return tuple(Cell(text) for text in texts)
