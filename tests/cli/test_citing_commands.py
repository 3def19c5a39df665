"""``cite``, ``elicit``, ``new`` and ``export --to xlsx``: the words and files are those of the library."""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest

import timecone as tc
from refusals import Refusal

DOUBLING = "horizon.doubling_time"


def test_cite_prints_every_piece_or_one(call: Callable, small_stored: Path) -> None:
    citation = tc.cite(tc.open_run(small_stored))
    assert call("cite", small_stored) == (0, str(citation), "")
    assert call("cite", small_stored, "--format", "bibtex").out == citation.bibtex
    assert json.loads(call("cite", small_stored, "--json").out) == citation.as_dict()


def test_cite_of_a_milestone_under_a_condition_into_a_file(
    call: Callable, small_stored: Path, tmp_path: Path
) -> None:
    run = tc.given(tc.open_run(small_stored), "year < 2050")
    path = tmp_path / "sentence.txt"
    arguments = ["--milestone", "year", "--given", "year < 2050", "--format", "sentence", "--out", path]
    assert call("cite", small_stored, *arguments) == (0, f"{path}\n", "")
    assert path.read_text(encoding="utf-8") == tc.cite(run, "year").sentence + "\n"


def test_cite_writes_the_values_of_a_question(call: Callable, small_stored: Path) -> None:
    question = ["--metaculus", "--range-min", "2026-01-01", "--range-max", "2060-01-01"]
    ends = ["--open-lower", "--open-upper"]
    code, out, err = call("cite", small_stored, *question, *ends)
    forecast = tc.metaculus(
        tc.open_run(small_stored),
        range_min="2026-01-01",
        range_max="2060-01-01",
        open_lower=True,
        open_upper=True,
    )
    assert code == 0
    assert json.loads(out) == {"continuous_cdf": list(forecast.continuous_cdf)}
    assert err.splitlines() == [f"timecone: {line}" for line in forecast.adjustments]
    body = json.loads(call("cite", small_stored, *question, *ends, "--question", 3479).out)
    assert body == forecast.payload(3479)
    whole = json.loads(call("cite", small_stored, *question, *ends, "--json").out)
    np.testing.assert_array_equal(whole["raw"], forecast.raw)
    assert whole["run_id"] == forecast.run_id


def test_cite_refuses_options_that_do_not_go_together(fails: Callable, small_stored: Path) -> None:
    fails(
        Refusal("metaculus-option-alone", "--zero-point", names="--metaculus"),
        "cite",
        small_stored,
        "--zero-point",
        "2000-01-01",
    )
    fails(
        Refusal("question-without-range", "--range-max"),
        "cite",
        small_stored,
        "--metaculus",
        "--range-min",
        "2026-01-01",
    )
    fails(
        Refusal("metaculus-and-format", "--format"), "cite", small_stored, "--metaculus", "--format", "bibtex"
    )
    fails(Refusal("output-is-input", "--out"), "cite", small_stored, "--out", small_stored)
    fails(Refusal("unknown-milestone", "quantity", got="tia"), "cite", small_stored, "--milestone", "tia")


@pytest.mark.slow
def test_cite_prints_each_piece_by_its_name(call: Callable, small_stored: Path) -> None:
    citation = tc.cite(tc.open_run(small_stored))
    for name in ("sentence", "methods", "latex", "markdown"):
        out = call("cite", small_stored, "--format", name).out
        assert out == citation.piece(name).rstrip("\n") + "\n"


