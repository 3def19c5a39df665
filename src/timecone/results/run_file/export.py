"""A run's draws in the formats of other tools: tidy tables, ArviZ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from timecone.errors import ArgumentError, UsageError
from timecone.files import write_file
from timecone.results.run_file.access import counted_draws, durations, group, headline, milestones
from timecone.schema import EXTRA_KIND, INPUTS, OUTCOMES, BoolArray, Inclusion, Status

if TYPE_CHECKING:
    from collections.abc import Sequence


def _named(codes: np.ndarray, names: Sequence[str]) -> pd.Series[str]:
    """Return coded values by their names."""
    return pd.Series(np.array(names)[codes], dtype="category")


def to_frame(run: xr.DataTree) -> pd.DataFrame:
    """Return the stored draws as a table: one row per draw, every input and outcome a column.

    Dates are decimal years, +inf where not before the horizon; ``standing`` says whether a draw counts, and
    ``tai_status`` (for each milestone, where the run says so) how it ended.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.

    Returns
    -------
    DataFrame
        One row per stored draw.

    Raises
    ------
    RunFileError
        The run stores no draws.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> table = tc.to_frame(run)
    >>> len(table), "tai" in table.columns
    (1000, True)
    """
    outcomes, inputs = group(run, OUTCOMES), group(run, INPUTS)
    columns: dict[str, object] = {"draw": np.arange(outcomes.sizes["draw"])}
    columns["standing"] = _named(outcomes["standing"].values, [s.name.lower() for s in Inclusion])
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


def to_csv(run: xr.DataTree, path: str | Path) -> Path:
    """Write the stored draws as comma-separated text; see `to_frame`. Full precision, ``inf`` in words.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    path : str or Path
        The file; one that exists is replaced.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        The file cannot be written.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> tc.to_csv(run, "draws.csv").name
    'draws.csv'
    """
    return write_file(path, to_frame(run).to_csv(index=False))


def to_parquet(run: xr.DataTree, path: str | Path) -> Path:
    """Write the stored draws as Parquet; see `to_frame`. Needs the extra ``parquet``.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    path : str or Path
        The file; one that exists is replaced.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        The file cannot be written.
    UsageError
        PyArrow is not installed.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> tc.to_parquet(run, "draws.parquet").name
    'draws.parquet'
    """
    try:
        content = to_frame(run).to_parquet(None, index=False, engine="pyarrow")
    except ImportError:
        raise UsageError(
            "pyarrow-missing", "Parquet needs PyArrow", where="pyarrow", remedy="Install timecone[parquet]."
        ) from None
    return write_file(path, content)


#: What may stand for a date that is not before the horizon.
CENSORED = ("inf", "nan", "horizon")


def to_arviz(run: xr.DataTree, *, chains: int = 4, censored: str = "inf") -> xr.DataTree:
    """Return the stored draws as ArviZ (1.3 and later) lays out a model's: a DataTree of chain and draw.

    Groups ``prior`` (the inputs as drawn) and ``posterior`` (inputs and all outcomes of the draws that count,
    so conditioned on what has not happened yet). Draws are independent, so the split into chains is
    arbitrary; ArviZ's convergence diagnostics need several chains. Trajectories and counts stay in the run.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    chains : int, default: 4
        From 1 to the number of draws that count. Up to chains - 1 draws are left over; the attribute
        ``draws_left_over`` says how many.
    censored : {"inf", "nan", "horizon"}, default: "inf"
        What stands for a date that is not before the horizon, and for a duration that does not end by then.
        With "inf" ranks, quantiles and R-hat are right and every mean is infinite. With "nan" ArviZ gives no
        number, but xarray leaves the draw out, so that its mean is of the arrivals alone. With "horizon" a
        mean is the restricted mean E[min(date, horizon)], not a mean date.

    Returns
    -------
    DataTree
        Variables with dims (chain, draw); attributes of the run at the root. For every censored variable
        ``NAME_reached`` is 1 where it is a date of arrival and 0 where it is censored, and the attribute
        ``share_censored`` says how often that is.

    Raises
    ------
    ArgumentError
        Too few stored draws count, or an unknown ``censored``.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("configs/baseline.toml"), draws=1000, seed=1, paths=0)
    >>> posterior = tc.to_arviz(run)["posterior"]
    >>> float(posterior["tai"].mean()), bool(0.5 < posterior["tai_reached"].mean() < 1.0)
    (inf, True)
    """
    if censored not in CENSORED:
        raise ArgumentError(
            "unknown-censoring",
            "unknown treatment of censored dates",
            where="censored",
            got=censored,
            allowed=", ".join(CENSORED),
        )
    inputs, counted = group(run, INPUTS), counted_draws(run, None)
    if not 1 <= chains <= counted.sum():
        raise ArgumentError(
            "too-few-draws",
            "too few draws are counted",
            where="chains",
            got=chains,
            allowed=f"from 1 to {int(counted.sum())}",
        )
    drawn = {str(name): values for name, values in inputs.data_vars.items()}
    prior = {name: _in_chains(values, slice(None), chains) for name, values in drawn.items()}
    outcomes = _outcome_variables(run, counted, censored)
    posterior = {name: _in_chains(values, counted, chains) for name, values in (drawn | outcomes).items()}
    root = {**run.attrs, "headline": headline(run), "censored": censored,
            "draws_counted": int(counted.sum()), "draws_left_over": int(counted.sum()) % chains}  # fmt: skip
    tree = {"/": xr.Dataset(attrs=root), "posterior": xr.Dataset(posterior), "prior": xr.Dataset(prior)}
    for key in ("posterior", "prior"):
        length = tree[key].sizes.get("draw", 0)
        tree[key] = tree[key].assign_coords(chain=np.arange(chains), draw=np.arange(length))
    return xr.DataTree.from_dict(tree, name=str(run.attrs["name"]))


def _in_chains(values: xr.DataArray, chosen: BoolArray | slice, chains: int) -> xr.Variable:
    kept = values.values[chosen]
    length = kept.size // chains
    return xr.Variable(("chain", "draw"), kept[: chains * length].reshape(chains, length), values.attrs)


def _outcome_variables(run: xr.DataTree, counted: BoolArray, censored: str) -> dict[str, xr.DataArray]:
    """Return every outcome by draw, one variable per milestone, censored ones with what says so."""
    outcomes = group(run, OUTCOMES)
    last, start = float(run.attrs["horizon"]), float(run.attrs["start"])
    variables: dict[str, xr.DataArray] = {}
    for key, variable in outcomes.data_vars.items():
        if "milestone" not in variable.dims:
            variables[str(key)] = variable
            continue
        for name in milestones(run):
            variables[name if key == "arrival" else f"{name}_{key}"] = variable.sel(milestone=name)
    dates = [str(k) for k, v in outcomes.data_vars.items() if v.attrs.get(EXTRA_KIND) == "date"]
    for name in (*milestones(run), *durations(run), *dates):
        end = last - start if name in durations(run) else last
        values = variables[name].values
        reached = np.isfinite(values)
        instead = {"inf": np.inf, "nan": np.nan, "horizon": end}[censored]
        share = 1.0 - float(reached[counted].mean())
        kind = "a duration in years" if name in durations(run) else "a decimal year"
        note = (
            f"{kind}; {instead:g}: censored, not reached before {last:g}, in {100.0 * share:.3g} % of draws"
        )
        about = variables[name].attrs | {"comment": note, "censored": censored, "share_censored": share}
        variables[name] = xr.DataArray(np.where(reached, values, instead), dims="draw", attrs=about)
        flag = {"flag_values": np.array([0, 1], dtype=np.int8), "flag_meanings": "censored reached"}
        variables[f"{name}_reached"] = xr.DataArray(reached.astype(np.int8), dims="draw", attrs=flag)
    return variables
