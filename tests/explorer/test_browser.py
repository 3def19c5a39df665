"""The explorer in a browser: it moves, is found again, fetches nothing and refuses strangers."""

from __future__ import annotations

import csv
import json
import math
import re
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

import timecone as tc
from chromium import chromium
from hostile_addresses import FILES
from timecone.cli.main import main
from timecone.explorer.scenario_file import Base, scenario_of
from timecone.explorer.state import State
from timecone.results.tables.arrival import probabilities, years_at_percentiles
from timecone.results.tables.statistics import RunStatistics

pytestmark = pytest.mark.slow

#: The page stands in the shadow tree of Panel's component.
PAGE = """
const trees = [document];
while (trees.length) {
  const tree = trees.pop(), page = tree.querySelector(".timecone");
  if (page) return page;
  for (const element of tree.querySelectorAll("*")) if (element.shadowRoot) trees.push(element.shadowRoot);
}
return null;
"""
TEXTS = """
const texts = (selector) => [...arguments[0].querySelectorAll(selector)].map((e) => e.textContent);
return {big: texts(".big strong"), shift: texts(".shift"), cells: texts("td"), alert: texts(".alert")};
"""
# Long enough to compile the kernels of a model on a busy machine.
PATIENCE = 240.0
#: Draws of the run on request.
MANY = 30_000
MOVES = (
    ("automation.gap", 30),
    ("threshold.requirement@full_takeoff", 25),
    ("choice:threshold", 15),
)


