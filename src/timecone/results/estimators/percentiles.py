"""Percentiles of censored samples, with their Monte Carlo interval and error."""

from __future__ import annotations

import numpy as np

from timecone.results.estimators.intervals import Estimate, standard_error
from timecone.results.estimators.sample import Sample
from timecone.schema import FloatArray

# Standard deviation of a uniform distribution, in units of its width.
_UNIFORM = 12.0**-0.5


def quantiles(sample: Sample, p: FloatArray) -> Estimate:
    """Return quantiles of a sample: the inverted empirical CDF, +inf beyond the last value reached.

    Parameters
    ----------
    sample : Sample
        A sample.
    p : array, shape (levels,)
        Levels in (0, 1).

    Returns
    -------
    Estimate
        The standard error is never below that of rounding to the sample's resolution.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.results.estimators.sample import SortedSample
    >>> half_reached = SortedSample(np.append(np.arange(2030.0, 2080.0), np.full(50, np.inf)))
    >>> quantiles(half_reached, np.array([0.25, 0.75])).value
    array([2054.,   inf])
    """
    lower, upper = sample.quantile_interval(p)
    error = np.maximum(standard_error(lower, upper), sample.resolution * _UNIFORM)
    return Estimate(sample.quantile(p), lower, upper, error)
