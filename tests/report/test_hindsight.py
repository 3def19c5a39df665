"""A back-test beside a forecast: its table, its figure, and what they mean, in both pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import tomli_w
import xarray as xr
from matplotlib import pyplot as plt

import synthetic_run
from history_records import scored
from hostile_run import WORDS
from timecone.report.content import gather
from timecone.report.page import html, markdown
from timecone.results.tables.backtest import score_table

from .test_report import Reader

pytestmark = pytest.mark.slow

MOST_BYTES = 3_000_000


@pytest.fixture(scope="module", autouse=True)
def _no_window() -> Iterator[None]:
    plt.switch_backend("agg")
    plt.close("all")
    yield
    assert plt.get_fignums() == []


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    found = synthetic_run.synthetic()
    history = {"sources": [{"name": "runs.csv"}], "as_of": "2026-08-22", "seed": 2026}
    found.attrs["scenario"] = tomli_w.dumps({"name": "one", "history": history})
    return found


@pytest.fixture(scope="module")
def page(run: xr.DataTree) -> str:
    return html(run, scored())


def test_both_pages_hold_every_score(run: xr.DataTree, page: str) -> None:
    twin = re.sub(r"\\(.)", r"\1", markdown(run, scored()))
    texts = [text.strip() for text in Reader(page).texts]
    table = score_table(scored())
    assert len(table.rows) == 6
    for label, cells in table.rows:
        assert label.strip() in texts
        assert "| ".join(["", " | ".join([label.replace("  ", "\u2003"), *(c.text for c in cells)])]) in twin
        for cell in cells:
            assert cell.text in texts


def test_both_pages_say_what_the_scores_mean_and_their_limits(run: xr.DataTree, page: str) -> None:
    twin = re.sub(r"\\(.)", r"\1", markdown(run, scored()))
    hindsight = gather(run, drawn=False, backtest=scored()).backtest
    assert hindsight is not None
    meaning, limits = hindsight.meaning
    assert "from before 2016 and 2018" in meaning
    assert scored().attrs["backtest_id"] in meaning
    assert "share their errors" in limits
    assert "today's" in limits
    texts = [text.strip() for text in Reader(page).texts]
    for words in (meaning, limits):
        assert words in texts
        assert words in twin


def test_the_section_has_a_figure_and_needs_nothing_from_elsewhere(page: str) -> None:
    read = Reader(page)
    ids = [value for _, key, value in read.attributes if key == "id"]
    assert {"backtest", "table-backtest", "figure-backtest"} <= set(ids)
    assert len(ids) == len(set(ids))
    for _, key, value in read.attributes:
        if key in ("src", "href"):
            assert value.startswith(("data:", "#"))
    assert len(page.encode()) < MOST_BYTES


def test_without_a_backtest_there_is_no_such_section(
    run: xr.DataTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its section comes with or without pictures, which take most of the time.
    monkeypatch.setattr("timecone.report.content._pictures", lambda *_: ((), []))
    assert 'id="backtest"' not in html(run)
    assert "### Back-test" not in markdown(run)


def test_what_was_fitted_stands_beside_the_inputs(run: xr.DataTree, page: str) -> None:
    line = "fitted to runs.csv, as of 2026-08-22, seed 2026."
    assert line in page.partition('<section id="evidence">')[2].partition("</section>")[0]
    twin = re.sub(r"\\(.)", r"\1", markdown(run))
    assert f"History: {line}" in twin.partition("### Inputs")[2].partition("|")[0]


@pytest.mark.parametrize("scenario", ["", "no = toml =", 'name = "one"\n', 'history = "words"\n'])
def test_a_run_that_says_nothing_of_history_has_no_such_line(run: xr.DataTree, scenario: str) -> None:
    other = run.copy()
    other.attrs["scenario"] = scenario
    assert gather(other, drawn=False).history == ""
    assert "History" not in markdown(other)


def test_hostile_words_of_a_backtest_are_shown_as_they_are(run: xr.DataTree) -> None:
    found = scored()
    method = [WORDS if name == "last trend" else name for name in found["method"].values]
    found = found.assign(method=("forecast", method)).assign_attrs(backtest_id=WORDS)
    read = Reader(html(run, found))
    assert "script" not in read.tags
    assert "".join(read.texts).count(WORDS) >= 4
