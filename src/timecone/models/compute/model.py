"""Compute model: its parameters, milestones, extras and observables, and how a block of draws is run."""

from __future__ import annotations

import numpy as np

from timecone.models.compute import parameters as table
from timecone.models.compute.components import algorithms, deployment, hardware, shocks
from timecone.models.compute.components.algorithms import BREAKTHROUGH_DATES, BREAKTHROUGHS
from timecone.models.compute.components.alternatives import ALTERNATIVES, COMPUTE_TREND
from timecone.models.compute.components.data_wall import DATA_WALL
from timecone.models.compute.components.threshold import requirement_at_start
from timecone.models.compute.engine import alternatives, log_space, observe, open_loop, run
from timecone.models.compute.engine.milestone import DEPLOYED, FAILURES, TAI
from timecone.models.compute.groups import GROUPS
from timecone.models.compute.parameters import COMPONENTS, PARAMETERS
from timecone.models.model import Derived, Model, ModelFigure, Outcomes, Setup, TimeGrid
from timecone.numerics.compiled import on_arrays
from timecone.schema import ByteArray, Duration, Extra, FloatArray, IntArray, Milestone, Status

_MILESTONES = (
    Milestone(
        "automation_20",
        "20 % automated",
        "the largest training run reaches the effective compute at which AI can do 20 % of"
        " economically valuable remote tasks",
    ),
    Milestone(
        "automation_50",
        "50 % automated",
        "the same for 50 % of these tasks",
    ),
    Milestone(
        "tai",
        "TAI",
        "transformative AI: the largest training run reaches the required effective compute, so that AI"
        " can do all of these tasks",
    ),
    Milestone(
        "tai_deployed",
        "TAI deployed",
        "transformative AI is at work, some time after the training run that reaches it is feasible",
    ),
    Milestone(
        "taken_over_20",
        "20 % taken over",
        "AI has taken over 20 % of economically valuable remote tasks: the share that it does, which follows"
        " the share that it can do with the adoption lag",
    ),
)

_EXTRAS = (
    Extra(
        "data_exhaustion",
        "Training data exhausted",
        "1",
        "Date before TAI at which compute-optimal training of the largest run first wants more data than"
        " there are.",
        "date",
        (DATA_WALL,),
        before="tai",
    ),
    Extra(
        "cap_reached",
        "Spending cap reached",
        "1",
        "Date before TAI at which the uncapped trend of spending first exceeds its caps, and spending is half"
        " of them.",
        "date",
        before="tai",
    ),
    Extra(
        "run_length_limit",
        "Longest sensible run at the start",
        "year",
        "1 / (sum of the growth rates of hardware, algorithms and spending): a longer run is overtaken.",
        "number",
    ),
    Extra(
        "ai_workers",
        "AI copies at TAI, log10",
        "OOM",
        "Copies of the trained model that the chips of the run that reaches TAI can run, log10; -inf where"
        " TAI is not reached.",
        "number",
    ),
    Extra(
        "blow_up",
        "Rests on a blow-up",
        "1",
        "Effective compute grows by more than 20 OOM per year when TAI is reached.",
        "flag",
    ),
    Extra(
        "falls_back",
        "Falls back below the requirement",
        "1",
        "Effective compute is below the requirement at the end of a later step than that in which TAI is"
        " reached.",
        "flag",
        ALTERNATIVES,
    ),
)


#: Observables that are not there where training compute is one trend.
_UNDIVIDED = ("price_performance", "spending", "output")


def _requirement(inputs: FloatArray, start: float) -> FloatArray:
    """Return the requirement with the algorithms of the start, log10 FLOP, shape (draws,)."""
    gain = on_arrays(algorithms.past_gain)(
        inputs[table.HALVING_TIME_PAST], start, inputs[table.REFERENCE_YEAR]
    )
    stated, complexity = inputs[table.REQUIREMENT], inputs[table.NEURON_COMPLEXITY]
    return np.asarray(on_arrays(requirement_at_start)(stated, complexity, gain))


def _has_alternatives(setup: Setup) -> bool:
    """Return whether any component takes the place of the trends of the open loop."""
    return not setup.components.isdisjoint(ALTERNATIVES)


def _breakthroughs(inputs: FloatArray, setup: Setup) -> FloatArray:
    """Return breakthrough times, shape (draws, events); no events where a scenario has none."""
    gaps = inputs[MODEL.clock_rows(setup).get(BREAKTHROUGHS.name, slice(0))]
    rate = inputs[table.BREAKTHROUGH_RATE]
    return np.ascontiguousarray(algorithms.breakthrough_dates(rate, gaps).T)


def _shock_starts(inputs: FloatArray, setup: Setup) -> FloatArray:
    """Return when each shock begins, years after the start, shape (shocks, draws)."""
    rows = MODEL.clock_rows(setup)
    out = np.full((len(shocks.SHOCKS), inputs.shape[1]), np.inf)
    for k, (name, wait) in enumerate(zip(shocks.SHOCKS, shocks.WAITS, strict=True)):
        if name in setup.components:
            stem = shocks.STEMS[name]
            drawn = inputs[rows[wait.name]][0] if wait.name in rows else None
            stated, hazard = inputs[table.ROW[f"{stem}_start"]], inputs[table.ROW[f"{stem}_hazard"]]
            out[k] = shocks.start_of(stated, hazard, drawn)
    return out


