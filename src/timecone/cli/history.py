"""Commands about the past: fit trends to it, add new records to a fit, score what fits would have said."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timecone.cli.app import app
from timecone.cli.interruption import interruption
from timecone.cli.options import Json
from timecone.cli.output import plain
from timecone.errors import ArgumentError, UsageError
from timecone.files import refuse_overwriting

if TYPE_CHECKING:
    import pandas as pd

    from timecone.history.evidence import Evidence
    from timecone.history.joint.observations import Observations

Tables = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[TABLE]...",
        help="CSV files of runs, chips, studies, costs, prices, as downloaded; timecone's own for the rest."
        " Or METR's YAML file of time horizons, for fit perhaps with Epoch AI's Capabilities Index; for fit"
        " also Epoch AI's data-centre timelines and chip counts by owner.",
    ),
]
# The scenario's start by default.
_START = 2026.0

CompleteUntil = Annotated[
    float | None,
    typer.Option(help="End of complete evidence on runs, decimal year; estimated from the runs by default."),
]
PriceWithin = Annotated[
    float, typer.Option(help="Years from a chip's release within which a price joined by name counts.")
]
FitSeed = Annotated[int, typer.Option(help="Seed, from 0.")]
FitDraws = Annotated[
    int, typer.Option("--draws", "-n", help="Kept draws of each chain; of horizons, of each first year.")
]
Since = Annotated[
    list[float] | None,
    typer.Option(help="First year of a fit of horizons; may be repeated. 2019, 2023 and 2024 by default."),
]
Reliability = Annotated[
    int, typer.Option(help="Probability of success, in percent, of the horizons that are fitted: 50 or 80.")
]
PriceYear = Annotated[
    int | None,
    typer.Option(
        help="Year in whose USD chips' release prices are fitted; those of the day and of 2020 by default."
    ),
]
Published = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        help="Date of a file of sites whose rows do not say when they were published: what is dated later"
        " is a plan.",
    ),
]
_HORIZONS_ONLY = ("since", "reliability")
_SUPPLY_ONLY = ("published",)
_RUNS_ONLY = (
    "chains",
    "top",
    "ahead",
    "complete_until",
    "price_within",
    "price_year",
    "supply_fit",
    "unknown_runs",
)


@app.command()
def history(
    tables: Annotated[
        list[Path],
        typer.Argument(
            metavar="TABLE...",
            help="CSV or YAML files of runs, chips, prices, costs, studies, horizons, capabilities, clusters,"
            " sites, stocks, production or spending, as downloaded.",
        ),
    ],
    as_json: Json = False,
) -> None:
    """Show what is read of files of the past: rows, refused rows with the reason, converted units."""
    from timecone.cli import history_output
    from timecone.history.readers import read

    read_tables = [read(path) for path in tables]
    if as_json:
        history_output.print_json({"tables": [history_output.table_json(table) for table in read_tables]})
        return
    for table in read_tables:
        history_output.print_table_read(table)


@app.command()
def fit(
    context: typer.Context,
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
    start: Annotated[
        float | None, typer.Option(help="Decimal year at which levels are stated; 2026 by default.")
    ] = None,
    ahead: Annotated[float, typer.Option(help="Years after it over which growth is averaged.")] = 5.0,
    complete_until: CompleteUntil = None,
    price_within: PriceWithin = 1.0,
    since: Since = None,
    reliability: Reliability = 80,
    price_year: PriceYear = None,
    published: Published = None,
    supply_fit: Annotated[
        Path | None,
        typer.Option(
            "--supply",
            help="Fit of supply (.nc, .toml, or history/supply_2026_08) that bounds the largest run.",
        ),
    ] = None,
    unknown_runs: Annotated[
        bool,
        typer.Option(
            "--unknown-runs",
            help="Use runs of unknown compute too, bounded below by their score on an index of capabilities"
            " and above by --supply.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Fit trends of spending, price-performance, compute and algorithms, of time horizons, or of supply.

    Writes a fragment, which a scenario extends, and the posterior.
    """
    from timecone.cli import history_output, horizons, supply
    from timecone.cli.folder import prepare_files
    from timecone.history.evidence import gather
    from timecone.history.joint import fit as joint
    from timecone.history.joint.fragment import fragment, save_fragment
    from timecone.history.joint.observations import observe, unused_runs
    from timecone.history.joint.posterior import save_posterior, with_sources
    from timecone.units import decimal_year

    path, stored = _fragment_and_posterior(out or Path("fit.toml"))
    for output in (path, stored):
        refuse_overwriting(output, *(tables or []))
    _require_upper_bound(supply_fit, unknown_runs=unknown_runs)
    if tables and not unknown_runs and horizons.are_horizons(tables):
        horizons.refuse_options(context, (*_RUNS_ONLY, *_SUPPLY_ONLY), "a fit of horizons")
        horizons.fit_horizons(
            tables,
            (path, stored),
            as_of=as_of.date(),
            start=start,
            since=since,
            reliability=reliability,
            draws=draws,
            seed=seed,
            command=_horizon_command(context, tables, path),
            as_json=as_json,
        )
        return
    if tables and supply.are_supply(tables):
        horizons.refuse_options(context, (*_RUNS_ONLY, *_HORIZONS_ONLY), "a fit of sites and stocks")
        supply.fit_supply(
            tables,
            (path, stored),
            as_of=as_of.date(),
            published=published and published.date(),
            start=_START if start is None else start,
            draws=draws,
            seed=seed,
            command=_horizon_command(context, tables, path),
            as_json=as_json,
        )
        return
    horizons.refuse_options(context, (*_HORIZONS_ONLY, *_SUPPLY_ONLY), "a fit of runs, chips and studies")
    joint.require_sampler()
    evidence = gather(tables or [], price_within=price_within, capabilities=unknown_runs)
    # Only the start by default limits the evidence; one that is stated before it is refused.
    latest = math.inf if start is not None else _START
    start = _START if start is None else start
    end = history_output.end_of_evidence(evidence.runs, complete_until, decimal_year(as_of.date()), latest)
    observations = observe(
        evidence.runs, evidence.chips, evidence.studies, as_of=decimal_year(as_of.date()), top=top,
        complete_until=end.until, price_year=price_year, rejected=evidence.rejected,
    )  # fmt: skip
    observations, bounded_by = _bounded(observations, evidence, supply_fit, as_of.date(), top)
    unused = unused_runs(evidence.runs, observations.end, end.reason_unused)
    joint.require_fittable(observations, seed=seed, draws=draws, chains=chains, start=start, ahead=ahead)
    prepare_files(path, stored)
    history_output.print_warnings(evidence)
    if not as_json:
        history_output.print_evidence(evidence)
        history_output.print_end(end, unused)
        history_output.print_observed(observations)
        history_output.print_sampling()
    tree = with_sources(
        joint.fit(observations, seed=seed, draws=draws, chains=chains, start=start, ahead=ahead),
        evidence.sources,
    )
    tree.attrs.update(bounded_by)
    content = fragment(tree, name=path.stem, as_of=as_of.date(), posterior=stored.name)
    content["history"]["evidence_until_reason"] = end.reason
    if price_year is not None:
        content["history"]["price_year"] = price_year
    with interruption.holding():
        save_posterior(tree, stored)
        save_fragment(content, path, _command(content["history"], Path(path.name)))
    if as_json:
        about = {
            "written": [str(path), str(stored)], "evidence": history_output.evidence_rows(evidence),
            "warnings": list(evidence.warnings), "complete_until": {"date": end.until, "reason": end.reason},
            "unused_runs": [rejected._asdict() for rejected in unused],
        }  # fmt: skip
        history_output.print_json(history_output.fit_json(tree, content) | about)
        return
    history_output.print_fit(tree, content)
    plain(f"  {path}\n  {stored}")


