"""Output of the examples in the pages: commands and code are executed when the site is built.

A comment ``<!-- output -->`` after an indented command shows what the command prints. A comment
``<!-- figure: ALT TEXT -->`` after a block of Python shows the picture of its variable ``figure``. All
examples of such a page are executed in order, in a temporary folder with the shipped scenarios.
"""

from __future__ import annotations

import html
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from contextlib import chdir
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from timecone.plots.style import house

ROOT: Final = Path(__file__).resolve().parents[1]
#: Characters in a line of a terminal.
COLUMNS: Final = 100
#: Dots per inch of the pictures.
DPI: Final = 110
#: Files that take minutes to make: their places in the repository, and their names in examples.
STORED: Final = {
    "docs/data/backtest.nc": "backtest.nc",
    "docs/data/baseline-*.nc": "baseline.nc",
    "docs/data/baseline-*.csv": "baseline.csv",
}
_MARK = re.compile(r"^<!-- (?P<kind>output|figure)(?:: (?P<alt>[^>]+))? -->$", re.MULTILINE)
_EXAMPLE = re.compile(
    r"^```(?P<language>python|toml)(?:[ ][^\n]*)?\n(?P<block>.*?)^```$"
    r"|^ {4}(?:pip install uv && )?(?:uv run )?timecone (?P<command>(?:[^\n]*\\\n)*[^\n]*)$"
    rf"|{_MARK.pattern}",
    re.DOTALL | re.MULTILINE,
)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Execute the examples of a page that asks for their output, and put it in."""
    if not _MARK.search(markdown):
        return markdown
    with tempfile.TemporaryDirectory() as folder:
        for place in (Path(folder), Path(folder, "configs")):
            shutil.copytree(ROOT / "configs", place, dirs_exist_ok=True)
        shutil.copytree(ROOT / "docs" / "ledger", Path(folder, "ledger"))
        for stored, name in STORED.items():
            shutil.copy(max(ROOT.glob(stored)), Path(folder, name))
        with chdir(folder), mpl.rc_context({"backend": "agg"}):
            return _Examples(page, config, files).filled(markdown)


class _Examples:
    """The examples of a page, executed in their order."""

    def __init__(self, page: Page, config: MkDocsConfig, files: Files) -> None:
        self.page, self.config, self.files = page, config, files
        self.names: dict[str, Any] = {}
        self.printed = ""
        self.figures = 0

    def filled(self, markdown: str) -> str:
        """Return the page with the output of its examples, as far as one is asked for."""
        last = [mark.end() for mark in _MARK.finditer(markdown)][-1]
        done, parts = 0, []
        for example in _EXAMPLE.finditer(markdown, 0, last):
            parts.append(markdown[done : example.start()])
            parts.append(self._executed(example))
            done = example.end()
        return "".join([*parts, markdown[done:]])

    def _executed(self, example: re.Match[str]) -> str:
        if example["kind"] == "output":
            return f'<pre class="output" tabindex="0"><code>{html.escape(self.printed.rstrip())}</code></pre>'
        if example["kind"] == "figure":
            return self._picture(example["alt"])
        if example["command"] is not None:
            self.printed = self._run(example["command"])
        elif example["language"] == "toml":
            name = tomllib.loads(example["block"]).get("name")
            if name is not None:
                Path(f"{name}.toml").write_text(example["block"], encoding="utf-8")
        else:
            exec(compile(example["block"], self.page.file.src_uri, "exec"), self.names)  # noqa: S102 - our own pages
        return example[0]

    def _run(self, command: str) -> str:
        words = shlex.split(command.replace("\\\n", " ").partition("  #")[0])
        done = subprocess.run(
            [sys.executable, "-m", "timecone", *words],
            env=os.environ | {"COLUMNS": str(COLUMNS), "TERM": "dumb", "NO_COLOR": "1", "MPLBACKEND": "agg"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise PluginError(f"{self.page.file.src_uri}: timecone {command}: {done.stderr}")
        return done.stdout

    def _picture(self, alt: str | None) -> str:
        if not alt:
            raise PluginError(f"{self.page.file.src_uri}: a figure without its text: <!-- figure: TEXT -->")
        figure = self.names.pop("figure", None)
        if figure is None:
            raise PluginError(f"{self.page.file.src_uri}: no variable 'figure' before: {alt}")
        self.figures += 1
        name = f"{self.page.file.name}-{self.figures}.png"
        uri = f"images/{name}"
        Path(name).parent.mkdir(exist_ok=True)
        with house():
            figure.figure.savefig(name, dpi=DPI)
        figure.close()
        self.files.append(File.generated(self.config, uri, content=Path(name).read_bytes()))
        up = "../" * self.page.file.src_uri.count("/")
        # The picture leads to itself: on a telephone its text is small.
        return f"[![{alt.strip()}]({up}{uri})]({up}{uri})"
