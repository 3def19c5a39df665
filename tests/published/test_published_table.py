"""The table ``[published]`` of a scenario file: what it takes and refuses, and that it changes no number."""

from __future__ import annotations

import copy
import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w

import timecone as tc
from refusals import refused
from timecone.cli.main import main
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


def with_table(**changes: Any) -> dict[str, Any]:
    """Return the file with other keys of its table; None takes one out."""
    content = copy.deepcopy(FILE)
    table = content["published"] | changes
    content["published"] = {key: value for key, value in table.items() if value is not None}
    return content


def with_change(change: Any, **figure: Any) -> dict[str, Any]:
    """Return the file with a change named ``other``, which its figure names as its cause."""
    content = with_figure(**{"cause": "c", "change": "other", **figure})
    content["published"]["changes"] = {"other": change}
    return content


LATER = {"text": "later", "scenario": {"time": {"start": 2026.0, "horizon": 2040.0, "step": "month"}}}
FIGURE_AT = "again.toml: published.figures[0]"
OTHER_AT = "again.toml: published.changes.other"
POINTS = {"statistic": "map", "level": None, "by": "trend.growth", "value": 1.0}

#: What a table must not hold: content, code of the error, place.
HOSTILE: list[tuple[dict[str, Any], str, str]] = [
    # A figure that lacks something, or has something that means nothing.
    (with_figure(level=None), "missing-key", f"{FIGURE_AT}.level"),
    (with_figure(statistic="probability", level=None, value=0.5), "missing-key", f"{FIGURE_AT}.date"),
    (with_figure(date=2030.0), "key-of-another-statistic", f"{FIGURE_AT}.date"),
    (with_figure(reading="first passage"), "key-of-another-statistic", f"{FIGURE_AT}.reading"),
    (with_figure(value=None), "figure-without-value", FIGURE_AT),
    (with_figure(above=2100), "figure-without-value", FIGURE_AT),
    (with_figure(levels=5), "unknown-key", f"{FIGURE_AT}.levels"),
    (with_figure(statistic="mean"), "unknown-value", f"{FIGURE_AT}.statistic"),
    (with_figure(statistic="calculation", level=None), "statistic-of-another-file", f"{FIGURE_AT}.statistic"),
    # Numbers out of range, or no numbers.
    (with_figure(tolerance=0.02), "tolerance-below-error", f"{FIGURE_AT}.tolerance"),
    (with_figure(tolerance=-1.0), "out-of-range", f"{FIGURE_AT}.tolerance"),
    (with_figure(error=-0.1), "out-of-range", f"{FIGURE_AT}.error"),
    (with_figure(value=math.nan), "not-finite", f"{FIGURE_AT}.value"),
    (with_figure(tolerance=math.inf), "not-finite", f"{FIGURE_AT}.tolerance"),
    (with_figure(value="2032"), "not-a-number", f"{FIGURE_AT}.value"),
    (with_figure(value=True), "not-a-number", f"{FIGURE_AT}.value"),
    (with_figure(level=0), "out-of-range", f"{FIGURE_AT}.level"),
    (with_figure(level=100), "out-of-range", f"{FIGURE_AT}.level"),
    (with_figure(level="50"), "not-a-number", f"{FIGURE_AT}.level"),
    (
        with_figure(statistic="probability", level=None, date=2030.0, value=50.0),
        "out-of-range",
        f"{FIGURE_AT}.value",
    ),
    (
        with_figure(statistic="probability", level=None, date="2030", value=0.5),
        "not-a-number",
        f"{FIGURE_AT}.date",
    ),
    (
        with_figure(statistic="share", level=None, above=-0.5, value=None),
        "out-of-range",
        f"{FIGURE_AT}.above",
    ),
    (with_figure(**POINTS, points=[[2.0, 2030.0], [1.0, 2031.0]]), "map-not-rising", f"{FIGURE_AT}.points"),
    (with_figure(**POINTS, points=[]), "map-not-rising", f"{FIGURE_AT}.points"),
    # What the scenario does not give.
    (with_figure(of="share_98"), "figure-of-unknown", f"{FIGURE_AT}.of"),
    (with_figure(**POINTS, points=[[1.0, 2030.0]]), "map-by-unknown", f"{FIGURE_AT}.by"),
    (
        with_figure(statistic="probability", level=None, date=2500.0, value=0.5),
        "date-outside-run",
        f"{FIGURE_AT}.date",
    ),
    (
        with_figure(statistic="probability", level=None, date=1990.0, value=0.5),
        "date-outside-run",
        f"{FIGURE_AT}.date",
    ),
    (with_figure(where={"anchor": "long"}), "unknown-choice", f"{FIGURE_AT}.where.anchor"),
    (with_figure(where="long"), "invalid-value", f"{FIGURE_AT}.where"),
    (with_figure(where={"anchor": 1}), "not-text", f"{FIGURE_AT}.where.anchor"),
    # Causes and changes.
    (with_figure(cause="a guess"), "cause-without-test", f"{FIGURE_AT}.cause"),
    (with_figure(corrected=1.0), "cause-without-test", f"{FIGURE_AT}.cause"),
    (with_figure(open="not public"), "open-without-difference", f"{FIGURE_AT}.open"),
    (with_figure(difference=1.0), "open-without-difference", f"{FIGURE_AT}.open"),
    (
        with_figure(open="not public", difference=1.0, cause="c", corrected=2031.0),
        "open-without-difference",
        f"{FIGURE_AT}.open",
    ),
    (with_figure(change="none", cause="c"), "unknown-change", f"{FIGURE_AT}.change"),
    (with_figure(variant="none"), "unknown-change", f"{FIGURE_AT}.variant"),
    (with_change(LATER, variant="other"), "change-is-the-variant", f"{FIGURE_AT}.change"),
    (with_change({"text": "other"}), "change-of-one-kind", OTHER_AT),
    (with_change({**LATER, "preset": "baseline"}), "change-of-one-kind", OTHER_AT),
    (with_change({"preset": "baseline"}), "missing-key", f"{OTHER_AT}.text"),
    (with_change("faster"), "invalid-value", OTHER_AT),
    (
        with_change({"text": "facts", "facts": {"a": {"value": 1, "unit": "1", "source": "s"}}}),
        "change-of-another-file",
        OTHER_AT,
    ),
    (with_change({"text": "other", "after": "none"}), "unknown-correction", f"{OTHER_AT}.after"),
    (
        with_change({"text": "other", "preset": "baselin"}),
        "no-such-scenario",
        "again.toml: published.changes",
    ),
    (
        with_change({"text": "other", "scenario": {"tim": {}}}),
        "unknown-key",
        "again.toml: published.changes: tim",
    ),
    (
        with_change({"text": "other", "scenario": {"time": {"start": 2026.0, "horizon": 2020.0}}}),
        "horizon-not-after-start",
        "again.toml: published.changes: time.horizon",
    ),
    (
        with_change({"text": "other", "preset": "baseline"}),
        "figure-of-unknown",
        "again.toml: published.changes.other: figures[0].of",
    ),
    (
        with_change(LATER, statistic="probability", level=None, date=2050.0, value=0.5),
        "date-outside-run",
        "again.toml: published.changes.other: figures[0].date",
    ),
    # The table as a whole.
    (FILE | {"published": {}}, "no-figures", "again.toml: published.figures"),
    (FILE | {"published": "Kwa"}, "not-a-table", "again.toml: published"),
    (with_table(milestone=None), "missing-key", "again.toml: published.milestone"),
    (with_table(citation="  "), "empty-text", "again.toml: published.citation"),
    (with_table(date="2026-02-12"), "not-a-date", "again.toml: published.date"),
    (with_table(of=None), "missing-key", f"{FIGURE_AT}.of"),
    (with_table(step=0.0), "out-of-range", "again.toml: published.step"),
    (with_table(kind="guess"), "unknown-value", "again.toml: published.kind"),
    (with_table(author="Kwa"), "unknown-key", "again.toml: published.author"),
    (with_table(figures=[]), "no-figures", "again.toml: published.figures"),
    (with_table(figures=FIGURE), "not-an-array-of-tables", "again.toml: published.figures"),
    (with_table(figures=[2032.88]), "invalid-value", FIGURE_AT),
    (
        with_table(figures=[FIGURE, FIGURE | {"value": 2033.0}]),
        "figure-stated-twice",
        "again.toml: published.figures[1]",
    ),
    (with_table(changes=[LATER]), "not-a-table", "again.toml: published.changes"),
    (with_table(changes={"other": LATER}), "unused-change", OTHER_AT),
    (
        with_table(facts={"a": {"value": 1, "unit": "1", "source": "s"}}),
        "unused-facts",
        "again.toml: published.facts",
    ),
    (with_table(calculation="longest_run"), "statistic-of-another-file", f"{FIGURE_AT}.statistic"),
]


