"""Table of the weights of a run's choices, as drawn and among the draws that count."""

from __future__ import annotations

from timecone.results.run_file.choice_titles import choice_clause
from timecone.results.tables import rounding
from timecone.results.tables.accounts import sentence
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
            clause = sentence(choice_clause(statistics.run, str(choice), str(row["value"])))
            rows.append((clause, (drawn, Cell.of(rounding.percent, *point))))
    columns = ("of all draws", "of counted draws")
    return Table("choices", "How often each view is drawn", "view", columns, tuple(rows))
