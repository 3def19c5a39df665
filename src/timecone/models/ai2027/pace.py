"""Progress through a fixed amount of work that AI speeds up as the work proceeds.

Work W is stated in months at the present pace. With the done share u of it, software progress runs

    v(u) = v0 (v1 / v0)**u

times as fast as without AI, compute grows at its present pace, and the two count equally:

    W du/dt = (v + 1) / 2.

With w = ln(v1 / v0) the time to a share has a closed form, and so has its inverse:

    t(u) = 2 W [u - ln((v0 exp(w u) + 1) / (v0 + 1)) / w],
    u(t) = -ln((v0 + 1) exp(-w t / (2 W)) - v0) / w.

After the slowdown, human labour grows by the factor g of its growth before and compute by the factor c:

    W du/dt = (sqrt(g v (v - 1 + g)) + c) / 2,

the root being the geometric mean of two views: less labour divides software progress, or is taken off it.
That part is integrated over u by Gauss-Legendre quadrature in equal panels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from timecone.models.model import Parameter
from timecone.schema import BoolArray, FloatArray

#: Panels of the quadrature, and points in each; progress is linear in time within a panel.
PANELS: Final = 64
POINTS: Final = 4
#: Replaces an exponent of zero: the relative error of times is of the same size.
_LEAST_EXPONENT: Final = 1e-12

_SOURCE: Final = "Kokotajlo et al. 2025, timelines forecast of AI 2027"

SLOWDOWN: Final = (
    Parameter(
        "slowdown.date",
        "calendar year",
        "Date from which human labour and compute grow more slowly.",
        _SOURCE,
        default=2029.0,
    ),
    Parameter(
        "slowdown.labour",
        "1",
        "Growth of human research labour after the slowdown, relative to that before.",
        _SOURCE,
        low=0.0,
        high=1.0,
        includes_high=True,
        default=0.5,
    ),
    Parameter(
        "slowdown.compute",
        "1",
        "Growth of compute after the slowdown, relative to that before.",
        _SOURCE,
        low=0.0,
        high=1.0,
        includes_low=True,
        includes_high=True,
        default=0.5,
    ),
)


@dataclass(frozen=True)
class Pace:
    """The work of a block of draws and how fast it is done; every field has the shape (draws,).

    Attributes
    ----------
    work : array
        Months at the present pace; work of zero or less is done at once.
    first, last : array
        Speed-up of software progress by AI at the beginning and at the end of the work, above 1.
    turn : array
        Months from the beginning of the work to the slowdown; may be negative.
    labour, compute : array
        Growth of human labour and compute after the slowdown, relative to that before.
    """

    work: FloatArray
    first: FloatArray
    last: FloatArray
    turn: FloatArray
    labour: FloatArray
    compute: FloatArray

    @property
    def exponent(self) -> FloatArray:
        """The logarithm of the growth of the speed-up over the work; never exactly zero."""
        exponent = np.log(self.last / self.first)
        return np.where(exponent == 0.0, _LEAST_EXPONENT, exponent)

    def speedup(self, progress: FloatArray) -> FloatArray:
        """Return the speed-up of software progress at a share of the work, of shape (draws, ...)."""
        first, exponent = (_as_column(a, progress) for a in (self.first, self.exponent))
        return np.asarray(first * np.exp(exponent * progress))

    def months(self) -> FloatArray:
        """Return the months that the whole work takes, shape (draws,)."""
        whole = np.maximum(self._months_before(), 0.0)
        late = whole > self.start()
        if not late.any():
            return whole
        rest = self._late(late)
        whole[late] = rest.start() + rest.months_after()[:, -1]
        return whole

    def progress(self, months: FloatArray) -> FloatArray:
        """Return the share of the work done after some months, shape (draws, times), in [0, 1]."""
        turn = self.turn[:, None]
        share = np.minimum(self._progress_before(np.minimum(months, np.maximum(turn, 0.0))), 1.0)
        late = (self.work > 0.0) & (months > turn).any(axis=1) & (self._progress_at_turn() < 1.0)
        if late.any():
            rest = self._late(late)
            edges, times = rest.edges(), rest.start()[:, None] + rest.months_after()
            after = months[late] > np.maximum(turn[late], 0.0)
            later = np.array([np.interp(m, t, u) for m, t, u in zip(months[late], times, edges, strict=True)])
            share[late] = np.where(after, later, share[late])
        return np.where(months >= 0.0, np.where(self.work[:, None] > 0.0, share, 1.0), 0.0)

    def _late(self, chosen: BoolArray) -> Pace:
        """Return the chosen draws alone."""
        return Pace(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    def start(self) -> FloatArray:
        """Return the months after which the slowed pace holds."""
        return np.maximum(self.turn, 0.0)

    def _months_before(self) -> FloatArray:
        exponent = self.exponent
        gain = np.log1p(self.first * np.expm1(exponent) / (self.first + 1.0))
        return np.asarray(2.0 * self.work * (1.0 - gain / exponent))

    def _progress_before(self, months: FloatArray) -> FloatArray:
        first, exponent, work = (a[:, None] for a in (self.first, self.exponent, self.work))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            decay = (first + 1.0) * np.expm1(-exponent * months / (2.0 * work))
            return -np.log1p(np.maximum(decay, -1.0)) / exponent

    def _progress_at_turn(self) -> FloatArray:
        return np.asarray(self._progress_before(self.start()[:, None])[:, 0])

    def edges(self) -> FloatArray:
        """Return shares of the work from the slowdown to the end, shape (draws, PANELS + 1)."""
        first = self._progress_at_turn()[:, None]
        return np.asarray(first + (1.0 - first) * np.linspace(0.0, 1.0, PANELS + 1))

    def months_after(self) -> FloatArray:
        """Return the months from the slowdown to each edge, shape (draws, PANELS + 1)."""
        edges = self.edges()
        width = edges[:, 1:] - edges[:, :-1]
        labour, compute, work = (a[:, None] for a in (self.labour, self.compute, self.work))
        panels = np.zeros_like(width)
        for node, weight in zip(*np.polynomial.legendre.leggauss(POINTS), strict=True):
            speedup = self.speedup(edges[:, :-1] + 0.5 * (node + 1.0) * width)
            software = np.sqrt(labour * speedup * (speedup - 1.0 + labour))
            panels += 0.5 * weight * width * work * 2.0 / (software + compute)
        return np.concatenate([np.zeros((len(edges), 1)), np.cumsum(panels, axis=1)], axis=1)


def _as_column(values: FloatArray, like: FloatArray) -> FloatArray:
    """Return values of shape (draws,) with as many axes as ``like``."""
    return values.reshape(values.shape + (1,) * (like.ndim - 1))
