"""A marginal distribution with the arguments and the unit of its author."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from timecone.inputs.arguments import level, rising
from timecone.inputs.families import FAMILIES, Family
from timecone.inputs.families.parse import resolve
from timecone.schema import FloatArray


@dataclass(frozen=True)
class Distribution:
    """A distribution with the arguments and the unit of its author.

    Parameters
    ----------
    name : str
        Family: a name of the table of families, or ``scipy.`` and the name of a continuous distribution of
        scipy.stats.
    arguments : mapping
        Moments, labelled quantiles (``p05``, ``p37_5``) and options; numbers in ``unit``. Most families take
        ``truncate`` (conditional on a range) and ``clamp`` (moved onto its ends).
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> gap = tc.Distribution("scipy.gumbel_r", {"loc": 2, "scale": 1}, "year")
    >>> round(gap.mean(), 4)
    2.5772
    """

    name: str
    arguments: Mapping[str, Any]
    unit: str | None = None
    family: Family = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.name in FAMILIES:
            # What is drawn is what was read now, whatever becomes of the file.
            object.__setattr__(self, "arguments", FAMILIES[self.name].read(dict(self.arguments), None))
        object.__setattr__(self, "family", resolve(self.name, self.arguments))

    def ppf(self, p: ArrayLike) -> FloatArray:
        """Return quantiles.

        Parameters
        ----------
        p : array_like
            Probabilities in (0, 1).

        Returns
        -------
        array of float64, the shape of ``p``
            In the unit of the distribution.

        Raises
        ------
        DistributionError
            The distribution cannot be drawn from, because its tails overflow.

        Examples
        --------
        >>> import timecone as tc
        >>> tc.Exponential(p50=10, unit="year").ppf([0.5, 0.75])
        array([10., 20.])
        """
        return self.family.ppf(np.asarray(p, dtype=np.float64))

    def mean(self) -> float:
        """Return the mean.

        Returns
        -------
        float
            In the unit of the distribution; inf or NaN where there is no finite mean.

        Examples
        --------
        >>> import timecone as tc
        >>> tc.Gamma(mean=4, sd=2, unit="month").mean()
        4.0
        """
        return self.family.mean()

    def misfit(self) -> float:
        """Return the largest error of the stated quantiles, relative to their spread.

        More quantiles than a family has parameters are fitted by least squares, so that they may be missed.

        Returns
        -------
        float
            0 where fewer than two quantiles are stated.

        Examples
        --------
        >>> import timecone as tc
        >>> skewed = tc.Normal(p05=1, p50=3, p95=9, unit="year")
        >>> round(skewed.misfit(), 3)
        0.167
        """
        stated = {
            k: value for k, value in self.arguments.items() if level(k) is not None and value != math.inf
        }
        if len(stated) < 2:  # noqa: PLR2004
            return 0.0
        levels, values = rising({key: float(value) for key, value in stated.items()})
        return float(np.max(np.abs(self.family.ppf(levels) - values)) / np.ptp(values))

    def __str__(self) -> str:
        return self.family.text(self.name, self.arguments)
