"""Access to a run by name: quantities, choices, samples; each missing thing has its own message."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, RunFileError, suggestion
from timecone.results.estimators.sample import (
    BinnedSample,
    ReplicatedSample,
    SortedSample,
    UnweightedSample,
)
from timecone.schema import (
    BEGINS,
    BINS_PER_YEAR,
    BY_VALUE,
    CHOICES,
    COMPONENTS,
    ENDS,
    FAN_OF,
    GRID_BINS,
    GRID_LOW,
    GRID_WIDTH,
    HEADLINE,
    MAIN_OBSERVABLE,
    OUTCOMES,
    REPLICATES,
    REPLICATES_BY_VALUE,
    SUMMARY,
    THRESHOLD,
    BoolArray,
    FloatArray,
    Grid,
    Inclusion,
    IntArray,
    Status,
)


def group(run: xr.DataTree, name: str) -> xr.Dataset:
    """Return one group of a run as a dataset.

    Raises
    ------
    RunFileError
        The run has no such group.
    """
    if name not in run.children:
        raise RunFileError(
            "run-lacks-group", "the run lacks a group", got=name, remedy="Write it again with timecone run."
        )
    dataset: xr.Dataset = run[name].dataset
    return dataset


def summarised(run: xr.DataTree, name: str) -> xr.DataArray:
    """Return a variable of the summary that a run may lack.

    Raises
    ------
    RunFileError
        It does.
    """
    summary = group(run, SUMMARY)
    if name not in summary:
        raise RunFileError("run-lacks-metadata", "the run lacks this information", where=SUMMARY, got=name)
    return summary[name]


def milestones(run: xr.DataTree) -> tuple[str, ...]:
    """Return the names of the run's milestones, in order of difficulty."""
    return tuple(str(name) for name in group(run, SUMMARY)["milestone"].values)


def headline(run: xr.DataTree) -> str:
    """Return the milestone that the run is about.

    Raises
    ------
    RunFileError
        The run names none of its milestones.
    """
    name = str(run.attrs.get(HEADLINE))
    if name not in milestones(run):
        raise RunFileError(
            "run-headline-unknown",
            "the headline is not a milestone of the run",
            where=HEADLINE,
            got=name,
            allowed=", ".join(milestones(run)),
        )
    return name


def durations(run: xr.DataTree) -> tuple[str, ...]:
    """Return the names of the run's durations; none where its model has none."""
    summary = group(run, SUMMARY)
    return tuple(str(name) for name in summary["duration"].values) if "duration" in summary.coords else ()


def is_duration(run: xr.DataTree, quantity: str) -> bool:
    """Return whether a quantity is a duration, in years, and no date."""
    return quantity in durations(run)


def duration_of(run: xr.DataTree, name: str | None) -> str:
    """Return the name of a duration of the run; the first one where none is asked for.

    Raises
    ------
    ArgumentError
        The run has no such duration, or none at all.
    """
    names = durations(run)
    if not names:
        raise ArgumentError(
            "run-has-no-duration", "the model of the run has no duration", where="run", got=run.attrs["name"]
        )
    if name is not None and name not in names:
        raise ArgumentError(
            "unknown-duration",
            "not a duration of the run",
            where="quantity",
            got=name,
            remedy=suggestion(name, names),
        )
    return names[0] if name is None else name


def end_of(run: xr.DataTree, duration: str) -> str:
    """Return the milestone with which a duration ends; the headline where the run does not say."""
    return str(group(run, OUTCOMES)[duration].attrs.get(ENDS, headline(run)))


def main_observable(run: xr.DataTree) -> str:
    """Return the observable that the run is about.

    Raises
    ------
    ArgumentError
        It is about none.
    """
    name = str(run.attrs.get(MAIN_OBSERVABLE, ""))
    if not name:
        raise ArgumentError(
            "run-has-no-observable",
            "the run has no main observable",
            where="run",
            got=run.attrs["name"],
            remedy="Name one of its trajectories.",
        )
    return name


def threshold(run: xr.DataTree) -> str:
    """Return the threshold that the main observable has to reach.

    Raises
    ------
    ArgumentError
        It has none.
    """
    observable = main_observable(run)
    name = str(summarised(run, FAN_OF + observable).attrs.get(THRESHOLD, ""))
    if not name:
        raise ArgumentError(
            "run-has-no-threshold",
            "the main observable of the run has no threshold",
            where="run",
            got=observable,
        )
    return name


def grid_of(counted: xr.DataArray) -> Grid:
    """Return the bins in which an observable or its threshold is counted.

    Raises
    ------
    RunFileError
        The variable does not say.
    """
    about = counted.attrs
    try:
        return Grid(float(about[GRID_LOW]), float(about[GRID_WIDTH]), int(about[GRID_BINS]))
    except (KeyError, TypeError, ValueError):
        raise RunFileError(
            "histogram-without-grid",
            "a counted variable does not state its bins",
            where=SUMMARY,
            got=str(counted.name),
        ) from None


