"""A run that goes on from a checkpoint is the run that never stopped, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc
from refusals import refused
from small_scenario import content
from timecone.errors import TimeconeError, UnfinishedRunError
from timecone.scenario.file import parse
from timecone.simulation import run as simulation
from timecone.simulation.block import BlockSimulator
from timecone.simulation.limits import BLOCK

# A wait may see two blocks end at once, and then asks once for both.
DRAWS = 12 * BLOCK + 100
KEEP = 2 * BLOCK + 7


@pytest.fixture(scope="module")
def scenario():
    return parse(content())


@pytest.fixture(scope="module")
def whole(scenario):
    return tc.simulate(scenario, draws=DRAWS, seed=3, keep=KEEP, paths=3)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "checkpoint.npz"


def _stopped(scenario, path, blocks, **options):
    """Stop a run after some blocks; return it."""
    asked = iter([False] * (blocks - 1))
    return tc.simulate(
        scenario,
        draws=DRAWS,
        keep=KEEP,
        paths=3,
        threads=1,
        checkpoint=path,
        stop=lambda: next(asked, True),
        **({"seed": 3} | options),
    )


@pytest.mark.parametrize("blocks", [1, 4])
def test_a_resumed_run_is_the_whole_run(scenario, whole, path, differing, blocks):
    part = _stopped(scenario, path, blocks)
    assert 0 < part.attrs["draws"] < DRAWS
    again = tc.simulate(scenario, draws=DRAWS, seed=3, keep=KEEP, paths=3, checkpoint=path)
    assert differing(whole, again) == []
    assert again.attrs | {"created": ""} == whole.attrs | {"created": ""}
    assert not path.exists()


def test_draws_before_the_checkpoint_are_not_counted_again(scenario, path, monkeypatch):
    part = _stopped(scenario, path, 5)
    begun = []
    simulate = BlockSimulator.__call__
    monkeypatch.setattr(
        BlockSimulator, "__call__", lambda self, span: begun.append(span.first) or simulate(self, span)
    )
    tc.simulate(scenario, draws=DRAWS, seed=3, keep=KEEP, paths=3, checkpoint=path, block=BLOCK)
    # Those that are stored in full are drawn again.
    assert set(begun) == {0, BLOCK, 2 * BLOCK} | set(range(part.attrs["draws"], DRAWS, BLOCK))


@pytest.mark.parametrize("design", ["sobol", "latin"])
def test_replicates_are_resumed(design, path, differing):
    replicated = parse(content() | {"run": {"design": design, "replicates": 8}})
    draws = 8 * 4096
    options = {"draws": draws, "seed": 1, "keep": 100, "paths": 0, "block": 1024}
    before = tc.simulate(replicated, **options)
    asked = iter([False] * 12)
    part = tc.simulate(replicated, **options, threads=1, checkpoint=path, stop=lambda: next(asked, True))
    assert 0 < part.attrs["draws"] < draws
    assert differing(before, tc.simulate(replicated, **options, checkpoint=path)) == []


@pytest.mark.slow
def test_a_run_until_it_is_precise_is_resumed(scenario, path, differing, monkeypatch):
    monkeypatch.setattr(simulation, "BATCH", 3 * BLOCK)
    options = {"draws": 50 * BLOCK, "seed": 3, "keep": 10, "paths": 0, "until": {"probability": 0.003}}
    before = tc.simulate(scenario, **options)
    asked = iter([False] * 4)
    tc.simulate(scenario, **options, threads=1, checkpoint=path, stop=lambda: next(asked, True))
    after = tc.simulate(scenario, **options, checkpoint=path)
    assert differing(before, after) == []
    assert before.attrs["precision"] == after.attrs["precision"]


@pytest.mark.parametrize(
    ("changed", "got"),
    [({"seed": 4}, 3), ({"draws": DRAWS + 1}, DRAWS)],
    ids=["seed", "draws"],
)
def test_a_checkpoint_of_another_run_is_refused(scenario, path, changed, got):
    _stopped(scenario, path, 2)
    before = path.read_bytes()
    with refused("checkpoint-of-another-run", str(path), got=got, names="--resume"):
        tc.simulate(scenario, **({"draws": DRAWS, "seed": 3} | changed), checkpoint=path)
    assert path.read_bytes() == before


def test_a_checkpoint_of_another_scenario_or_version_is_refused(scenario, path, monkeypatch):
    _stopped(scenario, path, 2)
    other = parse(content() | {"time": {"start": 2026.0, "horizon": 2067.0}})
    with refused("checkpoint-of-another-run", str(path)):
        tc.simulate(other, draws=DRAWS, seed=3, checkpoint=path)
    monkeypatch.setattr("timecone.simulation.checkpoint.source_hash", lambda: "0" * 16)
    with refused("checkpoint-of-another-run", str(path)):
        tc.simulate(scenario, draws=DRAWS, seed=3, checkpoint=path)


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.99])
def test_a_truncated_checkpoint_is_one_line(scenario, path, kept):
    _stopped(scenario, path, 2)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(kept * len(raw)) if isinstance(kept, float) else kept])
    with refused("checkpoint-damaged", str(path), names="--resume"):
        tc.simulate(scenario, draws=DRAWS, seed=3, checkpoint=path)


def test_a_file_of_another_kind_is_no_checkpoint(scenario, path):
    path.write_text("years,probability\n")
    with refused("checkpoint-damaged", str(path)) as caught:
        tc.simulate(scenario, draws=DRAWS, seed=3, checkpoint=path)
    assert "not a complete archive" in caught.value.line


def test_a_changed_byte_is_noticed_or_means_nothing(scenario, whole, path, differing):
    _stopped(scenario, path, 2)
    raw = path.read_bytes()
    rng = np.random.default_rng(1)
    noticed = 0
    for place in rng.integers(0, len(raw), 40):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 0x55]) + raw[place + 1 :])
        try:
            run = tc.simulate(scenario, draws=DRAWS, seed=3, keep=KEEP, paths=3, checkpoint=path)
        except TimeconeError as error:
            noticed += error.code in {"checkpoint-damaged", "checkpoint-of-another-run"}
        else:
            assert differing(whole, run) == []
    assert noticed > 20


def test_a_block_that_fails_keeps_what_was_finished(scenario, whole, path, differing, monkeypatch):
    monkeypatch.setattr(simulation, "SEGMENT_SECONDS", 0.0)
    simulate = BlockSimulator.__call__

    def fragile(self, span):
        if span.first >= 4 * BLOCK:
            raise MemoryError("no room")
        return simulate(self, span)

    with monkeypatch.context() as patched:
        patched.setattr(BlockSimulator, "__call__", fragile)
        with pytest.raises(UnfinishedRunError) as caught:
            tc.simulate(scenario, draws=DRAWS, seed=3, keep=KEEP, paths=3, checkpoint=path, block=BLOCK)
    part = caught.value.run
    finished = int(part.attrs["draws"])
    assert 0 < finished <= 4 * BLOCK
    assert "no room" in caught.value.line
    assert differing(part, tc.simulate(scenario, draws=finished, seed=3, keep=KEEP, paths=3)) == []
    again = tc.simulate(scenario, draws=DRAWS, seed=3, keep=KEEP, paths=3, checkpoint=path)
    assert differing(whole, again) == []


def test_a_first_block_that_fails_raises_its_own_error(scenario, monkeypatch):
    def broken(self, span):
        raise MemoryError("no room")

    monkeypatch.setattr(BlockSimulator, "__call__", broken)
    with pytest.raises(MemoryError, match="no room"):
        tc.simulate(scenario, draws=DRAWS)


def test_a_checkpoint_that_cannot_be_written_does_not_end_the_run(
    scenario, whole, differing, tmp_path, monkeypatch
):
    monkeypatch.setattr(simulation, "SEGMENT_SECONDS", 0.0)
    monkeypatch.setattr(simulation, "CHECKPOINT_SECONDS", 0.0)
    folder = tmp_path / "a folder"
    folder.mkdir()
    told = []
    plan = simulation.plan(scenario, draws=DRAWS, seed=3, keep=KEEP, paths=3)
    checkpoint = simulation.Checkpoint(folder, plan, resume=False, failed=told.append)
    assert differing(whole, simulation.execute(plan, checkpoint=checkpoint)) == []
    assert len(told) == 1
    assert "no checkpoint was saved" in told[0]
