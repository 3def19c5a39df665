"""Joint draws of all quantities, block by block.

Draw ``i`` of a quantity depends on the seed, the quantity's name and ``i`` alone (random design); blocks may
be drawn in any order, by any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from timecone.errors import ScenarioError, suggestion
from timecone.inputs.compiled_quantile import CompiledQuantile
from timecone.inputs.dependence import Copula
from timecone.inputs.designs import CHOICE_STREAM, Design
from timecone.inputs.expression import FAULTS
from timecone.inputs.nodes import (
    ByChoice,
    Copy,
    Formula,
    Lookup,
    Node,
    Rows,
    Tree,
    converted,
    leaves,
)
from timecone.inputs.normal_score import to_normal_scores
from timecone.schema import BoolArray, ByteArray, Failure, FloatArray, IntArray, Reason, ShortArray
from timecone.units import UNCHANGED

#: Blocks begin at multiples of this and are drawn in whole multiples of it, so that every draw goes through
#: the same vector instructions wherever its block ends.
LANES = 64
# A run file stores the position of a value in a signed byte.
_MOST_VALUES = 127
_POSTERIOR_STREAM = "posterior/"
# Attempts at a draw at a time.
_LARGEST_BATCH = 4096


@dataclass(frozen=True)
class ChoiceWeights:
    """A discrete choice: its values and their probabilities, which sum to 1.

    A choice that a copula names has a latent normal score; the order of its values is then that of rising
    scores.
    """

    name: str
    values: tuple[str, ...]
    weights: tuple[float, ...]

    @property
    def edges(self) -> FloatArray:
        """Cumulative probabilities between neighbouring values, shape (values - 1,)."""
        return np.cumsum(self.weights)[:-1]

    @property
    def score_edges(self) -> FloatArray:
        """Normal scores of the edges; rounding may lift a sum of weights above 1."""
        return np.asarray(special.ndtri(np.minimum(self.edges, 1.0)), dtype=np.float64)


class Block(NamedTuple):
    """Joint draws of consecutive numbers.

    Attributes
    ----------
    values : array, shape (rows, draws)
        The wanted quantities, each row contiguous.
    choices : array of int8, shape (choices, draws)
        Position of the value drawn for each choice.
    faults : mapping of str to array of int16, shape (draws,)
        Of the wanted quantities that have no value in some draw (NaN there): 0, or 1 + the position in
        `Sampler.failures` of the reason.
    redraws : array, shape (draws,), optional
        How often each draw was drawn again; None where none can be.
    """

    values: FloatArray
    choices: ByteArray
    faults: Mapping[str, ShortArray]
    redraws: IntArray | None = None


class Redraw(NamedTuple):
    """Which draws are drawn again.

    Attributes
    ----------
    keep : frozenset of str
        Quantities that stay as drawn; choices and rows of posteriors always do.
    most : int
        Attempts for a draw, after which it stays as it is.
    holds : callable
        ``values -> array of bool, shape (draws,)``: whether a draw is accepted, from the rows of a block.
    """

    keep: frozenset[str]
    most: int
    holds: Callable[[FloatArray], BoolArray]


class _Known(NamedTuple):
    """What is known of a block besides its scores.

    Choices, rows of posteriors, what formulas see and its faults, and the faults of the quantities
    themselves.
    """

    choices: ByteArray
    picked: Mapping[str, IntArray]
    values: dict[str, Any]
    values_faults: dict[str, ShortArray]
    faults: dict[str, ShortArray]


class Sampler:
    """Draws blocks of joint inputs.

    Parameters
    ----------
    nodes : sequence of Node
        All quantities.
    rows : sequence of str
        The quantities to return, in order.
    choices : sequence of ChoiceWeights
        The discrete choices.
    copula : Copula
        Dependence between the quantities and choices it names.
    redraw : Redraw, optional
        Which draws are drawn again, and what of them stays.

    Raises
    ------
    ScenarioError
        A formula refers to something unknown or calculates with a choice, or quantities depend on each other
        in a circle.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        rows: Sequence[str],
        choices: Sequence[ChoiceWeights],
        copula: Copula,
        redraw: Redraw | None = None,
    ) -> None:
        self._redraw = redraw
        self.choices = tuple(choices)
        for choice in self.choices:
            if len(choice.values) > _MOST_VALUES:
                raise ScenarioError(
                    "too-many-choice-values",
                    "a choice has too many values",
                    where=f"choices.{choice.name}",
                    got=len(choice.values),
                    allowed=f"at most {_MOST_VALUES}",
                )
        self.copula = copula
        self.names = tuple(rows)
        by_name = {node.name: node for node in nodes}
        for node in nodes:
            _check_words(node, by_name, self.choices)
        self._posteriors = _posteriors(nodes)
        self._column = {choice.name: k for k, choice in enumerate(self.choices)}
        self._order = [by_name[name] for name in _in_order(by_name, self._column)]
        # Named rows lie first, so that a block is a slice of the work, not a copy.
        others = [name for name in by_name if name not in set(rows)]
        self._row = {name: k for k, name in enumerate([*rows, *others])}
        drawn = [node for node in by_name.values() if node.drawn or node.name in copula.names]
        self._drawn = [self._row[node.name] for node in drawn]
        self.streams = (
            *(f"{CHOICE_STREAM}{choice.name}" for choice in self.choices),
            *(node.stream for node in drawn),
            *(f"{_POSTERIOR_STREAM}{name}" for name in self._posteriors),
            *(("copula/scale",) if copula.heavy else ()),
        )
        keep = frozenset[str]() if redraw is None else redraw.keep
        again = [k for k, node in enumerate(drawn, start=len(self.choices)) if node.name not in keep]
        self._again = np.array(again, dtype=np.intp)
        self._streams_again = tuple(self.streams[k] for k in again)
        read = frozenset().union(*(node.depends_on for node in nodes))
        failing = [
            node.name for node in nodes if node.computed or (node.name in read and node.author != UNCHANGED)
        ]
        #: The ways in which a quantity can have no value, three for each that can.
        self.failures = tuple(
            Failure(reason.value, reason.label, name) for name in failing for reason in FAULTS
        )
        self._code = {name: 1 + len(FAULTS) * k for k, name in enumerate(failing)}
        self._formulas = any(node.computed for node in self._order)
        # Of the names of the copula: which are choices, and the rows of the others.
        self._latent = {name: k for k, name in enumerate(copula.names) if name in self._column}
        self._marginal = [k for k, name in enumerate(copula.names) if name not in self._column]
        self._correlated = np.array([self._row[copula.names[k]] for k in self._marginal], dtype=np.intp)

    def draw(self, design: Design, first: int, count: int) -> Block:
        """Return draws ``first`` to ``first + count - 1``; ``first`` a multiple of `LANES`."""
        padded = -(-count // LANES) * LANES
        uniforms = np.empty((len(self.streams), padded))
        design.fill(self.streams, first, uniforms)
        values, known = self._values(uniforms)
        redraws = None if self._redraw is None else self._draw_again(design, first, uniforms, values, known)
        block = values[: len(self.names), :count]
        faults = {name: known.faults[name][:count] for name in self.names if name in known.faults}
        return Block(
            np.ascontiguousarray(block),
            np.ascontiguousarray(known.choices[:, :count]),
            faults,
            None if redraws is None else redraws[:count],
        )

    def _values(self, uniforms: FloatArray) -> tuple[FloatArray, _Known]:
        """Return the values of all quantities, shape (quantities, draws), and what is known besides."""
        # Zeros, not memory as it was: a quantity without a score of its own keeps the score 0.
        values = np.zeros((len(self._row), uniforms.shape[1]))
        choices = self._choose(uniforms, self._score(uniforms, values))
        labels: dict[str, Any] = {
            choice.name: np.array(choice.values)[choices[k]]
            for k, choice in enumerate(self.choices)
            if self._formulas
        }
        known = _Known(choices, self._pick(uniforms), labels, {}, {})
        for node in self._order:
            self._settle(node, values, known)
        return values, known

    def _draw_again(
        self, design: Design, first: int, uniforms: FloatArray, values: FloatArray, known: _Known
    ) -> IntArray:
        """Draw again what is not accepted, in place; return how often, by draw."""
        assert self._redraw is not None
        accepted, most = self._redraw.holds(values[: len(self.names)]), self._redraw.most
        redraws = np.zeros(values.shape[1], dtype=np.int64)
        for draw in np.flatnonzero(~accepted).tolist():
            done, batch = 0, LANES
            while done < most:
                trial = np.repeat(uniforms[:, draw : draw + 1], batch, axis=1)
                fresh = np.empty((len(self._again), batch))
                design.fill_again(self._streams_again, first + draw, done, fresh)
                trial[self._again] = fresh
                tried, about = self._values(trial)
                good = np.flatnonzero(self._redraw.holds(tried[: len(self.names), : most - done]))
                if good.size:
                    redraws[draw] = done + good[0] + 1
                    values[:, draw] = tried[:, good[0]]
                    _put_faults(known.faults, about.faults, values.shape[1], draw, int(good[0]))
                    break
                done, batch = done + batch, min(4 * batch, _LARGEST_BATCH)
            else:
                redraws[draw] = most
        return redraws

    def _score(self, uniforms: FloatArray, values: FloatArray) -> Mapping[str, FloatArray]:
        """Fill the rows of drawn quantities with normal scores, correlated ones where asked.

        Return the latent scores of the correlated choices by name.
        """
        for k, row in enumerate(self._drawn, start=len(self.choices)):
            values[row] = uniforms[k]
            to_normal_scores(values[row])
        if not self.copula.names:
            return {}
        scores = np.empty((len(self.copula.names), uniforms.shape[1]))
        scores[self._marginal] = values[self._correlated]
        for name, k in self._latent.items():
            scores[k] = uniforms[self._column[name]]
            to_normal_scores(scores[k])
        self.copula.correlate(scores, uniforms[-1] if self.copula.heavy else None)
        values[self._correlated] = scores[self._marginal]
        return {name: scores[k] for name, k in self._latent.items()}

    def _choose(self, uniforms: FloatArray, scores: Mapping[str, FloatArray]) -> ByteArray:
        """Return the positions of the values drawn, from latent scores where a choice is correlated."""
        choices = np.empty((len(self.choices), uniforms.shape[1]), dtype=np.int8)
        for k, choice in enumerate(self.choices):
            if choice.name in scores:
                choices[k] = np.searchsorted(choice.score_edges, scores[choice.name], side="right")
            else:
                choices[k] = np.searchsorted(choice.edges, uniforms[k], side="right")
        return choices

    def _pick(self, uniforms: FloatArray) -> dict[str, IntArray]:
        """Return the row that each draw takes of each posterior."""
        first = len(self.choices) + len(self._drawn)
        return {
            name: _row_of(uniforms[k], rows)
            for k, (name, rows) in enumerate(self._posteriors.items(), start=first)
        }

    def _settle(self, node: Node, values: FloatArray, known: _Known) -> None:
        """Turn a node's scores into its values, in place."""
        row, fault = values[self._row[node.name]], None
        if isinstance(node.tree, CompiledQuantile):
            node.tree.apply(row)
        elif isinstance(node.tree, Copy):
            row[:], fault = values[self._row[node.tree.of]], known.faults.get(node.tree.of)
        else:
            row[:], fault = self._grow(node.tree, row.copy(), known, self._code.get(node.name, 0))
        if fault is not None:
            known.faults[node.name] = fault
        if self._formulas:
            known.values[node.name] = node.in_author_unit(row)
            code = self._code.get(node.name, 0)
            fault = _with_conversion(fault, row, known.values[node.name], code)
            if fault is not None:
                known.values_faults[node.name] = fault

    def _grow(
        self, tree: Tree, scores: FloatArray, known: _Known, code: int
    ) -> tuple[FloatArray, ShortArray | None]:
        """Return the values of a tree and their faults, ``code`` the first; ``scores`` stays as it is."""
        if isinstance(tree, CompiledQuantile):
            return tree(scores), None
        if isinstance(tree, Rows):
            return tree.values[known.picked[tree.posterior]], None
        if isinstance(tree, Formula):
            stated, fault = tree.expression.evaluate(known.values, known.values_faults, code)
        elif isinstance(tree, Lookup):
            stated, fault = tree(known.values[tree.of]), known.values_faults.get(tree.of)
        else:
            assert isinstance(tree, ByChoice)
            return self._by_choice(tree, scores, known, code)
        stated = np.broadcast_to(stated, scores.shape)
        values = converted(stated, tree.conversion)
        fault = _with_conversion(fault, stated, values, code)
        return (values, None) if fault is None else (np.where(fault != 0, np.nan, values), fault)

    def _by_choice(
        self, tree: ByChoice, scores: FloatArray, known: _Known, code: int
    ) -> tuple[FloatArray, ShortArray | None]:
        column = self._column[tree.choice]
        out, faults = np.empty_like(scores), np.zeros(scores.shape, dtype=np.int16)
        for position, value in enumerate(self.choices[column].values):
            branch, fault = self._grow(tree.trees[value], scores, known, code)
            here = known.choices[column] == position
            np.copyto(out, branch, where=here)
            if fault is not None:
                np.copyto(faults, fault, where=here)
        return out, faults if faults.any() else None


def _put_faults(
    faults: dict[str, ShortArray], others: Mapping[str, ShortArray], draws: int, draw: int, trial: int
) -> None:
    """Take over the faults of an accepted attempt at one of so many draws."""
    for name in {*faults, *others}:
        before = faults.get(name)
        mine = np.zeros(draws, dtype=np.int16) if before is None else before.copy()
        mine[draw] = others[name][trial] if name in others else 0
        faults[name] = mine


def _with_conversion(
    fault: ShortArray | None, before: FloatArray, after: FloatArray, code: int
) -> ShortArray | None:
    """Return faults with those of a conversion to another unit: what was finite there and is not here."""
    lost = np.isfinite(before) & ~np.isfinite(after)
    if not lost.any():
        return None if fault is None else np.broadcast_to(fault, before.shape)
    reasons = np.where(np.isposinf(after), FAULTS.index(Reason.OVERFLOW), FAULTS.index(Reason.UNDEFINED))
    own = np.where(lost, code + reasons, 0).astype(np.int16)
    return own if fault is None else np.where(fault != 0, fault, own)


def _row_of(uniforms: FloatArray, rows: Rows) -> IntArray:
    """Return the row of a posterior that each uniform picks."""
    last = rows.values.size - 1
    if rows.weights is None:
        # Casting cuts; a product that rounding has lifted to the number of rows is the last row.
        return np.minimum((uniforms * rows.values.size).astype(np.int64), last)
    edges = np.cumsum(rows.weights)
    return np.minimum(np.searchsorted(edges / edges[-1], uniforms, side="right"), last)


def _posteriors(nodes: Sequence[Node]) -> dict[str, Rows]:
    """Return the posteriors that are drawn from, sorted, each with one of its variables."""
    posteriors: dict[str, Rows] = {}
    for node in nodes:
        for leaf in leaves(node.tree):
            if not isinstance(leaf, Rows):
                continue
            first = posteriors.setdefault(leaf.posterior, leaf)
            if first.values.size != leaf.values.size:
                raise ScenarioError(
                    "posterior-row-counts-differ",
                    "variables of the same posterior have different numbers of rows",
                    where=node.name,
                    got=leaf.values.size,
                )
            if not np.array_equal(_weights(first), _weights(leaf)):
                raise ScenarioError(
                    "posterior-weights-differ",
                    "variables of the same posterior have different weights",
                    where=node.name,
                    remedy="State the same weights for all of them: a draw takes all from one row.",
                )
    return dict(sorted(posteriors.items()))


def _weights(rows: Rows) -> FloatArray:
    return np.empty(0) if rows.weights is None else rows.weights


def _check_words(node: Node, nodes: Mapping[str, Node], choices: Sequence[ChoiceWeights]) -> None:
    """Refuse formulas that calculate with a choice, or that compare one with what is none of its values."""
    values = {choice.name: choice.values for choice in choices}
    for leaf in leaves(node.tree):
        if not isinstance(leaf, Formula):
            continue
        for name in sorted(leaf.expression.numbers & set(values)):
            raise ScenarioError(
                "choice-in-arithmetic",
                "a formula uses a choice as a number",
                where=node.name,
                got=leaf.expression.text,
                allowed=f"a comparison, such as {name} == {values[name][0]!r}",
            )
        for name, value in sorted(leaf.expression.comparisons):
            if name in nodes:
                raise ScenarioError(
                    "text-number-comparison",
                    "a formula compares a number with text",
                    where=node.name,
                    got=leaf.expression.text,
                )
            if name in values and value not in values[name]:
                raise ScenarioError(
                    "unknown-choice-value",
                    f"choice {name!r} has no such value",
                    where=node.name,
                    got=value,
                    remedy=suggestion(value, values[name]),
                )


def _in_order(nodes: Mapping[str, Node], choices: Mapping[str, int]) -> list[str]:
    """Return names so that each comes after those it depends on."""
    graph = {}
    for name, node in nodes.items():
        for other in node.depends_on:
            if other not in nodes and other not in choices:
                raise ScenarioError(
                    "formula-reference-unknown",
                    "a formula refers to something unknown",
                    where=name,
                    got=other,
                    remedy=suggestion(other, [*nodes, *choices]),
                )
        graph[name] = [other for other in node.depends_on if other in nodes]
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise ScenarioError(
            "circular-formulas", "quantities depend on each other in a circle", got=" -> ".join(error.args[1])
        ) from None
