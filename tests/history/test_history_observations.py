"""What the fit picks from tables: who was at the frontier when, and what was known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from refusals import refused
from timecone.history.backtest.observed import observed_values, record_dates
from timecone.history.evidence import gather
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
    with refused("too-few-records", "as_of"):
        observe(own.runs, own.chips, own.studies, as_of=2012.0)


def test_costs_and_prices_fill_blank_cells(tmp_path, own):
    is_blank = own.runs["cost"].isna() & own.runs["training_compute"].notna() & (own.runs["date"] > 2020.0)
    blank = own.runs[is_blank]["name"].iloc[0]
    cost = float(own.runs.set_index("name")["training_compute"][blank]) / 1e17
    path = tmp_path / "costs.csv"
    path.write_text(
        "Model,Cloud_Cost,Hardware_Acquisition_Cost,Hardware_Capex_Energy_Cost\n"
        f'"{blank}",,,{cost!r}\nGPT-4 (Mar 2023),,,9e7\n'
    )
    runs = gather([path]).runs.set_index("name")["cost"]
    assert runs[blank] == cost
    assert runs["GPT-4 (Mar 2023)"] != 9e7


def test_only_a_price_near_the_release_is_a_release_price(tmp_path):
    chips = tmp_path / "chips.csv"
    chips.write_text("name,date,fp32,price\nA,2020-01-01,1e13,\nB,2020-01-01,1e13,\nC,2020-01-01,1e13,500\n")
    prices = tmp_path / "prices.csv"
    prices.write_text(
        "Hardware model,Price date,Price per chip-hour (on-demand),Price (hardware purchase)\n"
        "A,2020-07-01,,3000\nA,2020-03-01,,4000\nA,2025-01-01,,400\nB,2025-01-01,,300\nC,2020-01-01,,700\n"
        "D,2020-01-01,,700\nA,2020-01-01,1.5,\n"
    )
    evidence = gather([chips, prices])
    found = evidence.chips.set_index("name")["price"]
    assert found["A"] == 4000.0  # the nearest
    assert np.isnan(found["B"])
    assert found["C"] == 500.0
    reasons = {rejected.row: rejected.reason for rejected in evidence.unused["prices"]}
    assert sorted(reasons) == [2, 4, 5, 6, 7, 8]
    assert reasons[2] == "another price lies nearer to the release"
    assert reasons[5] == "further than 1 years from the chip's release (5.0 years after it)"
    assert (reasons[6], reasons[7]) == ("the chip has a price already", "no chip of this name")
    assert gather([chips, prices], price_within=6.0).chips.set_index("name")["price"]["B"] == 300.0
    for wrong in (0.0, -1.0, np.nan, np.inf):
        with refused("invalid-duration-in-years", "price_within"):
            gather([chips, prices], price_within=wrong)


def test_costs_that_fill_nothing_are_listed(tmp_path):
    path = tmp_path / "costs.csv"
    path.write_text("Model,Cost\nGPT-4 (Mar 2023),4e7\nGPT-400,4e7\n")
    assert [(s.row, s.got, s.reason) for s in gather([path]).unused["costs"]] == [
        (2, "GPT-4 (Mar 2023)", "the run has a cost already"),
        (3, "GPT-400", "no run of this name"),
    ]


def test_runs_without_costs_get_the_hint(tmp_path):
    path = tmp_path / "runs.csv"
    rows = "".join(f"R{i},20{10 + i}-01-01,{10.0 ** (18 + 0.5 * i)}\n" for i in range(12))
    path.write_text("Model,Publication date,Training compute (FLOP)\n" + rows)
    (warning,) = gather([path]).warnings
    assert "runs.csv has no training costs" in warning
    assert "columns Model and Cost, in USD of 2023" in warning


def test_the_end_of_evidence_may_be_stated(own):
    seen = observe(own.runs, own.chips, own.studies, as_of=2026.65, complete_until=2024.5)
    assert seen.end == 2024.5
    assert seen.run_date.max() <= 2024.5
    with refused("not-a-date", "complete_until"):
        observe(own.runs, own.chips, own.studies, as_of=2026.65, complete_until=np.nan)


def test_two_files_of_a_kind_are_refused(tmp_path):
    path = tmp_path / "costs.csv"
    path.write_text("Model,Cost\na,1\n")
    with refused("duplicate-table"):
        gather([path, path])


def test_outturns_are_running_maxima():
    runs = pd.DataFrame(
        {"date": [2018.5, 2019.2, 2021.9], "training_compute": [1e20, 1e22, 1e21], "cost": [1e3, np.nan, 1e5]}
    )
    found = {(o.target, o.year): o for o in observed_values(runs, until=2022.5, first_year=2018)}
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
