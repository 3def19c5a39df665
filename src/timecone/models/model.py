"""What every model is made of: parameters, outputs, a kernel and a tracer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from timecone.schema import BoolArray, ByteArray, FloatArray, Milestone, Observable


@dataclass(frozen=True)
class Parameter:
    """One uncertain input of a model.

    Attributes
    ----------
    name : str
        ``component.quantity``, as in a scenario file.
    unit : str
        The model's unit; a file may use any unit of the same kind.
    meaning : str
        What the number is, in one sentence.
    source : str
        Where the quantity is defined or used in the literature.
    low, high : float
        Open interval of admissible values, in ``unit``.
    includes_low, includes_high : bool
        Whether the ends themselves are admissible.
    components : tuple of str
        The parts of the model that read it; none means all. Where none of them is on, it plays no part.
    default : float or str, optional
        Value where a scenario says nothing, or the parameter whose draws are repeated; None makes the
        parameter mandatory.
    """

    name: str
    unit: str
    meaning: str
    source: str
    low: float = -math.inf
    high: float = math.inf
    default: float | str | None = None
    includes_low: bool = False
    includes_high: bool = False
    components: tuple[str, ...] = ()

    def admits(self, values: FloatArray) -> BoolArray:
        """Return which values the parameter can take; never NaN."""
        above = values >= self.low if self.includes_low else values > self.low
        below = values <= self.high if self.includes_high else values < self.high
        return np.asarray(above & below)

    @property
    def support(self) -> str:
        """The admissible values in words."""
        low = f"{'from' if self.includes_low else 'above'} {self.low:g}"
        parts = [low] if math.isfinite(self.low) else []
        upper = f"{'up to' if self.includes_high else 'below'} {self.high:g}"
        parts += [upper] if math.isfinite(self.high) else []
        return f"{' and '.join(parts)} {self.unit}"


@dataclass(frozen=True)
class Noise:
    """Independent unit-exponential variates that a model needs beside its parameters.

    Attributes
    ----------
    name : str
        Stem of the streams' names.
    count : int
        Variates per draw; they follow the parameters in a block of inputs.
    needed_by : str
        The parameter without which a scenario has none of them.
    """

    name: str
    count: int
    needed_by: str


@dataclass(frozen=True)
class TimeGrid:
    """Equal steps from ``start`` that reach or pass ``horizon``; decimal years."""

    start: float
    horizon: float
    step: float

    @property
    def steps(self) -> int:
        """Number of steps; the last one may reach past the horizon."""
        # A whole number of steps that rounding has lifted by an ulp is still that number.
        return math.ceil((self.horizon - self.start) / self.step - 1e-9)

    @property
    def times(self) -> FloatArray:
        """All edges of steps, shape (steps + 1,)."""
        return self.start + self.step * np.arange(self.steps + 1, dtype=np.float64)

    @property
    def stride(self) -> int:
        """Steps between two observations: a year, or one step where steps are longer."""
        return max(1, round(1.0 / self.step))

    @property
    def observed_times(self) -> FloatArray:
        """Times at which all draws are observed, about once a year."""
        return self.times[:: self.stride]


@dataclass(frozen=True)
class Outcomes:
    """What a kernel says of a block of draws.

    Attributes
    ----------
    arrival : array, shape (milestones, draws)
        Decimal year of the first crossing; +inf where not before the horizon.
    status : array of int8, shape (milestones, draws)
        `timecone.schema.Status` of each milestone.
    observed : array, shape (times, draws)
        The model's main observable at ``TimeGrid.observed_times``.
    """

    arrival: FloatArray
    status: ByteArray
    observed: FloatArray


@dataclass(frozen=True)
class Model:
    """A model family.

    Attributes
    ----------
    name, title : str
        Key in scenario files, and words for people.
    parameters : tuple of Parameter
        In the order of the rows that the kernel reads.
    milestones : tuple of Milestone
        In order of increasing difficulty; the last one is the headline.
    takeoff : tuple of str
        The milestones between which takeoff duration is measured.
    observables : tuple of Observable
        Trajectories that the tracer gives; the first one is observed in every draw.
    thresholds : mapping
        Per-draw levels to compare the first observable with: name to description.
    noise : tuple of Noise
        Random events inside the simulated time.
    outcomes : callable
        ``(inputs, grid) -> Outcomes``; inputs have shape (parameters and noise, draws).
    trajectories : callable
        ``(inputs, grid) -> {observable: array of shape (draws, times)}``.
    levels : callable
        ``inputs, grid -> {threshold name: array of shape (draws,)}``.
    """

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    milestones: tuple[Milestone, ...]
    takeoff: tuple[str, str]
    observables: tuple[Observable, ...]
    outcomes: Callable[[FloatArray, TimeGrid], Outcomes]
    trajectories: Callable[[FloatArray, TimeGrid], dict[str, FloatArray]]
    levels: Callable[[FloatArray, TimeGrid], dict[str, FloatArray]]
    thresholds: Mapping[str, str] = field(default_factory=dict)
    noise: tuple[Noise, ...] = ()

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name, or None."""
        return next((p for p in self.parameters if p.name == name), None)
