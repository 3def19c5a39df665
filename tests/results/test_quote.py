"""Rounding of quoted numbers: to the second significant digit of the standard error, ends in full."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timecone.results.tables import rounding
from timecone.schema import BIN_WIDTH

START, HORIZON = 2026.0, 2126.0
KINDS = ("date", "duration", "probability", "percent")
BOUNDS = {"date": (1, 3), "duration": (0, 3), "probability": (0, 9), "percent": (0, 7)}

errors = st.floats(1e-9, 1e6)
DATE = partial(rounding.date, start=START, horizon=HORIZON)
DURATION = partial(rounding.duration, longest=100.0)


@pytest.mark.slow
@given(error=errors)
def test_the_place_is_that_of_the_errors_second_digit(error: float) -> None:
    # The error in units of the place, rounded, has two digits: 10 to 99.
    unit = Fraction(10) ** -rounding.place(error)
    assert Fraction(995, 100) <= Fraction(error) / unit < Fraction(995, 10) * Fraction(1 + 1e-12)


@given(error=errors, kind=st.sampled_from(KINDS))
def test_decimals_are_the_place_within_the_bounds_of_the_kind(error: float, kind: str) -> None:
    least, most = BOUNDS[kind]
    assert rounding.decimals(error, kind) == min(max(rounding.place(error), least), most)


def test_exact_numbers_and_those_without_an_end_have_fixed_decimals() -> None:
    assert [rounding.decimals(0.0, kind) for kind in KINDS] == [3, 3, 3, 2]
    assert [rounding.decimals(float("inf"), kind) for kind in KINDS] == [1, 1, 2, 0]


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.123456, 1.2e-5, "0.123456"),
        (0.123456, 2e-3, "0.1235"),
        (0.825, 0.0026, "0.8250"),
        (0.8254, 0.03, "0.825"),
        (0.0, 1e-3, "0.0000"),
        (1.0, 0.0, "1.000"),
    ],
)
def test_probabilities_as_written(value: float, error: float, text: str) -> None:
    assert rounding.probability(value, error) == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (2027.99, 0.02, "2027.990"),
        (2033.97, 0.24, "2033.97"),
        (2033.97, 1.4, "2034.0"),
        (2071.26, 30.0, "2071.3"),
        (2033.97, float("inf"), "2034.0"),
        (float("inf"), float("inf"), ">2126"),
        (float("inf"), 0.0, ">2126"),
        (2026.0, 0.0, "≤2026"),
        (float("-inf"), float("inf"), "≤2026"),
        (2026.0 + 0.5 * BIN_WIDTH, 1e-3, "≤2026"),
        (2026.0 + 1.6 * BIN_WIDTH, 1e-3, "2026.008"),
    ],
)
def test_dates_as_written(value: float, error: float, text: str) -> None:
    assert DATE(value, error) == text


@given(value=st.floats(START + 2.0 * BIN_WIDTH, HORIZON, exclude_max=True), error=errors)
def test_a_date_is_a_decimal_year_rounded_not_cut(value: float, error: float) -> None:
    whole, point, decimals = DATE(value, error).partition(".")
    assert (len(whole), point) == (4, ".")
    half = Fraction(1, 2) * Fraction(10) ** -len(decimals)
    assert abs(Fraction(Decimal(f"{whole}.{decimals}")) - Fraction(value)) <= half


def test_a_start_or_horizon_inside_a_year_is_written_as_it_is() -> None:
    assert rounding.date(2026.5, 0.0, start=2026.5, horizon=2126.25) == "≤2026.5"
    assert rounding.date(float("inf"), 0.0, start=2026.5, horizon=2126.25) == ">2126.25"


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (4.127, 1e-3, "4.127"),
        (4.127, 0.1, "4.13"),
        (31.88, 3.0, "31.9"),
        (31.88, 12.0, "32"),
        (float("inf"), float("inf"), ">100"),
        (float("-inf"), float("inf"), "0"),
        (0.0, 0.0, "0.000"),
    ],
)
def test_durations_as_written(value: float, error: float, text: str) -> None:
    assert DURATION(value, error) == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.00314, 5.6e-5, "0.3140 %"),
        (0.5, 0.02, "50.0 %"),
        (0.5, 0.2, "50 %"),
        (0.0, 1e-3, "0 %"),
        (1.0, 1e-3, "100 %"),
        (1e-5, 1e-3, "<0.01 %"),
        (0.99999, 1e-3, ">99.99 %"),
        (0.5, float("inf"), "50 %"),
    ],
)
def test_shares_in_percent_as_written(value: float, error: float, text: str) -> None:
    assert rounding.percent(value, error) == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (4.1274, 1e-3, "4.1274"),
        (-4.1274, 1e-1, "-4.13"),
        (4.1274, 0.0, "4.13"),
        (0.0041274, 0.0, "0.00413"),
        (21.2, 12.0, "21"),
        (1234.0, 300.0, "1230"),
        (1234567.0, 0.0, "1.23e+6"),
        (1234567.0, 2e4, "1.235e+6"),
        (5.342e8, 1e6, "5.342e+8"),
        (3e-9, 1e-10, "3.00e-9"),
        (0.0, 0.0, "0.00"),
        (3.0, float("inf"), "3.00"),
        (float("inf"), float("inf"), "∞"),
        (float("-inf"), 0.0, "none"),
    ],
)
def test_numbers_of_any_size_as_written(value: float, error: float, text: str) -> None:
    assert rounding.number(value, error) == text


@given(value=st.floats(-1e12, 1e12), error=st.floats(1e-6, 1e9))
def test_a_number_is_off_by_half_of_its_last_place_at_most(value: float, error: float) -> None:
    half = Decimal(5).scaleb(-rounding.place(error) - 1)
    assert abs(Decimal(rounding.number(value, error)) - Decimal(value)) <= half


@pytest.mark.parametrize(
    ("write", "lower", "upper", "error", "text"),
    [
        (DATE, 2043.51, 2043.58, 0.6, "2043.51 to 2043.58"),
        (DATE, 2043.51, 2043.58, 1.6, "2043.5 to 2043.6"),
        (DATE, 2033.7, float("inf"), float("inf"), "2033.7 to >2126"),
        (DATE, 2026.0, 2026.31, 0.08, "≤2026 to 2026.310"),
        (DATE, float("inf"), float("inf"), float("inf"), ">2126"),
        (rounding.probability, 0.8201, 0.8299, 0.0025, "0.8201 to 0.8299"),
        (rounding.percent, 0.492, 0.508, 0.004, "49.20 to 50.80 %"),
        (rounding.number, -3.2, float("inf"), float("inf"), "-3.20 to ∞"),
    ],
)
def test_intervals_as_written(
    write: rounding.Write, lower: float, upper: float, error: float, text: str
) -> None:
    assert rounding.interval(write, lower, upper, error) == text
