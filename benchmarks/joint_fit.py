"""The joint fit with and without each new series: what it moves, and whether the fit may be quoted.

    uv run python benchmarks/joint_fit.py compare          # ten minutes: docs/explanation/fit.md
    uv run python benchmarks/joint_fit.py calibrate        # two hours: ranks of 100 simulated sets

The fits are those of the bundled tables as of 2026-08-22: trends alone, with the bound of supply on the
largest run, and with runs of unknown compute too.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import xarray as xr
from scipy import stats

from timecone.history.evidence import gather
from timecone.history.joint.censored import Censored, censor
from timecone.history.joint.fit import fit, sample
from timecone.history.joint.forecast import FORECAST
from timecone.history.joint.observations import Observations, observe
from timecone.history.joint.posterior import stacked
from timecone.history.joint.priors import CENSORED_PRIORS, PRIORS, draw_priors
from timecone.history.joint.replicate import as_observed, frontier, replicate, replicate_bounds
from timecone.history.supply.fit import open_supply, run_bound
from timecone.units import decimal_year

AS_OF: Final = decimal_year(date(2026, 8, 22))
SUPPLY: Final = Path(__file__).resolve().parents[1] / "configs" / "history" / "supply_2026_08.nc"
SEED: Final = 2026
LEVELS: Final = (5.0, 50.0, 95.0)
#: The most probable alarm of one test in a thousand over all parameters.
ALARM: Final = 0.001


def variants() -> dict[str, Observations]:
    """Return the observations of each fit, by name."""
    evidence = gather(capabilities=True)
    observations = observe(evidence.runs, evidence.chips, evidence.studies, as_of=AS_OF)
    bound = run_bound(open_supply(SUPPLY))
    censored: dict[str, Censored | None] = {"trends alone": None}
    for name, capabilities in (("bound of supply", None), ("and unknown runs", evidence.capabilities)):
        censored[name] = censor(evidence.runs, bound, capabilities, as_of=AS_OF, end=observations.end)
    return {name: replace(observations, censored=each) for name, each in censored.items()}


def compare(draws: int) -> Iterator[str]:
    """Yield tables of the fits' quantiles, diagnostics and checks."""
    fits = {name: fit(each, seed=SEED, draws=draws) for name, each in variants().items()}
    yield from quantiles(fits)
    yield ""
    yield from diagnosed(fits)
    yield ""
    yield from checks(fits)
    yield ""
    yield from records(fits)
    yield ""
    yield from within(fits)


def quantiles(fits: dict[str, xr.DataTree]) -> Iterator[str]:
    """Yield 5, 50 and 95 % of every parameter in every fit."""
    yield "| parameter | " + " | ".join(f"{name}: 5 / 50 / 95 %" for name in fits) + " |"
    yield "|---" * (len(fits) + 1) + "|"
    for parameter in (*FORECAST, *PRIORS, *CENSORED_PRIORS):
        cells: dict[int, list[str]] = {}
        for tree in fits.values():
            if parameter not in tree["posterior"].data_vars:
                cells.setdefault(0, []).append("")
                continue
            values = tree["posterior"].to_dataset()[parameter].to_numpy()
            values = values.reshape(values.shape[0] * values.shape[1], -1)
            for k, column in enumerate(values.T):
                cells.setdefault(k, []).append(
                    " / ".join(f"{each:.3g}" for each in np.percentile(column, LEVELS))
                )
        for k, row in cells.items():
            name = f"{parameter}, {k + 1}" if len(cells) > 1 else parameter
            yield f"| {name} | " + " | ".join(row) + " |"


def diagnosed(fits: dict[str, xr.DataTree]) -> Iterator[str]:
    """Yield R-hat, effective draws and divergences."""
    yield "| fit | R-hat, largest | effective draws, bulk | tails | divergences |"
    yield "|---|---|---|---|---|"
    for name, tree in fits.items():
        about = tree.attrs
        yield (
            f"| {name} | {about['rhat']:.4f} ({about['rhat_of']}) | {about['ess_bulk']:.0f} "
            f"({about['ess_bulk_of']}) | {about['ess_tail']:.0f} ({about['ess_tail_of']}) "
            f"| {about['divergences']} |"
        )


