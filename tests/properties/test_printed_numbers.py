"""Every printed number lies inside its printed interval, in every format and on every width of terminal."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

import latex_tables
import timecone as tc
from examples import examples
from timecone.results.run_file.probabilities import default_years
from timecone.results.tables import latex, layout, tidy
from timecone.results.tables.rows import PERCENTILES
from timecone.results.tables.run_tables import tables_of
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import MISSING, Cell, Table
from timecone.results.tables.terminal import print_table
from timecone.scenario.file import parse
from toy_model import SOURCE, full_content


def number(text: str) -> Decimal:
    """Return a printed number as one to compare with: what is beyond the horizon is infinite."""
    text = text.removesuffix(" %").replace(",", "")
    if text in ("none", "∞") or text[0] in "≤>":
        return Decimal("-Infinity" if text[0] in "≤n" else "Infinity")
    return Decimal(text)


def outside(cells: Iterator[Cell]) -> list[Cell]:
    """Return the cells whose number lies outside its interval, both as printed."""
    found = []
    for cell in cells:
        if cell.text != MISSING and cell.bracket:
            first, sign, last = cell.bracket.partition(" to ")
            assert sign, cell
            if not number(first) <= number(cell.text) <= number(last):
                found.append(cell)
    return found


def cells_of(made: list[Table]) -> list[Cell]:
    return [cell for table in made for _, cells in table.rows for cell in cells]


def assert_inside(run: xr.DataTree) -> int:
    """Return how many numbers have intervals, after a look at each."""
    made = tables_of(RunStatistics(run))
    cells = cells_of(made)
    assert not outside(iter(cells))
    in_latex = [",".join(row[1:]) for rows in latex_tables.rows(latex.latex(run, made)) for row in rows]
    for text in (layout.markdown(run, made), layout.csv(made), "\n".join(in_latex)):
        plain = re.sub(r"\\([^a-z])", r"\1", text)
        printed = re.findall(r"([^|,&\[\]\"\n]+) \[([^\]]+)\]", plain)
        shown = [Cell(number.strip(), ends) for number, ends in printed if " to " in ends]
        assert len(shown) == sum(bool(cell.bracket) for cell in cells)
        assert not outside(iter(shown))
    for frame, value in (
        (tidy.probability_table(RunStatistics(run)), "probability"),
        (tidy.percentile_table(RunStatistics(run)), "value"),
        (tidy.extras_table(RunStatistics(run)), "value"),
        (tidy.flags_table(RunStatistics(run)), "share"),
    ):
        if len(frame):
            assert np.all((frame["lower"] <= frame[value]) & (frame[value] <= frame["upper"]))
    rest = tidy.probability_table(RunStatistics(run))
    if len(rest):
        value, lower, upper = (rest[name] for name in tidy.NOT_BY_HORIZON)
        assert np.all((lower <= value) & (value <= upper))
    return sum(bool(cell.bracket) for cell in cells)


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    content = full_content()
    content["choices"] = {"view": {"weights": {"near": 0.3, "far": 0.7}} | SOURCE}
    values = {
        name: {"distribution": "normal", "mean": draw(st.sampled_from([21.0, 30.0, 55.0])), "sd": spread}
        for name, spread in (("near", 0.01), ("far", 8.0))
    }
    need = {"by": "view", "values": values, "unit": "log10 FLOP"}
    content["parameters"]["growth"]["need"] = need | SOURCE
    del content["correlations"]
    content["run"] = {"seed": draw(st.integers(0, 99)),
                      "design": draw(st.sampled_from(["random", "sobol", "latin"]))}  # fmt: skip
    return content


@pytest.mark.slow
@given(content=scenarios(), draws=st.sampled_from([512, 8192]), part=st.sampled_from([1, 4]))
@settings(max_examples=examples(12))
def test_every_number_of_a_random_run_lies_in_its_interval(
    content: dict[str, Any], draws: int, part: int
) -> None:
    run = tc.simulate(parse(content), draws=draws, threads=1, keep=draws // part, paths=1)
    assert_inside(run)


@pytest.mark.slow
def test_every_number_of_the_baseline_lies_in_its_interval(baseline: tc.Scenario) -> None:
    # At the tutorial's draws 41 of 63 probabilities and 31 of 54 dates once did not.
    run = tc.simulate(baseline, draws=20_000, seed=1, keep=5000, paths=1)
    assert assert_inside(run) > 150
    made = {table.name: table for table in tables_of(RunStatistics(run))}
    by = dict(made["probabilities"].rows)["TAI"]
    found = tc.probability_by(run, "tai", default_years(run))
    for cell, value, error in zip(by, found.values, found.standard_error.values, strict=False):
        # Rounded: off by half of the last place at most, which is a fifth of the error at most.
        assert (
            abs(float(cell.text) - value) <= 0.5 * 10.0 ** -len(cell.text.partition(".")[2]) <= error / 19.8
        )
    dates = dict(made["percentiles"].rows)["TAI"]
    exact = tc.percentiles(run, "tai", PERCENTILES)
    for cell, value in zip(dates, exact.values, strict=True):
        if np.isfinite(value):
            assert abs(float(cell.text) - value) <= 0.05


@pytest.mark.parametrize("width", [20, 40, 60, 80, 118, 200])
def test_no_number_is_left_out_or_cut_on_any_terminal(small_run: xr.DataTree, width: int) -> None:
    for table in tables_of(RunStatistics(small_run)):
        stream = io.StringIO()
        print_table(Console(file=stream, width=width, highlight=False), table)
        printed = Counter(stream.getvalue().split())
        wanted = Counter(
            word
            for _, cells in table.rows
            for cell in cells
            for word in f"{cell.text} {cell.bracket}".split()
        )
        assert not wanted - printed, width
        assert "…" not in stream.getvalue()
        if width >= 60:
            assert max(map(len, stream.getvalue().splitlines())) <= width
