"""Prices of chips: at release, bought later, rented; in USD of one year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from refusals import refused
from timecone.history import read_bundled
from timecone.history.chip_prices import chip_prices
from timecone.history.evidence import gather
from timecone.history.inflation import CPI, real
from timecone.history.joint.observations import observe

CHIPS = pd.DataFrame(
    {
        "name": ["Alpha", "Beta", "Gamma", "Delta"],
        "date": [2020.5, 2021.5, 2016.5, 2019.5],
        "fp32": [1e13, 2e13, 5e12, np.nan],
        "tensor_fp16": [1e14, np.nan, np.nan, np.nan],
        "price": [10_000.0, np.nan, 900.0, 5.0],
        "price_2020": [np.nan, np.nan, 1000.0, np.nan],
    }
)
PRICES = pd.DataFrame(
    {
        "hardware": ["Beta", "Beta", "Alpha", "Alpha", "Omega", "Beta"],
        "date": [2021.6, 2024.5, 2023.5, 2024.5, 2024.5, 2020.4],
        "price": [3000.0, 1000.0, 6000.0, np.nan, 1.0, 4000.0],
        "price_per_hour": [np.nan, 0.5, np.nan, 2.0, 1.0, np.nan],
    }
)


def test_prices_of_one_year() -> None:
    # In the middle of a year the index is that year's.
    price = real(np.array([100.0, 100.0, np.nan]), np.array([2020.5, 2024.5, 2020.5]), 2024)
    assert price[:2] == pytest.approx([100.0 * 313.689 / 258.811, 100.0])
    assert np.isnan(price[2])
    # At its beginning it is the geometric mean with the year before.
    assert real(np.ones(1), np.array([2021.0]), 2021)[0] == pytest.approx((270.970 / 258.811) ** 0.5)
    # Outside the table the last growth goes on.
    assert real(np.ones(1), np.array([2026.5]), 2025)[0] == pytest.approx(313.689 / 321.943)
    assert real(np.ones(1), np.array([2005.5]), 2006)[0] == pytest.approx(207.342 / 201.6)
    assert list(CPI) == list(range(2006, 2026))
    with refused("year-without-price-index", "year", got=2030):
        real(np.ones(1), np.array([2020.0]), 2030)


def test_each_price_has_its_basis() -> None:
    table = chip_prices(CHIPS, PRICES, year=2020).set_index(["name", "basis", "date"])
    assert set(table.index) == {
        ("Alpha", "release", 2020.5),
        ("Alpha", "purchase", 2023.5),
        ("Alpha", "rental", 2024.5),
        ("Beta", "release", 2021.6),
        ("Beta", "purchase", 2024.5),
        ("Beta", "rental", 2024.5),
        ("Beta", "purchase", 2020.4),
        ("Gamma", "release", 2016.5),
    }
    row = table.loc[("Alpha", "release", 2020.5)]
    assert (row["real"], row["per_usd"], bool(row["is_tensor"])) == (10_000.0, 1e14 / 10_000.0, True)
    # A price in USD of 2020 stands before one of the day.
    assert table.loc[("Gamma", "release", 2016.5), "real"] == pytest.approx(1000.0)
    rent = table.loc[("Beta", "rental", 2024.5)]
    assert rent["real"] == pytest.approx(0.5 * 258.811 / 313.689)
    assert rent["per_usd"] == pytest.approx(2e13 * 3600.0 / rent["real"])
    assert rent["age"] == pytest.approx(3.0)
    far = chip_prices(CHIPS, PRICES, within=5.0)
    assert set(far.basis[far.name == "Beta"]) == {"release", "rental"}
    with refused("invalid-duration-in-years", "within", got=0.0):
        chip_prices(CHIPS, within=0.0)


def test_bundled_chips_have_one_release_price_each() -> None:
    chips = read_bundled("chips").rows
    table = chip_prices(chips, year=2020)
    assert len(table) == len(chips[chips["fp32"].notna() | chips["tensor_fp16"].notna()])
    joined = table.merge(chips[["name", "date", "price_2020"]], on=["name", "date"])
    of_2020 = joined[joined["price_2020"].notna()]
    np.testing.assert_allclose(of_2020["real"], of_2020["price_2020"], rtol=1e-12)


def test_a_fit_sees_release_prices_of_one_year() -> None:
    evidence = gather()
    tables = (evidence.runs, evidence.chips, evidence.studies)
    of_the_day, of_2025 = (observe(*tables, as_of=2026.0, price_year=year) for year in (None, 2025))
    assert of_2025.chip_name == of_the_day.chip_name
    shift = of_the_day.performance - of_2025.performance
    expected = []
    for name, released in zip(of_2025.chip_name, of_2025.chip_date, strict=True):
        chip = evidence.chips[(evidence.chips["name"] == name) & (evidence.chips["date"] == released)].iloc[0]
        has_2020 = np.isfinite(chip["price_2020"])
        expected.append(np.log10(real(np.ones(1), np.array([2020.5 if has_2020 else released]), 2025)[0]))
    np.testing.assert_allclose(shift, expected, atol=1e-12)
    with refused("year-without-price-index", "year", got=1999):
        observe(*tables, as_of=2026.0, price_year=1999)
