"""Files that cannot be read as scenarios: what is said, and of which file."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli_w

import timecone as tc
from edits import content_of, edited
from refusals import refused
from timecone.scenario.file import load


def test_a_missing_file_offers_the_nearest_name(tmp_path: Path) -> None:
    for name in ("baseline.toml", "fast.toml", "baseline.nc"):
        (tmp_path / name).write_text('extends = "x.toml"\n')
    missing = tmp_path / "baselin.toml"
    with refused("no-such-file", str(missing), names="'baseline.toml'"):
        load(missing)


def test_a_missing_file_offers_nothing_that_is_unlike_it(tmp_path: Path) -> None:
    # All names share the ending, which likens none to another.
    for name in ("b.toml", "a.toml"):
        (tmp_path / name).write_text('extends = "x.toml"\n')
    missing = tmp_path / "scenario-of-mine.toml"
    with refused("no-such-file", str(missing)):
        load(missing)


@pytest.mark.parametrize("text", ['[project]\nname = "x"\n', "", "\0\xff"])
def test_a_missing_file_offers_no_file_of_another_kind(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="latin-1")
    missing = tmp_path / "project.toml"
    with refused("no-such-file", str(missing)):
        load(missing)


def test_a_missing_file_offers_a_broken_scenario(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "mine\nmodel = "compute"\n')
    missing = tmp_path / "mien.toml"
    with refused("no-such-file", str(missing), names="'mine.toml'"):
        load(missing)


def test_a_missing_folder_is_a_missing_file(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "a.toml"
    with refused("no-such-file", str(missing)):
        load(missing)


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    with refused("unreadable-file", str(tmp_path)):
        load(tmp_path)


def test_a_syntax_error_names_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('name = "a"\nmodel = compute\n')
    with refused("toml-syntax", "a.toml") as failure:
        load(path)
    assert "(at line 2, column 9)" in failure.value.what


def test_a_key_given_twice_is_a_syntax_error(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('name = "a"\nname = "b"\n')
    with refused("toml-syntax", "a.toml") as failure:
        load(path)
    assert "(at line 2, column 11)" in failure.value.what


def test_tables_too_deep_to_read_are_a_syntax_error(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("name = " + "[" * 5000)
    with refused("toml-syntax", "a.toml"):
        load(path)


def test_a_number_too_long_to_read_is_a_syntax_error(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("draws = " + "9" * 5000)
    with refused("toml-syntax", "a.toml"):
        load(path)


def test_a_key_that_does_not_fit_in_a_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('[[parameters]]\n"a\\nb" = 1\n')
    with refused("unprintable-key", "a.toml", got="a\nb"):
        load(path)


def test_windows_line_ends_are_line_ends(tmp_path: Path, baseline_file: Path, baseline: tc.Scenario) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(baseline_file.read_bytes().replace(b"\n", b"\r\n"))
    assert load(path) == baseline


def test_a_file_that_is_no_text_names_the_first_wrong_byte(tmp_path: Path) -> None:
    path = tmp_path / "run.nc"
    path.write_bytes(b"\x89HDF\r\n")
    with refused("not-utf8", "run.nc") as failure:
        load(path)
    assert "(byte 0)" in failure.value.what
    path.write_bytes('name = "caf\u00e9"'.encode("latin-1"))
    with refused("not-utf8", "run.nc") as failure:
        load(path)
    assert "(byte 11)" in failure.value.what


def test_an_empty_file_lacks_everything(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.touch()
    with refused("missing-key", "a.toml: name"):
        load(path)


def test_an_error_inside_names_file_and_key(tmp_path: Path, baseline: tc.Scenario) -> None:
    path = tmp_path / "mine.toml"
    changes = {"parameters.hardware.doubling_time.unit": "yaer"}
    path.write_text(tomli_w.dumps(edited(content_of(baseline), changes)))
    with refused(
        "unknown-unit", "mine.toml: parameters.hardware.doubling_time.unit", got="yaer", names="'year'"
    ):
        load(path)
