"""Evidence about the joint fit's parts: duration apart from spending, errors by label, eras.

    uv run python benchmarks/spending_evidence.py --data FOLDER     # a minute: docs/explanation/fit.md

FOLDER holds Epoch AI's tables named in `RUNS` and `CHIPS`, as downloaded; without it only the bundled tables
are used.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from timecone.history import read, read_bundled
from timecone.history.trends.duration import spending_parts
from timecone.history.trends.frontier import records_at_release, top_at_release
from timecone.history.trends.label_errors import label_errors, second_estimates
from timecone.history.trends.measurement import FACTORS

RUNS: Final = "notable_ai_models_2026-08.csv"
CHIPS: Final = "ml_hardware_2026-07.csv"
UNTIL: Final = 2025.6
#: FLOP of a petaflop/s-day.
PETAFLOP_DAY: Final = 8.64e19
#: Estimates of Amodei & Hernandez 2018, https://openai.com/research/ai-and-compute, appendix, in
#: petaflop/s-days; by counting operations where both ways are given. Figures that Epoch AI's table repeats
#: are left out.
AI_AND_COMPUTE: Final = {
    "AlexNet": 0.0058,
    "Dropout (ImageNet)": 0.0021,
    "DQN": 2.7e-5,
    "Seq2Seq LSTM": 0.085,
    "VGG16": 0.098,
    "ResNet-152 (ImageNet)": 0.117,
    "NASv3 (CIFAR-10)": 22.0,
    "Transformer": 0.089,
}
# Grids of the spread of runs (OOM) and of the wandering of growth (OOM/year/√year).
_SPREADS: Final = np.geomspace(0.15, 1.5, 14)
_DRIFTS: Final = np.geomspace(0.003, 0.2, 12)
_STEP: Final = 0.5

Array = NDArray[np.float64]


def durations(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Yield the growth of spending in its parts."""
    yield "| runs | from | with both | cost, x per year [90 %] | cost per hour | duration | its share |"
    yield "|---|---|---|---|---|---|---|"
    for name, runs in tables.items():
        for first in (2010.0, 2018.0, 2020.0):
            parts = spending_parts(runs, first=first, until=UNTIL)
            factors = [
                f"{10.0**middle:.2f} [{10.0**low:.2f}, {10.0**high:.2f}]"
                for middle, low, high in (parts.cost, parts.rate, parts.duration)
            ]
            middle, low, high = (100.0 * each for each in parts.share)
            yield (
                f"| {name} | {first:g} | {parts.runs} | " + " | ".join(factors) + f" | {middle:.0f} % "
                f"[{low:.0f}, {high:.0f}] |"
            )
    parts = spending_parts(next(iter(tables.values())), first=2018.0, until=UNTIL)
    yield f"Median duration of the last two years: {parts.length:.2f} years."


def labels(runs: pd.DataFrame, chips: pd.DataFrame) -> Iterator[str]:
    """Yield the errors of estimates by label, from hardware and hours and from Amodei & Hernandez 2018."""
    known = runs.dropna(subset=["training_compute"]).drop_duplicates("name").set_index("name")
    stated = pd.DataFrame(
        {
            "confidence": known["confidence"].reindex(list(AI_AND_COMPUTE)),
            "recorded": np.log10(known["training_compute"].reindex(list(AI_AND_COMPUTE))),
            "second": np.log10(PETAFLOP_DAY * np.array(list(AI_AND_COMPUTE.values()))),
        }
    ).dropna()
    yield "| second estimate | label | pairs | the same | sd, OOM [90 %] | factor, 90 % | factor assumed |"
    yield "|---|---|---|---|---|---|---|"
    for name, pairs in (("hardware and hours", second_estimates(runs, chips)), ("AI and Compute", stated)):
        for label, row in label_errors(pairs).iterrows():
            yield (
                f"| {name} | {label} | {row['pairs']:.0f} | {row['same']:.0f} | {row['sd']:.2f} "
                f"[{row['low']:.2f}, {row['high']:.2f}] | {row['factor']:.1f} | {FACTORS[str(label)]:g} |"
            )
    difference = stated["second"] - stated["recorded"]
    yield "AI and Compute less record, OOM: " + "; ".join(
        f"{name} {value:+.2f}" for name, value in difference.items()
    )


