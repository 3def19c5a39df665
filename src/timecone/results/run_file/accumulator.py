"""Counts that summarise any number of draws in fixed memory.

An accumulator holds integers only. Adding blocks in any order, on any number of threads or machines, and
merging the parts gives the same counts bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from timecone.numerics.compiled import kernel, scalar
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
_BEFORE_START = int(Status.BEFORE_START)
_TILE = 256
#: In place of the milestone with which a duration begins, where that is not known.
_UNKNOWN = -1


@scalar
def _bin(position: float, bins: int) -> int:
    """Return the bin of a position in units of bins; outside the bins, and for NaN, an outermost one."""
    return int(min(bins - 1.0, max(0.0, position)))


@kernel
def _count_inclusion(
    inclusion: ByteArray,
    strata: IntArray,
    failure: ShortArray,
    early: BoolArray,
    of_inclusion: IntArray,
    failures: IntArray,
    contradictions: IntArray,
) -> None:
    """Count by stratum which draws count, why others failed, and the not-yet rules that they break."""
    for i in range(inclusion.size):
        of_inclusion[strata[i], inclusion[i]] += 1
        if failure[i] > 0:
            failures[failure[i] - 1, strata[i]] += 1
        for rule in range(early.shape[0]):
            contradictions[rule, strata[i]] += early[rule, i]


@kernel
def _count_dates(
    values: FloatArray,
    origin: float,
    counted: BoolArray,
    strata: IntArray,
    counts: IntArray,
    beyond: IntArray,
) -> None:
    """Count dates or durations by stratum; ``counts`` has shape (strata, bins)."""
    for i in range(values.size):
        if counted[i]:
            if values[i] < np.inf:
                counts[strata[i], _bin((values[i] - origin) * BINS_PER_YEAR, counts.shape[1])] += 1
            else:
                beyond[strata[i]] += 1


@kernel
def _count_flags(
    flags: ByteArray,
    arrival: FloatArray,
    counted: BoolArray,
    strata: IntArray,
    of_flags: IntArray,
    flags_arrived: IntArray,
) -> None:
    """Count by stratum the draws in which a flag is set, and those of them in which a milestone arrives."""
    for flag in range(flags.shape[0]):
        for i in range(counted.size):
            if counted[i] and flags[flag, i]:
                of_flags[flag, strata[i]] += 1
                flags_arrived[flag, strata[i]] += arrival[i] < np.inf


@kernel
def _count_draws(  # noqa: PLR0917 - a kernel's arguments are arrays
    arrival: FloatArray,
    status: ByteArray,
    durations: FloatArray,
    begins: IntArray,
    inclusion: ByteArray,
    strata: IntArray,
    flags: ByteArray,
    headline: int,
    failure: ShortArray,
    early: BoolArray,
    origin: float,
    arrivals: IntArray,
    beyond: IntArray,
    of_durations: IntArray,
    durations_beyond: IntArray,
    durations_from_start: IntArray,
    of_inclusion: IntArray,
    of_status: IntArray,
    of_flags: IntArray,
    flags_arrived: IntArray,
    failures: IntArray,
    contradictions: IntArray,
) -> None:
    """Count draws by stratum: arguments of `Accumulator.add`, attributes of `Accumulator`."""
    _count_inclusion(inclusion, strata, failure, early, of_inclusion, failures, contradictions)
    counted = inclusion == _COUNTED
    for m in range(arrival.shape[0]):
        _count_dates(arrival[m], origin, counted, strata, arrivals[m], beyond[m])
        for i in range(counted.size):
            if counted[i]:
                of_status[m, strata[i], status[m, i]] += 1
    _count_flags(flags, arrival[headline], counted, strata, of_flags, flags_arrived)
    for d in range(durations.shape[0]):
        whole = counted.copy()
        if begins[d] != _UNKNOWN:
            for i in range(counted.size):
                if counted[i] and status[begins[d], i] == _BEFORE_START:
                    whole[i] = False
                    durations_from_start[d, strata[i]] += 1
        _count_dates(durations[d], 0.0, whole, strata, of_durations[d], durations_beyond[d])


@kernel
def _count_levels(
    levels: FloatArray, inclusion: ByteArray, strata: IntArray, low: float, width: float, counts: IntArray
) -> None:
    """Count levels by stratum; ``counts`` has shape (strata, bins)."""
    for i in range(levels.size):
        if inclusion[i] == _COUNTED:
            counts[strata[i], _bin((levels[i] - low) / width, counts.shape[1])] += 1


@kernel
def _count_values(
    values: FloatArray, inclusion: ByteArray, low: float, width: float, counts: IntArray
) -> None:
    """Count values by time; ``values`` has shape (times, draws), ``counts`` (times, bins)."""
    times, draws = values.shape
    cells = np.empty(_TILE, dtype=np.int32)
    for t in range(times):
        of_time = counts[t]
        for first in range(0, draws, _TILE):
            count = min(_TILE, draws - first)
            # Two loops, because only the first of them can be vectorised.
            for i in range(count):
                # A draw that does not count may hold NaN, which falls into the first bin.
                cells[i] = np.int32(_bin((values[t, first + i] - low) / width, of_time.size))
            for i in range(count):
                of_time[cells[i]] += inclusion[first + i] == _COUNTED


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
        Sums of the probability with which draws are kept and of its square, over the draws that do not fail
        and are not simply removed, in units of 1 / `schema.LIKELIHOOD_UNIT`.
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
            Probability with which each draw is kept; 0 for draws that are simply removed or failed.
        """
        draws = inclusion.size
        _count_draws(
            # Of one layout each, so that one version of the kernel serves every model.
            np.ascontiguousarray(arrival),
            np.ascontiguousarray(status),
            np.ascontiguousarray(durations),
            np.array([_UNKNOWN if begin is None else begin for begin in begins], dtype=np.int64),
            np.ascontiguousarray(inclusion),
            strata,
            np.ascontiguousarray(flags),
            headline,
            np.zeros(draws, dtype=np.int16) if failure is None else failure,
            np.zeros((0, draws), dtype=np.bool_) if early is None else early,
            self.origin,
            self.arrivals,
            self.beyond,
            self.durations,
            self.durations_beyond,
            self.durations_from_start,
            self.inclusion,
            self.status,
            self.flags,
            self.flags_arrived,
            self.failures,
            self.contradictions,
        )
        for (values, grid), counts in zip(observed, self.observables, strict=True):
            _count_values(values, inclusion, grid.low, grid.width, counts)
        for (level, grid), counts in zip(thresholds, self.thresholds, strict=True):
            _count_levels(np.ascontiguousarray(level), inclusion, strata, grid.low, grid.width, counts)
        if likelihood is not None:
            for stratum in range(len(self.inclusion)):
                inside = likelihood[strata == stratum]
                for power in (1, 2):
                    terms = np.rint(inside**power * LIKELIHOOD_UNIT).astype(np.int64)
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
