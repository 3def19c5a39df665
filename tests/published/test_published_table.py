"""The table ``[published]`` of a scenario file: what it takes and refuses, and that it changes no number."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w

import timecone as tc
from refusals import refused
from timecone.published.file import published_files, read_published
from timecone.scenario.file import dumps, loads

FIGURE = {"statistic": "percentile", "level": 50, "value": 2032.88, "error": 0.03}
FILE: dict[str, Any] = {
    "extends": "research_automation/kwa_2026",
    "name": "again",
    "published": {
        "forecast": "Kwa 2026",
        "citation": "Kwa 2026",
        "date": tomllib.loads("d = 2026-02-12")["d"],
        "milestone": "99 % of AI research is automated",
        "of": "share_99",
        "figures": [FIGURE],
    },
}


def written(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "again.toml"
    path.write_text(tomli_w.dumps(content), encoding="utf-8")
    return path


def with_figure(**changes: Any) -> dict[str, Any]:
    """Return the file with other keys of its figure; None takes one out."""
    content = copy.deepcopy(FILE)
    figure = FIGURE | changes
    content["published"]["figures"] = [{k: v for k, v in figure.items() if v is not None}]
    return content


def test_the_table_changes_no_number(tmp_path: Path) -> None:
    scenario, parent = tc.load(written(tmp_path, FILE)), tc.load("research_automation/kwa_2026")
    assert scenario.published is not None
    assert scenario.published.figures[0].value == 2032.88
    assert scenario.digest == parent.digest
    first, second = (tc.simulate(each, draws=200, seed=1, paths=0) for each in (scenario, parent))
    assert first.attrs["run_id"] == second.attrs["run_id"]


def test_the_table_is_neither_inherited_nor_kept_by_a_derived_scenario(tmp_path: Path) -> None:
    (tmp_path / "parent.toml").write_text(tomli_w.dumps(FILE), encoding="utf-8")
    child = {"extends": "parent.toml", "name": "child"}
    assert tc.load(written(tmp_path, child)).published is None
    assert tc.load(tmp_path / "parent.toml").replace({}, name="derived").published is None


def test_tables_survive_a_run_file() -> None:
    for file in published_files(["cotra_2020", "wildeford_2025", "kwa_2026", "davidson_2023"]):
        assert file.scenario is not None
        again = loads(dumps(file.scenario))
        assert again.published == file.published, file.name
        assert again.digest == file.scenario.digest, file.name


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        (with_figure(level=None), "missing-key", "again.toml: published.figures[0].level"),
        (with_figure(date=2030.0), "key-of-another-statistic", "again.toml: published.figures[0].date"),
        (with_figure(value=None), "figure-without-value", "again.toml: published.figures[0]"),
        (with_figure(above=2100), "figure-without-value", "again.toml: published.figures[0]"),
        (with_figure(tolerance=0.02), "tolerance-below-error", "again.toml: published.figures[0].tolerance"),
        (with_figure(cause="a guess"), "cause-without-test", "again.toml: published.figures[0].cause"),
        (with_figure(corrected=1.0), "cause-without-test", "again.toml: published.figures[0].cause"),
        (with_figure(of="share_98"), "figure-of-unknown", "again.toml: published.figures[0].of"),
        (with_figure(levels=5), "unknown-key", "again.toml: published.figures[0].levels"),
        (with_figure(statistic="mean"), "unknown-value", "again.toml: published.figures[0].statistic"),
        (
            with_figure(change="none", cause="c"),
            "unknown-change",
            "again.toml: published.figures[0].change",
        ),
        (
            with_figure(statistic="calculation", level=None),
            "statistic-of-another-file",
            "again.toml: published.figures[0].statistic",
        ),
    ],
    ids=lambda part: part if isinstance(part, str) and "." not in part else "",
)
def test_what_a_figure_cannot_be_is_one_line(tmp_path: Path, content: Any, code: str, where: str) -> None:
    with refused(code, where):
        tc.load(written(tmp_path, content))


def test_changes_are_of_one_kind_used_and_valid(tmp_path: Path) -> None:
    content = with_figure(change="other", cause="c")
    content["published"]["changes"] = {"other": {"text": "other"}}
    with refused("change-of-one-kind", "again.toml: published.changes.other"):
        tc.load(written(tmp_path, content))
    content["published"]["changes"] = {"other": {"text": "other", "after": "none"}}
    with refused("unknown-correction", "again.toml: published.changes.other.after"):
        read_published(written(tmp_path, content))
    content["published"]["changes"] = {"other": {"text": "other", "preset": "baselin"}}
    with refused("no-such-scenario", got="baselin", names="baseline"):
        read_published(written(tmp_path, content))
    content["published"]["changes"] = {"other": {"text": "other", "scenario": {"tim": {}}}}
    with refused("unknown-key", "again.toml: published.changes: tim"):
        read_published(written(tmp_path, content))
    content = copy.deepcopy(FILE)
    content["published"]["changes"] = {"other": {"text": "other", "preset": "baseline"}}
    with refused("unused-change", "again.toml: published.changes.other"):
        tc.load(written(tmp_path, content))


def test_a_file_without_figures_and_a_calculation_that_is_no_scenario(tmp_path: Path) -> None:
    with refused("no-published-figures", "baseline.toml"):
        published_files(["baseline"])
    with refused("no-such-scenario", got="cotra_2021", names="cotra_2022"):
        published_files(["cotra_2021"])
    content = {"published": FILE["published"]}
    with refused("calculation-not-a-scenario", "again.toml"):
        tc.load(written(tmp_path, content))
    with refused("unknown-calculation", "again.toml: published.calculation"):
        read_published(written(tmp_path, content))
