"""The page that puts the sources' central values beside the medians that the baseline draws."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import timecone as tc

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "baseline.md"
#: Largest ratio of the drawn median to the source's centre that needs no reason.
NEAR = 1.05


def table() -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return [[row[0].strip("`"), *row[1:]] for row in rows]


ROWS = table()


@pytest.fixture(scope="module")
def shipped(shipped_file: Path) -> tc.Scenario:
    return tc.load(shipped_file)


@pytest.fixture(scope="module")
def drawn(shipped):
    """Return draws by parameter, and of each choice the values that were drawn."""
    return tc.sample(shipped, draws=40_000, seed=17)


def test_the_page_has_every_input_of_the_baseline(shipped):
    assert {row[0] for row in ROWS} == set(shipped.parameters)
    for name, given in shipped.parameters.items():
        branches = [row[1] for row in ROWS if row[0] == name]
        expected = set() if not given.choices else set(given.form.values)
        assert set(branches) - {""} == expected, name
        assert {row[4] for row in ROWS if row[0] == name} == {given.unit}


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}".strip())
def test_the_printed_median_is_that_of_the_draws(row, shipped, drawn):
    name, branch, _, printed, unit, _ = row
    values = drawn[name].values
    if branch:
        (choice,) = shipped.parameters[name].choices
        names = drawn[f"choice_{choice}"].attrs["flag_meanings"].split()
        values = values[drawn[f"choice_{choice}"].values == names.index(branch)]
    # From the model's unit to the author's.
    factor = {"month": 12.0, "%/year": 100.0, "% of world output": 100.0}.get(unit, 1.0)
    low, high = np.quantile(values * factor, [0.49, 0.51], method="inverted_cdf")
    assert low * (1.0 - 1e-3) <= float(printed) <= high * (1.0 + 1e-3)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}".strip())
def test_a_median_away_from_its_source_has_a_reason(row):
    _, _, centre, printed, _, why = row
    stated = [float(x) for x in re.findall(r"[\d.]+(?:e\+?\d+)?", centre)]
    if len(stated) == 1:
        one, other = sorted((stated[0], float(printed)))
        assert why or other <= NEAR * one
    else:
        assert len(why) > 10


def test_the_pace_before_the_start_is_the_fits(shipped):
    past, fitted = (shipped.parameters[f"algorithms.halving_time{end}"] for end in ("_past", ""))
    assert past.unit == fitted.unit
    assert past.form == fitted.form
