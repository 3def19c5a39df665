"""The page: every part is there, every word is shown as it is, nothing is fetched, and it fits a phone."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
import xarray as xr
from matplotlib import pyplot as plt

import synthetic_run
import timecone as tc
from chromium import chromium
from hostile_run import WORDS, hostile
from refusals import refused
from timecone.cli.model_figures import model_drawings
from timecone.report import pdf
from timecone.report.answer import row_of
from timecone.report.content import gather
from timecone.report.document import document_of
from timecone.report.page import html, markdown, save
from timecone.results.tables.forecasts import forecasts_table
from timecone.results.tables.run_tables import tables_of
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.what_ifs import what_ifs

PARTS = (
    "answer",
    "headline",
    "contents",
    "conditions",
    "figures",
    "drivers",
    "what-ifs",
    "published",
    "evidence",
    "inputs",
    "tables",
    "accounts",
    "cite",
)
TABLES = (
    "key_probabilities",
    "key_percentiles",
    "milestones",
    "what_ifs",
    "forecasts",
    "probabilities",
    "percentiles",
    "takeoff_duration",
    "extras",
    "choices",
)
FIGURES = (
    "cdf",
    "density",
    "threshold",
    "duration",
    "joint",
    "decomposition",
    "inputs",
    "tornado",
    "published",
)
MOST_BYTES = 3_000_000


@pytest.fixture(scope="module", autouse=True)
def _no_window() -> Iterator[None]:
    plt.switch_backend("agg")
    plt.close("all")
    yield
    assert plt.get_fignums() == []


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return hostile()


@pytest.fixture(scope="module")
def page(run: xr.DataTree) -> str:
    return html(run)


class Reader(HTMLParser):
    """Elements, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, key, value or "") for key, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def read(page: str) -> Reader:
    return Reader(page)


def test_every_part_is_there(read: Reader) -> None:
    ids = [value for _, key, value in read.attributes if key == "id"]
    wanted = [*PARTS, *(f"table-{n}" for n in TABLES), *(f"figure-{n}" for n in FIGURES)]
    assert set(wanted) <= set(ids)
    assert len(ids) == len(set(ids))
    alternatives = [value for tag, key, value in read.attributes if (tag, key) == ("img", "alt")]
    assert len(alternatives) == len(FIGURES)
    for alternative in alternatives:
        assert re.search(r"\d", alternative), alternative
    # Every entry of the contents leads to a part of the report.
    links = [value for tag, key, value in read.attributes if (tag, key) == ("a", "href")]
    assert len(links) == 10
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_hostile_words_are_shown_as_they_are(read: Reader) -> None:
    assert "script" not in read.tags
    text = "".join(read.texts)
    # Title twice, conditions, definition, labels of both milestones in tables, sources, scenario.
    assert text.count(WORDS) > 20
    assert not set(read.tags) & {"iframe", "object", "embed", "form", "base", "svg"}


def test_nothing_is_fetched_from_anywhere(read: Reader, page: str) -> None:
    for tag, key, value in read.attributes:
        if key in ("src", "href", "srcset", "data", "action", "poster"):
            assert value.startswith(("data:", "#")), (tag, key, value[:80])
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    for _, _, value in [a for a in read.attributes if a[:2] == ("img", "src")]:
        drawing = unquote(value.removeprefix("data:image/svg+xml,"))
        root = ET.fromstring(drawing)  # noqa: S314 - our own
        assert root.tag.endswith("svg")
        for element in root.iter():
            assert not element.tag.endswith(("script", "foreignObject"))
            for key, target in element.attrib.items():
                if key.endswith("href"):
                    assert target.startswith(("#", "data:image/png;base64,"))
                assert "http" not in target


def test_the_page_is_small(page: str) -> None:
    assert len(page.encode()) < MOST_BYTES


@pytest.mark.slow
def test_a_page_of_our_own_model_is_small_and_whole(small_run: xr.DataTree) -> None:
    own = model_drawings(small_run)
    assert [drawing.name for drawing in own] == ["automation", "spending"]
    text = html(small_run, model_drawings=model_drawings)
    assert len(text.encode()) < MOST_BYTES
    ids = re.findall(r'id="([^"]+)"', text)
    assert {f"figure-{name}" for name in (*FIGURES, "automation", "spending")} <= set(ids)
    for variable in small_run["inputs"].data_vars.values():
        if "source" in variable.attrs:
            assert str(variable.attrs["source"]) in "".join(Reader(text).texts)


