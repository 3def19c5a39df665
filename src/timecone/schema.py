"""The vocabulary of a run: array types, names, codes, units.

Rooms that read runs (results, plots, command line) know this module and nothing of the models, so they
read any file written to it, also one made by another program.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

type FloatArray = NDArray[np.float64]
type IntArray = NDArray[np.int64]
type ByteArray = NDArray[np.int8]
type ShortArray = NDArray[np.int16]
type BoolArray = NDArray[np.bool_]

#: Raised by one whenever a reader of the old version would misread a file.
SCHEMA_VERSION: Final = 4
#: Root attribute that marks a file as a run, and its value.
FORMAT_KEY: Final = "timecone_format"
FORMAT: Final = "timecone-run"
#: Attribute ``kind`` of what history writes: draws of a fit, and forecasts from past dates with their scores.
POSTERIOR_KIND: Final = "timecone posterior"
BACKTEST_KIND: Final = "timecone back-test"
HORIZONS_KIND: Final = "timecone horizons"
SUPPLY_KIND: Final = "timecone supply"
HORIZON_BACKTEST_KIND: Final = "timecone back-test of horizons"
RECORD_BACKTEST_KIND: Final = "timecone back-test of records"
#: The method of a back-test that is judged; the others are there to be beaten.
JOINT_FIT: Final = "joint fit"
#: Methods of a back-test of records: a trend whose growth wanders as little as the prior of spending says,
#: the same widened by past errors, and one whose growth wanders more.
DRIFTING_GROWTH: Final = "drifting growth"
WIDENED: Final = "widened by past errors"
FREER_DRIFT: Final = "freer drift"
#: The method that is judged in a back-test, by the attribute ``kind`` of its file.
JUDGED: Final = {BACKTEST_KIND: JOINT_FIT, RECORD_BACKTEST_KIND: DRIFTING_GROWTH}
#: Series that a back-test forecasts: words, unit.
SERIES: Final = {
    "compute": ("Largest training run so far", "log10 FLOP"),
    "spending": ("Costliest training run so far", "log10 USD of 2023"),
    "price_performance": ("Training FLOP per USD of the year's frontier runs", "log10 FLOP/USD"),
}

INPUTS: Final = "inputs"
OUTCOMES: Final = "outcomes"
PATHS: Final = "paths"
SUMMARY: Final = "summary"
#: Counts by replicate, only in runs whose draws are not independent.
REPLICATES: Final = "replicates"
GROUPS: Final = (INPUTS, OUTCOMES, PATHS, SUMMARY)
#: Counts by value of each choice, as in the summary with a cell for each value; only in runs whose choices
#: have more combinations than `MOST_STRATA`, which then are not counted. The second one is by replicate.
BY_VALUE: Final = "by_value"
REPLICATES_BY_VALUE: Final = "replicates_by_value"
#: Combinations of choices that are counted each.
MOST_STRATA: Final = 64

#: What every run has, by group: variables and coordinates with their dimensions. All else may be missing.
REQUIRED: Final = {
    OUTCOMES: {
        "arrival": ("milestone", "draw"),
        "standing": ("draw",),
        "milestone": ("milestone",),
    },
    SUMMARY: {
        "arrival_count": ("milestone", "cell", "date_bin"),
        "arrival_beyond": ("milestone", "cell"),
        "standing_count": ("cell", "standing"),
        "milestone": ("milestone",),
        "milestone_label": ("milestone",),
        "milestone_definition": ("milestone",),
        "cell": ("cell",),
    },
}
#: What a run whose model has durations has of each, in the summary.
DURATION_COUNTS: Final = {
    "duration_count": ("duration", "cell", "duration_bin"),
    "duration_beyond": ("duration", "cell"),
    "duration_from_start": ("duration", "cell"),
    "duration": ("duration",),
    "duration_label": ("duration",),
}
#: Attribute of the summary: the date at which the first bin of arrivals begins.
ORIGIN: Final = "origin"

#: Width of the bins in which arrivals and durations are counted, in years (1.8 days).
BIN_WIDTH: Final = 0.005
BINS_PER_YEAR: Final = 200


class Status(IntEnum):
    """How a milestone ended in one draw."""

    REACHED = 0
    NOT_BY_HORIZON = 1
    NEVER = 2
    BEFORE_START = 3
    FAILED = 4


class Inclusion(IntEnum):
    """Whether a draw counts in the tables."""

    COUNTED = 0
    REMOVED_NOT_YET = 1
    FAILED = 2
    REMOVED_EVIDENCE = 3


class Reason(StrEnum):
    """Why a draw failed, as far as it does not depend on the model."""

    label: str

    UNDEFINED = "undefined", "the result is undefined (such as log or sqrt of a negative number, inf - inf)"
    DIVISION_BY_ZERO = "division_by_zero", "division by zero"
    OVERFLOW = "overflow", "overflow (a number above 1.8e308)"
    OUTSIDE_SUPPORT = "outside_support", "the computed value is not one that the parameter can take"
    NOT_A_NUMBER = "not_a_number", "an output of the model is not a number"
    NO_ANSWER = "no_answer", "the model gives no answer"

    def __new__(cls, value: str, label: str) -> Self:
        """Build a reason from its key and its label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


