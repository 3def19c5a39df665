"""``history``, and ``fit`` of sites and stocks."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from refusals import Refusal
from timecone.history.supply.fit import open_supply

MADE_UP = Path(__file__).resolve().parents[1] / "data" / "supply"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in MADE_UP.glob("*.csv"):
        shutil.copy(path, tmp_path)
    tables = Path(__file__).resolve().parents[2] / "src" / "timecone" / "history" / "tables"
    for name in ("sites", "stocks"):
        shutil.copy(tables / f"{name}.csv", tmp_path / f"own_{name}.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_history_shows_what_was_read(call: Callable, folder: Path) -> None:
    code, out, err = call("history", "clusters.csv", "stocks.csv")
    assert (code, err) == (0, "")
    assert "clusters.csv: 6 clusters, 4 rows or cells not readable" in out
    assert "row 7, First Operational Date: not a date" in out
    assert "hardware costs taken to be in USD" in out
    assert "date: 2011.08 to 2024.95" in out
    assert "filled: name 6, status 6, date 5, h100e 5" in out
    assert "published: 2026.25 to 2026.25" in out
    code, out, err = call("history", "spending.csv", "sites.csv", "--json")
    spending, sites = json.loads(out)["tables"]
    assert (spending["kind"], spending["total"], spending["rows"]) == ("spending", 4, 3)
    assert [each["row"] for each in spending["rejected"]] == [5]
    assert sites["filled"]["h100e"] == 5
    assert sites["absent"] == ["published", "source"]
    assert sites["converted"][0].startswith("Date: dates read as month/day/year")


@pytest.mark.slow
def test_a_fit_of_supply_prints_and_writes_limits(call: Callable, folder: Path) -> None:
    arguments = ["fit", "own_sites.csv", "own_stocks.csv", "--draws", "300"]
    code, out, err = call(*arguments, "-o", "mine.toml")
    assert (code, err) == (0, "")
    assert "own_sites.csv: 17 sites, 0 rows or cells not readable" in out
    for text in ("largest owner, h100e", "largest run, FLOP", "supply.chips_growth"):
        assert text in out
    assert out.endswith("  mine.toml\n  mine.nc\n")
    text = (folder / "mine.toml").read_text(encoding="utf-8")
    assert "# Made by: timecone fit own_sites.csv own_stocks.csv --draws 300 --out mine.toml" in text
    content = tomllib.loads(text)
    drawn = open_supply(folder / "mine.nc")["posterior"]
    assert content["parameters"]["supply"]["chips"]["p50"] == pytest.approx(
        float(drawn["supply.chips"].median()), rel=1e-3
    )
    code, out, _ = call(*arguments[:2], "--draws", "300", "-o", "mine.toml", "--json")
    answer = json.loads(out)
    assert (code, answer["written"]) == (0, ["mine.toml", "mine.nc"])
    # Its own stocks stand for the file that is not there.
    assert [each["name"] for each in answer["evidence"]] == ["own_sites.csv", "stocks.csv"]
    assert answer["parameters"]["supply.power"]["unit"] == "FLOP"


@pytest.mark.slow
def test_the_figure_of_supply_is_drawn_of_its_fit(call: Callable, fails: Callable, folder: Path) -> None:
    assert call("fit", "own_sites.csv", "--draws", "50", "-o", "mine.toml").code == 0
    assert call("plot", "mine.nc", "--figure", "supply", "--out", "s.png") == (0, "s.png\n", "")
    (folder / "text.nc").write_text("text", encoding="utf-8")
    fails(Refusal("not-netcdf", "text.nc"), "plot", "text.nc", "--figure", "supply")


def test_what_is_refused_leaves_no_file(fails: Callable, folder: Path) -> None:
    before = sorted(folder.iterdir())
    for arguments, expected in (
        (["fit", "own_sites.csv", "sites.csv"], Refusal("duplicate-table", "sites.csv", got="own_sites.csv")),
        (["fit", "own_sites.csv", "clusters.csv"], Refusal("not-evidence-of-supply", "clusters.csv")),
        (["fit", "own_sites.csv", "--top", "5"], Refusal("option-of-other-files", "--top", got=5)),
        (["fit", "own_stocks.csv", "--start", "2040"], Refusal("not-a-date", "start", got=2040.0)),
        (["fit", "sites.csv"], Refusal("record-date-missing", "sites.csv", names="--published")),
        (["fit", "own_sites.csv", "--published", "2025-12-14"], Refusal("publication-stated-twice")),
        (["fit", "--published", "2025-12-14"], Refusal("option-of-other-files", "--published")),
        (["fit", "clusters.csv"], Refusal("not-evidence-of-trends", "clusters.csv")),
        (["history", "none.csv"], Refusal("unreadable-table", "none.csv")),
    ):
        fails(expected, *arguments)
        assert sorted(folder.iterdir()) == before, arguments
