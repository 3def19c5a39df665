"""Probabilities that a censored quantity lies below bounds, with their Monte Carlo interval and error."""

from __future__ import annotations

from timecone.results.estimators.intervals import Estimate, standard_error
from timecone.results.estimators.sample import Sample
from timecone.schema import FloatArray


def shares_below(sample: Sample, bounds: FloatArray) -> Estimate:
    """Return the share of a sample below each bound.

    Parameters
    ----------
    sample : Sample
        A sample.
    bounds : array
        Dates or durations; of +inf it is the share that is reached at all.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.results.estimators.sample import SortedSample
    >>> half_reached = SortedSample(np.append(np.arange(2030.0, 2080.0), np.full(50, np.inf)))
    >>> shares_below(half_reached, np.array([2055.0, np.inf])).value
    array([0.25, 0.5 ])
    """
    lower, upper = sample.share_interval(bounds)
    return Estimate(sample.share_below(bounds), lower, upper, standard_error(lower, upper))