class Page:
    """The page in a browser."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    @property
    def element(self) -> Any:
        return self.driver.execute_script(PAGE)

    def open(self, url: str) -> dict[str, list[str]]:
        self.driver.get(url)
        return self.settled(lambda: True)

    def state(self) -> tuple[str, str]:
        ask = (
            "const p = arguments[0]; return p ? [p.dataset.state ?? '', p.dataset.answered ?? ''] : ['', '']"
        )
        return tuple(self.driver.execute_script(ask, self.element))

    def settled(self, when: Callable[[], bool]) -> dict[str, list[str]]:
        """Wait until the page has its answer and a condition holds; return its texts."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.state()[0] in ("ready", "refused") and when():
                return self.texts()
            time.sleep(0.05)
        raise AssertionError(f"no answer: {self.state()}, {self.driver.get_log('browser')}")

    def texts(self) -> dict[str, list[str]]:
        return self.driver.execute_script(TEXTS, self.element)

    def find(self, selector: str) -> Any:
        return self.element.find_element("css selector", selector)

    def press(self, text: str) -> None:
        (button,) = [b for b in self.element.find_elements("css selector", ".tools button") if b.text == text]
        button.click()

    def move(self, key: str, steps: int) -> None:
        """Move the first handle of a control with the keyboard, and wait for the answer."""
        from selenium.webdriver.common.keys import Keys

        before, name = self.driver.current_url, key.partition("@")[0]
        self.find(f'[data-key="{key}"] input[type="range"]').send_keys(Keys.ARROW_RIGHT * steps)
        self.settled(lambda: self.driver.current_url != before and name in self.driver.current_url)


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, downloads: Path) -> Iterator[Page]:
    logs = {"goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"}}
    with chromium(tmp_path_factory.mktemp("browser"), logs) as driver:
        driver.execute_cdp_cmd(
            "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)}
        )
        yield Page(driver)


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The address of an explorer that a process of its own serves."""
    command = [sys.executable, "-m", "timecone", "explore", "--no-browser", "--draws", f"{MANY}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            yield re.match(r"http://127\.0\.0\.1:\d+/", line)[0]
        finally:
            process.stdout.close()  # as when whoever started it has gone
            process.terminate()
            assert process.wait(timeout=30) == 0


def _resize(driver: Any, width: int, *, mobile: bool) -> None:
    size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": mobile}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def _asked_for(driver: Any) -> list[str]:
    """Return every address that the browser has asked for since it was last asked, but its own pages."""
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    urls += [e["params"]["url"] for e in events if e["method"] == "Network.webSocketCreated"]
    return [url for url in urls if not url.startswith(("chrome:", "data:"))]


def _fits(driver: Any, width: int) -> None:
    assert driver.execute_script("return innerWidth") == width
    assert driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    inside = """return [...arguments[0].querySelectorAll('*')].filter(e => !e.closest('.scroll, svg, dialog'))
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 120))"""
    assert driver.execute_script(inside, driver.execute_script(PAGE)) == []


def test_three_sliders_a_reload_and_the_command_line_agree(
    page: Page, served: str, downloads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    driver = page.driver
    _resize(driver, 1280, mobile=False)
    driver.get_log("performance")
    unmoved = page.open(served)
    for key, steps in MOVES:
        page.move(key, steps)
    moved, address = page.texts(), driver.current_url
    assert moved["cells"] != unmoved["cells"]
    assert "later" in moved["shift"][0] or "earlier" in moved["shift"][0]
    # Every address asked for is the server's own.
    own = (served, served.replace("http", "ws"), f"blob:{served}")
    assert [url for url in _asked_for(driver) if not url.startswith(own)] == []
    assert page.open(address) == moved
    # The file of the page, run on the command line.
    page.find("button[title^='A TOML']").click()
    file = downloads / "baseline-explored.toml"
    end = time.monotonic() + 30.0
    while not file.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert main(["run", str(file), "--out", str(tmp_path / "run"), "--quiet"]) == 0
    statistics = RunStatistics(tc.open_run(tmp_path / "run" / "run.nc"))
    tables = (probabilities(statistics), years_at_percentiles(statistics))
    assert moved["cells"] == [cell.text for table in tables for _, cells in table.rows for cell in cells]
    # Undone and done again; put back whole.
    page.press("Reset")
    assert page.settled(lambda: page.driver.current_url != address)["cells"] == unmoved["cells"]
    page.press("Undo")
    assert page.settled(lambda: "automation" in page.driver.current_url)["cells"] == moved["cells"]
    assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []


#: Presets of other models.
OTHERS = (
    "software_explosion/davidson_2025",
    "ai2027/time_horizon_eli",
    "horizon/eli_2026_08",
    "full_takeoff/monte_carlo_2022",
)
CURVES = """
return [...arguments[0].querySelectorAll("[data-figure='cdf'] g path")].map((e) => e.getAttribute("d"));
"""
FIRST_SLIDER = """
const page = arguments[0], of = (selector) => page.querySelector(`details[open] .control ${selector}`);
return (of(".range:not(.single)") ?? of(".range")).closest(".control").dataset.key;
"""
FOCUS = """
let element = document.activeElement;
while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
return element;
"""


def _choose(page: Page, preset: str) -> None:
    """Choose a preset in the menu, and wait for its answer."""
    from selenium.webdriver.support.ui import Select

    Select(page.find(".tools select")).select_by_value(preset)
    page.settled(lambda: f"scenario={preset}" in page.driver.current_url)


def test_presets_of_other_models_move(page: Page, served: str) -> None:
    _resize(page.driver, 1280, mobile=False)
    page.open(served)
    titles = set()
    for preset in OTHERS:
        _choose(page, preset)
        titles.add(page.find("h1").text)
        assert [text for text in page.texts()["alert"] if text] == [], preset
        before = page.driver.execute_script(CURVES, page.element)
        page.move(page.driver.execute_script(FIRST_SLIDER, page.element), 60)
        after, shift = page.driver.execute_script(CURVES, page.element), page.texts()["shift"][0]
        # The ghost is the curve as it was, and a curve that has moved lies over it.
        assert len(after) == 2 * len(before), preset
        assert after[: len(before)] == before, preset
        assert after[len(before) :] != before, preset
        assert "was" in shift, (preset, shift)
        moved = page.find(".moved-inputs li").text
        assert "was" in moved, (preset, moved)
    assert len(titles) == len(OTHERS)
    assert [entry for entry in page.driver.get_log("browser") if entry["level"] == "SEVERE"] == []


def _fits_shown(page: Page) -> list[Any]:
    """Press Fit, and return the fits once they are there."""
    (button,) = [b for b in page.element.find_elements("css selector", "dialog button") if b.text == "Fit"]
    button.click()
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if fits := page.element.find_elements("css selector", "dialog .fit"):
            return fits
        time.sleep(0.05)
    raise AssertionError("no fit is shown")


def test_a_distribution_of_ones_own_by_quantiles_and_by_chips(page: Page, served: str) -> None:
    from selenium.webdriver.support.ui import Select

    _resize(page.driver, 1280, mobile=False)
    page.open(served)
    page.find("[data-key='automation.gap'] button[aria-label^='Enter your own']").click()
    stated = dict(zip((0.05, 0.25, 0.5, 0.75, 0.95), (1.0, 2.0, 3.0, 4.5, 9.0), strict=True))
    for field, value in zip(
        page.element.find_elements("css selector", "dialog .grid input"), stated.values(), strict=True
    ):
        field.clear()
        field.send_keys(f"{value:g}")
    *_, exact = _fits_shown(page)
    table = tomllib.loads(exact.find_element("css selector", "pre").text)
    arguments = {key: value for key, value in table.items() if key != "distribution"}
    distribution = tc.Distribution(table["distribution"], arguments)
    assert distribution.ppf(list(stated)).tolist() == pytest.approx(list(stated.values()))
    exact.find_element("css selector", "button").click()
    page.settled(lambda: "automation.gap=percentiles" in page.driver.current_url)
    assert not page.find("dialog").is_displayed()
    assert "percentiles" in page.find("[data-key='automation.gap'] .stated").text
    by_quantiles = page.texts()["shift"]
    # The same input again, by chips; first too few of them.
    page.find("[data-key='automation.gap'] button[aria-label^='Enter your own']").click()
    Select(page.find("dialog select")).select_by_value("chips")
    (fit,) = [b for b in page.element.find_elements("css selector", "dialog button") if b.text == "Fit"]
    fit.click()
    end = time.monotonic() + PATIENCE
    while not page.find("dialog .alert").is_displayed() and time.monotonic() < end:
        time.sleep(0.05)
    assert "chips" in page.find("dialog .alert").text
    for place, chips in ((2, 2), (3, 4), (4, 3), (6, 1)):
        for _ in range(chips):
            page.element.find_elements("css selector", "dialog .plus")[place].click()
    assert "10 chips" in page.find("dialog [aria-live]").text
    first, *_ = _fits_shown(page)
    family = first.find_element("css selector", "strong").text
    first.find_element("css selector", "button").click()
    page.settled(lambda: f"automation.gap={family}" in page.driver.current_url)
    assert page.texts()["shift"] != by_quantiles


def test_more_draws_on_request(page: Page, served: str) -> None:
    _resize(page.driver, 1280, mobile=False)
    page.open(f"{served}?automation.gap=2~9")
    quick = page.texts()
    page.driver.execute_script(
        """
        const bar = arguments[0].querySelector("progress");
        window.shown = false;
        new MutationObserver(() => { window.shown ||= !bar.hidden; }).observe(bar, {attributes: true});
        """,
        page.element,
    )
    page.press(f"{MANY:,} draws")
    after = page.settled(lambda: page.find(".busy").text.startswith(f"{MANY:,} draws"))
    assert page.driver.execute_script("return window.shown")
    assert not page.find("progress").is_displayed()
    assert after["cells"] != quick["cells"]
    # The same move as ends of percentiles whose middle keeps its place on the logarithmic scale.
    middle = 2.0 * (9.0 / 2.0) ** (math.log(4.0) / math.log(8.0))
    gap = tc.Distribution(
        "percentiles", {"space": "log", "p05": 2.0, "p50": float(f"{middle:.7g}"), "p95": 9.0}, unit="OOM"
    )
    run = tc.simulate(tc.load("baseline").replace({"automation.gap": gap}), draws=MANY, paths=0)
    expected = probabilities(RunStatistics(run))
    assert after["cells"][: sum(len(cells) for _, cells in expected.rows)] == [
        cell.text for _, cells in expected.rows for cell in cells
    ]


def _downloaded(downloads: Path, name: str) -> Path:
    end = time.monotonic() + 30.0
    while time.monotonic() < end:
        path = downloads / name
        if path.exists() and path.stat().st_size:
            return path
        time.sleep(0.05)
    raise AssertionError(f"{name} did not arrive: {[p.name for p in downloads.iterdir()]}")


def _curve_of(svg: ET.Element, year: float) -> float:
    """Return where the headline's curve stands at a date, read off the axes of the drawing."""
    space = "{http://www.w3.org/2000/svg}"
    years = sorted(
        (float(text.text or ""), float(text.get("x", "nan")))
        for text in svg.iter(f"{space}text")
        if re.fullmatch(r"2\d\d\d", text.text or "")
    )
    # Grid lines at probabilities 0 to 1 in steps of a fifth.
    lines = [line for line in svg.iter(f"{space}line") if line.get("stroke") == "#ececec"]
    grid = {float(line.get("y1", "nan")) for line in lines if line.get("y1") == line.get("y2")}
    assert len(grid) == 6
    bottom, top = max(grid), min(grid)
    (curve,) = [p for p in svg.iter(f"{space}path") if p.get("stroke-width") == "3"]
    points = np.array(
        [[float(n) for n in pair.split(",")] for pair in re.split("[ML]", curve.get("d", ""))[1:]]
    )
    at = np.interp(year, *zip(*years, strict=True))
    level = np.interp(at, points[:, 0], points[:, 1])
    return float((level - bottom) / (top - bottom))


