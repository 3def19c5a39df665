"""A printed number shows no digit that its Monte Carlo error does not bear."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from timecone.results import quote
from timecone.schema import BIN_WIDTH

START, HORIZON = 2026.0, 2126.0
KINDS = ("date", "duration", "probability", "percent")
MOST = {"date": 1, "duration": 2, "probability": 3, "percent": 2}

errors = st.floats(1e-12, 1e6)


def _half_unit(places: int) -> Fraction:
    return Fraction(1, 2) * Fraction(10) ** -places


@given(error=errors, kind=st.sampled_from(KINDS))
def test_the_last_digit_is_borne_by_its_error(error: float, kind: str) -> None:
    assert 2 * Fraction(error) < _half_unit(quote.decimals(error, kind))


@given(error=errors, kind=st.sampled_from(KINDS))
def test_no_digit_that_the_error_bears_is_withheld(error: float, kind: str) -> None:
    places = quote.decimals(error, kind)
    assume(places < MOST[kind])
    # The logarithm may be an ulp off at an exact power of ten, to the careful side only.
    assert 2 * Fraction(error) * Fraction(1 + 1e-12) >= _half_unit(places + 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("places", [0, 1, 2, 3])
def test_an_error_of_exactly_half_a_unit_is_too_much(kind: str, places: int) -> None:
    just_too_much = 0.25 * 10.0**-places
    assert quote.decimals(just_too_much, kind) < places
    if places <= MOST[kind]:
        assert quote.decimals(just_too_much * 0.999, kind) == places


@pytest.mark.parametrize("kind", KINDS)
def test_without_error_the_most_digits_of_the_kind_are_shown(kind: str) -> None:
    assert quote.decimals(0.0, kind) == quote.decimals(1e-30, kind) == MOST[kind]


@given(value=st.floats(0.0, 1.0, exclude_min=True, exclude_max=True), error=st.floats(0.0, 0.5))
def test_a_rare_probability_is_never_written_as_0_or_1(value: float, error: float) -> None:
    text = quote.probability(value, error)
    if text[0] in "<>":
        bound = Decimal(text[1:])
        assert value < bound if text[0] == "<" else value > bound
    else:
        assert 0 < Decimal(text) < 1


@given(value=st.floats(0.0, 1.0), error=st.floats(0.0, 0.5))
def test_a_probability_shows_only_digits_that_its_error_bears(value: float, error: float) -> None:
    text = quote.probability(value, error).lstrip("<>")
    shown = len(text.partition(".")[2])
    assert shown == max(quote.decimals(error, "probability"), 0)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.123456, 1e-5, "0.123"),
        (0.123456, 2e-3, "0.12"),
        (0.123456, 3e-3, "0.1"),
        (0.04, 0.02, "<0.1"),
        (0.0001, 1e-5, "<0.001"),
        (0.9999, 1e-5, ">0.999"),
        (0.0, 1e-5, "0.000"),
        (1.0, 1e-5, "1.000"),
    ],
)
def test_probabilities_as_written(value: float, error: float, text: str) -> None:
    assert quote.probability(value, error) == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (2033.97, 0.01, "2034.0"),
        (2033.97, 0.024, "2034.0"),
        (2033.97, 0.026, "2033"),
        (2033.97, 0.24, "2033"),
        (2033.97, 0.26, "~2033"),
        (2033.97, float("inf"), "~2033"),
        (float("inf"), float("inf"), ">2126"),
        (float("inf"), 0.0, ">2126"),
        (2026.0, 0.0, "≤2026"),
        (2026.0 + 0.5 * BIN_WIDTH, 1e-3, "≤2026"),
        (2026.0 + 1.5 * BIN_WIDTH, 1e-3, "2026.0"),
    ],
)
def test_dates_as_written(value: float, error: float, text: str) -> None:
    assert quote.date(value, error, start=START, horizon=HORIZON) == text


@given(value=st.floats(START + 2.0 * BIN_WIDTH, HORIZON, exclude_max=True), error=errors)
def test_a_date_without_decimals_is_its_calendar_year(value: float, error: float) -> None:
    text = quote.date(value, error, start=START, horizon=HORIZON)
    assert text.startswith("~") == (2 * Fraction(error) >= _half_unit(0))
    if "." not in text:
        assert int(text.lstrip("~")) == int(value)


def test_a_start_or_horizon_inside_a_year_is_written_as_it_is() -> None:
    assert quote.date(2026.5, 0.0, start=2026.5, horizon=2126.25) == "≤2026.5"
    assert quote.date(float("inf"), 0.0, start=2026.5, horizon=2126.25) == ">2126.25"


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (4.127, 1e-3, "4.13"),
        (4.127, 5e-3, "4.1"),
        (4.127, 0.1, "4"),
        (4.127, 0.3, "~4"),
        (float("inf"), float("inf"), ">100"),
        (0.0, 0.0, "0.00"),
    ],
)
def test_durations_as_written(value: float, error: float, text: str) -> None:
    assert quote.duration(value, error, longest=100.0) == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.00314, 1e-6, "0.31 %"),
        (0.00314, 5.6e-5, "0.3 %"),
        (0.5, 0.02, "50 %"),
        (0.0, 1e-3, "0 %"),
        (1.0, 1e-3, "100 %"),
        (1e-5, 1e-6, "<0.01 %"),
        (1e-5, 1e-3, "<1 %"),
        (0.99999, 1e-6, ">99.99 %"),
        (0.5, float("inf"), "50 %"),
    ],
)
def test_shares_in_percent_as_written(value: float, error: float, text: str) -> None:
    assert quote.percent(value, error) == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (4.1274, 1e-3, "4.13"),
        (-4.1274, 1e-2, "-4.1"),
        (4.1274, 0.0, "4.13"),
        (0.0041274, 0.0, "0.00413"),
        (21.2, 1.0, "20"),
        (21.2, 0.1, "21"),
        (5.3, 3.0, "~5"),
        (1234567.0, 0.0, "1.23e+06"),
        (0.0, 0.0, "0.00"),
        (3.0, float("inf"), "~3"),
        (float("inf"), float("inf"), "∞"),
        (float("-inf"), 0.0, "none"),
    ],
)
def test_numbers_of_any_size_as_written(value: float, error: float, text: str) -> None:
    assert quote.number(value, error) == text


@pytest.mark.parametrize(
    ("lower", "upper", "text"),
    [
        ("2033.7", "2033.7", "2033.7"),
        ("2033.7", "2033.9", "2033.7–3.9"),
        ("2033.7", "2041.2", "2033.7–41.2"),
        ("2033.7", ">2126", "2033.7–>2126"),
        ("≤2026", "2026.3", "≤2026–2026.3"),
        (".51", ".53", ".51–.53"),
        ("9.98", "10.02", "9.98–10.02"),
        ("1999.8", "2000.1", "1999.8–2000.1"),
    ],
)
def test_intervals_as_written(lower: str, upper: str, text: str) -> None:
    assert quote.interval(lower, upper) == text


dates_ = st.floats(START + 2.0 * BIN_WIDTH, HORIZON, exclude_max=True)


@given(ends=st.tuples(dates_, dates_).map(sorted))
def test_an_interval_of_dates_can_be_read_back(ends: list[float]) -> None:
    lower, upper = (quote.date(end, 0.0, start=START, horizon=HORIZON) for end in ends)
    first, _, second = quote.interval(lower, upper).partition("–")
    assert first == lower
    assert (lower[: len(lower) - len(second)] + second if second else lower) == upper
