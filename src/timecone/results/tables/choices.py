"""Table of the weights of a run's choices, as drawn and among the draws that count."""

from __future__ import annotations

from timecone.results.tables import rounding
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import Cell, Table


def weights_of_choices(statistics: RunStatistics) -> Table | None:
    """Return the weight of every choice's values, as drawn and among the draws that count; None without any.

    The not-yet rule and failures remove more draws of one value than of another, so its weight changes.
    """
    shares = statistics.choice_shares
    if shares.empty:
        return None
    rows = []
    for choice, values in shares.groupby("choice", sort=False):
        for row in values.to_dict("records"):
            point = (float(row[key]) for key in ("share", "lower", "upper", "standard_error"))
            drawn = Cell(rounding.percent(row["drawn"], row["standard_error"]))
            rows.append((f"{choice} = {row['value']}", (drawn, Cell.of(rounding.percent, *point))))
    title = "Weight of the choices, as drawn and after the not-yet rule, with 95 % Monte Carlo interval"
    return Table("choices", title, "choice", ("of all draws", "of counted draws"), tuple(rows))
