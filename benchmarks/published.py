"""The tables of docs/published.md: all published forecasts beside ours, as `timecone published` gives them.

uv run python benchmarks/published.py              # prints the tables
uv run python benchmarks/published.py --write      # and writes them into the page
uv run python benchmarks/published.py --draws 20000
"""

from __future__ import annotations

import argparse
import contextlib
import io
import time
from pathlib import Path

from timecone.cli.main import main as command

PAGE = Path(__file__).resolve().parents[1] / "docs" / "published.md"
BEGIN = "<!-- begin: timecone published --format markdown -->"
END = "<!-- end -->"


def tables(draws: int | None) -> str:
    """Return what the command prints in Markdown."""
    arguments = ["published", "--format", "markdown"]
    arguments += [] if draws is None else ["--draws", str(draws)]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = command(arguments)
    if code not in (0, 1):
        raise SystemExit(code)
    return printed.getvalue()


def with_tables(page: str, made: str) -> str:
    """Return the page with new tables between its marks."""
    head, _, rest = page.partition(BEGIN)
    return f"{head}{BEGIN}\n\n{made}\n{END}{rest.partition(END)[2]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, help="draws of every scenario; its own by default")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/published.md")
    arguments = parser.parse_args()
    begin = time.perf_counter()
    made = tables(arguments.draws)
    print(made)
    print(f"{time.perf_counter() - begin:.0f} s")
    if arguments.write:
        PAGE.write_text(with_tables(PAGE.read_text("utf-8"), made), encoding="utf-8")


if __name__ == "__main__":
    main()
