"""What a run is said to take before it begins is what it takes, within a factor of two."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import timecone as tc
from refusals import refused
from timecone.cli.estimate import duration, size

DRAWS = 400_000

# In a process of its own: the peak of this one tells of all tests before it.
CODE = """
import json, resource, sys, time
import timecone as tc, toy_model
from timecone import models
from timecone.scenario.file import parse
models.register(toy_model.MODEL)
scenario = parse(toy_model.full_content())
arguments = {"draws": DRAWS, "keep": DRAWS, "threads": 1, "paths": 500}
if sys.argv[1] == "estimate":
    found = tc.estimate(scenario, **arguments)
    print(json.dumps({"seconds": found.seconds, "memory": found.memory, "disk": found.disk}))
else:
    tc.simulate(scenario, draws=64)
    begun = time.perf_counter()
    path = tc.save_run(tc.simulate(scenario, **arguments), sys.argv[2])
    seconds, peak = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak *= 1 if sys.platform == "darwin" else 1024
    print(json.dumps({"seconds": seconds, "memory": peak, "disk": path.stat().st_size}))
"""


def _told(*arguments: str) -> dict[str, float]:
    support = str(Path(__file__).parents[1] / "support")
    code = f"import sys; sys.path.insert(0, {support!r}); DRAWS = {DRAWS}\n{CODE}"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the peak of a process is not told")
def test_a_run_takes_what_was_said(tmp_path: Path) -> None:
    said, took = _told("estimate"), _told("run", str(tmp_path / "run.nc"))
    assert 0.5 < said["disk"] / took["disk"] < 2.0
    assert 0.5 < said["memory"] / took["memory"] < 2.0
    # Other programs may take the processors meanwhile.
    assert 0.1 < said["seconds"] / took["seconds"] < 10.0


@pytest.mark.slow
def test_the_file_of_the_baseline_is_as_large_as_said(baseline: tc.Scenario, tmp_path: Path) -> None:
    run = tc.simulate(baseline, draws=40_000, threads=2, paths=40, keep=30_000)
    took = tc.save_run(run, tmp_path / "run.nc").stat().st_size
    said = tc.estimate(baseline, draws=40_000, threads=2, paths=40, keep=30_000)
    assert 0.7 < said.disk / took < 1.4
    assert said.draws == 40_000
    assert said.rate == pytest.approx(said.draws / said.seconds)


@pytest.mark.slow
def test_what_is_kept_costs_and_what_is_not_does_not(baseline: tc.Scenario) -> None:
    least, few, many = (
        tc.estimate(baseline, draws=draws, keep=keep, paths=1, threads=1)
        for draws, keep in ((10**5, 10_000), (10**8, 10_000), (10**8, 10**7))
    )
    assert many.disk - few.disk > 9.9e6 * 8 * 20
    assert many.memory - few.memory > 9.9e6 * 8 * 20
    # Summarised draws take no memory, beside what the trials before have taken of this process.
    assert few.memory < least.memory + 2e8
    assert few.seconds > 100.0


@pytest.mark.parametrize("name", ["draws", "threads", "keep"])
def test_arguments_out_of_range_are_refused(baseline: tc.Scenario, name: str) -> None:
    with refused("setting-out-of-range", name, got=0):
        tc.estimate(baseline, **{name: 0})


def test_a_number_of_draws_that_the_design_has_not_is_refused(baseline: tc.Scenario) -> None:
    with refused("sobol-not-power-of-two", "draws"):
        tc.estimate(baseline.replace({}, run={"design": "sobol"}), draws=1000)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (119.4, "119 s"), (300.0, "5 min"), (7199.0, "120 min"), (9000.0, "2.5 h")],
)
def test_times_as_written(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(500.0, "0 kB"), (41.2e6, "41.2 MB"), (1.5e9, "1.5 GB"), (2e12, "2 TB")]
)
def test_sizes_as_written(count: float, text: str) -> None:
    assert size(count) == text
