"""The explorer in a browser: it moves, is found again, fetches nothing and refuses strangers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import timecone as tc
from timecone.cli.main import main
from timecone.results.tables.arrival import probabilities, years_at_percentiles
from timecone.results.tables.statistics import RunStatistics

pytestmark = pytest.mark.slow

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
# What a browser would otherwise ask the network for by itself is switched off.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
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
PATIENCE = 60.0
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
    if BROWSER is None or DRIVER is None:
        pytest.skip("no chromium and chromedriver here")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        driver.execute_cdp_cmd(
            "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)}
        )
        yield Page(driver)
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The address of an explorer that a process of its own serves."""
    command = [sys.executable, "-m", "timecone", "explore", "--no-browser"]
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
    arguments = ("--static", "--inputs", "automation.gap", "--draws", "1000", "--out", str(path))
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
