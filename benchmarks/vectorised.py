"""Count vector instructions in the compiled kernels: ``uv run python benchmarks/vectorised.py``.

With ``--run N`` it runs the full kernel on N blocks instead, for a profiler that counts instructions:

    perf stat -e instructions:u uv run python benchmarks/vectorised.py --run 2     # and again with --run 12

The difference, over the difference in draws and steps, is what one draw and step costs. perf needs a
processor whose counters it may read, which many virtual machines do not give.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from collections import Counter

BLOCK = 8192
START, HORIZON, STEP = 2026.0, 2126.0, 0.25
WIDTHS = {"zmm": 8, "ymm": 4, "xmm": 2}
# Arithmetic on doubles: packed (pd) or scalar (sd).
_ARITHMETIC = re.compile(
    r"^\s+v?(?:f(?:n?m)(?:add|sub)\d+|add|sub|mul|div|min|max)(pd|sd)\s+(.*)$", re.MULTILINE
)


def _counts(assembly: str) -> Counter[str]:
    """Return how many arithmetic instructions work on how many doubles at once."""
    found: Counter[str] = Counter()
    for kind, operands in _ARITHMETIC.findall(assembly):
        width = 1 if kind == "sd" else max((WIDTHS[w] for w in WIDTHS if w in operands), default=1)
        found[str(width)] += 1
    return found


def main() -> None:
    """Print the table, or run blocks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=int, help="run so many blocks of 8192 draws instead")
    blocks = parser.parse_args().run
    if blocks is not None:
        _run(blocks)
        return
    # Code from the cache cannot be looked into: compile afresh.
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NUMBA_CACHE_DIR"] = folder
        _run(1)
        _print_table()


def _run(blocks: int) -> None:
    import numpy as np  # noqa: PLC0415

    from full_inputs import likely  # noqa: PLC0415
    from timecone.models.compute.model import MODEL  # noqa: PLC0415
    from timecone.models.model import Setup, TimeGrid  # noqa: PLC0415

    given = likely(BLOCK, seed=1)
    inputs = np.array([given.get(p.name, np.zeros(BLOCK)) for p in MODEL.parameters])
    everything_on = frozenset(component.name for component in MODEL.components if not component.excludes)
    for _ in range(blocks):
        MODEL.outcomes(inputs, Setup(TimeGrid(START, HORIZON, STEP), everything_on))
    if blocks == 1:
        MODEL.outcomes(inputs, Setup(TimeGrid(START, HORIZON, STEP)))


def _print_table() -> None:
    from timecone.models.compute.engine import heun, open_loop, rates, run  # noqa: PLC0415

    functions = {
        "open loop, run_tiles with all that it calls": open_loop.run_tiles,
        "full, one step": heun.step,
        "  hardware": heun._move_hardware,  # noqa: SLF001
        "  algorithms": heun._move_software,  # noqa: SLF001
        "  money": heun._move_money,  # noqa: SLF001
        "  effective compute": heun.set_compute,
        "  adoption": heun.set_adoption,
        "  growth rates": rates.set_rates,
        "full, run_tiles with all that it calls": run.run_tiles,
    }
    print(f"{'double arithmetic, instructions by width':<46}" + "".join(f"{w:>7}" for w in (8, 4, 2, 1)))
    for name, function in functions.items():
        assembly = "".join(function.inspect_asm().values())  # type: ignore[attr-defined]
        found = _counts(assembly)
        print(f"{name:<46}" + "".join(f"{found[str(w)]:>7}" for w in (8, 4, 2, 1)))


if __name__ == "__main__":
    main()
