"""Constructors of distributions: one function for each family, with its arguments by name.

Arguments are those of a scenario file, in the unit of their author.

>>> halving = LogNormal(p05=3, p95=22, unit="month")
>>> round(float(halving.ppf(0.5)), 3)
8.124
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from timecone.errors import DistributionError
from timecone.inputs.arguments import quantile_key
from timecone.inputs.distributions import Distribution


class Bounds(TypedDict, total=False):
    """A range of values: a lower bound, an upper bound or both."""

    low: float
    high: float


def _distribution(family: str, arguments: Mapping[str, Any]) -> Distribution:
    """Return a distribution from the arguments of a constructor that are not None."""
    stated = {key: value for key, value in arguments.items() if value is not None}
    unit, quantiles = stated.pop("unit", None), stated.pop("quantiles", {})
    for probability, value in quantiles.items():
        key = quantile_key(probability)
        if key in stated:
            raise DistributionError(
                "duplicate-quantile", f"{key} and quantiles state the same quantile", got=(stated[key], value)
            )
        stated[key] = value
    return Distribution(family, stated, unit)


def Point(  # noqa: N802
    *,
    value: float,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a known value, without uncertainty.

    Parameters
    ----------
    value : float
        The value, in ``unit``; ``inf`` for an event that never happens.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> price = tc.Point(value=0.25, unit="year")
    >>> price.mean()
    0.25
    """
    return _distribution("point", locals())


