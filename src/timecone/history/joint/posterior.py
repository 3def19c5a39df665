"""The posterior as ArviZ lays it out, in memory and on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, UsageError
from timecone.files import netcdf_bytes, write_file
from timecone.history.fit_file import open_fit
from timecone.history.joint.censored import Censored
from timecone.history.joint.checks import predictive_checks
from timecone.history.joint.file_schema import BOUNDS, OBSERVED, bounds, observed, require_parts
from timecone.history.joint.forecast import (
    FORECAST,
    SLOWEST_DOUBLING,
    forecast_parameters,
    spending_and_efficiency,
)
from timecone.history.joint.observations import Observations
from timecone.history.joint.priors import CENSORED_PRIORS, PRIORS, draw_priors
from timecone.history.joint.replicate import chip_trend, frontier, replicate, replicate_bounds
from timecone.schema import POSTERIOR_KIND, FloatArray
from timecone.version import __version__

_REMEDY = "timecone fit writes one."
_TREND_STEP = 0.25
_BANDS = (5.0, 25.0, 50.0, 75.0, 95.0)
_PREDICTIVE_DRAWS = 1000
_PRIOR_DRAWS = 8000
_PARAMETERS = PRIORS | CENSORED_PRIORS
_ELEMENT = {"spending_steps": "spending_piece", "hardware_steps": "hardware_piece", "chip_level": "format"}


def assemble(
    sampled: xr.DataTree,
    diagnosed: Mapping[str, Any],
    observations: Observations,
    *,
    seed: int,
    start: float,
    ahead: float,
) -> xr.DataTree:
    """Return everything that a fit is quoted from, its diagnostics too; see `fit.fit`."""
    raw = sampled["posterior"].to_dataset()
    chains, draws = raw.sizes["chain"], raw.sizes["draw"]
    everything = stacked(raw)
    drawn = {name: values for name, values in everything.items() if name in _PARAMETERS}
    forecast = forecast_parameters(drawn, observations.end, start=start, ahead=ahead, seed=seed)
    posterior = {
        name: _variable(name, values.reshape(chains, draws, *values.shape[1:]), ("chain", "draw"))
        for name, values in (drawn | forecast).items()
    }
    is_censored = observations.censored is not None
    prior = draw_priors(seed, _PRIOR_DRAWS, observations.end, censored=is_censored)
    every = max(1, chains * draws // _PREDICTIVE_DRAWS)
    replica = replicate(
        {name: values[::every] for name, values in drawn.items()},
        observations,
        np.random.default_rng([seed, 2]),
    )
    groups = {
        "posterior": xr.Dataset(posterior),
        "prior": xr.Dataset({n: _variable(n, v[None], ("chain", "draw")) for n, v in prior.items()}),
        "posterior_predictive": _predictive(replica),
        "observed_data": observed(observations),
        "trend": _trend(drawn, observations, seed=seed, until=start + ahead),
        # Without the sampler's clock: the same fit is the same file.
        "sample_stats": sampled["sample_stats"]
        .to_dataset()[["diverging", "logp"]]
        .astype(float)
        .drop_attrs(),
    }
    if observations.censored is not None:
        groups["bounds"] = _within_bounds(everything, observations.censored, observations.end, seed)
    tree = xr.DataTree.from_dict(groups)
    tree["checks"] = xr.DataTree(predictive_checks(tree).to_xarray().drop_vars("index"))
    tree.attrs.update(_about(diagnosed, observations, forecast, seed=seed, start=start, ahead=ahead))
    tree.attrs["fit_id"] = _identity(posterior)
    return tree


def stacked(group: xr.Dataset) -> dict[str, FloatArray]:
    """Return draws of all chains in one: (draw,) or (draw, element) by name."""
    return {
        str(name): values.to_numpy().astype(np.float64).reshape(-1, *values.shape[2:])
        for name, values in group.data_vars.items()
    }


def draws_of(tree: xr.DataTree) -> dict[str, FloatArray]:
    """Return the fitted parameters of a posterior, all chains in one.

    Parameters
    ----------
    tree : DataTree
        A posterior, as `fit.fit` returns it.

    Returns
    -------
    dict of str to ndarray
        Arrays (draw,) or (draw, element) by parameter.

    Examples
    --------
    >>> from timecone.history.joint.posterior import open_posterior
    >>> from timecone.history.joint.posterior import draws_of
    >>> "spending_level" in draws_of(open_posterior("posterior.nc"))
    True
    """
    return {n: v for n, v in stacked(tree["posterior"].to_dataset()).items() if n in _PARAMETERS}


def forecast_of(tree: xr.DataTree) -> dict[str, FloatArray]:
    """Return the scenario's parameters of a posterior, all chains in one.

    Parameters
    ----------
    tree : DataTree
        A posterior, as `fit.fit` returns it.

    Returns
    -------
    dict of str to ndarray
        Arrays (draw,) by parameter of the scenario, in its unit.

    Examples
    --------
    >>> from timecone.history.joint.posterior import open_posterior
    >>> from timecone.history.joint.posterior import forecast_of
    >>> "hardware.doubling_time" in forecast_of(open_posterior("posterior.nc"))
    True
    """
    return {n: v for n, v in stacked(tree["posterior"].to_dataset()).items() if n in FORECAST}


def observations_of(tree: xr.DataTree) -> Observations:
    """Return the observations that a posterior was fitted to.

    Parameters
    ----------
    tree : DataTree
        A posterior, as `fit.fit` returns it.

    Returns
    -------
    Observations
        Frontier runs, chips and studies.

    Examples
    --------
    >>> from timecone.history.joint.posterior import open_posterior
    >>> from timecone.history.joint.posterior import observations_of
    >>> len(observations_of(open_posterior("posterior.nc")).run_name) > 0
    True
    """
    stored = tree["observed_data"].to_dataset()
    return Observations(
        end=float(tree.attrs["end"]),
        run_name=tuple(str(n) for n in stored["run"].values),
        chip_name=tuple(str(n) for n in stored["chip"].values),
        study_name=tuple(str(n) for n in stored["study"].values),
        is_record=stored["is_record"].values.astype(bool),
        is_tensor=stored["is_tensor"].values.astype(bool),
        censored=_censored_of(tree),
        **{key: stored[key].values for key in OBSERVED if key not in {"is_record", "is_tensor"}},
    )


def _censored_of(tree: xr.DataTree) -> Censored | None:
    if "bounds" not in tree.children:
        return None
    stored = tree["bounds"].to_dataset()
    none = np.zeros(0)
    return Censored(
        unknown_name=tuple(str(n) for n in stored["unknown"].values) if "unknown" in stored else (),
        record_share=float(stored.attrs["record_share"]),
        **{key: stored[key].values if key in stored else none for key in BOUNDS},
    )


def save_posterior(tree: xr.DataTree, path: str | Path) -> Path:
    """Write a posterior as netCDF.

    Parameters
    ----------
    tree : DataTree
        A posterior, as `fit.fit` returns it.
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
    >>> from timecone.history.joint.posterior import open_posterior
    >>> from timecone.history.joint.posterior import save_posterior
    >>> save_posterior(open_posterior("posterior.nc"), "copy.nc").name
    'copy.nc'
    """
    return write_file(path, netcdf_bytes(tree))


def open_posterior(path: str | Path) -> xr.DataTree:
    """Read a posterior that a fit has written.

    Parameters
    ----------
    path : str or Path
        A netCDF file that `save_posterior` wrote.

    Returns
    -------
    DataTree
        The posterior, all in memory.

    Raises
    ------
    UsageError
        It is missing, broken or of another kind.

    Examples
    --------
    >>> from timecone.history.joint.posterior import open_posterior
    >>> sorted(open_posterior("posterior.nc")["posterior"].sizes)[:2]
    ['chain', 'draw']
    """
    tree = open_fit(path, _REMEDY)
    if tree.attrs.get("kind") != POSTERIOR_KIND:
        raise UsageError(
            "not-a-posterior",
            "not a posterior of timecone",
            where=str(path),
            got=tree.attrs.get("kind"),
            allowed=repr(POSTERIOR_KIND),
            remedy=_REMEDY,
        )
    require_parts(tree, str(path))
    return tree


def sources_of(tree: xr.DataTree) -> list[dict[str, str]]:
    """Return the files that a posterior was fitted to: name, kind, sha256."""
    return list(json.loads(tree.attrs.get("sources", "[]")))


def with_sources(tree: xr.DataTree, sources: Sequence[Mapping[str, str]]) -> xr.DataTree:
    """Note which files a posterior was fitted to."""
    tree.attrs["sources"] = json.dumps([dict(s) for s in sources])
    return tree


def _trend(
    drawn: Mapping[str, FloatArray], observations: Observations, *, seed: int, until: float
) -> xr.Dataset:
    """Return bands of the trends of records and of chips, back to the first run and ahead."""
    first = min(observations.run_date.min(), observations.chip_date.min())
    back = np.append(np.arange(np.floor(first), observations.end, _TREND_STEP), observations.end)
    ahead = np.arange(observations.end + _TREND_STEP, until + _TREND_STEP, _TREND_STEP)
    spending, efficiency = frontier(drawn, back, observations.end)
    walk = np.random.default_rng([seed, 3])
    more, better = spending_and_efficiency(drawn, ahead, observations.end, walk)
    spending, efficiency = np.hstack([spending, more]), np.hstack([efficiency, better])
    chips = chip_trend(drawn, back, observations.end)
    series = {
        "compute": spending + efficiency,
        "cost": spending,
        "price_performance": efficiency,
        "chips_fp32": np.pad(chips, ((0, 0), (0, len(ahead))), constant_values=np.nan)
        + drawn["chip_level"][:, :1],
    }
    series["chips_tensor"] = series["chips_fp32"] + np.diff(drawn["chip_level"], axis=1)
    return xr.Dataset(
        {name: (("level", "time"), np.percentile(values, _BANDS, axis=0)) for name, values in series.items()},
        coords={"level": list(_BANDS), "time": np.concatenate([back, ahead])},
    )


def _within_bounds(
    everything: Mapping[str, FloatArray], censored: Censored, end: float, seed: int
) -> xr.Dataset:
    """Return the bounds, the compute that the posterior gives to the runs within them, and a check.

    The check simulates the runs anew: the share of simulated ones that lie within bounds, and of sets of them
    that do so altogether.
    """
    dataset = bounds(censored)
    scale = np.hypot(everything["spending_spread"], everything["efficiency_spread"])[:, None]
    every = max(1, len(scale) // _PREDICTIVE_DRAWS)
    simulated = replicate_bounds(
        {name: values[::every] for name, values in everything.items() if name in _PARAMETERS},
        censored,
        end,
        np.random.default_rng([seed, 6]),
    )
    inside = []
    for name, dates in (("bound", censored.bound_date), ("unknown", censored.unknown_date)):
        if not len(dates):
            continue
        spending, efficiency = frontier(everything, dates, end)
        compute = spending + efficiency + scale * everything[f"{name}_run"]
        dataset[f"{name}_compute"] = (
            ("level", name),
            np.percentile(compute, _BANDS, axis=0),
            {"units": "log10 FLOP", "long_name": "compute within the bounds"},
        )
        dataset[f"{name}_inside"] = (
            name,
            simulated[f"{name}_inside"].mean(axis=0),
            {"units": "1", "long_name": "share of simulated runs within the bounds"},
        )
        inside.append(simulated[f"{name}_inside"])
    dataset.attrs["all_inside"] = float(np.hstack(inside).all(axis=1).mean())
    return dataset.assign_coords(level=list(_BANDS))


def _identity(posterior: Mapping[str, xr.Variable]) -> str:
    """Return a name for these very draws."""
    checksum = hashlib.sha256()
    for name in sorted(posterior):
        checksum.update(name.encode() + np.ascontiguousarray(posterior[name].values).tobytes())
    return checksum.hexdigest()[:16]


def _variable(name: str, values: FloatArray, dims: tuple[str, ...]) -> xr.Variable:
    if name in _PARAMETERS:
        about = {"long_name": _PARAMETERS[name].meaning, "units": _PARAMETERS[name].unit}
    else:
        about = {"long_name": FORECAST[name][1], "units": FORECAST[name][0]}
    extra = (_ELEMENT[name],) if values.ndim > len(dims) else ()
    return xr.Variable((*dims, *extra), values, about)


def _predictive(replica: Mapping[str, FloatArray]) -> xr.Dataset:
    dims = {"compute": "run", "cost": "run", "performance": "chip", "halving": "study"}
    return xr.Dataset(
        {name: (("chain", "draw", dims[name]), values[None]) for name, values in replica.items()}
    )


def _about(
    diagnosed: Mapping[str, Any],
    observations: Observations,
    forecast: Mapping[str, FloatArray],
    **settings: float,
) -> dict[str, Any]:
    slow = np.mean(forecast["hardware.doubling_time"] >= SLOWEST_DOUBLING)
    return {
        "kind": POSTERIOR_KIND,
        "timecone_version": __version__,
        "end": observations.end,
        **settings,
        **{key: value for key, value in diagnosed.items() if key != "draws"},
        "share_at_slowest_doubling": float(slow),
    }


def thinned(tree: xr.DataTree, *, draws: int) -> xr.DataTree:
    """Return a posterior with every so many-th draw, in single precision, to be passed on as a small file.

    What an update and a fragment read is kept: ``posterior``, ``prior``, ``trend``, ``checks``,
    ``observed_data``, ``bounds`` if there are any, and the attributes, of which the diagnostics are those of
    all draws.

    Parameters
    ----------
    tree : DataTree
        A posterior, as `fit.fit` returns it.
    draws : int
        Draws of each chain that are kept.

    Returns
    -------
    DataTree

    Raises
    ------
    ArgumentError
        ``draws`` is below 1 or above the number there is.

    Examples
    --------
    >>> small = thinned(open_posterior("posterior.nc"), draws=1000)
    """
    there = tree["posterior"].sizes["draw"]
    if not 1 <= draws <= there:
        raise ArgumentError(
            "invalid-draw-count", "not a number of draws", where="draws", got=draws, allowed=f"1 to {there}"
        )
    every = there // draws
    single: dict[str, xr.Dataset] = {}
    for name in ("posterior", "prior"):
        full = tree[name].to_dataset()
        # astype drops names and units of variables.
        single[name] = full.isel(draw=slice(None, every * draws, every)).astype(np.float32)
        for variable in full.data_vars:
            single[name][variable].attrs = full[variable].attrs
    whole = ("observed_data", "trend", "checks", "bounds")
    kept = {name: tree[name].to_dataset() for name in whole if name in tree.children}
    groups: dict[str, xr.Dataset] = {**single, **kept}
    smaller = xr.DataTree.from_dict(groups)
    smaller.attrs = {**tree.attrs, "thinned": f"every draw in {every}"}
    smaller.attrs["fit_id"] = _identity(
        {str(n): v.variable for n, v in single["posterior"].data_vars.items()}
    )
    return smaller
