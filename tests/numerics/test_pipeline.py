"""Functions that only kernels call are linked into them, and what they compute is the same."""

from __future__ import annotations

import gc
import sys

import numpy as np
import pytest
from numba.core.caching import NullCache

from timecone.numerics.compiled import kernel, scalar

pytestmark = pytest.mark.slow  # everything here is compiled afresh


@scalar
def _half(x):
    return 0.5 * x


@kernel
def _halve(values, first):
    for i in range(values.size):
        values[i] = _half(values[i]) + first[0]


@kernel
def _tail(values):
    return values[1:]


@kernel
def _shift(values):
    values[1:] = values[:-1]


@kernel
def _shifted(values):
    _shift(values)
    return values[-1]


@kernel
def _sums(values):
    out = np.empty(2)
    out[0] = values.sum()
    out[1] = _tail(values).sum()
    return out


@kernel
def _fill(values, rows):
    values[:] = 2.0
    values[1:3] = rows[0]
    rows[0, :] = 7.0


@kernel
def _outer(values, k):
    _halve(values[k:], values)
    sums = _sums(values)
    return sums[0] - sums[1]


def _expected(values, k):
    values[k:] = 0.5 * values[k:] + values[0]
    return values[0]


def _llvm(dispatcher):
    ((_, compiled),) = dispatcher.linked.overloads.items()
    return compiled.library.get_llvm_str()


@pytest.fixture(scope="module", autouse=True)
def called():
    """Compile the functions by a call from Python of the outer one, which no earlier process has compiled."""
    for function in (_half, _halve, _tail, _sums, _outer):
        function._cache = NullCache()
    values, same = np.arange(5.0, 12.0), np.arange(5.0, 12.0)
    assert _outer(values, 2) == pytest.approx(_expected(same, 2), rel=1e-14)
    np.testing.assert_array_equal(values, same)


def test_a_function_that_kernels_call_has_no_entry_for_python():
    assert len(_outer.overloads) == 1
    for function in (_halve, _tail, _sums, _half):
        assert not function.overloads
        assert len(function.linked.overloads) == 1
        assert "PyObject" not in _llvm(function)
        assert "wrapper" not in _llvm(function)


def test_it_is_compiled_for_python_when_python_calls_it():
    values, same = np.arange(4.0), np.arange(4.0)
    _halve(values, np.array([3.0]))
    np.testing.assert_array_equal(values, 0.5 * same + 3.0)
    assert len(_halve.overloads) == 1
    assert _half(3.0) == 1.5


@kernel
def _filled(values, rows):
    _fill(values, rows)
    return values[0] + values[1]


def test_slices_are_filled_by_functions_that_kernels_call():
    values, rows = np.zeros(4), np.array([[3.0, 5.0]])
    assert _filled(values, rows) == 5.0
    np.testing.assert_array_equal(values, [2.0, 3.0, 5.0, 2.0])
    np.testing.assert_array_equal(rows, [[7.0, 7.0]])


def test_only_functions_that_make_or_return_arrays_count_references():
    assert "NRT_incref" not in _llvm(_halve)
    assert "NRT_decref" not in _llvm(_halve)
    assert "NRT_incref" in _llvm(_tail)
    assert "NRT_decref" in _llvm(_sums)


def test_a_slice_may_be_assigned_to_a_slice_that_overlaps_it():
    values = np.arange(5.0)
    assert _shifted(values) == 3.0
    np.testing.assert_array_equal(values, [0.0, 0.0, 1.0, 2.0, 3.0])


def test_arrays_are_freed_once():
    values = np.arange(5.0, 12.0)
    before = sys.getrefcount(values)
    for _ in range(1000):
        _outer(values, 2)
    gc.collect()
    assert sys.getrefcount(values) == before
