"""Units convert by exact factors or are refused with what would fit; dates are decimal years."""

from __future__ import annotations

import math
from datetime import date

import pytest

from refusals import refused
from timecone.models.compute.parameters import PARAMETERS
from timecone.units import (
    STEPS,
    UNCHANGED,
    Conversion,
    _registry,
    conversion,
    conversion_factor,
    decimal_year,
)

SHARES = "'share of world output' or '% of world output' or '1' or '%'"


@pytest.mark.parametrize(
    ("number", "unit", "expected", "wanted"),
    [
        (9, "month", 0.75, "year"),
        (1, "quarter", 0.25, "year"),
        (90, "minute", 1.5, "hour"),
        (365.25, "day", 1, "year"),
        (52.178571428571428, "week", 1, "year"),
        (2, "year", 24, "month"),
        (30, "%/year", 0.3, "1/year"),
        (2.4, "x/year", 2.4, "x/year"),
        (1, "% of world output", 0.01, "share of world output"),
        (2, "%", 0.02, "share of world output"),
        (0.02, "1", 0.02, "share of world output"),
        (0.388, "GUSD", 3.88e8, "USD"),
        (388, "MUSD", 3.88e8, "USD"),
        (121, "TUSD", 1.21e14, "USD"),
        (1.3, "EFLOP/USD", 1.3e18, "FLOP/USD"),
        (1.3e6, "TFLOP/USD", 1.3e18, "FLOP/USD"),
        (1.3e24, "FLOP/MUSD", 1.3e18, "FLOP/USD"),
        (7, "OOM", 7, "OOM"),
        (36, "log10 FLOP", 36, "log10 FLOP"),
        (2023.5, "calendar year", 2023.5, "calendar year"),
    ],
)
def test_a_number_is_the_same_in_either_unit(number: float, unit: str, expected: float, wanted: str) -> None:
    assert number * conversion_factor(unit, wanted) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("unit", sorted({parameter.unit for parameter in PARAMETERS}))
def test_every_unit_of_the_model_is_accepted_as_it_stands(unit: str) -> None:
    assert conversion_factor(unit, unit) == 1.0


@pytest.mark.parametrize(("unit", "wanted"), [("month", "year"), ("GUSD", "USD"), ("TFLOP/MUSD", "FLOP/USD")])
def test_there_and_back_is_no_change(unit: str, wanted: str) -> None:
    assert conversion_factor(unit, wanted) * conversion_factor(wanted, unit) == pytest.approx(1.0, rel=1e-15)


@pytest.mark.parametrize(
    ("unit", "wanted", "line"),
    [
        ("yaer", "year", "; expected 'year' or 'month' or 'day'. Did you mean 'year'?"),
        ("moth", "year", "; expected 'year' or 'month' or 'day'. Did you mean 'month'?"),
        ("USD", "year", "; expected 'year' or 'month' or 'day'."),
        ("1/year", "year", "; expected 'year' or 'month' or 'day'. Did you mean 'year'?"),
        ("FLOP", "FLOP/USD", "; expected 'FLOP/USD' or 'TFLOP/USD'. Did you mean 'FLOP/USD'?"),
        ("GUSDD", "USD", "; expected 'USD' or 'MUSD' or 'GUSD'. Did you mean 'GUSD'?"),
        ("year", "USD", "; expected 'USD' or 'MUSD' or 'GUSD'."),
        # A rate that compounds does not convert like a dimension: 1 % a month is not 12 % a year.
        ("%/month", "1/year", "; expected '1/year' or '%/year'."),
        ("1/month", "1/year", "; expected '1/year' or '%/year'."),
        ("%/year", "x/year", "; expected 'x/year'. Did you mean 'x/year'?"),
        ("x/month", "x/year", "; expected 'x/year'."),
        # Neither do logarithms and dates.
        ("FLOP", "log10 FLOP", "; expected 'log10 FLOP'. Did you mean 'log10 FLOP'?"),
        ("year", "calendar year", "; expected 'calendar year'."),
        ("year", "OOM", "; expected 'OOM'."),
        ("% of output", "share of world output", f"; expected {SHARES}. Did you mean '% of world output'?"),
        # Hours of work are not hours of the calendar.
        ("day", "hour", "; expected 'hour' or 'minute'."),
        # No arithmetic hides in a unit.
        ("12 month", "year", "; expected 'year' or 'month' or 'day'. Did you mean 'month'?"),
        ("", "year", "; expected 'year' or 'month' or 'day'."),
        ("year year", "year", "; expected 'year' or 'month' or 'day'. Did you mean 'year'?"),
        ("year)", "year", "; expected 'year' or 'month' or 'day'. Did you mean 'year'?"),
        ("(" * 300, "year", "; expected 'year' or 'month' or 'day'."),
        ("\0", "year", "; expected 'year' or 'month' or 'day'."),
        ("9 ** 9 ** 9 ** 9", "year", "; expected 'year' or 'month' or 'day'."),
        ("9 squared squared squared squared", "year", "; expected 'year' or 'month' or 'day'."),
        ("year ** 9 ** 9 ** 9", "year", "; expected 'year' or 'month' or 'day'."),
        ("year \u2079\u2079\u2079", "year", "; expected 'year' or 'month' or 'day'. Did you mean 'year'?"),
        ("year**", "year", "; expected 'year' or 'month' or 'day'. Did you mean 'year'?"),
    ],
)
def test_another_kind_of_unit_is_refused_with_what_would_fit(unit: str, wanted: str, line: str) -> None:
    with refused("unknown-unit", None):
        conversion_factor(unit, wanted)


