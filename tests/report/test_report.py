"""The page: every part is there, every word is shown as it is, nothing is fetched, and it fits a phone."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import xarray as xr
from matplotlib import pyplot as plt

import synthetic_run
from hostile_run import WORDS, hostile
from refusals import refused
from timecone.cli.model_figures import model_drawings
from timecone.report.content import gather
from timecone.report.page import html, markdown, save
from timecone.results.tables.run_tables import tables_of
from timecone.results.tables.statistics import RunStatistics

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
PARTS = ("headline", "tables", "accounts", "figures", "inputs", "cite", "drivers")
TABLES = ("probabilities", "percentiles", "takeoff_duration", "extras", "choices")
FIGURES = ("cdf", "density", "threshold", "duration", "joint", "decomposition", "inputs", "tornado")
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
    assert all(alternatives)


def test_hostile_words_are_shown_as_they_are(read: Reader) -> None:
    assert "script" not in read.tags
    text = "".join(read.texts)
    # Title twice, conditions, definition, labels of both milestones in tables, sources, scenario.
    assert text.count(WORDS) > 20
    assert not set(read.tags) & {"iframe", "object", "embed", "form", "a", "base", "svg"}


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
    text = html(small_run, more=own)
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


def test_the_headline_is_a_sentence_of_the_tables() -> None:
    found = gather(synthetic_run.synthetic(), drawn=False)
    years = dict(found.tables[1].rows)["all there"]
    at = dict(zip(found.tables[1].columns, years, strict=True))
    assert found.headline.startswith(f"all there: median {at['50'].text}, 80 % interval {at['10'].text} to")
    assert "by 2035" in found.headline
    assert "not by 2080" in found.headline


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_the_suffix_says_what_is_written(tmp_path: Path, suffix: str) -> None:
    path = save(synthetic_run.synthetic(), tmp_path / "new" / f"page{suffix}")
    assert path.read_text(encoding="utf-8").startswith({".html": "<!DOCTYPE html>", ".md": "## "}[suffix])


def test_another_suffix_or_a_place_in_the_way_is_refused(tmp_path: Path) -> None:
    run = synthetic_run.synthetic()
    with refused("unknown-page-format", str(tmp_path / "page.pdf"), got=".pdf"):
        save(run, tmp_path / "page.pdf")
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with refused("unwritable-file"):
        save(run, tmp_path / "file" / "page.md")


# What a browser would otherwise ask the network for by itself is switched off.
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage")  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    if BROWSER is None or DRIVER is None:
        pytest.skip("no chromium and chromedriver here")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


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