def test_html_and_markdown_hold_the_quoted_numbers(run: xr.DataTree, page: str, read: Reader) -> None:
    twin = re.sub(r"\\(.)", r"\1", markdown(run))
    texts = [text.strip() for text in read.texts]
    for table in tables_of(RunStatistics(run)):
        for _, cells in table.rows:
            for cell in cells:
                assert cell.text in texts
                words = cell.text if cell.interval in ("", cell.text) else f"{cell.text} [{cell.interval}]"
                assert words in twin
                assert not cell.interval or cell.interval in texts
    found = gather(run, drawn=False)
    for given in found.inputs:
        for number in (given.low, given.middle, given.high):
            assert number in texts
            assert number in twin
    assert found.citation in twin
    assert found.citation in texts


@pytest.mark.slow
def test_the_same_run_gives_the_same_page(run: xr.DataTree, page: str) -> None:
    assert html(run) == page


def test_the_answer_is_three_sentences_with_the_numbers_of_the_tables() -> None:
    contents = gather(synthetic_run.synthetic(), drawn=False)
    first, second, third, *failed = contents.answer
    tables = {table.name: table for table in contents.tables}
    at = row_of(tables["percentiles"], "all there")
    assert first == (
        f"The median date of all there is {at['50'].text}; the 80 % interval is {at['10'].text} to"
        f" {at['90'].text}."
    )
    chance = row_of(tables["probabilities"], "all there")
    for year in ("2035", "2050"):
        assert f"{chance[year].text} by the end of {year}" in second
    assert second.endswith(f"no arrival by 2080 is {chance['not by 2080'].text}.")
    lasting = row_of(tables["takeoff_duration"], "all draws")
    assert f"is {lasting['50'].text} years at the median" in third
    assert len(failed) == 1
    assert "failed" in failed[0]


def test_the_first_page_has_the_rows_of_the_tables_without_those_by_choice() -> None:
    contents = gather(synthetic_run.synthetic(), drawn=False)
    for key, whole in zip(contents.key_tables, contents.tables[:2], strict=True):
        assert key.columns == whole.columns
        assert dict(key.rows) == {name: row for name, row in whole.rows if not name.startswith("  ")}
        assert len(key.rows) < len(whole.rows)


def test_what_ifs_are_statistics_of_the_draws_that_satisfy_them() -> None:
    run = synthetic_run.synthetic()
    table = what_ifs(run, ["growth.rate", "choice_view"])
    assert table is not None
    rows = {name: dict(zip(table.columns, row, strict=True)) for name, row in table.rows}
    counted = run["outcomes"]["standing"].values == 0
    dates = run["outcomes"]["arrival"].sel(milestone="whole").values
    rate, view = run["inputs"]["growth.rate"].values, run["inputs"]["choice_view"].values
    low, high = np.quantile(rate[counted], [1 / 3, 2 / 3], method="inverted_cdf")
    selections = {
        "all draws": counted,
        "view is low bar": counted & (view == 0),
        "view is high bar": counted & (view == 1),
        f"growth: rate is at most {low:.3g} OOM/year": counted & (rate <= low),
        f"growth: rate is at least {high:.3g} OOM/year": counted & (rate >= high),
        "all there has not arrived by the end of 2030": counted & (dates >= 2031.0),
        "all there has not arrived by the end of 2035": counted & (dates >= 2036.0),
    }
    assert set(rows) == set(selections)
    whole = np.quantile(dates[counted], 0.5, method="inverted_cdf")
    for name, chosen in selections.items():
        row = rows[name]
        middle = np.quantile(dates[chosen], 0.5, method="inverted_cdf")
        assert row["median year"].value == middle
        assert row["by 2050"].value == np.mean(dates[chosen] < 2051.0)
        assert float(row["of draws"].text.strip("<>% ")) == pytest.approx(
            100 * chosen.sum() / counted.sum(), abs=0.05
        )
        if name != "all draws":
            assert float(row["shift, years"].text) == pytest.approx(middle - whole, abs=0.05)


def test_published_forecasts_stand_as_their_authors_state_them() -> None:
    table = forecasts_table(synthetic_run.synthetic())
    rows = {name: dict(zip(table.columns, row, strict=True)) for name, row in table.rows}
    # Samotsvety 2023: 31 % by 2030, 63 % by 2050, 81 % by 2100.
    (samotsvety,) = [row for name, row in rows.items() if name.startswith("Samotsvety 2023")]
    assert [samotsvety[f"by {year}"].text for year in (2030, 2050, 2100)] == ["0.31", "0.63", "0.81"]
    assert [samotsvety[f"{p} %"].text for p in (10, 50, 90)] == ["2026", "2041", "2164"]
    assert rows["this run"]["milestone"].text == "all there"


