"""The release of the baseline: its distributions as a small netCDF-4 and CSV file, apart from the code.

uv run python benchmarks/release_baseline.py             # a million draws; docs/data and its page
uv run python benchmarks/release_baseline.py --draws 20000 --out elsewhere
"""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

import timecone as tc
from timecone.files import write_file
from timecone.schema import Inclusion

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "data.md"
BEGIN, END = "<!-- begin: release of the baseline -->", "<!-- end -->"
#: The layout of the file; it rises whenever an old reader would misread a new one.
LAYOUT = 1
PERCENTILES = (1.0, 2.5, 5.0, *np.arange(10.0, 91.0, 5.0).tolist(), 95.0, 97.5, 99.0)
YEARS = tuple(range(2026, 2126))
#: Years between the points of the distribution functions.
STEP = 0.25
TAKEOFF = "takeoff_duration"
#: What each variable says, and its unit.
VARIABLES = {
    "cdf": ("probability that the milestone is reached before the date", "1"),
    "percentile_of_date": ("decimal year at the percentile; infinite beyond the horizon", "calendar year"),
    "probability_by": ("probability that the milestone is reached by the end of the year", "1"),
    "percentile_of_takeoff": (
        "years from automation_20 to tai at the percentile; infinite if not reached",
        "year",
    ),
    "percentile_of_input": ("input at the percentile, before draws are removed", "unit_of_input"),
}
ENDS = {"lower": "lower end of the 95 % Monte Carlo interval", "upper": "upper end of it"}


def release(run: xr.DataTree, inputs: xr.Dataset, *, date: str) -> xr.Dataset:
    """Return the released numbers of a run.

    Parameters
    ----------
    run : DataTree
        A run of the baseline.
    inputs : Dataset
        Draws of its inputs, before any is removed.
    date : str
        The day of the release.

    Returns
    -------
    Dataset
        Distribution functions, percentiles and probabilities by year of every milestone, percentiles of the
        takeoff and of every input.
    """
    milestones = [str(name) for name in run["outcomes"].dataset["milestone"].values]
    variables = {
        **_of_milestones("cdf", milestones, [_plain(tc.cdf(run, name, step=STEP)) for name in milestones]),
        **_of_milestones(
            "percentile_of_date", milestones, [tc.percentiles(run, name, PERCENTILES) for name in milestones]
        ),
        **_of_milestones(
            "probability_by", milestones, [tc.probability_by(run, name, YEARS) for name in milestones]
        ),
        **_with_ends("percentile_of_takeoff", tc.percentiles(run, TAKEOFF, PERCENTILES)),
        "percentile_of_input": _percentiles_of_inputs(inputs),
    }
    released = xr.Dataset(variables, attrs=_attributes(run, date))
    for name, (meaning, unit) in VARIABLES.items():
        released[name].attrs = {"long_name": meaning, "units": unit}
        for end, text in ENDS.items():
            if f"{name}_{end}" in released:
                released[f"{name}_{end}"].attrs = {"long_name": f"{meaning}; {text}", "units": unit}
    return released


def _plain(table: xr.DataArray) -> xr.DataArray:
    """Return an array with its dimensions alone."""
    return xr.DataArray(table.values, {str(name): table[name].values for name in table.dims}, table.dims)


def _with_ends(name: str, table: xr.DataArray) -> dict[str, xr.DataArray]:
    """Return an array and the ends of its intervals, by name."""
    ends = {f"{name}_{end}": _plain(table[end]) for end in ENDS if end in table.coords}
    return {name: _plain(table), **ends}


def _of_milestones(
    name: str, milestones: Sequence[str], tables: Sequence[xr.DataArray]
) -> dict[str, xr.DataArray]:
    """Return the arrays of every milestone as one, and the ends of their intervals."""
    parts = [_with_ends(name, table) for table in tables]
    index = pd.Index(milestones, name="milestone")
    return {key: xr.concat([part[key] for part in parts], index) for key in parts[0]}


def _percentiles_of_inputs(inputs: xr.Dataset) -> xr.DataArray:
    numeric = [str(name) for name, values in inputs.data_vars.items() if values.dtype.kind == "f"]
    levels = [q / 100.0 for q in PERCENTILES]
    texts = {
        f"{key}_of_input": ("input", [str(inputs[name].attrs.get(attribute, "")) for name in numeric])
        for key, attribute in (
            ("unit", "units"),
            ("source", "source"),
            ("as_of", "as_of"),
            ("basis", "basis"),
        )
    }
    return xr.DataArray(
        [np.quantile(inputs[name].values, levels, method="inverted_cdf") for name in numeric],
        {"input": numeric, "percentile": list(PERCENTILES), **texts},
        ("input", "percentile"),
    )