@app.command()
def update(
    posterior: Annotated[
        Path,
        typer.Argument(
            metavar="POSTERIOR",
            help="Posterior of a fit (.nc), its fragment (.toml), or history/landmarks_2026-08.",
        ),
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
    from timecone.cli import history_output
    from timecone.cli.folder import prepare_files
    from timecone.history.joint.fragment import fragment, save_fragment
    from timecone.history.joint.posterior import open_posterior, save_posterior, sources_of, with_sources
    from timecone.history.joint.update import update as updated
    from timecone.history.readers import read

    path, stored = _fragment_and_posterior(out or Path("updated.toml"))
    posterior = _posterior_of(posterior)
    for output in (path, stored):
        refuse_overwriting(output, posterior, records)
    before, new = open_posterior(posterior), read(records, kind="runs")
    _require_told_by(as_of.date(), new.rows)
    prepare_files(path, stored)
    tree = updated(before, new.rows, seed=seed)
    rejected_rows = (*new.rejected, *new.blanked)
    source = {
        "name": new.source,
        "kind": "new runs",
        "sha256": new.sha256,
        "rows": str(len(new.rows)),
        "skipped": str(len(new.rejected)),
    }
    with_sources(tree, [*sources_of(tree), source])
    content = fragment(tree, name=path.stem, as_of=as_of.date(), posterior=stored.name)
    content_before = fragment(before, name=path.stem, as_of=as_of.date(), posterior=stored.name)
    with interruption.holding():
        save_posterior(tree, stored)
        save_fragment(content, path)
    khat, effective = float(tree.attrs["khat"]), float(tree.attrs["effective_draws"])
    if as_json:
        about = {"khat": khat, "effective_draws": effective, "written": [str(path), str(stored)],
                 "skipped": [rejected._asdict() for rejected in rejected_rows],
                 "converted": list(new.notes)}  # fmt: skip
        about["parameters_before"] = history_output.fit_json(before, content_before)["parameters"]
        history_output.print_json(history_output.fit_json(tree, content) | about)
        return
    history_output.print_source(new.source, "new runs", len(new.rows), rejected_rows)
    for note in new.notes:
        plain(f"    {note}")
    history_output.print_fit(tree, content)
    history_output.print_changes(content_before, content)
    plain(
        f"{len(new.rows)} new runs; Pareto k-hat {khat:.2f} (at most 0.7), "
        f"{effective:,.0f} effective draws.\n  {path}\n  {stored}"
    )


@app.command()
def backtest(
    context: typer.Context,
    tables: Tables = None,
    as_of: Annotated[
        list[int] | None, typer.Option(help="Years from whose beginning to forecast; may be repeated.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write, .nc; backtest.nc by default.")
    ] = None,
    seed: FitSeed = 2026,
    draws: FitDraws = 3000,
    complete_until: CompleteUntil = None,
    price_within: PriceWithin = 1.0,
    dates: Annotated[
        list[datetime] | None,
        typer.Option(
            "--date",
            formats=["%Y-%m-%d"],
            help="Date from which to forecast horizons; may be repeated. 2024-06-01, 2025-01-01 and"
            " 2025-07-01 by default.",
        ),
    ] = None,
    since: Since = None,
    reliability: Reliability = 80,
    records: Annotated[
        bool,
        typer.Option(
            "--records",
            help="Instead of the joint fit, test trends of series of records (runs, chips, clusters, sites,"
            " stocks, horizons, capabilities) one to three years ahead; timecone's own tables for the rest.",
        ),
    ] = False,
    published: Published = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="With --records: use no figure published after the date of a forecast."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Fit what was known at past dates, forecast, and score against what came."""
    from timecone.cli import history_output, horizons, record_backtest
    from timecone.cli.folder import prepare_files
    from timecone.cli.horizons import is_stated
    from timecone.history.backtest import forecasts as tests
    from timecone.history.backtest.series import snapshots
    from timecone.history.evidence import gather
    from timecone.history.joint.fit import require_sampler
    from timecone.history.joint.observations import unused_runs
    from timecone.results.run_file.backtest import summary
    from timecone.schema import JOINT_FIT

    path = out or Path("backtest.nc")
    if path.suffix != ".nc":
        raise ArgumentError(
            "not-a-netcdf-name",
            "a back-test is saved as netCDF",
            where="--out",
            got=str(path),
            allowed="a name in .nc",
        )
    refuse_overwriting(path, *(tables or []))
    if records:
        horizons.refuse_options(
            context,
            ("as_of", "complete_until", "price_within", "dates", *_HORIZONS_ONLY),
            "a back-test of records",
        )
        record_backtest.backtest_records(
            tables or [],
            path,
            # The joint fit's number of draws is that of its chains.
            draws=draws if is_stated(context, "draws") else record_backtest.DRAWS,
            seed=seed,
            strict=strict,
            published=published and published.date(),
            as_json=as_json,
        )
        return
    horizons.refuse_options(context, ("strict", *_SUPPLY_ONLY), "a back-test without --records")
    if tables and horizons.are_horizons(tables):
        horizons.refuse_options(
            context, ("as_of", "complete_until", "price_within"), "a back-test of horizons"
        )
        horizons.backtest_horizons(
            tables,
            path,
            origins=[day.date() for day in dates or []],
            since=since,
            reliability=reliability,
            draws=draws,
            seed=seed,
            as_json=as_json,
        )
        return
    horizons.refuse_options(context, ("dates", *_HORIZONS_ONLY), "a back-test of runs, chips and studies")
    require_sampler()
    evidence = gather(tables or [], price_within=price_within)
    end = history_output.end_of_evidence(evidence.runs, complete_until)
    known = (evidence.runs, evidence.chips, evidence.studies)
    years = as_of or [2015, 2018, 2020, 2022, 2024]
    tests.require_testable(
        *known, as_of=years, seed=seed, draws=draws, until=end.until, rejected=evidence.rejected
    )
    unused = unused_runs(evidence.runs, end.until, end.reason_unused)
    prepare_files(path)
    history_output.print_warnings(evidence)
    if not as_json:
        history_output.print_evidence(evidence)
        history_output.print_end(end, unused)
        history_output.print_sampling()
    forecasts = tests.backtest(
        *known,
        as_of=years,
        seed=seed,
        draws=draws,
        until=end.until,
        estimated=snapshots(evidence.sources),
    )
    tests.save_backtest(tests.to_dataset(forecasts, evidence.sources, seed=seed), path)
    scores = summary(forecasts)
    if as_json:
        about = {
            "summary": history_output.rows_of(scores),
            "forecasts": history_output.rows_of(forecasts),
            "written": str(path),
            "evidence": history_output.evidence_rows(evidence),
            "warnings": list(evidence.warnings),
            "complete_until": {"date": end.until, "reason": end.reason},
            "unused_runs": [run._asdict() for run in unused],
        }
        history_output.print_json(about)
        return
    history_output.print_scores(scores, JOINT_FIT)
    plain(f"  {path}")


def _require_upper_bound(supply: Path | None, *, unknown_runs: bool) -> None:
    if unknown_runs and supply is None:
        raise ArgumentError(
            "unknown-runs-without-supply",
            "runs of unknown compute need an upper bound",
            where="--unknown-runs",
            remedy="State a fit of supply by --supply, as history/supply_2026_08.",
        )


def _bounded(
    observations: Observations, evidence: Evidence, supply: Path | None, as_of: date, top: int
) -> tuple[Observations, dict[str, str]]:
    """Return observations with the bounds of a fit of supply, and the name and identity of that fit."""
    if supply is None:
        return observations, {}
    from dataclasses import replace

    from timecone.history.joint.censored import censor
    from timecone.history.supply.fit import open_supply, run_bound
    from timecone.units import decimal_year

    path = _posterior_of(supply)
    tree = open_supply(path)
    censored = censor(
        evidence.runs,
        run_bound(tree),
        evidence.capabilities,
        as_of=decimal_year(as_of),
        end=observations.end,
        top=top,
    )
    shown = supply.as_posix() if not supply.suffix else path.name
    return replace(observations, censored=censored), {
        "supply": shown,
        "supply_fit_id": str(tree.attrs["fit_id"]),
    }


def _fragment_and_posterior(path: Path) -> tuple[Path, Path]:
    if path.suffix != ".toml":
        raise ArgumentError(
            "not-a-toml-name",
            "a fragment is saved as TOML",
            where="--out",
            got=str(path),
            allowed="a name in .toml",
        )
    return path, path.with_suffix(".nc")


def _posterior_of(path: Path) -> Path:
    """Return the posterior that a fragment names; refuse a missing one with the command that makes it."""
    import tomllib

    from timecone.scenario.presets import preset_file

    if not path.suffix and not path.exists():
        path = preset_file(path.as_posix()) or path
    fragment = path if path.suffix == ".toml" else path.with_suffix(".toml")
    if path.suffix == ".nc" and (path.is_file() or not fragment.is_file()):
        return path
    if path.suffix != ".toml" and path.is_file():
        return path
    try:
        about = tomllib.loads(fragment.read_text(encoding="utf-8")).get("history", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise ArgumentError(
            "not-a-fragment",
            "not a fragment that timecone fit has written",
            where=str(fragment),
            allowed="a posterior (.nc) or its fragment (.toml)",
        ) from None
    name = about.get("posterior") if isinstance(about, dict) else None
    if not isinstance(name, str):
        raise ArgumentError(
            "fragment-without-posterior",
            "the fragment does not name its posterior",
            where=str(fragment),
            allowed="a fragment that timecone fit has written",
        )
    posterior = fragment.with_name(Path(name).name)
    if not posterior.is_file():
        raise UsageError(
            "no-such-posterior",
            "no such posterior",
            where=str(posterior),
            remedy=f"Make it: {_command(about, fragment)}",
        )
    return posterior


def _command(about: Mapping[str, Any], fragment: Path) -> str:
    """Return the command that makes a fragment and its posterior again."""
    sources = about.get("sources", ())
    names = [str(each.get("name", "")) for each in sources if isinstance(each, Mapping)]
    files = [name for name in names if name and not name.startswith("timecone's own")]
    options = {
        "as_of": "as-of",
        "evidence_until": "complete-until",
        "seed": "seed",
        "draws": "draws",
        "chains": "chains",
        "start": "start",
        "years_ahead": "ahead",
        "price_year": "price-year",
    }
    stated = [f"--{option} {about[key]}" for key, option in options.items() if key in about]
    bounds = about.get("bounds", {})
    if "supply" in bounds:
        stated.append(f"--supply {bounds['supply']}")
    if bounds.get("runs_of_unknown_compute"):
        stated.append("--unknown-runs")
    return " ".join(["timecone fit", *files, *stated, f"--out {fragment}"])


def _horizon_command(context: typer.Context, tables: Sequence[Path], path: Path) -> str:
    """Return the command that makes a fragment of horizons again, with the options that were stated."""
    command = ["timecone fit", *(table.name for table in tables)]
    for name in ("as_of", "published", "start", "since", "reliability", "draws", "seed"):
        source = context.get_parameter_source(name)
        if source is None or source.name != "COMMANDLINE":
            continue
        value = context.params[name]
        for each in value if isinstance(value, (list, tuple)) else [value]:
            text = each.date().isoformat() if isinstance(each, datetime) else f"{each}"
            command.append(f"--{name.replace('_', '-')} {text}")
    return " ".join([*command, f"--out {path.name}"])


def _require_told_by(as_of: date, runs: pd.DataFrame) -> None:
    """Refuse a date of the evidence that lies before some of it."""
    from timecone.units import decimal_year

    newest = runs.sort_values("date", kind="stable").iloc[-1]
    if newest["date"] > decimal_year(as_of):
        raise ArgumentError(
            "evidence-after-as-of",
            f"{newest['name']} lies after the date of the evidence",
            where="--as-of",
            got=as_of.isoformat(),
            allowed=f"{newest['date']:.2f} or later",
        )
