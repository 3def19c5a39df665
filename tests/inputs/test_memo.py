"""Memoised tables: those of equal content are shared, nothing else is, and memory is bounded."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pytest

import timecone as tc
from timecone.inputs.families import Mixture, Normal
from timecone.inputs.families.memo import Memo, UnknownContentError, content
from timecone.units import Conversion


@dataclass(frozen=True)
class _Frozen:
    number: float
    text: str = ""


@dataclass(frozen=True)
class _Twin:
    number: float
    text: str = ""


@dataclass
class _Changing:
    number: float


def _mixture(weight: float) -> Mixture:
    stated = tc.Mixture(
        components=[
            {"weight": weight, "distribution": "normal", "mean": 0, "sd": 1},
            {"weight": 1 - weight, "distribution": "lognormal", "median": 3, "sigma": 0.5},
        ]
    )
    assert isinstance(stated.family, Mixture)
    return stated.family


def test_content_is_equal_exactly_for_values_of_equal_type_and_bits() -> None:
    groups = [
        [0.0],
        [-0.0],
        [math.nan, float("nan")],
        [math.inf],
        [1.0],
        [1],
        [True],
        [np.float64(1.0)],
        ["1"],
        [None],
        [()],
        [(1.0,)],
        [(1,)],
        [(1.0, 2.0)],
        [((1.0,), 2.0)],
        [(1.0, "")],
        [_Frozen(1.0), _Frozen(1.0)],
        [_Frozen(1.0, "a")],
        [_Frozen(-0.0)],
        [_Frozen(0.0)],
        [_Twin(1.0)],
        [Conversion(2.0), Conversion(2.0)],
        [Conversion(3.0)],
        [Normal(1.0, 2.0), Normal(1.0, 2.0)],
        [Normal(2.0, 1.0)],
        [_mixture(0.5), _mixture(0.5)],
        [_mixture(0.25)],
    ]
    keys = [[content(value) for value in group] for group in groups]
    for group in keys:
        assert len(set(group)) == 1
    assert len({group[0] for group in keys}) == len(groups)


@pytest.mark.parametrize("value", [[1.0], {"a": 1.0}, np.zeros(2), _Changing(1.0), (1.0, [2.0]), object()])
def test_what_may_change_has_no_content_and_is_computed_each_time(value: object) -> None:
    with pytest.raises(UnknownContentError):
        content(value)
    calls: list[int] = []
    memo = Memo[int](1000, lambda _: 1)
    for _ in range(2):
        memo.of(lambda: calls.append(1) or 0, value)
    assert len(calls) == 2
    assert len(memo) == 0


def test_the_least_recently_used_results_are_dropped() -> None:
    memo, computed = Memo[bytes](300, len), []

    def of(key: int) -> bytes:
        def compute() -> bytes:
            computed.append(key)
            return bytes([key]) * 100

        return memo.of(compute, key)

    for key in (1, 2, 3, 1, 4, 1, 3, 2):
        assert of(key) == bytes([key]) * 100
    # 2 went when 4 came, and 4 when 2 came again.
    assert computed == [1, 2, 3, 4, 2]
    assert len(memo) == 3


def test_a_result_too_large_to_keep_with_others_is_returned() -> None:
    memo = Memo[bytes](10, len)
    assert memo.of(lambda: bytes(100), 1) == bytes(100)
    assert memo.of(lambda: bytes(5), 2) == bytes(5)
    assert len(memo) == 1


def test_an_error_is_not_kept() -> None:
    memo = Memo[int](1000, lambda _: 1)

    def fail() -> int:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - of no text
        memo.of(fail, 1)
    assert memo.of(lambda: 7, 1) == 7


def test_threads_get_the_result_of_their_own_key() -> None:
    memo = Memo[int](50, lambda _: 1)
    with ThreadPoolExecutor(4) as threads:
        keys = [k % 80 for k in range(4000)]
        assert list(threads.map(lambda k: memo.of(lambda: k * k, k), keys)) == [k * k for k in keys]
    assert len(memo) == 50


def test_equal_mixtures_share_a_table_and_different_ones_do_not() -> None:
    scores = np.linspace(-4.0, 4.0, 101)
    one, same, other = _mixture(0.5), _mixture(0.5), _mixture(0.25)
    assert one is not same
    assert one.compiled().table is same.compiled().table
    assert other.compiled().table is not one.compiled().table
    # Against a table that no memo has seen.
    for family in (one, other):
        np.testing.assert_array_equal(family.compiled()(scores), replace(family)._compile()(scores))
    assert not np.array_equal(one.compiled()(scores), other.compiled()(scores))
