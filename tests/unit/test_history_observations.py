"""What the fit picks from tables: who was at the frontier when, and what was known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from timecone.errors import ArgumentError, UsageError
from timecone.history.evidence import gather
from timecone.history.hindsight.outturns import outturns, record_dates
from timecone.history.joint.observations import observe


@pytest.fixture(scope="module")
def own():
    return gather()


def test_only_what_was_known_is_used(own):
    seen = observe(own.runs, own.chips, own.studies, as_of=2020.0)
    assert seen.end == 2020.0
    assert seen.run_date.max() <= 2020.0
    assert seen.chip_date.max() <= 2020.0
    assert "AlphaStar" in seen.run_name
    assert "GPT-3 175B (davinci)" not in seen.run_name
    assert seen.study_name == ()  # the first study came out in May 2020


def test_missing_compute_is_missing_and_not_small(own):
    """After mid-2025 most cells are blank: what is published then does not stand for the frontier."""
    seen = observe(own.runs, own.chips, own.studies, as_of=2026.65)
    assert seen.end == pytest.approx(2025.6)
    assert seen.run_date.max() <= 2025.6
    assert np.isfinite(seen.compute).all()
    assert np.isnan(seen.cost).any()


def test_the_frontier_is_the_top_at_release(own):
    few = observe(own.runs, own.chips, own.studies, as_of=2026.65, top=1)
    many = observe(own.runs, own.chips, own.studies, as_of=2026.65, top=10)
    assert few.is_record.all()
    assert set(few.run_name) == {n for n, r in zip(many.run_name, many.is_record, strict=True) if r}
    assert np.all(np.diff(few.compute) > 0.0)


def test_labels_give_errors(own):
    seen = observe(own.runs, own.chips, own.studies, as_of=2026.65)
    by_name = dict(zip(seen.run_name, seen.compute_error, strict=True))
    assert by_name["Grok 4"] == pytest.approx(0.898, abs=1e-3)
    assert by_name["Llama 3.1-405B"] == pytest.approx(0.290, abs=1e-3)


def test_catching_up_is_another_quantity(own):
    assert "catching up" in set(own.studies["domain"])
    seen = observe(own.runs, own.chips, own.studies, as_of=2026.65)
    assert len(seen.halving) == (own.studies["domain"] != "catching up").sum()


def test_too_little_is_refused(own):
    with pytest.raises(ArgumentError, match=r"too few frontier runs .* known at 2012"):
        observe(own.runs, own.chips, own.studies, as_of=2012.0)


def test_costs_and_prices_fill_blank_cells(tmp_path, own):
    blank = own.runs[own.runs["cost"].isna() & own.runs["training_compute"].notna()]["name"].iloc[0]
    path = tmp_path / "costs.csv"
    path.write_text(
        "Model,Cloud_Cost,Hardware_Acquisition_Cost,Hardware_Capex_Energy_Cost\n"
        f'"{blank}",,,1234\nGPT-4 (Mar 2023),,,9\n'
    )
    runs = gather([path]).runs.set_index("name")["cost"]
    assert runs[blank] == 1234.0
    assert runs["GPT-4 (Mar 2023)"] != 9.0


def test_two_files_of_a_kind_are_refused(tmp_path):
    path = tmp_path / "costs.csv"
    path.write_text("Model,Cost\na,1\n")
    with pytest.raises(UsageError, match="two files of costs"):
        gather([path, path])


def test_outturns_are_running_maxima():
    runs = pd.DataFrame(
        {"date": [2018.5, 2019.2, 2021.9], "training_compute": [1e20, 1e22, 1e21], "cost": [1e3, np.nan, 1e5]}
    )
    found = {(o.target, o.year): o for o in outturns(runs, until=2022.5, first_year=2018)}
    assert found["compute", 2018].value == 20.0
    assert [found["compute", year].value for year in (2019, 2020, 2021, 2022)] == [22.0] * 4
    assert found["spending", 2020].value == 3.0
    assert found["spending", 2021].value == 5.0
    assert found["compute", 2022].date == 2022.5  # a year that the end cuts counts up to it
    assert found["price_performance", 2021].value == 16.0
    assert ("price_performance", 2019) not in found


def test_record_dates():
    found = record_dates(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([3.0, np.nan, 2.0, 3.0, 4.0]))
    assert found.tolist() == [1.0, 5.0]
