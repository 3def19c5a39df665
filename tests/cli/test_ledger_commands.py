"""The commands of the ledger, and their refusals in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import timecone as tc
from ledgers import dated


@pytest.fixture
def file(call: Callable, stored: Path, tmp_path: Path) -> Path:
    """Return a ledger of two forecasts."""
    path = tmp_path / "forecasts.toml"
    assert call("ledger", "add", stored, "--ledger", path, "--note", "one").code == 0
    run = tc.open_run(stored)
    other = run.copy()
    other.attrs["run_id"] = "0123456789abcdef"
    tc.add_to_ledger(other, path)
    return path


def test_add_says_which_entry_it_made_and_names_the_run_file(
    call: Callable, stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = call("ledger", "add", stored)
    entry = tc.read_ledger("ledger.toml").entry(1)
    assert (code, err) == (0, "")
    assert out == f"ledger.toml: entry 1, run {entry.id} of {entry.date}\n"
    assert (tmp_path / entry.run).resolve() == stored.resolve()
    code, out, err = call("ledger", "add", stored)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "in the ledger already" in err


def test_show_prints_entries_and_their_changes(call: Callable, file: Path) -> None:
    code, out, _ = call("ledger", "show", "--ledger", file, "--years", "2035,2050", "--q", "50")
    assert code == 0
    for words in ("one", "0123456789abcdef", "TAI: probability by the end", "change", "+0.000"):
        assert words in out
    answer = json.loads(call("ledger", "show", "--ledger", file, "--json", "--years", "2035").out)
    assert answer["quantity"] == "tai"
    assert answer["probabilities"][1]["probability_change"] == 0.0
    assert answer["probabilities"][0]["probability_change"] is None


def test_diff_compares_the_runs_or_says_why_not(call: Callable, file: Path) -> None:
    code, out, _ = call("ledger", "diff", "1", "2", "--ledger", file)
    assert code == 0
    assert "The inputs do not differ." in out
    assert "a run file is not there" in out
    answer = json.loads(call("ledger", "diff", "1", "0123456789", "--ledger", file, "--json").out)
    assert answer["inputs"] == []
    assert answer["second"] == "0123456789abcdef"


def test_diff_says_where_a_scenario_is_not_stored(call: Callable, tmp_path: Path) -> None:
    path = tmp_path / "l.toml"
    for name in ("a" * 16, "b" * 16):
        tc.add_to_ledger(dated(run_id=name), path)
    assert "an entry stores no scenario" in call("ledger", "diff", "1", "2", "--ledger", path).out


def test_plot_draws_beside_the_ledger(call: Callable, file: Path, tmp_path: Path) -> None:
    code, out, _ = call("ledger", "plot", "--ledger", file, "--table", tmp_path / "t.csv")
    assert (code, out) == (0, f"{file.with_suffix('.png')}\n{tmp_path / 't.csv'}\n")
    assert {"P50", "P(by 2035)"} <= set(pd.read_csv(tmp_path / "t.csv")["statistic"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "--ledger", "none.toml"), "no such file"),
        (("show", "--years", "20x5"), "not numbers"),
        (("show", "--years", "2035.5"), "not calendar years"),
        (("show", "--q", "33"), "no entry states this percentile"),
        (("show", "--quantity", "tay"), "Did you mean 'tai'"),
        (("diff", "1", "9"), "no entry of this number"),
        (("diff", "1", "1"), "compared with itself"),
        (("plot", "--out", "picture.bmp"), "unknown figure format"),
        (("plot", "--years", "1999"), "no entry states this year"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(
    call: Callable, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file.rename("ledger.toml")
    code, out, err = call("ledger", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_a_ledger_is_not_drawn_over_itself(call: Callable, file: Path) -> None:
    before = file.read_bytes()
    for arguments in (("plot", "--out", file), ("plot", "--table", file)):
        assert "would overwrite the input" in call("ledger", *arguments, "--ledger", file).err
    assert file.read_bytes() == before
