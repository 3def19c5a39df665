"""Commands on runs with failed draws: a warning on the error stream, an exit code above 1 %, all formats."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from calculator import UNIFORM, calculator, formula

pytestmark = pytest.mark.usefixtures("_no_figures")


@pytest.fixture
def scenario(write, request) -> Path:
    return write(calculator(formula(request.param), u=UNIFORM))


LOGARITHM = "where(u < 0.2, log(0 - 1), 30)"
DIVISION = "where(u < 0.2, 1 / 0, 30)"
RARE = "where(u < 0.005, 1 / 0, 30)"
CASES = {LOGARITHM: "the result is undefined", DIVISION: "division by zero"}


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.mark.slow
@pytest.mark.parametrize("scenario", CASES, indirect=True)
def test_many_failed_draws_end_with_3(call, scenario: Path, tmp_path: Path, request) -> None:
    reason = CASES[request.node.callspec.params["scenario"]]
    out = tmp_path / "out"
    code, printed, err = call("run", scenario, "-n", 2000, "--out", out, "--threads", 1)
    assert code == 3
    assert err.startswith("timecone: warning: ")
    assert "of the draws failed (" in err
    assert f"in threshold.requirement: {reason}" in err
    assert "more than 1 % failed" in err
    # Below each of the four tables and among the accounts, whatever the width at which lines are broken.
    assert " ".join(printed.split()).count("of the draws failed (") == 5
    assert " ".join(printed.split()).count("If all failed draws arrived first, no number above") == 4
    (row,) = _rows(out / "failures.csv")
    failed = int(row["count"])
    assert 300 < failed < 500
    assert row["quantity"] == "threshold.requirement"
    late = next(r for r in _rows(out / "probabilities.csv") if (r["quantity"], r["year"]) == ("tai", "2040"))
    assert int(late["failed"]) == failed
    assert float(late["failed_last"]) == pytest.approx((2000 - failed) / 2000, abs=1e-12)
    assert float(late["failed_first"]) == 1.0
    run = out / "run.nc"
    for arguments in (["--json"], ["--format", "markdown"], ["--format", "latex"], ["--format", "csv"], []):
        code, printed, err = call("percentiles", run, *arguments)
        assert code == 3
        assert "timecone: warning: " in err
        assert reason in " ".join(printed.split())
    answer = json.loads(call("percentiles", run, "--json").out)
    assert answer["failed_share"] == failed / 2000
    assert answer["failures"][0]["count"] == answer["accounts"]["failed"] == failed
    assert {"failed_first", "failed_last", "failed"} <= set(answer["percentiles"][0])
    assert call("report", run, "--out", tmp_path / "page.md").code == 3
    assert reason in (tmp_path / "page.md").read_text(encoding="utf-8")
    assert call("export", run).code == 3


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [RARE], indirect=True)
def test_a_few_failed_draws_are_said_and_end_with_0(call, scenario: Path, tmp_path: Path) -> None:
    code, _, err = call("run", scenario, "-n", 4000, "--out", tmp_path / "out", "--threads", 1, "--quiet")
    assert code == 0
    assert err.startswith("timecone: warning: ")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("scenario", ["u / 0"], indirect=True)
def test_a_formula_that_always_fails_is_refused_by_check(call, scenario: Path) -> None:
    code, printed, err = call("check", scenario)
    assert (code, printed) == (2, "")
    assert "threshold.requirement: no value in any of 1,024 trial draws (division by zero)" in err
