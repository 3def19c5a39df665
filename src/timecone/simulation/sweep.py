"""Sweep of one or two parameters over lists of values, with the same random numbers at every point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, suggestion
from timecone.inputs.constructors import Point
from timecone.results.run_file.access import headline, label
from timecone.results.run_file.percentiles import percentiles
from timecone.results.run_file.probabilities import default_years, probability_by
from timecone.scenario.scenario import Scenario
from timecone.simulation.run import simulate

_MOST = 2
_LEVELS = (5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0)


def sweep(
    scenario: Scenario,
    parameters: Mapping[str, Sequence[float]],
    *,
    quantity: str | None = None,
    draws: int = 100_000,
    seed: int | None = None,
    threads: int | None = None,
    years: Sequence[int] | None = None,
    q: Sequence[float] = _LEVELS,
) -> xr.Dataset:
    """Run a scenario with one or two parameters fixed at each of several values.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    parameters : mapping of str to sequence of float
        Values by parameter, in the unit that the scenario states for it; one or two parameters. Their
        correlations with others are left out.
    quantity : str, optional
        A milestone; the headline by default.
    draws : int
        Draws at each point.
    seed : int, optional
        Of all points, so that differences between them are paired; the scenario's own by default.
    threads : int, optional
        All processors by default.
    years : sequence of int, optional
        Calendar years; the usual ones by default.
    q : sequence of float
        Percentiles.

    Returns
    -------
    Dataset
        ``probability`` with the swept parameters and ``year`` as dimensions, ``value`` with ``percentile``;
        both with ``_lower``, ``_upper`` and ``_error``, their 95 % interval and standard error. ``counted``
        and ``failed`` are the numbers of draws that count, and that failed, at each point.

    Raises
    ------
    ArgumentError
        More than two parameters, one without values, or one that the scenario does not have.

    Examples
    --------
    >>> import timecone as tc
    >>> swept = tc.sweep(tc.load("baseline"), {"deployment.delay": [1.0, 4.0]}, draws=2000)
    >>> swept["probability"].dims
    ('deployment.delay', 'year')
    """
    if not 1 <= len(parameters) <= _MOST:
        raise ArgumentError(
            "swept-parameter-count",
            "a sweep takes one or two parameters",
            where="parameters",
            got=len(parameters),
        )
    for name, values in parameters.items():
        if name not in scenario.parameters:
            raise ArgumentError(
                "parameter-not-in-scenario",
                "the scenario has no such parameter",
                where="parameters",
                got=name,
                remedy=suggestion(name, scenario.parameters),
            )
        if not len(values):
            raise ArgumentError("no-swept-values", "no values", where=name, allowed="at least one number")
        if len(set(values)) < len(values):
            raise ArgumentError("duplicate-swept-value", "a value occurs twice", where=name, got=list(values))
    names = list(parameters)
    # A parameter that is fixed has no rank to correlate.
    kept = tuple(pair for pair in scenario.correlations if not set(names) & set(pair.between))
    points: list[xr.Dataset] = []
    for values in product(*parameters.values()):
        changes = {
            name: Point(value=value, unit=scenario.parameters[name].unit or None)
            for name, value in zip(names, values, strict=True)
        }
        run = simulate(
            scenario.replace(changes, correlations=kept),
            draws=draws,
            seed=seed,
            threads=threads,
            paths=0,
            keep=draws,
        )
        points.append(
            _point(run, quantity, years, q).expand_dims(
                {name: [value] for name, value in zip(names, values, strict=True)}
            )
        )
    swept = xr.combine_by_coords(points)
    assert isinstance(swept, xr.Dataset)
    for name in names:
        swept[name].attrs["units"] = scenario.parameters[name].unit
    swept.attrs = {**points[0].attrs, "scenario": scenario.name, "draws": draws}
    order = [*names, "year", "percentile"]
    return swept.transpose(*order)


def _point(
    run: xr.DataTree, quantity: str | None, years: Sequence[int] | None, q: Sequence[float]
) -> xr.Dataset:
    """Return the statistics of one point."""
    name = headline(run) if quantity is None else quantity
    statistics = {
        "probability": probability_by(run, name, default_years(run) if years is None else years),
        "value": percentiles(run, name, q),
    }
    columns = {}
    for key, array in statistics.items():
        dim = array.dims[0]
        columns[key] = (dim, array.values)
        for end, suffix in (("lower", "_lower"), ("upper", "_upper"), ("standard_error", "_error")):
            columns[f"{key}{suffix}"] = (dim, array[end].values)
    coords = {"year": statistics["probability"]["year"].values, "percentile": np.asarray(q, dtype=np.float64)}
    dataset = xr.Dataset(columns, coords=coords)
    dataset["counted"] = statistics["value"].attrs["draws"]
    dataset["failed"] = statistics["value"].attrs["failed"]
    dataset.attrs = {
        "quantity": name,
        "label": label(run, name),
        "seed": int(run.attrs["seed"]),
        "horizon": float(run.attrs["horizon"]),
        "start": float(run.attrs["start"]),
        "version": str(run.attrs["version"]),
    }
    return dataset
