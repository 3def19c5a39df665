"""A cluster gives a laptop's numbers to the last bit, also where workers die; and fails in one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import timecone as tc
from refusals import refused
from small_scenario import content
from timecone.errors import UnfinishedRunError
from timecone.scenario.file import parse
from timecone.simulation.dask_engine import DaskEngine
from timecone.simulation.limits import BLOCK

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::ResourceWarning")]

DRAWS = 60 * BLOCK + 100
OPTIONS = {"draws": DRAWS, "seed": 3, "keep": 5 * BLOCK, "paths": 3}


@pytest.fixture(scope="module")
def scenario():
    return parse(content())


@pytest.fixture(scope="module")
def whole(scenario):
    return tc.simulate(scenario, **OPTIONS, threads=1)


class Cluster:
    """A scheduler and workers as processes of their own, over TCP."""

    def __init__(self, folder, workers):
        self.folder, self.address = folder, ""
        self.scheduler = self._begin_scheduler(0)
        self.workers = [self.worker() for _ in range(workers)]

    def _begin_scheduler(self, port):
        process = self._begin("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        for line in process.stderr:
            if "Scheduler at:" in line:
                self.address = line.split()[-1]
                break
        # Its messages must go somewhere.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        return process

    def worker(self):
        process = self._begin(
            "dask_worker",
            self.address,
            "--nthreads",
            1,
            "--no-nanny",
            "--no-dashboard",
            "--local-directory",
            self.folder,
        )
        threading.Thread(target=process.stderr.read, daemon=True).start()
        return process

    def _begin(self, module, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.{module}", *map(str, arguments)]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def restart_scheduler(self):
        port = self.address.rsplit(":", 1)[1]
        self.scheduler.kill()
        self.scheduler.wait()
        self.scheduler = self._begin_scheduler(port)

    def close(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path):
    clusters = []

    def begin(workers):
        clusters.append(Cluster(tmp_path, workers))
        return clusters[-1]

    yield begin
    for begun in clusters:
        begun.close()


def test_workers_on_this_machine_give_the_same_bits(scenario, whole, differing):
    with DaskEngine(workers=2) as engine:
        run = tc.simulate(scenario, **OPTIONS, engine=engine)
        assert differing(whole, run) == []
        assert run.attrs | {"created": ""} == whole.attrs | {"created": ""}
        replicated = parse(content() | {"run": {"design": "sobol", "replicates": 8}})
        options = {"draws": 8 * 4096, "seed": 1, "keep": 100, "paths": 0, "block": 1024}
        near, far = (tc.simulate(replicated, **options, engine=e) for e in (None, engine))
        assert differing(near, far) == []
        until = {"draws": 10**6, "seed": 3, "keep": 10, "paths": 0, "until": {"probability": 0.003}}
        near, far = (tc.simulate(scenario, **until, engine=e) for e in (None, engine))
        assert differing(near, far) == []


def test_three_workers_over_tcp_of_which_one_is_killed(scenario, whole, differing, cluster):
    begun = cluster(3)
    killed = []

    def kill(done, wanted):
        if done > DRAWS // 4 and not killed:
            begun.workers[0].send_signal(signal.SIGKILL)
            killed.append(done)

    with DaskEngine(begun.address) as engine:
        assert differing(whole, tc.simulate(scenario, **OPTIONS, engine=engine)) == []
        run = tc.simulate(scenario, **OPTIONS, engine=engine, progress=kill)
    assert killed
    assert differing(whole, run) == []


def test_a_lost_scheduler_ends_the_run_and_it_goes_on_with_another(
    scenario, whole, differing, cluster, tmp_path, monkeypatch
):
    monkeypatch.setattr("timecone.simulation.run.SEGMENT_SECONDS", 0.0)
    begun = cluster(2)
    path = tmp_path / "checkpoint.npz"
    restarted = []

    def restart(done, wanted):
        if done > DRAWS // 3 and not restarted:
            restarted.append(done)
            begun.restart_scheduler()

    with DaskEngine(begun.address) as engine, pytest.raises(UnfinishedRunError) as caught:
        tc.simulate(scenario, **OPTIONS, engine=engine, checkpoint=path, progress=restart)
    finished = int(caught.value.run.attrs["draws"])
    assert 0 < finished < DRAWS
    assert path.exists()
    begun.workers.append(begun.worker())
    with DaskEngine(begun.address) as engine:
        run = tc.simulate(scenario, **OPTIONS, engine=engine, checkpoint=path)
    assert differing(whole, run) == []


def test_a_worker_of_another_version_is_refused(scenario, monkeypatch):
    monkeypatch.setattr("timecone.simulation.dask_engine._versions", lambda: (("timecone", "another one"),))
    with DaskEngine(workers=1) as engine, refused("worker-of-another-version", names="another one"):
        tc.simulate(scenario, **OPTIONS, engine=engine)


def test_a_worker_that_gives_other_bits_is_refused(scenario, monkeypatch):
    monkeypatch.setattr("timecone.simulation.dask_engine._probe", lambda *_: "0")
    with DaskEngine(workers=1) as engine, refused("worker-gives-other-bits"):
        tc.simulate(scenario, **OPTIONS, engine=engine)


def test_a_scheduler_that_is_not_there_is_one_line():
    with refused("no-cluster", "tcp://127.0.0.1:9", names="--scheduler"):
        DaskEngine("tcp://127.0.0.1:9", patience=0.5)


def test_a_stopped_run_on_a_cluster_keeps_the_first_draws(scenario, differing):
    with DaskEngine(workers=1) as engine:
        begun = time.monotonic()
        run = tc.simulate(
            scenario,
            **(OPTIONS | {"draws": 10**9}),
            engine=engine,
            stop=lambda: time.monotonic() > begun + 2,
        )
    finished = int(run.attrs["draws"])
    assert 0 < finished < 10**9
    again = tc.simulate(scenario, **(OPTIONS | {"draws": finished}))
    assert differing(run, again) == []


def test_an_interrupted_run_on_a_cluster_counts_whole_waves(scenario, differing):
    def interrupt(done, wanted):
        if done > DRAWS // 4:
            raise KeyboardInterrupt

    with DaskEngine(workers=1) as engine:
        run = tc.simulate(scenario, **OPTIONS, engine=engine, progress=interrupt)
    finished = int(run.attrs["draws"])
    assert 0 < finished < DRAWS
    assert int(run["summary"]["standing_count"].sum()) == finished
    assert differing(run, tc.simulate(scenario, **(OPTIONS | {"draws": finished}))) == []


def test_every_draw_is_stored_by_the_workers(scenario, tmp_path, monkeypatch):
    xr = pytest.importorskip("xarray")
    draws = 300_000
    whole = tc.simulate(scenario, draws=draws, seed=3, keep=draws, paths=0)
    with DaskEngine(workers=2) as engine:
        tc.simulate(scenario, draws=draws, seed=3, keep=1, paths=0, engine=engine, store=tmp_path / "a.zarr")
    for group in ("inputs", "outcomes"):
        stored = xr.open_zarr(tmp_path / "a.zarr", group=group)
        assert stored.sizes["draw"] == draws
        for name, values in whole[group].data_vars.items():
            assert stored[name].values.tobytes() == values.values.tobytes(), name
    assert xr.open_zarr(tmp_path / "a.zarr").attrs["draws_finished"] == draws
    assert os.listdir(tmp_path) == ["a.zarr"]  # noqa: PTH208
