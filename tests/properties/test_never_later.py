"""What can only bring milestones forward, and what can only put them off, draw by draw.

Every property is tried on 5000 wild draws with common random numbers: one input is changed in all of them and
every arrival is compared with its own. At month steps integration errors may turn the order of two dates that
lie close together: any pair in the wrong order by more than `ROUNDING` is run again at steps of 1/512 year
and must then be in order. `COARSE` bounds what steps of a month may get wrong, in the worst of the draws.

Where a property does not hold for all draws, the equations are why: the test's docstring says for which it
does, and another test holds an example for which it does not.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from timecone.models.compute.model import MODEL
from timecone.models.model import Outcomes
from timecone.schema import BoolArray, FloatArray, Status
from wild_draws import ALL, LOOPS, MONTH, OPEN, SHOCKS, Inputs, run, subsets, wild

pytestmark = pytest.mark.slow

HORIZON = 2076.0
FINE = 1.0 / 512.0
#: Years: 1e-3 is nine hours.
ROUNDING, COARSE = 1e-3, 0.1

NAMES = [m.name for m in MODEL.milestones]
MILESTONES = range(len(NAMES))
TAKEN = NAMES.index("taken_over_20")
FASTER = {
    "hardware": ("hardware.doubling_time", 0.8),
    "spending": ("investment.growth", 1.3),
    "algorithms": ("algorithms.halving_time", 0.8),
}
_RUNS: dict[frozenset[str], Outcomes] = {}


def _wild_run(components: Iterable[str]) -> Outcomes:
    on = frozenset(components)
    if on not in _RUNS:
        _RUNS[on] = run(wild(), on, horizon=HORIZON)
    return _RUNS[on]


def _changed(inputs: Inputs, name: str, factor: float, term: float = 0.0) -> Inputs:
    return inputs | {name: inputs[name] * factor + term}


def _chosen(inputs: Inputs, which: BoolArray) -> Inputs:
    return {name: values[..., which] for name, values in inputs.items()}


def _excess(early: Outcomes, late: Outcomes, milestones: Iterable[int]) -> FloatArray:
    """Return by how many years a draw is in the wrong order at most; dates after the horizon are one date."""
    first, second = (np.minimum(o.arrival[list(milestones)], HORIZON) for o in (early, late))
    return (first - second).max(axis=0)


def assert_in_order(
    early: tuple[Inputs, Iterable[str]],
    late: tuple[Inputs, Iterable[str]],
    milestones: Iterable[int] = MILESTONES,
    only: BoolArray | None = None,
) -> None:
    """Assert that no draw of ``early``, inputs and components, arrives after its like in ``late``."""
    milestones = list(milestones)
    runs = [
        _wild_run(on) if inputs is wild() else run(inputs, on, horizon=HORIZON)
        for inputs, on in (early, late)
    ]
    excess = _excess(*runs, milestones)
    wrong = excess > ROUNDING
    if only is not None:
        wrong &= only
    if not wrong.any():
        return
    assert excess[wrong].max() < COARSE
    assert wrong.mean() < 0.02
    again = [run(_chosen(inputs, wrong), on, step=FINE, horizon=HORIZON) for inputs, on in (early, late)]
    fine = _excess(*again, milestones)
    assert fine.max() <= ROUNDING, f"draws {np.flatnonzero(wrong)[fine > ROUNDING]}: {fine.max()} years"


def _begins_without_ai() -> BoolArray:
    """Return in which wild draws AI can do nothing at the start."""
    inputs, found = wild(), _wild_run(ALL)
    gain = np.log10(2.0) / inputs["algorithms.halving_time_past"]
    required = inputs["threshold.requirement"] - gain * (2026.0 - inputs["threshold.reference_year"])
    return found.observed["effective_compute"][0] < required - 1.25 * inputs["automation.gap"]


def test_the_wild_draws_are_wild():
    found = _wild_run(ALL)
    assert not np.isnan(found.arrival).any()
    shares = {status: (found.status[2] == status).mean() for status in Status}
    assert shares[Status.REACHED] > 0.4
    assert shares[Status.NOT_BY_HORIZON] > 0.1
    assert shares[Status.BEFORE_START] > 0.05
    assert shares[Status.FAILED] == 0.0
    assert 0.01 < found.extras["blow_up"].mean() < 0.2
    assert 0.5 < _begins_without_ai().mean() < 0.95


# ----------------------------------------------------------------------------------------- faster trends


@pytest.mark.parametrize("what", FASTER)
def test_faster_trends_never_delay(what):
    """Two exceptions, both in how a draw's past follows from its trends.

    A supply shock sets price-performance back by years of the draw's own trend. Where these reach back before
    the start (setback > start of the shock) a faster trend means that chips were worse then.

    Where AI does something at the start already, the share adopted at the start lags behind by the lag times
    present growth: less is adopted the faster things move, and feedback begins from less.
    """
    only = _begins_without_ai()
    if what == "hardware":
        only &= wild()["shocks.supply_setback"] <= wild()["shocks.supply_start"]
    assert_in_order((_changed(wild(), *FASTER[what]), ALL), (wild(), ALL), only=only)


@pytest.mark.parametrize("what", FASTER)
def test_without_feedback_only_the_setback_is_an_exception(what):
    only = np.ones(5000, dtype=bool)
    if what == "hardware":
        only = wild()["shocks.supply_setback"] <= wild()["shocks.supply_start"]
    able = [m for m in MILESTONES if m != TAKEN]
    assert_in_order((_changed(wild(), *FASTER[what]), OPEN), (wild(), OPEN), able, only)
    # What is taken over at the start lags further behind the faster things move.
    only = only & _begins_without_ai()
    assert_in_order((_changed(wild(), *FASTER[what]), OPEN), (wild(), OPEN), [TAKEN], only)


@pytest.mark.parametrize("components", subsets(8, 5), ids=lambda s: "+".join(sorted(s)))
def test_faster_trends_never_delay_whatever_is_on(components):
    only = _begins_without_ai()[:1000]
    inputs = _chosen(wild(), np.arange(5000) < 1000)
    setback = inputs["shocks.supply_setback"] > inputs["shocks.supply_start"]
    faster = inputs
    for name, factor in FASTER.values():
        faster = _changed(faster, name, factor)
    assert_in_order((faster, components), (inputs, components), only=only & ~setback)


# ------------------------------------------------------------------------------- requirement, gap, lag


@pytest.mark.parametrize("components", [ALL, OPEN, frozenset()], ids=["all", "no feedback", "nothing"])
def test_a_higher_requirement_never_advances(components):
    assert_in_order((wild(), components), (_changed(wild(), "threshold.requirement", 1.0, 0.3), components))


@pytest.mark.parametrize("components", [ALL, OPEN, frozenset()], ids=["all", "no feedback", "nothing"])
def test_a_wider_gap_never_delays(components):
    """The gap lies below the requirement: a wider one begins automation earlier and ends it no later."""
    assert_in_order((_changed(wild(), "automation.gap", 1.3), components), (wild(), components))


@pytest.mark.parametrize("components", [OPEN, frozenset()], ids=["no feedback", "nothing"])
def test_without_feedback_the_gap_does_not_touch_tai(components):
    wider = run(_changed(wild(), "automation.gap", 1.3), components, horizon=HORIZON)
    assert np.abs(_excess(wider, _wild_run(components), [2, 3])).max() < 1e-9


def test_with_feedback_a_wider_gap_advances_tai():
    """So "a higher gap never advances TAI" is false here, in most draws that arrive.

    AI that can do more of the tasks at the same effective compute speeds up what brings the rest: with the
    four loops on, a gap 1.3 times as wide brings TAI forward by more than a day in most draws.
    """
    wider = run(_changed(wild(), "automation.gap", 1.3), ALL, horizon=HORIZON)
    arrives = _wild_run(ALL).status[2] == Status.REACHED
    earlier = _wild_run(ALL).arrival[2][arrives] - wider.arrival[2][arrives]
    assert (earlier > 1.0 / 365.0).mean() > 0.6


def test_slower_adoption_never_advances():
    """Without shocks that throw effective compute back.

    Where it falls, slower adoption also means that less of what AI does is given up.
    """
    components = ALL - {"winter", "supply_shock"}
    slower = _changed(wild(), "automation.adoption_lag", 1.5, 0.1)
    assert_in_order((wild(), components), (slower, components))


@pytest.mark.parametrize("loops", [*((name,) for name in LOOPS), LOOPS], ids="+".join)
def test_feedback_never_delays(loops):
    assert_in_order((wild(), ALL), (wild(), ALL - set(loops)))


@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_alone_never_delays(loop):
    assert_in_order((wild(), OPEN | {loop}), (wild(), OPEN))


# ------------------------------------------------------------------------------------------------ shocks


@pytest.mark.parametrize("components", [ALL, OPEN], ids=["all", "no feedback"])
@pytest.mark.parametrize("shock", SHOCKS)
def test_a_shock_never_advances(shock, components):
    """Where spending never falls: the wild draws' trends grow by 12 % a year at least, and output grows."""
    assert_in_order((wild(), components - {shock}), (wild(), components))


