"""Conditional Monte Carlo: probabilities and dates of arrival, with the requirement integrated out.

Without feedback, the effective compute of a draw says for every requirement whether a milestone is reached by
a date. Its arrival is then not a yes or no, but the probability that the requirement, given the draw's other
inputs, lies below what was reached. The average of these probabilities has the same expectation as the share
of arrivals, and less variance: the variance that the requirement and the view taken of it would add is gone.
It is also smooth in the other inputs, so Sobol' points gain more by it.

Hammersley & Handscomb 1964, "Monte Carlo Methods", section 6.3; Owen, "Monte Carlo theory, methods and
examples", section 8.7.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import xarray as xr
from scipy import special
from scipy.interpolate import CubicSpline

from timecone.errors import ArgumentError, suggestion
from timecone.inputs.compiled_quantile import CompiledQuantile
from timecone.inputs.dependence import Copula
from timecone.inputs.designs import CHOICE_STREAM, Design, make_design
from timecone.inputs.nodes import ByChoice, Node, Tree, leaves
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.inputs.sampler import Block, Sampler
from timecone.models.compute.components.algorithms import BREAKTHROUGHS
from timecone.models.compute.reach import MILESTONES, REQUIREMENT, Reach
from timecone.models.model import TimeGrid
from timecone.results.estimators.intervals import between_replicates, standard_error
from timecone.results.run_file.percentiles import levels
from timecone.scenario.scenario import Scenario
from timecone.schema import BoolArray, FloatArray
from timecone.simulation.limits import BLOCK, whole
from timecone.units import decimal_year

#: Replicates of Sobol' points: their spread is the error.
REPLICATES: Final = 16
_DRAWS: Final = 2**16
_LEAST_DRAWS: Final = 64 * REPLICATES
# Knots of a table of scores.
_KNOTS: Final = 2**14
# Points of the first estimate of the percentiles, which says round which dates to compute the distribution.
_FIRST_POINTS: Final = 1024
# Of these dates, years from the first estimate.
_NODES: Final = np.linspace(-0.75, 0.75, 4)
_PERCENT: Final = 100.0
_REMEDY: Final = "Use simulate, which integrates nothing in closed form."


class _Fixed(Design):
    """A design in which some streams stay at one half; the others take the dimensions of another design."""

    def __init__(self, design: Design, free: Sequence[int]) -> None:
        self.replicates = design.replicates
        self._design, self._free = design, list(free)

    def fill(self, streams: Sequence[str], first: int, out: FloatArray) -> None:
        points = np.empty((len(self._free), out.shape[1]))
        self._design.fill([streams[k] for k in self._free], first, points)
        out[:] = 0.5
        out[self._free] = points


class _Scores:
    """Normal scores of a quantile function's values, read from a table where solving for them is slow."""

    def __init__(self, quantile: CompiledQuantile) -> None:
        self._quantile = quantile
        self._values: FloatArray | None = None
        if quantile.table is not None and not np.isfinite(quantile.atoms.values).any():
            scores = np.linspace(-LARGEST_SCORE, LARGEST_SCORE, _KNOTS)
            values = quantile(scores)
            finite = np.isfinite(values)
            self._values, self._scores = values[finite], scores[finite]
            if not finite.all():
                # Finite values that rise steeply to the score from which on they are infinite.
                top = np.linspace(self._values[-1], quantile.high, 257)[1:]
                self._values = np.append(self._values, top)
                self._scores = np.append(self._scores, quantile.normal_score(top, right=True))

    def __call__(self, values: FloatArray) -> FloatArray:
        """Return the scores up to which draws are not above ``values``."""
        if self._values is None:
            return self._quantile.normal_score(values, right=True)
        scores = np.interp(values, self._values, self._scores)
        return np.where(values < self._values[0], -np.inf, scores)


