"""How one quantity of a scenario comes about: drawn, looked up, or computed.

A quantity is a tree. Its leaves are quantile functions of its own normal score, rows of a posterior, formulas
of other quantities, or look-up tables of another quantity; its branches are the values of choices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from timecone.inputs.compiled_quantile import CompiledQuantile
from timecone.inputs.expression import Expression
from timecone.schema import FloatArray
from timecone.units import UNCHANGED, Conversion


@dataclass(frozen=True)
class Formula:
    """Arithmetic of other quantities, each in its author's unit, converted to the wanted unit."""

    expression: Expression
    conversion: Conversion = UNCHANGED


@dataclass(frozen=True)
class Lookup:
    """A step or linear function of another quantity, which is in its author's unit.

    Attributes
    ----------
    of : str
        The other quantity.
    x, y : arrays, shape (points,)
        ``x`` increasing; beyond its ends the nearest ``y`` holds.
    step : bool
        The last point at or below, instead of a straight line between points.
    conversion : Conversion
        From the author's unit of ``y`` to the wanted unit.
    """

    of: str
    x: FloatArray
    y: FloatArray
    step: bool
    conversion: Conversion = UNCHANGED

    def __call__(self, values: FloatArray) -> FloatArray:
        """Return the function at ``values``."""
        if not self.step:
            return np.interp(values, self.x, self.y)
        k = np.clip(np.searchsorted(self.x, values, side="right") - 1, 0, len(self.x) - 1)
        return self.y[k]


@dataclass(frozen=True)
class Rows:
    """Values by row of a posterior; a draw takes those of all quantities of one posterior from one row.

    Attributes
    ----------
    posterior : str
        Tells which posterior.
    values : array, shape (rows,)
        In the wanted unit.
    weights : array, shape (rows,), optional
        Probability of each row; equal ones by default.
    """

    posterior: str
    values: FloatArray
    weights: FloatArray | None = None


@dataclass(frozen=True)
class Copy:
    """The same draws as another quantity of the same unit."""

    of: str


@dataclass(frozen=True)
class ByChoice:
    """One tree for each value of a choice."""

    choice: str
    trees: Mapping[str, Tree]


type Leaf = CompiledQuantile | Formula | Lookup | Copy | Rows
type Tree = Leaf | ByChoice


@dataclass(frozen=True)
class Node:
    """A named quantity.

    Attributes
    ----------
    name : str
        A parameter's dotted name, or a quantity's plain one.
    stream : str
        Names its random numbers.
    tree : Tree
        How it comes about.
    author : Conversion
        From the author's unit, in which formulas and tables see it, to the stored one.
    exact : tuple of arrays, optional
        Stored values, increasing, and what the author stated in their place: conversion there and back would
        move the last bit, and a formula may ask whether they are equal.
    """

    name: str
    stream: str
    tree: Tree
    author: Conversion = UNCHANGED
    exact: tuple[FloatArray, FloatArray] | None = None

    def in_author_unit(self, values: FloatArray) -> FloatArray:
        """Return stored values in the unit in which formulas and tables see them."""
        back = restored(values, self.author)
        if self.exact is None:
            return back
        stored, stated = self.exact
        place = np.minimum(np.searchsorted(stored, values), len(stored) - 1)
        return np.where(stored[place] == values, stated[place], back)

    @property
    def drawn(self) -> bool:
        """Whether the quantity needs random numbers of its own."""
        return any(isinstance(leaf, CompiledQuantile) and not leaf.constant for leaf in leaves(self.tree))

    @property
    def computed(self) -> bool:
        """Whether a formula or a table gives the quantity."""
        return any(isinstance(leaf, Formula | Lookup) for leaf in leaves(self.tree))

    @property
    def depends_on(self) -> frozenset[str]:
        """Names of the quantities and choices that must be known first."""
        names: set[str] = set()
        for leaf in leaves(self.tree):
            if isinstance(leaf, Formula):
                names |= leaf.expression.names
            elif isinstance(leaf, Lookup | Copy):
                names.add(leaf.of)
        return frozenset(names)


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Yield the leaves of a tree."""
    if isinstance(tree, ByChoice):
        for inner in tree.trees.values():
            yield from leaves(inner)
    else:
        yield tree


def converted(values: FloatArray, conversion: Conversion) -> FloatArray:
    """Return values in another unit."""
    if conversion.kind == "log10":
        with np.errstate(all="ignore"):
            return np.asarray(np.log10(values * conversion.factor))
    if conversion.kind == "power":
        with np.errstate(all="ignore"):
            return np.asarray(10.0**values * conversion.factor)
    return values if conversion.factor == 1.0 else values * conversion.factor


def restored(values: FloatArray, conversion: Conversion) -> FloatArray:
    """Undo `converted`."""
    if conversion.kind == "log10":
        return np.asarray(10.0**values / conversion.factor)
    if conversion.kind == "power":
        return np.asarray(np.log10(values / conversion.factor))
    return values if conversion.factor == 1.0 else values / conversion.factor
