"""Counts that summarise any number of draws in fixed memory.

A tally holds integers only. Adding blocks in any order, on any number of threads or machines, and merging the
parts gives the same tally bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from timecone.numerics.compiled import kernel
from timecone.schema import (
    BINS_PER_YEAR,
    LEVEL_BINS,
    LEVEL_LOW,
    LEVEL_WIDTH,
    LIKELIHOOD_UNIT,
    BoolArray,
    ByteArray,
    FloatArray,
    IntArray,
    ShortArray,
    Standing,
    Status,
)

_COUNTED = int(Standing.COUNTED)


@kernel
def _count_dates(
    values: FloatArray,
    origin: float,
    standing: ByteArray,
    cells: IntArray,
    counts: IntArray,
    beyond: IntArray,
) -> None:
    """Count dates or durations by cell; ``counts`` has shape (cells, bins)."""
    bins = counts.shape[1]
    for i in range(values.size):
        if standing[i] == _COUNTED:
            if values[i] < np.inf:
                k = int((values[i] - origin) * BINS_PER_YEAR)
                counts[cells[i], min(max(k, 0), bins - 1)] += 1
            else:
                beyond[cells[i]] += 1


@kernel
def _count_levels(levels: FloatArray, standing: ByteArray, counts: IntArray) -> None:
    """Count levels by time; ``levels`` has shape (times, draws), ``counts`` (times, bins)."""
    times, draws = levels.shape
    for t in range(times):
        for i in range(draws):
            if standing[i] == _COUNTED:
                k = (levels[t, i] - LEVEL_LOW) / LEVEL_WIDTH
                counts[t, int(min(max(k, 0.0), LEVEL_BINS - 1.0))] += 1


@dataclass
class Tally:
    """What is counted of a run.

    Attributes
    ----------
    arrivals, beyond : arrays, shape (milestones, cells, bins) and (milestones, cells)
        Arrivals by bin of `schema.BIN_WIDTH` years from ``origin``, and those not by the horizon.
    takeoffs, takeoffs_beyond : arrays, shape (cells, bins) and (cells,)
        The same of takeoff durations, from 0.
    takeoffs_from_start : array, shape (cells,)
        Draws whose takeoff had begun before the start, so that its duration is cut off: it is not counted.
    levels : array, shape (times, level bins)
        The main observable by time.
    thresholds : array, shape (cells, level bins)
        The threshold that it is compared with.
    standing, status : arrays, shape (cells, standings) and (milestones, cells, statuses)
        Draws by `Standing`, and counted draws by `Status`.
    flags, flags_arrived : arrays, shape (flags, cells)
        Counted draws in which a flag is set, and those of them in which the headline arrives.
    failures : array, shape (failures, cells)
        Draws by why they failed.
    contradictions : array, shape (rules, cells)
        Draws that each milestone of the not-yet rule would remove by itself; a draw may break several.
    likelihoods : array, shape (2, cells)
        Sums of the likelihood of the evidence and of its square over the draws that the not-yet rule leaves,
        in units of 1 / `schema.LIKELIHOOD_UNIT`.
    """

    origin: float
    arrivals: IntArray
    beyond: IntArray
    takeoffs: IntArray
    takeoffs_beyond: IntArray
    takeoffs_from_start: IntArray
    levels: IntArray
    thresholds: IntArray
    standing: IntArray
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
        cells: int,
        times: int,
        flags: int,
        failures: int = 0,
        rules: int = 0,
    ) -> Self:
        """Return a tally of nothing; ``origin`` is a whole year at or before the start."""
        bins = int(np.ceil(horizon - origin)) * BINS_PER_YEAR

        def zeros(*shape: int) -> IntArray:
            return np.zeros(shape, dtype=np.int64)

        return cls(
            origin=origin,
            arrivals=zeros(milestones, cells, bins),
            beyond=zeros(milestones, cells),
            takeoffs=zeros(cells, bins),
            takeoffs_beyond=zeros(cells),
            takeoffs_from_start=zeros(cells),
            levels=zeros(times, LEVEL_BINS),
            thresholds=zeros(cells, LEVEL_BINS),
            standing=zeros(cells, len(Standing)),
            status=zeros(milestones, cells, len(Status)),
            flags=zeros(flags, cells),
            flags_arrived=zeros(flags, cells),
            failures=zeros(failures, cells),
            contradictions=zeros(rules, cells),
            likelihoods=zeros(2, cells),
        )

    def add(
        self,
        *,
        arrival: FloatArray,
        status: ByteArray,
        takeoff: FloatArray,
        takeoff_start: int,
        levels: FloatArray,
        threshold: FloatArray,
        standing: ByteArray,
        cells: IntArray,
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
        takeoff, threshold : arrays, shape (draws,)
            Duration of the takeoff in years, and the level that is required.
        takeoff_start : int
            Position of the milestone that begins the takeoff.
        levels : array, shape (times, draws)
            Trajectory of the main observable.
        standing, cells : arrays, shape (draws,)
            Whether each draw counts, and the cell of the counts that it belongs to.
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
            _count_dates(arrival[m], self.origin, standing, cells, self.arrivals[m], self.beyond[m])
        cut_off = status[takeoff_start] == Status.BEFORE_START
        whole = np.where(cut_off, np.int8(Standing.FAILED), standing)
        _count_dates(takeoff, 0.0, whole, cells, self.takeoffs, self.takeoffs_beyond)
        _count_levels(levels, standing, self.levels)
        counted = standing == Standing.COUNTED
        for cell in range(len(self.thresholds)):
            inside = cells == cell
            self.standing[cell] += np.bincount(standing[inside], minlength=len(Standing))
            if failure is not None:
                codes = np.bincount(failure[inside], minlength=1 + len(self.failures))
                self.failures[:, cell] += codes[1:]
            chosen = inside & counted
            # Clipped before the cast: what nothing reaches is the highest, not whatever inf casts to.
            k = np.clip((threshold[chosen] - LEVEL_LOW) / LEVEL_WIDTH, 0, LEVEL_BINS - 1)
            self.thresholds[cell] += np.bincount(k.astype(np.int64), minlength=LEVEL_BINS)
            self.takeoffs_from_start[cell] += np.count_nonzero(cut_off[chosen])
            if early is not None:
                self.contradictions[:, cell] += np.count_nonzero(early[:, inside], axis=1)
            if likelihood is not None:
                for power in (1, 2):
                    terms = np.rint(likelihood[inside] ** power * LIKELIHOOD_UNIT).astype(np.int64)
                    self.likelihoods[power - 1, cell] += terms.sum()
            for m in range(len(status)):
                self.status[m, cell] += np.bincount(status[m, chosen], minlength=len(Status))
            arrived = chosen & np.isfinite(arrival[headline])
            self.flags[:, cell] += np.count_nonzero(flags[:, chosen], axis=1)
            self.flags_arrived[:, cell] += np.count_nonzero(flags[:, arrived], axis=1)

    def copy(self) -> Tally:
        """Return an independent copy."""
        arrays = {f.name: getattr(self, f.name).copy() for f in fields(self)[1:]}
        return Tally(self.origin, **arrays)

    def merge(self, other: Tally) -> None:
        """Add another tally of the same shape."""
        for field in fields(self)[1:]:
            mine: IntArray = getattr(self, field.name)
            mine += getattr(other, field.name)
