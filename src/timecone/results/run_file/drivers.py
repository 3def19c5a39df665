"""What drives a run's answer: the sensitivity of a date, a probability or a duration to every input."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, RunFileError
from timecone.results.estimators import sensitivity
from timecone.results.estimators.sample import SortedSample
from timecone.results.estimators.weighted_sample import WeightedSample
from timecone.results.run_file.access import group, is_duration, stored_values
from timecone.results.run_file.probabilities import horizon
from timecone.results.run_file.target import Target
from timecone.schema import DERIVED, INPUTS, FloatArray, IntArray

#: Fewest counted draws from which indices are taken.
LEAST_DRAWS = 1000
#: Grades of the inputs, in the order of reports; what has none is "ungraded".
GRADES = ("data", "expert", "guess")
UNGRADED = "ungraded"
# Draws on which regressions of ranks rest, and resampled tables for an interval.
_REGRESSED = 100_000
_RESAMPLED = 60
_TRIALS = 100
# Bins of the outcome in tables that are resampled.
_BINS = 100
_FINE_BINS = 400
_FIFTH = 0.2
_LOW, _HIGH = 0.1, 0.9
_BANDWIDTH = 0.03


@dataclass(frozen=True)
class _Input:
    """An input of the draws that count."""

    name: str
    values: FloatArray
    basis: str
    units: str
    value_names: tuple[str, ...]
    order: IntArray

    @property
    def is_choice(self) -> bool:
        """Whether it is a choice, or a switch between two values."""
        return bool(self.value_names) or np.unique(self.values[:1000]).size <= 2  # noqa: PLR2004


def drivers(
    run: xr.DataTree, quantity: str | None = None, *, percentile: float | None = None, by: int | None = None
) -> xr.Dataset:
    """Return how much each input moves a percentile or a probability.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file. Its stored draws are read.
    quantity : str, optional
        A milestone or a duration; the headline by default.
    percentile : float, optional
        The percentile that is asked about; the median by default.
    by : int, optional
        Ask instead about the probability of the milestone by the end of this year.

    Returns
    -------
    Dataset, dims (input,)
        Inputs that vary, those with the largest swing first. ``low`` and ``high`` are the target in the
        lowest and highest fifth of the input (of a choice, at the values with the smallest and largest
        target), named by ``low_at`` and ``high_at``; ``at_p10`` and ``at_p90`` the target near the input's
        10th and 90th percentile. ``rank_index`` is Chatterjee's first-order index, ``pawn`` the PAWN index
        with ``pawn_chance``, below which 95 % of permuted inputs lie, ``partial_rank_correlation`` the
        correlation of ranks with the other inputs held fixed, ``narrowing`` the share by which the 80 %
        interval is expected to shrink if the input were known. Each has ``_lower`` and ``_upper``, the ends
        of its 95 % interval. Attributes: ``target`` with its interval, ``draws``, and the share of the
        target's variance on the inputs of each grade as ``share_data``, ``share_expert``, ``share_guess``.

    Raises
    ------
    ArgumentError
        An unknown quantity, a percentile or year out of range, or fewer than 1000 draws that count.
    RunFileError
        The run stores no inputs.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=10_000, seed=1, paths=0)
    >>> drivers = tc.drivers(run, "tai", by=2035)
    >>> str(drivers.input.values[0])
    'threshold.requirement'
    """
    target, outcome, inputs = _asked(run, quantity, percentile, by)
    name = target.quantity
    overall = target.estimate(SortedSample(np.sort(outcome)))
    response = target.response(outcome)
    table = xr.Dataset(coords={"input": [each.name for each in inputs]})
    table["basis"] = ("input", [each.basis for each in inputs])
    table["units"] = ("input", [each.units for each in inputs])
    last = horizon(run) - (float(run.attrs["start"]) if is_duration(run, name) else 0.0)
    for part in (
        _conditional(inputs, outcome, target),
        _distances(inputs, outcome, response, last),
        _rank_statistics(inputs, response),
    ):
        for key, column in part.items():
            table[key] = ("input", column)
    table.attrs = {
        "quantity": name,
        "asked": target.asked,
        "unit": target.unit,
        "target": overall[0],
        "target_lower": overall[1],
        "target_upper": overall[2],
        "draws": int(outcome.size),
        "run_id": str(run.attrs["run_id"]),
        **_shares(inputs, response),
    }
    return table.isel(input=_by_swing(table, last))


def swings(
    run: xr.DataTree, quantity: str | None = None, *, percentile: float | None = None, by: int | None = None
) -> xr.Dataset:
    """Return only what a tornado shows of `drivers`: the target where each input is low and where it is high.

    Parameters
    ----------
    run, quantity, percentile, by
        As in `drivers`.

    Returns
    -------
    Dataset, dims (input,)
        ``low``, ``high``, ``low_at``, ``high_at`` and attributes ``target`` and ``asked``, as in `drivers`,
        those with the largest swing first.

    Raises
    ------
    ArgumentError, RunFileError
        As in `drivers`.
    """
    target, outcome, inputs = _asked(run, quantity, percentile, by)
    columns = _conditional(inputs, outcome, target, near=False)
    table = xr.Dataset(coords={"input": [each.name for each in inputs]})
    for key in ("low", "high", "low_at", "high_at"):
        table[key] = ("input", columns[key])
    overall = target.estimate(SortedSample(np.sort(outcome)))
    table.attrs = {"quantity": target.quantity, "asked": target.asked, "target": overall[0]}
    last = horizon(run) - (float(run.attrs["start"]) if is_duration(run, target.quantity) else 0.0)
    ends = [np.minimum(table[key].values, last) for key in ("low", "high")]
    return table.isel(input=np.argsort(-np.abs(ends[1] - ends[0]), kind="stable"))


def _asked(
    run: xr.DataTree, quantity: str | None, percentile: float | None, by: int | None
) -> tuple[Target, FloatArray, list[_Input]]:
    """Return the target, the outcomes of the draws that count, and the inputs that vary."""
    target = Target.of_run(run, quantity, percentile, by)
    values, counted = stored_values(run, target.quantity, None)
    outcome = values[counted]
    if outcome.size < LEAST_DRAWS:
        raise ArgumentError(
            "too-few-stored-draws",
            "too few stored draws are counted",
            where="run",
            got=int(outcome.size),
            allowed=f"at least {LEAST_DRAWS}",
            remedy="Run more draws, or keep more.",
        )
    inputs = list(_inputs(run, counted))
    if not inputs:
        raise RunFileError(
            "nothing-varies",
            "no input varies between the run's stored draws",
            where=INPUTS,
            remedy="Store draws (--keep).",
        )
    return target, outcome, inputs


def _inputs(run: xr.DataTree, counted: np.ndarray) -> Iterator[_Input]:
    """Yield the inputs that vary among the draws that count; not what the model derives from them."""
    stated = _choices_as_stated(run)
    for name, variable in group(run, INPUTS).data_vars.items():
        if variable.dims != ("draw",) or DERIVED in variable.attrs:
            continue
        values = variable.values[counted].astype(np.float64)
        if np.isnan(values).any() or np.all(values == values[0]):
            continue
        about = {**variable.attrs, **stated.get(str(name), {})}
        yield _Input(
            str(name),
            values,
            str(about.get("basis", "")) or UNGRADED,
            str(about.get("units", "")),
            tuple(str(about.get("flag_meanings", "")).split()),
            np.argsort(values),
        )


def _choices_as_stated(run: xr.DataTree) -> dict[str, dict[str, str]]:
    """Return the grade of each choice, which stands in the run's scenario alone."""
    try:
        stated = tomllib.loads(str(run.attrs.get("scenario", ""))).get("choices", {})
    except tomllib.TOMLDecodeError:
        return {}
    return {f"choice_{name}": {"basis": str(table.get("basis", ""))} for name, table in stated.items()}


