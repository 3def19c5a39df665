"""One variable of a posterior: a column of rows that belong together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from timecone.inputs.curve import Curve
from timecone.inputs.families.compound import Compound
from timecone.inputs.families.discrete import Discrete


@dataclass(frozen=True)
class Posterior(Compound):
    """A variable of a posterior, by row; every draw is the value of some row.

    Variables of the same posterior are drawn by row together, so that their dependence, of whatever shape, is
    kept. The curve is that of the variable alone.

    Attributes
    ----------
    values : tuple of float
        In the order of rows.
    rows : str
        Tells the posterior: variables of the same one have the same rows.
    origin : str
        Where they were read.
    weights : tuple of float
        Probability of each row; empty where all are equal.
    """

    values: tuple[float, ...]
    rows: str
    origin: str = ""
    weights: tuple[float, ...] = ()
    name: ClassVar[str] = "posterior"

    def scaled(self, factor: float) -> Self:
        return replace(self, values=tuple(v * factor for v in self.values))

    def curve(self) -> Curve:
        values, place = np.unique(self.values, return_inverse=True)
        shares = np.bincount(place, weights=self.weights or None)
        return Discrete(tuple(values.tolist()), tuple((shares / shares.sum()).tolist())).curve()

    def mean(self) -> float:
        return float(np.average(self.values, weights=self.weights or None))

    @property
    def remark(self) -> str:
        if not self.weights:
            return ""
        effective = 1.0 / float(np.sum(np.square(self.weights)))
        return f"{len(self.values):,} rows, weighted, worth {effective:,.0f} equal ones"
