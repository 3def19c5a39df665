"""One run on threads, on clusters, resumed, and with a killed worker: one id, and the same bits."""

from __future__ import annotations

import pytest

import equality
from small_scenario import content
from timecone.scenario.file import parse
from timecone.simulation.limits import BLOCK

DRAWS = 60 * BLOCK + 100
WAYS = 7


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_every_way_gives_the_same_run(differing, tmp_path):
    pytest.importorskip("distributed")
    ways = dict(equality.runs(parse(content()), DRAWS, tmp_path, keep=5 * BLOCK))
    assert len(ways) == WAYS
    reference = ways["1 thread"]
    for way, run in ways.items():
        assert differing(reference, run) == [], way
        assert run.attrs | {"created": ""} == reference.attrs | {"created": ""}, way
        assert equality.digest(run) == equality.digest(reference), way


def test_a_changed_bit_changes_the_hash(small_run):
    changed = small_run.copy(deep=True)
    assert equality.digest(changed) == equality.digest(small_run)
    changed["outcomes"]["arrival"].values[0, -1] += 1e-9
    assert equality.digest(changed) != equality.digest(small_run)
    assert equality.digest(changed, "summary") == equality.digest(small_run, "summary")
