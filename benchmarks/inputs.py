"""Measure what drawing inputs costs and gains: ``uv run python benchmarks/inputs.py``."""

from __future__ import annotations

import argparse
import os


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15, help="rounds of each contest (default 15)")
    parser.add_argument("--only", choices=["flatness", "scipy", "squigglepy", "designs"])
    options = parser.parse_args()
    # Before NumPy is imported, or it has no effect: peers run on one thread, as the sampler does.
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    from design_contest import designs  # noqa: PLC0415
    from input_contests import against_scipy, against_squigglepy, flatness  # noqa: PLC0415
    from run import print_lines  # noqa: PLC0415

    contests = {
        "flatness": lambda: flatness(options.repeats),
        "scipy": lambda: against_scipy(options.repeats),
        "squigglepy": lambda: against_squigglepy(options.repeats),
        "designs": designs,
    }
    for name, contest in contests.items():
        if options.only in (None, name):
            print_lines(contest())


if __name__ == "__main__":
    main()
