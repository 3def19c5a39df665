"""``fit``, ``backtest`` and ``plot`` of time horizons."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import timecone as tc
from made_up_horizons import INDEX, NAMES, entry, metr_file, records
from refusals import Refusal
from timecone.history.horizons.posterior import open_horizons

MORE_INDEX = "".join(f"m{i},{100 + 9 * i},202{i}-06-01,A,X,,,,M{i}\n" for i in range(6))
FIT = ["fit", "metr.yaml", "--as-of", "2025-12-31", "--since", "2019", "--since", "2022", "--draws", "300"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    metr_file(tmp_path)
    metr_file(tmp_path, "again.yml")
    old = entry("claude_opus_4_6_inspect", "2025-11-05", 870.0)
    metr_file(
        tmp_path,
        "old.yaml",
        [*records(), old, entry("longest", "2025-12-01", 1000.0), entry("later", "2026-05-01", 1045.0)],
    )
    (tmp_path / "eci.csv").write_text(INDEX + MORE_INDEX, encoding="utf-8")
    (tmp_path / "runs.csv").write_text("Model,Publication date,Training compute (FLOP)\nA,2025-12-01,1e27\n")
    (tmp_path / "cut.yaml").write_text((tmp_path / "metr.yaml").read_text()[:700] + "\n   '")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_fit_prints_its_evidence_and_writes_fragment_and_draws(call: Callable, folder: Path) -> None:
    code, out, err = call(*FIT, "eci.csv", "--start", "2026.25", "-o", "mine.toml")
    assert (code, err) == (0, "")
    assert "metr.yaml: 15 horizons, 0 rows or cells not readable" in out
    assert "12 models were best at release at 80 % success" in out
    assert "Not used, not the longest horizon at its release: model_e, model_j, model_o." in out
    assert "the file states: from 2023 on 182.6; ours:" in out
    assert "Index of capabilities, best at release:" in out
    assert "corrected in March 2026" in out
    assert out.endswith("  mine.toml\n  mine.nc\n")
    text = (folder / "mine.toml").read_text(encoding="utf-8")
    assert (
        "# Made by: timecone fit metr.yaml eci.csv --as-of 2025-12-31 --start 2026.25 --since 2019.0 "
        "--since 2022.0 --draws 300 --out mine.toml"
    ) in text
    content = tomllib.loads(text)
    assert content["history"]["conditions"].startswith("METR's time horizons as corrected in March 2026")
    assert content["history"]["start"] == 2026.25
    assert [source["name"] for source in content["history"]["sources"]] == ["metr.yaml"]
    drawn = open_horizons(folder / "mine.nc")["posterior"]
    assert drawn.sizes["sample"] == 600
    stated = content["parameters"]["horizon"]["doubling_time"]
    assert stated["p50"] == pytest.approx(float(drawn["horizon.doubling_time"].median()), rel=1e-3)
    assert (stated["unit"], stated["basis"]) == ("month", "data")
    code, out, err = call(*FIT, "-o", "mine.toml", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found["written"] == ["mine.toml", "mine.nc"]
    assert len(found["used"]) + len(found["left_out"]) == len(NAMES)
    assert found["parameters"]["horizon.now"]["unit"] == "hour"
    assert found["index"] is None


def test_a_fit_warns_of_an_old_file_and_names_later_models(call: Callable, folder: Path) -> None:
    code, out, err = call("fit", "old.yaml", *FIT[2:], "--reliability", "50", "-o", "mine.toml")
    assert code == 0
    assert err.startswith("timecone: warning: old.yaml: the horizons are from before METR's correction")
    before = "METR's time horizons from before their correction of March 2026"
    assert f"Conditions: {before}" in " ".join(out.split())
    content = tomllib.loads((folder / "mine.toml").read_text(encoding="utf-8"))
    assert content["history"]["conditions"].startswith(before)
    figure = tc.plots.horizons(open_horizons(folder / "mine.nc"))
    assert before in figure.notes
    figure.close()
    assert "Not used, dated after --as-of or without a date: later." in out
    assert "Not used, above 16 hours, beyond the range that the tasks measure: longest." in out


def test_forecasts_from_past_dates(call: Callable, folder: Path) -> None:
    code, out, err = call(
        "backtest", "metr.yaml", "--date", "2024-01-01", "--date", "2024-08-01", "-n", "300"
    )
    assert (code, err) == (0, "")
    assert out.count("model_n") == 2
    assert "the horizons are those of this file, measured later" in out
    assert out.endswith("  backtest.nc\n")
    code, out, _ = call(
        "backtest",
        "metr.yaml",
        "--date",
        "2024-01-01",
        "-n",
        "300",
        "-o",
        "b.nc",
        "--reliability",
        "50",
        "--json",
    )
    found = json.loads(out)
    assert [row["model"] for row in found["forecasts"]] == ["model_k", "model_l", "model_m", "model_n"]
    assert [row["models"] for row in found["summary"]] == [4, 4]
    assert (found["written"], found["evidence"][0]["rows"]) == ("b.nc", "15")


def test_plot_draws_a_fit(call: Callable, fails: Callable, folder: Path) -> None:
    call(*FIT, "-o", "mine.toml")
    assert call("plot", "mine.nc", "--figure", "horizons", "--out", "f.png", "--table", "f.csv") == (
        0,
        "f.png\nf.csv\n",
        "",
    )
    assert (folder / "f.csv").read_text().count("\nmodel,") == len(NAMES)
    fails(Refusal("not-a-run"), "plot", "mine.nc")
    fails(Refusal("not-a-posterior"), "plot", "mine.nc", "--figure", "history_trends")
    fails(
        Refusal("figure-option-unsupported", "--until"),
        "plot",
        "mine.nc",
        "--figure",
        "horizons",
        "--until",
        "2030",
    )
    fails(
        Refusal("figure-option-unsupported", "--given"),
        "plot",
        "mine.nc",
        "--figure",
        "horizons",
        "--given",
        "a < 1",
    )


REFUSED = [
    (["fit", "cut.yaml"], Refusal("not-yaml", "cut.yaml, line 32")),
    (["backtest", "cut.yaml"], Refusal("not-yaml", "cut.yaml, line 32")),
    (["fit", "metr.yaml", "again.yml"], Refusal("duplicate-table", "again.yml", got="metr.yaml")),
    (["fit", "metr.yaml", "runs.csv"], Refusal("not-evidence-of-horizons", "runs.csv")),
    (["fit", "eci.csv"], Refusal("horizons-missing", "eci.csv")),
    (["backtest", "metr.yaml", "eci.csv"], Refusal("not-evidence-of-horizons", "eci.csv")),
    ([*FIT, "--top", "5"], Refusal("option-of-other-files", "--top", got=5)),
    ([*FIT, "--complete-until", "2025"], Refusal("option-of-other-files", "--complete-until", got=2025.0)),
    ([*FIT, "--start", "2024"], Refusal("forecast-start-too-early", "start", got=2024.0)),
    ([*FIT, "--since", "2025"], Refusal("too-few-models", "since", got=1)),
    ([*FIT, "--reliability", "90"], Refusal("unknown-reliability", "reliability", got=90)),
    (["fit", "--since", "2019"], Refusal("option-of-other-files", "--since")),
    (["fit", "runs.csv", "--reliability", "50"], Refusal("option-of-other-files", "--reliability", got=50)),
    (["backtest", "metr.yaml", "--as-of", "2020"], Refusal("option-of-other-files", "--as-of")),
    (["backtest", "--date", "2024-01-01"], Refusal("option-of-other-files", "--date")),
    (["backtest", "metr.yaml", "--date", "2026-01-01"], Refusal("nothing-observed-since", "origins")),
    (["backtest", "metr.yaml", "--date", "soon"], ["--date", "soon"]),
]


def test_what_is_refused_leaves_no_file(fails: Callable, folder: Path) -> None:
    before = sorted(folder.iterdir())
    for arguments, expected in REFUSED:
        fails(expected, *arguments)
        assert sorted(folder.iterdir()) == before, arguments