class _Requirement:
    """The distribution of the requirement, given all other inputs.

    Parameters
    ----------
    tree : ByChoice or CompiledQuantile
        Its quantile function, by value of choices.
    weights : mapping of str to mapping of str to float
        Probabilities of the values of the choices that are integrated over.
    deviation : float
        Standard deviation of its normal score, given those of the inputs that it is correlated with.
    """

    def __init__(self, tree: Tree, weights: Mapping[str, Mapping[str, float]], deviation: float) -> None:
        self._tree, self._weights, self._deviation = tree, weights, deviation
        self._scores = {
            id(leaf): _Scores(leaf) for leaf in leaves(tree) if isinstance(leaf, CompiledQuantile)
        }

    def probability(self, bound: FloatArray, mean: FloatArray, drawn: Mapping[str, FloatArray]) -> FloatArray:
        """Return the probability that the requirement is not above a bound, shape (draws,).

        Parameters
        ----------
        bound : array, shape (draws,)
            log10 FLOP.
        mean : array, shape (draws,)
            Mean of its normal score.
        drawn : mapping of str to array of str
            Values of the choices that are drawn.
        """
        return self._of(self._tree, bound, mean, drawn)

    def _of(
        self, tree: Tree, bound: FloatArray, mean: FloatArray, drawn: Mapping[str, FloatArray]
    ) -> FloatArray:
        if isinstance(tree, CompiledQuantile):
            score = self._scores[id(tree)](bound)
            return np.asarray(special.ndtr((score - mean) / self._deviation))
        assert isinstance(tree, ByChoice)
        parts = {value: self._of(inner, bound, mean, drawn) for value, inner in tree.trees.items()}
        if tree.choice in self._weights:
            weights = self._weights[tree.choice]
            return np.asarray(sum(weights[value] * part for value, part in parts.items()))
        labels = drawn[tree.choice]
        return np.select([labels == value for value in parts], list(parts.values()))


def _refuse(what: str, got: object = None) -> ArgumentError:
    return ArgumentError("not-conditional", what, where="scenario", got=got, remedy=_REMEDY)


def _requirement_of(scenario: Scenario) -> Node:
    """Return how the requirement comes about; refuse a scenario without a closed form of the integral."""
    if scenario.definition.name != "compute":
        raise _refuse(
            "only the compute model can be integrated over its requirement", scenario.definition.name
        )
    if scenario.setup.components:
        raise _refuse(
            "components make effective compute depend on more than trends",
            ", ".join(sorted(scenario.setup.components)),
        )
    if scenario.evidence is not None or scenario.redraw is not None:
        raise _refuse("draws are kept or drawn again by their outcome (evidence or redraw)")
    if scenario.not_yet_terms:
        raise _refuse("the not-yet rule does more than remove draws", scenario.not_yet.rule)
    node = next(n for n in scenario.compiled.nodes if n.name == REQUIREMENT)
    if not all(isinstance(leaf, CompiledQuantile) for leaf in leaves(node.tree)):
        raise _refuse(f"{REQUIREMENT} is not a distribution, or one for each value of a choice")
    readers = [n.name for n in scenario.compiled.nodes if REQUIREMENT in n.depends_on]
    if readers:
        raise _refuse(f"other quantities are computed from {REQUIREMENT}", ", ".join(readers))
    if scenario.compiled.copula.heavy and REQUIREMENT in scenario.compiled.copula.names:
        raise _refuse(f"{REQUIREMENT} is correlated by a t copula")
    return node


def _choices_of(tree: Tree) -> set[str]:
    if not isinstance(tree, ByChoice):
        return set()
    return {tree.choice}.union(*map(_choices_of, tree.trees.values()))


def _with_requirement_last(copula: Copula) -> tuple[Copula, float]:
    """Return the copula with the requirement last, and the deviation of its score given all others."""
    if REQUIREMENT not in copula.names:
        return copula, 1.0
    names = [name for name in copula.names if name != REQUIREMENT] + [REQUIREMENT]
    order = [copula.names.index(name) for name in names]
    matrix = copula.factor @ copula.factor.T
    try:
        factor = np.linalg.cholesky(matrix[np.ix_(order, order)])
    except np.linalg.LinAlgError:
        raise _refuse("quantities with a rank correlation of 1 or -1") from None
    return Copula(tuple(names), factor, copula.df), float(factor[-1, -1])


