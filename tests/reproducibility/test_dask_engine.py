"""A cluster gives a laptop's numbers to the last bit, also where workers die; and fails in one line."""

from __future__ import annotations

import os
import signal
import socket
import time

import pytest

import timecone as tc
from refusals import refused
from small_scenario import content
from tcp_cluster import TcpCluster
from timecone.errors import UnfinishedRunError
from timecone.scenario.file import parse
from timecone.simulation.dask_engine import DaskEngine, _blocks_per_shard
from timecone.simulation.limits import BLOCK

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

DRAWS = 60 * BLOCK + 100
#: More draws than the first waves hold: where so many are done, a wave has been taken in.
LATE = 20 * BLOCK
OPTIONS = {"draws": DRAWS, "seed": 3, "keep": 5 * BLOCK, "paths": 3}


@pytest.fixture(scope="module")
def scenario():
    return parse(content())


@pytest.fixture(scope="module")
def whole(scenario):
    return tc.simulate(scenario, **OPTIONS, threads=1)


@pytest.fixture(autouse=True)
def _short_shards(monkeypatch):
    monkeypatch.setattr("timecone.simulation.dask_engine._LEAST_SECONDS", 0.01)


@pytest.fixture(scope="module")
def engine():
    """Return an engine with two workers on this machine, for several runs."""
    with DaskEngine(workers=2) as begun:
        yield begun


def test_shards_take_some_seconds_and_become_shorter_towards_the_end(monkeypatch):
    monkeypatch.setattr("timecone.simulation.dask_engine._LEAST_SECONDS", 0.25)
    # Blocks of the open loop on two workers, of a billion draws and near the end.
    assert _blocks_per_shard(0.025, 122_070, 2) == 160  # 4 seconds
    assert _blocks_per_shard(0.025, 2000, 2) == 62  # a sixteenth of a worker's rest
    assert _blocks_per_shard(0.025, 100, 2) == 10  # a quarter of a second
    # A block of a slow model is a shard.
    assert _blocks_per_shard(8.0, 122_070, 2) == 1


@pytest.mark.slow
def test_replicates_and_a_wanted_precision_give_the_same_bits(scenario, differing, engine):
    replicated = parse(content() | {"run": {"design": "sobol", "replicates": 8}})
    options = {"draws": 8 * 4096, "seed": 1, "keep": 100, "paths": 0, "block": 1024}
    near, far = (tc.simulate(replicated, **options, engine=e) for e in (None, engine))
    assert differing(near, far) == []
    until = {"draws": 10**6, "seed": 3, "keep": 10, "paths": 0, "until": {"probability": 0.003}}
    near, far = (tc.simulate(scenario, **until, engine=e) for e in (None, engine))
    assert differing(near, far) == []


@pytest.mark.slow
def test_waves_under_way_are_taken_in_by_the_next_segment(
    scenario, whole, differing, engine, tmp_path, monkeypatch
):
    for name in ("SEGMENT_SECONDS", "CHECKPOINT_SECONDS"):
        monkeypatch.setattr(f"timecone.simulation.run.{name}", 0.0)
    path = tmp_path / "checkpoint.npz"
    saved = []

    def note(done, wanted):
        if path.exists():
            saved.append(path.stat().st_mtime_ns)

    run = tc.simulate(scenario, **OPTIONS, engine=engine, checkpoint=path, progress=note)
    assert len(set(saved)) > 3
    assert differing(whole, run) == []


@pytest.mark.slow
def test_a_result_that_does_not_come_is_asked_for_again(scenario, whole, differing, engine, monkeypatch):
    # As when the worker that holds it is lost before it is fetched: distributed then waits for ever.
    fetch, late = engine._cluster._result, []

    def fetch_late(future):
        if len(late) < 3:
            late.append(future)
            raise TimeoutError
        return fetch(future)

    monkeypatch.setattr(engine._cluster, "_result", fetch_late)
    run = tc.simulate(scenario, **OPTIONS, engine=engine)
    assert len(late) == 3
    assert differing(whole, run) == []


@pytest.mark.slow
def test_all_workers_killed_at_once_lose_nothing(scenario, whole, differing, engine):
    killed = []

    def kill(done, wanted):
        if done > LATE and not killed:
            killed.extend(engine._cluster.client.run(os.getpid).values())
            for number in killed:
                os.kill(number, signal.SIGKILL)

    run = tc.simulate(scenario, **OPTIONS, engine=engine, progress=kill)
    assert len(killed) == 2
    assert differing(whole, run) == []


@pytest.mark.slow
def test_a_lost_scheduler_ends_the_run_and_it_goes_on_with_another(
    scenario, whole, differing, tmp_path, monkeypatch
):
    monkeypatch.setattr("timecone.simulation.run.SEGMENT_SECONDS", 0.0)
    path = tmp_path / "checkpoint.npz"
    restarted = []

    with TcpCluster(tmp_path, workers=2) as cluster:

        def restart(done, wanted):
            if done > LATE and not restarted:
                restarted.append(done)
                cluster.restart_scheduler()

        with DaskEngine(cluster.address) as begun, pytest.raises(UnfinishedRunError) as caught:
            tc.simulate(scenario, **OPTIONS, engine=begun, checkpoint=path, progress=restart)
        finished = int(caught.value.run.attrs["draws"])
        assert 0 < finished < DRAWS
        assert path.exists()
        cluster.add_worker()
        with DaskEngine(cluster.address) as begun:
            run = tc.simulate(scenario, **OPTIONS, engine=begun, checkpoint=path)
    assert differing(whole, run) == []


