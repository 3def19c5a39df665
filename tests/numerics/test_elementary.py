"""The kernels' exponentials and logarithms against NumPy's, over all of their range."""

from __future__ import annotations

import numpy as np
import pytest

from timecone.numerics.elementary import exp, exp2, exp10, log2, log10, sinh

RNG = np.random.default_rng(5)
EXPONENTS = np.concatenate([RNG.uniform(-1022.0, 1023.0, 10_000), RNG.uniform(-3.0, 3.0, 10_000)])
POSITIVE = np.concatenate([np.exp2(EXPONENTS[:10_000]), RNG.uniform(0.5, 2.0, 10_000)])
POWERS = np.arange(-1022.0, 1024.0)


def evaluated(function, values):
    return np.array([function(x) for x in values.tolist()])


def test_exp2_is_numpys_to_2e_14():
    np.testing.assert_allclose(evaluated(exp2, EXPONENTS), np.exp2(EXPONENTS), rtol=2e-14, atol=0.0)


def test_exp2_of_a_whole_number_is_exact():
    np.testing.assert_array_equal(evaluated(exp2, POWERS), np.exp2(POWERS))


def test_exp2_is_continuous_where_its_pieces_meet():
    meeting = np.arange(-50.0, 50.0) + 0.5
    around = np.concatenate([np.nextafter(meeting, -np.inf), meeting, np.nextafter(meeting, np.inf)])
    np.testing.assert_allclose(evaluated(exp2, around), np.exp2(around), rtol=2e-14, atol=0.0)


@pytest.mark.parametrize(("beyond", "bound"), [(1e4, 1023.0), (np.inf, 1023.0), (-1e4, -1022.0)])
def test_exp2_of_a_runaway_exponent_is_a_normal_number(beyond, bound):
    assert exp2(beyond) == 2.0**bound


def test_exp10_is_numpys():
    x = EXPONENTS * np.log10(2.0)
    error = np.abs(evaluated(exp10, x) / 10.0**x - 1.0)
    # The documented bound, and one rounding of the reference.
    assert (error <= 2e-14 + 2.3e-16 + 2e-16 * np.log(10.0) * np.abs(x)).all()


def test_exp_is_numpys():
    y = np.clip(EXPONENTS, -1021.0, 1021.0) * np.log(2.0)
    error = np.abs(evaluated(exp, y) / np.exp(y) - 1.0)
    assert (error <= 1e-14 + 2.3e-16 + 2e-16 * np.abs(y)).all()


def test_exp_of_0_is_1_and_of_a_runaway_number_is_normal():
    np.testing.assert_array_equal(
        evaluated(exp, np.array([0.0, 1e4, np.inf, -1e4, -np.inf])),
        [1.0, 2.0**1021, 2.0**1021, 2.0**-1021, 2.0**-1021],
    )


def test_exp_does_not_fall_from_a_number_to_the_next():
    y = RNG.uniform(-3.0, 3.0, 10_000)
    assert (evaluated(exp, np.nextafter(y, np.inf)) >= evaluated(exp, y)).all()


def test_sinh_is_numpys():
    y = np.append(np.clip(EXPONENTS, -1021.0, 1021.0) * np.log(2.0), [0.0, 1e-300, 1e-9])
    error = np.abs(evaluated(sinh, y) - np.sinh(y)) / np.cosh(y)
    assert (error <= 1e-14 + 2.3e-16 + 2e-16 * np.abs(y)).all()


def test_sinh_is_odd_and_bounded():
    y = np.append(RNG.uniform(0.0, 700.0, 1000), [0.0, 1e4, np.inf])
    np.testing.assert_array_equal(evaluated(sinh, -y), -evaluated(sinh, y))
    assert sinh(np.inf) == 2.0**1020


def test_log2_is_numpys_to_the_last_digits():
    found, expected = evaluated(log2, POSITIVE), np.log2(POSITIVE)
    assert (np.abs(found - expected) <= 1e-15 + 2.3e-16 * np.abs(expected)).all()


def test_log2_of_a_power_of_two_is_exact():
    np.testing.assert_array_equal(evaluated(log2, np.exp2(POWERS)), POWERS)


def test_log2_keeps_its_relative_precision_next_to_1():
    x = 1.0 + np.concatenate([2.0 ** -np.arange(2.0, 53.0), -(2.0 ** -np.arange(2.0, 53.0))])
    np.testing.assert_allclose(evaluated(log2, x), np.log2(x), rtol=1e-15, atol=0.0)


def test_log10_is_numpys_to_the_last_digits():
    found, expected = evaluated(log10, POSITIVE), np.log10(POSITIVE)
    assert (np.abs(found - expected) <= 1e-15 + 4.5e-16 * np.abs(expected)).all()


def test_log10_undoes_exp10():
    x = RNG.uniform(-300.0, 300.0, 10_000)
    np.testing.assert_allclose(evaluated(log10, evaluated(exp10, x)), x, rtol=4e-16, atol=5e-14)