class _Conditional:
    """Draws of all inputs but the requirement, and the probabilities of arrival that follow."""

    def __init__(self, scenario: Scenario, draws: int, seed: int) -> None:
        compiled = scenario.compiled
        node = _requirement_of(scenario)
        copula, deviation = _with_requirement_last(compiled.copula)
        others = [n for n in compiled.nodes if n.name != REQUIREMENT]
        read = frozenset().union(
            *(n.depends_on | _choices_of(n.tree) for n in others), frozenset(copula.names)
        )
        integrated = _choices_of(node.tree) - read
        weights = {
            c.name: dict(zip(c.values, c.weights, strict=True))
            for c in compiled.choices
            if c.name in integrated
        }
        self._requirement = _Requirement(node.tree, weights, deviation)
        # In place of the requirement, its normal score: at one half it is the mean given the others.
        nodes = [
            dataclasses.replace(n, tree=CompiledQuantile()) if n.name == REQUIREMENT else n
            for n in compiled.nodes
        ]
        self._sampler = Sampler(nodes, compiled.sampler.names, compiled.choices, copula)
        streams = self._sampler.streams
        fixed = {f"parameter/{REQUIREMENT}", *(CHOICE_STREAM + name for name in integrated)}
        free = [k for k, name in enumerate(streams) if name not in fixed]
        points = make_design("sobol", seed, draws=draws, streams=len(free), replicates=REPLICATES)
        self._design = _Fixed(points, free)
        self._scenario, self._draws = scenario, draws
        self._row = self._sampler.names.index(REQUIREMENT)
        self.integrated = (REQUIREMENT, *sorted(integrated))

    def curve(self, milestone: str, dates: FloatArray) -> FloatArray:
        """Return the probability of arrival by each date, from the first points alone."""
        block = self._sampler.draw(self._design, 0, min(_FIRST_POINTS, self._draws // REPLICATES))
        counted, *arrived = self._of_block(block, milestone, dates).mean(axis=1)
        return np.asarray(np.array(arrived) / counted)

    def __call__(self, milestone: str, dates: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the probability of arrival by each date, among the draws that count.

        Parameters
        ----------
        milestone : str
            One of `MILESTONES`.
        dates : array, shape (dates,)
            Decimal years from the start on.

        Returns
        -------
        each : array, shape (replicates, dates)
            Of each replicate.
        pooled : array, shape (dates,)
            Of all of them.
        """
        size = self._draws // REPLICATES
        totals = np.zeros((REPLICATES, 1 + dates.size))
        for replicate in range(REPLICATES):
            for begin in range(0, size, BLOCK):
                block = self._sampler.draw(self._design, replicate * size + begin, min(BLOCK, size - begin))
                totals[replicate] += self._of_block(block, milestone, dates).sum(axis=1)
        total = totals.sum(axis=0)
        return np.asarray(totals[:, 1:] / totals[:, :1]), np.asarray(total[1:] / total[0])

    def _of_block(self, block: Block, milestone: str, dates: FloatArray) -> FloatArray:
        scenario, model = self._scenario, self._scenario.definition
        clocks = model.clock_rows(scenario.setup).get(BREAKTHROUGHS.name, slice(0))
        mean = block.values[self._row]
        reach = Reach(block.values[: model.rows(scenario.setup)], scenario.setup, clocks)
        self._require_values(block, reach.failed)
        drawn = {
            choice.name: np.array(choice.values)[block.choices[k]]
            for k, choice in enumerate(self._sampler.choices)
        }
        start, early = scenario.time.grid.start, np.full(mean.size, -np.inf)
        for name in scenario.not_yet_milestones:
            early = np.maximum(early, reach(name, max(decimal_year(scenario.as_of), start)))
        removed = self._requirement.probability(early, mean, drawn)
        arrived = [
            self._requirement.probability(np.maximum(reach(milestone, date), early), mean, drawn) - removed
            for date in dates
        ]
        return np.array([1.0 - removed, *arrived])

    def _require_values(self, block: Block, failed: BoolArray) -> None:
        """Refuse draws that `simulate` would count as failed."""
        faults = [name for name, fault in block.faults.items() if np.any(fault != 0)]
        for name, parameter in self._scenario.compiled.computed.items():
            if not np.all(parameter.admits(block.values[self._sampler.names.index(name)])):
                faults.append(name)
        if faults or failed.any():
            raise _refuse("some draws fail", ", ".join(faults) or "too many breakthroughs")


def conditional_estimate(
    scenario: Scenario,
    milestone: str = "tai",
    *,
    years: Sequence[int] = (),
    q: Sequence[float] = (),
    draws: int = _DRAWS,
    seed: int | None = None,
) -> xr.Dataset:
    """Estimate probabilities and percentiles of a milestone's date, integrated over the requirement.

    Conditional Monte Carlo for scenarios of the compute model without feedback, walls, limits and shocks: far
    smaller errors than those of a run of the same draws, for these quantities alone. Draws that the not-yet
    rule removes are integrated out in the same way.

    Parameters
    ----------
    scenario : Scenario
        A scenario of the compute model in open loop, whose requirement is a distribution, or one for each
        value of a choice.
    milestone : str
        ``automation_20``, ``automation_50``, ``tai`` or ``tai_deployed``.
    years : sequence of int
        Calendar years by whose end the probability of arrival is asked for.
    q : sequence of float
        Percentiles in (0, 100) of the date.
    draws : int
        Sobol' points of the other inputs, in 16 replicates: 16 times a power of two.
    seed : int, optional
        The scenario's own by default.

    Returns
    -------
    Dataset, dims (year, percentile)
        ``probability`` by year and ``date`` by percentile (decimal year, +inf beyond the horizon), each with
        its 95 % interval from the spread between replicates (``_lower``, ``_upper``) and the standard error
        that this implies (``_error``). Attributes say how the numbers were made. No run file holds them.

    Raises
    ------
    ArgumentError
        The integral has no closed form in this scenario, or an argument is out of range.

    Examples
    --------
    >>> import timecone as tc
    >>> answer = tc.conditional_estimate(tc.load("open_loop"), years=[2040], q=[50], draws=1024, seed=1)
    >>> bool(answer.probability_error[0] < 0.01), bool(2026 < answer.date[0] < 2126)
    (True, True)
    """
    seed = whole("seed", scenario.run.seed if seed is None else seed, 0)
    draws = whole("draws", draws, _LEAST_DRAWS)
    if milestone not in MILESTONES:
        raise ArgumentError(
            "unknown-milestone",
            "unknown milestone",
            where="milestone",
            got=milestone,
            allowed=", ".join(MILESTONES),
            remedy=suggestion(milestone, MILESTONES),
        )
    year, percentile = _years(scenario, years), levels(q) if len(q) else np.empty(0)
    conditional = _Conditional(scenario, draws, seed)
    probabilities, dates = _both(
        conditional, milestone, year + 1.0, percentile / _PERCENT, scenario.time.grid
    )
    return xr.Dataset(
        probabilities.labelled("probability", "year") | dates.labelled("date", "percentile"),
        coords={"year": year, "percentile": percentile},
        attrs={
            "method": "conditional Monte Carlo, randomised quasi-Monte Carlo",
            "integrated": ", ".join(conditional.integrated),
            "milestone": milestone,
            "interval": "95 %",
            "draws": draws,
            "replicates": REPLICATES,
            "seed": seed,
            "digest": scenario.compiled.digest,
        },
    )


def _years(scenario: Scenario, years: Sequence[int]) -> FloatArray:
    year = np.asarray(years, dtype=np.float64).reshape(-1)
    grid = scenario.time.grid
    first, last = int(np.floor(grid.start)), int(np.floor(grid.horizon)) - 1
    if not np.all((year == np.floor(year)) & (year + 1.0 > grid.start) & (year + 1.0 <= grid.horizon)):
        raise ArgumentError(
            "year-outside-run",
            "not calendar years between the start and the horizon",
            where="years",
            got=list(years),
            allowed=f"whole years from {first} to {last}",
        )
    return year


def _intervals(values: FloatArray, each: FloatArray) -> _Numbers:
    """Return numbers with the intervals that their replicates, shape (replicates, numbers), give."""
    return _Numbers(values, *between_replicates(each, values))


class _Numbers(NamedTuple):
    """Numbers and their 95 % intervals."""

    value: FloatArray
    lower: FloatArray
    upper: FloatArray

    def labelled(self, name: str, dim: str) -> dict[str, object]:
        """Return the variables of a dataset."""
        error = standard_error(self.lower, self.upper)
        arrays = {"": self.value, "_lower": self.lower, "_upper": self.upper, "_error": error}
        return {name + ending: (dim, array, {"units": "1"}) for ending, array in arrays.items()}


def _both(
    conditional: _Conditional, milestone: str, ends: FloatArray, p: FloatArray, grid: TimeGrid
) -> tuple[_Numbers, _Numbers]:
    """Return the probabilities by some dates, and the dates by which the probability is p.

    All points are drawn once, unless a percentile lies far from the first estimate of it.
    """
    first = (
        conditional.curve(milestone, grid.observed_times) if p.size else np.zeros(grid.observed_times.size)
    )
    centres = np.append(grid.observed_times, grid.horizon)[np.searchsorted(np.maximum.accumulate(first), p)]
    centres = centres - 0.5
    dates, each = np.empty(p.size), np.empty((REPLICATES, p.size))
    waiting, probabilities = np.arange(p.size), None
    while waiting.size or probabilities is None:
        nodes = np.clip(centres, grid.start - _NODES[0], grid.horizon - _NODES[-1])[:, None] + _NODES
        asked = ends if probabilities is None else np.empty(0)
        every, pooled = conditional(milestone, np.append(asked, nodes[waiting]))
        if probabilities is None:
            probabilities = _intervals(pooled[: ends.size], every[:, : ends.size])
        by_node = pooled[asked.size :].reshape(-1, _NODES.size)
        of_each = every[:, asked.size :].reshape(REPLICATES, -1, _NODES.size).swapaxes(0, 1)
        missed = []
        for k, values, replicates in zip(waiting.tolist(), by_node, of_each, strict=True):
            if values[0] >= p[k] and nodes[k, 0] > grid.start:
                centres[k] = nodes[k, 0] + _NODES[0] / 2.0
                missed.append(k)
            elif values[-1] < p[k] and nodes[k, -1] < grid.horizon:
                centres[k] = nodes[k, -1] + _NODES[-1] / 2.0
                missed.append(k)
            else:
                dates[k], each[:, k] = _solve(nodes[k], values, replicates, float(p[k]))
        waiting = np.array(missed, dtype=np.intp)
    return probabilities, _intervals(dates, each)


def _solve(nodes: FloatArray, pooled: FloatArray, each: FloatArray, p: float) -> tuple[float, FloatArray]:
    """Return the date by which the probability is p, from all points and from those of each replicate.

    Parameters
    ----------
    nodes : array, shape (nodes,)
        Dates.
    pooled : array, shape (nodes,)
        Probabilities by these dates.
    each : array, shape (replicates, nodes)
        The same of each replicate.
    p : float
        The probability. Where it is not reached by the last node, the date is +inf; where it is exceeded at
        the first one, the date is that of the first.
    """
    if pooled[-1] < p:
        return np.inf, np.where(each[:, -1] < p, np.inf, nodes[-1])
    if pooled[0] >= p:
        return float(nodes[0]), np.where(each[:, 0] >= p, nodes[0], nodes[1])
    distribution = CubicSpline(nodes, pooled)
    date = float(distribution.solve(p, extrapolate=False)[0])
    # The slope of the distribution carries each replicate's difference in probability over to its date.
    difference = p - CubicSpline(nodes, each, axis=1)(date)
    return date, date + difference / float(distribution(date, 1))
