"""Drawing until errors are small enough ends where runs of a fixed size say, with exactly their numbers."""

from __future__ import annotations

import signal

import numpy as np
import pytest
import xarray as xr

import timecone as tc
import toy_model
from refusals import Refusal, refused
from timecone.results.tables.precision import Precision, precision
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.tidy import percentile_table
from timecone.scenario.file import parse
from timecone.schema import GROUPS
from timecone.simulation import run as simulation
from timecone.simulation.stopping import Tolerance, words

BATCH = 512


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "BATCH", BATCH)


@pytest.fixture(scope="module")
def toy() -> tc.Scenario:
    return parse(toy_model.full_content())


@pytest.fixture(scope="module")
def fixed(toy: tc.Scenario) -> dict[int, xr.DataTree]:
    """Return runs of one to twelve batches, by their number of draws."""
    return {n: _run(toy, draws=n) for n in range(BATCH, 13 * BATCH, BATCH)}


def _run(scenario: tc.Scenario, **arguments: object) -> xr.DataTree:
    return tc.simulate(scenario, seed=4, threads=1, paths=2, block=256, **arguments)  # type: ignore[arg-type]


def _first(fixed: dict[int, xr.DataTree], tolerance: Tolerance) -> int:
    return next(n for n, run in fixed.items() if tolerance.is_met(precision(run)))


# Half an interval of a probability is about 1 / sqrt(draws) at most: 0.02 takes some thousand draws.
@pytest.mark.slow
@pytest.mark.parametrize("until", [{"probability": 0.03}, {"probability": 0.02}, {"years": 3.0},
                                   {"years": 3.0, "probability": 0.018}])  # fmt: skip
def test_it_ends_where_a_fixed_size_first_meets_it(
    toy: tc.Scenario, fixed: dict[int, xr.DataTree], until: dict[str, float]
) -> None:
    expected = _first(fixed, Tolerance.of(until))
    found = _run(toy, until=until)
    assert found.attrs["draws"] == found.attrs["draws_wanted"] == expected
    assert found.attrs["run_id"] == fixed[expected].attrs["run_id"]
    for group in GROUPS:
        xr.testing.assert_identical(found[group].dataset, fixed[expected][group].dataset)
    assert found.attrs["precision"].startswith(f"Precise enough after {expected:,} draws")


@pytest.mark.slow
def test_a_looser_tolerance_never_takes_more(toy: tc.Scenario) -> None:
    taken = [_run(toy, until={"probability": p}).attrs["draws"] for p in (0.015, 0.02, 0.03, 0.3)]
    assert taken == sorted(taken, reverse=True)
    assert taken[-1] == BATCH


@pytest.mark.slow
def test_threads_and_blocks_change_nothing(toy: tc.Scenario) -> None:
    one = _run(toy, until={"probability": 0.025})
    other = tc.simulate(toy, seed=4, threads=2, paths=2, block=64, until={"probability": 0.025})
    assert one.attrs["draws"] == other.attrs["draws"]
    for group in GROUPS:
        xr.testing.assert_identical(one[group].dataset, other[group].dataset)


def test_it_gives_up_at_the_number_of_draws(toy: tc.Scenario) -> None:
    found = _run(toy, draws=3 * BATCH + 100, until={"probability": 1e-4})
    assert found.attrs["draws"] == 3 * BATCH + 100
    assert found.attrs["precision"].startswith(f"Not precise enough after {3 * BATCH + 100:,} draws")
    xr.testing.assert_identical(found["summary"].dataset, _run(toy, draws=3 * BATCH + 100)["summary"].dataset)


def test_progress_counts_all_batches(toy: tc.Scenario) -> None:
    told: list[tuple[int, int]] = []
    _run(toy, draws=3 * BATCH, until={"probability": 1e-4}, progress=lambda *at: told.append(at))
    done = [d for d, _ in told]
    assert done == sorted(done)
    assert told[-1] == (3 * BATCH, 3 * BATCH)


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("at", [BATCH + 256, 2 * BATCH])
def test_ctrl_c_keeps_what_was_finished(toy: tc.Scenario, at: int) -> None:
    sent = False

    def interrupt(done: int, wanted: int) -> None:
        nonlocal sent
        if done >= at and not sent:
            sent = True
            signal.raise_signal(signal.SIGINT)

    found = _run(toy, draws=20 * BATCH, until={"probability": 1e-4}, progress=interrupt)
    draws = int(found.attrs["draws"])
    assert at <= draws <= at + 2 * BATCH
    assert found.attrs["draws_wanted"] == 20 * BATCH
    assert found.attrs["precision"].startswith("Not precise enough")
    xr.testing.assert_identical(found["summary"].dataset, _run(toy, draws=draws)["summary"].dataset)


@pytest.mark.parametrize(
    ("until", "refusal"),
    [
        ({}, Refusal("no-tolerance", "until")),
        ({"yeers": 0.1}, Refusal("unknown-tolerance", "until", got="yeers", names="'years'")),
        ({"years": 0.0}, Refusal("invalid-tolerance", "until.years", got=0.0)),
        ({"probability": -1.0}, Refusal("invalid-tolerance", "until.probability", got=-1.0)),
        ({"probability": float("nan")}, Refusal("invalid-tolerance", "until.probability", got=float("nan"))),
        ({"years": "0.1"}, Refusal("invalid-tolerance", "until.years", got="0.1")),
    ],
)
def test_a_senseless_tolerance_is_refused(
    toy: tc.Scenario, until: dict[str, float], refusal: Refusal
) -> None:
    with refusal.expected():
        _run(toy, until=until)


@pytest.mark.parametrize("design", ["sobol", "latin"])
def test_only_random_draws_can_go_on(toy: tc.Scenario, design: str) -> None:
    other = toy.replace({}, run={"design": design})
    with refused("design-cannot-continue", "until"):
        _run(other, draws=1024, until={"years": 1.0})
    with refused("design-cannot-continue", "until"):
        _run(other, until={"years": 1.0})


def test_the_worst_number_is_the_worst(fixed: dict[int, xr.DataTree]) -> None:
    run = fixed[BATCH]
    found = precision(run)
    halves = []
    for name in run["summary"]["milestone"].values:
        values = tc.percentiles(run, str(name))
        half = (values.upper - values.lower).values / 2.0
        halves += half[np.isfinite(half)].tolist()
    assert found.years >= max(halves)
    assert found.probability > 0.0


def test_words_say_what_is_beyond_the_horizon() -> None:
    text = words(Precision(0.5, 0.01, "tai P90", "tai by 2040", ("tai P95",)), 1000, met=True)
    assert text == (
        "Precise enough after 1,000 draws: largest errors (half a 95 % interval) 0.5 years (tai P90) and 0.01"
        " (tai by 2040). Beyond the horizon, so without an error in years: tai P95."
    )


def test_a_number_of_which_an_end_is_unknown_is_beyond_and_has_no_error(toy: tc.Scenario) -> None:
    run = _run(toy, draws=40)
    table = percentile_table(RunStatistics(run))
    lower, upper = np.isfinite(table["lower"]), np.isfinite(table["upper"])
    assert (lower != upper).any()
    found = precision(run)
    assert np.isfinite(found.years)
    assert len(found.beyond) == (~(lower & upper)).sum()