def Uniform(  # noqa: N802
    *,
    low: float | None = None,
    high: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a distribution of equal density between two bounds.

    Parameters
    ----------
    low, high : float, optional
        Bounds, ``low`` below ``high``.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Two or more quantiles, instead of the bounds: ``p05`` is the value below which 5 % lies. With more of
        them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> share = tc.Uniform(low=0.2, high=0.6, unit="1")
    >>> share.mean()
    0.4
    >>> share.ppf([0.25, 0.75])
    array([0.3, 0.5])
    """
    return _distribution("uniform", locals())


def LogUniform(  # noqa: N802
    *,
    low: float | None = None,
    high: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a distribution whose logarithm has equal density between two positive bounds.

    Parameters
    ----------
    low, high : float, optional
        Bounds, positive, ``low`` below ``high``.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Two or more quantiles, instead of the bounds: ``p05`` is the value below which 5 % lies. With more of
        them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> cap = tc.LogUniform(low=1.0, high=100.0, unit="USD")
    >>> cap.ppf([0.5])
    array([10.])
    """
    return _distribution("loguniform", locals())


def Normal(  # noqa: N802
    *,
    mean: float | None = None,
    sd: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a normal distribution.

    Parameters
    ----------
    mean, sd : float, optional
        Mean and standard deviation, both or neither.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Two or more quantiles, instead of the moments: ``p05`` is the value below which 5 % lies. With more of
        them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> growth = tc.Normal(p05=0.01, p95=0.05, unit="1/year")
    >>> round(growth.mean(), 4)
    0.03
    """
    return _distribution("normal", locals())


def LogNormal(  # noqa: N802
    *,
    mean: float | None = None,
    sd: float | None = None,
    median: float | None = None,
    sigma: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a lognormal distribution: the natural logarithm is normal.

    Parameters
    ----------
    mean, sd : float, optional
        Mean and standard deviation of the quantity itself, both or neither.
    median, sigma : float, optional
        Median of the quantity and standard deviation of its natural logarithm, both or neither.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Two or more quantiles, instead of moments: ``p05`` is the value below which 5 % lies. With more of
        them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> halving = tc.LogNormal(p05=3, p95=22, unit="month")
    >>> halving.ppf([0.5]).round(3)
    array([8.124])
    """
    return _distribution("lognormal", locals())


def StudentT(  # noqa: N802
    *,
    df: float,
    location: float | None = None,
    scale: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a Student's t distribution: a normal with heavier tails.

    Parameters
    ----------
    df : float
        Degrees of freedom, positive; always needed. The fewer, the heavier the tails.
    location, scale : float, optional
        Median and scale, both or neither.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Two or more quantiles, instead of location and scale: ``p05`` is the value below which 5 % lies. With
        more of them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> error = tc.StudentT(df=4, location=0.0, scale=0.3, unit="1")
    >>> error.ppf([0.05, 0.95]).round(3)
    array([-0.64,  0.64])
    """
    return _distribution("student_t", locals())


def LogStudentT(  # noqa: N802
    *,
    df: float,
    median: float | None = None,
    sigma: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a log-Student-t distribution: the natural logarithm is Student's t.

    Parameters
    ----------
    df : float
        Degrees of freedom, positive; always needed. The fewer, the heavier the tails.
    median, sigma : float, optional
        Median of the quantity and scale of its natural logarithm, both or neither.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Two or more quantiles, instead of median and sigma: ``p05`` is the value below which 5 % lies. With
        more of them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Notes
    -----
    The mean is infinite. With few degrees of freedom the tails overflow, so that the distribution must be
    truncated or clamped.

    Examples
    --------
    >>> import timecone as tc
    >>> gain = tc.LogStudentT(df=5, median=2.0, sigma=0.4, truncate={"low": 0.1, "high": 40.0}, unit="1")
    >>> gain.ppf([0.5]).round(3)
    array([2.])
    """
    return _distribution("log_student_t", locals())


def SkewNormal(  # noqa: N802
    *,
    skew: float | None = None,
    location: float | None = None,
    scale: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a skew-normal distribution (Azzalini 1985).

    Parameters
    ----------
    skew : float, optional
        Shape; 0 is the normal distribution, a positive number has the longer tail above.
    location, scale : float, optional
        Location and scale; together with ``skew``.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Three or more quantiles, instead of the parameters: ``p05`` is the value below which 5 % lies. With
        more of them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> lag = tc.SkewNormal(skew=2.0, location=1.0, scale=0.5, unit="year")
    >>> round(lag.mean(), 3)
    1.357
    """
    return _distribution("skew_normal", locals())


def Beta(  # noqa: N802
    *,
    alpha: float | None = None,
    beta: float | None = None,
    low: float | None = None,
    high: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a beta distribution between two bounds.

    Parameters
    ----------
    alpha, beta : float, optional
        Shapes, positive, both or neither.
    low, high : float, optional
        Bounds; 0 and 1 by default. They go with shapes and with quantiles.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Two or more quantiles, instead of the shapes: ``p05`` is the value below which 5 % lies. With more of
        them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> share = tc.Beta(alpha=2, beta=3, unit="1")
    >>> round(share.mean(), 3)
    0.4
    """
    return _distribution("beta", locals())


def Pert(  # noqa: N802
    *,
    mode: float,
    low: float | None = None,
    high: float | None = None,
    weight: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a modified PERT distribution (Vose 2000): a beta distribution about a mode.

    Parameters
    ----------
    mode : float
        Most likely value; always needed.
    low, high : float, optional
        Bounds, both or neither.
    weight : float, optional
        Weight of the mode; 4, the classic PERT, by default.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Two or more quantiles, instead of the bounds: ``p05`` is the value below which 5 % lies. With more of
        them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> delay = tc.Pert(low=0.5, mode=1.0, high=4.0, unit="year")
    >>> round(delay.mean(), 3)
    1.417
    """
    return _distribution("pert", locals())


def Triangular(  # noqa: N802
    *,
    mode: float,
    low: float | None = None,
    high: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a triangular distribution: density rises linearly to the mode and falls linearly beyond it.

    Parameters
    ----------
    mode : float
        Most likely value; always needed.
    low, high : float, optional
        Bounds, both or neither.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Two or more quantiles, instead of the bounds: ``p05`` is the value below which 5 % lies. With more of
        them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> delay = tc.Triangular(low=0.5, mode=1.0, high=4.5, unit="year")
    >>> delay.mean()
    2.0
    """
    return _distribution("triangular", locals())


def Gamma(  # noqa: N802
    *,
    mean: float | None = None,
    sd: float | None = None,
    shape: float | None = None,
    scale: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a gamma distribution from 0.

    Parameters
    ----------
    mean, sd : float, optional
        Mean and standard deviation, both or neither.
    shape, scale : float, optional
        Shape, a pure number, and scale, in ``unit``; both or neither.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Two or more quantiles, instead of moments: ``p05`` is the value below which 5 % lies. With more of
        them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> delay = tc.Gamma(mean=4, sd=2, unit="month")
    >>> delay.ppf([0.5]).round(3)
    array([3.672])
    """
    return _distribution("gamma", locals())


def Weibull(  # noqa: N802
    *,
    shape: float | None = None,
    scale: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a Weibull distribution from 0: a waiting time whose hazard is a power of time.

    Parameters
    ----------
    shape, scale : float, optional
        Shape, a pure number (1 is a constant hazard), and scale, in ``unit``; both or neither.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Two or more quantiles, instead of shape and scale: ``p05`` is the value below which 5 % lies. With
        more of them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> wait = tc.Weibull(shape=1.5, scale=10.0, unit="year")
    >>> round(wait.mean(), 3)
    9.027
    """
    return _distribution("weibull", locals())


def Exponential(  # noqa: N802
    *,
    mean: float | None = None,
    rate: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return an exponential distribution: the waiting time for an event of constant hazard.

    Parameters
    ----------
    mean : float, optional
        Mean waiting time.
    rate : float, optional
        Hazard, the inverse of the mean: in inverse units of ``unit``.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        One or more quantiles, instead of mean or rate: ``p05`` is the value below which 5 % lies. With more
        of them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> wait = tc.Exponential(rate=0.02, unit="year")
    >>> wait.mean()
    50.0
    """
    return _distribution("exponential", locals())


def Pareto(  # noqa: N802
    *,
    minimum: float | None = None,
    shape: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a Pareto distribution: P(X > x) = (minimum / x)**shape above the minimum.

    Parameters
    ----------
    minimum, shape : float, optional
        Least value, in ``unit``, and exponent, a pure number; both positive, both or neither.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Two or more quantiles, instead of minimum and shape: ``p05`` is the value below which 5 % lies. With
        more of them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> size = tc.Pareto(minimum=1.0, shape=2.0, unit="1")
    >>> size.mean()
    2.0
    """
    return _distribution("pareto", locals())


def Lindy(  # noqa: N802
    *,
    age: float | None = None,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return the remaining life of something of a given age: P(X > x) = age / (age + x).

    Parameters
    ----------
    age : float, optional
        Age, in ``unit``; the median remaining life equals it.
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        One or more quantiles, instead of the age: ``p05`` is the value below which 5 % lies. With more of
        them than needed the fit is by least squares.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Notes
    -----
    A Lomax distribution of shape 1. It has no finite mean.

    Examples
    --------
    >>> import timecone as tc
    >>> rest = tc.Lindy(age=10.0, unit="year")
    >>> rest.ppf([0.5]).round(6)
    array([10.])
    """
    return _distribution("lindy", locals())


def PercentileTable(  # noqa: N802
    *,
    p01: float | None = None,
    p05: float | None = None,
    p10: float | None = None,
    p20: float | None = None,
    p25: float | None = None,
    p50: float | None = None,
    p75: float | None = None,
    p80: float | None = None,
    p90: float | None = None,
    p95: float | None = None,
    p99: float | None = None,
    quantiles: Mapping[float, float] | None = None,
    space: Literal["linear", "log", "logit"] | None = None,
    tails: Literal["normal", "none"] | None = None,
    low: float | None = None,
    high: float | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a smooth distribution through two or more stated quantiles.

    Parameters
    ----------
    p01, p05, p10, p20, p25, p50, p75, p80, p90, p95, p99 : float, optional
        Two or more quantiles; the distribution passes through all of them: ``p05`` is the value below which 5
        % lies.
    quantiles : mapping, optional
        Further quantiles by probability: ``{0.375: 2.5}`` is ``p37_5 = 2.5`` of a scenario file.
    space : {"linear", "log", "logit"}, optional
        Scale on which the quantiles are joined; ``"linear"`` by default.
    tails : {"normal", "none"}, optional
        Beyond the outermost quantiles: a normal tail on that scale (default), or nothing.
    low, high : float, optional
        With ``space="logit"``: bounds of the scale; 0 and 1 by default.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Notes
    -----
    Between the quantiles a monotone cubic (Fritsch & Carlson 1980) over the normal score is used.

    Examples
    --------
    >>> import timecone as tc
    >>> time = tc.PercentileTable(p10=1, p50=3, p90=20, space="log", unit="year")
    >>> time.ppf([0.1, 0.5, 0.9]).round(9)
    array([ 1.,  3., 20.])
    """
    return _distribution("percentiles", locals())


def CumulativeTable(  # noqa: N802
    *,
    cumulative: Sequence[float],
    values: Sequence[float] | None = None,
    low: float | None = None,
    high: float | None = None,
    below: Literal["point", "tail"] | None = None,
    above: Literal["never", "point", "tail"] | None = None,
    space: Literal["linear", "log", "logit"] | None = None,
    origin: float | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a distribution from a table of its cumulative distribution function.

    Parameters
    ----------
    cumulative : sequence of float
        P(X <= value) at each value, not decreasing, in [0, 1].
    values : sequence of float, optional
        Values, not decreasing, one for each probability. A value that stands twice has the probability
        between.
    low, high : float, optional
        Ends of an even grid, instead of ``values``.
    below : {"point", "tail"}, optional
        Where the probability below the first value lies: on that value, or in a normal tail. Needed if there
        is any.
    above : {"never", "point", "tail"}, optional
        Where the probability above the last value lies: on ``inf``, on that value, or in a normal tail.
        Needed if there is any.
    space : {"linear", "log", "logit"}, optional
        Scale on which the table is linear between its points; by default that of the values.
    origin : float, optional
        Value from which the logarithms of ``space="log"`` count the distance, 0 by default; all values lie on
        one side of it.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> year = tc.CumulativeTable(
    ...     values=[2030, 2040, 2060], cumulative=[0.1, 0.5, 0.7], below="point", above="never"
    ... )
    >>> year.ppf([0.3, 0.8])
    array([2035.00000001,           inf])
    """
    return _distribution("cdf", locals())


def UpdatedNormal(  # noqa: N802
    *,
    mean: float,
    sd: float,
    levels: Sequence[float],
    counts: Sequence[float],
    slope: float,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a normal distribution of a required level, updated on trials that did not reach it.

    Parameters
    ----------
    mean, sd : float
        Of the normal prior.
    levels : sequence of float
        Levels of the trials that failed, increasing.
    counts : sequence of float
        How many trials were made at each level.
    slope : float
        By how many powers of ten the rate of success falls with each unit between a trial and what is
        required.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    References
    ----------
    Atkinson, Barnett, Roldan, Cottier & Besiroglu 2023, "Direct Approach interactive model".

    Examples
    --------
    >>> import timecone as tc
    >>> requirement = tc.UpdatedNormal(mean=33, sd=7, levels=[23, 25], counts=[2, 1], slope=0.3)
    >>> requirement.ppf([0.05, 0.5]).round(2)
    array([27.15, 34.6 ])
    """
    return _distribution("updated_normal", locals())


def Mixture(  # noqa: N802
    *,
    components: Sequence[Mapping[str, Any]],
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a mixture of distributions, for instance of several experts.

    Parameters
    ----------
    components : sequence of mapping
        Each with ``weight``, ``distribution`` (the name of a family in a scenario file) and the arguments of
        that family, in ``unit``. The weights sum to 1.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> likely = {"weight": 0.75, "distribution": "point", "value": 2.0}
    >>> late = {"weight": 0.25, "distribution": "normal", "mean": 6.0, "sd": 1.0}
    >>> both = tc.Mixture(components=[likely, late], unit="year")
    >>> both.mean()
    3.0
    """
    return _distribution("mixture", locals())


def Discrete(  # noqa: N802
    *,
    values: Sequence[float],
    probabilities: Sequence[float],
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return a distribution of a few values with stated probabilities.

    Parameters
    ----------
    values : sequence of float
        Distinct values.
    probabilities : sequence of float
        Probability of each value; they sum to 1.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> number = tc.Discrete(values=[1, 2, 5], probabilities=[0.5, 0.25, 0.25], unit="1")
    >>> number.mean()
    2.25
    """
    return _distribution("discrete", locals())


def Empirical(  # noqa: N802
    *,
    values: Sequence[float],
    weights: Sequence[float] | None = None,
    resample: bool | None = None,
    origin: str | None = None,
    truncate: Bounds | None = None,
    clamp: Bounds | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return the distribution of a sample.

    Parameters
    ----------
    values : sequence of float
        The sample: two or more different values, in any order.
    weights : sequence of float, optional
        Weight of each value, 0 or above; equal by default.
    resample : bool, optional
        Draw the values themselves, instead of a smoothed distribution between the least and the greatest.
    origin : str, optional
        Remark on where the sample comes from.
    truncate : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: the distribution conditional on this range.
    clamp : Bounds, optional
        ``{"low": ..., "high": ...}``, one or both: values beyond the range move onto its ends.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family.

    Examples
    --------
    >>> import timecone as tc
    >>> trend = tc.Empirical(values=[2.1, 2.4, 3.0], unit="year")
    >>> trend.ppf([0.001, 0.5, 0.999])
    array([2.1, 2.4, 3. ])
    """
    return _distribution("empirical", locals())


def Posterior(  # noqa: N802
    *,
    file: str | None = None,
    variable: str | None = None,
    weights: str | Sequence[float] | None = None,
    values: Sequence[float] | None = None,
    rows: str | None = None,
    origin: str | None = None,
    unit: str | None = None,
) -> Distribution:
    """Return one variable of a posterior; variables of the same posterior are drawn by row together.

    Parameters
    ----------
    file : str, optional
        netCDF file as ArviZ writes it, with ``variable``.
    variable : str, optional
        Variable in the file, or an element of it, as ``"x[1]"``.
    weights : str or sequence of float, optional
        Name of the variable in the file that holds the weights of the rows; or the weights of ``values``.
    values : sequence of float, optional
        Value of each row, 100 or more, instead of a file.
    rows : str, optional
        With ``values``: name of the posterior. Variables of the same name have the same rows.
    origin : str, optional
        With ``values``: remark on where they come from.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Returns
    -------
    Distribution
        In ``unit``.

    Raises
    ------
    DistributionError
        The arguments do not determine one distribution of this family, or the file cannot be read.

    Examples
    --------
    >>> import timecone as tc
    >>> slope = tc.Posterior(values=[0.01 * k for k in range(100)], rows="my fit", unit="1/year")
    >>> round(slope.mean(), 3)
    0.495
    """
    return _distribution("posterior", locals())