def label(run: xr.DataTree, quantity: str) -> str:
    """Return words for a milestone or a duration."""
    _require_quantity(run, quantity)
    summary = group(run, SUMMARY)
    kind, names = (
        ("duration", durations(run)) if is_duration(run, quantity) else ("milestone", milestones(run))
    )
    return str(summary[f"{kind}_label"].values[names.index(quantity)])


def _require_quantity(run: xr.DataTree, quantity: str) -> None:
    known = (*milestones(run), *durations(run))
    if quantity not in known:
        raise ArgumentError(
            "unknown-milestone",
            "unknown milestone",
            where="quantity",
            got=quantity,
            remedy=suggestion(quantity, known),
        )


def choices(run: xr.DataTree) -> dict[str, tuple[str, ...]]:
    """Return the values of every choice, in the order of the scenario file where the run says it."""
    strata = group(run, BY_VALUE if BY_VALUE in run.children else SUMMARY)
    names = [str(n).removeprefix("choice_") for n in strata.coords if str(n).startswith("choice_")]
    place = {name: k for k, name in enumerate(str(run.attrs.get(CHOICES, "")).split())}
    return {
        name: tuple(dict.fromkeys(str(v) for v in strata[f"choice_{name}"].values if v))
        for name in sorted(names, key=lambda name: place.get(name, len(place)))
    }


def components(run: xr.DataTree) -> tuple[str, ...] | None:
    """Return the names of the components that were switched on; None where the run does not say."""
    return tuple(str(run.attrs[COMPONENTS]).split()) if COMPONENTS in run.attrs else None


def counts(
    run: xr.DataTree, where: Mapping[str, str] | None, *, replicates: bool = False
) -> tuple[xr.Dataset, BoolArray]:
    """Return the counts that answer a condition, and which of their strata have its values.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    where : mapping, optional
        Values of choices to condition on.
    replicates : bool, default: False
        Whether the counts by replicate are wanted.

    Raises
    ------
    ArgumentError
        An unknown choice or value, or a combination of values in a run that has too many to count each.
    """
    _require_known(run, where)
    if not where or BY_VALUE not in run.children:
        dataset = group(run, REPLICATES if replicates else SUMMARY)
    elif len(where) == 1:
        dataset = group(run, REPLICATES_BY_VALUE if replicates else BY_VALUE)
    else:
        raise ArgumentError(
            "too-many-combinations",
            "the run has too many combinations of choices to count each",
            where="where",
            got=dict(where),
            allowed="a value of one choice",
            remedy="Keep all draws (--keep), or condition on one choice.",
        )
    labels = dataset if dataset.coords.keys() & {f"choice_{c}" for c in where or {}} else group(run, SUMMARY)
    chosen = np.ones(dataset.sizes["cell"], dtype=np.bool_)
    for choice, value in (where or {}).items():
        chosen &= labels[f"choice_{choice}"].values == value
    return dataset, chosen


def counts_by_value(run: xr.DataTree, variable: str, choice: str | None) -> dict[str, IntArray]:
    """Return a count of the summary, dims (stratum, bin), by value of a choice; under "all" without a choice.

    Raises
    ------
    RunFileError
        The run has no such count.
    """
    dataset = group(run, BY_VALUE if choice is not None and BY_VALUE in run.children else SUMMARY)
    if variable not in dataset:
        raise RunFileError(
            "run-lacks-metadata", "the run lacks this information", where=SUMMARY, got=variable
        )
    values = dataset[variable].values
    if choice is None:
        return {"all": values.sum(axis=0)}
    labels = dataset[f"choice_{choice}"].values
    return {value: values[labels == value].sum(axis=0) for value in choices(run)[choice]}


def _is_counted(run: xr.DataTree, where: Mapping[str, str] | None) -> bool:
    """Return whether all draws of a condition are counted, not only stored."""
    return BY_VALUE not in run.children or len(where or {}) <= 1


def _require_known(run: xr.DataTree, where: Mapping[str, str] | None) -> None:
    known = choices(run)
    for choice, value in (where or {}).items():
        if choice not in known:
            raise ArgumentError(
                "unknown-choice",
                "unknown choice",
                where="where",
                got=choice,
                remedy=suggestion(choice, known),
            )
        if value not in known[choice]:
            raise ArgumentError(
                "unknown-choice-value",
                f"choice {choice!r} has no such value",
                where="where",
                got=value,
                remedy=suggestion(value, known[choice]),
            )


def sample(run: xr.DataTree, quantity: str, where: Mapping[str, str] | None = None) -> UnweightedSample:
    """Return the censored sample of a milestone's arrival or of a duration, with its replicates if any.

    Exact where the run keeps every draw, else in bins. Of a combination of choices that is not counted, the
    stored draws are the sample, where draws are independent. Draws removed by the not-yet rule and failed
    ones do not count.

    Raises
    ------
    ArgumentError
        No such quantity, choice or value; or no draw counts.
    """
    _require_quantity(run, quantity)
    _require_known(run, where)
    is_stored = keeps_all(run) or not (_is_counted(run, where) or REPLICATES in run.children)
    pooled = _stored(run, quantity, where) if is_stored else _counted(run, quantity, where)
    if pooled.size == 0:
        raise ArgumentError(
            "no-draws-left", "no draws are left", where="quantity", got=quantity,
            remedy="All were removed by the not-yet rule, failed, or belong to other choices.",
        )  # fmt: skip
    parts = _replicates(run, quantity, where)
    return ReplicatedSample(pooled, parts) if parts else pooled


