"""Ctrl-C keeps what was finished: always the first so many draws, and exactly those of a full run."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import xarray as xr

import timecone as tc
from timecone.plots import catalogue
from timecone.simulation import threads
from timecone.simulation.limits import BLOCK
from timecone.simulation.run_accumulator import RunAccumulator

pytestmark = pytest.mark.usefixtures("_no_figures", "listening")

DRAWS = 8 * BLOCK
# A second Ctrl-C is not caught: each test sends one.
type Report = Callable[[int, int], None]


@pytest.fixture
def on_report(monkeypatch: pytest.MonkeyPatch) -> Callable[[Report], None]:
    """Give the command a progress report of the test's own."""

    def use(report: Report) -> None:
        @contextmanager
        def progress_bar(*, quiet: bool) -> Iterator[Report]:
            yield report

        monkeypatch.setattr("timecone.cli.commands.progress_bar", progress_bar)

    return use


def _interrupt_after(draws: int) -> tuple[Report, list[int]]:
    """Return a progress report that receives Ctrl-C once, and the list of what it was told."""
    told: list[int] = []

    def report(done: int, wanted: int) -> None:
        before = max(told, default=0)
        told.append(done)
        if before < draws <= done:
            # Python's handler raises KeyboardInterrupt here, in the main thread.
            signal.raise_signal(signal.SIGINT)

    return report, told


@pytest.fixture(scope="module")
def full(small_file: Path) -> xr.DataTree:
    return tc.simulate(tc.load(small_file), draws=DRAWS, seed=6, paths=4, keep=DRAWS)


@pytest.fixture
def begun(full: xr.DataTree, small_file: Path, tmp_path: Path) -> Callable[[], int]:
    """Return what proves that the run file begins the full run, and gives its number of draws."""

    def prove() -> int:
        run = tc.open_run(tmp_path / "run.nc")
        draws = int(run.attrs["draws"])
        assert int(run["summary"]["standing_count"].sum()) == draws
        for group in ("inputs", "outcomes"):
            assert run[group].dataset.equals(full[group].dataset.isel(draw=slice(draws)))
        again = tc.simulate(tc.load(small_file), draws=draws, seed=6, paths=4, keep=DRAWS)
        for group in ("paths", "summary"):
            assert run[group].dataset.equals(again[group].dataset)
        assert run.attrs["run_id"] == again.attrs["run_id"]
        return draws

    return prove


def _arguments(small_file: Path, folder: Path) -> list[object]:
    return ["run", small_file, "-n", DRAWS, "--seed", 6, "--threads", 1, "--paths", 4, "--out", folder]


@pytest.mark.slow
@pytest.mark.parametrize("blocks", [1, 3])
def test_what_was_finished_is_kept(
    call: Callable,
    on_report: Callable,
    begun: Callable[[], int],
    small_file: Path,
    tmp_path: Path,
    blocks: int,
) -> None:
    report, told = _interrupt_after(blocks * BLOCK)
    on_report(report)
    code, out, err = call(*_arguments(small_file, tmp_path))
    assert code == 130
    draws = begun()
    assert 0 < draws < DRAWS
    assert draws == told[-1]
    assert f"Stopped after {draws:,} of {DRAWS:,} draws" in out
    assert f"{draws:,} draws: " in out
    assert tc.open_run(tmp_path / "run.nc").attrs["draws_wanted"] == DRAWS
    assert "Traceback" not in err
    assert (tmp_path / "percentiles.csv").is_file()


@pytest.mark.slow
def test_an_interrupted_run_can_be_reproduced(
    call: Callable, on_report: Callable, small_file: Path, tmp_path: Path
) -> None:
    on_report(_interrupt_after(1)[0])
    call(*_arguments(small_file, tmp_path))
    on_report(lambda done, wanted: None)
    assert call("reproduce", tmp_path / "run.nc").code == 0


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals cannot be sent to a thread here")
@pytest.mark.parametrize("block", [3, pytest.param(7, marks=pytest.mark.slow)])
def test_ctrl_c_while_a_block_is_worked_on_keeps_it(
    call: Callable,
    begun: Callable[[], int],
    small_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    block: int,
) -> None:
    # The main thread waits meanwhile, nearly all of a run's time; behind the last blocks as well.
    work = RunAccumulator.__call__

    def interrupted(self: RunAccumulator, span: threads.Span) -> None:
        if span.first == block * BLOCK:
            # The main thread settles down to wait; the signal then arrives before the block is done.
            time.sleep(0.1)
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            time.sleep(0.1)
        work(self, span)

    with monkeypatch.context() as patched:
        patched.setattr(RunAccumulator, "__call__", interrupted)
        code, _, err = call(*_arguments(small_file, tmp_path))
    assert "nothing was finished" not in err
    draws = begun()
    # After the last block the signal may still come before the figures.
    stopped = draws < DRAWS or "stopped before all figures were drawn" in err
    assert code == (130 if stopped else 0)
    assert draws >= BLOCK * (block + 1)


