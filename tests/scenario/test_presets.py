"""Scenarios that ship with timecone, by name from anywhere."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import timecone as tc
from refusals import refused
from timecone.cli.main import main

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
#: Without fitted trends, and calculations that are no scenarios.
FILES = [
    p
    for p in CONFIGS.rglob("*.toml")
    if p.parent.name != "history" and {"model", "extends"} & tomllib.loads(p.read_text("utf-8")).keys()
]


def test_the_presets_are_the_scenarios_of_the_source_tree():
    assert set(tc.presets()) == {p.relative_to(CONFIGS).with_suffix("").as_posix() for p in FILES}
    assert next(iter(tc.presets())) == "baseline"
    assert all(tc.presets().values())


def test_a_preset_loads_by_name_as_its_file_does(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert tc.load("baseline") == tc.load(CONFIGS / "baseline.toml")
    assert tc.load("published/cotra_2020").name == "cotra_2020"


def test_a_file_comes_before_a_preset_of_its_name(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "baseline").write_text('extends = "open_loop"\nname = "mine"\n', encoding="utf-8")
    assert tc.load("baseline").name == "mine"


def test_a_file_anywhere_extends_a_preset_or_its_fitted_trends(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('extends = "published/wildeford_2025"\nname = "mine"\n', encoding="utf-8")
    assert tc.load(path).parameters == tc.load("published/wildeford_2025").parameters
    path.write_text('extends = "history/landmarks_2026-08"\nname = "mine"\n', encoding="utf-8")
    with refused("fragment-not-a-scenario", "mine.toml"):
        tc.load(path)


@pytest.mark.parametrize("name", ["basline", "published/cotra_2021", "../baseline", "history"])
def test_an_unknown_preset_is_refused_with_the_nearest(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with refused("no-such-scenario", None) as failure:
        tc.load(name)
    assert "baseline" in failure.value.remedy or "cotra" in failure.value.remedy


def test_extending_an_unknown_preset_names_the_nearest(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('extends = "basline"\nname = "mine"\n', encoding="utf-8")
    with refused("no-such-file", "mine.toml: extends", got="basline", names="'baseline'"):
        tc.load(path)


def test_the_command_lists_names_and_titles(capsys):
    assert main(["presets"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("baseline ")
    assert len(printed) == len(FILES)
