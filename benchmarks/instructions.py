"""Count the full kernel's instructions per draw and step, which no other work on the machine can change.

    uv run python benchmarks/instructions.py

Runs itself twice under ``valgrind --tool=callgrind``, with one and with three blocks; the difference is what
two blocks take. Valgrind knows no AVX-512, so code for an older processor is compiled first, into a cache of
its own. Takes some minutes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = 1024
START, HORIZON, STEP = 2026.0, 2126.0, 0.25
PROCESSOR = "haswell"


def run_blocks(blocks: int) -> None:
    """Run so many blocks with everything on."""
    import numpy as np  # noqa: PLC0415

    from full_inputs import likely  # noqa: PLC0415
    from timecone.models.compute.model import MODEL  # noqa: PLC0415
    from timecone.models.model import Setup, TimeGrid  # noqa: PLC0415

    given = likely(BLOCK, seed=1)
    inputs = np.array([given.get(p.name, np.zeros(BLOCK)) for p in MODEL.parameters])
    setup = Setup(
        TimeGrid(START, HORIZON, STEP), frozenset(c.name for c in MODEL.components if not c.excludes)
    )
    for _ in range(blocks):
        outcomes = MODEL.outcomes(inputs, setup)
    arrival = np.where(np.isfinite(outcomes.arrival[2]), outcomes.arrival[2], HORIZON)
    print(f"steps {np.ceil((arrival - START) / STEP).mean():.1f}")


def count(blocks: int, folder: str) -> tuple[int, float]:
    """Return the instructions of a process that runs so many blocks, and the mean steps of a draw."""
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out.{blocks}", sys.executable,
               __file__, str(blocks)]  # fmt: skip
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found is not None, done.stderr
    return int(found[1]), float(done.stdout.split()[-1])


def main() -> None:
    """Print the counts."""
    if len(sys.argv) > 1:
        run_blocks(int(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"NUMBA_CPU_NAME": PROCESSOR, "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2"}
        os.environ["NUMBA_CACHE_DIR"] = str(Path(folder) / "kernels")
        subprocess.run([sys.executable, __file__, "1"], check=True, capture_output=True)
        (one, _), (three, steps) = count(1, folder), count(3, folder)
    per_draw = (three - one) / (2 * BLOCK)
    print(f"full kernel for {PROCESSOR}: {per_draw:,.0f} instructions per draw")
    print(f"in {steps:.1f} steps until it arrives: {per_draw / steps:,.0f} per draw and step")


if __name__ == "__main__":
    main()
