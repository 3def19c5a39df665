"""How far an estimate of training compute may be off, by Epoch AI's grade of confidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from timecone.errors import ArgumentError, suggestion

#: Factor within which the truth lies with probability 0.9, up or down: as remembered of Epoch AI's
#: documentation (https://epoch.ai/data/ai-models-documentation), not checked there. It says nothing of the
#: last two; they are taken to be no better than speculative. Runs with two estimates in Epoch AI's tables of
#: 2026-08 give 2.5 [1.8, 6.5] for Confident (67 pairs) and 5.5 [3.0, 42] for Likely (18), see `label_errors`;
#: eight estimates of Amodei & Hernandez 2018 (https://openai.com/research/ai-and-compute), who aimed at a
#: factor of 2 to 3, give 1.7 for Confident. So these are kept, and the joint fit scales them.
FACTORS: Final[Mapping[str, float]] = {
    "Confident": 3.0,
    "Likely": 10.0,
    "Speculative": 30.0,
    "Unverified": 30.0,
    "Unknown": 30.0,
}
# The standard normal's 0.95 quantile: the half-width of its central 90 %.
_HALF_WIDTH: Final = 1.6448536269514722


def measurement_sd(confidence: ArrayLike) -> NDArray[np.float64]:
    """Return the standard deviation of the decadic logarithm of an estimate, by its grade.

    Parameters
    ----------
    confidence : array_like of str
        Grades, any shape.

    Returns
    -------
    numpy.ndarray of float64
        log10(3), log10(10) or log10(30) over 1.645: 0.29, 0.61 or 0.90.

    Raises
    ------
    ArgumentError
        A grade is unknown.

    Examples
    --------
    >>> measurement_sd(["Confident", "Likely", "Unknown"]).round(2).tolist()
    [0.29, 0.61, 0.9]
    """
    grades = np.asarray(confidence, dtype=object)
    wrong = next((grade for grade in grades.flat if grade not in FACTORS), None)
    if wrong is not None:
        raise ArgumentError(
            "unknown-grade",
            "unknown grade",
            where="confidence",
            got=wrong,
            allowed=", ".join(FACTORS),
            remedy=suggestion(str(wrong), FACTORS),
        )
    factors = np.array([FACTORS[grade] for grade in grades.flat], dtype=np.float64).reshape(grades.shape)
    return np.log10(factors) / _HALF_WIDTH