def eras(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Yield log predictive densities of one change point and of none, each year from the years before."""
    heads = "runs | series | forecasts of | runs forecast | none | one | wandering | one less none"
    yield f"| {heads} | one less wandering |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, runs in tables.items():
        for column in ("training_compute", "cost"):
            date, value, below = _frontier(runs, column)
            for ahead in (1, 2):
                scores = _scores(date, value, below, ahead)
                total = scores[:, :3].sum(axis=0)
                gains = [_gain(scores[:, 1] - scores[:, k]) for k in (0, 2)]
                yield (
                    f"| {name} | {column.replace('_', ' ')} | {ahead} year{'s' * (ahead > 1)} "
                    f"| {scores[:, 3].sum():.0f} | "
                    + " | ".join(f"{each:.1f}" for each in total)
                    + " | "
                    + " | ".join(gains)
                    + " |"
                )
            if column == "training_compute":
                yield from _date_of_change(name, date, value, below)


def _frontier(runs: pd.DataFrame, column: str) -> tuple[Array, Array, Array]:
    """Return dates, log10 values and whether no record was set, of the frontier runs since 2010."""
    known = runs[runs["date"] <= UNTIL]
    frontier = top_at_release(known, 10)
    frontier = frontier[(frontier["date"] >= 2010.0) & frontier[column].notna()]
    below = ~frontier.index.isin(records_at_release(known).index)
    # Costs are moved to the level of compute, so that one prior serves both.
    shift = 16.0 if column == "cost" else 0.0
    return (
        frontier["date"].to_numpy(float),
        np.log10(frontier[column].to_numpy(float)) + shift,
        below.astype(float),
    )


def _scores(date: Array, value: Array, below: Array, ahead: int) -> Array:
    """Return log predictive densities (year, of none, one, wandering) and the number of runs."""
    rows = []
    for year in range(2015, 2027 - ahead):
        past, new = date < year, (date >= year) & (date < year + ahead)
        if past.sum() < 8 or not new.any():
            continue
        both = past | new
        row = []
        for changes, drifts in _models(year):
            densities = [
                _log_marginal(date[chosen], value[chosen], below[chosen], changes, drifts)
                for chosen in (both, past)
            ]
            row.append(densities[0] - densities[1])
        rows.append([*row, new.sum()])
    return np.array(rows)


def _models(year: float) -> tuple[tuple[Array, Array], ...]:
    """Return grids of change dates (NaN for none) and of the wandering of growth (0 for none)."""
    none = np.array([np.nan])
    return (none, np.zeros(1)), (np.arange(2012.0, year - 1.0, _STEP), np.zeros(1)), (none, _DRIFTS)


def _log_marginal(date: Array, value: Array, below: Array, changes: Array, drifts: Array) -> float:
    """Return the log marginal likelihood, up to a constant of the priors, summed over all grids.

    Level, growth and gap of runners-up have normal priors (6, 0.4 and 1 OOM); growth before a change differs
    by 0.3 OOM/year; the growth of the third model wanders back from 2027.
    """
    design = np.column_stack([np.ones(len(date)), date - 2018.0, -below])
    line = design @ np.diag([36.0, 0.16, 1.0]) @ design.T
    deviation = value - 22.0 - 0.6 * (date - 2018.0) + 0.8 * below
    ago = 2027.0 - date
    least, most = np.minimum.outer(ago, ago), np.maximum.outer(ago, ago)
    walk = least**2 * (3.0 * most - least) / 6.0
    prior = -0.5 * (_SPREADS / 0.5) ** 2 + np.log(_SPREADS)
    terms = []
    for change in changes:
        bend = np.zeros(len(date)) if np.isnan(change) else np.minimum(date - change, 0.0)
        for drift in drifts:
            covariance = line + 0.09 * np.outer(bend, bend) + drift**2 * walk
            values, vectors = np.linalg.eigh(covariance)
            scaled = (vectors.T @ deviation) ** 2
            variance = np.maximum(values, 0.0) + _SPREADS[:, None] ** 2
            density = -0.5 * (scaled / variance + np.log(2.0 * np.pi * variance)).sum(axis=1) + prior
            terms.append(density - 0.5 * (drift / 0.05) ** 2 + (np.log(drift) if drift else 0.0))
    return float(special.logsumexp(terms) - np.log(len(changes)))


def _gain(differences: Array) -> str:
    error = np.sqrt(len(differences)) * differences.std(ddof=1)
    return f"{differences.sum():+.1f} ± {error:.1f}"


def _date_of_change(name: str, date: Array, value: Array, below: Array) -> Iterator[str]:
    """Yield when growth changed, if it did once, and present growth with and without the change."""
    changes = np.arange(2012.0, 2024.0, _STEP)
    density = np.array([_log_marginal(date, value, below, np.array([c]), np.zeros(1)) for c in changes])
    share = np.cumsum(np.exp(density - special.logsumexp(density)))
    low, middle, high = (changes[np.searchsorted(share, level)] for level in (0.05, 0.5, 0.95))
    best = changes[density.argmax()]
    growths = []
    for bend in (None, np.minimum(date - best, 0.0)):
        columns = [np.ones(len(date)), date - 2025.0, -below, *([] if bend is None else [bend])]
        design = np.column_stack(columns)
        found, *_ = np.linalg.lstsq(design, value, rcond=None)
        residual = value - design @ found
        covariance = residual @ residual / (len(date) - len(columns)) * np.linalg.inv(design.T @ design)
        growths.append(f"{found[1]:.3f} ± {np.sqrt(covariance[1, 1]):.3f}")
    yield (
        f"{name}: the change is in {middle:g} [{low:g}, {high:g}]; growth since, OOM a year, {growths[1]}, "
        f"without a change {growths[0]}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of Epoch AI's files")
    folder = parser.parse_args().data
    tables = {"bundled": read_bundled("runs").rows}
    if folder is not None:
        tables["Epoch AI's"] = read(folder / RUNS).rows
    print("\n".join(durations(tables)), "\n")
    if folder is not None:
        print("\n".join(labels(tables["Epoch AI's"], read(folder / CHIPS).rows)), "\n")
    print("\n".join(eras(tables)))


if __name__ == "__main__":
    main()