def test_figures_and_tables_are_saved_as_shown(page: Page, served: str, downloads: Path) -> None:
    _resize(page.driver, 1280, mobile=False)
    texts = page.open(f"{served}?automation.gap=2.1~9.1")
    run_id = page.find(".busy").text.rsplit(" ", 1)[1]
    for button in page.element.find_elements("css selector", "figure .head button, .tables .head button"):
        button.click()
        time.sleep(0.2)  # the browser takes no two downloads at once
    shown = {}
    for name in ("cdf", "fan", "duration", "tornado"):
        svg = ET.parse(_downloaded(downloads, f"baseline-{name}.svg")).getroot()  # noqa: S314 - our own
        shown[name] = svg
        assert run_id in " ".join(text.text or "" for text in svg.iter())
        with Image.open(_downloaded(downloads, f"baseline-{name}.png")) as image:
            image.load()
            assert image.width == 2 * float(svg.get("width", "nan"))
            assert image.height == 2 * float(svg.get("height", "nan"))
            assert len(image.convert("L").getcolors() or []) > 20, name  # drawn, and not blank
    rows = []
    for name in ("probabilities", "percentiles"):
        with _downloaded(downloads, f"baseline-{name}.csv").open(encoding="utf-8", newline="") as file:
            head, *body, source = csv.reader(file)
        assert source == ["source", f"timecone run {run_id}"]
        rows.append([dict(zip(head, row, strict=True)) for row in body])
    cells = [row[key] for table in rows for row in table for key in list(row)[1::2]]
    assert cells == texts["cells"]
    (headline,) = [row for row in rows[0] if row["by the end of"] == "TAI"]
    for year in (2030, 2035, 2050):
        assert _curve_of(shown["cdf"], year + 1.0) == pytest.approx(float(headline[str(year)]), abs=0.006)


