"""The examples in the documentation run against what ships, and do what the text says of them."""

from __future__ import annotations

import html
import importlib.util
import re
import shlex
import shutil
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
import numpy as np
import pytest
import typer
from mkdocs.config import load_config
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from scipy import stats

import timecone as tc
from timecone.cli.main import app, main
from timecone.models import find

ROOT = Path(__file__).resolve().parents[2]
# The recipes of the page on extending need what they add: tests/house/test_recipes.py executes them.
PAGES = [ROOT / "README.md", *(p for p in sorted((ROOT / "docs").rglob("*.md")) if p.stem != "extending")]
DOUBLING = "hardware.doubling_time"
DRAWS = 8000
FEW = ("--draws", str(DRAWS))
#: Commands that fit to history for minutes: their arguments are checked here, what they do in tests/cli.
SLOW = ("fit", "update", "backtest")
COMMAND = re.compile(r"^ {4}(?:pip install uv && )?(?:uv run |uvx |pipx run )?timecone (.*)$", re.MULTILINE)


def _blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def _commands(page: Path) -> list[list[str]]:
    """Return the command lines of a page, without ``timecone`` and without remarks."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")  # a line that goes on in the next
    return [shlex.split(line.partition("  #")[0]) for line in COMMAND.findall(text)]


def _module(name: str) -> Any:
    """Return a program of the documentation, such as its hooks."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _with(pages: Callable[[Path], list[Any]]) -> list[Any]:
    return [
        pytest.param(page, id=page.relative_to(ROOT).with_suffix("").as_posix())
        for page in PAGES
        if pages(page)
    ]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shipped scenarios, beside which a reader saves the examples."""
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    shutil.copytree(ROOT / "configs", tmp_path, dirs_exist_ok=True)
    (tmp_path / "trends.csv").write_text("chip,years\na,2.1\nb,\nc,2.4\nd,3.0\n")
    shutil.copytree(ROOT / "docs" / "ledger", tmp_path / "ledger")
    for stored, name in _module("examples").STORED.items():
        shutil.copy(max(ROOT.glob(stored)), tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _saved(page: Path, folder: Path) -> dict[str, tc.Scenario]:
    """Return the scenario files of a page, each saved under its name."""
    found = {}
    for k, block in enumerate(_blocks(page, "toml")):
        # A block that shows one section goes into a file that extends the baseline.
        whole = "extends" in tomllib.loads(block)
        text = block if whole else f'extends = "baseline.toml"\nname = "part"\n{block}'
        path = folder / f"{tomllib.loads(text)['name']}.toml"
        path.write_text(text)
        if k == 0:
            (folder / "my.toml").write_text(text)
        found[path.stem] = tc.load(path)
    return found


@pytest.mark.parametrize("page", _with(lambda page: _blocks(page, "toml")))
def test_the_scenario_files_of_the_pages_load_beside_the_shipped_baseline(
    page: Path, workspace: Path
) -> None:
    baseline = tc.load("configs/baseline.toml")
    scenarios = _saved(page, workspace)
    assert len(scenarios) == len(_blocks(page, "toml"))
    assert not any(scenario.equals(baseline) for scenario in scenarios.values())


def test_the_examples_of_scenarios_do_what_the_page_says(workspace: Path) -> None:
    loaded = _saved(ROOT / "docs" / "reference" / "scenarios.md", workspace)
    drawn = {name: tc.sample(scenario, DRAWS) for name, scenario in loaded.items()}
    months = drawn["hardware-follows-software"]["algorithms.halving_time"] * 12
    years = drawn["hardware-follows-software"][DOUBLING]
    np.testing.assert_allclose(years * 12, 12 + 2 * months, rtol=1e-13)
    experts = loaded["two-experts"]
    assert dict(experts.choices["expert"].weights) == {"ann": 0.6, "bob": 0.4}
    of_bob = drawn["two-experts"]["choice_expert"].values == 1
    assert np.median(drawn["two-experts"][DOUBLING].values[of_bob]) == pytest.approx(2.5, abs=0.1)
    sample = drawn["fitted-hardware"][DOUBLING].values
    assert (sample.min(), sample.max()) == (2.1, 3.0)
    spread = drawn["uncertain-spread"]["spread"].values
    u = drawn["uncertain-spread"]["u"].values
    low, high = (stats.norm.cdf(np.log(bound / 2.1) / spread) for bound in (0.5, 20.0))
    expected = 2.1 * np.exp(spread * stats.norm.ppf(low + u * (high - low)))
    np.testing.assert_allclose(drawn["uncertain-spread"][DOUBLING].values, expected, rtol=1e-6)
    survey = drawn["a-survey-by-year"]["breakthrough"].values
    # The shares at 2027 and beyond 2060, and the one up to 2040.
    shares = [np.mean(survey == 2027.0), np.mean(np.isinf(survey)), np.mean(survey <= 2040.0)]
    np.testing.assert_allclose(shares, [0.02, 0.3, 0.45], atol=0.06)
    own = loaded["own-threshold"]
    assert set(drawn["own-threshold"]["threshold.reference_year"].values) == {2026.0}
    assert "thresholds as published" not in str(own.conditions)


@pytest.mark.parametrize("page", _with(_commands))
def test_every_command_line_of_the_pages_has_arguments_that_the_command_takes(
    page: Path, workspace: Path
) -> None:
    group: Any = typer.main.get_command(app)
    for words in _commands(page):
        command, rest = group, words
        while hasattr(command, "commands"):
            command, rest = command.commands[rest[0]], rest[1:]
        command.make_context(command.name, rest)


@pytest.mark.slow
@pytest.mark.parametrize("page", _with(_commands))
def test_the_command_lines_of_the_pages_run(page: Path, workspace: Path, closed_figures: None) -> None:
    _saved(page, workspace)
    main(["run", "configs/baseline.toml", *FEW, "--quiet"])
    for name, *arguments in _commands(page):
        if name not in SLOW:
            few = FEW if name in {"run", "batch", "compare", "pool"} else ()  # the last --draws counts
            assert main([name, *arguments, *few]) == 0, (name, *arguments)


@pytest.fixture
def small_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every simulation take some thousand draws at most, however many the page says."""
    from timecone.simulation import run

    simulate = run.simulate

    def small(scenario: tc.Scenario, *, draws: int | None = None, **options: Any) -> Any:
        return simulate(scenario, draws=min(draws or DRAWS, DRAWS), **options)

    monkeypatch.setattr(run, "simulate", small)
    monkeypatch.setattr(tc, "simulate", small, raising=False)