@dataclass(frozen=True)
class Failure:
    """A way in which draws can fail.

    Attributes
    ----------
    reason : str
        Key: one of `Reason`, or one of the model's own.
    label : str
        The reason in words.
    where : str
        The quantity whose formula fails; empty for a failure of the model.
    """

    reason: str
    label: str
    where: str = ""

    @property
    def name(self) -> str:
        """Key in run files, ``reason@quantity``; made of what CF allows in ``flag_meanings``."""
        return f"{self.reason}@{self.where}" if self.where else self.reason


@dataclass(frozen=True)
class Milestone:
    """An event whose first date a model gives.

    Attributes
    ----------
    name : str
        Key in files and calls.
    label : str
        Short words for tables and figures.
    definition : str
        What exactly happens at that date.
    """

    name: str
    label: str
    definition: str


@dataclass(frozen=True)
class Duration:
    """The time between two milestones.

    Attributes
    ----------
    name : str
        Key in files and calls.
    label : str
        Short words for tables and figures.
    begin, end : str
        The milestones.
    """

    name: str
    label: str
    begin: str
    end: str


@dataclass(frozen=True)
class Grid:
    """Equal bins in which the values of an observable are counted.

    Attributes
    ----------
    low, width : float
        Lower end of the first bin, and width of each, in the observable's unit.
    bins : int
        Number of bins. The first and the last one also hold all values below and above.
    """

    low: float
    width: float
    bins: int

    @property
    def high(self) -> float:
        """Upper end of the last bin."""
        return self.low + self.width * self.bins


@dataclass(frozen=True)
class Threshold:
    """A level, uncertain itself, that an observable has to reach.

    Attributes
    ----------
    name : str
        Key in files and calls.
    meaning : str
        What the level is, with its unit.
    """

    name: str
    meaning: str


@dataclass(frozen=True)
class Observable:
    """A trajectory that a model gives.

    Attributes
    ----------
    name : str
        Key in files and calls.
    label : str
        Words for the axis, without the unit.
    unit : str
        Unit of the stored numbers; one that begins with "log10" says that they are logarithms.
    grid : Grid, optional
        Bins in which its values are counted over all draws; without, only stored paths show it.
    threshold : Threshold, optional
        What it has to reach; of an observable that is counted.
    factor : str
        What part of the model's main observable it is, as a factor: in log10 units the parts sum to it.
    note : str
        A sentence for captions: what the unit refers to; ``{start:g}`` stands for the start.
    """

    name: str
    label: str
    unit: str
    grid: Grid | None = None
    threshold: Threshold | None = None
    factor: str = ""
    note: str = ""


