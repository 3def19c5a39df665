"""The command that sets published forecasts beside ours: tables, formats, exit codes, figure, page."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest

import published
from timecone.cli.main import main
from timecone.published.comparison import compare_published
from timecone.published.file import published_files
from timecone.published.tables import label, markdown_sections
from timecone.results.tables.layout import escaped

ROOT = Path(__file__).resolve().parents[2]
PAST = ("hernandez_2023", "longest_training_run_2022")


def test_figures_stand_beside_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["published", *PAST]) == 0
    printed = capsys.readouterr()
    assert "38500 ± 1500" in printed.out
    assert "7 figures" not in printed.out
    assert "6 figures of 2 forecasts: 6 agree." in printed.out
    assert [line for line in printed.err.splitlines() if "of 2" in line] == [
        "timecone: hernandez_2023, 1 of 2",
        "timecone: longest_training_run_2022, 2 of 2",
    ]


def test_the_formats_hold_the_same_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["published", *PAST, "--format", "csv", "-q"]) == 0
    table = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert main(["published", *PAST, "--json", "-q"]) == 0
    ours = [row["ours"] for row in json.loads(capsys.readouterr().out)]
    assert ours == pytest.approx(table["ours"].tolist(), rel=1e-9)
    assert table["difference"].tolist() == pytest.approx((table["ours"] - table["theirs"]).tolist())
    assert main(["published", *PAST, "--format", "markdown"]) == 0
    page = capsys.readouterr().out
    assert page.count("| agrees |") == 6
    assert "### Hernandez 2023" in page


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = (ROOT / "configs" / "published" / "hernandez_2023.toml").read_text("utf-8")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(source.replace("value = 8\n", "value = 9\n"), encoding="utf-8")
    assert main(["published", str(wrong), "-q"]) == 1
    assert capsys.readouterr().out == ""
    broken = tmp_path / "broken.toml"
    broken.write_text(source.replace("statistic", "statistics"), encoding="utf-8")
    for arguments in ([str(broken)], ["hernandez"], ["baseline"], ["cotra_2020", "--format", "html"]):
        assert main(["published", *arguments]) == 2, arguments
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert main(["published", *PAST, "--format", "csv", "--json"]) == 2


def test_an_open_difference_is_printed_and_is_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (ROOT / "configs" / "published" / "hernandez_2023.toml").read_text("utf-8")
    path = tmp_path / "open.toml"
    opened = 'value = 9\nopen = "his trend is not stated"\ndifference = -1\n'
    path.write_text(source.replace("value = 8\n", opened), encoding="utf-8")
    assert main(["published", str(path), "--format", "markdown"]) == 0
    page = capsys.readouterr().out
    assert "3 figures of 1 forecasts: 2 agree, 1 open." in page
    assert "| differs, cause open |" in page
    assert "- Open: his trend is not stated." in page
    path.write_text(path.read_text("utf-8").replace("difference = -1", "difference = -2"), encoding="utf-8")
    assert main(["published", str(path), "-q"]) == 1


@pytest.mark.usefixtures("closed_figures")
def test_the_plot_draws_what_has_a_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "all.svg"
    assert main(["published", "cotra_2020", "hernandez_2023", "-n", "500", "--plot", str(out)]) in (0, 1)
    text = out.read_text(encoding="utf-8")
    assert "Cotra 2020, as replicated" in text
    assert "Hernandez" not in text
    assert str(out) in capsys.readouterr().out


def _sections() -> dict[str, list[list[str]]]:
    """Return the rows of the page's tables by the name of their file."""
    page = (ROOT / "docs" / "published.md").read_text("utf-8")
    figures = page.partition(published.BEGIN)[2].partition("\n## ")[0]
    sections = {}
    for part in figures.split("\n### ")[1:]:
        name = re.search(r"`(\w+)`(?:, [\d,]+ draws)?\.\n", part)
        assert name is not None, part[:80]
        rows = [line for line in part.splitlines() if line.startswith("|")][2:]
        sections[name[1]] = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return sections


def test_the_page_has_every_figure_of_every_file() -> None:
    sections = _sections()
    files = published_files()
    assert list(sections) == [file.name for file in files]
    for file in files:
        rows = [row for row in sections[file.name] if row[1]]
        assert [row[0] for row in rows] == [escaped(label(each, file)) for each in file.published.figures], (
            file.name
        )
        for row, figure in zip(rows, file.published.figures, strict=True):
            stated = figure.value if figure.above is None else figure.above
            assert float(row[1].lstrip("\\>").split()[0]) == pytest.approx(stated, rel=5e-3), file.name
            expected = {"differs, cause open"} if figure.open else {"agrees", "explained"}
            assert row[4] in expected, (file.name, row)


def test_the_page_is_what_the_command_gives_for_figures_of_the_past() -> None:
    files = [file for file in published_files() if file.scenario is None]
    page = (ROOT / "docs" / "published.md").read_text("utf-8")
    for file in files:
        made = markdown_sections([compare_published(file)]).partition("\n\n")[2]
        assert made in page, file.name
