"""Commands that turn a run into something to hand on: a page, a table of draws."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from timecone.cli.app import app
from timecone.cli.failed import warn_of_failed
from timecone.cli.interruption import interruption
from timecone.cli.options import Dates, Given, RunFile, open_given
from timecone.cli.output import plain
from timecone.files import refuse_overwriting
from timecone.results.tables.dates import DateStyle


class Export(StrEnum):
    """Formats of exports."""

    CSV = "csv"
    PARQUET = "parquet"
    ARVIZ = "arviz"
    XLSX = "xlsx"


@app.command()
def report(
    run: RunFile,
    out: Annotated[
        Path | None,
        typer.Option(help="File to write, .html or .md; report.html beside the run by default."),
    ] = None,
    backtest: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Back-test (.nc) whose scores stand beside.")
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="An earlier or another run; the page then says what changed."),
    ] = None,
    given: Given = None,
    _dates: Dates = DateStyle.YEAR,
) -> int:
    """Write one page about a run that can be sent as a single file."""
    import matplotlib as mpl

    from timecone.cli.model_figures import model_drawings
    from timecone.report.page import save
    from timecone.results.run_file.backtest import open_backtest

    mpl.use("Agg")  # no window, and none needed
    path = out or run.with_name("report.html")
    refuse_overwriting(path, run, *(file for file in (backtest, compare) if file is not None))
    scored = None if backtest is None else open_backtest(backtest)
    opened = open_given(run, given)
    other = None if compare is None else open_given(compare, given)
    with interruption.holding():
        plain(str(save(opened, path, scored, more=model_drawings(opened), other=other)))
    return warn_of_failed(opened)


_SUFFIX = {
    Export.CSV: "draws.csv",
    Export.PARQUET: "draws.parquet",
    Export.ARVIZ: "arviz.nc",
    Export.XLSX: "run.xlsx",
}


@app.command()
def export(
    run: RunFile,
    to: Annotated[
        Export | None, typer.Option(help="Format; by default that of the ending of --out, else csv.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write; beside the run by default.")] = None,
    censored: Annotated[
        str, typer.Option(help="For ArviZ, what stands for a date not reached: inf, nan or horizon.")
    ] = "inf",
) -> int:
    """Write a run's stored draws (one row each, or as ArviZ has them), or its tables as a workbook (xlsx)."""
    from timecone.results.run_file import export as exports
    from timecone.results.run_file.read_write import open_run, save_run

    endings = {".parquet": Export.PARQUET, ".nc": Export.ARVIZ, ".xlsx": Export.XLSX}
    to = to or (Export.CSV if out is None else endings.get(out.suffix.lower(), Export.CSV))
    path = out or run.with_name(_SUFFIX[to])
    refuse_overwriting(path, run)
    opened = open_run(run)
    if to is Export.CSV:
        exports.to_csv(opened, path)
    elif to is Export.PARQUET:
        exports.to_parquet(opened, path)
    elif to is Export.XLSX:
        from timecone.results.tables.workbook import to_xlsx

        to_xlsx(opened, path)
    else:
        save_run(exports.to_arviz(opened, censored=censored), path)
    plain(str(path))
    return warn_of_failed(opened)