@pytest.mark.slow
def test_a_report_on_several_runs_has_a_chapter_for_each() -> None:
    first, second = synthetic_run.synthetic(), synthetic_run.synthetic(0.05, name="two")
    document = document_of({"one": first, "two": second}, drawn=False)
    assert document.several
    probabilities, dates = document.key_tables
    assert [name for name, _ in probabilities.rows] == ["one: all there", "two: all there"]
    for k, each in enumerate((first, second)):
        assert dates.rows[k][1][3].value == tc.percentiles(each, "whole", [50]).item()
    twin = re.sub(r"\\(.)", r"\1", markdown({"one": first, "two": second}))
    for chapter in document.chapters:
        assert " ".join(chapter.answer) in twin
    with refused("comparison-of-several-runs", "other"):
        document_of({"one": first, "two": second}, drawn=False, other=second)
    with refused("no-runs", "runs"):
        document_of({})


@pytest.mark.slow
def test_the_page_of_several_runs_repeats_no_identifier_and_fetches_nothing() -> None:
    first, second = synthetic_run.synthetic(), synthetic_run.synthetic(0.05, name="two")
    page = Reader(html({"one": first, "two": second}))
    ids = [value for _, key, value in page.attributes if key == "id"]
    assert len(ids) == len(set(ids))
    assert {"r1-conditions", "r2-inputs", "figure-together", "r1-figure-cdf", "r2-table-what_ifs"} <= set(ids)
    links = [value for tag, key, value in page.attributes if (tag, key) == ("a", "href")]
    assert {link.removeprefix("#") for link in links} <= set(ids)
    for _, key, value in page.attributes:
        if key in ("src", "href"):
            assert value.startswith(("data:", "#"))


@pytest.mark.slow
@pytest.mark.skipif(pdf.browser() is None, reason="no browser here")
def test_the_pdf_has_an_outline_and_tags_and_embeds_its_fonts(page: str, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    printed = pdf.print_pdf(path, tmp_path / "report.pdf").read_bytes()
    assert printed.startswith(b"%PDF-")
    for mark in (b"/Outlines", b"/StructTreeRoot", b"/FontFile2"):
        assert mark in printed


def test_without_a_browser_no_pdf_is_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pdf, "BROWSERS", ("no-such-browser",))
    with refused("no-browser", str(tmp_path / "report.pdf")):
        pdf.print_pdf(tmp_path / "report.html", tmp_path / "report.pdf")


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for a browser is a script")
def test_a_browser_that_prints_nothing_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "silent-browser"
    program.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(pdf, "BROWSERS", (str(program),))
    with refused("pdf-not-printed", str(tmp_path / "report.pdf")):
        pdf.print_pdf(tmp_path / "report.html", tmp_path / "report.pdf")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_the_suffix_says_what_is_written(tmp_path: Path, suffix: str) -> None:
    path = save(synthetic_run.synthetic(), tmp_path / "new" / f"page{suffix}")
    first = {".html": "<!DOCTYPE html>", ".md": "### The answer"}[suffix]
    assert path.read_text(encoding="utf-8").startswith(first)


def test_another_suffix_or_a_place_in_the_way_is_refused(tmp_path: Path) -> None:
    run = synthetic_run.synthetic()
    with refused("unknown-page-format", str(tmp_path / "page.pdf"), got=".pdf"):
        save(run, tmp_path / "page.pdf")
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with refused("unwritable-file"):
        save(run, tmp_path / "file" / "page.md")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


@pytest.mark.slow
@pytest.mark.parametrize(("width", "mobile"), [(1280, False), (390, True)], ids=["desktop", "phone"])
def test_a_browser_shows_it(browser: Any, page: str, tmp_path: Path, width: int, mobile: bool) -> None:
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": mobile}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(path.as_uri())
    ask = browser.execute_script
    for part in (*PARTS, *(f"table-{n}" for n in TABLES), *(f"figure-{n}" for n in FIGURES)):
        assert ask(
            "return document.getElementById(arguments[0])?.getBoundingClientRect().height > 0", part
        ), part
    fetched = ask("return performance.getEntriesByType('resource').map(e => e.name)")
    assert [name for name in fetched if not name.startswith("data:")] == []
    assert ask("return [...document.images].every(i => i.complete && i.naturalWidth > 0)")
    # The page itself does not scroll sideways; a wide table does, in its own box.
    assert ask("return innerWidth") == width
    assert ask("return document.documentElement.scrollWidth <= innerWidth")
    inside = """return [...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll, .picture'))
        .every(e => e.getBoundingClientRect().right <= innerWidth + 1)"""
    assert ask(inside)
    wide = "return [...document.querySelectorAll('.scroll')].some(e => e.scrollWidth > e.clientWidth)"
    assert not mobile or ask(wide)
    assert browser.get_log("browser") == []
