"""What every model is made of: parameters, outputs, a kernel and a tracer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from timecone.schema import BoolArray, ByteArray, Duration, Extra, FloatArray, Grid, Milestone, Observable


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
    default : float or str, optional
        Value where a scenario says nothing, or the parameter whose draws are repeated; None makes the
        parameter mandatory, where anything reads it.
    components : tuple of str
        The components that read it; none for one that is always read. Where all of them are switched off it
        is not drawn, and its row in a block of inputs is 0.
    replaced_by : tuple of str
        Components that compute in another way what the parameter is for: with any of them switched on nothing
        reads it.
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
    replaced_by: tuple[str, ...] = ()

    def is_read(self, on: frozenset[str]) -> bool:
        """Return whether the model reads the parameter with these components switched on."""
        wanted = not self.components or not on.isdisjoint(self.components)
        return wanted and on.isdisjoint(self.replaced_by)

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
        return " and ".join(parts) + ("" if self.unit == "1" else f" {self.unit}")


@dataclass(frozen=True)
class Component:
    """A part of a model that a scenario can switch on and off.

    It is on where a scenario gives any of ``needs``, unless its table ``[components]`` says otherwise.

    Attributes
    ----------
    name, title : str
        Key in scenario files, and words for people.
    needs : tuple of str
        Parameters without which it cannot be on.
    meaning : str
        What it adds to the model, in one sentence.
    any_of : bool
        Whether one of ``needs`` is enough.
    one_of : tuple of tuple of str
        Groups of parameters, each with a default, of which a scenario must give one at least: with the
        defaults alone the component would do nothing.
    excludes : tuple of str
        Components that cannot be on together with it.
    requires : tuple of str
        Components without which it does nothing, so that it is off where one of these is.
    """

    name: str
    title: str
    needs: tuple[str, ...]
    meaning: str
    any_of: bool = False
    one_of: tuple[tuple[str, ...], ...] = ()
    excludes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Inputs that mean something only together.

    A file that replaces an inherited input of ``basis`` states the ``members`` too, or keeps the
    inherited ones explicitly. Inherited ``qualifiers`` go with what they qualify: the default of the model
    takes their place.

    Attributes
    ----------
    basis : tuple of str
        Parameters, or ``"time.start"``.
    reason : str
        Why they belong together, as a clause.
    members, qualifiers : mapping of str to str
        Parameters whose meaning rests on the basis, each with what it says of the basis. Qualifiers have a
        default that is the plain reading of the basis.
    plain_at_start : tuple of str
        Members that need not be stated again where they are certain and equal to the start: that is how a
        reader takes the basis anyway.
    """

    basis: tuple[str, ...]
    reason: str
    members: Mapping[str, str] = field(default_factory=dict)
    qualifiers: Mapping[str, str] = field(default_factory=dict)
    plain_at_start: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventClock:
    """Waiting times of random events: independent unit-exponential variates beside the parameters.

    Attributes
    ----------
    name : str
        Stem of the streams' names.
    count : int
        Variates per draw.
    needed_by : str
        The parameter without which a scenario has none of them: it must be given, and be read.
    """

    name: str
    count: int
    needed_by: str

    @property
    def rows(self) -> tuple[str, ...]:
        """Names of the variates, one per row of a block of inputs."""
        return tuple(f"{self.name}_{k + 1:02d}" for k in range(self.count))


@dataclass(frozen=True)
class Constraint:
    """What several parameters must satisfy together, such as shares that sum to at most 1.

    Attributes
    ----------
    name : str
        Key of the failure in run files.
    parameters : tuple of str
        The parameters.
    holds : callable
        ``(*arrays of shape (draws,)) -> array of bool``: the parameters in the model's units.
    meaning : str
        What must hold, as a clause: "the shares sum to at most 1".
    optional : bool
        Whether it must hold only where a scenario asks for it, in ``[redraw]``.
    """

    name: str
    parameters: tuple[str, ...]
    holds: Callable[..., BoolArray]
    meaning: str
    optional: bool = False


@dataclass(frozen=True)
class ModelFigure:
    """A figure that only runs of one model have.

    Attributes
    ----------
    name : str
        Key on the command line.
    title : str
        What it shows, as a heading of a page.
    draw : str
        The function that draws it, as ``module:function``; imported when it is asked for.
    """

    name: str
    title: str
    draw: str


@dataclass(frozen=True)
class Derived:
    """Numbers that a model computes of each draw before it starts.

    Attributes
    ----------
    values : array, shape (draws,) or (draws, events)
    unit, meaning : str
        Unit of the numbers, and what they are, in one sentence.
    events : str
        Name of the second dimension; empty where there is none.
    """

    values: FloatArray
    unit: str
    meaning: str
    events: str = ""


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
class Setup:
    """What a model is told beside its inputs; the same for all draws of a run.

    Attributes
    ----------
    grid : TimeGrid
        The steps.
    components : frozenset of str
        Names of the components that are switched on.
    clocks : tuple of str
        Names of the event clocks that the inputs hold, in the model's order; their rows follow the
        parameters'.
    evidence_step : int
        The step at whose end the model's observable of evidence is wanted; 0 for the start.
    scheme : str
        How the model steps, one of `Model.schemes`; empty for a model that knows one way only.
    """

    grid: TimeGrid
    components: frozenset[str] = frozenset()
    clocks: tuple[str, ...] = ()
    evidence_step: int = 0
    scheme: str = ""