def test_files_are_read_and_hostile_ones_refused(
    page: Page, served: str, downloads: Path, tmp_path: Path
) -> None:
    _resize(page.driver, 1280, mobile=False)
    weights = "choice:threshold=bio_anchors:0.5,direct_approach:0.25,full_takeoff:0.25"
    moved = page.open(f"{served}?hardware.headroom=1.3~5.2&component:pause=off&{weights}")
    address = page.driver.current_url
    (downloads / "baseline-explored.toml").unlink(missing_ok=True)
    page.find("button[title^='A TOML']").click()
    good = _downloaded(downloads, "baseline-explored.toml")
    page.open(served)
    page.find("input[type='file']").send_keys(str(good))
    assert page.settled(lambda: "hardware.headroom" in page.driver.current_url)["cells"] == moved["cells"]
    assert page.driver.current_url == address
    assert "read" in page.find(".note").text
    for k, text in enumerate(FILES[:12]):
        bad = tmp_path / f"bad{k}.toml"
        bad.write_text(text, encoding="utf-8", errors="surrogatepass")
        page.find("input[type='file']").send_keys(str(bad))
        page.settled(lambda: page.find(".alert").is_displayed())
        line = page.find(".alert").text
        assert "\n" not in line, text
        assert "Internal" not in line, text
        assert page.state()[0] == "refused", text
        assert page.driver.current_url == address, text
    assert page.texts()["cells"] == moved["cells"]
    none = "return arguments[0].querySelectorAll('img, script').length"
    assert page.driver.execute_script(none, page.element) == 0


