"""Counts that summarise any number of draws in fixed memory.

An accumulator holds integers only. Adding blocks in any order, on any number of threads or machines, and
merging the parts gives the same counts bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from timecone.numerics.compiled import kernel
from timecone.schema import (
    BINS_PER_YEAR,
    LIKELIHOOD_UNIT,
    BoolArray,
    ByteArray,
    FloatArray,
    Grid,
    Inclusion,
    IntArray,
    ShortArray,
    Status,
)

_COUNTED = int(Inclusion.COUNTED)


@kernel
def _count_dates(
    values: FloatArray,
    origin: float,
    inclusion: ByteArray,
    strata: IntArray,
    counts: IntArray,
    beyond: IntArray,
) -> None:
    """Count dates or durations by stratum; ``counts`` has shape (strata, bins)."""
    bins = counts.shape[1]
    for i in range(values.size):
        if inclusion[i] == _COUNTED:
            if values[i] < np.inf:
                k = int((values[i] - origin) * BINS_PER_YEAR)
                counts[strata[i], min(max(k, 0), bins - 1)] += 1
            else:
                beyond[strata[i]] += 1


@kernel
def _count_values(
    values: FloatArray, inclusion: ByteArray, low: float, width: float, counts: IntArray
) -> None:
    """Count values by time; ``values`` has shape (times, draws), ``counts`` (times, bins)."""
    times, draws = values.shape
    last = counts.shape[1] - 1.0
    for t in range(times):
        for i in range(draws):
            if inclusion[i] == _COUNTED:
                k = (values[t, i] - low) / width
                counts[t, int(min(max(k, 0.0), last))] += 1


@dataclass
class Accumulator:
    """What is counted of a run.

    Attributes
    ----------
    arrivals, beyond : arrays, shape (milestones, strata, bins) and (milestones, strata)
        Arrivals by bin of `schema.BIN_WIDTH` years from ``origin``, and those not by the horizon.
    durations, durations_beyond : arrays, shape (durations, strata, bins) and (durations, strata)
        The same of durations, from 0.
    durations_from_start : array, shape (durations, strata)
        Draws in which a duration had begun before the start, so that it is cut off: it is not counted.
    observables : tuple of arrays, shape (times, bins of its grid)
        Values of each observable that is counted, by time.
    thresholds : tuple of arrays, shape (strata, bins of the observable's grid)
        Thresholds of the observables that have one.
    inclusion, status : arrays, shape (strata, inclusion) and (milestones, strata, statuses)
        Draws by `Inclusion`, and counted draws by `Status`.
    flags, flags_arrived : arrays, shape (flags, strata)
        Counted draws in which a flag is set, and those of them in which the headline arrives.
    failures : array, shape (failures, strata)
        Draws by why they failed.
    contradictions : array, shape (rules, strata)
        Draws that each milestone of the not-yet rule would remove by itself; a draw may break several.
    likelihoods : array, shape (2, strata)
        Sums of the likelihood of the evidence and of its square over the draws that the not-yet rule leaves,
        in units of 1 / `schema.LIKELIHOOD_UNIT`.
    """

    origin: float
    arrivals: IntArray
    beyond: IntArray
    durations: IntArray
    durations_beyond: IntArray
    durations_from_start: IntArray
    observables: tuple[IntArray, ...]
    thresholds: tuple[IntArray, ...]
    inclusion: IntArray
    status: IntArray
    flags: IntArray
    flags_arrived: IntArray
    failures: IntArray
    contradictions: IntArray
    likelihoods: IntArray

    @classmethod
    def empty(
        cls,
        origin: float,
        horizon: float,
        *,
        milestones: int,
        strata: int,
        times: int,
        flags: int = 0,
        durations: int = 0,
        grids: Sequence[Grid] = (),
        threshold_grids: Sequence[Grid] = (),
        failures: int = 0,
        rules: int = 0,
    ) -> Self:
        """Return an accumulator of nothing; ``origin`` is a whole year at or before the start."""
        bins = int(np.ceil(horizon - origin)) * BINS_PER_YEAR

        def zeros(*shape: int) -> IntArray:
            return np.zeros(shape, dtype=np.int64)

        return cls(
            origin=origin,
            arrivals=zeros(milestones, strata, bins),
            beyond=zeros(milestones, strata),
            durations=zeros(durations, strata, bins),
            durations_beyond=zeros(durations, strata),
            durations_from_start=zeros(durations, strata),
            observables=tuple(zeros(times, grid.bins) for grid in grids),
            thresholds=tuple(zeros(strata, grid.bins) for grid in threshold_grids),
            inclusion=zeros(strata, len(Inclusion)),
            status=zeros(milestones, strata, len(Status)),
            flags=zeros(flags, strata),
            flags_arrived=zeros(flags, strata),
            failures=zeros(failures, strata),
            contradictions=zeros(rules, strata),
            likelihoods=zeros(2, strata),
        )

    def add(
        self,
        *,
        arrival: FloatArray,
        status: ByteArray,
        durations: FloatArray,
        begins: Sequence[int | None],
        observed: Sequence[tuple[FloatArray, Grid]],
        thresholds: Sequence[tuple[FloatArray, Grid]],
        inclusion: ByteArray,
        strata: IntArray,
        flags: ByteArray,
        headline: int,
        failure: ShortArray | None = None,
        early: BoolArray | None = None,
        likelihood: FloatArray | None = None,
    ) -> None:
        """Count a block of draws.

        Parameters
        ----------
        arrival, status : arrays, shape (milestones, draws)
            Dates of arrival, and how each milestone ended.
        durations : array, shape (durations, draws)
            Times between two milestones, years.
        begins : sequence of int or None
            Position of the milestone with which each duration begins; None where that is not known, so that
            none counts as begun before the start.
        observed : sequence of (array of shape (times, draws), Grid)
            Observables that are counted.
        thresholds : sequence of (array of shape (draws,), Grid)
            Thresholds, each with the grid of its observable.
        inclusion, strata : arrays, shape (draws,)
            Whether each draw counts, and the stratum of the counts that it belongs to.
        flags : array of 0 and 1, shape (flags, draws)
            Flags of each draw.
        headline : int
            Position of the milestone that the model is about.
        failure : array of int16, shape (draws,), optional
            Why each draw failed: 0, or 1 + the position of the reason.
        early : array of bool, shape (rules, draws), optional
            Whether a draw breaks each of the not-yet rules.
        likelihood : array, shape (draws,), optional
            Likelihood of the evidence; 0 for draws that the not-yet rule removes or that failed.
        """
        for m in range(len(arrival)):
            _count_dates(arrival[m], self.origin, inclusion, strata, self.arrivals[m], self.beyond[m])
        cut_off = np.zeros((len(begins), inclusion.size), dtype=np.bool_)
        for begin, early_begun in zip(begins, cut_off, strict=True):
            if begin is not None:
                early_begun[:] = status[begin] == Status.BEFORE_START
        for d in range(len(durations)):
            whole = np.where(cut_off[d], np.int8(Inclusion.FAILED), inclusion)
            _count_dates(durations[d], 0.0, whole, strata, self.durations[d], self.durations_beyond[d])
        for (values, grid), counts in zip(observed, self.observables, strict=True):
            _count_values(values, inclusion, grid.low, grid.width, counts)
        for stratum in range(len(self.inclusion)):
            inside = strata == stratum
            chosen = inside & (inclusion == Inclusion.COUNTED)
            self.inclusion[stratum] += np.bincount(inclusion[inside], minlength=len(Inclusion))
            for (level, grid), counts in zip(thresholds, self.thresholds, strict=True):
                # Clipped before the cast: what nothing reaches is the highest, not whatever inf casts to.
                k = np.clip((level[chosen] - grid.low) / grid.width, 0, grid.bins - 1)
                counts[stratum] += np.bincount(k.astype(np.int64), minlength=grid.bins)
            self.durations_from_start[:, stratum] += np.count_nonzero(cut_off[:, chosen], axis=1)
            for m in range(len(status)):
                self.status[m, stratum] += np.bincount(status[m, chosen], minlength=len(Status))
            arrived = chosen & np.isfinite(arrival[headline])
            self.flags[:, stratum] += np.count_nonzero(flags[:, chosen], axis=1)
            self.flags_arrived[:, stratum] += np.count_nonzero(flags[:, arrived], axis=1)
            self._add_left_out(stratum, inside, failure, early, likelihood)

    def _add_left_out(
        self,
        stratum: int,
        inside: BoolArray,
        failure: ShortArray | None,
        early: BoolArray | None,
        likelihood: FloatArray | None,
    ) -> None:
        """Count, of the draws inside a stratum, why draws failed or were removed."""
        if failure is not None:
            codes = np.bincount(failure[inside], minlength=1 + len(self.failures))
            self.failures[:, stratum] += codes[1:]
        if early is not None:
            self.contradictions[:, stratum] += np.count_nonzero(early[:, inside], axis=1)
        if likelihood is not None:
            for power in (1, 2):
                terms = np.rint(likelihood[inside] ** power * LIKELIHOOD_UNIT).astype(np.int64)
                self.likelihoods[power - 1, stratum] += terms.sum()

    @property
    def counts(self) -> dict[str, tuple[tuple[str, ...], IntArray]]:
        """Counts by their name in a run file, with their dimensions there; none of what a run has not.

        Those of thresholds are left out: their names come from the model.
        """
        optional = {
            "duration_count": (("duration", "cell", "duration_bin"), self.durations),
            "duration_beyond": (("duration", "cell"), self.durations_beyond),
            "duration_from_start": (("duration", "cell"), self.durations_from_start),
            "flag_count": (("flag", "cell"), self.flags),
            "flag_arrived_count": (("flag", "cell"), self.flags_arrived),
            "contradiction_count": (("rule", "cell"), self.contradictions),
        }
        # A dimension without length would come back from a file as an unlimited one.
        return {name: entry for name, entry in optional.items() if len(entry[1])} | {
            "arrival_count": (("milestone", "cell", "date_bin"), self.arrivals),
            "arrival_beyond": (("milestone", "cell"), self.beyond),
            "standing_count": (("cell", "standing"), self.inclusion),
            "status_count": (("milestone", "cell", "status"), self.status),
        }

    @property
    def arrays(self) -> list[IntArray]:
        """All counts, in a fixed order."""
        values = (getattr(self, field.name) for field in fields(self)[1:])
        return [array for value in values for array in (value if isinstance(value, tuple) else (value,))]

    def merge(self, other: Accumulator) -> None:
        """Add another accumulator of the same shape."""
        for mine, theirs in zip(self.arrays, other.arrays, strict=True):
            np.add(mine, theirs, out=mine)