@pytest.mark.slow
def test_a_cluster_without_a_worker_ends_the_run(scenario, differing, tmp_path, monkeypatch):
    monkeypatch.setattr("timecone.simulation.run.SEGMENT_SECONDS", 0.0)
    monkeypatch.setattr("timecone.simulation.dask_engine._LOOK_SECONDS", 0.1)
    with TcpCluster(tmp_path, workers=1) as cluster, DaskEngine(cluster.address) as begun:
        begun._cluster.patience = 1.0

        def kill(done, wanted):
            if done > LATE:
                cluster.workers[0].kill()

        with pytest.raises(UnfinishedRunError) as caught:
            tc.simulate(scenario, **OPTIONS, engine=begun, progress=kill)
    assert "no worker" in caught.value.line
    part = caught.value.run
    finished = int(part.attrs["draws"])
    assert 0 < finished < DRAWS
    assert differing(part, tc.simulate(scenario, **(OPTIONS | {"draws": finished}))) == []


@pytest.mark.slow
def test_workers_of_another_version_or_with_other_bits_are_refused(scenario, engine):
    def refuse(code, target, value, names=""):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(f"timecone.simulation.{target}", value)
            with refused(code, names=names):
                tc.simulate(scenario, **OPTIONS, engine=engine)

    answers = engine._cluster.client.get_versions(packages=["timecone", "numpy", "scipy", "numba"])
    address, worker = next(iter(answers["workers"].items()))
    worker["packages"]["numba"] = "0.1"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine._cluster.client, "get_versions", lambda packages: answers)
        with refused("cluster-of-another-version", address, got="0.1"):
            tc.simulate(scenario, **OPTIONS, engine=engine)
    other = (("timecone", "another one"),)
    refuse("worker-of-another-version", "dask_tasks.versions", lambda: other, "another one")
    refuse("worker-gives-other-bits", "dask_tasks.probe", lambda *_: "0")


@pytest.mark.slow
def test_an_error_in_a_worker_is_one_line_and_keeps_what_was_finished(
    scenario, engine, differing, monkeypatch
):
    monkeypatch.setattr("timecone.simulation.run.SEGMENT_SECONDS", 0.0)
    submit = type(engine._cluster).submit

    def fail(*_):
        raise MemoryError("no room")

    def fragile(cluster, function, *arguments):
        if function.__name__ == "work_shard" and arguments[1][0].first > DRAWS // 2:
            return submit(cluster, fail, *arguments)
        return submit(cluster, function, *arguments)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("timecone.simulation.dask_cluster.DaskCluster.submit", fragile)
        with pytest.raises(UnfinishedRunError) as caught:
            tc.simulate(scenario, **OPTIONS, engine=engine)
    assert "a worker failed (MemoryError: no room)" in caught.value.line
    part = caught.value.run
    finished = int(part.attrs["draws"])
    assert 0 < finished < DRAWS
    assert differing(part, tc.simulate(scenario, **(OPTIONS | {"draws": finished}))) == []


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_one_line():
    with refused("no-cluster", "tcp://127.0.0.1:9", names="--scheduler"):
        DaskEngine("tcp://127.0.0.1:9", patience=0.5)
    # Something else listens there, which says nothing, or something else.
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        with refused("no-cluster", address) as caught:
            DaskEngine(address, patience=0.5)
        assert "not a Dask scheduler" in caught.value.line
    with refused("scheduler-without-certificate", "scheduler", got="tls://127.0.0.1:9"):
        DaskEngine("tls://127.0.0.1:9")


@pytest.mark.slow
def test_a_stopped_run_on_a_cluster_keeps_the_first_draws(scenario, differing, engine):
    begun = time.monotonic()
    run = tc.simulate(
        scenario,
        **(OPTIONS | {"draws": 10**9}),
        engine=engine,
        stop=lambda: time.monotonic() > begun + 1,
    )
    finished = int(run.attrs["draws"])
    assert 0 < finished < 10**9
    again = tc.simulate(scenario, **(OPTIONS | {"draws": finished}))
    assert differing(run, again) == []


@pytest.mark.slow
def test_an_interrupted_run_on_a_cluster_counts_whole_waves(scenario, differing, engine):
    def interrupt(done, wanted):
        if done > LATE:
            raise KeyboardInterrupt

    run = tc.simulate(scenario, **OPTIONS, engine=engine, progress=interrupt)
    finished = int(run.attrs["draws"])
    assert 0 < finished < DRAWS
    assert int(run["summary"]["standing_count"].sum()) == finished
    assert differing(run, tc.simulate(scenario, **(OPTIONS | {"draws": finished}))) == []


@pytest.mark.slow
def test_every_draw_is_stored_by_the_workers(scenario, tmp_path, engine):
    xr = pytest.importorskip("xarray")
    pytest.importorskip("zarr")
    draws = 300_000
    whole = tc.simulate(scenario, draws=draws, seed=3, keep=draws, paths=0)
    tc.simulate(scenario, draws=draws, seed=3, keep=1, paths=0, engine=engine, store=tmp_path / "a.zarr")
    for group in ("inputs", "outcomes"):
        stored = xr.open_zarr(tmp_path / "a.zarr", group=group)
        assert stored.sizes["draw"] == draws
        for name, values in whole[group].data_vars.items():
            assert stored[name].values.tobytes() == values.values.tobytes(), name
    assert xr.open_zarr(tmp_path / "a.zarr").attrs["draws_finished"] == draws
    assert [path.name for path in tmp_path.iterdir()] == ["a.zarr"]
