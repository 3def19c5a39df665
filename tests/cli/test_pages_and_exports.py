"""``report``, ``export``, ``estimate``, ``--format`` and ``--json``: files and words are those of the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

import timecone as tc
from refusals import Refusal
from timecone.report.page import markdown
from timecone.results.tables import latex, layout
from timecone.results.tables.run_tables import tables_of
from timecone.results.tables.statistics import RunStatistics


@pytest.mark.slow
def test_report_writes_the_page_beside_the_run(call: Callable, small_stored: Path, tmp_path: Path) -> None:
    run = tmp_path / "run.nc"
    run.write_bytes(small_stored.read_bytes())
    assert call("report", run) == (0, f"{tmp_path / 'report.html'}\n", "")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.slow
def test_report_writes_markdown(call: Callable, stored: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.md"
    assert call("report", stored, "--out", path) == (0, f"{path}\n", "")
    assert path.read_text(encoding="utf-8") == markdown(tc.open_run(stored))


@pytest.mark.slow
def test_report_of_two_runs_names_them_by_their_folders(
    call: Callable, stored: Path, small_stored: Path, tmp_path: Path
) -> None:
    runs = {"first": tmp_path / "first" / "run.nc", "second": tmp_path / "second" / "run.nc"}
    for path, source in zip(runs.values(), (stored, small_stored), strict=True):
        path.parent.mkdir()
        path.write_bytes(source.read_bytes())
    page = tmp_path / "both.md"
    assert call("report", *runs.values(), "--out", page).out == f"{page}\n"
    expected = markdown({name: tc.open_run(path) for name, path in runs.items()})
    assert page.read_text(encoding="utf-8") == expected


def test_report_refuses_two_runs_of_one_name(fails: Callable, stored: Path, tmp_path: Path) -> None:
    again = tmp_path / stored.parent.name / stored.name
    again.parent.mkdir()
    again.write_bytes(stored.read_bytes())
    fails(Refusal("runs-of-one-name", "RUN", got=stored.parent.name), "report", stored, again)


def test_report_prints_pdf_from_html_alone(fails: Callable, stored: Path, tmp_path: Path) -> None:
    refusal = Refusal("pdf-without-html", "--pdf", got="page.md", names=(".html",))
    fails(refusal, "report", stored, "--out", tmp_path / "page.md", "--pdf")


def test_report_without_a_browser_writes_nothing(
    fails: Callable, stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timecone.report.pdf.BROWSERS", ("no-such-browser",))
    page = tmp_path / "page.html"
    fails(Refusal("no-browser", str(tmp_path / "page.pdf")), "report", stored, "--out", page, "--pdf")
    assert not page.exists()


def test_report_refuses_another_suffix(fails: Callable, stored: Path, tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    expected = Refusal("unknown-page-format", str(path), got=".pdf", names=(".html", ".md"))
    fails(expected, "report", stored, "--out", path)


@pytest.mark.parametrize(
    ("kind", "name"), [("csv", "draws.csv"), ("parquet", "draws.parquet"), ("arviz", "arviz.nc")]
)
def test_export_writes_the_draws(
    call: Callable, small_stored: Path, tmp_path: Path, kind: str, name: str
) -> None:
    run = tmp_path / "run.nc"
    run.write_bytes(small_stored.read_bytes())
    path = tmp_path / name
    assert call("export", run, "--to", kind) == (0, f"{path}\n", "")
    expected = tc.to_frame(tc.open_run(small_stored))["year"]
    if kind == "csv":
        assert list(pd.read_csv(path)["year"]) == list(expected)
    elif kind == "parquet":
        assert list(pd.read_parquet(path)["year"]) == list(expected)
    else:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            assert set(tree.children) == {"prior", "posterior"}


def test_export_refuses_an_unknown_format(call: Callable, stored: Path) -> None:
    code, _, err = call("export", stored, "--to", "pdf")
    assert code == 2
    assert "pdf" in err


@pytest.mark.slow
def test_percentiles_in_other_formats_are_the_pages(call: Callable, stored: Path) -> None:
    run = tc.open_run(stored)
    tables = tables_of(RunStatistics(run))
    assert call("percentiles", stored, "--format", "markdown").out == layout.markdown(run, tables)
    assert call("percentiles", stored, "--format", "latex").out == latex.latex(run, tables)
    assert call("percentiles", stored, "--format", "csv").out == layout.csv(tables)
    assert call("percentiles", stored, "--format", "json").out == call("percentiles", stored, "--json").out


def test_one_row_in_markdown(call: Callable, stored: Path) -> None:
    out = call("percentiles", stored, "tai", "--where", "threshold=full_takeoff", "--q", "50",
               "--years", "2040", "--format", "markdown").out  # fmt: skip
    assert "| percentile | 50 |" in out
    assert "TAI if Full Takeoff holds" in out
    assert "Takeoff duration in years" not in out


def test_check_as_json(call: Callable, baseline_file: Path, baseline: tc.Scenario) -> None:
    found = json.loads(call("check", baseline_file, "--json").out)
    assert found.pop("memory") > 0
    assert found == {"name": "baseline", "digest": baseline.digest, "valid": True,
                     "inheritance": None}  # fmt: skip


def test_reproduce_as_json(call: Callable, stored: Path) -> None:
    code, out, _ = call("reproduce", stored, "--json", "-q")
    found = json.loads(out)
    assert code == 0
    assert found["identical"] is found["same_sources"] is True
    assert found["different"] == {}
    assert found["compared"] > 20


def test_estimate_says_time_memory_and_disk(call: Callable, baseline_file: Path) -> None:
    code, out, err = call("estimate", baseline_file, "-n", 2000, "--threads", 1)
    assert (code, err) == (0, "")
    for words in ("2,000 draws of baseline: ", "draws/s", "B at the peak", "run file"):
        assert words in out
    found = json.loads(call("estimate", baseline_file, "-n", 2000, "--threads", 1, "--json").out)
    sizes = {"memory", "disk", "checkpoint", "store", "worker"}
    assert set(found) == {"name", "draws", "seconds", "rate"} | sizes
    assert all(found[size] > 10_000 for size in sizes)
    assert (found["name"], found["draws"]) == ("baseline", 2000)
    assert found["memory"] > found["disk"] > 10_000


@pytest.mark.parametrize(
    ("until", "refusal"),
    [
        ("years", Refusal("not-a-tolerance", "--until", names="years=NUMBER")),
        ("years=soon", Refusal("not-a-number", "--until", got="soon")),
        ("yeers=1", Refusal("unknown-tolerance", "until", got="yeers", names="'years'")),
        ("probability=0", Refusal("invalid-tolerance", "until.probability", got=0.0)),
    ],
)
def test_a_senseless_tolerance_is_one_line(
    fails: Callable, baseline_file: Path, tmp_path: Path, until: str, refusal: Refusal
) -> None:
    fails(refusal, "run", baseline_file, "--until", until, "--out", tmp_path)


@pytest.mark.slow
@pytest.mark.usefixtures("_no_figures")
def test_a_run_until_it_is_precise_says_so(
    call: Callable, small_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timecone.simulation.run.BATCH", 1024)
    code, out, _ = call("run", small_file, "--until", "probability=0.06", "--out", tmp_path)
    assert code == 0
    run = tc.open_run(tmp_path / "run.nc")
    assert run.attrs["draws"] % 1024 == 0
    assert f"Precise enough after {run.attrs['draws']:,} draws" in out
