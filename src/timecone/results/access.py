"""What a run says, by name: quantities, choices, samples; each missing thing has its own message."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, RunFileError, suggestion
from timecone.results.sample import BinnedSample, Sample, SortedSample
from timecone.schema import (
    BEGINS,
    BINS_PER_YEAR,
    CHOICES,
    COMPONENTS,
    HEADLINE,
    OUTCOMES,
    REPLICATES,
    SUMMARY,
    TAKEOFF,
    BoolArray,
    Standing,
    Status,
)

#: What an error says where a condition, the not-yet rule or failures leave nothing.
NO_DRAWS = "no draw counts here"


def group(run: xr.DataTree, name: str) -> xr.Dataset:
    """Return one group of a run as a dataset.

    Raises
    ------
    RunFileError
        The run has no such group.
    """
    if name not in run.children:
        raise RunFileError("the run lacks a group", got=name, remedy="Write it again with timecone run.")
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
        raise RunFileError("the run does not say this", where=SUMMARY, got=name)
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
        raise RunFileError("the headline is no milestone of the run", where=HEADLINE, got=name,
                           allowed=", ".join(milestones(run)))  # fmt: skip
    return name


def label(run: xr.DataTree, quantity: str) -> str:
    """Return words for a milestone or for the takeoff duration."""
    if quantity == TAKEOFF:
        return "takeoff duration"
    names = milestones(run)
    _known(run, quantity)
    return str(group(run, SUMMARY)["milestone_label"].values[names.index(quantity)])


def _known(run: xr.DataTree, quantity: str) -> None:
    known = (*milestones(run), TAKEOFF)
    if quantity not in known:
        raise ArgumentError("unknown milestone", where="quantity", got=quantity,
                            remedy=suggestion(quantity, known))  # fmt: skip


def choices(run: xr.DataTree) -> dict[str, tuple[str, ...]]:
    """Return the values of every choice, in the order of the scenario file where the run says it."""
    cells = group(run, SUMMARY)
    names = [str(n).removeprefix("choice_") for n in cells.coords if str(n).startswith("choice_")]
    place = {name: k for k, name in enumerate(str(run.attrs.get(CHOICES, "")).split())}
    return {
        name: tuple(dict.fromkeys(str(v) for v in cells[f"choice_{name}"].values))
        for name in sorted(names, key=lambda name: place.get(name, len(place)))
    }


def components(run: xr.DataTree) -> tuple[str, ...] | None:
    """Return the names of the components that were switched on; None where the run does not say."""
    return tuple(str(run.attrs[COMPONENTS]).split()) if COMPONENTS in run.attrs else None


def cells(run: xr.DataTree, where: Mapping[str, str] | None) -> BoolArray:
    """Return which cells (combinations of choices) have the values named by ``where``."""
    summary = group(run, SUMMARY)
    chosen = np.ones(summary.sizes["cell"], dtype=np.bool_)
    known = choices(run)
    for choice, value in (where or {}).items():
        if choice not in known:
            raise ArgumentError("unknown choice", where="where", got=choice,
                                remedy=suggestion(choice, known))  # fmt: skip
        if value not in known[choice]:
            raise ArgumentError(f"choice {choice!r} has no such value", where="where", got=value,
                                remedy=suggestion(value, known[choice]))  # fmt: skip
        chosen &= summary[f"choice_{choice}"].values == value
    return chosen


def sample(run: xr.DataTree, quantity: str, where: Mapping[str, str] | None = None) -> Sample:
    """Return the censored sample of a milestone's arrival or of the takeoff duration.

    Exact where the run keeps every draw, else in bins. Draws removed by the not-yet rule and failed ones
    do not count.

    Raises
    ------
    ArgumentError
        No such quantity, choice or value; or no draw counts.
    """
    _known(run, quantity)
    chosen = cells(run, where)
    found = _stored(run, quantity, where) if keeps_all(run) else _counted(run, quantity, chosen)
    if found.size == 0:
        raise ArgumentError(
            NO_DRAWS, where="quantity", got=quantity,
            remedy="All were removed by the not-yet rule, failed, or belong to other choices.",
        )  # fmt: skip
    return found


def replicates(run: xr.DataTree, quantity: str, where: Mapping[str, str] | None = None) -> list[Sample]:
    """Return the samples of a run's replicates, in bins; empty where draws are independent."""
    if REPLICATES not in run.children:
        return []
    counts = group(run, REPLICATES)
    chosen = cells(run, where)
    milestone = None if quantity == TAKEOFF else milestones(run).index(quantity)
    found: list[Sample] = []
    for k in range(counts.sizes["replicate"]):
        one = counts.isel(replicate=k)
        if milestone is None:
            count, beyond, origin = one["takeoff_count"], one["takeoff_beyond"], 0.0
        else:
            count = one["arrival_count"].isel(milestone=milestone)
            beyond = one["arrival_beyond"].isel(milestone=milestone)
            origin = float(group(run, SUMMARY).attrs["origin"])
        found.append(
            BinnedSample(
                origin,
                BINS_PER_YEAR,
                count.values[chosen].sum(axis=0),
                int(beyond.values[chosen].sum()),
            )
        )
    return found