def test_the_keyboard_alone_moves_undoes_and_states(page: Page, served: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    def press(*keys: str) -> None:
        chain = ActionChains(page.driver)
        for key in keys:
            chain = chain.send_keys(key)
        chain.perform()

    def control(key: str) -> None:
        ActionChains(page.driver).key_down(Keys.CONTROL).send_keys(key).key_up(Keys.CONTROL).perform()

    def tab_to(label: str) -> Any:
        for _ in range(80):
            press(Keys.TAB)
            focused = page.driver.execute_script(FOCUS)
            name = focused.get_attribute("aria-label") or focused.text
            if label in name:
                outline = focused.value_of_css_property("outline-style")
                assert outline != "none" or focused.get_attribute("type") == "range", label
                return focused
        raise AssertionError(f"Tab does not reach {label}")

    driver = page.driver
    _resize(driver, 1280, mobile=False)
    unmoved = page.open(served)
    start = driver.current_url
    tab_to("Find an input")
    press(*"automation.gap")
    tab_to("Enter your own distribution of automation: gap")
    press(Keys.ENTER)
    assert page.find("dialog").is_displayed()
    press(Keys.ESCAPE)
    assert not page.find("dialog").is_displayed()
    tab_to("gap, P5")
    press(*[Keys.ARROW_RIGHT] * 25)
    moved = page.settled(lambda: "automation.gap" in driver.current_url)
    address = driver.current_url
    assert moved["cells"] != unmoved["cells"]
    while driver.current_url != start:
        before = driver.current_url
        control("z")
        page.settled(lambda before=before: driver.current_url != before)  # type: ignore[misc]
    assert page.texts()["cells"] == unmoved["cells"]
    while driver.current_url != address:
        before = driver.current_url
        control("y")
        page.settled(lambda before=before: driver.current_url != before)  # type: ignore[misc]
    assert page.texts()["cells"] == moved["cells"]


@pytest.mark.parametrize(("width", "mobile"), [(1280, False), (390, True)], ids=["desktop", "phone"])
def test_it_fits_the_window(page: Page, served: str, width: int, mobile: bool) -> None:
    _resize(page.driver, width, mobile=mobile)
    page.open(f"{served}?automation.gap=2~9")
    for name in ("cdf", "fan", "duration", "tornado"):
        assert page.find(f"[data-figure='{name}'] .drawing svg").size["height"] > 200, name
    _fits(page.driver, width)


def test_every_control_and_button_has_a_name(page: Page, served: str) -> None:
    _resize(page.driver, 1280, mobile=False)
    page.open(served)
    nameless = """return [...arguments[0].querySelectorAll('input, button, select')].filter(e => !e.hidden
        && !(e.ariaLabel || e.textContent.trim() || e.closest('label'))).map(e => e.outerHTML.slice(0, 99))"""
    assert page.driver.execute_script(nameless, page.element) == []


@pytest.mark.parametrize(
    "query",
    [
        "scenario=../../etc/passwd",
        "scenario=%3Cscript%3Ealert(1)%3C/script%3E",
        "hardware.headroom=__import__('os')",
        "hardware.headroom=2~1",
        "choice:threshold=bio_anchors:1",
        "component:pause=%3Cimg%20src=x%20onerror=alert(1)%3E",
        "x=" + "1" * 9000,
    ],
)
def test_a_hostile_address_is_refused_in_one_line(page: Page, served: str, query: str) -> None:
    texts = page.open(f"{served}?{query}")
    (alert, *_) = [text for text in texts["alert"] if text]
    assert "\n" not in alert
    assert "Internal" not in alert
    assert page.find(".alert").is_displayed()
    # The scenario is there all the same, and nothing of the address became an element.
    assert texts["big"]
    assert (
        page.driver.execute_script("return arguments[0].querySelectorAll('img, script').length", page.element)
        == 0
    )


def test_another_origin_cannot_connect(served: str) -> None:
    request = urllib.request.Request(f"{served}ws")  # noqa: S310 - our own server
    for key, value in {
        "Origin": "http://example.org",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }.items():
        request.add_header(key, value)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=30)  # noqa: S310 - our own server
    caught.value.close()
    assert caught.value.code in (400, 403)


