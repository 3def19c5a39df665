"""Schema of a posterior file: its observations, and the variables that other files read."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from timecone.errors import UsageError
from timecone.history.joint.censored import Censored
from timecone.history.joint.forecast import FORECAST
from timecone.history.joint.observations import Observations
from timecone.history.joint.priors import CENSORED_PRIORS, PRIORS

#: Observations as variables: dimension, unit, meaning.
OBSERVED = {
    "run_date": ("run", "1", "date of release, decimal year"),
    "compute": ("run", "log10 FLOP", "training compute"),
    "cost": ("run", "log10 USD of 2023", "amortised cost"),
    "compute_error": ("run", "OOM", "standard deviation of compute by its label"),
    "is_record": ("run", "1", "largest at its release"),
    "chip_date": ("chip", "1", "date of release, decimal year"),
    "performance": ("chip", "log10 FLOP/s/USD", "performance per price"),
    "is_tensor": ("chip", "1", "performance in tensor FP16"),
    "halving": ("study", "log month", "halving time"),
    "halving_error": ("study", "log month", "standard deviation of the halving time"),
}


#: Bounds on runs of unknown compute as variables of a group ``bounds``, which a fit may lack.
BOUNDS = {
    "bound_date": ("bound", "1", "date of a bound on the largest run, decimal year"),
    "bound_mean": ("bound", "log10 FLOP", "bound of supply"),
    "bound_sd": ("bound", "OOM", "standard deviation of the bound"),
    "unknown_date": ("unknown", "1", "date of release of a run of unknown compute, decimal year"),
    "low": ("unknown", "log10 FLOP", "least compute by capability"),
    "low_error": ("unknown", "OOM", "standard deviation of the least compute"),
    "unknown_mean": ("unknown", "log10 FLOP", "bound of supply at the release"),
    "unknown_sd": ("unknown", "OOM", "standard deviation of the bound"),
}


def bounds(censored: Censored) -> xr.Dataset:
    """Return the bounds of a fit, as they stand in its file."""
    return xr.Dataset(
        {
            key: (dim, getattr(censored, key), {"units": unit, "long_name": description})
            for key, (dim, unit, description) in BOUNDS.items()
            if len(getattr(censored, key))
        },
        coords={"unknown": np.array(censored.unknown_name, dtype=object)} if censored.sizes[1] else {},
        attrs={"record_share": censored.record_share},
    )


def observed(observations: Observations) -> xr.Dataset:
    """Return what a fit saw, as it stands in its file."""
    names = {
        "run": list(observations.run_name),
        "chip": list(observations.chip_name),
        "study": list(observations.study_name),
    }
    return xr.Dataset(
        {
            key: (dim, getattr(observations, key).astype(float), {"units": unit, "long_name": description})
            for key, (dim, unit, description) in OBSERVED.items()
        },
        coords={dim: np.array(values, dtype=object) for dim, values in names.items()},
    )


_DRAWN = ("chain", "draw")
_STATISTICS = ("series", "statistic", "observed", "p05", "p50", "p95", "p_value")
_BANDS = ("compute", "cost", "price_performance", "chips_tensor", "chips_fp32")
_NUMBERS = ("end", "start", "ahead", "seed", "rhat", "ess_bulk", "ess_tail", "divergences",
            "share_at_slowest_doubling")  # fmt: skip


def require_parts(tree: xr.DataTree, where: str) -> None:
    """Refuse a posterior without something that figures, updates and fragments read.

    Raises
    ------
    UsageError
        Names the first group, variable or attribute that is missing or of another form.
    """
    for name in _NUMBERS:
        if not isinstance(tree.attrs.get(name), (int, float, np.number)):
            raise _lacks("a number", where, name)
    for name in ("fit_id", "timecone_version"):
        if not isinstance(tree.attrs.get(name), str):
            raise _lacks("an attribute", where, name)
    _require(tree, "posterior", [*PRIORS, *FORECAST], _DRAWN, where)
    _require(tree, "prior", PRIORS, _DRAWN, where)
    _require(tree, "trend", _BANDS, ("level", "time"), where)
    _require(tree, "checks", _STATISTICS, (), where)
    for name, (dim, _, _) in OBSERVED.items():
        _require(tree, "observed_data", [name], (dim,), where)
    if "bounds" in tree.children:
        _require_bounds(tree, where)
    for name in (*PRIORS, *FORECAST):
        if "units" not in tree["posterior"][name].attrs:
            raise _lacks("a unit", f"{where}: posterior", name)


def _require_bounds(tree: xr.DataTree, where: str) -> None:
    _require(tree, "bounds", ["bound_date", "bound_mean", "bound_sd"], ("bound",), where)
    _require(tree, "posterior", CENSORED_PRIORS, _DRAWN, where)
    for name in ("record_share", "all_inside"):
        if not isinstance(tree["bounds"].attrs.get(name), (int, float, np.number)):
            raise _lacks("a number", f"{where}: bounds", name)


def _require(tree: xr.DataTree, group: str, names: Iterable[str], dims: tuple[str, ...], where: str) -> None:
    """Refuse a group without these variables, or whose variables do not begin with these dimensions."""
    if group not in tree.children:
        raise _lacks("a group", where, group)
    dataset = tree[group].dataset
    for name in names:
        if name not in dataset or dataset[name].dims[: len(dims)] != dims:
            raise _lacks(
                f"a variable by {', '.join(dims)}" if dims else "a variable", f"{where}: {group}", name
            )
        if dataset[name].size == 0:
            raise _lacks("the values of a variable", f"{where}: {group}", name)


def _lacks(what: str, where: str, name: str) -> UsageError:
    return UsageError(
        "posterior-incomplete",
        f"the posterior lacks {what}",
        where=where,
        got=name,
        remedy="timecone fit writes one.",
    )
