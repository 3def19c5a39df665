"""Evidence: a measurement of what the model says of the present, as a likelihood of each draw.

A draw with the value x of the observable has the likelihood

    L = exp(-z**2 / 2),   z = 1.645 (x - p50) / (p95 - p50)  above the measured value p50,
                          z = 1.645 (p50 - x) / (p50 - p05)  below it,

on the scale ``space``: a normal error of each side's own width (split normal), 1 at the measured value.
Without ``p05`` the measurement is an upper bound and every value below it has the likelihood 1. A draw is
kept with the probability L, so that the draws that count are an exact sample of the conditioned distribution.

Smith & Gelfand 1992, "Bayesian statistics without tears: a sampling-resampling perspective" (rejection).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from timecone.errors import ScenarioError
from timecone.scenario.specs import Name, Number, Provenance, Text
from timecone.schema import FloatArray

#: Standard deviations between the median and the 95 % quantile of a normal distribution.
_SPREAD = 1.6448536269514722


class EvidenceInput(Provenance):
    """A measured share with its error.

    Attributes
    ----------
    observable : str
        What the model says of it: the observable that the model compares with evidence.
    date : float
        Decimal year, the end of a time step.
    space : {"linear", "logit"}
        Scale of the error.
    p05, p50, p95 : float
        Quantiles of the share given the measurement; without ``p05`` it is an upper bound.
    """

    observable: Name
    date: Annotated[Number, Field(ge=1.0, le=9999.0)]
    space: Literal["linear", "logit"] = "linear"
    p05: Number | None = None
    p50: Number
    p95: Number
    title: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low = -np.inf if self.p05 is None else self.p05
        if not low < self.p50 < self.p95:
            raise ScenarioError(
                "quantiles-not-increasing",
                "the quantiles do not increase",
                where="evidence.p50",
                got=(self.p05, self.p50, self.p95),
            )
        ends = [x for x in (self.p05, self.p50, self.p95) if x is not None]
        inside = (
            all(0.0 < x < 1.0 for x in ends) if self.space == "logit" else all(0.0 <= x <= 1.0 for x in ends)
        )
        if not inside:
            allowed = "shares between 0 and 1" + (", not 0 or 1 on the logit scale" * (self.space == "logit"))
            raise ScenarioError(
                "not-a-share", "not a share", where="evidence.p50", got=tuple(ends), allowed=allowed
            )
        return self

    def likelihood(self, values: FloatArray) -> FloatArray:
        """Return the likelihood of each value, at most 1.

        Examples
        --------
        >>> from datetime import date
        >>> from timecone.scenario.evidence import EvidenceInput
        >>> share = EvidenceInput(observable="adopted_share", date=2026.0, p50=0.04, p95=0.14,
        ...                       source="a survey", as_of=date(2026, 1, 1), basis="data")
        >>> share.likelihood(np.array([0.0, 0.04, 0.14])).round(3).tolist()
        [1.0, 1.0, 0.259]
        """
        x, middle, high = (self._scaled(np.asarray(v, np.float64)) for v in (values, self.p50, self.p95))
        z = np.where(x > middle, _SPREAD * (x - middle) / (high - middle), 0.0)
        if self.p05 is not None:
            below = _SPREAD * (middle - x) / (middle - self._scaled(np.asarray(self.p05)))
            z = np.where(x < middle, below, z)
        return np.asarray(np.exp(-0.5 * np.square(z)))

    def _scaled(self, x: FloatArray) -> FloatArray:
        if self.space == "linear":
            return x
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(x) - np.log1p(-x))
