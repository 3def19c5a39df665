"""A run's draws in the formats of other tools: tidy tables, ArviZ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from timecone.errors import ArgumentError, UsageError
from timecone.files import writing
from timecone.results.access import counted_draws, group, headline, milestones
from timecone.schema import INPUTS, OUTCOMES, TAKEOFF, BoolArray, Standing, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _named(codes: np.ndarray, names: Sequence[str]) -> pd.Series[str]:
    """Return coded values by their names."""
    return pd.Series(np.array(names)[codes], dtype="category")


def to_frame(run: xr.DataTree) -> pd.DataFrame:
    """Return the stored draws as a table: one row per draw, every input and outcome a column.

    Dates are decimal years, +inf where not before the horizon; ``standing`` says whether a draw counts, and
    ``tai_status`` (for each milestone, where the run says so) how it ended.
    """
    outcomes, inputs = group(run, OUTCOMES), group(run, INPUTS)
    columns: dict[str, object] = {"draw": np.arange(outcomes.sizes["draw"])}
    columns["standing"] = _named(outcomes["standing"].values, [s.name.lower() for s in Standing])
    for name in milestones(run):
        columns[name] = outcomes["arrival"].sel(milestone=name).values
        if "status" in outcomes:
            status = outcomes["status"].sel(milestone=name).values
            columns[f"{name}_status"] = _named(status, [s.name.lower() for s in Status])
    for key, variable in outcomes.data_vars.items():
        if key not in ("arrival", "status", "standing") and variable.dims == ("draw",):
            names = str(variable.attrs.get("flag_meanings", "")).split()
            columns[str(key)] = _named(variable.values, names) if names else variable.values
    for key, variable in inputs.data_vars.items():
        if variable.ndim == 1:
            columns.setdefault(str(key), variable.values)
        else:
            columns |= {f"{key}_{k + 1:02d}": column for k, column in enumerate(variable.values.T)}
    return pd.DataFrame(columns)


def _write(path: str | Path, write: Callable[[Path], object]) -> Path:
    path = Path(path)
    with writing(path):
        write(path)
    return path


def to_csv(run: xr.DataTree, path: str | Path) -> Path:
    """Write the stored draws as comma-separated text; see `to_frame`. Full precision, ``inf`` in words.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    return _write(path, lambda to: to_frame(run).to_csv(to, index=False))


def to_parquet(run: xr.DataTree, path: str | Path) -> Path:
    """Write the stored draws as Parquet; see `to_frame`. Needs the extra ``parquet``.

    Raises
    ------
    OutputError
        The file cannot be written.
    UsageError
        PyArrow is not installed.
    """
    frame = to_frame(run)
    try:
        return _write(path, lambda to: frame.to_parquet(to, index=False, engine="pyarrow"))
    except ImportError:
        raise UsageError("Parquet needs PyArrow", where="pyarrow",
                         remedy="Install timecone[parquet].") from None  # fmt: skip


def _chained(values: np.ndarray, chosen: BoolArray, chains: int) -> tuple[tuple[str, str], np.ndarray]:
    kept = values[chosen]
    length = kept.size // chains
    return ("chain", "draw"), kept[: chains * length].reshape(chains, length)


def to_arviz(run: xr.DataTree, *, chains: int = 4) -> xr.DataTree:
    """Return the stored draws as ArviZ (1.3 and later) lays out a model's: a DataTree of chain and draw.

    Groups ``prior`` (the inputs as drawn) and ``posterior`` (those of the draws that count, so conditioned on
    what has not happened yet, with the outcomes beside them). Draws are independent, so in what chains they
    are laid out means nothing; several let ArviZ compute its diagnostics. Up to chains - 1 draws are left
    over.

    ArviZ averages, and a date that is not reached has no number: in ``posterior`` a date is min(arrival,
    horizon) and a takeoff duration min(duration, horizon - start), so that a mean is the restricted mean;
    ``tai_reached`` (for each milestone) is 1 where the date is one of arrival.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    chains : int
        From 1 to the number of draws that count.

    Returns
    -------
    DataTree
        Variables with dims (chain, draw); attributes of the run at the root.

    Raises
    ------
    ArgumentError
        Too few stored draws count.
    """
    inputs, outcomes = group(run, INPUTS), group(run, OUTCOMES)
    counted, last = counted_draws(run, None), float(run.attrs["horizon"])
    if not 1 <= chains <= counted.sum():
        raise ArgumentError("too few draws count", where="chains", got=chains,
                            allowed=f"from 1 to {int(counted.sum())}")  # fmt: skip
    every = np.ones(counted.size, dtype=np.bool_)
    drawn = {str(k): v for k, v in inputs.data_vars.items() if np.all(np.isfinite(v.values))}
    prior = {name: (*_chained(v.values, every, chains), v.attrs) for name, v in drawn.items()}
    posterior = {name: (*_chained(v.values, counted, chains), v.attrs) for name, v in drawn.items()}
    note = {"units": "1", "comment": f"decimal year, restricted: min(arrival, {last:g})"}
    for name in milestones(run):
        arrival = outcomes["arrival"].sel(milestone=name).values
        posterior[name] = (*_chained(np.minimum(arrival, last), counted, chains), note)
        reached = np.isfinite(arrival).astype(np.float64)
        posterior[f"{name}_reached"] = (*_chained(reached, counted, chains), {"units": "1"})
    longest = last - float(run.attrs["start"])
    posterior[TAKEOFF] = (
        *_chained(np.minimum(outcomes[TAKEOFF].values, longest), counted, chains),
        {
            "units": "year",
            "comment": f"restricted: min(duration, {longest:g}); cut off where it began before",
        },
    )
    root = xr.Dataset(attrs={**run.attrs, "headline": headline(run)})
    tree = {"/": root, "posterior": xr.Dataset(posterior), "prior": xr.Dataset(prior)}
    for key in ("posterior", "prior"):
        length = tree[key].sizes.get("draw", 0)
        tree[key] = tree[key].assign_coords(chain=np.arange(chains), draw=np.arange(length))
    return xr.DataTree.from_dict(tree, name=str(run.attrs["name"]))
