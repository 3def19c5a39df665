"""The ledger: numbers as quoted, appended without touching what is there, and how they moved."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from ledgers import dated
from synthetic_run import synthetic
from timecone.errors import ArgumentError, LedgerError, OutputError
from timecone.results.ledger.entry import LEVELS, to_toml
from timecone.results.tables.ledger import changes_tables, movement_tables

HAND_WRITTEN = """format = "timecone-ledger"
version = 1

[[entry]]
id = "first"
date = 2026-01-01
name = "mine"
headline = "tai"
quantities = ["tai"]
start = 2026.0
horizon = 2100
not_stored = ["model", "version", "seed", "design", "draws", "counted", "failed", "as_of", "scenario_digest",
              "scenario", "conditions"]

[entry.numbers.tai]
label = "TAI"
kind = "milestone"
by = [{ year = 2030, value = 0.2, lower = 0.18, upper = 0.22, standard_error = 0.03 }]
percentiles = [
    { percentile = 50, value = 2040.0, lower = 2039.0, upper = 2041.0, standard_error = 0.3 },
    { percentile = 90, value = 2090.0, lower = 2089.0, upper = 2091.0, standard_error = 0.3 },
    { percentile = 95, value = inf, lower = inf, upper = inf, standard_error = inf },
]
"""
SECOND = """
[[entry]]
id = "second"
date = 2026-06-01
name = "mine"
headline = "tai"
quantities = ["tai"]
start = 2026.0
horizon = 2100
not_stored = ["model", "version", "seed", "design", "draws", "counted", "failed", "as_of", "scenario_digest",
              "scenario", "conditions"]

