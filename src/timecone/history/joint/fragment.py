"""The posterior as a TOML fragment that a scenario extends: quantiles and rank correlations to cite."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
import xarray as xr
from scipy import stats

from timecone.files import write_file
from timecone.history.joint.forecast import FORECAST
from timecone.history.joint.posterior import forecast_of, sources_of
from timecone.schema import FloatArray

_LEVELS = (1, 5, 25, 50, 75, 95, 99)
_DIGITS = 4
# Weaker rank correlations than this are within the error of the posterior's draws.
_WEAKEST = 0.05


def fragment(tree: xr.DataTree, *, name: str, as_of: date, posterior: str | None = None) -> dict[str, Any]:
    """Return a posterior as the content of a scenario fragment.

    Parameters
    ----------
    tree : DataTree
        As `fit.fit` returns it.
    name : str
        Of the fragment.
    as_of : date
        Date of the newest evidence that was admitted.
    posterior : str, optional
        File of the full posterior, relative to the fragment.

    Returns
    -------
    dict
        Tables ``history``, ``parameters``, ``correlations``.

    Examples
    --------
    >>> from datetime import date
    >>> from timecone.history.joint.fragment import fragment
    >>> from timecone.history.joint.posterior import open_posterior
    >>> content = fragment(open_posterior("posterior.nc"), name="mine", as_of=date(2025, 7, 1))
    >>> sorted(content["parameters"])
    ['algorithms', 'hardware', 'investment']
    """
    drawn = forecast_of(tree)
    source = f"timecone fit, {name}: joint fit of {_files(tree)}"
    parameters: dict[str, dict[str, Any]] = {}
    for key, (unit, meaning) in FORECAST.items():
        group, short = key.split(".")
        parameters.setdefault(group, {})[short] = {
            "distribution": "percentiles",
            "space": "log",
            **quantiles(drawn[key]),
            "unit": unit,
            "source": source,
            "as_of": as_of,
            "basis": "data",
            "note": f"{meaning[0].upper()}{meaning[1:]}.",
        }
    return {
        "name": name,
        "title": f"Trends fitted to history as of {as_of.isoformat()}",
        "history": _about(tree, as_of, posterior),
        "parameters": parameters,
        "correlations": [
            {"between": list(pair), "rho": rho, "source": source, "as_of": as_of, "basis": "data"}
            for pair, rho in correlations(drawn).items()
        ],
    }


def quantiles(values: FloatArray) -> dict[str, float]:
    """Return quantiles under the keys of a scenario file, to four digits."""
    percentiles = np.percentile(values, _LEVELS)
    return {f"p{level:02d}": float(f"{q:.{_DIGITS}g}") for level, q in zip(_LEVELS, percentiles, strict=True)}


def correlations(drawn: Mapping[str, FloatArray]) -> dict[tuple[str, str], float]:
    """Return Spearman's rank correlations of pairs, to two digits, but for those within sampling error."""
    names = list(drawn)
    ranks = stats.rankdata(np.stack([drawn[n] for n in names], axis=1), axis=0)
    rho = np.atleast_2d(np.corrcoef(ranks, rowvar=False))
    pairs = itertools.combinations(range(len(names)), 2)
    rounded = {(names[i], names[j]): round(float(rho[i, j]), 2) for i, j in pairs}
    return {pair: value for pair, value in rounded.items() if abs(value) >= _WEAKEST}


def save_fragment(content: Mapping[str, Any], path: str | Path, command: str = "") -> Path:
    """Write a fragment.

    Parameters
    ----------
    content : mapping
        As `fragment` returns it.
    path : str or Path
        The TOML file.
    command : str, optional
        The command that makes it, for its head.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        The file cannot be written.

    Examples
    --------
    >>> from datetime import date
    >>> from timecone.history.joint.fragment import fragment, save_fragment
    >>> from timecone.history.joint.posterior import open_posterior
    >>> content = fragment(open_posterior("posterior.nc"), name="mine", as_of=date(2025, 7, 1))
    >>> save_fragment(content, "mine.toml").name
    'mine.toml'
    """
    head = (
        "# Written by timecone fit: trends inferred from history, for a scenario to extend. Quantiles and\n"
        "# rank correlations of the posterior; how it was made stands below.\n"
    )
    head += f"# Made by: {command}\n\n" if command else "\n"
    return write_file(path, head + tomli_w.dumps(dict(content)))


def _files(tree: xr.DataTree) -> str:
    return ", ".join(source["name"] for source in sources_of(tree)) or "tables in memory"


def _about(tree: xr.DataTree, as_of: date, posterior: str | None) -> dict[str, Any]:
    about = tree.attrs
    sizes = tree["posterior"].sizes
    entries: dict[str, Any] = {
        "as_of": as_of,
        "evidence_until": float(about["end"]),
        "start": float(about["start"]),
        "years_ahead": float(about["ahead"]),
        "seed": int(about["seed"]),
        "chains": int(sizes["chain"]),
        "draws": int(sizes["draw"]),
        "sampler": "nutpie (NUTS)",
        "largest_rhat": round(float(about["rhat"]), 4),
        "least_bulk_ess": round(float(about["ess_bulk"])),
        "least_tail_ess": round(float(about["ess_tail"])),
        "divergences": int(about["divergences"]),
        "timecone_version": str(about["timecone_version"]),
        "sources": sources_of(tree),
    }
    if posterior:
        entries["posterior"] = posterior
    if "bounds" in tree.children:
        supply = {key: str(about[key]) for key in ("supply", "supply_fit_id") if key in about}
        entries["bounds"] = supply | _bounds(tree["bounds"].to_dataset())
    return entries


def _bounds(bounds: xr.Dataset) -> dict[str, Any]:
    """Return what bounded runs of unknown compute: dates, names, and how many simulated ones lie within."""
    return {
        "largest_run_before": [round(float(date), 3) for date in bounds["bound_date"].values],
        "runs_of_unknown_compute": [str(name) for name in bounds["unknown"].values]
        if "unknown" in bounds
        else [],
        "record_share": round(float(bounds.attrs["record_share"]), 3),
        "simulated_all_inside": round(float(bounds.attrs["all_inside"]), 3),
    }
