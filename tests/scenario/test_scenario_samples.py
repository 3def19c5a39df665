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
from timecone.errors import UsageError
from timecone.inputs.constructors import Empirical
from timecone.scenario.digest import digest
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


def line(path: Path) -> str:
    with pytest.raises(UsageError) as failure:
        load(path)
    return str(failure.value)


def in_code(baseline: tc.Scenario, values: list[float]) -> tc.Scenario:
    return baseline.replace({DOUBLING: Empirical(values=values, unit="year")})


def test_a_csv_column_is_the_sample_of_its_numbers(
    content: dict[str, Any], baseline: tc.Scenario, tmp_path: Path
) -> None:
    write_csv(tmp_path, VALUES)
    scenario = load(scenario_file(tmp_path, content, "trends.csv", "years"))
    (given,) = scenario.parameters[DOUBLING].distributions.values()
    assert given.arguments == {"values": sorted(VALUES), "origin": "trends.csv: years"}
    assert digest(scenario) == digest(in_code(baseline, VALUES))
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
    assert digest(scenario) == digest(in_code(baseline, VALUES))


def test_the_run_file_needs_no_other_file(content: dict[str, Any], tmp_path: Path) -> None:
    write_csv(tmp_path, VALUES)
    scenario = load(scenario_file(tmp_path, content, "trends.csv", "years"))
    again = loads(dumps(scenario))
    assert again == scenario
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
    assert digest(scenario) == digest(in_code(baseline, VALUES))


def test_a_sample_is_found_beside_the_file_that_names_it(content: dict[str, Any], tmp_path: Path) -> None:
    base = tmp_path / "base"
    parent = scenario_file(base, content, "trends.csv", "years")
    write_csv(base, VALUES)
    child = tmp_path / "variants" / "child.toml"
    child.parent.mkdir()
    child.write_text('extends = "../base/scenario.toml"\nname = "child"\n')
    assert load(child) == load(parent)


def test_a_run_is_a_file_of_samples(content: dict[str, Any], baseline: tc.Scenario, tmp_path: Path) -> None:
    run = tc.simulate(baseline, draws=256, seed=7, threads=1, paths=0)
    run.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    scenario = load(scenario_file(tmp_path, content, "run.nc", f"inputs/{DOUBLING}"))
    wanted = np.sort(run["inputs"][DOUBLING].values)
    assert scenario.parameters[DOUBLING].distributions[""].arguments["values"] == wanted.tolist()


@pytest.mark.parametrize(
    ("file", "column", "fragments"),
    [
        ("trends.csv", "yeers", (f"{TABLE}.column: the file has no such column; got 'yeers'.", "'years'?")),
        ("trend.csv", "years", (f"{TABLE}.file: no such file; got 'trend.csv'.",)),
        ("trends.csv", "chip", ((f"{TABLE}.column: the column holds something else than finite numbers;"
                                " got 'row 1 of chip'."),)),
        ("text.csv", "years", ((f"{TABLE}.column: the column holds something else than finite numbers;"
                               " got 'row 3 of years'."),)),
        ("infinite.csv", "years", ((f"{TABLE}.column: the column holds something else than finite numbers;"
                                   " got 'row 2 of years'."),)),
        ("blank.csv", "years", (f"{TABLE}.column: the column holds no number; got 'years'.",)),
        ("nothing.csv", "years", (f"{TABLE}.file: not a readable CSV file (", "got 'nothing.csv'.")),
        ("constant.csv", "years", (f"{TABLE}: a sample needs two or more different values",)),
        ("fit.nc", "yeers", (f"{TABLE}.column: the file has no such variable; got 'yeers'.", "'years'?")),
        ("fit.nc", "posterior/years", (f"{TABLE}.", "posterior")),
        ("fit.nc", "words", (f"{TABLE}.column: the variable holds no numbers; got 'words'.",)),
        ("broken.nc", "years", (f"{TABLE}.file: not a readable netCDF-4 file (", "got 'broken.nc'.")),
        (".", "years", (f"{TABLE}.file: no such file; got '.'.",)),
        ("x" * 300, "years", (f"{TABLE}.file: no such file",)),
    ],
    ids=["column", "file", "texts", "one text", "inf", "blank", "empty file", "constant", "variable", "group",
         "words", "no netCDF", "folder", "long name"],
)  # fmt: skip
def test_what_is_no_sample_is_refused_by_file_and_column(
    file: str, column: str, fragments: tuple[str, ...], content: dict[str, Any], tmp_path: Path
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
    text = line(scenario_file(tmp_path, content, file, column))
    assert len(text.splitlines()) == 1
    assert text.startswith("scenario.toml: ")
    for fragment in fragments:
        assert fragment in text


@pytest.mark.parametrize(
    ("more", "end"),
    [
        ({"colum": "years"}, f"{TABLE}.colum: unknown key. Did you mean 'column'?"),
        ({"column": 3}, f"{TABLE}: a sample needs the names of a file and a column; got ('trends.csv', 3)."),
        ({"values": [1.0, 2.0]}, f"{TABLE}.values: a sample has values or a file, not both."),
    ],
    ids=["misspelt", "column no text", "values too"],
)
def test_wrong_keys_of_a_sample_are_refused(
    more: dict[str, Any], end: str, content: dict[str, Any], tmp_path: Path
) -> None:
    write_csv(tmp_path, VALUES)
    given = {"column": "years"} | more
    assert line(scenario_file(tmp_path, content, "trends.csv", **given)) == f"scenario.toml: {end}"