def keeps_all(run: xr.DataTree) -> bool:
    """Return whether every draw of the run is stored."""
    return bool(group(run, OUTCOMES).sizes["draw"] == int(run.attrs["draws"]))


def counted_draws(run: xr.DataTree, where: Mapping[str, str] | None) -> BoolArray:
    """Return which stored draws count and have the values named by ``where``."""
    return _standing(run, Standing.COUNTED, where)


def stored_failures(run: xr.DataTree, where: Mapping[str, str] | None) -> BoolArray:
    """Return which stored draws failed and have the values named by ``where``."""
    return _standing(run, Standing.FAILED, where)


def _standing(run: xr.DataTree, standing: Standing, where: Mapping[str, str] | None) -> BoolArray:
    cells(run, where)  # refuses what is unknown
    outcomes = group(run, OUTCOMES)
    mask: BoolArray = outcomes["standing"].values == standing
    for choice, value in (where or {}).items():
        names = choices(run)[choice]
        mask &= outcomes[f"choice_{choice}"].values == names.index(value)
    return mask


def _stored(run: xr.DataTree, quantity: str, where: Mapping[str, str] | None) -> Sample:
    outcomes = group(run, OUTCOMES)
    chosen = counted_draws(run, where)
    if quantity == TAKEOFF:
        return SortedSample(np.sort(outcomes[TAKEOFF].values[chosen & ~cut_off(run)]))
    return SortedSample(np.sort(outcomes["arrival"].sel(milestone=quantity).values[chosen]))


def cut_off(run: xr.DataTree) -> BoolArray:
    """Return in which stored draws the takeoff had begun before the start: its duration is cut off there."""
    outcomes = group(run, OUTCOMES)
    begins = outcomes[TAKEOFF].attrs.get(BEGINS)
    if begins is None or "status" not in outcomes:
        return np.zeros(outcomes.sizes["draw"], dtype=np.bool_)
    early: BoolArray = outcomes["status"].sel(milestone=begins).values == Status.BEFORE_START
    return early


def _counted(run: xr.DataTree, quantity: str, chosen: BoolArray) -> Sample:
    summary = group(run, SUMMARY)
    if quantity == TAKEOFF:
        counts, beyond, origin = summary["takeoff_count"], summary["takeoff_beyond"], 0.0
    else:
        counts = summary["arrival_count"].sel(milestone=quantity)
        beyond = summary["arrival_beyond"].sel(milestone=quantity)
        origin = float(summary.attrs["origin"])
    return BinnedSample(
        origin,
        BINS_PER_YEAR,
        counts.values[chosen].sum(axis=0),
        int(beyond.values[chosen].sum()),
    )
