"""``check``, ``show``, ``percentiles`` and ``plot``: what they print is what the files hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from matplotlib import pyplot as plt
from PIL import Image
from scipy import stats

import timecone as tc
from refusals import Refusal
from timecone.cli.figures import FigureName


def test_check_says_what_a_valid_scenario_is(
    call: Callable, baseline_file: Path, baseline: tc.Scenario
) -> None:
    code, out, err = call("check", baseline_file)
    assert (code, err) == (0, "")
    assert out.startswith("ok: baseline, model compute, ")
    assert f"{len(baseline.parameters)} parameters" in out
    assert len(out.splitlines()) == 1


def test_check_writes_nothing(
    call: Callable, baseline_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call("check", baseline_file)
    assert not list(tmp_path.iterdir())


def test_show_prints_every_input_with_its_unit_and_source(
    call: Callable, baseline_file: Path, baseline: tc.Scenario
) -> None:
    code, out, _ = call("show", baseline_file)
    assert code == 0
    flat = " ".join(out.split())
    assert "…" not in out
    for name, given in baseline.parameters.items():
        assert name in out
        assert all(word in out for word in given.unit.split())
        assert " ".join(given.source.split()) in flat
        assert f"({given.as_of.isoformat()})" in flat
    assert "Choice threshold: bio_anchors 0.4" in flat
    assert "Rank correlation threshold.requirement - automation.gap: 0.5 asked, 0." in flat


def test_show_as_json_gives_the_quantiles_and_the_correlations(
    call: Callable, baseline_file: Path, baseline: tc.Scenario
) -> None:
    found = json.loads(call("show", baseline_file, "--json").out)
    rows = found["inputs"]
    assert {row["input"] for row in rows if not row.get("default")} == {
        *baseline.parameters,
        *baseline.quantities,
    }
    (doubling,) = [row for row in rows if row["input"] == "hardware.doubling_time"]
    assert (doubling["p05"], doubling["p95"]) == (pytest.approx(1.6), pytest.approx(3.5))
    assert doubling["unit"] == "year"
    values = [row["if"] for row in rows if row["input"] == "threshold.requirement"]
    assert values == [f"threshold = {v}" for v in ("bio_anchors", "direct_approach", "full_takeoff")]
    assert sorted(c["asked"] for c in found["correlations"]) == [-0.3, 0.21, 0.5, 0.55, 0.6, 0.8]
    drawn = tc.sample(baseline, 50_000)
    for correlation in found["correlations"]:
        # That of the values: those of a requirement pool three views, so that less than 0.5 is achieved.
        values = stats.spearmanr(*(drawn[name].values for name in correlation["between"])).statistic
        # Five standard errors: false alarm 6e-7, for a seed chosen once.
        assert abs(correlation["achieved"] - values) < 5.0 * correlation["standard_error"] * 2**0.5
        assert 0.0 < correlation["standard_error"] < 0.02


def test_percentiles_prints_both_tables_of_a_run(call: Callable, stored: Path) -> None:
    code, out, err = call("percentiles", stored)
    assert (code, err) == (0, "")
    for words in ("Probability by the end of the year", "Year at each percentile", "if Full Takeoff holds",
                  "Takeoff duration in years", "1,000 draws", f"timecone reproduce {stored}"):  # fmt: skip
        assert words in out


def test_percentiles_takes_levels_and_years(call: Callable, stored: Path) -> None:
    out = call("percentiles", stored, "--q", "7.5,50", "--years", "2031,2047").out
    (by,) = [line.split() for line in out.splitlines() if line.startswith(" by the end of")]
    assert by[4:6] == ["2031", "2047"]
    levels, of_takeoff, *_ = [line.split() for line in out.splitlines() if line.startswith(" percentile ")]
    assert of_takeoff[: len(levels)] == levels
    assert levels == ["percentile", "7.5", "50"]


@pytest.mark.parametrize("view", ["bio_anchors", "full_takeoff"])
def test_percentiles_under_a_condition_are_the_apis(call: Callable, stored: Path, view: str) -> None:
    arguments = ("tai", "--where", f"threshold={view}", "--q", "10,50,97.5", "--years", "2030,2040",
                 "--json")  # fmt: skip
    found = json.loads(call("percentiles", stored, *arguments).out)
    run = tc.open_run(stored)
    where = {"threshold": view}
    dates = tc.percentiles(run, "tai", [10, 50, 97.5], where=where)
    assert [row["percentile"] for row in found["percentiles"]] == [10, 50, 97.5]
    expected = [pytest.approx(v, abs=1e-9) if v < float("inf") else None for v in dates.values]
    assert [row["value"] for row in found["percentiles"]] == expected
    chances = tc.probability_by(run, "tai", [2030, 2040], where=where)
    assert [row["probability"] for row in found["probabilities"]] == pytest.approx(chances.values)
    assert {row["condition"] for row in found["percentiles"]} == {f"threshold={view}"}
    assert {row["draws"] for row in found["percentiles"]} == {dates.attrs["draws"]}


def test_a_condition_alone_is_about_the_headline(call: Callable, stored: Path) -> None:
    out = call("percentiles", stored, "--where", "threshold=full_takeoff").out
    assert "TAI if Full Takeoff holds" in " ".join(out.split())
    # No row of another milestone; the lines below the tables speak of all draws.
    assert not [line for line in out.splitlines() if line.lstrip().startswith("20 % automated")]


def test_takeoff_has_percentiles_and_no_probability_by_year(call: Callable, stored: Path) -> None:
    found = json.loads(call("percentiles", stored, "takeoff_duration", "--json").out)
    assert found["probabilities"] == []
    expected = tc.percentiles(tc.open_run(stored), "takeoff_duration").values[0]
    assert found["percentiles"][0]["value"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("figure", ["cdf", "duration", "threshold", "inputs"])
def test_plot_writes_the_figure_and_says_where(
    call: Callable, stored: Path, tmp_path: Path, figure: str
) -> None:
    path = tmp_path / "new" / f"{figure}.png"
    code, out, err = call("plot", stored, "--figure", figure, "--out", path)
    assert (code, out, err) == (0, f"{path}\n", "")
    with Image.open(path) as image:
        assert tc.open_run(stored).attrs["run_id"] in image.info["Description"]


@pytest.mark.parametrize("suffix", ["svg", "pdf"])
def test_plot_takes_its_format_from_the_suffix(
    call: Callable, stored: Path, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"f.{suffix}"
    assert call("plot", stored, "--out", path).code == 0
    assert path.read_bytes().startswith({"svg": b"<?xml", "pdf": b"%PDF"}[suffix])


def test_plot_takes_several_runs_and_one_milestone(call: Callable, stored: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "run.nc"
    other.parent.mkdir()
    other.write_bytes(stored.read_bytes())
    path = tmp_path / "f.svg"
    assert call("plot", stored, other, "--quantity", "automation_20", "--out", path).code == 0
    content = path.read_text(encoding="utf-8")
    # A run is named by its folder where its file has the usual name.
    for words in (stored.parent.name, "other", "20 % automated"):
        assert words in content


def test_plot_writes_the_table_of_the_figure(call: Callable, stored: Path, tmp_path: Path) -> None:
    path, table = tmp_path / "f.svg", tmp_path / "f.csv"
    options = ("--figure", "fan", "--observable", "spending", "--until", "2040", "--out", path)
    code, out, _ = call("plot", stored, *options, "--table", table)
    assert (code, out) == (0, f"{path}\n{table}\n")
    found = pd.read_csv(table)
    assert set(found["observable"]) == {"spending"}
    assert found["time"].max() == 2040.0
    assert "Cost of the largest run (USD)" in path.read_text(encoding="utf-8")


def test_a_date_is_no_duration_to_draw(fails: Callable, stored: Path) -> None:
    for figure in ("joint", "duration"):
        expected = Refusal("unknown-duration", "quantity", got="tai")
        fails(expected, "plot", stored, "--figure", figure, "--quantity", "tai")


@pytest.mark.parametrize(
    ("figure", "option", "value"),
    [
        ("cdf", "--observable", "spending"),
        ("joint", "--observable", "spending"),
        ("density", "--until", "2040"),
    ],
)
def test_plot_refuses_an_option_that_the_figure_does_not_read(
    fails: Callable, stored: Path, tmp_path: Path, figure: str, option: str, value: str
) -> None:
    expected = Refusal("figure-option-unsupported", option)
    fails(expected, "plot", stored, "--figure", figure, option, value, "--out", tmp_path / "f.png")
    assert not list(tmp_path.iterdir())


def test_plot_lays_only_some_figures_over_each_other(fails: Callable, stored: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.nc"
    other.write_bytes(stored.read_bytes())
    fails(Refusal("figure-of-one-run", "RUN", got=2), "plot", stored, other, "--figure", "density")


def test_every_figure_has_a_name_on_the_command_line() -> None:
    drawn_by_other_commands = {"comparison", "heat_map", "ledger", "pool"}  # `compare`, `sweep`, ...
    assert {name.value for name in FigureName} == set(tc.plots.__all__) - {"Figure", *drawn_by_other_commands}


def test_plot_writes_beside_the_run_by_default(call: Callable, stored: Path, tmp_path: Path) -> None:
    run = tmp_path / "run.nc"
    run.write_bytes(stored.read_bytes())
    assert call("plot", run, "--figure", "duration").out == f"{tmp_path / 'duration.png'}\n"


@pytest.mark.slow
def test_no_figure_stays_open(call: Callable, stored: Path, baseline_file: Path, tmp_path: Path) -> None:
    call("plot", stored, "--out", tmp_path / "f.png")
    assert plt.get_fignums() == []
    call("run", baseline_file, "-n", 64, "--out", tmp_path, "-q")
    assert plt.get_fignums() == []


@pytest.mark.slow
def test_reading_leaves_the_run_file_as_it_is(call: Callable, stored: Path, tmp_path: Path) -> None:
    before = stored.read_bytes()
    call("percentiles", stored)
    call("plot", stored, "--out", tmp_path / "f.png")
    call("reproduce", stored, "-q")
    assert stored.read_bytes() == before