def test_a_pause_also_stops_a_decline():
    shrinking = wild() | {"investment.growth": np.full(5000, 0.7)}
    with_pause = run(shrinking, OPEN - {"winter"}, horizon=HORIZON)
    without = run(shrinking, OPEN - {"winter", "pause"}, horizon=HORIZON)
    assert (_excess(with_pause, without, [2]) < -ROUNDING).any()


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("supply_duration", 1.5),
        ("supply_setback", 1.5),
        ("pause_duration", 1.5),
        ("pause_research_share", 0.7),
        ("winter_depth", 1.5),
    ],
)
def test_a_worse_shock_never_advances(name, factor):
    assert_in_order((wild(), ALL), (_changed(wild(), f"shocks.{name}", factor), ALL))


@pytest.mark.parametrize("name", ["supply_start", "pause_start", "winter_start"])
def test_an_earlier_shock_never_advances_where_growth_does_not_change(name):
    """Without feedback and far from the caps; a pause only without a winter.

    With feedback growth is faster later on, so that a shock costs more the later it comes. A winter throws
    spending back from a cap, and the trend with it: an early one is made up for before the cap is reached, a
    late one is not. A pause ends at the cap of that day: where the cap binds, an early pause is over without
    a trace while a late one still holds; and a pause costs much after a winter.
    """
    inputs, components = wild(), OPEN
    if name == "pause_start":
        components = OPEN - {"winter"}
    if name != "supply_start":
        inputs = inputs | {"investment.cap_share": np.full(5000, 1e60),
                           "investment.cap_usd": np.full(5000, np.inf)}  # fmt: skip
    assert_in_order((inputs, components), (_changed(inputs, f"shocks.{name}", 0.7), components))


