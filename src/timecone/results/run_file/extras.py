"""Extras of a run: dates and numbers that a model gives beside its milestones, and flags.

Dates and numbers rest on the stored draws, flags on all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.estimators.intervals import standard_error, wilson
from timecone.results.run_file.access import counted_draws, counts, group, headline
from timecone.results.run_file.failures import FAILED_FIRST, FAILED_LAST, failed_attributes
from timecone.results.run_file.percentiles import levels, of_stored
from timecone.schema import EXTRA_BEFORE, EXTRA_KIND, OUTCOMES, BoolArray, FloatArray, Inclusion

#: The levels of the short table.
PERCENTILES = (5.0, 50.0, 95.0)


def extras(
    run: xr.DataTree, q: Sequence[float] = PERCENTILES, *, where: Mapping[str, str] | None = None
) -> xr.DataArray:
    """Return percentiles of the dates and numbers that the model gives beside its milestones.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    q : sequence of float
        Percentiles in (0, 100).
    where : mapping, optional
        Values of choices to condition on.

    Returns
    -------
    DataArray, dims (extra, percentile)
        The inverted empirical CDF of the stored draws that count; +inf for a date not before the horizon. Of
        a date that counts only before a milestone (coordinate ``before``), among the draws in which it comes:
        in the others that milestone was first, or neither came. No rows where the run has no extras.
        Coordinates ``label``, ``kind``, ``units`` and ``definition`` by extra; ``draws``, how many a row
        rests on, and ``share``, what part of those that count, with its interval
        ``share_lower`` and ``share_upper`` and its ``share_error``; ``lower`` and ``upper``
        are the 95 % order-statistic interval (where the draws come in replicates and all are stored, from
        their spread), ``standard_error`` what it implies; ``failed_first`` and ``failed_last`` with the
        stored draws that failed put before or after all others.

    Raises
    ------
    ArgumentError
        A percentile outside (0, 100), an unknown choice or value, or no stored draw counts.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> dates = tc.extras(run, [50])
    >>> dates.dims, dates.sizes["percentile"]
    (('extra', 'percentile'), 1)
    """
    level, chosen = levels(q), counted_draws(run, where)
    outcomes = group(run, OUTCOMES)
    names = [str(n) for n, v in outcomes.data_vars.items() if v.attrs.get(EXTRA_KIND) in ("date", "number")]
    if names and not chosen.any():
        raise ArgumentError(
            "no-draws-left",
            "no draws are left",
            where="where",
            got=dict(where or {}),
            remedy="Keep more draws.",
        )
    statistics = [_conditional(run, outcomes[name], chosen, level, where) for name in names]
    about = {
        key: ("extra", _words(outcomes[name].attrs.get(attribute, "") for name in names))
        for key, attribute in _ABOUT.items()
    }
    for part in ("share", "share_lower", "share_upper", "share_error", "draws"):
        about[part] = ("extra", np.array([each[part].item() for each in statistics]))
    parts = {
        part: (
            ("extra", "percentile"),
            np.reshape([each[part].values for each in statistics], (-1, level.size)),
        )
        for part in ("lower", "upper", "standard_error", FAILED_FIRST, FAILED_LAST)
    }
    return xr.DataArray(
        np.reshape([each.values for each in statistics], (-1, level.size)),
        dims=("extra", "percentile"),
        coords={"extra": _words(names), "percentile": level, **about, **parts},
        name="extras",
        attrs={"draws": int(chosen.sum()), "interval": "95 %", **failed_attributes(run, where)},
    )


_ABOUT = {"label": "long_name", "kind": EXTRA_KIND, "units": "units", "definition": "comment",
          "before": EXTRA_BEFORE}  # fmt: skip


def _words(texts: Iterable[object]) -> np.ndarray[Any, np.dtype[np.str_]]:
    """Return texts as an array that is of texts also where there are none."""
    return np.array([str(text) for text in texts], dtype=np.str_)


def _conditional(
    run: xr.DataTree,
    values: xr.DataArray,
    chosen: BoolArray,
    level: FloatArray,
    where: Mapping[str, str] | None,
) -> xr.DataArray:
    """Return percentiles of one extra, and in what share of the draws it has them."""
    happens = np.isfinite(values.values) if EXTRA_BEFORE in values.attrs else np.ones_like(chosen)
    among, size = chosen & happens, int(chosen.sum())
    if among.any():
        statistics = of_stored(run, values.values, among, level, where)
    else:
        nothing = np.full(level.size, np.inf)
        ends = {"lower": -nothing, "upper": nothing, "standard_error": nothing}
        ends |= {FAILED_FIRST: -nothing, FAILED_LAST: nothing}
        statistics = xr.DataArray(nothing, dims="percentile",
                             coords={key: ("percentile", end) for key, end in ends.items()})  # fmt: skip
    count = np.array(among.sum())
    lower, upper = wilson(count, size)
    return statistics.assign_coords(
        share=count / size,
        share_lower=lower,
        share_upper=upper,
        share_error=standard_error(lower, upper),
        draws=count,
    )


def flags(run: xr.DataTree, *, where: Mapping[str, str] | None = None) -> xr.DataArray:
    """Return the share of draws in which each of the model's flags is set.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    where : mapping, optional
        Values of choices to condition on.

    Returns
    -------
    DataArray, dims (flag, among)
        Among all draws that count ("counted"), and among those in which the headline arrives ("arrived");
        from all draws of the run, also those that are not stored. No rows where the run has no flags.
        Coordinates ``label`` and ``definition`` by flag; ``lower`` and ``upper`` are Wilson's 95 % interval,
        which for draws in replicates is wider than it need be.

    Raises
    ------
    ArgumentError
        An unknown choice or value.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> shares = tc.flags(run)
    >>> shares["among"].values.tolist()
    ['counted', 'arrived']
    """
    summary, chosen = counts(run, where)
    has = "flag_count" in summary
    names = [str(name) for name in summary["flag"].values] if has else []
    count = np.zeros((len(names), 2), dtype=np.int64)
    for k, variable in enumerate(("flag_count", "flag_arrived_count") if has else ()):
        count[:, k] = summary[variable].transpose("flag", "cell").values[:, chosen].sum(axis=1)
    counted = int(summary["standing_count"].values[chosen, Inclusion.COUNTED].sum())
    beyond = summary["arrival_beyond"].sel(milestone=headline(run)).values[chosen].sum()
    trials = (counted, counted - int(beyond))
    # Where nothing arrives nothing is known of the share among arrivals: 0, from 0 to 1.
    ends = [wilson(count[:, k], n) if n else (count[:, k] * 0.0, count[:, k] + 1.0)
            for k, n in enumerate(trials)]  # fmt: skip
    lower, upper = (np.stack(end, axis=1) for end in zip(*ends, strict=True))
    about: dict[str, tuple[str, Any]] = {
        key: ("flag", _words(summary[f"flag_{key}"].values if has else ())) for key in ("label", "definition")
    }
    return xr.DataArray(
        count / np.maximum(trials, 1),
        dims=("flag", "among"),
        coords={
            "flag": _words(names),
            "among": ["counted", "arrived"],
            "lower": (("flag", "among"), lower),
            "upper": (("flag", "among"), upper),
            "standard_error": (("flag", "among"), standard_error(lower, upper)),
            **about,
        },
        name="flags",
        attrs={"draws": counted, "arrivals": trials[1], "interval": "95 %"},
    )


def along_the_way(run: xr.DataTree) -> xr.DataArray | None:
    """Return dates and numbers at the usual percentiles, or None where no stored draw counts."""
    try:
        return extras(run)
    except ArgumentError as error:
        if error.code == "no-draws-left":
            return None
        raise
