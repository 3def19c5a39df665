"""Random walk of growth: a trend in pieces whose growth changes from piece to piece.

Growth is a random walk in time. Looking back it is constant within pieces of some years, counted from the
newest evidence, where the level is stated; looking ahead the walk goes on in small steps. So the data say
how fast growth has changed, and the forecast is as unsure of it as the past was unsteady.
"""

from __future__ import annotations

import numpy as np

from timecone.schema import FloatArray


def time_in_pieces(dates: FloatArray, end: float, pieces: int, length: float) -> FloatArray:
    """Return how many years of each piece lie between a date and the end.

    A level at a date is the level at the end less this times the pieces' growth. Dates after the end have
    negative time in the first piece, whose growth then goes on.

    Returns
    -------
    ndarray
        (date, piece) years.
    """
    before = end - np.asarray(dates, dtype=float)[:, None]
    begin = length * np.arange(pieces)
    most = np.where(np.arange(pieces) == pieces - 1, np.inf, length)
    within = np.clip(before - begin, 0.0, most)
    within[:, 0] += np.minimum(before[:, 0], 0.0)
    return within


def piece_growth(now: FloatArray, steps: FloatArray, drift: FloatArray, length: float) -> FloatArray:
    """Return the growth of every piece, backwards from the present one.

    Parameters
    ----------
    now : ndarray
        (draw,) growth of the first piece.
    steps : ndarray
        (draw, piece - 1) changes in standard deviations.
    drift : ndarray
        (draw,) standard deviation of a change over one year.
    length : float
        Length of a piece, years.

    Returns
    -------
    ndarray
        (draw, piece)
    """
    changes = np.cumsum(steps, axis=1) * (drift * np.sqrt(length))[:, None]
    return np.asarray(now[:, None] + np.concatenate([np.zeros((len(now), 1)), changes], axis=1))


def go_on(
    level: FloatArray,
    growth: FloatArray,
    drift: FloatArray,
    years: FloatArray,
    generator: np.random.Generator,
) -> FloatArray:
    """Let levels go on from the end with growth that goes on wandering.

    Parameters
    ----------
    level, growth, drift : ndarray
        (draw,) at the end.
    years : ndarray
        (time,) since the end, increasing, from 0 on.
    generator : Generator
        For the walk.

    Returns
    -------
    ndarray
        (draw, time) levels: exact draws of an integrated random walk at these times.
    """
    paths = np.empty((len(level), len(years)))
    position, speed, last = level.copy(), growth.copy(), 0.0
    for i, time in enumerate(years):
        step = time - last
        first, second = generator.standard_normal((2, len(level))) * drift
        # Joint law of a Brownian motion and its integral over a step of this length.
        change = np.sqrt(step) * first
        position = position + speed * step + step * (change / 2.0 + np.sqrt(step / 12.0) * second)
        speed, last = speed + change, time
        paths[:, i] = position
    return paths
