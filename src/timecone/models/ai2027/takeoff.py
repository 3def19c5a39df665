"""Takeoff phases of AI 2027: from the superhuman coder to artificial superintelligence.

The simulation starts at the superhuman coder. Each phase is an amount of work, stated in years of research
by humans alone, and AI multiplies the pace of research throughout. With the done share q of the work g of a
phase and the multipliers s0 at its beginning and s1 at its end,

    g dq/dt = s0 (s1 / s0)**q,    so that    t(q) = (g / s0) (1 - exp(-k q)) / k,    k = ln(s1 / s0).

Software alone makes the progress: training compute stays as it is. The work of the later phases follows from
the first ones. Let A be the work from the median researcher to the best one, and x = x0 + A all work up to
the best one. Reaching that took x; the superintelligent researcher takes x (x / x0)**2 in all, X, and
superintelligence X (X / x)**J. The work of a phase is the difference.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from timecone.models.ai2027.time_horizon import CORRECTED, PUBLISHED
from timecone.models.model import Model, Outcomes, Parameter, Setup
from timecone.schema import Duration, FloatArray, Grid, Milestone, Observable, Status

SOURCE: Final = "Kokotajlo et al. 2025, takeoff forecast of AI 2027"
#: The published code takes steps of a day and stops a phase after this many years.
DAYS_PER_YEAR: Final = 365.0
LONGEST_PHASE: Final = 1000.0
#: Steps that are counted one by one; the number of more steps follows from a series.
_COUNTED_STEPS: Final = 400
_MEANING: Final = "Pace of AI research with {} over that of humans alone."


def _multiplier(name: str, system: str) -> Parameter:
    return Parameter(f"multiplier.{name}", "1", _MEANING.format(system), SOURCE, low=0.0)


PARAMETERS: Final = (
    Parameter(
        "gap.researcher",
        "year",
        "Work of humans alone from the superhuman coder to the superhuman AI researcher.",
        SOURCE,
        low=0.0,
        includes_low=True,
    ),
    Parameter(
        "gap.median_to_best",
        "year",
        "Work of humans alone from a median AI researcher to the superhuman one.",
        SOURCE,
        low=0.0,
        includes_low=True,
    ),
    Parameter(
        "gap.to_median",
        "year",
        "Work of humans alone up to a median AI researcher.",
        SOURCE,
        low=0.0,
        default=10.0,
    ),
    Parameter(
        "gap.generality",
        "1",
        "Exponent J of the last phase: superintelligence takes the work up to the superintelligent researcher"
        " times its ratio to that up to the best one, to this power.",
        SOURCE,
        low=0.0,
        includes_low=True,
    ),
    _multiplier("coder", "the superhuman coder"),
    _multiplier("researcher", "the superhuman AI researcher"),
    _multiplier("superresearcher", "the superintelligent AI researcher"),
    _multiplier("superintelligence", "artificial superintelligence"),
)
MILESTONES: Final = (
    Milestone("superhuman_coder", "superhuman coder", "the superhuman coder exists: the start"),
    Milestone(
        "superhuman_researcher",
        "superhuman AI researcher",
        "AI does all cognitive tasks of AI research as well as the best human, faster and cheaply",
    ),
    Milestone(
        "superintelligent_researcher",
        "superintelligent AI researcher",
        "AI is vastly better at AI research than the best human researcher",
    ),
    Milestone(
        "superintelligence",
        "superintelligence",
        "AI is vastly better than the best humans at every cognitive task",
    ),
)
DURATIONS: Final = tuple(
    Duration(f"coder_to_{end}", f"time from the superhuman coder to {label}", "superhuman_coder", end)
    for end, label in (
        ("superhuman_researcher", "the superhuman AI researcher"),
        ("superintelligent_researcher", "the superintelligent AI researcher"),
        ("superintelligence", "superintelligence"),
    )
)
OBSERVABLES: Final = (
    Observable(
        "research_multiplier",
        "Pace of AI research over that of humans alone",
        "OOM",
        grid=Grid(low=-1.0, width=0.01, bins=1000),
    ),
)


def phases(inputs: FloatArray) -> FloatArray:
    """Return the work of the three phases, years of humans alone, shape (3, draws).

    Work beyond the range of floating-point numbers is +inf.
    """
    researcher, apart, median, generality = inputs[:4]
    best = median + apart
    ratio = best / median
    with np.errstate(over="ignore"):
        total = best * ratio**2
        # (X / x) is the ratio squared; the last phase is none where nothing lies between the two.
        last = total * np.expm1(2.0 * generality * np.log(ratio))
    return np.stack([researcher, total - best, last])


def lengths(inputs: FloatArray, scheme: str = CORRECTED) -> FloatArray:
    """Return how long each of the three phases lasts, years, shape (3, draws)."""
    work, begin, end = phases(inputs), inputs[4:7], inputs[5:8]
    if scheme == PUBLISHED:
        days = whole_days(DAYS_PER_YEAR * work / begin, np.log(end / begin))
        return np.minimum(days / DAYS_PER_YEAR, LONGEST_PHASE)
    return np.asarray(work / begin * _saved(np.log(end / begin)))


def whole_days(work: FloatArray, exponent: FloatArray) -> FloatArray:
    """Return how many steps of a day a phase takes by Euler's method.

    With y = exp(-k q) a step is y -> y exp(-h / y), where h = k over the days of work at the first pace. The
    steps from one value to another are the difference of F(y) = -y / h - ln(y) / 2 - h / (6 y) + O(h**2).

    Parameters
    ----------
    work : array
        Days that the phase would take at the pace of its beginning.
    exponent : array of the same shape
        Logarithm k of the growth of the pace.

    Returns
    -------
    array of the same shape
        Whole numbers, or +inf.
    """
    done, days = np.zeros_like(work), np.zeros_like(work)
    for _ in range(_COUNTED_STEPS):
        going = done < 1.0
        going &= work > 0.0
        if not going.any():
            return days
        days += going
        with np.errstate(over="ignore"):
            done[going] += np.exp(exponent[going] * done[going]) / work[going]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        correction = 0.5 * exponent - exponent * np.expm1(exponent) / (6.0 * work)
        series = np.ceil(work * _saved(exponent) + correction)
    return np.where((done < 1.0) & (work > 0.0), np.maximum(series, days), days)


def _saved(exponent: FloatArray) -> FloatArray:
    """Return (1 - exp(-k)) / k, which is 1 at 0."""
    flat = exponent == 0.0
    k = np.where(flat, 1.0, exponent)
    return np.where(flat, 1.0, -np.expm1(-k) / k)


def outcomes(inputs: FloatArray, setup: Setup) -> Outcomes:
    """Return when the phases of a block of draws end; inputs of shape (parameters, draws)."""
    start = np.zeros((1, inputs.shape[1]))
    dates = setup.grid.start + np.concatenate([start, np.cumsum(lengths(inputs, setup.scheme), axis=0)])
    late = ~(dates < setup.grid.horizon)
    status = np.where(late, Status.NOT_BY_HORIZON, Status.REACHED).astype(np.int8)
    counted = {
        name: values.T.copy() for name, values in observed(inputs, setup, setup.grid.observed_times).items()
    }
    return Outcomes(np.where(late, np.inf, dates), status, counted)


def trajectories(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return the multiplier at every step, log10, shape (draws, times)."""
    return observed(inputs, setup, setup.grid.times)


