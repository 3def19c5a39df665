"""Commands that write runs for others: a report, a table of draws."""

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
from timecone.errors import ArgumentError
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
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Run files (netCDF), of one model or of several.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="File to write, .html or .md; report.html beside the first run by default."),
    ] = None,
    pdf: Annotated[  # noqa: FBT002
        bool, typer.Option("--pdf", help="Also print the HTML report to PDF, if a browser is installed.")
    ] = False,
    backtest: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Back-test (.nc) to include in the report.")
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="An earlier or another run to compare the only run with."),
    ] = None,
    given: Given = None,
    _dates: Dates = DateStyle.YEAR,
) -> int:
    """Write a report on one run or several, as one file to send."""
    import matplotlib as mpl

    from timecone.cli.model_figures import model_drawings
    from timecone.report.page import save
    from timecone.report.pdf import print_pdf, require_browser
    from timecone.results.run_file.backtest import open_backtest

    mpl.use("Agg")  # no window, and none needed
    path = out or runs[0].with_name("report.html")
    printed = path.with_suffix(".pdf")
    refuse_overwriting(path, *runs, *(file for file in (backtest, compare) if file is not None))
    if pdf:
        if path.suffix != ".html":
            raise ArgumentError(
                "pdf-without-html", "PDF is printed from HTML", where="--pdf", got=path.name, allowed=".html"
            )
        require_browser(printed)
        refuse_overwriting(printed, *runs, *(file for file in (backtest, compare) if file is not None))
    scored = None if backtest is None else open_backtest(backtest)
    opened = {name: open_given(run, given) for name, run in zip(_names(runs), runs, strict=True)}
    other = None if compare is None else open_given(compare, given)
    with interruption.holding():
        plain(str(save(opened, path, scored, model_drawings=model_drawings, other=other)))
        if pdf:
            plain(str(print_pdf(path, printed)))
    return max(warn_of_failed(run) for run in opened.values())


def _names(paths: list[Path]) -> list[str]:
    """Name runs by their folders where files have the usual name; refuse two of one name."""
    names = [path.parent.name if path.stem == "run" and path.parent.name else path.stem for path in paths]
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(
                "runs-of-one-name",
                "two runs have the same name",
                where="RUN",
                got=name,
                remedy="Put them into folders of different names.",
            )
    return names


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
