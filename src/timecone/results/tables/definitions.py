"""What the milestones of several runs mean, and what each run takes for granted, in lines."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from timecone.results.run_file.same_milestone import milestone_of


def definitions_of(runs: Mapping[str, xr.DataTree], quantity: Mapping[str, str]) -> list[str]:
    """Return a line about the milestone of each run; one line where all mean the same.

    Parameters
    ----------
    runs : mapping of str to DataTree
        Runs by name.
    quantity : mapping of str to str
        The milestone of each.
    """
    meanings = {name: milestone_of(run, quantity[name])[1:] for name, run in runs.items()}
    if len(set(meanings.values())) == 1:
        ((label, meaning),) = set(meanings.values())
        return [f"{label}: {meaning}."]
    return [f"{label} ({name}): {meaning}." for name, (label, meaning) in meanings.items()]