@pytest.mark.parametrize(("width", "mobile"), [(1280, False), (390, True)], ids=["desktop", "phone"])
def test_the_static_page_moves_without_a_network(
    page: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str], width: int, mobile: bool
) -> None:
    from selenium.webdriver.common.keys import Keys

    path = tmp_path / "page.html"
    # On the telephone a weight.
    inputs = "choice:threshold@bio_anchors" if mobile else "automation.gap"
    arguments = ("--static", "--inputs", inputs, "--draws", "1000", "--out", str(path))
    assert main(["explore", "baseline", *arguments]) == 0
    assert path.stat().st_size < 1_000_000
    driver = page.driver
    _resize(driver, width, mobile=mobile)
    driver.get_log("performance")
    before = page.open(path.as_uri())
    page.find("input[type='range']").send_keys(Keys.ARROW_RIGHT * 60)
    after = page.settled(lambda: page.texts()["cells"] != before["cells"])
    assert "was" in after["shift"][0]
    assert _asked_for(driver) == [path.as_uri()]
    _fits(driver, width)
    if mobile:
        # All weight on one value is a run of its own.
        page.find("input[type='range']").send_keys(Keys.END)
        cells = page.settled(lambda: page.texts()["cells"] != after["cells"])["cells"]
        base = Base.open("baseline")
        alone = {value: float(value == "bio_anchors") for value in base.controls.weights["threshold"].weights}
        run = tc.simulate(
            scenario_of(State("baseline", weights={"threshold": alone}), base), draws=1000, paths=0
        )
        (expected,) = tc.probability_by(run, "tai", [2035]).values
        names = [e.text for e in page.element.find_elements("css selector", "tbody th")]
        columns = [
            e.text for e in page.element.find_elements("css selector", ".tables > div:first-child thead th")
        ]
        shown = cells[names.index("TAI") * (len(columns) - 1) + columns.index("2035") - 1]
        assert float(shown) == pytest.approx(float(expected), abs=0.006)


def test_a_page_on_another_loopback_address_connects(page: Page) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6 here")
    command = [sys.executable, "-m", "timecone", "explore", "open_loop", "--no-browser", "--host", "::1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stderr
            (address,) = re.findall(r"http://\[::1\]:\d+/", process.stdout.readline())
            _resize(page.driver, 1280, mobile=False)
            assert page.open(address)["big"]
        finally:
            process.terminate()
            rest = process.communicate(timeout=30)
    # It is this machine alone: there is no warning.
    assert "warning" not in rest[1]