def observed(inputs: FloatArray, setup: Setup, times: FloatArray) -> dict[str, FloatArray]:
    """Return the multiplier at some times, log10, shape (draws, times)."""
    multipliers = inputs[4:8, :, None]
    times = (times - setup.grid.start)[None, :]
    value = np.broadcast_to(np.log(multipliers[0]), (inputs.shape[1], times.shape[1]))
    begin = np.zeros((inputs.shape[1], 1))
    exact, lasting = lengths(inputs), lengths(inputs, setup.scheme)
    with np.errstate(divide="ignore", invalid="ignore"):
        stretch = np.where(lasting == exact, 1.0, exact / lasting)
    for phase, (work, length) in enumerate(zip(phases(inputs), lasting, strict=True)):
        first, last = multipliers[phase], multipliers[phase + 1]
        exponent, elapsed = np.log(last / first), times - begin
        with np.errstate(divide="ignore", invalid="ignore"):
            # In a phase the inverse multiplier falls linearly: 1 - k s0 t / g of that at its beginning.
            since = elapsed * stretch[phase][:, None]
            inside = np.log(first) - np.log1p(-exponent * first * since / work[:, None])
            over = elapsed >= length[:, None]
        value = np.where(elapsed >= 0.0, np.where(over, np.log(last), inside), value)
        begin = begin + length[:, None]
    return {"research_multiplier": value / np.log(10.0)}


MODEL = Model(
    name="ai2027_takeoff",
    title="Takeoff phases of AI 2027: from the superhuman coder to superintelligence",
    parameters=PARAMETERS,
    milestones=MILESTONES,
    headline="superintelligence",
    observables=OBSERVABLES,
    outcomes=outcomes,
    trajectories=trajectories,
    durations=DURATIONS,
    steps=("month", "quarter", "year"),
    schemes=(CORRECTED, PUBLISHED),
)