def _features(setup: Setup) -> int:
    """Return the bits of the components that are on."""
    return sum(table.BIT[name] for name in setup.components)


def _open_loop(
    inputs: FloatArray, setup: Setup, arrival: FloatArray, status: ByteArray, observed: FloatArray
) -> dict[str, FloatArray]:
    grid = setup.grid
    draws = inputs.shape[1]
    extras, dates = np.empty((draws, open_loop.EXTRAS)), _breakthroughs(inputs, setup)
    open_loop.run_tiles(
        inputs,
        dates,
        grid.start,
        grid.horizon,
        grid.step,
        grid.steps,
        grid.stride,
        setup.evidence_step,
        arrival,
        status,
        extras,
        observed,
    )
    far = log_space.leaves_range(inputs, dates, grid.start, grid.steps * grid.step) & (extras[:, 2] == 0.0)
    if far.any():
        dated, named = arrival[far], status[far]
        compute, observed_far = np.empty(len(dated)), np.empty((len(observed), len(dated)))
        needed = thresholds(inputs[:, far], setup)["requirement"]
        extras[far, 3] = log_space.solve(
            inputs[:, far], dates[far], needed, grid, setup.evidence_step, dated, named, compute, observed_far
        )
        arrival[far], status[far], observed[:, far], extras[far, 1] = dated, named, observed_far, compute
    names = ("cap_reached", "compute_at", "failure", "adopted_share")
    return dict(zip(names, extras.T, strict=True)) | {"blow_up": np.zeros(draws)}


def _order(inputs: FloatArray, start: float) -> IntArray:
    """Return the draws in the order of when the trends alone would come to the requirement."""
    present = np.log10(inputs[table.PRICE_PERFORMANCE] * inputs[table.LARGEST_RUN])
    rate = on_arrays(hardware.trend)(inputs[table.DOUBLING_TIME])
    rate = rate + on_arrays(algorithms.trend)(inputs[table.HALVING_TIME])
    return np.argsort((_requirement(inputs, start) - present) / rate)


def _stepped(
    inputs: FloatArray, setup: Setup, arrival: FloatArray, status: ByteArray, observed: FloatArray
) -> dict[str, FloatArray]:
    grid = setup.grid
    extras = np.empty((inputs.shape[1], run.EXTRAS))
    run.run_tiles(
        inputs,
        _breakthroughs(inputs, setup),
        _shock_starts(inputs, setup),
        _order(inputs, grid.start),
        _features(setup),
        grid.start,
        grid.horizon,
        grid.step,
        grid.steps,
        grid.stride,
        setup.evidence_step,
        arrival,
        status,
        extras,
        observed,
    )
    names = ("data_exhaustion", "cap_reached", "compute_at", "blow_up", "failure", "adopted_share")
    return dict(zip(names, extras.T, strict=True))


def _alternative(
    inputs: FloatArray, setup: Setup, arrival: FloatArray, status: ByteArray, observed: FloatArray
) -> dict[str, FloatArray]:
    extras = alternatives.run(
        inputs, _features(setup), setup.grid, setup.evidence_step, arrival, status, observed
    )
    names = ("cap_reached", "compute_at", "failure", "adopted_share", "growth", "falls_back")
    return dict(zip(names, extras, strict=True)) | {"blow_up": np.zeros(inputs.shape[1])}


def _deploy(inputs: FloatArray, grid: TimeGrid, arrival: FloatArray, status: ByteArray) -> None:
    """Fill the milestone of deployment from that of TAI; arrays of shape (draws, milestones).

    Its status is that of its own date: TAI before the start may be deployed after it.
    """
    date = arrival[:, TAI] + inputs[table.DELAY]
    dated = np.isfinite(arrival[:, TAI])
    late = dated & ~(date < grid.horizon)
    own = np.select([late, date <= grid.start], [Status.NOT_BY_HORIZON, Status.BEFORE_START], Status.REACHED)
    arrival[:, DEPLOYED] = np.where(late, np.inf, date)
    status[:, DEPLOYED] = np.where(dated, own, status[:, TAI])


def _growth(inputs: FloatArray) -> list[FloatArray]:
    """Return the growth of hardware, algorithms and spending by their trends, OOM per year."""
    return [
        on_arrays(hardware.trend)(inputs[table.DOUBLING_TIME]),
        on_arrays(algorithms.trend)(inputs[table.HALVING_TIME]),
        np.log10(inputs[table.INVESTMENT_GROWTH]),
    ]


