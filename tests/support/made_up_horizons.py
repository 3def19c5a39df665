"""Made-up time horizons as METR lays its file out, and a small index as Epoch AI does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import xarray as xr

from timecone.history import read
from timecone.history.horizons.posterior import fit_horizons

#: Months of a doubling in the made-up file, and minutes at its first model.
DOUBLING, FIRST = 6.0, 0.04
NAMES = tuple(f"model_{chr(97 + i)}" for i in range(15))


def horizon_of(index: int) -> float:
    """Return the minutes of the i-th model, one every 180 days; every fifth falls back by two doublings."""
    doublings = 180.0 * index / (DOUBLING * 365.25 / 12.0)
    return FIRST * 2.0 ** (doublings - (2.0 if index % 5 == 4 else 0.0) + 0.2 * math.sin(3.0 * index))


def entry(name: str, released: str, minutes: float, *, width: float = 2.0, more: str = "") -> str:
    """Return one model's record as YAML."""
    lines = [f"  {name}:", "    benchmark_name: METR-Horizon-v1.1", "    metrics:"]
    lines += ["      average_score:", "        estimate: 0.5", "      is_sota: true"]
    for level, factor in ((50, 1.0), (80, 0.2)):
        value = factor * minutes
        lines += [
            f"      p{level}_horizon_length:",
            f"        ci_high: {value * width:.6f}",
            f"        ci_low: {value / width:.6f}",
            f"        estimate: {value:.6f}",
        ]
    lines += [f"    release_date: {released}", "    scaffolds:", "    - some/agent"]
    return "\n".join([*lines, *([more] if more else [])])


def records() -> list[str]:
    """Return the records of all made-up models, in alphabetical order."""
    start = date(2019, 2, 1)
    return [
        entry(name, (start + timedelta(days=180 * i)).isoformat(), horizon_of(i))
        for i, name in enumerate(NAMES)
    ]


def metr_text(entries: Sequence[str] | None = None) -> str:
    """Return the text of a file of results."""
    head = (
        "benchmark_name: METR-Horizon-v1.1\n"
        "doubling_time_in_days:\n  from_2023_on:\n    point_estimate: 182.6\n"
        "results:\n"
    )
    return head + "\n".join(records() if entries is None else entries) + "\nswaa_version: abc\n"


def metr_file(folder: Path, name: str = "metr.yaml", entries: Sequence[str] | None = None) -> Path:
    """Write a file of results."""
    path = folder / name
    path.write_text(metr_text(entries), encoding="utf-8")
    return path


#: A table of one's own headings, a model a year.
TABLE = "name,date,p50,p50_low,p50_high,p80,p80_low,p80_high\n" + "".join(
    f"{name},{day},{4.0**k / 25},{4.0**k / 50},{4.0**k / 12},{4.0**k / 99},{4.0**k / 200},{4.0**k / 50}\n"
    for k, (name, day) in enumerate(
        zip(
            "ABCDEF",
            ("2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01", "2024-06-01", "2025-06-01"),
            strict=True,
        )
    )
)


def fitted_horizons(draws: int = 400) -> xr.DataTree:
    """Return a fit to the made-up models."""
    with TemporaryDirectory() as folder:
        table = read(metr_file(Path(folder)))
    return fit_horizons(
        table.rows,
        start=2026.0,
        since=[2019.0, 2022.0],
        draws=draws,
        seed=4,
        sources=[{"name": "metr.yaml", "kind": "horizons"}],
    )


INDEX = """Model version,ECI Score,Release date,Organization,Country,Model accessibility,\
Training compute (FLOP),Confidence,Model name
alpha-1,120.5,2024-03-01,A,X,API access,1e25,Confident,Alpha
beta-2,,2025-02-01,B,Y,,,Unverified,"Beta
"
gamma,141,2025-09-30,,,,,,
undated,99.5,,C,Z,,,Unknown,Undated
"""
