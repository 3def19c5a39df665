"""The command that asks a stored run about another scenario, without running it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timecone.cli.analysis import comparison_record
from timecone.cli.app import app
from timecone.cli.failed import warn_of_failed
from timecone.cli.options import Json, RunFile
from timecone.cli.output import console, plain
from timecone.cli.tables import print_quoted

if TYPE_CHECKING:
    import xarray as xr

    from timecone.results.tables.comparison import ComparedRow
    from timecone.reweighting.reweight import Reweighted


@app.command()
def reweight(
    run: RunFile,
    to: Annotated[Path, typer.Option(metavar="SCENARIO", help="The other scenario (TOML).")],
    as_json: Json = False,
) -> int:
    """Print a stored run's tables as they are and as another scenario would weight its draws."""
    from timecone.results.run_file.compare import different_texts
    from timecone.results.run_file.read_write import open_run
    from timecone.results.tables import comparison
    from timecone.results.tables.differences import difference_tables
    from timecone.reweighting.density_ratio import log_ratio
    from timecone.reweighting.reweight import reweight as reweighted
    from timecone.scenario.file import dumps, load
    from timecone.schema import COMPONENTS

    stored, scenario = open_run(run), load(to)
    weighted = reweighted(stored, log_ratio(stored, scenario))
    on = (str(stored.attrs[COMPONENTS]).split(), scenario.components_on)
    inputs = different_texts(str(stored.attrs["scenario"]), dumps(scenario), on)
    compared = weighted.compare(name=scenario.name, inputs=inputs)
    if as_json:
        answer = {
            "run_id": str(stored.attrs["run_id"]),
            "to": scenario.name,
            # JSON knows no NaN: of ratios without a tail there is no k-hat.
            "khat": None if weighted.khat != weighted.khat else weighted.khat,
            "ess": weighted.ess,
            "draws": int(weighted.weights.size),
            "probabilities": [_record(row, "year") for row in comparison.probabilities(weighted)],
            "percentiles": [_record(row, "percentile") for row in comparison.years_at_percentiles(weighted)],
            "comparison": comparison_record(compared),
        }
        console().print_json(json.dumps(answer))
        return warn_of_failed(stored)
    print_quoted(stored, [*comparison.tables(weighted), *difference_tables(stored, stored, compared)])
    for line in _accounts(weighted, str(stored.attrs["name"]), scenario.name):
        plain(line)
    return warn_of_failed(stored)


def _accounts(weighted: Reweighted, before: str, after: str) -> list[str]:
    from timecone.results.tables.accounts import ERROR_NOTE

    shape = "none, the largest ratios are equal" if weighted.khat != weighted.khat else f"{weighted.khat:.2f}"
    counted = int((weighted.weights > 0.0).sum())
    what = f"{counted:,} stored draws of {before}, reweighted to {after}"
    worth = f"k-hat {shape} (refused above 0.7), effective sample size {weighted.ess:,.0f}"
    return [f"{what}: {worth}.", ERROR_NOTE]


def _record(row: ComparedRow, dim: str) -> dict[str, Any]:
    about = {"quantity": row.quantity, "condition": row.where}
    rest = {
        f"not_by_horizon_{key}": estimate.attrs["not_by_horizon"]
        for key, estimate in (("before", row.before), ("after", row.after))
        if estimate is not None and "not_by_horizon" in estimate.attrs
    }
    return about | {"before": _numbers(row.before, dim), "after": _numbers(row.after, dim)} | rest


def _numbers(estimate: xr.DataArray | None, dim: str) -> list[dict[str, float | None]] | None:
    if estimate is None:
        return None
    keys = (dim, "value", "lower", "upper", "standard_error")
    parts = (estimate[dim], estimate, estimate.lower, estimate.upper, estimate.standard_error)
    rows = zip(*(part.values.tolist() for part in parts), strict=True)
    # JSON knows no infinity: what was not reached is null.
    return [
        {key: None if abs(number) == float("inf") else number for key, number in zip(keys, row, strict=True)}
        for row in rows
    ]
