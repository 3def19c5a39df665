"""The style checker finds planted faults, and nothing in prose that keeps the rules."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLEAN = """# Title

The model gives the date of arrival. If the file states a limit, the date moves; otherwise it does not.

| `beside` | a cell with | more | words |
|---|---|---|---|

    timecone run beside.toml  # unasked

```python
x = "in order to"
```

- Items may be short.
- $E = mc^2$ is not prose, nor is `beside`.
"""
#: A fault in one line of a page, and a part of the reason.
PLANTED = {
    "The table beside the figure has the numbers.": "next to",
    "A powerful model of the world.": "self-praise",
    "There are numbers, some of them large.": "pronouns",
    "The value is no number.": "negated noun",
    "The definition stands below the table.": "texts do not stand",
    "We run it in order to know.": "to",
    "## What the run has": "title",
    " ".join(["word"] * 46) + ".": "46 words",
    "If it rains, unless it snows, and whether or not it hails, it is wet, although warm.": "4 conditions",
    "This is a very unique model.": "uncomparables",
    "| whoever | reads it |": "anyone who",
}


@pytest.fixture(scope="module")
def style() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_prose", ROOT / "docs" / "prose.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_planted_faults_are_found_on_their_lines(style: ModuleType) -> None:
    assert list(style.faults(CLEAN)) == []
    for fault, reason in PLANTED.items():
        for page in (f"{CLEAN}\n{fault}\n", f"{CLEAN}\n{'' if fault[0] in '#|' else '- '}{fault}\n"):
            lines = [number for number, line in enumerate(page.splitlines(), 1) if fault in line]
            reported = [(f.line, f"{f.text} {f.reason}") for f in style.faults(page)]
            assert {line for line, _ in reported} == set(lines), (fault, reported)
            assert any(reason in text for _, text in reported), (fault, reported)


def test_the_command_fails_on_a_page_with_a_fault(
    style: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\nThe table beside it.\n", encoding="utf-8")
    assert style.main([str(page)]) == 1
    assert capsys.readouterr().out == f"{page}:3: 'beside': next to, with, besides\n"
    page.write_text("# Page\n\nThe table next to it.\n", encoding="utf-8")
    assert style.main([str(page)]) == 0


def test_only_the_newest_release_of_the_changelog_is_read(style: ModuleType) -> None:
    text = "# Changelog\n\n## 2.0\n\nNew.\n\n## 1.0\n\nThe table beside it.\n"
    assert list(style.faults(style.latest(text))) == []
    assert len(list(style.faults(text))) == 1
    # Entries of a changelog may be long lists.
    assert list(style.faults(" ".join(["word"] * 60), sentences=False)) == []


@pytest.mark.slow
def test_every_page_keeps_the_style(style: ModuleType) -> None:
    changed = {path: path.read_text(encoding="utf-8") for path in style.pages() if path.stem != "CHANGELOG"}
    assert len(changed) > 40
    offences = [
        f"{path.relative_to(ROOT)}:{fault.line}: {fault.text}: {fault.reason}"
        for path, text in changed.items()
        for fault in style.faults(text)
    ]
    assert not offences
