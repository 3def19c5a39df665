r"""Fit of the supply of compute: trends of sites and stocks, the run that they allow, limits for scenarios.

Two things bound a run. All sites that it joins have power for so many H100 equivalents: those of the largest
site, times `inputs.INPUTS["sites"]`, times the share that the run gets. The largest owner has so many chips,
of which the run gets a share. With length, utilisation and number format (`inputs.run_compute`) each gives a
limit :math:`C_k(t)` in FLOP, and both together bound the largest run, as in the compute model, by :math:`1 /
(1/C_1 + 1/C_2)`.

The limits of a scenario, ``supply.power`` and ``supply.chips``, are :math:`C_1` and :math:`C_2` in 2030 with
their mean growth from the start of the scenario to 2035.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from timecone.errors import ArgumentError, UsageError
from timecone.files import netcdf_bytes, write_file
from timecone.history.fit_file import has_parts, open_fit
from timecone.history.supply.inputs import INPUTS, draw_inputs, run_compute
from timecone.history.supply.series import SupplySeries, largest_owner, largest_site
from timecone.history.supply.trend import TrendDraws, draw_trend
from timecone.history.trends.frontier import records_at_release
from timecone.schema import SUPPLY_KIND, FloatArray
from timecone.version import __version__

#: The year for which the compute model states its limits.
LIMIT_YEAR: Final = 2030.0
#: The year to which growth is averaged, from the scenario's start on.
GROWTH_UNTIL: Final = 2035.0
#: Error of a planned level for every year between the plan's publication and its date, OOM.
PLAN_ERROR: Final = 0.15
#: Percentiles of the bands.
LEVELS: Final = (5.0, 25.0, 50.0, 75.0, 95.0)
#: The scenario parameters that a fit of supply gives, with unit and meaning.
PARAMETERS: Final[Mapping[str, tuple[str, str]]] = {
    "supply.power": ("FLOP", "largest run in 2030 at the sites that one run can join"),
    "supply.power_growth": ("OOM/year", "its growth, of power and of what chips do with it"),
    "supply.chips": ("FLOP", "largest run in 2030 on the largest owner's chips"),
    "supply.chips_growth": ("OOM/year", "its growth"),
}
#: What dates a row for a fit as of an earlier date.
VINTAGES: Final = ("published", "date")
_FIRST: Final = 2022.0
_STEP: Final = 0.25
_MOST_DRAWS: Final = 100_000
_REMEDY: Final = "timecone fit writes one from files of sites and stocks."


class RunBound(NamedTuple):
    """Upper bound on the largest run at dates, for a fit that takes it as a censored observation.

    The largest run's log10 FLOP at a date lies below a bound that is normal with this mean and standard
    deviation; see `log_below`. Bounds at different dates share nearly all of their error.

    Attributes
    ----------
    date : ndarray
        (date,) decimal years.
    mean, sd : ndarray
        (date,) log10 FLOP.
    published : float
        Decimal year from which on the bound was known.

    Examples
    --------
    >>> from timecone.history.supply.fit import open_supply, run_bound
    >>> bound = run_bound(open_supply("supply.nc"), first=2024.0, last=2025.0)
    >>> len(bound.date)
    5
    """

    date: FloatArray
    mean: FloatArray
    sd: FloatArray
    published: float

    def log_below(self, compute: FloatArray) -> FloatArray:
        """Return the log probability that a run of this size does not exceed the bound.

        Parameters
        ----------
        compute : ndarray
            (..., date) log10 FLOP at `date`.

        Returns
        -------
        ndarray
            (..., date) natural logarithms.

        Examples
        --------
        >>> import numpy as np
        >>> bound = RunBound(np.array([2026.0]), np.array([27.0]), np.array([0.5]), 2026.3)
        >>> print(f"{bound.log_below(np.array([27.0]))[0]:.3f}")
        -0.693
        """
        from scipy import special  # noqa: PLC0415 - only a fit needs it

        return np.asarray(special.log_ndtr((self.mean - compute) / self.sd))


def fit_supply(
    sites: pd.DataFrame,
    stocks: pd.DataFrame,
    *,
    as_of: float,
    start: float = 2026.0,
    vintage: str = "published",
    plans: bool = True,
    runs: pd.DataFrame | None = None,
    draws: int = 10_000,
    seed: int = 2026,
    sources: Sequence[Mapping[str, str]] = (),
) -> xr.DataTree:
    """Fit trends of the largest site and the largest owner's stock, and the run that they allow.

    Parameters
    ----------
    sites, stocks : DataFrame
        Rows of these kinds as the reader gives them.
    as_of : float
        Decimal year of the newest evidence that counts.
    start : float, optional
        Decimal year from which on the growth of limits is averaged.
    vintage : str, optional
        ``"published"``: what was published by ``as_of`` counts, plans included, and a row that does not say
        when it was published counts from its own date. ``"date"``: what is dated by then counts, whenever it
        was estimated, for a back-test that forgives estimates made later.
    plans : bool, optional
        Whether what sites plan counts.
    runs : DataFrame, optional
        Rows of runs, kept for the figure.
    draws : int, optional
        Number of draws.
    seed : int, optional
        From 0.
    sources : sequence of mapping, optional
        Name, kind, sha256 of the files.

    Returns
    -------
    DataTree
        Groups ``posterior``, the parameters and the inputs by ``sample``; ``trend``, percentiles of the
        levels of each series (log10); ``bound``, percentiles, mean and sd of the largest run (log10 FLOP);
        ``observed_data``, the points of each series; ``runs``, the largest runs at their release.

    Raises
    ------
    ArgumentError
        Too little is known, or an argument is out of range.

    Examples
    --------
    >>> from timecone.history.readers import read_bundled
    >>> from timecone.history.supply.fit import fit_supply
    >>> sites, stocks = read_bundled("sites").rows, read_bundled("stocks").rows
    >>> tree = fit_supply(sites, stocks, as_of=2026.6, draws=500, seed=1)
    >>> sorted(tree.children)
    ['bound', 'observed_data', 'posterior', 'trend']
    """
    _require(as_of, start, vintage, draws, seed)
    series = supply_series(sites, stocks, as_of=as_of, vintage=vintage, plans=plans)
    dates = np.arange(_FIRST, GROWTH_UNTIL + _STEP / 2.0, _STEP)
    dates = np.union1d(dates, [start])
    drawn = {name: _drawn(each, dates, seed, draws, i) for i, (name, each) in enumerate(series.items())}
    inputs = draw_inputs(seed, draws)
    limits = _limits(drawn, inputs, dates)
    bound = -np.logaddexp(*(-math.log(10.0) * each for each in limits.values())) / math.log(10.0)
    posterior: dict[str, FloatArray] = {}
    for name, limit in limits.items():
        at = {
            year: limit[:, int(np.flatnonzero(dates == year)[0])]
            for year in (start, LIMIT_YEAR, GROWTH_UNTIL)
        }
        posterior[name] = 10.0 ** at[LIMIT_YEAR]
        posterior[f"{name}_growth"] = (at[GROWTH_UNTIL] - at[start]) / (GROWTH_UNTIL - start)
    posterior |= {f"input.{name}": values for name, values in inputs.items()}
    published = max((each.published for each in series.values()), default=math.nan)
    groups = {
        "posterior": xr.Dataset({name: ("sample", values) for name, values in posterior.items()}),
        "trend": _bands(drawn, dates),
        "bound": xr.Dataset(
            {
                "compute": (("level", "time"), np.percentile(bound, LEVELS, axis=0)),
                "mean": ("time", bound.mean(axis=0)),
                "sd": ("time", bound.std(axis=0)),
            },
            coords={"level": list(LEVELS), "time": dates},
        ),
        "observed_data": _observed(series),
    }
    if runs is not None:
        groups["runs"] = _largest_runs(runs, as_of)
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {
        "kind": SUPPLY_KIND,
        "fit_id": _identity(posterior),
        "as_of": as_of,
        "start": start,
        "vintage": vintage,
        "plans": int(plans),
        "seed": seed,
        "published": published,
        "timecone_version": __version__,
        "sources": json.dumps([dict(each) for each in sources]),
    }
    return tree


def supply_series(
    sites: pd.DataFrame,
    stocks: pd.DataFrame,
    *,
    as_of: float,
    vintage: str = "published",
    plans: bool = True,
) -> dict[str, SupplySeries]:
    """Return the series that a fit rests on: sites and owners, in H100 equivalents and in MW.

    Parameters
    ----------
    sites, stocks : DataFrame
        Rows of these kinds as the reader gives them.
    as_of : float
        Decimal year of the newest evidence that counts.
    vintage : str, optional
        As for `fit_supply`.
    plans : bool, optional
        Whether what sites plan counts.

    Returns
    -------
    dict of str to SupplySeries
        By subject and quantity, as ``"largest site, h100e"``.

    Raises
    ------
    ArgumentError
        Too little is known.

    Examples
    --------
    >>> from timecone.history.readers import read_bundled
    >>> from timecone.history.supply.fit import supply_series
    >>> known = supply_series(read_bundled("sites").rows, read_bundled("stocks").rows, as_of=2026.6)
    >>> list(known)
    ['largest site, h100e', 'largest site, power', 'largest owner, h100e', 'largest owner, power']
    """
    sites, stocks = (_known(rows, as_of, vintage) for rows in (sites, stocks))
    # Of what was known at the publication, all that is dated later is a plan; `largest_site` refuses sites
    # that do not say when that was.
    told = float(sites["published"].max()) if vintage == "published" and len(sites) else as_of
    if not plans:
        sites = sites[sites["date"] <= told]
    series = {}
    for quantity in ("h100e", "power"):
        series[f"largest site, {quantity}"] = largest_site(
            sites, quantity, as_of=None if np.isnan(told) else told
        )
    for quantity in ("h100e", "power"):
        series[f"largest owner, {quantity}"] = largest_owner(stocks, quantity, as_of=as_of)
    return series


def run_bound(tree: xr.DataTree, *, first: float = -math.inf, last: float = math.inf) -> RunBound:
    """Return the upper bound on the largest run, as the fit has it.

    Parameters
    ----------
    tree : DataTree
        As `fit_supply` returns it.
    first, last : float, optional
        First and last date, decimal years.

    Returns
    -------
    RunBound
        At quarters between them.

    Examples
    --------
    >>> from timecone.history.supply.fit import open_supply, run_bound
    >>> bound = run_bound(open_supply("supply.nc"))
    >>> bool((bound.sd > 0.0).all())
    True
    """
    bound = tree["bound"].to_dataset()
    time = bound["time"].values
    chosen = (time >= first) & (time <= last)
    return RunBound(
        time[chosen], bound["mean"].values[chosen], bound["sd"].values[chosen], float(tree.attrs["published"])
    )


def save_supply(tree: xr.DataTree, path: str | Path) -> Path:
    """Write a fit of supply as netCDF.

    Parameters
    ----------
    tree : DataTree
        As `fit_supply` returns it.
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
    >>> from timecone.history.supply.fit import open_supply, save_supply
    >>> save_supply(open_supply("supply.nc"), "copy.nc").name
    'copy.nc'
    """
    return write_file(path, netcdf_bytes(tree))


def open_supply(path: str | Path) -> xr.DataTree:
    """Read a fit of supply.

    Parameters
    ----------
    path : str or Path
        A netCDF file that `save_supply` wrote.

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
    >>> from timecone.history.supply.fit import open_supply
    >>> float(open_supply("supply.nc").attrs["start"])
    2026.0
    """
    tree = open_fit(path, _REMEDY)
    parts = {
        "posterior": list(PARAMETERS),
        "trend": ["level_of"],
        "bound": ["compute", "mean", "sd"],
        "observed_data": ["series", "date", "value"],
    }
    if tree.attrs.get("kind") != SUPPLY_KIND or not has_parts(tree, parts):
        raise UsageError(
            "not-a-fit-of-supply",
            "not a fit of supply",
            where=str(path),
            got=tree.attrs.get("kind"),
            allowed=f"{SUPPLY_KIND!r} with {', '.join(parts)}",
            remedy=_REMEDY,
        )
    return tree


def _known(rows: pd.DataFrame, as_of: float, vintage: str) -> pd.DataFrame:
    if vintage == "date":
        return rows[rows["date"] <= as_of]
    if rows["published"].isna().all():
        return rows[rows["date"] <= as_of]
    return rows[rows["published"].fillna(rows["date"]) <= as_of]


def _drawn(series: SupplySeries, dates: FloatArray, seed: int, draws: int, number: int) -> TrendDraws:
    published = float(series.date[~series.is_planned].max())
    ahead = np.maximum(series.date - published, 0.0)
    return draw_trend(
        series.date,
        series.level,
        dates,
        error=np.where(series.is_planned, PLAN_ERROR * ahead, 0.0),
        common_error=series.common_error,
        origin=published,
        # Each series has random numbers of its own.
        seed=seed + 1000 * (number + 1),
        draws=draws,
    )


def _limits(
    drawn: Mapping[str, TrendDraws], inputs: Mapping[str, FloatArray], dates: FloatArray
) -> dict[str, FloatArray]:
    """Return log10 of each limit, (draw, date), by the parameter that it becomes."""
    shares = {
        "supply.power": ("largest site, h100e", inputs["sites"] * inputs["site_share"]),
        "supply.chips": ("largest owner, h100e", inputs["owner_share"]),
    }
    limits = {}
    for name, (key, share) in shares.items():
        level = drawn[key].level
        growth = np.gradient(level, dates, axis=1)
        limits[name] = np.log10(share)[:, None] + np.log10(run_compute(10.0**level, growth, inputs))
    return limits


def _bands(drawn: Mapping[str, TrendDraws], dates: FloatArray) -> xr.Dataset:
    levels = np.stack([np.percentile(each.level, LEVELS, axis=0) for each in drawn.values()])
    return xr.Dataset(
        {
            "level_of": (("series", "level", "time"), levels),
            "drift": ("series", [float(np.median(each.drift)) for each in drawn.values()]),
            "residual": ("series", [float(np.median(each.residual)) for each in drawn.values()]),
        },
        coords={"series": np.array(list(drawn), dtype=object), "level": list(LEVELS), "time": dates},
    )


def _observed(series: Mapping[str, SupplySeries]) -> xr.Dataset:
    names = np.concatenate([[name] * len(each.date) for name, each in series.items()])
    columns = {
        "series": names.astype(object),
        "date": np.concatenate([each.date for each in series.values()]),
        "value": np.concatenate([each.level for each in series.values()]),
        "is_planned": np.concatenate([each.is_planned for each in series.values()]).astype(np.int8),
        "name": np.concatenate([each.name for each in series.values()]).astype(object),
    }
    return xr.Dataset({name: ("point", values) for name, values in columns.items()})


def _largest_runs(runs: pd.DataFrame, as_of: float) -> xr.Dataset:
    records = records_at_release(runs[runs["date"] <= as_of])
    records = records[records["date"] >= _FIRST]
    return xr.Dataset(
        {
            "date": ("run", records["date"].to_numpy(float)),
            "compute": ("run", np.log10(records["training_compute"].to_numpy(float))),
        },
        coords={"run": records["name"].to_numpy(dtype=object)},
    )


def _require(as_of: float, start: float, vintage: str, draws: int, seed: int) -> None:
    if vintage not in VINTAGES:
        raise ArgumentError(
            "unknown-vintage",
            "no such vintage of evidence",
            where="vintage",
            got=vintage,
            allowed=", ".join(VINTAGES),
        )
    for name, value, allowed in (("as_of", as_of, "a decimal year, as 2026.6"), ("start", start, "")):
        if not math.isfinite(value) or (name == "start" and not _FIRST <= value < GROWTH_UNTIL):
            raise ArgumentError(
                "not-a-date",
                "not a date",
                where=name,
                got=value,
                allowed=allowed or f"{_FIRST:g} to before {GROWTH_UNTIL:g}",
            )
    if not 1 <= draws <= _MOST_DRAWS:
        raise ArgumentError(
            "invalid-draw-count",
            "not a number of draws",
            where="draws",
            got=draws,
            allowed=f"1 to {_MOST_DRAWS}",
        )
    if seed < 0:
        raise ArgumentError("invalid-seed", "not a seed", where="seed", got=seed, allowed="0 or more")


def _identity(posterior: Mapping[str, FloatArray]) -> str:
    """Return an identifier of the draws."""
    checksum = hashlib.sha256()
    for name in sorted(posterior):
        checksum.update(name.encode() + np.ascontiguousarray(posterior[name]).tobytes())
    return checksum.hexdigest()[:16]


def inputs_table() -> pd.DataFrame:
    """Return what turns chips into a run, with sources.

    Returns
    -------
    DataFrame
        A row for each input: percentiles, unit, meaning, source, basis.

    Examples
    --------
    >>> from timecone.history.supply.fit import inputs_table
    >>> inputs_table().loc["utilisation", "p50"].item()
    0.33
    """
    return pd.DataFrame(
        [
            {
                name: getattr(each, name)
                for name in ("p05", "p50", "p95", "unit", "meaning", "source", "basis")
            }
            for each in INPUTS.values()
        ],
        index=pd.Index(list(INPUTS), name="input"),
    )
