"""Measure what is fast, beside a peer measured in the same minute: ``uv run python benchmarks/run.py``."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contests import Line


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15, help="rounds of each contest (default 15)")
    repeats = parser.parse_args().repeats
    # Before NumPy is imported, or it has no effect: peers run on one thread, as the kernel does.
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    from contests import everything  # noqa: PLC0415

    print_lines(everything(repeats))


def print_lines(lines: list[Line]) -> None:
    """Print lines of the table, aligned."""
    for line in lines:
        print(f"{line.what:<58}{_rounded(line.value):>12}  {line.unit}")


def _rounded(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.0f}" if value >= 1000.0 else f"{value:.3g}"


if __name__ == "__main__":
    main()
