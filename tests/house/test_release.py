"""Parts of a release: citation, recipes and the dated data of the baseline agree with the package."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
import yaml

import release_baseline
import timecone as tc

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
#: Packages with another name on conda-forge.
CONDA_NAMES = {"matplotlib": "matplotlib-base"}


def _split(requirement: str) -> tuple[str, str]:
    name, bounds = re.fullmatch(r"([\w-]+)(?:\[.*\])? *(.*)", requirement).groups()
    return CONDA_NAMES.get(name, name), bounds


def test_the_conda_recipe_requires_what_the_package_requires() -> None:
    recipe = yaml.safe_load((ROOT / "recipe" / "recipe.yaml").read_text(encoding="utf-8"))
    run = dict(map(_split, recipe["requirements"]["run"]))
    assert run.pop("python") == PROJECT["requires-python"]
    assert run == dict(map(_split, PROJECT["dependencies"]))
    (entry,) = recipe["build"]["python"]["entry_points"]
    assert dict([entry.split(" = ")]) == PROJECT["scripts"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert recipe["context"]["version"] == citation["version"]


def test_the_citation_has_what_the_format_requires_and_names_no_person() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["authors"] == PROJECT["authors"] == [{"name": "The timecone developers"}]
    assert citation["license"] == PROJECT["license"]


def test_the_container_copies_files_that_exist_and_names_no_host() -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    copied = [
        words
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
        for words in line.split()[:-1]
    ]
    assert copied
    assert not [name for name in copied if not (ROOT / name).exists()]
    images = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(images) == 2
    assert not [image for image in images if "/" in image or "." in image.partition(":")[0]]
    assert not re.findall(r"https?://", text)


def test_the_released_file_is_the_one_that_its_page_describes() -> None:
    page = (ROOT / "docs" / "reference" / "data.md").read_text(encoding="utf-8")
    listed = dict(
        re.findall(r"^\| \[(baseline-\S+)\]\(\S+\) \| .* \| `([0-9a-f]{64})` \|$", page, re.MULTILINE)
    )
    assert sorted(Path(name).suffix for name in listed) == [".csv", ".nc"]
    for name, digest in listed.items():
        content = (ROOT / "docs" / "data" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert len(content) < 200_000
    name = next(name for name in listed if name.endswith(".nc"))
    with xr.open_dataset(ROOT / "docs" / "data" / name) as released:
        about, median = released.attrs, released["percentile_of_date"].sel(milestone="tai", percentile=50)
        for fact in ("run_id", "scenario_digest", "date_released", "timecone_version", "draws", "seed"):
            assert str(about[fact]) in page
        assert about["date_released"] in name
        # The baseline has not moved since: the file is of its inputs, and the README states its median.
        assert about["scenario_digest"] == tc.load("baseline").digest
        assert f"{float(median):.1f}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_release_holds_the_numbers_of_its_run(tmp_path: Path) -> None:
    scenario = tc.load("baseline")
    run = tc.simulate(scenario, draws=4000, seed=7)
    inputs = tc.sample(scenario, 4000, seed=7)
    released = release_baseline.release(run, inputs, date="2026-01-31")
    files = release_baseline.save(released, tmp_path)
    version = re.sub(r"(?<=\.dev)\d+", "", tc.__version__)
    assert [path.name for path in files] == [f"baseline-{version}-2026-01-31{end}" for end in (".nc", ".csv")]
    counted = run["outcomes"]["standing"].values == 0
    dates = run["outcomes"]["arrival"].sel(milestone="tai").values[counted]
    with xr.open_dataset(files[0]) as stored:
        of_tai = stored.sel(milestone="tai")
        # Straight from the draws, in single precision.
        expected = np.quantile(dates, stored["percentile"].values / 100.0, method="inverted_cdf")
        np.testing.assert_allclose(of_tai["percentile_of_date"], expected, rtol=1e-6)
        for year in (2030, 2050, 2100):
            share = np.mean(dates < year + 1.0)
            assert of_tai["probability_by"].sel(year=year).item() == pytest.approx(share, rel=1e-6)
            assert of_tai["cdf"].sel(date=year + 1.0).item() == pytest.approx(share, rel=1e-6)
            low, high = (of_tai[f"probability_by_{end}"].sel(year=year).item() for end in ("lower", "upper"))
            assert low < share < high
        lag = stored["percentile_of_input"].sel(input="automation.adoption_lag")
        assert lag["unit_of_input"].item() == "year"
        assert lag.sel(percentile=50).item() == pytest.approx(0.7746, rel=0.1)
        assert stored.attrs["run_id"] == run.attrs["run_id"]
    table = pd.read_csv(files[1], comment="#")
    rows = table.set_index(["statistic", "of", "at"])
    assert rows.loc[("probability_by", "tai", 2050), "value"] == pytest.approx(
        np.mean(dates < 2051.0), rel=1e-5
    )
    takeoff = run["outcomes"]["takeoff_duration"].values[counted]
    begun = run["outcomes"]["arrival"].sel(milestone="automation_20").values[counted] > 2026.0
    median = np.quantile(takeoff[begun], 0.5, method="inverted_cdf")
    assert rows.loc[("percentile_of_takeoff", "takeoff_duration", 50), "value"] == pytest.approx(
        median, rel=1e-5
    )
    assert files[1].read_text(encoding="utf-8").startswith("# title: timecone baseline")
