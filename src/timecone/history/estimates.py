"""Training compute from what a developer tells: hardware and time, or parameters and tokens.

The two ways of Sevilla et al. 2022, "Compute trends across three eras of machine learning"
(https://arxiv.org/abs/2202.05924), by which most of Epoch AI's estimates were made.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from timecone.errors import ArgumentError

#: Operations per parameter and token of a dense model: two forward, four backward (Kaplan et al. 2020,
#: https://arxiv.org/abs/2001.08361). Of a mixture of experts only the active parameters count.
OPERATIONS_PER_PARAMETER: Final = 6.0
_SECONDS_PER_HOUR: Final = 3600.0


def compute_from_hardware(
    quantity: ArrayLike, training_time: ArrayLike, peak: ArrayLike, utilisation: ArrayLike
) -> NDArray[np.float64]:
    """Return training compute from hardware, time and utilisation, FLOP.

    Parameters
    ----------
    quantity : array_like
        Chips, any shape; all arguments are broadcast, and NaN means missing throughout.
    training_time : array_like
        Duration of the run, hours.
    peak : array_like
        Peak performance of one chip in the number format of the training, FLOP/s.
    utilisation : array_like
        Operations of the model over those that the chips could have done, in (0, 1].

    Returns
    -------
    numpy.ndarray of float64
        FLOP, in the common shape.

    Raises
    ------
    ArgumentError
        A number is not positive or infinite, a utilisation is above 1, or shapes do not fit.

    Examples
    --------
    >>> float(compute_from_hardware(1024, 34 * 24, 312e12, 0.45))
    4.2233757696e+23
    """
    factors = (
        _positive("quantity", quantity),
        _positive("training_time", training_time),
        _positive("peak", peak),
        _positive("utilisation", utilisation, most=1.0),
    )
    chips, hours, rate, used = _broadcast(*factors)
    return chips * hours * _SECONDS_PER_HOUR * rate * used


def compute_from_parameters(parameters: ArrayLike, tokens: ArrayLike) -> NDArray[np.float64]:
    """Return training compute from the size of a dense model and its data, FLOP.

    Parameters
    ----------
    parameters : array_like
        Trained parameters that take part in each token, any shape; NaN means missing.
    tokens : array_like
        Tokens seen in training, repeated ones as often as they were seen.

    Returns
    -------
    numpy.ndarray of float64
        ``6 * parameters * tokens``, FLOP, in the common shape.

    Raises
    ------
    ArgumentError
        A number is not positive or infinite, or shapes do not fit.

    Examples
    --------
    >>> float(compute_from_parameters(70e9, 1.4e12))
    5.88e+23
    """
    size, data = _broadcast(_positive("parameters", parameters), _positive("tokens", tokens))
    return OPERATIONS_PER_PARAMETER * size * data


def _positive(name: str, values: ArrayLike, most: float = np.inf) -> NDArray[np.float64]:
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(
            "not-numbers", "not numbers", where=name, got=values, allowed="positive numbers or NaN"
        ) from None
    wrong = ~(np.isnan(numbers) | ((numbers > 0.0) & (numbers <= most) & np.isfinite(numbers)))
    if wrong.any():
        limit = f" up to {most:g}" if np.isfinite(most) else ""
        raise ArgumentError(
            "out-of-range",
            "out of range",
            where=name,
            got=float(numbers[wrong].flat[0]),
            allowed=f"positive numbers{limit}, or NaN where missing",
        )
    return numbers


def _broadcast(*arrays: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    try:
        return tuple(np.broadcast_arrays(*arrays))
    except ValueError:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise ArgumentError(
            "shape-mismatch", "the shapes do not match", got=shapes, allowed="shapes that broadcast"
        ) from None
