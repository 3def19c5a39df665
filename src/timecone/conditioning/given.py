"""A run given a condition on its stored inputs and outcomes.

The condition is an expression as scenario files write them. Draws that do not satisfy it are left out and
everything is counted again, so that every table and figure reads the result like any other run.
"""

from __future__ import annotations

import re

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, DistributionError, suggestion
from timecone.inputs.expression import Expression
from timecone.results.run_file.access import choices, durations, group, keeps_all, milestones
from timecone.schema import (
    BEGINS,
    BIN_WIDTH,
    BY_VALUE,
    DERIVED,
    EXTRA_KIND,
    INPUTS,
    ORIGIN,
    OUTCOMES,
    PATHS,
    SUMMARY,
    BoolArray,
    FloatArray,
    Inclusion,
    IntArray,
    Status,
)

#: Fewest draws from which numbers are quoted.
LEAST_DRAWS = 100
#: Root attribute that holds the condition.
GIVEN = "given"
_EQUALITY = re.compile(r"(?<![<>=!])=(?!=)")


def given(run: xr.DataTree, condition: str) -> xr.DataTree:
    """Return a run with only the stored draws that satisfy a condition.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    condition : str
        A condition on milestones, durations, dates along the way, inputs and choices, for instance
        ``"automation_20 < 2030 and threshold == 'bio_anchors'"``. Dates are decimal years, +inf where not by
        the horizon. ``and``, ``or``, ``not`` and arithmetic are those of scenario files.

    Returns
    -------
    DataTree
        Reads like a run whose draws are the stored ones that satisfy the condition; its conditions say so.
        Draws that failed stay if their inputs and choices do not contradict the condition, because their
        outcomes are unknown. Bands over time are left out: they are counted before draws are stored.
        Intervals treat draws as independent.

    Raises
    ------
    ArgumentError
        The condition cannot be read, names something that the run does not store, or leaves fewer than 100
        draws that count.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=5000, seed=1, paths=0)
    >>> late = tc.given(run, "tai > 2035")
    >>> float(tc.probability_by(late, "tai", [2034])[0])
    0.0
    """
    holds = satisfied(run, condition)
    outcomes = group(run, OUTCOMES)
    counted = holds & (outcomes["standing"].values == Inclusion.COUNTED)
    if (left := int(counted.sum())) < LEAST_DRAWS:
        stored = int((outcomes["standing"].values == Inclusion.COUNTED).sum())
        remedy = (
            "Run more draws or state a wider condition."
            if keeps_all(run)
            else f"Only {stored:,} stored draws count: keep more (--keep), or state a wider condition."
        )
        raise ArgumentError(f"the condition leaves {left} draws", where="given", got=condition,
                            allowed=f"at least {LEAST_DRAWS}", remedy=remedy)  # fmt: skip
    return _restricted(run, holds, condition)


def satisfied(run: xr.DataTree, condition: str) -> BoolArray:
    """Return which stored draws satisfy a condition.

    Parameters
    ----------
    run : DataTree
        A run.
    condition : str
        The condition; see `given`.

    Raises
    ------
    ArgumentError
        The condition cannot be read, or names something that the run does not store.
    """
    try:
        expression = Expression(condition)
    except DistributionError as error:
        remedy = "Write == for equality." if _EQUALITY.search(condition) else error.remedy
        raise ArgumentError("the condition cannot be read", where="given", got=condition,
                            allowed=error.allowed, remedy=remedy) from None  # fmt: skip
    values, of_outcomes = _values(run)
    for name in sorted(expression.names):
        if name not in values:
            raise ArgumentError("the run stores nothing of this name", where="given", got=name,
                                remedy=suggestion(name, values))  # fmt: skip
    known = choices(run)
    for name, value in sorted(expression.comparisons):
        if name not in known or value not in known[name]:
            raise ArgumentError(f"{name!r} has no such value", where="given", got=value,
                                remedy=suggestion(value, known.get(name, ())))  # fmt: skip
    for name in sorted(expression.numbers & known.keys()):
        raise ArgumentError("a choice is compared with one of its values", where="given", got=name,
                            allowed=f"{name} == {known[name][0]!r}")  # fmt: skip
    answer, _ = expression.evaluate(values, {}, 1)
    size = group(run, OUTCOMES).sizes["draw"]
    holds = np.broadcast_to(np.nan_to_num(answer) != 0.0, (size,)).copy()
    if not expression.names.isdisjoint(of_outcomes):
        # What a failed draw would have led to is unknown.
        holds |= group(run, OUTCOMES)["standing"].values == Inclusion.FAILED
    return holds


def _values(run: xr.DataTree) -> tuple[dict[str, np.ndarray], set[str]]:
    """Return everything that a condition can name, and which names are outcomes."""
    outcomes, inputs = group(run, OUTCOMES), group(run, INPUTS)
    values: dict[str, np.ndarray] = {}
    for name, variable in inputs.data_vars.items():
        if variable.dims == ("draw",):
            values[str(name)] = variable.values
    of_outcomes = {str(name) for name in values if DERIVED in inputs[name].attrs}
    for name, variable in outcomes.data_vars.items():
        if variable.dims == ("draw",) and (EXTRA_KIND in variable.attrs or str(name) in durations(run)):
            values[str(name)] = variable.values
            of_outcomes.add(str(name))
    for name in milestones(run):
        values[name] = outcomes["arrival"].sel(milestone=name).values
        of_outcomes.add(name)
    for choice, names in choices(run).items():
        values.pop(f"choice_{choice}", None)
        values[choice] = np.array(names)[outcomes[f"choice_{choice}"].values]
    return values, of_outcomes