def _conditional(
    inputs: list[_Input], outcome: FloatArray, target: Target, *, near: bool = True
) -> dict[str, list[object]]:
    """Return the target in both outer fifths of every input, and near its P10 and P90."""
    keys = [f"{key}{end}" for key in ("low", "high", "at_p10", "at_p90") for end in ("", "_lower", "_upper")]
    columns: dict[str, list[object]] = {key: [] for key in (*keys, "low_at", "high_at")}
    for each in inputs:
        if each.is_choice:
            low, high, names = _values_of_choice(each, outcome, target)
            around = [(np.nan,) * 3] * 2
        else:
            fifth = int(_FIFTH * outcome.size)
            chosen = [each.order[:fifth], each.order[-fifth:]]
            low, high = (target.estimate(SortedSample(np.sort(outcome[c]))) for c in chosen)
            names = (f"≤ {_short(each.values[chosen[0][-1]])}", f"≥ {_short(each.values[chosen[1][0]])}")
            around = [(np.nan,) * 3] * 2
            if near:
                around = [_near(each.order, outcome, level, target) for level in (_LOW, _HIGH)]
        for key, numbers in zip(("low", "high", "at_p10", "at_p90"), (low, high, *around), strict=True):
            for end, number in zip(("", "_lower", "_upper"), numbers, strict=True):
                columns[f"{key}{end}"].append(number)
        columns["low_at"].append(names[0])
        columns["high_at"].append(names[1])
    return columns


def _values_of_choice(
    each: _Input, outcome: FloatArray, target: Target
) -> tuple[tuple[float, float, float], tuple[float, float, float], tuple[str, str]]:
    """Return the smallest and the largest target over the values of a choice, and those values."""
    by_value = []
    for value in np.unique(each.values):
        name = each.value_names[int(value)] if each.value_names else f"{value:g}"
        by_value.append((target.estimate(SortedSample(np.sort(outcome[each.values == value]))), name))
    by_value.sort(key=lambda pair: pair[0][0])
    return by_value[0][0], by_value[-1][0], (by_value[0][1], by_value[-1][1])


