r"""Least training compute of a model from its score on an index of capabilities.

Among models whose training compute and score are both known, log10 compute is regressed on score and date of
release, because algorithms reach a score with ever less compute:

.. math:: \log_{10} C = a + b \, (\text{score} - 130) + c \, (t - 2024) + e, \qquad e \sim N(0, s^2)

Models of the laboratories with the largest runs lie above this line, as most models of the table are made to
be cheap, and their compute is at least what the line says, within its error.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from timecone.errors import ArgumentError
from timecone.schema import FloatArray

#: Where score and date are counted from.
CENTRE = (130.0, 2024.0)
_FEWEST = 10


class CapabilityLine(NamedTuple):
    """Regression of log10 training compute on score and date.

    Attributes
    ----------
    coefficients : ndarray
        (3,) log10 FLOP at a score of 130 in 2024, OOM per point, OOM per year.
    covariance : ndarray
        (3, 3) of the coefficients.
    residual : float
        Standard deviation of the residuals, OOM.
    models : int
        Number of models.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> from timecone.history.capability_compute import capability_line
    >>> capability_line(read_bundled("capabilities").rows).models
    64
    """

    coefficients: FloatArray
    covariance: FloatArray
    residual: float
    models: int

    def predict(self, score: FloatArray, date: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the compute of new models.

        Parameters
        ----------
        score, date : ndarray
            (model,) points, and decimal years.

        Returns
        -------
        tuple of ndarray
            log10 FLOP and its standard deviation, that of the line and of the residuals together.

        Examples
        --------
        >>> import numpy as np
        >>> from timecone.history.capability_compute import CapabilityLine
        >>> line = CapabilityLine(np.array([25.0, 0.05, -0.3]), np.zeros((3, 3)), 0.6, 70)
        >>> [round(float(each[0]), 6) for each in line.predict(np.array([150.0]), np.array([2025.0]))]
        [25.7, 0.6]
        """
        design = _design(score, date)
        variance = np.einsum("ij,jk,ik->i", design, self.covariance, design) + self.residual**2
        return design @ self.coefficients, np.sqrt(variance)


def capability_line(rows: pd.DataFrame) -> CapabilityLine:
    """Regress log10 training compute on score and date by least squares.

    Parameters
    ----------
    rows : DataFrame
        Rows of kind ``"capabilities"`` as the reader gives them. Of several rows of a model, such as its
        settings, that of the highest score counts.

    Returns
    -------
    CapabilityLine
        Coefficients with their covariance.

    Raises
    ------
    ArgumentError
        Fewer than ten models have both a score and training compute.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> from timecone.history.capability_compute import capability_line
    >>> line = capability_line(read_bundled("capabilities").rows)
    >>> bool(line.coefficients[1] > 0.0 > line.coefficients[2])
    True
    """
    best = best_scores(rows)
    known = best[best["training_compute"].notna()]
    if len(known) < _FEWEST:
        raise ArgumentError(
            "too-few-records",
            "too few models with a score and training compute are known to relate them",
            where="capabilities",
            got=len(known),
            allowed=f"at least {_FEWEST}",
        )
    design = _design(known["score"].to_numpy(float), known["date"].to_numpy(float))
    compute = np.log10(known["training_compute"].to_numpy(float))
    coefficients, *_ = np.linalg.lstsq(design, compute, rcond=None)
    residual = compute - design @ coefficients
    variance = float(residual @ residual) / (len(known) - design.shape[1])
    return CapabilityLine(
        coefficients, variance * np.linalg.inv(design.T @ design), float(np.sqrt(variance)), len(known)
    )


def best_scores(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each model, that of its highest score, by date.

    Parameters
    ----------
    rows : DataFrame
        Rows of kind ``"capabilities"``; a blank ``model`` is named by ``name``.

    Returns
    -------
    DataFrame
        With both a date and a score; ``model`` is filled.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> from timecone.history.capability_compute import best_scores
    >>> bool(best_scores(read_bundled("capabilities").rows)["model"].is_unique)
    True
    """
    scored = rows.dropna(subset=["date", "score"])
    model = scored["model"] if "model" in scored else scored["name"]
    scored = scored.assign(model=model.where(model.astype(str) != "", scored["name"]))
    best = scored.sort_values("score", ascending=False, kind="stable").drop_duplicates("model")
    return best.sort_values(["date", "score"], kind="stable")


def _design(score: FloatArray, date: FloatArray) -> FloatArray:
    return np.column_stack([np.ones(len(score)), score - CENTRE[0], date - CENTRE[1]])
