"""Differences between two runs, paired draw by draw where both rest on the same random numbers."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.estimators.paired import Differences, probability_differences, quantile_differences
from timecone.results.run_file.access import (
    group,
    headline,
    is_duration,
    keeps_all,
    milestones,
    stored_values,
)
from timecone.results.run_file.percentiles import levels
from timecone.results.run_file.probabilities import default_years, horizon
from timecone.results.run_file.same_milestone import milestone_of
from timecone.schema import OUTCOMES, FloatArray

# Texts that change no number.
_WORDS = ("name", "title", "conditions", "extends", "history")
_CHOICE_WORDS = ("title", "meanings")
_PROVENANCE = ("source", "as_of", "basis", "note", "comment")
_SHIFT_EDGES = np.array([-50.0, -20.0, -10.0, -5.0, -2.0, -1.0, -0.25, 0.25, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0])


@dataclass(frozen=True)
class Comparison:
    """Differences of a quantity between two runs, the second less the first.

    Attributes
    ----------
    quantity : str
        The milestone or duration.
    names : tuple of (str, str)
        Names of the runs.
    inputs : tuple of (str, str, str)
        What differs between their scenarios: key, and its text in each.
    paired : bool
        Whether both share their random numbers, draw by draw.
    identical : bool
        Whether all stored outcomes are equal.
    probabilities : Dataset, dims (year,)
        ``first``, ``second``, ``difference`` with ``lower``, ``upper`` and ``standard_error``.
    percentiles : Dataset, dims (percentile,)
        The same of dates or durations; a difference is NaN where neither run reaches the percentile, and
        infinite where one does not.
    shifts : Dataset, dims (shift_bin,)
        Of paired runs, the ``share`` of the draws that count in both and reach it in both by how much they
        move, between ``lower_edge`` and ``upper_edge`` in years; attributes ``unmoved``, ``to_not_reached``,
        ``from_not_reached``, ``not_reached_in_both``, ``only_first``, ``only_second`` (draws that count in
        one run only, as shares of those that count in either). Empty of others.

    Examples
    --------
    >>> import timecone as tc
    >>> scenario = tc.load("baseline")
    >>> slow = scenario.replace({"deployment.delay": tc.Uniform(low=3, high=9, unit="year")})
    >>> comparison = tc.compare(*(tc.simulate(s, draws=2000, seed=1, paths=0) for s in (scenario, slow)))
    >>> comparison.paired, comparison.identical, [key for key, *_ in comparison.inputs if "delay" in key][:1]
    (True, False, ['parameters.deployment.delay.distribution'])
    """

    quantity: str
    names: tuple[str, str]
    inputs: tuple[tuple[str, str, str], ...]
    paired: bool
    identical: bool
    probabilities: xr.Dataset
    percentiles: xr.Dataset
    shifts: xr.Dataset


def compare(
    first: xr.DataTree,
    second: xr.DataTree,
    quantity: str | None = None,
    *,
    years: Sequence[int] | None = None,
    q: Sequence[float] = (5, 10, 25, 50, 75, 90, 95),
) -> Comparison:
    """Compare two runs: the inputs that differ, and paired differences with their errors.

    Parameters
    ----------
    first, second : DataTree
        Runs of one model, or of two models that have the milestone with the same definition, simulated or
        opened from files. Their stored draws are read.
    quantity : str, optional
        A milestone or a duration of both; the headline of the first by default.
    years : sequence of int, optional
        Calendar years; the usual ones that both runs reach by default.
    q : sequence of float
        Percentiles.

    Returns
    -------
    Comparison
        Differences are the second run less the first. Runs of one seed and design that store the same draws
        are paired; the errors of others are those of independent runs.

    Raises
    ------
    ArgumentError
        The runs are of different models and do not share the milestone, have no such quantity, or have no
        draw that counts.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=0)
    >>> tc.compare(run, run).identical
    True
    """
    name = headline(first) if quantity is None else quantity
    _require_comparable(first, second, name)
    for run in (first, second):
        if name not in milestones(run) and not is_duration(run, name):
            raise ArgumentError(
                "unknown-quantity",
                "one of the runs has no such quantity",
                where=str(run.attrs["name"]),
                got=name,
                allowed=", ".join(milestones(run)),
            )
    sides = (stored_values(first, name, None), stored_values(second, name, None))
    for run, (_, counted) in zip((first, second), sides, strict=True):
        if not counted.any():
            raise ArgumentError("no-draws-left", "no draws are left", where="run", got=str(run.attrs["name"]))
    paired = shares_random_numbers(first, second)
    columns = np.array([] if is_duration(first, name) else _years(first, second, years), dtype=np.int64)
    level = levels(q)
    return Comparison(
        name,
        (str(first.attrs["name"]), str(second.attrs["name"])),
        different_inputs(first, second),
        paired,
        paired and _same_outcomes(first, second),
        differences_dataset(
            "year", columns, probability_differences(*sides, columns.astype(np.float64) + 1.0, paired=paired)
        ),
        differences_dataset("percentile", level, quantile_differences(*sides, level / 100.0, paired=paired)),
        _shifts(*sides) if paired else xr.Dataset(),
    )


def _same_outcomes(first: xr.DataTree, second: xr.DataTree) -> bool:
    before, after = group(first, OUTCOMES), group(second, OUTCOMES)
    return all(np.array_equal(before[key].values, after[key].values) for key in ("arrival", "standing"))


def _require_comparable(first: xr.DataTree, second: xr.DataTree, name: str) -> None:
    """Refuse runs of different models, unless both have the milestone, with one meaning."""
    models = [str(run.attrs.get("model", "")) for run in (first, second)]
    if models[0] == models[1]:
        return
    shared = all(name in milestones(run) for run in (first, second))
    if not shared or milestone_of(first, name) != milestone_of(second, name):
        raise ArgumentError(
            "different-models",
            "the runs are of different models and have no such milestone in common",
            where="compare",
            got=" and ".join(models),
            remedy="Compare runs of one model or of one milestone; timecone pool sets any milestones side by"
            " side.",
        )


def shares_random_numbers(first: xr.DataTree, second: xr.DataTree) -> bool:
    """Return whether draw i of both runs rests on the same random numbers."""
    keys = ("seed", "design", "given")
    same = all(str(first.attrs.get(key)) == str(second.attrs.get(key)) for key in keys)
    sizes = [group(run, OUTCOMES).sizes["draw"] for run in (first, second)]
    independent = "random" in str(first.attrs.get("design", ""))
    whole = keeps_all(first) == keeps_all(second)
    conditioned = "given" in first.attrs
    return same and sizes[0] == sizes[1] and (independent or whole) and not conditioned


def different_inputs(first: xr.DataTree, second: xr.DataTree) -> tuple[tuple[str, str, str], ...]:
    """Return what differs between the scenarios of two runs, without texts that change no number.

    Returns
    -------
    tuple of (str, str, str)
        Dotted key, and its value in each run as text; "not stated" where a scenario has none, of a component
        whether it is on by default. Of runs of different models only the models.
    """
    models = (str(first.attrs.get("model", "")), str(second.attrs.get("model", "")))
    if models[0] != models[1]:
        # Hardly an input of one is an input of the other: the models are what differs.
        return (("model", *models),)
    texts = [str(run.attrs.get("scenario", "")) for run in (first, second)]
    on = [str(run.attrs.get("components", "")).split() for run in (first, second)]
    return different_texts(texts[0], texts[1], (on[0], on[1]))


def different_texts(
    first: str, second: str, on: tuple[Collection[str], Collection[str]] | None = None
) -> tuple[tuple[str, str, str], ...]:
    """Return what differs between two scenarios as TOML texts; see `different_inputs`.

    Parameters
    ----------
    first, second : str
        The scenarios.
    on : tuple of collections of str, optional
        Components that are on in each; without it, a component that is not stated is said to be that.
    """
    flat = [_flat(tomllib.loads(text)) for text in (first, second)]
    keys = [*flat[0], *(key for key in flat[1] if key not in flat[0])]
    stated = [
        {key: table.get(key) or _unstated(key, None if on is None else on[k]) for key in keys}
        for k, table in enumerate(flat)
    ]
    return tuple((key, stated[0][key], stated[1][key]) for key in keys if stated[0][key] != stated[1][key])


def _unstated(key: str, on: Collection[str] | None) -> str:
    """Return what holds in a scenario that does not state a key."""
    section, _, name = key.partition(".")
    return "not stated" if on is None or section != "components" else f"{name in on} (by default)"


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        texts = _WORDS if not prefix else _CHOICE_WORDS if prefix.startswith("choices.") else ()
        if key in texts or key in _PROVENANCE:
            continue
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat


def _years(first: xr.DataTree, second: xr.DataTree, years: Sequence[int] | None) -> Sequence[int]:
    if years is None:
        return default_years(first, second)
    start = max(float(run.attrs["start"]) for run in (first, second))
    last = min(horizon(run) for run in (first, second))
    for year in years:
        if not start < year + 1 <= last:
            raise ArgumentError(
                "year-outside-run",
                "a year is outside the runs",
                where="years",
                got=year,
                allowed=f"{start:g} to {last - 1.0:g}",
            )
    return years


def differences_dataset(dim: str, at: np.ndarray, differences: Differences) -> xr.Dataset:
    """Return differences as `Comparison` holds them."""
    columns = {key: (dim, values) for key, values in differences._asdict().items()}
    return xr.Dataset(columns, coords={dim: at}).rename(value="difference")


def _shifts(first: tuple[FloatArray, np.ndarray], second: tuple[FloatArray, np.ndarray]) -> xr.Dataset:
    """Return by how much the draws move; what is not reached in a run moves to or from there."""
    (before, counted_before), (after, counted_after) = first, second
    both = counted_before & counted_after
    reached_before, reached_after = np.isfinite(before), np.isfinite(after)
    whole = float((counted_before | counted_after).sum())
    moved = both & reached_before & reached_after
    shift = after[moved] - before[moved]
    edges = np.concatenate([[-np.inf], _SHIFT_EDGES, [np.inf]])
    shares = np.histogram(shift, edges)[0] / whole
    attributes = {
        "unmoved": float((shift == 0.0).sum() / whole),
        "to_not_reached": float((both & reached_before & ~reached_after).sum() / whole),
        "from_not_reached": float((both & ~reached_before & reached_after).sum() / whole),
        "not_reached_in_both": float((both & ~reached_before & ~reached_after).sum() / whole),
        "only_first": float((counted_before & ~counted_after).sum() / whole),
        "only_second": float((counted_after & ~counted_before).sum() / whole),
    }
    return xr.Dataset(
        {"share": ("shift_bin", shares)},
        coords={"lower_edge": ("shift_bin", edges[:-1]), "upper_edge": ("shift_bin", edges[1:])},
        attrs=attributes,
    )