def _attributes(run: xr.DataTree, date: str) -> dict[str, object]:
    identity = run.attrs["run_id"]
    facts = ("run_id", "scenario_digest", "source_hash", "seed", "draws", "conditions", "scenario")
    return {
        "title": "timecone baseline: arrival of AI milestones",
        "layout": LAYOUT,
        "date_released": date,
        "timecone_version": tc.__version__,
        **{key: run.attrs[key] for key in facts},
        "removed_share": float((run["outcomes"]["standing"] != Inclusion.COUNTED).mean()),
        "licence": "MIT",
        "citation": f"The timecone developers, timecone baseline, release of {date}, run {identity}",
    }


def long_table(released: xr.Dataset) -> pd.DataFrame:
    """Return the released numbers as rows: statistic, of, at, value, lower, upper.

    Parameters
    ----------
    released : Dataset
        As `release` gives it.

    Returns
    -------
    DataFrame
        One row for each number.
    """
    frames = []
    for name in VARIABLES:
        names = [name, *(f"{name}_{end}" for end in ENDS if f"{name}_{end}" in released)]
        frame = released[names].reset_coords(drop=True).to_dataframe().reset_index()
        if name == "percentile_of_takeoff":
            frame.insert(0, "of", TAKEOFF)
        columns = ["of", "at", "value", *(str(end) for end in names[1:])]
        frame.columns = pd.Index(columns).str.removeprefix(f"{name}_")
        frames.append(frame.assign(statistic=name))
    order = ["statistic", "of", "at", "value", *ENDS]
    return pd.concat(frames, ignore_index=True).reindex(columns=order)


def save(released: xr.Dataset, folder: Path) -> list[Path]:
    """Write a release as netCDF-4 and CSV.

    Parameters
    ----------
    released : Dataset
        As `release` gives it.
    folder : Path
        Where to write.

    Returns
    -------
    list of Path
        Both files, named after version and date.
    """
    folder.mkdir(parents=True, exist_ok=True)
    version = re.match(r"\d+(?:\.\d+)*(?:\.dev)?", released.attrs["timecone_version"])
    assert version is not None
    stem = f"baseline-{version[0]}-{released.attrs['date_released']}"
    packed = {str(name): {"zlib": True, "complevel": 9} for name in released.data_vars}
    path = folder / f"{stem}.nc"
    released.astype("float32").assign_attrs(released.attrs).to_netcdf(
        path, engine="h5netcdf", encoding=packed
    )
    facts = [f"# {key}: {value}" for key, value in released.attrs.items() if key != "scenario"]
    rows = long_table(released).to_csv(index=False, float_format="%.6g")
    return [path, write_file(folder / f"{stem}.csv", "\n".join([*facts, rows]))]


def page(files: Sequence[Path], released: xr.Dataset) -> str:
    """Return the part of the page that describes the files."""
    about = released.attrs
    lines = ["| file | size | SHA-256 |", "|---|---|---|"]
    for path in files:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        size = f"{path.stat().st_size / 1e3:.0f} kB"
        lines.append(f"| [{path.name}](../data/{path.name}) | {size} | `{digest}` |")
    facts = {
        "released": about["date_released"],
        "made by": f"timecone {about['timecone_version']}",
        "run id": f"`{about['run_id']}`",
        "digest of the inputs": f"`{about['scenario_digest']}`",
        "draws": about["draws"],
        "seed": about["seed"],
    }
    return "\n".join(
        [*lines, "", "| | |", "|---|---|", *(f"| {key} | {text} |" for key, text in facts.items())]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, help="folder of the files; docs/data, with the page, by default")
    arguments = parser.parse_args()
    scenario = tc.load("baseline")
    run = tc.simulate(scenario, draws=arguments.draws)
    inputs = tc.sample(scenario, min(arguments.draws, 100_000))
    released = release(run, inputs, date=datetime.now(UTC).date().isoformat())
    files = save(released, arguments.out or ROOT / "docs" / "data")
    for path in files:
        print(path, f"{path.stat().st_size / 1e3:.0f} kB")
    if arguments.out is None:
        head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        text = f"{head}{BEGIN}\n\n{page(files, released)}\n\n{END}{rest.partition(END)[2]}"
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