@pytest.mark.parametrize(
    ("unit", "wanted", "expected"),
    [
        ("log10 FLOP", "log10 FLOP", UNCHANGED),
        ("year", "year", UNCHANGED),
        ("month", "year", Conversion(1 / 12)),
        ("FLOP", "log10 FLOP", Conversion(1.0, "log10")),
        ("GFLOP", "log10 FLOP", Conversion(1e9, "log10")),
        ("log10 FLOP", "FLOP", Conversion(1.0, "power")),
        ("log10 FLOP", "GFLOP", Conversion(1e-9, "power")),
        ("log10 MUSD", "USD", Conversion(1e6, "power")),
        ("%/year", "1/year", Conversion(0.01)),
    ],
)
def test_a_conversion_is_a_factor_beside_a_logarithm_or_a_power(
    unit: str, wanted: str, expected: Conversion
) -> None:
    found = conversion(unit, wanted)
    assert found.kind == expected.kind
    assert found.factor == pytest.approx(expected.factor, rel=1e-14)


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [("log10 USD", "log10 FLOP"), ("USD", "log10 FLOP"), ("log10 FLOP", "USD"), ("log FLOP", "log10 FLOP"),
     ("log10 log10 FLOP", "FLOP"), ("log10 year", "calendar year")],
)  # fmt: skip
def test_a_logarithm_of_another_kind_is_refused(unit: str, wanted: str) -> None:
    with refused("unknown-unit", None):
        conversion(unit, wanted)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 1, 1), 2026.0),
        (date(2026, 7, 2), 2026 + 182 / 365),
        (date(2026, 12, 31), 2026 + 364 / 365),
        (date(2024, 7, 2), 2024.5),
        (date(2024, 12, 31), 2024 + 365 / 366),
        (date(1900, 12, 31), 1900 + 364 / 365),
        (date(2000, 12, 31), 2000 + 365 / 366),
        (date(2024, 2, 29), 2024 + 59 / 366),
    ],
)
def test_a_decimal_year_counts_the_days_of_its_own_year(day: date, expected: float) -> None:
    assert decimal_year(day) == expected


def test_every_day_of_a_leap_year_falls_into_that_year_in_order() -> None:
    first = date(2024, 1, 1).toordinal()
    days = [decimal_year(date.fromordinal(first + k)) for k in range(366)]
    assert days == sorted(set(days))
    assert {math.floor(time) for time in days} == {2024}
    assert decimal_year(date.fromordinal(first + 366)) == 2025.0


def test_steps_are_parts_of_a_julian_year() -> None:
    assert {name: round(1 / step, 12) for name, step in STEPS.items()} == {
        "year": 1,
        "quarter": 4,
        "tenth": 10,
        "month": 12,
        "week": round(365.25 / 7, 12),
        "day": 365.25,
    }


def test_parts_of_a_year_that_are_looked_up_are_those_that_pint_computes() -> None:
    for unit in ("quarter", "month", "week", "day"):
        computed = float(_registry().Quantity(1.0, unit).to("year").magnitude)
        assert conversion_factor(unit, "year") == STEPS[unit] == computed, unit
