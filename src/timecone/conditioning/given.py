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
from timecone.results.run_file.accumulator import Accumulator
from timecone.results.run_file.not_yet import contradicted
from timecone.schema import (
    BEGINS,
    BIN_WIDTH,
    BY_VALUE,
    CONTRADICTED,
    DERIVED,
    EXTRA_KIND,
    GIVEN,
    INPUTS,
    ORIGIN,
    OUTCOMES,
    PATHS,
    SUMMARY,
    BoolArray,
    Inclusion,
)

#: Fewest draws from which numbers are quoted.
LEAST_DRAWS = 100
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
        raise ArgumentError(
            "condition-leaves-too-few",
            f"only {left} draws meet the condition",
            where="given",
            got=condition,
            allowed=f"at least {LEAST_DRAWS}",
            remedy=remedy,
        )
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
        raise ArgumentError(
            "unreadable-condition",
            "the condition cannot be read",
            where="given",
            got=condition,
            allowed=error.allowed,
            remedy=remedy,
        ) from None
    values, of_outcomes = _values(run)
    for name in sorted(expression.names):
        if name not in values:
            raise ArgumentError(
                "unknown-stored-name",
                "the run stores nothing with this name",
                where="given",
                got=name,
                remedy=suggestion(name, values),
            )
    known = choices(run)
    for name, value in sorted(expression.comparisons):
        if name not in known or value not in known[name]:
            raise ArgumentError(
                "stored-value-unknown",
                f"{name!r} has no such value",
                where="given",
                got=value,
                remedy=suggestion(value, known.get(name, ())),
            )
    for name in sorted(expression.numbers & known.keys()):
        raise ArgumentError(
            "value-not-compared-with-choice",
            "a choice must be compared with one of its values",
            where="given",
            got=name,
            allowed=f"{name} == {known[name][0]!r}",
        )
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
    if CONTRADICTED in tree.attrs:
        tree.attrs[CONTRADICTED] = int(np.count_nonzero(contradicted(groups[OUTCOMES])))
    tree.attrs.pop("precision", None)
    return tree


def _counted_again(run: xr.DataTree, before: xr.Dataset, outcomes: xr.Dataset) -> xr.Dataset:
    """Return a summary counted from some of the run's draws, in the same cells."""
    cells = [_count(run, before, outcomes.isel(draw=mask)) for mask in _cells(run, before, outcomes)]
    data = {
        name: np.concatenate([cell.counts[name][1] for cell in cells], axis=dims.index("cell"))
        for name, (dims, _) in cells[0].counts.items()
    }
    if "cdf" in before:
        counted = outcomes["standing"].values == Inclusion.COUNTED
        arrival = outcomes["arrival"].transpose("milestone", "draw").values
        years = before["year"].values + 1.0
        data["cdf"] = np.array([np.searchsorted(np.sort(a[counted]), years) for a in arrival]) / counted.sum()
    kept = {name: values for name, values in data.items() if name in before}
    summary = before.drop_vars([name for name in before.data_vars if str(name) not in kept])
    return summary.assign({n: (before[n].dims, values, before[n].attrs) for n, values in kept.items()})


def _count(run: xr.DataTree, before: xr.Dataset, outcomes: xr.Dataset) -> Accumulator:
    """Count draws, all of one stratum."""
    names, draws = durations(run), outcomes.sizes["draw"]
    flags = [str(name) for name in before["flag"].values] if "flag" in before.dims else []
    positions = {name: k for k, name in enumerate(milestones(run))}
    arrival = outcomes["arrival"].transpose("milestone", "draw").values
    status = np.zeros(arrival.shape, dtype=np.int8)
    if "status" in outcomes:
        status = outcomes["status"].transpose("milestone", "draw").values

    def stack(rows: list[np.ndarray], dtype: type) -> np.ndarray:
        return np.array(rows, dtype=dtype).reshape(len(rows), draws)

    origin = float(group(run, SUMMARY).attrs[ORIGIN])
    accumulator = Accumulator.empty(
        origin,
        origin + before.sizes["date_bin"] * BIN_WIDTH,
        milestones=len(positions),
        strata=1,
        times=0,
        flags=len(flags),
        durations=len(names),
    )
    accumulator.add(
        arrival=arrival,
        status=status,
        durations=stack([outcomes[name].values for name in names], np.float64),
        begins=[positions.get(str(outcomes[name].attrs.get(BEGINS))) for name in names],
        observed=(),
        thresholds=(),
        inclusion=outcomes["standing"].values,
        strata=np.zeros(draws, dtype=np.int64),
        flags=stack([outcomes[name].values for name in flags], np.int8),
        headline=positions[str(run.attrs["headline"])],
    )
    return accumulator


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
