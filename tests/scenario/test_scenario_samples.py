"""Empirical distributions: a column of a CSV or netCDF file becomes part of the scenario."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tomli_w
import xarray as xr

import timecone as tc
from edits import content_of, edited
from refusals import Refusal
from timecone.inputs.constructors import Empirical
from timecone.scenario.file import dumps, load, loads

DOUBLING = "hardware.doubling_time"
TABLE = f"parameters.{DOUBLING}"
SOURCE = {"unit": "year", "source": "s", "as_of": date(2026, 1, 1), "basis": "data"}
VALUES = [2.5, 1.5, 3.0, 2.0, 4.5, 2.25]


@pytest.fixture(scope="module")
def content(baseline: tc.Scenario) -> dict[str, Any]:
    return content_of(baseline)


def scenario_file(folder: Path, content: dict[str, Any], file: str, column: str, **more: Any) -> Path:
    sample = {"distribution": "empirical", "file": file, "column": column} | more
    path = folder / "scenario.toml"
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(tomli_w.dumps(edited(content, {TABLE: sample | SOURCE})))
    return path


def write_csv(folder: Path, values: list[Any], name: str = "trends.csv") -> None:
    pd.DataFrame({"chip": [f"c{k}" for k in range(len(values))], "years": values}).to_csv(folder / name)


def in_code(baseline: tc.Scenario, values: list[float]) -> tc.Scenario:
    return baseline.replace({DOUBLING: Empirical(values=values, unit="year")})


def test_a_csv_column_is_the_sample_of_its_numbers(
    content: dict[str, Any], baseline: tc.Scenario, tmp_path: Path
) -> None:
    write_csv(tmp_path, VALUES)
    scenario = load(scenario_file(tmp_path, content, "trends.csv", "years"))
    (given,) = scenario.parameters[DOUBLING].distributions.values()
    assert given.arguments == {"values": sorted(VALUES), "origin": "trends.csv: years"}
    assert scenario.digest == in_code(baseline, VALUES).digest
    one, other = tc.sample(scenario, 512, seed=1), tc.sample(in_code(baseline, VALUES), 512, seed=1)
    np.testing.assert_array_equal(one[DOUBLING], other[DOUBLING])


@pytest.mark.parametrize("group", ["", "posterior/inner"])
def test_a_netcdf_variable_of_any_shape_is_a_sample(
    group: str, content: dict[str, Any], baseline: tc.Scenario, tmp_path: Path
) -> None:
    found = xr.Dataset({"years": (("chain", "draw"), np.reshape(VALUES, (2, 3)))})
    found.to_netcdf(tmp_path / "fit.nc", engine="h5netcdf", group=group or None)
    column = f"{group}/years" if group else "years"
    scenario = load(scenario_file(tmp_path, content, "fit.nc", column))
    assert scenario.digest == in_code(baseline, VALUES).digest


def test_the_run_file_needs_no_other_file(content: dict[str, Any], tmp_path: Path) -> None:
    write_csv(tmp_path, VALUES)
    scenario = load(scenario_file(tmp_path, content, "trends.csv", "years"))
    again = loads(dumps(scenario))
    assert again.equals(scenario)
    assert again.parameters == scenario.parameters


def test_bounds_of_a_sample_are_kept(content: dict[str, Any], tmp_path: Path) -> None:
    write_csv(tmp_path, [*VALUES, 900.0])
    path = scenario_file(tmp_path, content, "trends.csv", "years", truncate={"high": 5})
    found = tc.sample(load(path), 4096, seed=1)[DOUBLING].values
    assert 4.0 < found.max() <= 5.0


def test_a_large_sample_is_kept_as_its_quantiles(content: dict[str, Any], tmp_path: Path) -> None:
    # The values k + 1/2 for k = 0 ... 40 959 in any order: Hazen's quantile at p is 40 960 p.
    values = np.random.default_rng(1).permutation(40_960) + 0.5
    write_csv(tmp_path, values.tolist())
    scenario = load(scenario_file(tmp_path, content, "trends.csv", "years"))
    kept = scenario.parameters[DOUBLING].distributions[""].arguments["values"]
    np.testing.assert_allclose(kept, 10.0 * (np.arange(4096) + 0.5), rtol=1e-12)


def test_empty_cells_are_no_numbers_and_no_errors(
    content: dict[str, Any], baseline: tc.Scenario, tmp_path: Path
) -> None:
    write_csv(tmp_path, [VALUES[0], None, *VALUES[1:]])
    scenario = load(scenario_file(tmp_path, content, "trends.csv", "years"))
    assert scenario.digest == in_code(baseline, VALUES).digest


def test_a_sample_is_found_beside_the_file_that_names_it(content: dict[str, Any], tmp_path: Path) -> None:
    base = tmp_path / "base"
    parent = scenario_file(base, content, "trends.csv", "years")
    write_csv(base, VALUES)
    child = tmp_path / "variants" / "child.toml"
    child.parent.mkdir()
    child.write_text('extends = "../base/scenario.toml"\nname = "child"\n')
    assert load(child).equals(load(parent))


@pytest.mark.slow
def test_a_run_is_a_file_of_samples(content: dict[str, Any], baseline: tc.Scenario, tmp_path: Path) -> None:
    run = tc.simulate(baseline, draws=256, seed=7, threads=1, paths=0)
    run.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    scenario = load(scenario_file(tmp_path, content, "run.nc", f"inputs/{DOUBLING}"))
    wanted = np.sort(run["inputs"][DOUBLING].values)
    assert scenario.parameters[DOUBLING].distributions[""].arguments["values"] == wanted.tolist()


@pytest.mark.parametrize(
    ("file", "column", "refusal"),
    [
        (
            "trends.csv",
            "yeers",
            Refusal(
                "sample-file-lacks-column", f"scenario.toml: {TABLE}.column", got="yeers", names="'years'"
            ),
        ),
        ("trend.csv", "years", Refusal("no-such-file", f"scenario.toml: {TABLE}.file", got="trend.csv")),
        (
            "trends.csv",
            "chip",
            Refusal("column-not-finite", f"scenario.toml: {TABLE}.column", got="row 1 of chip"),
        ),
        (
            "text.csv",
            "years",
            Refusal("column-not-finite", f"scenario.toml: {TABLE}.column", got="row 3 of years"),
        ),
        (
            "infinite.csv",
            "years",
            Refusal("column-not-finite", f"scenario.toml: {TABLE}.column", got="row 2 of years"),
        ),
        (
            "blank.csv",
            "years",
            Refusal("column-without-numbers", f"scenario.toml: {TABLE}.column", got="years"),
        ),
        ("nothing.csv", "years", Refusal("not-csv", f"scenario.toml: {TABLE}.file", got="nothing.csv")),
        ("constant.csv", "years", Refusal("sample-too-small", f"scenario.toml: {TABLE}", got=[2.0, 2.0])),
        (
            "fit.nc",
            "yeers",
            Refusal(
                "sample-file-lacks-variable", f"scenario.toml: {TABLE}.column", got="yeers", names="'years'"
            ),
        ),
        ("fit.nc", "posterior/years", Refusal("not-netcdf", f"scenario.toml: {TABLE}.file", got="fit.nc")),
        ("fit.nc", "words", Refusal("not-numeric", f"scenario.toml: {TABLE}.column", got="words")),
        ("broken.nc", "years", Refusal("not-netcdf", f"scenario.toml: {TABLE}.file", got="broken.nc")),
        (".", "years", Refusal("no-such-file", f"scenario.toml: {TABLE}.file", got=".")),
        ("x" * 300, "years", Refusal("no-such-file", f"scenario.toml: {TABLE}.file", got="x" * 300)),
    ],
    ids=[
        "column",
        "file",
        "texts",
        "one text",
        "inf",
        "blank",
        "empty file",
        "constant",
        "variable",
        "group",
        "words",
        "no netCDF",
        "folder",
        "long name",
    ],
)
def test_what_is_no_sample_is_refused_by_file_and_column(
    file: str, column: str, refusal: Refusal, content: dict[str, Any], tmp_path: Path
) -> None:
    write_csv(tmp_path, VALUES)
    write_csv(tmp_path, [1.5, None, "n/k", 2.5], "text.csv")
    write_csv(tmp_path, [1.5, np.inf, 2.5], "infinite.csv")
    write_csv(tmp_path, [None, None], "blank.csv")
    write_csv(tmp_path, [2.0, 2.0], "constant.csv")
    (tmp_path / "nothing.csv").touch()
    (tmp_path / "broken.nc").write_text("no HDF5")
    words = xr.Dataset({"years": ("x", VALUES), "words": ("x", ["a", "b", "c", "d", "e", "f"])})
    words.to_netcdf(tmp_path / "fit.nc", engine="h5netcdf")
    with refusal.expected():
        load(scenario_file(tmp_path, content, file, column))


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"colum": "years"}, Refusal("unknown-key", f"scenario.toml: {TABLE}.colum", names="'column'")),
        (
            {"column": 3},
            Refusal("sample-without-file-or-column", f"scenario.toml: {TABLE}", got=("trends.csv", 3)),
        ),
        ({"values": [1.0, 2.0]}, Refusal("sample-values-and-file", f"scenario.toml: {TABLE}.values")),
    ],
    ids=["misspelt", "column no text", "values too"],
)
def test_wrong_keys_of_a_sample_are_refused(
    more: dict[str, Any], refusal: Refusal, content: dict[str, Any], tmp_path: Path
) -> None:
    write_csv(tmp_path, VALUES)
    given = {"column": "years"} | more
    with refusal.expected():
        load(scenario_file(tmp_path, content, "trends.csv", **given))