def checks(fits: dict[str, xr.DataTree]) -> Iterator[str]:
    """Yield the posterior predictive p of every statistic."""
    yield "| series | statistic | " + " | ".join(f"p, {name}" for name in fits) + " |"
    yield "|---" * (len(fits) + 2) + "|"
    tables = [tree["checks"].to_dataset().to_dataframe() for tree in fits.values()]
    for i in range(len(tables[0])):
        series, statistic = tables[0]["series"].iloc[i], tables[0]["statistic"].iloc[i]
        p = " | ".join(f"{table['p_value'].iloc[i]:.2f}" for table in tables)
        yield f"| {series} | {statistic} | {p} |"


def records(fits: dict[str, xr.DataTree]) -> Iterator[str]:
    """Yield the trend of the largest run by year."""
    years = np.array([2024.0, 2025.0, 2026.0, 2026.5])
    yield "| largest run by the trend, FLOP | " + " | ".join(f"{year:g}" for year in years) + " |"
    yield "|---" * (len(years) + 1) + "|"
    for name, tree in fits.items():
        drawn = stacked(tree["posterior"].to_dataset())
        level = 10.0 ** np.add(*frontier(drawn, years, float(tree.attrs["end"])))
        low, middle, high = np.percentile(level, LEVELS, axis=0)
        cells = [f"{b:.2g} [{a:.2g}, {c:.2g}]" for a, b, c in zip(low, middle, high, strict=True)]
        yield f"| {name} | " + " | ".join(cells) + " |"


def within(fits: dict[str, xr.DataTree]) -> Iterator[str]:
    """Yield the compute of bounded runs, and how many simulated ones lie within their bounds."""
    yield "| run | least, FLOP | most | with the bound [90 %] | simulated within |"
    yield "|---|---|---|---|---|"
    bounds = fits["and unknown runs"]["bounds"].to_dataset()
    for kind in ("bound", "unknown"):
        names = bounds["unknown"].values if kind == "unknown" else bounds["bound_date"].values
        low, middle, high = 10.0 ** bounds[f"{kind}_compute"].sel(level=[5.0, 50.0, 95.0]).values
        for i, name in enumerate(names):
            label = f"largest before {name:g}" if kind == "bound" else str(name)
            least = f"{10.0 ** float(bounds['low'][i]):.2g}" if kind == "unknown" else ""
            most = 10.0 ** float(bounds["bound_mean" if kind == "bound" else "unknown_mean"][i])
            share = 100.0 * float(bounds[f"{kind}_inside"][i])
            interval = f"{middle[i]:.2g} [{low[i]:.2g}, {high[i]:.2g}]"
            yield f"| {label} | {least} | {most:.2g} | {interval} | {share:.0f} % |"


def calibrate(sets: int, draws: int) -> Iterator[str]:
    """Yield p of the ranks of true parameters, of the fit with bounds to sets simulated from its prior."""
    seen = variants()["and unknown runs"]
    censored = seen.censored
    if censored is None:
        raise RuntimeError("the fit has no bounds")
    # With the supply and the capabilities of today; the prior is that under which the bounds hold.
    prior = draw_priors(31, 400 * sets, seen.end, censored=True)
    inside = replicate_bounds(prior, censored, seen.end, np.random.default_rng(32))
    kept = np.flatnonzero(inside["bound_inside"].all(axis=1) & inside["unknown_inside"].all(axis=1))[:sets]
    prior = {name: values[kept] for name, values in prior.items()}
    simulated = replicate(prior, seen, np.random.default_rng(33))
    ranks: dict[str, list[float]] = {}
    every = max(1, draws // 25)
    for i in range(len(kept)):
        tree = sample(as_observed(simulated, seen, i), seed=i, draws=draws)
        drawn = stacked(tree["posterior"].to_dataset())
        for name in prior:
            below = np.atleast_1d(np.sum(drawn[name][::every] < prior[name][i], axis=0))
            for k, rank in enumerate(below):
                ranks.setdefault(f"{name}, {k + 1}", []).append(float(rank))
    steps = len(drawn["chip_spread"][::every]) + 1
    jitter = np.random.default_rng(34)
    p = {
        name: float(stats.kstest((np.array(v) + jitter.random(len(v))) / steps, "uniform").pvalue)
        for name, v in ranks.items()
    }
    yield f"{len(kept)} sets; alarm below {ALARM / len(p):.2g}"
    for name, value in sorted(p.items(), key=lambda item: item[1]):
        yield f"{name}: p = {value:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["compare", "calibrate"])
    parser.add_argument("--draws", type=int, default=5000, help="draws of each chain")
    parser.add_argument("--sets", type=int, default=100, help="simulated sets of a calibration")
    stated = parser.parse_args()
    lines = compare(stated.draws) if stated.what == "compare" else calibrate(stated.sets, 500)
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