@pytest.mark.slow
@pytest.mark.parametrize("after", [True, False], ids=["after", "before"])
def test_ctrl_c_while_a_block_is_handed_over_loses_no_draw(
    call: Callable,
    begun: Callable[[], int],
    small_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    after: bool,
) -> None:
    # A block that has been begun is counted in the tables, so it must be counted in ``draws``.
    class Pool(ThreadPoolExecutor):
        calls = 0

        def submit(self, *arguments: object, **options: object) -> object:
            Pool.calls += 1
            if Pool.calls == 4 and not after:
                signal.raise_signal(signal.SIGINT)
            future = super().submit(*arguments, **options)
            if Pool.calls == 4:
                signal.raise_signal(signal.SIGINT)
            return future

    with monkeypatch.context() as patched:
        patched.setattr(threads, "ThreadPoolExecutor", Pool)
        code, _, _ = call(*_arguments(small_file, tmp_path))
    assert code == 130
    draws = begun()
    assert draws in (3 * BLOCK, 4 * BLOCK)


@pytest.mark.parametrize("where", ["timecone.scenario.file.load", "timecone.simulation.run.spans"])
def test_ctrl_c_before_anything_is_one_line(
    call: Callable, small_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def interrupted(*_: object, **__: object) -> Iterator[object]:
        signal.raise_signal(signal.SIGINT)
        return iter(())

    monkeypatch.setattr(where, interrupted)
    code, out, err = call(*_arguments(small_file, tmp_path))
    assert (code, out) == (130, "")
    assert err == "timecone: stopped; nothing was finished.\n"
    assert not (tmp_path / "run.nc").exists()


def test_ctrl_c_before_anything_leaves_an_older_run(
    call: Callable, small_file: Path, small_stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> Iterator[threads.Span]:
        raise KeyboardInterrupt
        yield

    (tmp_path / "run.nc").write_bytes(small_stored.read_bytes())
    monkeypatch.setattr("timecone.simulation.run.spans", interrupted)
    assert call(*_arguments(small_file, tmp_path)).code == 130
    assert [p.name for p in tmp_path.iterdir()] == ["run.nc"]
    assert (tmp_path / "run.nc").read_bytes() == small_stored.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_while_figures_are_drawn_does_not_deny_the_run(
    call: Callable, small_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    draw = catalogue.cdf

    def interrupted(run: xr.DataTree) -> object:
        signal.raise_signal(getattr(signal, number))
        return draw(run)

    monkeypatch.setattr("timecone.plots.catalogue.cdf", interrupted)
    code, _, err = call("run", small_file, "-n", 500, "--out", tmp_path)
    assert code == 128 + getattr(signal, number)
    assert err == f"timecone: stopped before all figures were drawn; the run is in {tmp_path / 'run.nc'}.\n"
    assert tc.open_run(tmp_path / "run.nc").attrs["draws"] == 500


@pytest.mark.slow
def test_a_second_signal_ends_the_command_and_leaves_the_older_run(
    call: Callable, small_file: Path, small_stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: xr.DataTree) -> object:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    (tmp_path / "run.nc").write_bytes(small_stored.read_bytes())
    monkeypatch.setattr("timecone.plots.catalogue.cdf", interrupted)
    code, _, err = call("run", small_file, "-n", 500, "--out", tmp_path)
    assert (code, err) == (130, "timecone: stopped; nothing was finished.\n")
    assert [p.name for p in tmp_path.iterdir()] == ["run.nc"]
    assert (tmp_path / "run.nc").read_bytes() == small_stored.read_bytes()
