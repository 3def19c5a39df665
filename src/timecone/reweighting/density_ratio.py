"""Density ratio of two scenarios at the draws of a run.

Two scenarios that differ in distributions, weights of choices or rank correlations draw the same kind of
inputs, only with other probabilities; what the model makes of a draw is the same. So the ratio of both
densities reweights a run: see `timecone.reweight`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import xarray as xr

from timecone.errors import RunFileError, ScenarioError, UsageError
from timecone.inputs.density import log_copula_density, score_interval
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import Family
from timecone.results.run_file.access import group
from timecone.scenario.dependence import ordered_values
from timecone.scenario.file import loads
from timecone.scenario.scenario import Scenario
from timecone.scenario.specs import ByInput, Form, FormulaInput, LookupInput
from timecone.schema import INPUTS, BoolArray, FloatArray

REMEDY: Final = "Run the changed scenario instead."
# Where the new distribution is compared with the old one's support: between its quantiles of 1e-9.
_SCORES: Final = np.linspace(-6.0, 6.0, 2401)
# A correlation of scores beyond this is one of 1 or -1, but for rounding.
_PERFECT: Final = 1.0 - 1e-12
_SHARED: Final = (
    "model",
    "time",
    "as_of",
    "not_yet_milestones",
    "not_yet_terms",
    "evidence",
    "components_on",
    "copula",
)


class _Pair(NamedTuple):
    """Two distributions of a quantity, in both scenarios, and the draws to which they belong."""

    where: str
    chosen: BoolArray
    old: Family
    new: Family


def log_ratio(run: xr.DataTree, scenario: Scenario) -> xr.DataArray:
    """Return the log of the density of each stored draw under a scenario, over that under the run's own.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    scenario : Scenario
        The run's scenario with other distributions of some parameters, other weights of choices or other
        correlations (of a Gaussian copula). Seeds, designs and words may differ too.

    Returns
    -------
    DataArray, dims (draw,)
        -inf for draws that the scenario does not make.

    Raises
    ------
    ScenarioError
        The scenarios differ in more than that, or the new one makes draws that the run's own does not make.

    Examples
    --------
    >>> import timecone as tc
    >>> baseline = tc.load("baseline")
    >>> run = tc.simulate(baseline, draws=1000, seed=1, paths=0)
    >>> same = tc.log_ratio(run, baseline.replace({}, name="renamed"))
    >>> float(abs(same).max())
    0.0
    """
    before = loads(str(run.attrs["scenario"]))
    _require_comparable(before, scenario)
    inputs = group(run, INPUTS)
    total = _of_choices(before, scenario, inputs)
    changed = _changed_choices(before, scenario)
    for name in sorted(set(before.inputs()) - before.compiled.inactive):
        values = _values(inputs, name)
        for pair in _pairs(name, before, scenario, inputs):
            if pair.old != pair.new:
                changed.add(name)
                total[pair.chosen] += _of_leaf(pair, values[pair.chosen])
    total += _of_copulas(before, scenario, inputs, changed)
    meaning = f"log density of {scenario.name} over that of {before.name}"
    return xr.DataArray(total, dims="draw", name="log_ratio", attrs={"long_name": meaning})


def _require_comparable(before: Scenario, after: Scenario) -> None:
    for key in _SHARED:
        old, new = getattr(before, key), getattr(after, key)
        if old != new:
            raise ScenarioError(
                "scenarios-differ-elsewhere",
                "the scenarios differ in more than distributions",
                where=key,
                remedy=REMEDY,
            )
    if before.redraw is not None or after.redraw is not None:
        raise ScenarioError(
            "reweighting-redrawn",
            "draws that are drawn again have no density in closed form",
            where="redraw",
            remedy=REMEDY,
        )
    inputs, others = before.inputs(), after.inputs()
    for name in sorted(set(inputs) ^ set(others)):
        raise ScenarioError(
            "quantity-in-one-scenario",
            "only one of the scenarios states this quantity",
            where=name,
            remedy=REMEDY,
        )
    for name, choice in before.choices.items():
        if name not in after.choices or set(after.choices[name].weights) != set(choice.weights):
            raise ScenarioError(
                "choice-values-differ",
                "the scenarios differ in the values of a choice",
                where=f"choices.{name}",
                remedy=REMEDY,
            )
    for name in set(after.choices) - set(before.choices):
        raise ScenarioError(
            "reweighting-new-choice", "the run has no such choice", where=f"choices.{name}", remedy=REMEDY
        )


def _values(inputs: xr.Dataset, name: str) -> FloatArray:
    if name not in inputs:
        raise RunFileError("run-lacks-input", "the run lacks an input", where=INPUTS, got=name)
    values: FloatArray = inputs[name].values
    return values


def _drawn(inputs: xr.Dataset, choice: str, value: str) -> BoolArray:
    """Return which draws have a value of a choice."""
    variable = inputs[f"choice_{choice}"]
    drawn: BoolArray = variable.values == str(variable.attrs["flag_meanings"]).split().index(value)
    return drawn


def _of_choices(before: Scenario, after: Scenario, inputs: xr.Dataset) -> FloatArray:
    total = np.zeros(inputs.sizes["draw"])
    for name, choice in before.choices.items():
        for value, old in choice.weights.items():
            new = after.choices[name].weights[value]
            if new == old:
                continue
            if old == 0.0:
                where = f"choices.{name}.weights.{value}"
                raise ScenarioError(
                    "choice-value-never-drawn",
                    "the run has no draw with this value",
                    where=where,
                    got=new,
                    allowed="0",
                    remedy=REMEDY,
                )
            total[_drawn(inputs, name, value)] += np.log(new / old) if new else -np.inf
    return total


def _changed_choices(before: Scenario, after: Scenario) -> set[str]:
    """Return the choices with other weights, or with another order under their correlations."""
    return {
        name
        for name, choice in before.choices.items()
        if choice.weights != after.choices[name].weights
        or ordered_values(before).get(name) != ordered_values(after).get(name)
    }


def _pairs(name: str, before: Scenario, after: Scenario, inputs: xr.Dataset) -> Iterator[_Pair]:
    """Yield the distributions of a quantity in both scenarios, by the choices that lead to them."""
    old, new = before.compiled.inputs[name], after.compiled.inputs[name]
    if old.unit != new.unit:
        raise ScenarioError(
            "units-differ",
            "the scenarios state a quantity in different units",
            where=f"{new.where}.unit",
            got=new.unit,
            allowed=repr(old.unit),
        )
    every = np.ones(inputs.sizes["draw"], dtype=np.bool_)
    for values, old_form, new_form in _side_by_side(old.stated.form, new.stated.form, ()):
        chosen, possible = every.copy(), True
        for choice, value in values:
            chosen &= _drawn(inputs, choice, value)
            possible &= after.choices[choice].weights[value] > 0.0
        where = ".values.".join([new.where, *(value for _, value in values)])
        if isinstance(old_form, Distribution) and isinstance(new_form, Distribution):
            if possible:
                yield _Pair(where, chosen, old.leaf(old_form), new.leaf(new_form))
        elif old_form != new_form or not _reads_the_same(old_form, name, before, after):
            raise ScenarioError(
                "formulas-differ",
                "the scenarios compute a quantity in different ways",
                where=where,
                remedy=REMEDY,
            )


def _reads_the_same(form: Form, name: str, before: Scenario, after: Scenario) -> bool:
    """Return whether a formula or table gives and sees its quantities in the same units in both scenarios."""
    names = {name, form.of} if isinstance(form, LookupInput) else {name}
    names |= form.parsed().names if isinstance(form, FormulaInput) else set()
    old, new = before.inputs(), after.inputs()
    return all(old[n].unit == new[n].unit for n in names if n in old)


type _Values = tuple[tuple[str, str], ...]


def _side_by_side(old: Form, new: Form, values: _Values) -> Iterator[tuple[_Values, Form, Form]]:
    for form in (new, old):
        if isinstance(form, ByInput):
            for value in form.values:
                old_form, new_form = _under(old, form.by, value), _under(new, form.by, value)
                yield from _side_by_side(old_form, new_form, (*values, (form.by, value)))
            return
    yield values, old, new


def _under(form: Form, choice: str, value: str) -> Form:
    """Return what a form is where a choice has a value."""
    if not isinstance(form, ByInput):
        return form
    if form.by == choice:
        return _under(form.values[value], choice, value)
    return ByInput(by=form.by, values={v: _under(inner, choice, value) for v, inner in form.values.items()})


def _of_leaf(pair: _Pair, values: FloatArray) -> FloatArray:
    try:
        _require_support(pair)
        before, after = pair.old.log_density(values), pair.new.log_density(values)
    except UsageError as error:
        raise error.at(pair.where) from None
    if np.any(np.isneginf(before.log)):
        raise RunFileError(
            "run-contradicts-scenario",
            "the run contains values that its own scenario never produces",
            where=pair.where,
        )
    # Where only the old distribution has an atom, the new one has next to nothing.
    gone = np.isneginf(after.log) | (before.atom & ~after.atom)
    return np.where(gone, -np.inf, after.log - np.where(gone, 0.0, before.log))


def _require_support(pair: _Pair) -> None:
    """Refuse a distribution that makes values which the old one never makes: no draw stands for them."""
    values = np.unique(pair.new.compiled()(_SCORES))
    before, after = pair.old.log_density(values), pair.new.log_density(values)
    lost = np.isneginf(before.log) | (after.atom & ~before.atom)
    if np.any(lost & ~np.isneginf(after.log)):
        first = values[lost & ~np.isneginf(after.log)][0]
        raise ScenarioError(
            "new-distribution-wider",
            "the new distribution has values that the run's own distribution never takes",
            got=float(f"{first:.4g}"),
            allowed="a distribution within the old one's range",
            remedy=REMEDY,
        )


def _of_copulas(before: Scenario, after: Scenario, inputs: xr.Dataset, changed: set[str]) -> FloatArray:
    """Return the log ratio of both copulas, over the groups of quantities in which something changed."""
    total = np.zeros(inputs.sizes["draw"])
    for names in _groups(before, after):
        same = _correlation(before, names), _correlation(after, names)
        if changed.isdisjoint(names) and np.array_equal(*same):
            continue
        if after.copula.kind != "gaussian":
            raise ScenarioError(
                "copula-without-density",
                "reweighting supports only a Gaussian copula",
                where="copula.kind",
                got=after.copula.kind,
                remedy=REMEDY,
            )
        if any(np.any(np.abs(matrix - np.eye(len(names))) > _PERFECT) for matrix in same):
            raise ScenarioError(
                "perfect-correlation-without-density",
                "quantities with a rank correlation of 1 or -1 have no joint density",
                where="correlations",
                got=", ".join(names),
                remedy=REMEDY,
            )
        densities = [
            log_copula_density(_correlation(scenario, names), *_scores(scenario, names, inputs))
            for scenario in (before, after)
        ]
        if np.any(np.isnan(densities)):
            raise ScenarioError(
                "several-atoms-correlated",
                "several correlated quantities have values of positive probability",
                where="correlations",
                got=", ".join(names),
                remedy=REMEDY,
            )
        total += densities[1] - densities[0]
    return total


def _groups(*scenarios: Scenario) -> list[list[str]]:
    """Return the quantities that are correlated with each other, directly or not, in either scenario."""
    groups: list[set[str]] = []
    off = scenarios[0].compiled.inactive
    for pair in (set(c.between) for s in scenarios for c in s.correlations):
        if pair.isdisjoint(off):
            joined = pair.union(*(names for names in groups if names & pair))
            groups = [names for names in groups if not names & pair] + [joined]
    return sorted(sorted(names) for names in groups)


def _correlation(scenario: Scenario, names: list[str]) -> FloatArray:
    """Return the correlation of normal scores of some quantities, shape (names, names)."""
    whole = scenario.compiled.copula
    matrix, place = whole.factor @ whole.factor.T, {name: k for k, name in enumerate(whole.names)}
    submatrix = np.eye(len(names))
    for i, row in enumerate(names):
        for j, column in enumerate(names):
            if i != j and row in place and column in place:
                submatrix[i, j] = matrix[place[row], place[column]]
    return submatrix


def _scores(scenario: Scenario, names: list[str], inputs: xr.Dataset) -> tuple[FloatArray, FloatArray]:
    """Return between which scores the stored values of some inputs lie, shape (names, draws) each."""
    compiled = scenario.compiled
    resolved, choices = compiled.inputs, {choice.name: choice for choice in compiled.choices}
    below = np.zeros((len(names), inputs.sizes["draw"]))
    upto = np.zeros_like(below)
    for row, name in enumerate(names):
        if name in choices:
            edges = [-np.inf, *choices[name].score_edges.tolist(), np.inf]
            for k, (value, weight) in enumerate(
                zip(choices[name].values, choices[name].weights, strict=True)
            ):
                # A value of probability 0 has no scores; its draws weigh nothing in any case.
                between = (edges[k], edges[k + 1]) if weight else (-np.inf, np.inf)
                drawn = _drawn(inputs, name, value)
                below[row, drawn], upto[row, drawn] = between
            continue
        form, values = resolved[name].stated.form, _values(inputs, name)
        for chosen_values, leaf, _ in _side_by_side(form, form, ()):
            chosen = np.ones(values.shape, dtype=np.bool_)
            for choice, value in chosen_values:
                chosen &= _drawn(inputs, choice, value)
            if not isinstance(leaf, Distribution):
                below[row, chosen], upto[row, chosen] = -np.inf, np.inf  # which tells nothing of its score
                continue
            interval = score_interval(resolved[name].leaf(leaf).compiled(), values[chosen])
            below[row, chosen], upto[row, chosen] = interval
    return below, upto