@dataclass(frozen=True)
class Extra:
    """A date, a number or a flag that a model gives of every draw, beside its milestones.

    Attributes
    ----------
    name : str
        Key in files and calls.
    label : str
        Short words for tables.
    unit : str
        Unit of the stored numbers; "1" for dates, which are decimal years, and for flags.
    definition : str
        What exactly it says.
    kind : {"date", "number", "flag"}
        Dates are +inf where not before the horizon; numbers may be infinite; flags are 0 or 1.
    components : tuple of str
        The components of the model that give it, any one of them; none for one that is always given.
    before : str
        Of a date: the milestone before which it counts. It is +inf also where that milestone comes first.
    """

    name: str
    label: str
    unit: str
    definition: str
    kind: Literal["date", "number", "flag"]
    components: tuple[str, ...] = ()
    before: str = ""

    def is_given(self, on: frozenset[str]) -> bool:
        """Return whether a model gives it with these components switched on."""
        return not self.components or not on.isdisjoint(self.components)


#: Levels of the stored fan, percent.
FAN_PERCENTILES: Final = (1.0, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0)

#: Attribute of a variable of the inputs that the model computed from them and from its random events.
DERIVED: Final = "derived"
#: Variable of the outcomes: why each draw failed, as a code; 0 for a draw that did not.
FAILURE: Final = "failure"
#: Share of failed draws above which commands end with an exit code of their own.
MOST_FAILED: Final = 0.01

#: Attributes of a duration's variable: that it is one, and the milestones between which it is measured.
IS_DURATION: Final = "duration"
BEGINS: Final = "begins"
ENDS: Final = "ends"
#: Attributes of the percentiles and the counts of an observable: its bins.
GRID_LOW: Final = "grid_low"
GRID_WIDTH: Final = "grid_width"
GRID_BINS: Final = "grid_bins"
#: Prefix of the percentiles of an observable in the summary, and suffix of the counts of a threshold.
FAN_OF: Final = "fan_"
COUNT_OF: Final = "_count"
#: Attribute of percentiles that names the threshold of their observable.
THRESHOLD: Final = "threshold"
#: Attribute of a trajectory and its percentiles: a sentence on what the unit refers to.
NOTE: Final = "note"
#: Root attribute that names the observable that a run is about, if it is about one.
MAIN_OBSERVABLE: Final = "main_observable"
#: Root attribute, ``part=observable`` with a space between: the factors of the main observable.
FACTORS: Final = "factors"
#: Root attribute: the milestone after which a draw's trajectories are extrapolated; empty for none.
EXTRAPOLATED: Final = "extrapolated_after"
#: Scale of the sums of likelihoods, which are counted as whole numbers so that their order does not matter.
LIKELIHOOD_UNIT: Final = 2**20
#: Root attribute that names the milestone a run is about.
HEADLINE: Final = "headline"
#: Attribute of a variable of the outcomes that marks it as an extra and says of which kind.
EXTRA_KIND: Final = "extra"
#: Attribute of an extra's variable that names the milestone before which the date counts.
EXTRA_BEFORE: Final = "before"
#: Root attributes, names with a space between: the components of the model that were switched on, and the
#: choices in the order of the scenario file. A file of another program may lack them.
COMPONENTS: Final = "components"
CHOICES: Final = "choices"
#: Root attributes, only in runs that draw again: how many draws were, how often in all, and until what held.
REDRAWN: Final = "redrawn"
REDRAWS: Final = "redraws"
REDRAWN_UNTIL: Final = "redrawn_until"
#: Root attribute, only in runs given a condition: the condition.
GIVEN: Final = "given"
#: Root attributes, only in runs with a softer not-yet rule: the rule, its numbers as ``name=value`` with a
#: space between, and how many of all draws date a milestone of the rule too early.
NOT_YET_RULE: Final = "not_yet_rule"
NOT_YET_NUMBERS: Final = "not_yet_numbers"
CONTRADICTED: Final = "contradicted"
#: Softer not-yet rules, which are also values of `NOT_YET_RULE`, and the variable of the outcomes that each
#: adds: the probability with which a draw is kept, and by how many years its dates were moved later.
LIKELIHOOD_RULE: Final = "likelihood"
SHIFT_RULE: Final = "shift"
NOT_YET_LIKELIHOOD: Final = "not_yet_likelihood"
SHIFT: Final = "shift"
#: Separates the values of several choices in the label of a cell.
STRATUM_SEPARATOR: Final = " / "
