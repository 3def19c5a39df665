"""Reach of the open loop: the largest requirement that a draw's effective compute has come to by a date.

In open loop effective compute does not depend on the requirement, and every milestone lies at a level of it
that rises with the requirement. So a milestone is reached by a date exactly if the requirement is not above a
bound, which is here a closed form of the other inputs. With the distribution of the requirement it turns into
a probability (`timecone.simulation.conditional`).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from timecone.models.compute import parameters as table
from timecone.models.compute.components import algorithms, automation
from timecone.models.compute.engine.log_space import LogSpace
from timecone.models.compute.parameters import PARAMETERS
from timecone.models.model import Setup
from timecone.numerics.compiled import on_arrays
from timecone.schema import BoolArray, FloatArray

#: The parameter that the reach is about.
REQUIREMENT: Final = PARAMETERS[table.REQUIREMENT].name
#: Milestones at a level of effective compute, with the share of tasks that AI can do there.
_SHARES: Final = {
    "automation_20": automation.FIRST_SHARE,
    "automation_50": automation.MIDDLE_SHARE,
    "tai": 1.0,
}
_DEPLOYED: Final = "tai_deployed"
_TAKEN_OVER: Final = "taken_over_20"
#: Milestones whose reach is known at any date.
MILESTONES: Final = (*_SHARES, _DEPLOYED)
# Half the interval of requirements, of some OOM, so often.
_BISECTIONS: Final = 36
# Years over which growth at the start is taken, as in `log_space`.
_MOMENT: Final = 2.0**-17


class Reach:
    """The largest requirement at which a milestone is reached by a date, draw by draw.

    Parameters
    ----------
    inputs : array, shape (parameters and event clocks, draws)
        Natural values in the model's units; the row of the requirement is not read.
    setup : Setup
        Of a scenario without feedback, walls, limits and shocks.
    clocks : slice
        Rows of the waiting times between breakthroughs.
    """

    def __init__(self, inputs: FloatArray, setup: Setup, clocks: slice) -> None:
        start = setup.grid.start
        gaps, rate = inputs[clocks], inputs[table.BREAKTHROUGH_RATE]
        self._events = np.ascontiguousarray(algorithms.breakthrough_dates(rate, gaps).T)
        self._draws = LogSpace.of(inputs, self._events, start)
        self._gap, self._lag, self._delay = (
            inputs[row] for row in (table.GAP, table.ADOPTION_LAG, table.DELAY)
        )
        gain = on_arrays(algorithms.past_gain)(
            inputs[table.HALVING_TIME_PAST], start, inputs[table.REFERENCE_YEAR]
        )
        # From the requirement as stated to the requirement with the algorithms of the start.
        self._shift = inputs[table.NEURON_COMPLEXITY] - gain
        self._grid = setup.grid
        # Compute may fall where the economy or spending shrinks: it is largest where the spending trend ends,
        # or near the end of a year.
        falls = (self._draws.economy < 0.0) | (self._draws.spending < 0.0)
        self._falling, self._shrinking = np.flatnonzero(falls), self._draws.select(falls)
        self._largest: list[FloatArray] = []

    @property
    def failed(self) -> BoolArray:
        """Draws that a simulation would count as failed: their breakthroughs end before the horizon."""
        last = self._grid.steps * self._grid.step
        events = self._events
        return np.asarray(events[:, -1:] <= last).any(axis=1)

    def __call__(self, milestone: str, date: float) -> FloatArray:
        """Return the reach of a milestone at a date, log10 FLOP as the requirement is stated.

        Parameters
        ----------
        milestone : str
            One of the model's.
        date : float
            Decimal year from the start on; for ``taken_over_20`` a date within the first years, because the
            adopted share is stepped from the start.

        Returns
        -------
        array, shape (draws,)
            The milestone is dated up to ``date`` exactly where the requirement is not above it; -inf where no
            requirement is low enough.
        """
        elapsed = np.full(self._gap.size, date - self._grid.start)
        if milestone == _TAKEN_OVER:
            return np.asarray(self._taken_over(float(date - self._grid.start)) - self._shift)
        if milestone == _DEPLOYED:
            elapsed -= self._delay
        share = _SHARES["tai" if milestone == _DEPLOYED else milestone]
        above_level = self._gap * (1.0 - share) / (1.0 - automation.FIRST_SHARE)
        reach = self._most(np.maximum(elapsed, 0.0)) + above_level - self._shift
        return np.where(elapsed >= 0.0, reach, -np.inf)

    def _most(self, elapsed: FloatArray) -> FloatArray:
        """Return the largest effective compute up to some time after the start, log10 FLOP."""
        most = self._draws.effective(elapsed)
        if self._falling.size:
            falling, end = self._falling, elapsed[self._falling]
            year = end.astype(np.int64)
            before = self._peaks(int(year.max(initial=0)))[year, np.arange(end.size)]
            kink = self._shrinking.effective(np.clip(self._shrinking.lifetime, 0.0, end))
            most[falling] = np.maximum.reduce([most[falling], before, kink])
        return most

    def _peaks(self, last: int) -> FloatArray:
        """Return the largest effective compute at whole years so far, shape (years, falling draws)."""
        for n in range(len(self._largest), last + 1):
            now = self._shrinking.effective(np.full(self._falling.size, float(n)))
            self._largest.append(np.maximum(now, self._largest[-1]) if n else now)
        return np.array(self._largest)

    def _taken_over(self, elapsed: float) -> FloatArray:
        """Return the largest requirement at the start at which AI has taken over a fifth of the tasks."""
        step = self._grid.step
        whole = int(np.ceil(elapsed / step - 1e-9))
        compute = [self._draws.effective(np.full(self._gap.size, n * step)) for n in range(whole + 1)]
        soon, later = (self._draws.effective(np.full(self._gap.size, k * _MOMENT)) for k in (1.0, 2.0))
        steepness = (1.0 - automation.FIRST_SHARE) / self._gap
        growth = steepness * (4.0 * soon - later - 3.0 * compute[0]) / (2.0 * _MOMENT)
        weights = [self._weights(min(step, elapsed - n * step)) for n in range(whole)]

        def share(requirement: FloatArray) -> FloatArray:
            """Return the largest adopted share until then: it falls where compute does."""
            able = np.clip(1.0 - steepness * (requirement - compute[0]), 0.0, 1.0)
            most = used = np.clip(able - self._lag * growth, 0.0, able)
            for n, (part, closed, before) in enumerate(weights):
                next_able = np.clip(1.0 - steepness * (requirement - compute[n + 1]), 0.0, 1.0)
                end = able + part * (next_able - able)
                used = np.clip(used * (1.0 - closed) + able * before + end * (closed - before), 0.0, 1.0)
                able, most = next_able, np.maximum(most, used)
            return np.asarray(most)

        # Below the lower end AI can do all tasks from the start; above the upper one not a fifth at the end.
        low, high = compute[0].copy(), np.maximum.reduce(compute) + self._gap
        never = share(low) < automation.TAKEN_SHARE
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            enough = share(middle) >= automation.TAKEN_SHARE
            low, high = np.where(enough, middle, low), np.where(enough, high, middle)
        return np.where(never, -np.inf, low)

    def _weights(self, years: float) -> tuple[float, FloatArray, FloatArray]:
        """Return the part of a step, how much of the distance it closes, and the weight of its beginning."""
        # `automation.lag_closed` and `weight_before` branch, so they take no arrays.
        lagged = self._lag > automation.NO_LAG
        lag = np.where(lagged, self._lag, 1.0)
        closed = np.where(lagged, -np.expm1(-years / lag), 1.0)
        before = np.where(lagged, lag / years * closed - (1.0 - closed), 0.0)
        return years / self._grid.step, closed, before