def _replicates(run: xr.DataTree, quantity: str, where: Mapping[str, str] | None) -> list[BinnedSample]:
    """Return the samples of a run's replicates, in bins; empty where draws are independent."""
    if REPLICATES not in run.children:
        return []
    dataset, chosen = counts(run, where, replicates=True)
    parts = (dataset.isel(replicate=k) for k in range(dataset.sizes["replicate"]))
    return [_binned(run, quantity, part, chosen) for part in parts]


def keeps_all(run: xr.DataTree) -> bool:
    """Return whether every draw of the run is stored."""
    return bool(group(run, OUTCOMES).sizes["draw"] == int(run.attrs["draws"]))


def counted_draws(run: xr.DataTree, where: Mapping[str, str] | None) -> BoolArray:
    """Return which stored draws count and have the values named by ``where``."""
    return _of_inclusion(run, Inclusion.COUNTED, where)


def inclusion_counts(run: xr.DataTree, where: Mapping[str, str] | None) -> IntArray:
    """Return how many draws have each `Inclusion`; stored draws for a combination that is not counted."""
    if _is_counted(run, where):
        dataset, chosen = counts(run, where)
        by_inclusion: IntArray = (
            dataset["standing_count"].transpose("cell", "standing").values[chosen].sum(axis=0)
        )
        return by_inclusion
    return np.array([np.count_nonzero(_of_inclusion(run, inclusion, where)) for inclusion in Inclusion])


def stored_failures(run: xr.DataTree, where: Mapping[str, str] | None) -> BoolArray:
    """Return which stored draws failed and have the values named by ``where``."""
    return _of_inclusion(run, Inclusion.FAILED, where)


def _of_inclusion(run: xr.DataTree, inclusion: Inclusion, where: Mapping[str, str] | None) -> BoolArray:
    _require_known(run, where)
    outcomes = group(run, OUTCOMES)
    mask: BoolArray = outcomes["standing"].values == inclusion
    for choice, value in (where or {}).items():
        names = choices(run)[choice]
        mask &= outcomes[f"choice_{choice}"].values == names.index(value)
    return mask


def stored_values(
    run: xr.DataTree, quantity: str, where: Mapping[str, str] | None
) -> tuple[FloatArray, BoolArray]:
    """Return a quantity of the stored draws, and which of them count for it.

    Returns
    -------
    array, shape (draws,)
        Decimal years of a milestone, years of a duration.
    array of bool, shape (draws,)
        Draws that count and have the values named by ``where``; of a duration without those in which it had
        begun before the start, where it is cut off.
    """
    outcomes, counted = group(run, OUTCOMES), counted_draws(run, where)
    if is_duration(run, quantity):
        return outcomes[quantity].values, counted & ~begun_before_start(run, quantity)
    return outcomes["arrival"].sel(milestone=quantity).values, counted


def _stored(run: xr.DataTree, quantity: str, where: Mapping[str, str] | None) -> SortedSample:
    values, counted = stored_values(run, quantity, where)
    return SortedSample(np.sort(values[counted]))


def begun_before_start(run: xr.DataTree, duration: str) -> BoolArray:
    """Return in which stored draws a duration had begun before the start, so that it is cut off there."""
    outcomes = group(run, OUTCOMES)
    begins = outcomes[duration].attrs.get(BEGINS)
    if begins is None or "status" not in outcomes:
        return np.zeros(outcomes.sizes["draw"], dtype=np.bool_)
    early: BoolArray = outcomes["status"].sel(milestone=begins).values == Status.BEFORE_START
    return early


def _counted(run: xr.DataTree, quantity: str, where: Mapping[str, str] | None) -> BinnedSample:
    dataset, chosen = counts(run, where)
    return _binned(run, quantity, dataset, chosen)


def _binned(run: xr.DataTree, quantity: str, dataset: xr.Dataset, chosen: BoolArray) -> BinnedSample:
    """Return the sample of a quantity in the strata that are chosen."""
    if is_duration(run, quantity):
        kind, position, origin = "duration", durations(run).index(quantity), 0.0
    else:
        kind, position = "milestone", milestones(run).index(quantity)
        origin = float(group(run, SUMMARY).attrs["origin"])
    name = "duration" if kind == "duration" else "arrival"
    count, beyond = (dataset[f"{name}_{part}"].isel({kind: position}) for part in ("count", "beyond"))
    return BinnedSample(
        origin, BINS_PER_YEAR, count.values[chosen].sum(axis=0), int(beyond.values[chosen].sum())
    )
