"""Phases of a whole run that `speed.py` times: one process, seconds of processor and clock of each phase.

    python benchmarks/speed_phases.py 1000000    # draws

It runs with whatever ``timecone`` is first on the path, of this tree or of another one.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path


class _Phases:
    """Seconds of processor and clock by phase; the first begins with the process."""

    def __init__(self) -> None:
        self.seconds: dict[str, tuple[float, float]] = {}
        self._processor, self._clock = 0.0, time.perf_counter()

    def end(self, phase: str) -> None:
        """Note the end of a phase and the beginning of the next."""
        processor, clock = time.process_time(), time.perf_counter()
        self.seconds[phase] = (processor - self._processor, clock - self._clock)
        self._processor, self._clock = processor, clock


def main() -> None:
    """Print the seconds by phase as JSON."""
    phases = _Phases()
    import timecone as tc  # noqa: PLC0415 - its import is timed

    scenario = tc.load("baseline")
    phases.end("import and load")
    run = tc.simulate(scenario, draws=int(sys.argv[1]), seed=1, keep=100_000, paths=300, threads=1)
    phases.end("simulate")
    with tempfile.TemporaryDirectory() as folder:
        tc.save_run(run, Path(folder) / "run.nc")
        phases.end("run file")
        for milestone in ("automation_20", "automation_50", "tai", "tai_deployed"):
            tc.percentiles(run, milestone)
            tc.probability_by(run, milestone, range(2027, 2101))
        phases.end("tables")
        import matplotlib as mpl  # noqa: PLC0415 - its import is timed

        mpl.use("Agg")
        for draw in (tc.plots.cdf, tc.plots.duration, tc.plots.threshold):
            figure = draw(run)
            figure.save(Path(folder) / f"{draw.__name__}.png")
            figure.close()
        phases.end("figures")
    print(json.dumps(phases.seconds))


if __name__ == "__main__":
    main()