def test_export_writes_a_workbook_by_format_or_by_ending(
    call: Callable, small_stored: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run.nc"
    run.write_bytes(small_stored.read_bytes())
    assert call("export", run, "--to", "xlsx").out == f"{tmp_path / 'run.xlsx'}\n"
    path = tmp_path / "tables.xlsx"
    assert call("export", run, "--out", path).out == f"{path}\n"
    first, second = (
        [cell.value for cell in openpyxl.load_workbook(each)["Dates"][2]]
        for each in (tmp_path / "run.xlsx", path)
    )
    assert first == second
    lowest = tc.percentiles(tc.open_run(run), first[1], [5]).item()
    assert first[4] == pytest.approx(lowest, rel=1e-15)


def test_elicit_prints_the_fits_and_the_toml(call: Callable) -> None:
    arguments = [
        "--quantiles",
        "0.1=2,0.5=4,0.9=8",
        "--unit",
        "year",
        "--parameter",
        "deployment.delay",
        "--as-of",
        "2026-08-01",
        "--source",
        "an interview",
    ]
    code, out, err = call("elicit", *arguments)
    judgement = tc.elicit(quantiles={0.1: 2, 0.5: 4, 0.9: 8}, unit="year")
    assert (code, err) == (0, "")
    for fit in judgement.fits:
        assert fit.name in out
    table = tomllib.loads(out[out.index("# lognormal") :])["parameters"]["deployment"]["delay"]
    assert table["distribution"] == "lognormal"
    assert table["source"] == "an interview"
    answer = json.loads(call("elicit", *arguments, "--json", "--family", "gamma").out)
    assert answer["family"] == "gamma"
    assert [fit["family"] for fit in answer["fits"]] == [fit.name for fit in judgement.fits]
    assert tomllib.loads(answer["toml"])["parameters"]["deployment"]["delay"]["distribution"] == "gamma"


def test_elicit_reads_chips_and_never(call: Callable) -> None:
    out = call("elicit", "--bins", "2026,2030,2035,2040,2060", "--chips", "2,5,8,5").out
    assert "2035.0" in out
    assert "10\N{NO-BREAK SPACE}%" in out
    out = call("elicit", "--quantiles", "0.1=2030", "--quantiles", "0.5=2050", "--quantiles", "0.8=inf").out
    assert "never" in out
    assert "p80 = inf" in out


def test_elicit_refuses_what_it_cannot_read(fails: Callable) -> None:
    fails(Refusal("not-a-stated-quantile", "--quantiles", got="2030"), "elicit", "--quantiles", "2030,0.5=3")
    fails(Refusal("not-a-number", "--quantiles", got="soon"), "elicit", "--quantiles", "0.1=soon,0.5=3")
    fails(Refusal("probability-stated-twice", "--quantiles"), "elicit", "--quantiles", "0.1=1,0.10=2")
    fails(Refusal("not-a-number", "--bins", got="x"), "elicit", "--bins", "1,x", "--chips", "1")
    fails(Refusal("chips-not-whole", "chips"), "elicit", "--bins", "1,2,3,4", "--chips", "1,2.5,3")
    fails(Refusal("judgement-in-two-forms", "quantiles, bins, chips"), "elicit")


def _answers(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_new_takes_options(call: Callable, small_file: Path, tmp_path: Path) -> None:
    answer = "horizon.doubling_time=lognormal p05=6 p95=28"
    options = ["--extends", small_file, "--folder", tmp_path, "--set", answer, "--source", "a test"]
    code, out, err = call("new", "slower", *options)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == str(tmp_path / "slower.toml")
    assert "changes" in out
    made = tc.load(tmp_path / "slower.toml")
    assert made.parameters[DOUBLING].source == "a test"
    assert str(made.parameters[DOUBLING].form) == "lognormal(p05=6, p95=28)"
    assert call("check", tmp_path / "slower.toml").code == 0


def test_new_reads_answers_from_a_script(
    call: Callable, small_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answers(
        monkeypatch,
        "A title",
        "?",
        DOUBLING,
        "lognormal p05=6 p95=28",
        "",
        "own reading",
        "expert",
        "2026-02-03",
        "",
        "",
        "",
    )
    assert call("new", "slower", "--extends", small_file, "--folder", tmp_path).code == 0
    stated = tc.load(tmp_path / "slower.toml").parameters[DOUBLING]
    assert (stated.unit, stated.source, stated.basis) == ("month", "own reading", "expert")
    assert stated.as_of.isoformat() == "2026-02-03"


def test_new_asks_again_on_a_terminal(
    call: Callable, small_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answers(
        monkeypatch,
        "",
        "horizon.doubling",
        DOUBLING,
        "lognormal p05=28 p95=6",
        "lognormal p05=6 p95=28",
        "FLOP",
        "month",
        "",
        "own reading",
        "hearsay",
        "guess",
        "soon",
        "",
        "",
        "",
        "",
    )
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    code, out, _ = call("new", "slower", "--extends", small_file, "--folder", tmp_path)
    assert code == 0
    for words in (
        "Did you mean 'horizon.doubling_time'?",
        "Inherited: lognormal(p05=3, p95=14)",
        "p05 is not below p95",
        "unknown or unsuitable unit",
        "needs a source",
        "not a calendar date",
    ):
        assert words in out
    assert tc.load(tmp_path / "slower.toml").parameters[DOUBLING].source == "own reading"


def test_new_refuses_at_once(
    fails: Callable, small_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extends = ["--extends", small_file, "--folder", tmp_path]
    fails(Refusal("not-a-scenario-name", "NAME"), "new", "a/b", *extends)
    fails(Refusal("unreadable-option", "--set", got="x"), "new", "a", *extends, "--set", "x")
    fails(
        Refusal("source-missing", f"parameters.{DOUBLING}.source"),
        "new",
        "a",
        *extends,
        "--set",
        f"{DOUBLING}=6",
    )
    fails(Refusal("unreadable-option", "--switch", got="x=1"), "new", "a", *extends, "--switch", "x=1")
    fails(Refusal("unreadable-option", "--weights", got="x:y"), "new", "a", *extends, "--weights", "x:y")
    _answers(monkeypatch, "")
    fails(Refusal("answers-end-early", "standard input"), "new", "a", *extends)
    _answers(monkeypatch, "", "", "", "")
    fails(Refusal("nothing-differs", "a"), "new", "a", *extends)
    assert not list(tmp_path.glob("*.toml"))
