"""Whether runs forecast the same event: a milestone's name, label and definition."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from timecone.errors import ArgumentError, suggestion
from timecone.results.run_file.access import group, milestones
from timecone.schema import SUMMARY


def milestone_of(run: xr.DataTree, name: str) -> tuple[str, str, str]:
    """Return name, label and definition of a milestone of a run.

    Raises
    ------
    ArgumentError
        The run has no such milestone.
    """
    if name not in milestones(run):
        raise ArgumentError(
            "unknown-milestone",
            "unknown milestone",
            where=str(run.attrs["name"]),
            got=name,
            remedy=suggestion(name, milestones(run)),
        )
    summary = group(run, SUMMARY).sel(milestone=name)
    return name, str(summary["milestone_label"].item()), str(summary["milestone_definition"].item())


def require_same_milestone(of: Mapping[str, tuple[str, str, str]]) -> None:
    """Refuse to pool what is not the same event.

    Parameters
    ----------
    of : mapping of str to (str, str, str)
        Name, label and definition of the milestone of each run.

    Raises
    ------
    ArgumentError
        They differ.
    """
    (first, stated), *others = of.items()
    for key, other in others:
        if other != stated:
            difference = next(pair for pair in zip(stated, other, strict=True) if pair[0] != pair[1])
            raise ArgumentError(
                "milestones-differ",
                f"{first} and {key} do not forecast the same milestone",
                where="weights",
                got=" and ".join(map(repr, difference)),
                remedy=f"Name the milestone of each run, or give {key} the weight 0.",
            )