@dataclass(frozen=True)
class Outcomes:
    """What a kernel says of a block of draws.

    Attributes
    ----------
    arrival : array, shape (milestones, draws)
        Decimal year of the first crossing; +inf where not before the horizon.
    status : array of int8, shape (milestones, draws)
        `timecone.schema.Status` of each milestone.
    observed : dict of str to array, shape (times, draws)
        Every observable that has a grid, at ``TimeGrid.observed_times``.
    extras : dict of str to array, shape (draws,)
        What else the model says of each draw, as `Model.extras` declares. Dates are decimal years, +inf where
        not before the horizon; flags 0 or 1; nothing is NaN.
    failure : array of int8, shape (draws,), optional
        0, or 1 + the position in `Model.failures` of why the draw has the status FAILED.
    evidence : array, shape (draws,), optional
        The observable `Model.evidence` at the end of ``Setup.evidence_step``; None where the model has none.
    """

    arrival: FloatArray
    status: ByteArray
    observed: dict[str, FloatArray]
    extras: dict[str, FloatArray] = field(default_factory=dict)
    failure: ByteArray | None = None
    evidence: FloatArray | None = None


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
        In the order of tables.
    headline : str
        The milestone that the model is about: the not-yet rule and the tables by choice are about it.
    observables : tuple of Observable
        Trajectories that the tracer gives. The first one that has a grid is the main one.
    durations : tuple of Duration
        Times between two milestones; none, one or several.
    clocks : tuple of EventClock
        Random events inside the simulated time.
    components : tuple of Component
        Parts that a scenario can switch.
    extras : tuple of Extra
        Numbers, dates and flags that the kernel gives of each draw beside the milestones.
    groups : tuple of Group
        Parameters that mean something only together.
    evidence : str
        The observable that a scenario may compare with measurements; empty for none.
    outcomes : callable
        ``(inputs, setup) -> Outcomes``; inputs have shape (parameters and clocks, draws), see `clock_rows`.
    trajectories : callable
        ``(inputs, setup) -> {observable: array of shape (draws, times)}``; observables of components that are
        switched off may be left out.
    thresholds : callable
        ``(inputs, setup) -> {threshold: array of shape (draws,)}`` for the threshold of every observable that
        has one.
    constraints : tuple of Constraint
        What several parameters must satisfy together.
    steps : tuple of str
        Lengths of a time step that a scenario may choose, as in `timecone.units.STEPS`; the first one is the
        default.
    schemes : tuple of str
        Ways to step, of which a scenario may choose one as ``time.scheme``; the first one is the default.
    extrapolated_with : tuple of str
        Components with any of which the trajectories of a draw are extrapolated after its headline.
    figures : tuple of ModelFigure
        Figures that only runs of this model have.
    failures : mapping
        Why a draw can fail in the model: key to description.
    derived : callable
        ``(inputs, setup) -> {name: Derived}``: what the model computes from its inputs and clocks before it
        starts, such as the times of random events. It is stored with the inputs, in place of one of the same
        name, so that a reader can recompute every draw from what is stored.
    factors_with : mapping
        Component to the factors of the main observable that take the place of those that its observables
        state, by part, where that component is on.
    """

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    milestones: tuple[Milestone, ...]
    headline: str
    observables: tuple[Observable, ...]
    outcomes: Callable[[FloatArray, Setup], Outcomes]
    trajectories: Callable[[FloatArray, Setup], dict[str, FloatArray]]
    durations: tuple[Duration, ...] = ()
    thresholds: Callable[[FloatArray, Setup], dict[str, FloatArray]] = lambda _inputs, _setup: {}
    constraints: tuple[Constraint, ...] = ()
    steps: tuple[str, ...] = ("quarter", "year", "month")
    schemes: tuple[str, ...] = ()
    extrapolated_with: tuple[str, ...] = ()
    figures: tuple[ModelFigure, ...] = ()
    clocks: tuple[EventClock, ...] = ()
    components: tuple[Component, ...] = ()
    extras: tuple[Extra, ...] = ()
    groups: tuple[Group, ...] = ()
    failures: Mapping[str, str] = field(default_factory=dict)
    derived: Callable[[FloatArray, Setup], dict[str, Derived]] = lambda _inputs, _setup: {}
    evidence: str = ""
    factors_with: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def factors(self, components: frozenset[str]) -> dict[str, str]:
        """Return the observables that the main one splits into, by part, with these components on."""
        for component, parts in self.factors_with.items():
            if component in components:
                return dict(parts)
        return {o.factor: o.name for o in self.observables if o.factor}

    @property
    def counted_observables(self) -> tuple[Observable, ...]:
        """Observables whose values are counted over all draws; the first one is the main one."""
        return tuple(o for o in self.observables if o.grid is not None)

    @property
    def grids(self) -> dict[str, Grid]:
        """Bins of every observable that is counted, by its name."""
        return {o.name: o.grid for o in self.observables if o.grid is not None}

    @property
    def threshold_grids(self) -> dict[str, Grid]:
        """Bins in which every threshold is counted, those of its observable, by the threshold's name."""
        return {o.threshold.name: o.grid for o in self.observables if o.grid and o.threshold}

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name, or None."""
        return next((p for p in self.parameters if p.name == name), None)

    def clock_rows(self, setup: Setup) -> dict[str, slice]:
        """Return the rows of each clock in a block of inputs, by the clock's name."""
        rows, first = {}, len(self.parameters)
        for clock in self.clocks:
            if clock.name in setup.clocks:
                rows[clock.name] = slice(first, first + clock.count)
                first += clock.count
        return rows

    def rows(self, setup: Setup) -> int:
        """Return how many rows a block of the model's inputs has."""
        return max((part.stop for part in self.clock_rows(setup).values()), default=len(self.parameters))

    def extras_of(self, components: frozenset[str]) -> tuple[Extra, ...]:
        """Return the extras that the kernel gives with these components switched on."""
        return tuple(e for e in self.extras if e.is_given(components))