def _short(value: float) -> str:
    """Write a value of an input; a year in full."""
    return f"{value:.1f}" if 1900.0 < value < 2200.0 else f"{value:.3g}"  # noqa: PLR2004 - what reads as a year


def _near(order: IntArray, outcome: FloatArray, level: float, target: Target) -> tuple[float, float, float]:
    """Return the target near a level of an input: draws weighted by the distance of their rank from it."""
    size = order.size
    ends = np.clip(np.array([level - 3.0 * _BANDWIDTH, level + 3.0 * _BANDWIDTH]) * size, 0, size).astype(int)
    ranks = np.arange(*ends)
    weights = np.exp(-0.5 * ((ranks / size - level) / _BANDWIDTH) ** 2)
    return target.estimate(WeightedSample.of(outcome[order[ranks]], weights / weights.sum()))


def _distances(
    inputs: list[_Input], outcome: FloatArray, response: FloatArray, last: float
) -> dict[str, list[float]]:
    """Return PAWN with its line of chance, and the expected narrowing."""
    generator = np.random.default_rng(0)
    bins, _ = sensitivity.outcome_bins(response, _BINS)
    fine, edges = sensitivity.outcome_bins(outcome, _FINE_BINS)
    keys = [f"{key}{end}" for key in ("pawn", "narrowing") for end in ("", "_lower", "_upper")]
    columns: dict[str, list[float]] = {key: [] for key in (*keys, "pawn_chance")}
    by_sizes: dict[tuple[int, ...], float] = {}
    for each in inputs:
        of = sensitivity.groups(each.values, each.order)
        count = int(of.max()) + 1
        coarse = sensitivity.count_table(of, bins, (count, int(bins.max()) + 1))
        table = sensitivity.count_table(of, fine, (count, edges.size))
        sizes = tuple(np.bincount(of).tolist())
        if sizes not in by_sizes:
            permuted = sensitivity.chance(coarse, _TRIALS, generator)
            by_sizes[sizes] = float(np.quantile(permuted, 0.95))
        columns["pawn_chance"].append(by_sizes[sizes])
        measures = (
            ("pawn", coarse, sensitivity.pawn),
            ("narrowing", table, lambda t: sensitivity.narrowing(t, edges, last)),
        )
        for key, counts, measure in measures:
            value = float(measure(counts.astype(np.float64)))
            rounds = _RESAMPLED if key == "pawn" else _RESAMPLED // 2
            resampled = measure(sensitivity.bootstrap(counts, rounds, generator))
            low, high = sensitivity.basic_interval(value, resampled)
            floor = 0.0 if key == "pawn" else -1.0
            columns[key].append(value)
            columns[f"{key}_lower"].append(max(low, floor))
            columns[f"{key}_upper"].append(max(high, floor))
    return columns


def _rank_statistics(inputs: list[_Input], response: FloatArray) -> dict[str, FloatArray]:
    """Return Chatterjee's index and the partial rank correlation."""
    first_order = sensitivity.rank_indices([each.order for each in inputs], response)
    step = max(1, -(-response.size // _REGRESSED))
    columns, owner = [], []
    for k, each in enumerate(inputs):
        thinned = each.values[::step]
        # A choice between several values has no order: it enters as an indicator of each value but the first.
        for value in range(1, len(each.value_names)) if len(each.value_names) > 2 else (None,):  # noqa: PLR2004 - two have one
            columns.append(sensitivity.average_ranks(thinned if value is None else thinned == value))
            owner.append(k if value is None else -1)
    partial = sensitivity.partial_rank_correlations(
        np.column_stack(columns), sensitivity.average_ranks(response[::step])
    )
    place = {k: position for position, k in enumerate(owner) if k >= 0}
    statistics = {}
    for end in ("value", "lower", "upper"):
        key = "" if end == "value" else f"_{end}"
        statistics[f"rank_index{key}"] = getattr(first_order, end)
        column = getattr(partial, end)
        statistics[f"partial_rank_correlation{key}"] = np.array(
            [column[place[k]] if k in place else np.nan for k in range(len(inputs))]
        )
    return statistics


def _shares(inputs: list[_Input], response: FloatArray) -> dict[str, float]:
    """Return the share of the variance of the target's rank that rests on each grade."""
    step = max(1, -(-response.size // _REGRESSED))
    target = sensitivity.average_ranks(response[::step])
    shares = sensitivity.variance_shares(
        [each.values[::step] for each in inputs], [each.basis for each in inputs], target
    )
    return {f"share_{grade}": share for grade, share in shares.items()}


def _by_swing(table: xr.Dataset, last: float) -> np.ndarray:
    """Return the order of the inputs: the largest difference between both fifths first."""
    ends = [np.minimum(table[key].values, last) for key in ("low", "high")]
    # Equal swings, for instance both beyond the horizon, go by the distance of distributions.
    return np.lexsort((-table["pawn"].values, -np.abs(ends[1] - ends[0])))