@pytest.mark.slow
@pytest.mark.parametrize("page", _with(lambda page: _blocks(page, "python")))
def test_the_python_of_the_pages_runs(
    page: Path, workspace: Path, closed_figures: None, small_draws: None
) -> None:
    _saved(page, workspace)
    names: dict[str, Any] = {}
    # The gallery has more figures than pyplot lets pass without a warning.
    with mpl.rc_context({"figure.max_open_warning": 0}):
        for text in _blocks(page, "python"):
            exec(compile(text, str(page), "exec"), names)  # noqa: S102 - our own pages


@pytest.mark.slow
def test_examples_of_a_page_are_executed_in_order_and_their_output_is_put_in(
    workspace: Path,
    closed_figures: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = """# Page

    timecone check my.toml

<!-- output -->

```python
import timecone as tc

figure = tc.plots.cdf(tc.simulate(tc.load("my.toml"), draws=1000, seed=1))
```

<!-- figure: Arrival by date -->

    timecone check none.toml
"""
    scenario = 'extends = "baseline.toml"\nname = "my"\n'
    Path("my.toml").write_text(scenario)
    assert main(["check", "my.toml"]) == 0
    printed = capsys.readouterr().out.strip()
    page = page.replace("# Page\n", f"# Page\n\n```toml\n{scenario}```\n")
    examples = _module("examples")
    config = load_config(str(ROOT / "mkdocs.yml"))
    source = File("how-to/page.md", config.docs_dir, config.site_dir, use_directory_urls=False)
    files = Files([])
    monkeypatch.setattr(config.plugins, "_current_plugin", None, raising=False)  # as during a build
    filled = examples.on_page_markdown(page, page=Page(None, source, config), config=config, files=files)
    (shown,) = re.findall(r"<pre[^>]*><code>(.*?)</code>", filled, re.DOTALL)
    assert html.unescape(shown) == printed
    assert "[![Arrival by date](../images/page-1.png)](../images/page-1.png)" in filled
    (picture,) = files
    assert picture.src_uri == "images/page-1.png"
    assert picture.content_bytes.startswith(b"\x89PNG")
    # Nothing after the last comment is executed, and a page without one is left as it is.
    assert filled.endswith("    timecone check none.toml\n")
    assert examples.on_page_markdown("# A", page=None, config=None, files=None) == "# A"
    for wrong in ("    timecone check none.toml\n\n<!-- output -->", "<!-- figure: No code -->"):
        with pytest.raises(PluginError):
            examples.on_page_markdown(wrong, page=Page(None, source, config), config=config, files=files)


def test_every_kind_of_figure_is_in_the_gallery() -> None:
    code = "".join(_blocks(ROOT / "docs" / "gallery.md", "python"))
    kinds = [name for name in tc.plots.__all__ if name != "Figure"]
    missing = [f"tc.plots.{name}(" for name in kinds if f"tc.plots.{name}(" not in code]
    assert not missing
    own = [name for drawing in find("compute").figures for name in [drawing.name]]
    assert not [name for name in own if f"figures.{name}(" not in code]
    text = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert code.count("figure = ") == len(re.findall(r"^<!-- figure: .{30,} -->$", text, re.MULTILINE))


def test_pages_of_notebooks_have_their_output_or_say_that_they_have_none(tmp_path: Path) -> None:
    stored, executed = tmp_path / "01_note.ipynb", tmp_path / "executed.ipynb"
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# Title\n\nSee [fit](../docs/explanation/fit.md) and [next](02_other.ipynb)."),
            new_code_cell("draw()"),
        ]
    )
    nbformat.write(notebook, stored)
    pages = _module("notebooks")
    ((name, text),) = pages.notebook_page(stored, executed).items()
    assert name == "01_note.md"
    assert text.startswith("# Title\n")
    assert "Without output" in text
    assert "[fit](../explanation/fit.md) and [next](02_other.md)" in text
    table = '<div><style scoped>x</style><table class="dataframe"><tr><td>7</td></tr></table></div>'
    tree = {"text/html": "<div class='xr-wrap'>wide</div>", "text/plain": "DataTree"}
    notebook.cells[1].outputs = [
        new_output("display_data", data={"image/png": "iVBORw0KGgo=", "text/plain": "Figure"}),
        new_output("execute_result", data={"text/html": table, "text/plain": "7"}),
        new_output("execute_result", data=tree),
    ]
    nbformat.write(notebook, executed)
    (_, text), (picture, content) = pages.notebook_page(stored, executed).items()
    assert "Without output" not in text
    assert f"![Figure drawn by the code above]({picture})" in text
    assert content == b"\x89PNG\r\n\x1a\n"
    assert "<td>7</td>" in text
    assert "DataTree" in text
    assert not [word for word in ("<style", "xr-wrap", "Figure\n") if word in text]
    # An executed notebook of another version is not shown.
    notebook.cells[1].source = "draw(more)"
    nbformat.write(notebook, executed)
    assert "Without output" in pages.notebook_page(stored, executed)["01_note.md"]


def test_every_parameter_of_the_model_is_on_a_page() -> None:
    asked = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for component in {p.name.partition(".")[0] for p in find("compute").parameters}:
        assert f"<!-- table: parameters {component} -->" in asked
    for component in {p.name.partition(".")[0] for p in find("full_takeoff").parameters}:
        assert f"<!-- table: parameters full_takeoff:{component} -->" in asked
    for component in {p.name.partition(".")[0] for p in find("ai_futures").parameters}:
        assert f"<!-- table: parameters ai_futures:{component} -->" in asked


def test_citation_changelog_and_package_agree_on_the_release() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    cited = dict(re.findall(r"^(version|date-released): *(.+)$", citation, re.MULTILINE))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version, when = re.search(r"^## (\S+) \((.+)\)$", changelog, re.MULTILINE).groups()
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    # Without a tag the version is a development version of the next release.
    fallback = tool["hatch"]["version"]["fallback-version"]
    assert cited["version"] == version == fallback.partition(".dev")[0]
    if when == "unreleased":
        assert "date-released" not in cited
    else:
        assert date.fromisoformat(cited["date-released"]) == date.fromisoformat(when)