def _extras(
    inputs: FloatArray, setup: Setup, results: dict[str, FloatArray], reached: FloatArray
) -> dict[str, FloatArray]:
    """Return the extras of every draw.

    ``results`` come from a kernel, dates in years after the start; ``reached`` is the arrival of TAI.
    """
    extras: dict[str, FloatArray] = {"blow_up": results["blow_up"]}
    if "falls_back" in results:
        extras["falls_back"] = results["falls_back"]
    for name in ("data_exhaustion", "cap_reached"):
        if name in results:
            date = setup.grid.start + results[name]
            # With feedback a draw is integrated no further than TAI; without, the date must mean the same.
            extras[name] = np.where((date < setup.grid.horizon) & (date <= reached), date, np.inf)
    growth = [results["growth"]] if "growth" in results else _growth(inputs)
    run_length = deployment.run_length_limit(*growth)
    copies = deployment.log_copies(results["compute_at"], run_length, inputs[table.TOKENS_PER_SECOND])
    extras["run_length_limit"] = run_length
    extras["ai_workers"] = np.where(np.isfinite(reached), copies, -np.inf)
    return {extra.name: extras[extra.name] for extra in MODEL.extras_of(setup.components)}


def outcomes(inputs: FloatArray, setup: Setup) -> Outcomes:
    """Run a block of draws; inputs of shape (parameters and event clocks, draws) in the table's order.

    Without feedback, wall, limits and shocks the closed form is solved; else the model is stepped.
    """
    draws = inputs.shape[1]
    arrival = np.full((draws, len(_MILESTONES)), np.inf)
    status = np.zeros((draws, len(_MILESTONES)), dtype=np.int8)
    observed = np.empty((len(setup.grid.observed_times), draws))
    engine = _stepped if setup.components else _open_loop
    if _has_alternatives(setup):
        engine = _alternative
    results = engine(inputs, setup, arrival, status, observed)
    _deploy(inputs, setup.grid, arrival, status)
    extras = _extras(inputs, setup, results, arrival[:, TAI])
    return Outcomes(
        arrival.T,
        status.T,
        {observe.OBSERVABLES[0].name: observed},
        extras,
        results["failure"].astype(np.int8),
        results["adopted_share"],
    )


def derived(inputs: FloatArray, setup: Setup) -> dict[str, Derived]:
    """Return when shocks and breakthroughs happen, from the start on; +inf for what does not."""
    starts = dict(zip(shocks.SHOCKS, _shock_starts(inputs, setup), strict=True))
    times = {
        f"{shocks.STEMS[name]}_start": Derived(
            start, "year", f"When it begins, years after the start, as used ({name}); +inf: does not happen."
        )
        for name, start in starts.items()
        if name in setup.components
    }
    dates = _breakthroughs(inputs, setup)
    if dates.shape[1]:
        times[BREAKTHROUGH_DATES] = Derived(
            np.where(dates < setup.grid.horizon - setup.grid.start, dates, np.inf),
            "year",
            "Breakthroughs, years after the start, as used; +inf: none more before the horizon.",
            "breakthrough",
        )
    return times


def trajectories(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return every observable of every draw at every step, shape (draws, times)."""
    grid = setup.grid
    out = np.empty((len(observe.OBSERVABLES), inputs.shape[1], grid.steps + 1))
    if _has_alternatives(setup):
        alternatives.trace(inputs, _features(setup), grid.start, grid.step, out)
        absent = _UNDIVIDED if COMPUTE_TREND in setup.components else ()
        return {o.name: out[k] for k, o in enumerate(observe.OBSERVABLES) if o.name not in absent}
    observe.trace(
        inputs,
        _breakthroughs(inputs, setup),
        _shock_starts(inputs, setup),
        _features(setup),
        grid.start,
        grid.step,
        out,
    )
    return {o.name: out[k] for k, o in enumerate(observe.OBSERVABLES)}


def thresholds(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return per draw the requirement with the algorithms of the start, log10 FLOP."""
    if _has_alternatives(setup):
        needed = np.empty(inputs.shape[1])
        alternatives.requirements(inputs, setup.grid.start, _features(setup), needed)
        return {"requirement": needed}
    return {"requirement": _requirement(inputs, setup.grid.start)}


MODEL = Model(
    name="compute",
    title="Effective compute of the largest training run against a threshold",
    parameters=PARAMETERS,
    milestones=_MILESTONES,
    headline="tai",
    durations=(Duration("takeoff_duration", "takeoff duration", "automation_20", "tai"),),
    clocks=(*shocks.WAITS, BREAKTHROUGHS),
    components=COMPONENTS,
    extras=_EXTRAS,
    groups=GROUPS,
    observables=observe.OBSERVABLES,
    evidence="adopted_share",
    outcomes=outcomes,
    trajectories=trajectories,
    thresholds=thresholds,
    figures=(
        ModelFigure(
            "automation",
            "Share of tasks that AI can do over time",
            "timecone.models.compute.figures:automation",
        ),
        ModelFigure(
            "spending",
            "Spending on the largest run against what bounds it",
            "timecone.models.compute.figures:spending",
        ),
    ),
    extrapolated_with=("software_feedback", "hardware_feedback", "investment_feedback", "output_feedback"),
    failures=FAILURES,
    derived=derived,
    factors_with={COMPUTE_TREND: {"compute": "training_compute", "algorithms": "algorithmic_gain"}},
)
