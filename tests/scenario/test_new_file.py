"""New scenario files: what they say is what was asked for, and they pass the check."""

from __future__ import annotations

import shutil
import tomllib
from datetime import date
from pathlib import Path

import pytest
import tomli_w

import small_scenario
import timecone as tc
from refusals import refused
from timecone.scenario.inheritance import inheritance
from timecone.scenario.new_file import NewScenario, read_answer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small scenario, which is the current folder."""
    (tmp_path / "parent.toml").write_text(tomli_w.dumps(small_scenario.content()), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_file_changes_what_was_stated_and_nothing_else(small: Path) -> None:
    draft = NewScenario("slower", "parent.toml")
    draft.entitle("Doublings take   longer")
    draft.state("horizon.doubling_time", read_answer("lognormal p05=6 p95=28 source='an example'"))
    assert draft.save() == Path("slower.toml")
    made, parent = tc.load("slower.toml"), tc.load("parent.toml")
    expected = tc.LogNormal(p05=6, p95=28, unit="month")
    assert made.equals(parent.replace({"horizon.doubling_time": expected}, name="slower"))
    assert (made.title, made.name) == ("Doublings take longer", "slower")
    stated = made.parameters["horizon.doubling_time"]
    assert (stated.unit, stated.source, stated.basis) == ("month", "an example", "guess")
    assert stated.as_of == parent.as_of
    found = inheritance("slower.toml")
    assert found is not None
    assert set(found.changed) == {"name", "parameters.horizon.doubling_time"}


def test_comments_say_what_was_inherited(small: Path) -> None:
    draft = NewScenario("slower", "parent.toml")
    draft.state("horizon.doubling_time", {**read_answer("6"), "source": "x"})
    comments = " ".join(line.removeprefix("# ") for line in draft.text().splitlines() if line.startswith("#"))
    before = tc.load("parent.toml").parameters["horizon.doubling_time"]
    for words in (
        "lognormal(p05=3, p95=14)",
        "5 % 3, 50 % 6.481, 95 % 14 month",
        "unit month",
        before.source,
    ):
        assert words in comments
    meaning = tc.load("parent.toml").definition.parameter("horizon.doubling_time")
    assert meaning is not None
    assert meaning.meaning in comments
    # The file is the same without its comments.
    assert tomllib.loads(draft.text())["parameters"]["horizon"]["doubling_time"]["value"] == 6


@pytest.mark.slow
def test_components_choices_and_members_of_the_baseline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    draft = NewScenario("study", "baseline")
    draft.switch("supply_shock", on=False)
    draft.weigh("data", {"binding": 0.25, "escaped": 0.75}, source="a reading")
    draft.state("hardware.headroom", {**read_answer("p10=1 p50=2 p90=5 space=log"), "source": "a reading"})
    draft.save()
    made = tc.load("study.toml")
    assert "supply_shock" not in made.components_on
    assert dict(made.choices["data"].weights) == {"binding": 0.25, "escaped": 0.75}
    assert made.parameters["hardware.headroom"].form == tc.Distribution(
        "percentiles", {"p10": 1, "p50": 2, "p90": 5, "space": "log"}
    )
    text = Path("study.toml").read_text(encoding="utf-8")
    assert 'extends = "baseline"' in text
    assert "# Inherited: binding 0.5, escaped 0.5." in text
    assert "# Inherited: supply_shock: on." in text


@pytest.mark.slow
def test_what_belongs_together_is_asked_for_in_the_end() -> None:
    draft = NewScenario("threshold", "baseline")
    answer = read_answer('normal p05=28 p95=34 unit="log10 FLOP" source=x')
    draft.state("threshold.requirement", answer)
    with refused("group-restated-in-part"):
        draft.check()
    kept = draft.keep_members()
    assert kept
    draft.check()
    assert all(f'"{name}"' in draft.text() for name in kept)


def test_a_file_that_exists_is_not_overwritten(small: Path) -> None:
    with refused("scenario-file-exists", "parent.toml"):
        NewScenario("parent", "parent.toml")
    draft = NewScenario("other", "parent.toml")
    draft.state("horizon.doubling_time", {**read_answer("6"), "source": "x"})
    Path("other.toml").write_text("mine")
    with refused("scenario-file-exists", "other.toml"):
        draft.save()
    assert Path("other.toml").read_text() == "mine"
    Path("link.toml").symlink_to("nowhere")
    with refused("scenario-file-exists", "link.toml"):
        NewScenario("link", "parent.toml")


def test_the_extended_file_is_named_from_where_the_new_one_lies(small: Path) -> None:
    folder = small / "studies"
    folder.mkdir()
    draft = NewScenario("slower", "parent.toml", folder)
    draft.state("horizon.doubling_time", {**read_answer("6"), "source": "x"})
    draft.save()
    assert 'extends = "../parent.toml"' in (folder / "slower.toml").read_text(encoding="utf-8")
    shutil.move(small / "parent.toml", folder.parent / "parent.toml")
    assert tc.load(folder / "slower.toml").name == "slower"


def test_every_answer_is_checked_at_once_and_a_refused_one_changes_nothing(small: Path) -> None:
    draft = NewScenario("slower", "parent.toml")
    good = {"distribution": "point", "value": 6, "source": "x"}
    cases = [
        ("unknown-parameter", "horizon.doubling_tim", good),
        ("source-missing", "horizon.doubling_time", {**good, "source": "  "}),
        ("unknown-unit", "horizon.doubling_time", {**good, "unit": "FLOP"}),
        ("unknown-distribution", "horizon.doubling_time", {**good, "distribution": "lognorml"}),
        ("undetermined-distribution", "horizon.doubling_time", {"distribution": "lognormal", "source": "x"}),
    ]
    for code, name, table in cases:
        with refused(code):
            draft.state(name, table)
    with refused("not-utf8", "parameters.horizon.doubling_time.source"):
        draft.state("horizon.doubling_time", {**good, "source": "caf\udce9"})
    with refused("not-utf8", "title"):
        draft.entitle("caf\udce9")
    with refused("control-characters", "title"):
        draft.entitle("\x1b[31mred")
    with refused("unknown-component", "components.feedbck"):
        draft.switch("feedbck", on=True)
    with refused("unknown-choice", "choices.threshold"):
        draft.weigh("threshold", {"a": 1.0})
    assert not draft.differs
    with refused("nothing-differs", "slower"):
        draft.save()
    assert not Path("slower.toml").exists()


def test_names_that_lead_elsewhere_are_refused(small: Path) -> None:
    for name in ("../up", "a/b", "", ".hidden", "a b", "x" * 101, "a\nb", "-rf"):
        with refused("not-a-scenario-name", "NAME", got=name):
            NewScenario(name, "parent.toml")
    with refused("no-such-file"):
        NewScenario("slower", "prent.toml")


def test_short_answers() -> None:
    assert read_answer("3") == {"distribution": "point", "value": 3}
    assert read_answer("inf")["value"] == float("inf")
    assert read_answer("p10=1 p50=2.5") == {"distribution": "percentiles", "p10": 1, "p50": 2.5}
    assert read_answer("percentiles space=log p10=1 p90=1e3")["space"] == "log"
    assert read_answer('normal mean=1 sd=2 unit="log10 FLOP" as_of=2026-01-02') == {
        "distribution": "normal",
        "mean": 1,
        "sd": 2,
        "unit": "log10 FLOP",
        "as_of": date(2026, 1, 2),
    }
    assert read_answer("{ distribution = 'point', value = 2 }") == {"distribution": "point", "value": 2}
    for text in ("", "  ", "lognormal p05", "lognormal p05=1 p05=2", "'unclosed", "lognormal 5"):
        with refused("unreadable-answer"):
            read_answer(text)
    for text in ("{", "{ a = }", "{ a = 1 }\n[b]\nc = 2"):
        with refused("toml-syntax" if text != "{ a = 1 }\n[b]\nc = 2" else "unreadable-answer"):
            read_answer(text)
    with refused("control-characters"):
        read_answer("lognormal \x1b[31m=1")
