"""Posterior file with draws of the trend, and a fragment that scenarios extend.

Both have two parameters: the horizon at the start of a scenario, hours, and its doubling time, months. A
longer horizon at the start goes with faster doublings, so the two are correlated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from timecone.errors import ArgumentError, UsageError
from timecone.files import netcdf_bytes, write_file
from timecone.history.fit_file import has_parts, open_fit
from timecone.history.horizons.best_models import LONGEST, BestModels, best_at_release, is_corrected
from timecone.history.horizons.trend import SHARED, SINCE, TrendDraws, bootstrap
from timecone.history.joint.fragment import correlations, quantiles
from timecone.schema import HORIZONS_KIND, FloatArray
from timecone.version import __version__

#: The scenario parameters that a fit of horizons gives, with unit and meaning.
PARAMETERS: Final[dict[str, tuple[str, str]]] = {
    "horizon.now": ("hour", "length of tasks that the best released model completes at the start"),
    "horizon.doubling_time": ("month", "time in which that length doubles"),
}
_CORRECTED: Final = "METR's time horizons as corrected in March 2026"
_UNCORRECTED: Final = "METR's time horizons from before their correction of March 2026"
_CONDITIONS: Final = (
    "on its own software tasks; horizons above 16 hours are beyond their range and left out. The trend of the"
    " models that were best at release goes on. Models that developers keep to themselves are not in it."
)
#: Percentiles of the bands of the trend.
LEVELS: Final = (5.0, 25.0, 50.0, 75.0, 95.0)
_YEARS_AHEAD: Final = 3.0
_TREND_STEP: Final = 0.25
_MOST_DRAWS: Final = 100_000
_MINUTES: Final = 60.0
_REMEDY: Final = "timecone fit writes one from a file of horizons."


def fit_horizons(
    rows: pd.DataFrame,
    *,
    start: float,
    reliability: int = 80,
    since: Sequence[float] = SINCE,
    draws: int = 4000,
    seed: int = 2026,
    shared: float = SHARED,
    sources: Sequence[Mapping[str, str]] = (),
) -> xr.DataTree:
    """Fit the trend of the time horizon; return its draws with the evidence.

    Parameters
    ----------
    rows : DataFrame
        Rows of kind ``"horizons"`` as the reader gives them.
    start : float
        Decimal year at which the horizon is stated, not before the newest model.
    reliability : int, optional
        50 or 80: probability of success at the horizon, percent.
    since : sequence of float, optional
        First years of the fits, each with the same weight.
    draws : int, optional
        Draws of each first year.
    seed : int, optional
        From 0.
    shared : float, optional
        Share of the measurement error's variance that all models have in common.
    sources : sequence of mapping, optional
        Name, kind, sha256 of the files.

    Returns
    -------
    DataTree
        Groups ``posterior``, the parameters and ``since`` by ``sample``; ``trend``, percentiles of the line
        (log2 minutes) by date; ``observed_data``, all models.

    Raises
    ------
    ArgumentError
        There are too few models, or an argument is out of range.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.horizons.posterior import fit_horizons
    >>> rows = pd.DataFrame({"name": list("ABCD"), "date": [2023.0, 2024.0, 2025.0, 2026.0],
    ...                      "p50": [1.0, 4.0, 16.0, 64.0], "p50_low": [0.5, 2.0, 8.0, 32.0],
    ...                      "p50_high": [2.0, 8.0, 32.0, 128.0]})
    >>> tree = fit_horizons(rows, start=2026.0, reliability=50, since=[2023.0], draws=1000, seed=1)
    >>> round(float(tree["posterior"]["horizon.doubling_time"].median()))
    6
    """
    best = best_at_release(rows, reliability=reliability)
    newest = float(best.dates.max()) if len(best.dates) else start
    if not newest <= start < newest + 10.0:
        raise ArgumentError(
            "forecast-start-too-early",
            "the start lies before the newest model that counts, or long after it",
            where="start",
            got=start,
            allowed=f"{newest:.2f} or later, within ten years",
        )
    if not 1 <= draws <= _MOST_DRAWS:
        raise ArgumentError(
            "invalid-draw-count",
            "not a number of draws",
            where="draws",
            got=draws,
            allowed=f"1 to {_MOST_DRAWS}",
        )
    drawn = bootstrap(best, date=start, since=since, draws=draws, seed=seed, shared=shared)
    posterior = {
        "horizon.now": np.exp2(drawn.level) / _MINUTES,
        "horizon.doubling_time": 12.0 * drawn.doubling_time,
    }
    group = xr.Dataset(
        {
            **{
                name: ("sample", values, {"units": PARAMETERS[name][0], "long_name": PARAMETERS[name][1]})
                for name, values in posterior.items()
            },
            "since": (
                "sample",
                drawn.since,
                {"units": "calendar year", "long_name": "first year of the fit"},
            ),
        }
    )
    tree = xr.DataTree.from_dict(
        {"posterior": group, "trend": _trend(drawn, best, start), "observed_data": _observed(rows, best)}
    )
    tree.attrs.update(
        kind=HORIZONS_KIND,
        timecone_version=__version__,
        start=start,
        newest=newest,
        reliability=reliability,
        seed=seed,
        draws_of_each=draws,
        shared=shared,
        without_growth=drawn.without_growth,
        evidence=_CORRECTED if is_corrected(rows) else _UNCORRECTED,
        models=json.dumps(
            {np.format_float_positional(first, trim="-"): len(best.since(first).names) for first in since}
        ),
        sources=json.dumps([dict(source) for source in sources]),
        fit_id=_identity(posterior),
    )
    return tree


def conditions_of(tree: xr.DataTree) -> str:
    """Return the assumptions on which every number of a fit of horizons is conditional.

    Parameters
    ----------
    tree : DataTree
        As `fit_horizons` returns it.

    Returns
    -------
    str
        Some sentences. The first one says whether the horizons are METR's corrected ones.

    Examples
    --------
    >>> from timecone.history.horizons.posterior import conditions_of, open_horizons
    >>> conditions_of(open_horizons("horizons.nc")).split(",")[0]
    "METR's time horizons as corrected in March 2026"
    """
    return f"{tree.attrs['evidence']}, {_CONDITIONS}"


def draws_of(tree: xr.DataTree) -> dict[str, FloatArray]:
    """Return the scenario's parameters of a fit of horizons.

    Parameters
    ----------
    tree : DataTree
        As `fit_horizons` returns it.

    Returns
    -------
    dict of str to ndarray
        Arrays (draw,) by parameter, in its unit.

    Examples
    --------
    >>> from timecone.history.horizons.posterior import draws_of, open_horizons
    >>> sorted(draws_of(open_horizons("horizons.nc")))
    ['horizon.doubling_time', 'horizon.now']
    """
    return {name: tree["posterior"][name].to_numpy().astype(np.float64) for name in PARAMETERS}


def horizon_fragment(
    tree: xr.DataTree, *, name: str, as_of: date, posterior: str | None = None
) -> dict[str, Any]:
    """Return a fit of horizons as the content of a scenario fragment.

    Parameters
    ----------
    tree : DataTree
        As `fit_horizons` returns it.
    name : str
        Of the fragment.
    as_of : date
        Date of the evidence.
    posterior : str, optional
        File of the draws, relative to the fragment.

    Returns
    -------
    dict
        Tables ``history``, ``parameters``, ``correlations``.

    Examples
    --------
    >>> from datetime import date
    >>> from timecone.history.horizons.posterior import horizon_fragment, open_horizons
    >>> content = horizon_fragment(open_horizons("horizons.nc"), name="mine", as_of=date(2026, 4, 11))
    >>> sorted(content["parameters"]["horizon"])
    ['doubling_time', 'now']
    """
    about, drawn = tree.attrs, draws_of(tree)
    files = json.loads(about["sources"])
    source = (
        f"timecone fit, {name}: trend of {', '.join(each['name'] for each in files) or 'a table in memory'}"
    )
    statement = {"source": source, "as_of": as_of, "basis": "data"}
    percent = int(about["reliability"])
    notes = {
        "horizon.now": f"At {percent} % success, the trend at {float(about['start']):g}.",
        "horizon.doubling_time": "Fits from "
        + ", ".join(json.loads(about["models"]))
        + " on, with equal weights.",
    }
    parameters: dict[str, Any] = {}
    for key, (unit, _) in PARAMETERS.items():
        group, short = key.split(".")
        parameters.setdefault(group, {})[short] = {
            "distribution": "percentiles",
            "space": "log",
            **quantiles(drawn[key]),
            "unit": unit,
            **statement,
            "note": notes[key],
        }
    history = {
        "as_of": as_of,
        "conditions": conditions_of(tree),
        "start": float(about["start"]),
        "newest_model": round(float(about["newest"]), 3),
        "reliability_percent": percent,
        "longest_hours": LONGEST / _MINUTES,
        "models_by_first_year": json.loads(about["models"]),
        "shared_measurement_error": float(about["shared"]),
        "method": "least squares of log horizons on release dates; bootstrap over models and their intervals",
        "seed": int(about["seed"]),
        "draws": int(tree["posterior"].sizes["sample"]),
        "draws_without_growth": int(about["without_growth"]),
        "timecone_version": str(about["timecone_version"]),
        "sources": files,
    }
    return {
        "name": name,
        "title": f"Time horizon of AI models as of {as_of.isoformat()}",
        "history": history | ({"posterior": posterior} if posterior else {}),
        "parameters": parameters,
        "correlations": [
            {"between": list(pair), "rho": rho, **statement} for pair, rho in correlations(drawn).items()
        ],
    }


def save_horizons(tree: xr.DataTree, path: str | Path) -> Path:
    """Write a fit of horizons as netCDF.

    Parameters
    ----------
    tree : DataTree
        As `fit_horizons` returns it.
    path : str or Path
        The file.

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
    >>> from timecone.history.horizons.posterior import open_horizons, save_horizons
    >>> save_horizons(open_horizons("horizons.nc"), "copy.nc").name
    'copy.nc'
    """
    return write_file(path, netcdf_bytes(tree))


def open_horizons(path: str | Path) -> xr.DataTree:
    """Read a fit of horizons.

    Parameters
    ----------
    path : str or Path
        A netCDF file that `save_horizons` wrote.

    Returns
    -------
    DataTree
        The fit, all in memory.

    Raises
    ------
    UsageError
        It is missing, broken or of another kind.

    Examples
    --------
    >>> from timecone.history.horizons.posterior import open_horizons
    >>> sorted(open_horizons("horizons.nc").children)
    ['observed_data', 'posterior', 'trend']
    """
    tree = open_fit(path, _REMEDY)
    parts = {"posterior": [*PARAMETERS, "since"], "trend": ["line"], "observed_data": ["horizon", "is_best"]}
    is_fit = tree.attrs.get("kind") == HORIZONS_KIND and "evidence" in tree.attrs
    if not is_fit or not has_parts(tree, parts):
        raise UsageError(
            "not-a-fit-of-horizons",
            "not a fit of time horizons",
            where=str(path),
            got=tree.attrs.get("kind"),
            allowed=f"{HORIZONS_KIND!r} with {', '.join(parts)}",
            remedy=_REMEDY,
        )
    return tree


def _trend(drawn: TrendDraws, best: BestModels, start: float) -> xr.Dataset:
    """Return percentiles of the line at dates, of all draws and the median of each first year."""
    dates = np.append(np.arange(np.floor(best.dates.min()), start, _TREND_STEP), start)
    dates = np.append(dates, np.arange(start + _TREND_STEP, start + _YEARS_AHEAD + 0.01, _TREND_STEP))
    lines = drawn.at(dates)
    firsts = sorted(set(drawn.since.tolist()))
    medians = np.full((len(firsts), len(dates)), np.nan)
    band = np.full((len(LEVELS), len(dates)), np.nan)
    for k, first in enumerate(firsts):
        medians[k, dates >= first] = np.median(lines[drawn.since == first], axis=0)[dates >= first]
    for j, day in enumerate(dates):
        # A line does not apply before its first model.
        reaches = drawn.since <= max(day, firsts[0])
        band[:, j] = np.percentile(lines[reaches, j], LEVELS)
    return xr.Dataset(
        {"line": (("level", "time"), band), "by_first_year": (("first_year", "time"), medians)},
        coords={"level": list(LEVELS), "time": dates, "first_year": firsts},
    )


def _observed(rows: pd.DataFrame, best: BestModels) -> xr.Dataset:
    """Return every model with a date and a horizon, in log2 minutes."""
    column = f"p{best.reliability}"
    known = rows.dropna(subset=["date", column]).sort_values("date", kind="stable")
    reasons = {rejected.row: rejected.reason for rejected in best.left_out}
    text = [reasons.get(int(row), "") for row in known.index]
    levels = {
        name: ("model", np.log2(known[key].to_numpy(np.float64)))
        for name, key in (("horizon", column), ("low", f"{column}_low"), ("high", f"{column}_high"))
    }
    return xr.Dataset(
        {
            "date": ("model", known["date"].to_numpy(np.float64)),
            **levels,
            "is_best": ("model", np.array([not reason for reason in text], dtype=np.int8)),
            "left_out": ("model", np.array(text, dtype=object)),
        },
        coords={"model": known["name"].to_numpy(dtype=object)},
    )


def _identity(posterior: Mapping[str, FloatArray]) -> str:
    """Return an identifier of the draws."""
    checksum = hashlib.sha256()
    for name in sorted(posterior):
        checksum.update(name.encode() + np.ascontiguousarray(posterior[name]).tobytes())
    return checksum.hexdigest()[:16]
