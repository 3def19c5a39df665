"""The two public calls: `sample` draws inputs, `simulate` runs a scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import xarray as xr

from timecone.results.tables.precision import precision
from timecone.scenario.scenario import Scenario
from timecone.simulation.assemble import assemble, input_dataset
from timecone.simulation.engine import run_blocks, spans
from timecone.simulation.limits import BLOCK, KEEP, PATHS, Plan, design_of, plan, whole
from timecone.simulation.run_accumulator import RunAccumulator
from timecone.simulation.stopping import BATCH, words
from timecone.units import decimal_year

type Progress = Callable[[int, int], None]


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

    Raises
    ------
    ArgumentError
        The number of draws or the seed is out of range.

    Examples
    --------
    >>> import timecone as tc
    >>> drawn = tc.sample(tc.load("baseline"), draws=100, seed=1)
    >>> drawn.sizes["draw"], drawn["deployment.delay"].attrs["units"]
    (100, 'year')
    """
    draws = whole("draws", draws, 1)
    seed = whole("seed", scenario.run.seed if seed is None else seed, 0)
    source = scenario.compiled.sampler
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
    stop: Callable[[], bool] | None = None,
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
    stop : callable, optional
        Asked after each block; the run ends with what is finished as soon as it returns True.

    Returns
    -------
    DataTree
        Groups ``inputs``, ``outcomes``, ``paths`` and ``summary``. After Ctrl-C the run holds what was
        finished, and its attribute ``draws`` says how much that is.

    Raises
    ------
    ArgumentError
        An argument is out of range, or the run needs more memory than is free.
    KeyboardInterrupt
        Ctrl-C came before the first block was finished.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> run.attrs["draws"], run["outcomes"].sizes["draw"], run["paths"].sizes["path"]
    (1000, 1000, 5)
    """
    wanted = plan(
        scenario, draws=draws, seed=seed, threads=threads, paths=paths, keep=keep, block=block, until=until
    )
    return execute(wanted, progress=progress, stop=stop)


def execute(
    wanted: Plan, *, progress: Progress | None = None, stop: Callable[[], bool] | None = None
) -> xr.DataTree:
    """Make a planned run; see `simulate`.

    Raises
    ------
    KeyboardInterrupt
        Ctrl-C came before the first block was finished.
    """
    scenario, model, draws = wanted.scenario, wanted.scenario.definition, wanted.draws
    names = [m.name for m in model.milestones]
    limit = decimal_year(scenario.as_of)
    accumulator = RunAccumulator(
        model,
        wanted.sampler,
        wanted.design,
        scenario.setup,
        computed=scenario.compiled.computed,
        not_yet={names.index(name): limit for name in scenario.not_yet_milestones},
        evidence=scenario.evidence,
        redraw="" if scenario.redraw is None else scenario.redraw.constraint,
        seed=wanted.seed,
        draws=draws,
        keep=wanted.keep,
    )
    tolerance = wanted.tolerance
    batch = draws if tolerance is None else BATCH
    asked = stop or (lambda: False)
    finished, met, stopped = 0, False, False

    def tell(before: int, count: int) -> None:
        if progress:
            progress(before + count, draws)

    def assembled(finished: int, paths: int, **attributes: str) -> xr.DataTree:
        run = assemble(
            scenario,
            accumulator,
            seed=wanted.seed,
            wanted=finished if met else draws,
            finished=finished,
            paths=paths,
        )
        run.attrs.update(attributes)
        return run

    while finished < draws and not met and not stopped:
        blocks = spans(min(batch, draws - finished), wanted.block, wanted.design.replicates, finished)
        told = partial(tell, finished)
        done, stopped = run_blocks(accumulator, blocks, threads=wanted.threads, done=told, stop=asked)
        finished += done
        stopped = stopped or (finished > 0 and asked())
        if tolerance is not None and not stopped:
            try:
                met = tolerance.is_met(precision(assembled(finished, 0)))
            except KeyboardInterrupt:
                stopped = True
    if finished == 0:
        raise KeyboardInterrupt
    if tolerance is None:
        return assembled(finished, min(wanted.paths, finished))
    sentence = words(precision(assembled(finished, 0)), finished, met=met)
    return assembled(finished, min(wanted.paths, finished), precision=sentence)