[entry.numbers.tai]
label = "TAI"
kind = "milestone"
not_reached = { value = 0.11 }
by = [{ year = 2030, value = 0.3, lower = 0.28, upper = 0.32, standard_error = 0.04 }]
percentiles = [
    { percentile = 50, value = 2038.5, lower = 2038.0, upper = 2039.0, standard_error = 0.4 },
    { percentile = 90, value = inf, lower = inf, upper = inf, standard_error = inf },
    { percentile = 95, value = inf, lower = inf, upper = inf, standard_error = inf },
]
"""


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return dated()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.toml"


@pytest.fixture
def by_hand(path: Path) -> tc.Ledger:
    path.write_text(HAND_WRITTEN + SECOND, encoding="utf-8")
    return tc.read_ledger(path)


def test_an_entry_states_the_quoted_numbers_of_the_run(small_run: xr.DataTree, path: Path) -> None:
    tc.add_to_ledger(small_run, path, note="a first try")
    (entry,) = tc.read_ledger(path).entries
    for name, quoted in entry.numbers.items():
        expected = tc.percentiles(small_run, name, LEVELS)
        stored = np.array([quoted.percentiles[p] for p in LEVELS])
        for column, key in enumerate((None, "lower", "upper")):
            array = expected.values if key is None else expected[key].values
            np.testing.assert_allclose(stored[:, column], array, atol=5.1e-5)
        np.testing.assert_allclose(stored[:, 3], expected["standard_error"].values, rtol=6e-3)
    tai = entry.numbers["tai"]
    expected = tc.probability_by(small_run, "tai", list(tai.by))
    np.testing.assert_allclose([number.value for number in tai.by.values()], expected.values, atol=5.1e-7)
    assert tai.not_reached.value == pytest.approx(expected.attrs["not_by_horizon"], abs=5.1e-7)
    assert entry.numbers["takeoff_duration"].by == {}
    assert (entry.id, entry.note) == (small_run.attrs["run_id"], "a first try")
    assert entry.facts["seed"] == 7
    assert entry.facts["draws"] == 2000
    assert entry.facts["conditions"] == small_run.attrs["conditions"]
    assert entry.date == date.fromisoformat(small_run.attrs["created"][:10])


def test_what_a_run_does_not_say_is_listed(run: xr.DataTree, path: Path) -> None:
    entry = tc.add_to_ledger(run, path)
    assert {"model", "version", "as_of", "scenario"} <= set(entry.not_stored)
    assert "seed" not in entry.not_stored


def test_appending_leaves_earlier_entries_as_they_are_to_the_byte(run: xr.DataTree, path: Path) -> None:
    path.write_text("# My own remark.\n" + HAND_WRITTEN, encoding="utf-8")
    before = path.read_bytes()
    tc.add_to_ledger(run, path)
    assert path.read_bytes().startswith(before.rstrip())
    assert [entry.id for entry in tc.read_ledger(path).entries] == ["first", "0123456789abcdef"]


def test_a_run_is_added_once(run: xr.DataTree, path: Path) -> None:
    tc.add_to_ledger(run, path)
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="in the ledger already, as entry 1") as caught:
        tc.add_to_ledger(run, path)
    assert caught.value.remedy
    assert path.read_bytes() == before


def test_a_ledger_cut_off_anywhere_but_between_entries_is_refused(by_hand: tc.Ledger, path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    whole, read = path.read_text(encoding="utf-8"), []
    for k in range(len(lines)):
        path.write_text("".join(lines[:k]), encoding="utf-8")
        try:
            read.append((k, len(tc.read_ledger(path).entries)))
        except LedgerError:
            continue
    begins = [k for k, line in enumerate(lines) if line == "[[entry]]\n"]
    # The head alone, then the first entry with and without the blank line below it.
    assert {count for k, count in read if k <= begins[0]} == {0}
    assert all(k in (begins[1] - 1, begins[1]) for k, count in read if count == 1)
    assert not [k for k, count in read if count > 1]
    # Nor is anything appended to it.
    path.write_text(whole[:-40], encoding="utf-8")
    with pytest.raises(LedgerError):
        tc.add_to_ledger(dated(), path)
    assert path.read_text(encoding="utf-8") == whole[:-40]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("version = 1", "version = 2", "another version"),
        ('"timecone-ledger"', '"another"', "not a ledger"),
        ('id = "second"', 'id = "first"', "an id occurs twice"),
        ('quantities = ["tai"]', 'quantities = ["tai", "agi"]', "not those of the quantities"),
        ('"model", ', "", "a fact is missing"),
        ('headline = "tai"', 'headline = "agi"', "the headline has no numbers"),
        ("percentile = 50", "percentile = 90", "stated twice"),
        ("value = 0.2", 'value = "0.2"', "a value of another type"),
        ("value = 0.2", "value = nan", "not a number"),
        ("lower = 0.18, ", "", "a key is missing"),
        ('kind = "milestone"', 'kind = "date"', "unknown kind"),
        ("start = 2026.0", "start = 2026.0\nmood = 3", "unknown key"),
        ("date = 2026-01-01", "date = 2026-01-01T00:00:00", "a value of another type"),
    ],
)
def test_a_damaged_ledger_is_refused_in_one_line(path: Path, old: str, new: str, what: str) -> None:
    text = HAND_WRITTEN + SECOND
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LedgerError, match=what) as caught:
        tc.read_ledger(path)
    assert str(path) in caught.value.line
    assert "\n" not in caught.value.line


def test_a_failure_to_write_leaves_the_ledger_as_it_was(
    run: xr.DataTree, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text(HAND_WRITTEN, encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("timecone.files._write_all", full)
        with pytest.raises(OutputError, match="the disk is full"):
            tc.add_to_ledger(run, path)
    assert path.read_text(encoding="utf-8") == HAND_WRITTEN
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_several_processes_lose_no_entry(path: Path) -> None:
    runs = [dated(run_id=f"{k:016x}") for k in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda run: tc.add_to_ledger(run, path), runs))
    assert sorted(entry.id for entry in tc.read_ledger(path).entries) == [r.attrs["run_id"] for r in runs]


def test_a_ledger_that_is_held_for_long_is_not_written(
    run: xr.DataTree, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timecone.results.ledger.ledger.lock", lambda _: False)
    monkeypatch.setattr("timecone.results.ledger.ledger._PATIENCE", 0.05)
    with pytest.raises(OutputError, match="another process"):
        tc.add_to_ledger(run, path)
    assert not path.exists()


def test_numbers_move_by_their_difference_with_independent_errors(by_hand: tc.Ledger) -> None:
    moved = tc.ledger_movement(by_hand, q=(50, 90, 95))
    second = moved.sel(entry=2)
    assert second["probability_change"].item() == pytest.approx(0.1)
    assert second["probability_change_error"].item() == pytest.approx(0.05)
    assert second["value_change"].values[0] == -1.5
    assert second["value_change_error"].values[0] == pytest.approx(0.5)
    half = second["value_change_upper"].values[0] - second["value_change"].values[0]
    assert half == pytest.approx(1.959964 * 0.5, rel=1e-6)
    # To beyond the horizon, and beyond it in both.
    assert second["value_change"].values[1] == np.inf
    assert np.isnan(second["value_change"].values[2])
    assert np.isnan(moved["not_reached"].values[0])
    assert moved["value_change"].sel(entry=1).isnull().all()
    tables = {table.name: dict(table.rows) for table in movement_tables(moved)}
    cells = tables["percentile_movement"]["  change"]
    assert [cell.text for cell in cells] == ["-1.50", "to beyond", "both beyond"]
    assert tables["probability_movement"]["  change"][0].text == "+0.100"
    assert tables["probability_movement"]["2  2026-06-01"][1].text == "0.11"


def test_a_number_without_error_is_shown_as_it_was_stated(path: Path) -> None:
    bare = re.sub(r", lower = [^}]*", " ", HAND_WRITTEN)
    path.write_text(bare + SECOND.replace("2038.5", "2038.4567"), encoding="utf-8")
    moved = tc.ledger_movement(tc.read_ledger(path), q=(50, 90))
    rows = {table.name: dict(table.rows) for table in movement_tables(moved)}["percentile_movement"]
    assert [cell.text for cell in rows["1  2026-01-01"]] == ["2040.0", "2090.0"]
    assert (rows["  change"][0].text, rows["  change"][0].interval) == ("-1.5", "no interval")


def test_unknown_quantities_years_and_percentiles_are_refused(by_hand: tc.Ledger) -> None:
    with pytest.raises(ArgumentError, match="Did you mean 'tai'"):
        tc.ledger_movement(by_hand, "tay")
    with pytest.raises(ArgumentError, match="no entry states this year; got 2031; expected 2030"):
        tc.ledger_movement(by_hand, years=[2031])
    with pytest.raises(ArgumentError, match="no entry states this percentile"):
        tc.ledger_movement(by_hand, q=[33])
    with pytest.raises(ArgumentError, match="no entries"):
        tc.ledger_movement(tc.Ledger(by_hand.path, ()))


def test_an_entry_is_named_by_number_or_by_the_beginning_of_its_id(by_hand: tc.Ledger) -> None:
    assert by_hand.entry("seco") is by_hand.entry(2) is by_hand.entry(-1) is by_hand.entry("2")
    for reference in (3, 0, "sec", "third"):
        with pytest.raises(ArgumentError, match="no entry of this"):
            by_hand.entry(reference)


@pytest.fixture(scope="module")
def pair() -> list[xr.DataTree]:
    scenario = tc.load("open_loop")
    slow = scenario.replace({"hardware.doubling_time": tc.Uniform(low=3, high=5, unit="year")}, name="slow")
    return [tc.simulate(s, draws=2000, seed=3, paths=0) for s in (scenario, slow)]


@pytest.mark.slow
def test_changes_are_those_of_the_comparison_while_the_runs_are_there(
    pair: list[xr.DataTree], path: Path
) -> None:
    for k, run in enumerate(pair):
        file = tc.save_run(run, path.parent / f"{k}.nc")
        tc.add_to_ledger(run, path, run_file=file)
    ledger = tc.read_ledger(path)
    changes = tc.ledger_changes(ledger, 1, 2)
    expected = tc.compare(*pair)
    assert changes.inputs == expected.inputs
    assert changes.comparison.paired
    xr.testing.assert_identical(changes.comparison.percentiles, expected.percentiles)
    assert [table.name for table in changes_tables(changes)][-1] == "shifts"
    # A file that holds another run is not taken for the entry's.
    tc.save_run(dated(), path.parent / "0.nc")
    changes = tc.ledger_changes(ledger, 1, 2)
    assert changes.comparison is None
    assert changes.inputs == expected.inputs
    numbers = changes.numbers.sel(entry=2)
    both = [tc.percentiles(run, "tai", [50]).item() for run in pair]
    assert numbers["value_change"].sel(percentile=50).item() == pytest.approx(both[1] - both[0], abs=1e-3)
    with pytest.raises(ArgumentError, match="compared with itself"):
        tc.ledger_changes(ledger, 1, 1)
    with pytest.raises(ArgumentError, match="does not state this quantity"):
        tc.ledger_changes(ledger, 1, 2, "agi")


def test_the_text_of_a_scenario_is_kept_once_and_checked(pair: list[xr.DataTree], path: Path) -> None:
    first = pair[0]
    again = first.copy()
    again.attrs["run_id"] = "another"
    for run in (first, again):
        tc.add_to_ledger(run, path)
    folder = path.parent / "ledger_scenarios"
    (file,) = folder.iterdir()
    ledger = tc.read_ledger(path)
    assert ledger.scenario(ledger.entry(2)) == first.attrs["scenario"]
    file.write_text(file.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
    with pytest.raises(LedgerError, match="not the one that was stored"):
        ledger.scenario(ledger.entry(1))
    file.unlink()
    with pytest.raises(LedgerError, match="is missing"):
        tc.ledger_changes(ledger, 1, 2)


def test_only_the_clauses_of_conditions_that_differ_are_shown(path: Path) -> None:
    for name, text in (("a" * 16, "No war; one actor."), ("b" * 16, "No war; two actors.")):
        tc.add_to_ledger(dated(run_id=name, conditions=text), path)
    facts = {key: rest for key, *rest in tc.ledger_changes(tc.read_ledger(path), 1, 2).facts}
    assert facts["conditions"] == ["one actor", "two actors"]


def test_a_run_under_a_condition_is_not_added(small_run: xr.DataTree, path: Path) -> None:
    with pytest.raises(ArgumentError, match="under a condition"):
        tc.add_to_ledger(tc.given(small_run, "tai > 2030"), path)
    assert not path.exists()


def test_a_run_without_a_date_is_not_added(path: Path) -> None:
    with pytest.raises(ArgumentError, match="does not say when it was made"):
        tc.add_to_ledger(synthetic(), path)
    assert not path.exists()


def test_texts_with_quotes_and_line_breaks_come_back(run: xr.DataTree, path: Path) -> None:
    note = 'He said """no""",\n\ttwice \\ over: é'
    entry = tc.add_to_ledger(run, path, note=note)
    assert tc.read_ledger(path).entries == (entry,)
    assert tc.read_ledger(path).entry(1).note == note
    assert to_toml(entry).startswith("[[entry]]\n")


def test_the_shipped_ledger_reads_and_ends_with_the_shipped_scenario() -> None:
    ledger = tc.read_ledger(Path(__file__).parents[2] / "docs" / "ledger" / "baseline.toml")
    assert all(entry.source or entry.facts.get("scenario") for entry in ledger.entries)
    assert [e.date for e in ledger.entries] == sorted(e.date for e in ledger.entries)
    last = ledger.entry(-1)
    assert ledger.scenario(last)
