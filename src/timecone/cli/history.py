"""Commands about the past: fit trends to it, add new records to a fit, score what fits would have said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from timecone.cli.main import app
from timecone.cli.options import Json
from timecone.cli.output import console, plain
from timecone.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from timecone.history.evidence import Evidence

_SHOWN = 5

Tables = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[TABLE]...",
        help="CSV files of runs, chips, studies, costs, prices, as downloaded; timecone's own for the rest.",
    ),
]
FitSeed = Annotated[int, typer.Option(help="Seed, from 0.")]
FitDraws = Annotated[int, typer.Option("--draws", "-n", help="Kept draws of each chain.")]


@app.command()
def fit(
    tables: Tables = None,
    as_of: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Later evidence is not used.")
    ] = datetime(2026, 8, 22),  # noqa: DTZ001 - a date
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Fragment to write, .toml; fit.toml by default.")
    ] = None,
    seed: FitSeed = 2026,
    draws: FitDraws = 3000,
    chains: Annotated[int, typer.Option(help="Chains.", min=2)] = 4,
    top: Annotated[int, typer.Option(help="Rank at release up to which a run counts.", min=1)] = 10,
    start: Annotated[float, typer.Option(help="Decimal year at which levels are stated.")] = 2026.0,
    ahead: Annotated[float, typer.Option(help="Years after it over which growth is averaged.")] = 5.0,
    as_json: Json = False,
) -> None:
    """Fit trends of spending, price-performance, compute and algorithms; write fragment and posterior."""
    from timecone.history.evidence import gather
    from timecone.history.joint.fit import fit as fitted
    from timecone.history.joint.fragment import fragment, save_fragment
    from timecone.history.joint.observations import observe
    from timecone.history.joint.posterior import save_posterior, with_sources
    from timecone.units import decimal_year

    path = _toml(out or Path("fit.toml"))
    evidence = gather(tables or [])
    seen = observe(evidence.runs, evidence.chips, evidence.studies, as_of=decimal_year(as_of.date()), top=top)
    if not as_json:
        _print_evidence(
            evidence, len(seen.compute), int(seen.priced.sum()), len(seen.performance), len(seen.halving)
        )
        plain("Sampling (the model is compiled first, some tens of seconds) ...")
    tree = with_sources(
        fitted(seen, seed=seed, draws=draws, chains=chains, start=start, ahead=ahead), evidence.sources
    )
    stored = path.with_suffix(".nc")
    save_posterior(tree, stored)
    content = fragment(tree, name=path.stem, as_of=as_of.date(), posterior=stored.name)
    save_fragment(content, path)
    _print_fit(tree, content, as_json=as_json)
    if not as_json:
        plain(f"  {path}\n  {stored}")


@app.command()
def update(
    posterior: Annotated[
        Path, typer.Argument(metavar="POSTERIOR", help="Posterior that a fit has written (.nc).")
    ],
    records: Annotated[
        Path, typer.Argument(metavar="RECORDS", help="CSV file of runs that set records since.")
    ],
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Date of the new evidence.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Fragment to write, .toml; updated.toml by default.")
    ] = None,
    seed: FitSeed = 2026,
    as_json: Json = False,
) -> None:
    """Condition a fit on new record-setting runs by weighting its draws, where weights can carry it."""
    from timecone.history.joint.fragment import fragment, save_fragment
    from timecone.history.joint.posterior import open_posterior, save_posterior, sources_of, with_sources
    from timecone.history.joint.update import update as updated
    from timecone.history.readers import read

    path = _toml(out or Path("updated.toml"))
    new = read(records, kind="runs")
    tree = updated(open_posterior(posterior), new.rows, seed=seed)
    source = {"name": new.source, "kind": "new runs", "sha256": new.sha256, "rows": str(len(new.rows)),
              "skipped": str(len(new.skipped))}  # fmt: skip
    with_sources(tree, [*sources_of(tree), source])
    stored = path.with_suffix(".nc")
    save_posterior(tree, stored)
    content = fragment(tree, name=path.stem, as_of=as_of.date(), posterior=stored.name)
    save_fragment(content, path)
    _print_fit(tree, content, as_json=as_json)
    if not as_json:
        plain(
            f"{len(new.rows)} new runs; Pareto k-hat {float(tree.attrs['khat']):.2f} (at most 0.7), "
            f"{float(tree.attrs['effective_draws']):,.0f} effective draws.\n  {path}\n  {stored}"
        )


@app.command()
def backtest(
    tables: Tables = None,
    as_of: Annotated[
        list[int] | None, typer.Option(help="Years from whose beginning to forecast; may be repeated.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write, .nc; backtest.nc by default.")
    ] = None,
    seed: FitSeed = 2026,
    draws: FitDraws = 3000,
    as_json: Json = False,
) -> None:
    """Fit what was known at past dates, forecast, and score against what came, beside naive forecasts."""
    from timecone.history.evidence import gather
    from timecone.history.hindsight import backtest as tests

    path = out or Path("backtest.nc")
    if path.suffix != ".nc":
        raise ArgumentError(
            "a back-test is written as netCDF", where="--out", got=str(path), allowed="a name in .nc"
        )
    evidence = gather(tables or [])
    if not as_json:
        plain("Sampling (the model is compiled first, some tens of seconds) ...")
    forecasts = tests.backtest(
        evidence.runs, evidence.chips, evidence.studies, as_of=as_of or [2015, 2018, 2020, 2022, 2024],
        seed=seed, draws=draws,
    )  # fmt: skip
    tests.save_backtest(tests.to_dataset(forecasts, evidence.sources, seed=seed), path)
    found = tests.summary(forecasts)
    if as_json:
        console().print_json(
            json.dumps({"summary": _rows(found), "forecasts": _rows(forecasts), "written": str(path)})
        )
        return
    _print_scores(found)
    plain(f"  {path}")


def _toml(path: Path) -> Path:
    if path.suffix != ".toml":
        raise ArgumentError(
            "a fragment is written as TOML", where="--out", got=str(path), allowed="a name in .toml"
        )
    return path


def _rows(found: pd.DataFrame) -> list[dict[str, Any]]:
    return list(json.loads(found.to_json(orient="records")))


def _print_evidence(evidence: Evidence, runs: int, priced: int, chips: int, studies: int) -> None:
    for source in evidence.sources:
        skips = evidence.skipped[source["name"].removeprefix("timecone's own ")]
        plain(f"{source['name']}: {source['rows']} {source['kind']}, {len(skips)} rows or cells not readable")
        for skip in skips[:_SHOWN]:
            place = f"row {skip.row}" + (f", {skip.column}" if skip.column else "")
            plain(f"    {place}: {skip.reason}; got {skip.got!r}")
        if len(skips) > _SHOWN:
            plain(f"    ... and {len(skips) - _SHOWN} more (all with --json)")
    plain(
        f"Fitting {runs} frontier runs ({priced} with a cost), {chips} chips with a price and {studies} "
        "studies of algorithms."
    )


def _print_fit(tree: xr.DataTree, content: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        about = {key: value for key, value in content["history"].items() if not isinstance(value, date)}
        parameters = {f"{g}.{k}": v for g, group in content["parameters"].items() for k, v in group.items()}
        shown = {key: {n: v for n, v in one.items() if n != "as_of"} for key, one in parameters.items()}
        pairs = [{"between": one["between"], "rho": one["rho"]} for one in content["correlations"]]
        checks = _rows(tree["checks"].to_dataset().to_dataframe())
        found = {"history": about, "parameters": shown, "correlations": pairs, "checks": checks}
        console().print_json(json.dumps(found, default=str))
        return
    made = Table(title="Posterior", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1))
    for heading in ("parameter", "unit", "5 %", "25 %", "50 %", "75 %", "95 %"):
        made.add_column(heading, justify="left" if heading in {"parameter", "unit"} else "right")
    for group, values in content["parameters"].items():
        for name, one in values.items():
            quantiles = (f"{one[key]:.3g}" for key in ("p05", "p25", "p50", "p75", "p95"))
            made.add_row(f"{group}.{name}", one["unit"], *quantiles)
    console().print(made)
    _print_correlations(content["correlations"])
    about = tree.attrs
    plain(
        f"R-hat at most {float(about['rhat']):.4f}, effective draws at least {float(about['ess_bulk']):,.0f} "
        f"(bulk) and {float(about['ess_tail']):,.0f} (tails), {int(about['divergences'])} divergences; "
        f"{float(about['share_at_slowest_doubling']):.2%} of draws at the slowest doubling of 30 years."
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


def _print_scores(found: pd.DataFrame) -> None:
    made = Table(title="Scores of forecasts (smaller is better)", title_justify="left", box=box.SIMPLE_HEAD,
                 padding=(0, 1))  # fmt: skip
    for heading in ("series", "method", "forecasts", "CRPS, OOM", "joint fit on the same", "log score, nat",
                    "in 50 %", "in 80 %", "in 90 %", "bias, OOM"):  # fmt: skip
        made.add_column(heading, justify="left" if heading in {"series", "method"} else "right")
    for _, row in found.sort_values("target", kind="stable").iterrows():
        made.add_row(
            str(row["target"]), str(row["method"]), f"{row['forecasts']}",
            *(f"{row[key]:.2f}" for key in ("crps", "crps_ours", "log_score")),
            *(f"{row[f'covered_{mass}']:.0%}" for mass in (50, 80, 90)), f"{row['bias']:+.2f}",
        )  # fmt: skip
    console().print(made)
    plain("Forecasts share their errors over years and dates, so they are worth fewer than their number.")