def _restricted(run: xr.DataTree, holds: BoolArray, condition: str) -> xr.DataTree:
    groups: dict[str, xr.Dataset] = {}
    chosen = np.flatnonzero(holds)
    for name, node in run.children.items():
        if name not in {INPUTS, OUTCOMES}:
            continue
        dataset = node.dataset
        groups[name] = dataset.isel(draw=chosen) if "draw" in dataset.dims else dataset
    paths = group(run, PATHS)
    if "path" in paths.dims:
        stored = paths["path"].values if "path" in paths.coords else np.arange(paths.sizes["path"])
        groups[PATHS] = paths.isel(path=np.flatnonzero(np.isin(stored, chosen)))
    else:
        groups[PATHS] = paths
    for name in (SUMMARY, BY_VALUE):
        if name in run.children:
            groups[name] = _counted_again(run, group(run, name), groups[OUTCOMES])
    tree = xr.DataTree.from_dict({"/": run.dataset, **groups}, name=run.name)
    tree.attrs = dict(run.attrs) | {
        "draws": len(chosen),
        "draws_wanted": len(chosen),
        GIVEN: condition,
        "conditions": f"{str(run.attrs['conditions']).rstrip()} Given that {condition}.",
    }
    tree.attrs.pop("precision", None)
    return tree


def _counted_again(run: xr.DataTree, before: xr.Dataset, outcomes: xr.Dataset) -> xr.Dataset:
    """Return a summary counted from some of the run's draws, in the same cells."""
    masks = _cells(run, before, outcomes)
    counted = outcomes["standing"].values == Inclusion.COUNTED
    every = np.ones_like(counted)

    def by_cell(codes: IntArray, mask: BoolArray, size: int) -> IntArray:
        return np.array([np.bincount(codes[mask & cell], minlength=size)[:size] for cell in masks])

    def of_bins(values: FloatArray, size: int) -> IntArray:
        finite = np.where(np.isfinite(values), values, 0.0)
        bins = np.maximum(np.floor(finite / BIN_WIDTH + 1e-9), 0).astype(np.int64)
        return np.where(np.isfinite(values) & (bins < size), bins, size)

    data: dict[str, np.ndarray] = {
        "standing_count": by_cell(
            outcomes["standing"].values.astype(np.int64), every, before.sizes["standing"]
        )
    }
    arrival = outcomes["arrival"].transpose("milestone", "draw").values
    size = before.sizes["date_bin"]
    origin = float(group(run, SUMMARY).attrs[ORIGIN])
    tables = np.array([by_cell(of_bins(values - origin, size), counted, size + 1) for values in arrival])
    data["arrival_count"], data["arrival_beyond"] = tables[..., :size], tables[..., size]
    if "status" in outcomes and "status" in before.dims:
        status = outcomes["status"].transpose("milestone", "draw").values.astype(np.int64)
        data["status_count"] = np.array([by_cell(codes, counted, before.sizes["status"]) for codes in status])
    if durations(run) and "duration_bin" in before.dims:
        size = before.sizes["duration_bin"]
        cut = [_begun_before(outcomes, name) for name in durations(run)]
        pairs = [
            (of_bins(outcomes[name].values, size), c) for name, c in zip(durations(run), cut, strict=True)
        ]
        tables = np.array([by_cell(bins, counted & ~early, size + 1) for bins, early in pairs])
        data["duration_count"], data["duration_beyond"] = tables[..., :size], tables[..., size]
        zero = np.zeros(counted.size, dtype=np.int64)
        data["duration_from_start"] = np.array([by_cell(zero, counted & early, 1)[:, 0] for early in cut])
    if "flag" in before.dims:
        headline = outcomes["arrival"].sel(milestone=run.attrs["headline"]).values
        for key, mask in (("flag_count", counted), ("flag_arrived_count", counted & np.isfinite(headline))):
            flags = [outcomes[str(name)].values.astype(np.int64) for name in before["flag"].values]
            data[key] = np.array([by_cell(codes, mask, 2)[:, 1] for codes in flags])
    if "cdf" in before:
        years = before["year"].values + 1.0
        data["cdf"] = np.array([np.searchsorted(np.sort(a[counted]), years) for a in arrival]) / counted.sum()
    kept = {name: values for name, values in data.items() if name in before}
    summary = before.drop_vars([name for name in before.data_vars if str(name) not in kept])
    return summary.assign({n: (before[n].dims, values, before[n].attrs) for n, values in kept.items()})


def _begun_before(outcomes: xr.Dataset, duration: str) -> BoolArray:
    """Return in which draws a duration had begun before the start."""
    begins = outcomes[duration].attrs.get(BEGINS)
    if begins is None or "status" not in outcomes:
        return np.zeros(outcomes.sizes["draw"], dtype=np.bool_)
    return np.asarray(outcomes["status"].sel(milestone=begins).values == Status.BEFORE_START)


def _cells(run: xr.DataTree, counts: xr.Dataset, outcomes: xr.Dataset) -> list[BoolArray]:
    """Return for each cell which draws belong to it."""
    known = choices(run)
    masks = [np.ones(outcomes.sizes["draw"], dtype=np.bool_) for _ in range(counts.sizes["cell"])]
    for choice, names in known.items():
        if f"choice_{choice}" not in counts.coords:
            continue
        codes = outcomes[f"choice_{choice}"].values
        for k, value in enumerate(counts[f"choice_{choice}"].values):
            if value:
                masks[k] = masks[k] & (codes == names.index(str(value)))
    return masks
