"""One marginal distribution, as its author wrote it.

>>> halving = LogNormal(p05=3, p95=22, unit="month")
>>> round(float(halving.ppf(0.5)), 3)
8.124
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from timecone.inputs.families import Family
from timecone.inputs.families import Posterior as _Posterior
from timecone.inputs.posterior_file import read_posterior
from timecone.inputs.written import described, misfit, resolve
from timecone.schema import FloatArray


@dataclass(frozen=True)
class Distribution:
    """A distribution in the words and the unit of its author.

    Parameters
    ----------
    name : str
        Family: one of ``families.FAMILIES``, ``percentiles``, ``cdf``, ``mixture``, ``discrete``,
        ``empirical``, ``posterior``, or ``scipy.`` and the name of a continuous distribution there.
    arguments : mapping
        Moments, labelled quantiles (``p05=...``) and options; numbers in ``unit``. Every family takes
        ``truncate`` (conditional on a range) and ``clamp`` (moved onto its ends).
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Raises
    ------
    DistributionError
        The arguments do not determine a distribution of this family.
    """

    name: str
    arguments: Mapping[str, Any]
    unit: str | None = None
    family: Family = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.name == "posterior" and "file" in self.arguments:
            # What is drawn is what was read now, whatever becomes of the file.
            object.__setattr__(self, "arguments", read_posterior(self.arguments))
        object.__setattr__(self, "family", resolve(self.name, self.arguments))

    def ppf(self, p: ArrayLike) -> FloatArray:
        """Return the quantiles at probabilities ``p``, in the author's unit."""
        return self.family.ppf(np.asarray(p, dtype=np.float64))

    def mean(self) -> float:
        """Return the mean in the author's unit; inf where there is none."""
        return self.family.mean()

    def misfit(self) -> float:
        """Return by how much the stated quantiles are missed, relative to their spread."""
        return misfit(self.family, self.arguments)

    def __str__(self) -> str:
        if isinstance(self.family, _Posterior):
            return f"posterior({self.family.origin}, {len(self.family.values)} rows)"
        inner = ", ".join(
            f"{k}={v:g}" if isinstance(v, (int, float)) else f"{k}={v}" for k, v in self.arguments.items()
        )
        return f"{self.name}({inner})"


def _constructor(name: str) -> Callable[..., Distribution]:
    def build(unit: str | None = None, **arguments: Any) -> Distribution:
        return Distribution(name, arguments, unit)

    build.__name__ = build.__qualname__ = name
    build.__doc__ = f"Return a {name} distribution; takes {described(name)}."
    return build


Point = _constructor("point")
Uniform = _constructor("uniform")
LogUniform = _constructor("loguniform")
Normal = _constructor("normal")
LogNormal = _constructor("lognormal")
StudentT = _constructor("student_t")
LogStudentT = _constructor("log_student_t")
SkewNormal = _constructor("skew_normal")
Beta = _constructor("beta")
Pert = _constructor("pert")
Triangular = _constructor("triangular")
Gamma = _constructor("gamma")
Weibull = _constructor("weibull")
Exponential = _constructor("exponential")
Pareto = _constructor("pareto")
Lindy = _constructor("lindy")
PercentileTable = _constructor("percentiles")
CumulativeTable = _constructor("cdf")
Mixture = _constructor("mixture")
Discrete = _constructor("discrete")
Empirical = _constructor("empirical")
Posterior = _constructor("posterior")