@pytest.mark.parametrize("name", ["supply_start", "pause_start", "winter_start"])
def test_elsewhere_an_earlier_shock_may_advance(name):
    earlier = run(_changed(wild(), f"shocks.{name}", 0.7), ALL, horizon=HORIZON)
    excess = -_excess(earlier, _wild_run(ALL), [2])
    assert 0.0005 < (excess > 0.05).mean() < 0.1


# ------------------------------------------------------------------------------------- one and the other


@pytest.mark.parametrize("components", [ALL, *subsets(6, 11)], ids=lambda s: "+".join(sorted(s)))
def test_milestones_come_in_their_order(components):
    inputs = wild() if components == ALL else _chosen(wild(), np.arange(5000) < 1000)
    found = run(inputs, components, step=MONTH, horizon=HORIZON)
    dates = np.minimum(found.arrival, HORIZON)
    late = (found.status == Status.NOT_BY_HORIZON).astype(int)
    # What is taken over comes after what can be done, and stands in no order to the others.
    for order in ([0, 1, 2, 3], [0, TAKEN]):
        assert (np.diff(dates[order], axis=0) >= 0.0).all()
        # Not reached: never before what comes earlier.
        assert (np.diff(late[order], axis=0) >= 0).all()
    deployed = np.isfinite(found.arrival[3])
    delay = found.arrival[3][deployed] - found.arrival[2][deployed]
    np.testing.assert_allclose(delay, inputs["deployment.delay"][deployed], rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("years", [-7.0, 0.3, 25.0])
def test_a_shift_of_all_dates_shifts_the_arrivals(years):
    """The supply limits are stated for 2030: theirs is the one date that must be shifted through a value."""
    inputs = _chosen(wild(), np.arange(5000) < 2000)
    moved = _changed(inputs, "threshold.reference_year", 1.0, years)
    for kind in ("power", "chips", "latency"):
        rise = 10.0 ** (years * inputs[f"supply.{kind}_growth"])
        moved[f"supply.{kind}"] = inputs[f"supply.{kind}"] / rise
    here = run(inputs, ALL, horizon=HORIZON)
    there = run(moved, ALL, start=2026.0 + years, horizon=HORIZON + years)
    np.testing.assert_array_equal(there.status, here.status)
    reached = np.isfinite(here.arrival)
    shift = (there.arrival[reached] - here.arrival[reached]) - years
    # Rounding, multiplied where effective compute touches a level and turns.
    assert np.abs(shift).max() < 1e-6
