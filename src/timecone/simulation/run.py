"""The two public calls: `sample` draws inputs, `simulate` runs a scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import xarray as xr

from timecone.errors import ArgumentError
from timecone.inputs.designs import Design, make_design
from timecone.inputs.sampler import LANES
from timecone.results.precision import precision
from timecone.scenario.compile import computed, sampler
from timecone.scenario.scenario import Scenario
from timecone.simulation.assemble import assemble, input_dataset
from timecone.simulation.collect import Collector
from timecone.simulation.engine import default_threads, run_blocks, spans
from timecone.simulation.until import BATCH, MOST, Tolerance, words
from timecone.units import decimal_year

#: Draws stored in full unless the caller says otherwise.
KEEP = 100_000
#: Full trajectories stored unless the caller says otherwise.
PATHS = 300
#: Draws worked on at a time: inputs and observations of a block stay in a core's cache.
BLOCK = 8192

# A run file's attributes hold no larger number.
_MOST = 2**64 - 1

type Progress = Callable[[int, int], None]


def whole(name: str, value: int, least: int) -> int:
    """Return an argument that is a whole number from ``least`` on; refuse any other."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MOST:
        raise ArgumentError(
            f"{name} is out of range", where=name, got=value,
            allowed=f"a whole number from {least} to 2**64 - 1",
        )  # fmt: skip
    return value


def design_of(scenario: Scenario, seed: int, draws: int, streams: int) -> Design:
    """Return the design of a scenario's run; refuse a number of draws that it does not come in."""
    run = scenario.run
    return make_design(
        run.design,
        seed,
        draws=draws,
        streams=streams,
        replicates=run.replicates,
        stratify=run.stratify,
    )


def _tolerance(scenario: Scenario, until: Mapping[str, float]) -> Tolerance:
    if scenario.run.design != "random":
        raise ArgumentError("only random draws can go on until they are enough", where="until",
                            got=scenario.run.design, remedy='Set run.design = "random".')  # fmt: skip
    return Tolerance.of(until)


def sample(scenario: Scenario, draws: int, seed: int | None = None) -> xr.Dataset:
    """Draw the inputs of a scenario without running the model.

    Parameters
    ----------
    scenario : Scenario
        What to draw from.
    draws : int
        Number of joint draws.
    seed : int, optional
        From 0; the scenario's own by default.

    Returns
    -------
    Dataset, dims (draw,)
        One variable per parameter, in the model's unit, and one per choice. Draw i is the same as in
        `simulate` with the same seed.
    """
    draws = whole("draws", draws, 1)
    seed = whole("seed", scenario.run.seed if seed is None else seed, 0)
    source = sampler(scenario)
    block = source.draw(design_of(scenario, seed, draws, len(source.streams)), 0, draws)
    return input_dataset(scenario, source.names, block.values, block.choices)


def simulate(
    scenario: Scenario,
    *,
    draws: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    paths: int = PATHS,
    keep: int = KEEP,
    block: int = BLOCK,
    until: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> xr.DataTree:
    """Run a scenario.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    draws, seed : int, optional
        The scenario's own by default.
    threads : int, optional
        All processors by default. Changes no bit of the result.
    paths : int
        Number of draws whose full trajectories are stored.
    keep : int
        Number of draws stored in full; tables and bands rest on all draws in any case.
    block : int
        Draws worked on at a time, rounded up to a multiple of 64. Changes no bit of the result.
    until : mapping, optional
        Draw until every quoted number is as precise as this: ``years`` for dates and durations at
        percentiles, ``probability`` for probabilities by year, each the half of a 95 % interval. ``draws`` is
        then the most (100 million by default), and what it took is in the run's attribute ``precision``.
        Looked at after every 131 072 draws; the result is that of a run of the final number of draws.
    progress : callable, optional
        Called with the number of draws done and the number wanted.

    Returns
    -------
    DataTree
        Groups ``inputs``, ``outcomes``, ``paths`` and ``summary``. After Ctrl-C the run holds what was
        finished, and its attribute ``draws`` says how much that is.

    Raises
    ------
    ArgumentError
        An argument is out of range.
    KeyboardInterrupt
        Ctrl-C came before the first block was finished.
    """
    tolerance = None if until is None else _tolerance(scenario, until)
    if draws is None:
        draws = scenario.run.draws if tolerance is None else MOST
    draws = whole("draws", draws, 1)
    seed = whole("seed", scenario.run.seed if seed is None else seed, 0)
    threads = whole("threads", default_threads() if threads is None else threads, 1)
    paths = min(whole("paths", paths, 0), draws)
    keep = whole("keep", keep, 1)
    block = -(-whole("block", block, 1) // LANES) * LANES
    model = scenario.definition
    source = sampler(scenario)
    design = design_of(scenario, seed, draws, len(source.streams))
    names = [m.name for m in model.milestones]
    limit = decimal_year(scenario.as_of)
    collector = Collector(
        model,
        source,
        design,
        scenario.setup,
        computed=computed(scenario),
        not_yet={names.index(name): limit for name in scenario.not_yet_milestones},
        evidence=scenario.evidence,
        seed=seed,
        draws=draws,
        keep=max(keep, paths),
    )
    batch = draws if tolerance is None else BATCH
    finished, met, stopped = 0, False, False

    def tell(before: int, count: int) -> None:
        if progress:
            progress(before + count, draws)

    def assembled(finished: int, paths: int, **attributes: str) -> xr.DataTree:
        wanted = finished if met else draws
        run = assemble(scenario, collector, seed=seed, wanted=wanted, finished=finished, paths=paths)
        run.attrs.update(attributes)
        return run

    while finished < draws and not met and not stopped:
        blocks = spans(min(batch, draws - finished), block, design.replicates, finished)
        done, stopped = run_blocks(collector, blocks, threads=threads, done=partial(tell, finished))
        finished += done
        if tolerance is not None and not stopped:
            try:
                met = tolerance.is_met(precision(assembled(finished, 0)))
            except KeyboardInterrupt:
                stopped = True
    if finished == 0:
        raise KeyboardInterrupt
    if tolerance is None:
        return assembled(finished, min(paths, finished))
    found = words(precision(assembled(finished, 0)), finished, met=met)
    return assembled(finished, min(paths, finished), precision=found)