@pytest.mark.slow
def test_what_a_table_must_not_hold_is_refused_in_one_line(tmp_path: Path) -> None:
    for content, code, where in HOSTILE:
        with refused(code, where):
            read_published(written(tmp_path, content))


def test_check_refuses_what_published_would_refuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for content in (
        with_figure(where={"anchor": "long"}),
        with_change({"text": "other", "preset": "baseline"}),
    ):
        path = written(tmp_path, content)
        assert main(["check", str(path)]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert main(["check", str(written(tmp_path, FILE))]) == 0


def test_a_figure_is_conditional_on_a_choice_and_a_value_that_draws_have(tmp_path: Path) -> None:
    content = copy.deepcopy(FILE) | {"extends": "published/cotra_2022"}
    content["published"] |= {"of": "tai"}

    def conditional(where: dict[str, str]) -> Path:
        content["published"]["figures"] = [FIGURE | {"where": where}]
        return written(tmp_path, content)

    assert read_published(conditional({"anchor": "long"})).published.figures[0].where == {"anchor": "long"}
    with refused("unknown-choice", f"{FIGURE_AT}.where.anchors", names="anchor"):
        read_published(conditional({"anchors": "long"}))
    with refused("unknown-choice-value", f"{FIGURE_AT}.where.anchor", got="longer", names="long"):
        read_published(conditional({"anchor": "longer"}))
    content["extends"] = "published/cotra_2020"
    with refused("choice-without-weight", f"{FIGURE_AT}.where.anchor", got="gpt"):
        read_published(conditional({"anchor": "gpt"}))


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
