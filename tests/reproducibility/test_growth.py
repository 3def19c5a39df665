"""Many runs in one process: memory, threads and open files do not grow."""

from __future__ import annotations

import subprocess
import sys

import pytest

import soak

RUNS, DRAWS = 300, 64


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads what the process holds from /proc")
def test_a_process_does_not_grow_with_the_number_of_runs():
    command = [sys.executable, soak.__file__, "soak", str(RUNS), str(DRAWS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    rows = [tuple(map(int, line.strip("| ").split(" | "))) for line in done.stdout.splitlines()[2:]]
    assert [runs for runs, *_ in rows] == [0, 100, 200, 300]
    # The first runs fill caches.
    (_, before, threads, files), *later = rows[1:]
    for _, memory, threads_later, files_later in later:
        # Memory goes up and down by some MB. A hundred runs that left their counts behind would take a GB.
        assert memory - before < 20
        assert (threads_later, files_later) == (threads, files)
