"""One variable of a posterior: a column of rows that belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from timecone.errors import DistributionError
from timecone.inputs.arguments import list_of_numbers
from timecone.inputs.density import Density
from timecone.inputs.families.base import Family
from timecone.inputs.families.canonical import canonical
from timecone.inputs.families.checks import require_known, weights_of
from timecone.inputs.families.compound import Compound
from timecone.inputs.families.discrete import Discrete
from timecone.inputs.families.registry import register
from timecone.inputs.nodes import converted
from timecone.inputs.posterior_file import LEAST_ROWS, read_posterior
from timecone.inputs.quantile import Quantile
from timecone.schema import FloatArray
from timecone.units import Conversion


@register
@dataclass(frozen=True)
class Posterior(Compound):
    """A variable of a posterior, by row; every draw is the value of some row.

    Variables of the same posterior are drawn by row together, so that their dependence, of whatever shape, is
    kept. The quantile is that of the variable alone.

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
    accepts: ClassVar[tuple[str, ...]] = ("file", "variable", "weights", "values", "rows", "origin", "units")
    description: ClassVar[str] = "file and variable; weights"

    @classmethod
    def with_defaults(cls, arguments: dict[str, Any], quantity: str) -> dict[str, Any]:
        """Return arguments whose variable is by default the one of the quantity's own name."""
        return {"variable": quantity, **arguments} if "file" in arguments else arguments

    @classmethod
    def read(cls, arguments: dict[str, Any], folder: Path | None) -> dict[str, Any]:
        return read_posterior(arguments, folder) if "file" in arguments else arguments

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Family:
        """Build from the values of the rows."""
        require_known(arguments, cls, "values", "weights", "rows", "origin", "units")
        values, rows = list_of_numbers("values", arguments.get("values")), arguments.get("rows")
        if len(values) < LEAST_ROWS:
            raise DistributionError(
                "posterior-too-small",
                "the posterior has too few draws",
                got=len(values),
                allowed=f"at least {LEAST_ROWS}",
            )
        if not isinstance(rows, str) or not rows:
            raise DistributionError(
                "rows-not-a-name", "rows is not a name", got=rows, allowed="a name for the posterior"
            )
        weights = tuple(weights_of(values, arguments["weights"])) if "weights" in arguments else ()
        return cls(tuple(values), rows, str(arguments.get("origin", "")), weights)

    def require_bounds(self, bounds: Mapping[str, Any]) -> None:
        if bounds:
            raise DistributionError(
                "posterior-with-bounds",
                "a posterior cannot be truncated or clamped, because its rows belong together",
                got=dict(bounds),
                remedy="Leave rows out in the file.",
            )

    @classmethod
    def require_component(cls) -> None:
        raise DistributionError(
            "posterior-in-mixture",
            "a posterior cannot be part of a mixture, because its rows belong together",
            remedy="Use a choice, with by and values.",
        )

    def text(self, name: str, arguments: Mapping[str, Any]) -> str:
        return f"{name}({self.origin}, {len(self.values)} rows)"

    def converted(self, how: Conversion) -> Family:
        values = converted(np.array(self.values), how)
        if not np.all(np.isfinite(values)):
            raise DistributionError(
                "posterior-not-convertible",
                "the posterior has values that cannot be converted",
                got=self.origin,
                allowed="positive values for a unit of orders of magnitude",
            )
        return replace(self, values=tuple(values.tolist()))

    @property
    def exact_values(self) -> FloatArray:
        return np.array(self.values)

    def digest_key(self) -> list[Any]:
        return [
            self.name,
            canonical(self.values),
            self.rows,
            *([canonical(self.weights)] * bool(self.weights)),
        ]

    def log_density(self, values: FloatArray) -> Density:
        raise DistributionError(
            "sample-has-no-density",
            "a sample has no density",
            got=self.label,
            remedy="Run the changed scenario instead.",
        )

    def scaled(self, factor: float) -> Self:
        return replace(self, values=tuple(v * factor for v in self.values))

    def quantile(self) -> Quantile:
        values, place = np.unique(self.values, return_inverse=True)
        shares = np.bincount(place, weights=self.weights or None)
        return Discrete(tuple(values.tolist()), tuple((shares / shares.sum()).tolist())).quantile()

    def mean(self) -> float:
        return float(np.average(self.values, weights=self.weights or None))

    @property
    def remark(self) -> str:
        if not self.weights:
            return ""
        effective = 1.0 / float(np.sum(np.square(self.weights)))
        return f"{len(self.values):,} rows, weighted, worth {effective:,.0f} equal ones"
