"""Importance weights of a run's stored draws, by which another scenario or new data need no other run.

Vehtari, Simpson, Gelman, Yao & Gabry 2024, "Pareto smoothed importance sampling", JMLR 25: the largest
importance ratios are replaced by quantiles of a generalised Pareto distribution fitted to them, whose shape
k-hat says whether the draws can stand for the new distribution at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from timecone.errors import ArgumentError
from timecone.numerics.importance import LARGEST_KHAT, smoothed
from timecone.results.estimators.intervals import Estimate
from timecone.results.estimators.paired import probability_differences, quantile_differences
from timecone.results.estimators.percentiles import quantiles
from timecone.results.estimators.probabilities import shares_below
from timecone.results.estimators.weighted_sample import WeightedSample
from timecone.results.run_file.access import counted_draws, headline, is_duration, stored_values
from timecone.results.run_file.compare import Comparison, differences_dataset
from timecone.results.run_file.percentiles import levels, percentiles
from timecone.results.run_file.probabilities import default_years, probability_before, probability_by

#: Fewer effective draws say nothing of a tail.
LEAST_DRAWS: Final = 100
_REMEDY: Final = "Run the changed scenario instead, or change less."


@dataclass(frozen=True, eq=False)
class Reweighted:
    """A run whose stored draws have weights.

    Attributes
    ----------
    run : DataTree
        The run.
    weights : DataArray, dims (draw,)
        Of all stored draws; they sum to 1, and are 0 for draws that do not count.
    khat : float
        Shape of the tail of the importance ratios; NaN where the largest of them are equal, so that there is
        no tail.
    ess : float
        Effective sample size: the number of equally weighted draws that would be worth as much.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> equal = tc.reweight(run, [0.0] * 1000)
    >>> float(equal.weights.sum().round(12))
    1.0
    """

    run: xr.DataTree
    weights: xr.DataArray
    khat: float
    ess: float

    def percentiles(
        self,
        quantity: str,
        q: Sequence[float] = (5, 10, 25, 50, 75, 90, 95),
        *,
        where: Mapping[str, str] | None = None,
    ) -> xr.DataArray:
        """Return weighted percentiles, as `timecone.percentiles` does: always one of the draws, or +inf.

        The interval allows for the weights and says how far another seed may move the number.

        Parameters
        ----------
        quantity : str
            A milestone or a duration of the run.
        q : sequence of float
            Percentiles in (0, 100).
        where : mapping, optional
            Values of choices to condition on.

        Returns
        -------
        DataArray, dims (percentile,)
            As of `timecone.percentiles`, with coordinates ``lower``, ``upper`` and ``standard_error``.

        Raises
        ------
        ArgumentError
            A percentile outside (0, 100), or an unknown quantity, choice or value.

        Examples
        --------
        >>> import timecone as tc
        >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
        >>> equal = tc.reweight(run, [0.0] * 1000)
        >>> median = equal.percentiles("tai", [50])
        >>> bool((median == tc.percentiles(run, "tai", [50])).all())
        True
        """
        as_run = percentiles(self.run, quantity, q, where=where)
        values = self._sample(quantity, where)
        return _replaced(as_run, values, quantiles(values, as_run["percentile"].values / 100.0))

    def probability_by(
        self, quantity: str, years: Sequence[int], *, where: Mapping[str, str] | None = None
    ) -> xr.DataArray:
        """Return weighted probabilities of arrival by the end of years, as `timecone.probability_by` does.

        Parameters
        ----------
        quantity : str
            A milestone of the run.
        years : sequence of int
            Calendar years that end after the start and not after the horizon.
        where : mapping, optional
            Values of choices to condition on.

        Returns
        -------
        DataArray, dims (year,)
            As of `timecone.probability_by`, with coordinates ``lower``, ``upper`` and ``standard_error``.

        Raises
        ------
        ArgumentError
            A year that ends before the start or after the horizon, or an unknown quantity, choice or value.

        Examples
        --------
        >>> import timecone as tc
        >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
        >>> log_likelihood = (tc.to_frame(run)["tai"] < 2040).astype(float)
        >>> sooner = tc.reweight(run, log_likelihood)
        >>> bool(sooner.probability_by("tai", [2040])[0] > tc.probability_by(run, "tai", [2040])[0])
        True
        """
        as_run = probability_by(self.run, quantity, years, where=where)
        values = self._sample(quantity, where)
        bounds = as_run["year"].values + 1.0
        attrs = probability_before(values, bounds).attrs.items()
        rest = {key: value for key, value in attrs if key.startswith("not_by_horizon")}
        return _replaced(as_run, values, shares_below(values, bounds)).assign_attrs(rest)

    def compare(
        self,
        quantity: str | None = None,
        *,
        years: Sequence[int] | None = None,
        q: Sequence[float] = (5, 10, 25, 50, 75, 90, 95),
        name: str = "reweighted",
        inputs: tuple[tuple[str, str, str], ...] = (),
    ) -> Comparison:
        """Return what the weights change, as `timecone.compare` says it of two runs.

        Parameters
        ----------
        quantity : str, optional
            A milestone or a duration; the headline by default.
        years : sequence of int, optional
            Calendar years; the usual ones by default.
        q : sequence of float
            Percentiles in (0, 100).
        name : str
            Name of the new reading of the run.
        inputs : tuple of (str, str, str)
            What differs between the scenarios, as in `Comparison`.

        Returns
        -------
        Comparison
            The weighted run less the run; errors are paired, since both rest on the same draws. No draw
            moves, so there are no shifts.

        Raises
        ------
        ArgumentError
            As `percentiles` and `probability_by` raise.

        Examples
        --------
        >>> import timecone as tc
        >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
        >>> equal = tc.reweight(run, [0.0] * 1000).compare(years=[2035])
        >>> float(equal.probabilities["difference"][0].round(12))
        0.0
        """
        asked = headline(self.run) if quantity is None else quantity
        level = levels(q)
        columns = np.array([], dtype=np.int64)
        if not is_duration(self.run, asked):
            wanted = default_years(self.run) if years is None else years
            columns = probability_by(self.run, asked, wanted)["year"].values
        values, counted = stored_values(self.run, asked, None)
        sides = ((values, counted), (values, np.where(counted, self.weights.values, 0.0)))
        self._sample(asked, None)  # refuses weights that leave nothing
        by_year = probability_differences(*sides, columns.astype(np.float64) + 1.0)
        by_level = quantile_differences(*sides, level / 100.0)
        return Comparison(
            asked,
            (str(self.run.attrs["name"]), name),
            inputs,
            paired=True,
            identical=False,
            probabilities=differences_dataset("year", columns, by_year),
            percentiles=differences_dataset("percentile", level, by_level),
            shifts=xr.Dataset(),
        )

    def _sample(self, quantity: str, where: Mapping[str, str] | None) -> WeightedSample:
        values, chosen = stored_values(self.run, quantity, where)
        weights = self.weights.values[chosen]
        if not weights.sum() > 0.0:
            raise ArgumentError("no-draws-left", "no draws are left", where="quantity", got=quantity,
                                remedy="The new weights of all these draws are 0.")  # fmt: skip
        return WeightedSample.of(values[chosen], weights)


def _replaced(as_run: xr.DataArray, values: WeightedSample, estimate: Estimate) -> xr.DataArray:
    """Return the statistic of a run with the numbers of its weighted draws."""
    dim = as_run.dims[0]
    ends = {"lower": estimate.lower, "upper": estimate.upper, "standard_error": estimate.standard_error}
    replaced = as_run.copy(data=estimate.value).assign_coords({key: (dim, end) for key, end in ends.items()})
    replaced.attrs |= {"draws": values.size, "effective_size": values.effective_size}
    # Stored draws are known exactly.
    return replaced.assign_attrs(resolution=values.resolution) if "resolution" in as_run.attrs else replaced


def reweight(run: xr.DataTree, log_ratio: ArrayLike) -> Reweighted:
    """Return a run with its stored draws weighted, as if they came from another distribution.

    Only draws that count get a weight: what the not-yet rule removes stays removed.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    log_ratio : array_like, shape (draw,)
        Of each stored draw the log of the new density over the old one, up to a constant; -inf for a draw
        that is no longer possible. `timecone.log_ratio` gives it for another scenario. For new data it is
        their log likelihood given the draw's inputs, see the example.

    Returns
    -------
    Reweighted
        The run with a weight for each stored draw.

    Raises
    ------
    ArgumentError
        ``log_ratio`` has another shape, or holds NaN or +inf; or the draws cannot stand for the new
        distribution: k-hat is above 0.7, or fewer than 100 effective draws are left.
    UsageError
        ArviZ is not installed.

    Examples
    --------
    Somebody measures that hardware's price-performance doubles in 2.1 years, with a standard error of 0.3:

    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("configs/baseline.toml"), draws=10_000, seed=1, paths=0)
    >>> doubling_time = run["inputs"]["hardware.doubling_time"]
    >>> weighted = tc.reweight(run, -0.5 * ((doubling_time - 2.1) / 0.3) ** 2)
    >>> weighted.khat < 0.7, weighted.ess > 1000
    (True, True)
    >>> float(weighted.percentiles("tai", [50])[0]) <= float(tc.percentiles(run, "tai", [50])[0])
    True
    """
    ratio = np.asarray(log_ratio, dtype=np.float64)
    counted = counted_draws(run, None)
    if ratio.shape != counted.shape:
        raise ArgumentError(
            "log-ratio-count",
            "not one number for each stored draw",
            where="log_ratio",
            got=ratio.shape,
            allowed=str(counted.shape),
        )
    bad = np.flatnonzero(np.isnan(ratio) | np.isposinf(ratio))
    if bad.size:
        raise ArgumentError(
            "invalid-log-ratio",
            "not a valid log ratio",
            where="log_ratio",
            got=f"{ratio[bad[0]]} of draw {bad[0]}",
            allowed="numbers, or -inf",
        )
    possible = int(np.sum(counted & ~np.isneginf(ratio)))
    if possible < LEAST_DRAWS:
        raise ArgumentError(
            "too-few-stored-draws",
            "too few stored draws are counted",
            where="run",
            got=possible,
            allowed=f"at least {LEAST_DRAWS} that are possible under the new distribution",
            remedy=_REMEDY,
        )
    weights = np.zeros(counted.size)
    weights[counted], khat = smoothed(ratio[counted])
    ess = float(1.0 / np.sum(weights**2))
    _require_overlap(khat, ess)
    attributes = {"long_name": "normalised importance weight", "units": "1"}
    return Reweighted(run, xr.DataArray(weights, dims="draw", name="weights", attrs=attributes), khat, ess)


def _require_overlap(khat: float, ess: float) -> None:
    if khat > LARGEST_KHAT:
        raise ArgumentError(
            "weights-too-uneven",
            "the run's draws cannot represent the new distribution",
            where="k-hat",
            got=round(khat, 2),
            allowed=f"at most {LARGEST_KHAT}",
            remedy=_REMEDY,
        )
    if ess < LEAST_DRAWS:
        raise ArgumentError(
            "too-few-effective-draws",
            "too few effective draws are left",
            where="effective sample size",
            got=round(ess, 1),
            allowed=f"at least {LEAST_DRAWS}",
            remedy=_REMEDY,
        )
