"""Functions that only kernels call are linked into them, and what they compute is the same."""

from __future__ import annotations

import gc
import sys
import threading

import numpy as np
import pytest
from numba.core.caching import NullCache

from timecone.numerics import pipeline
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


@kernel
def _deepest(values):
    for i in range(values.size):
        values[i] = _half(values[i]) + 1.0


@kernel
def _middle(values):
    _deepest(values)
    values[0] = 9.0


@kernel
def _upper(values):
    _middle(values)
    _deepest(values)


@kernel
def _top(values):
    _upper(values)
    _deepest(values)
    return values[0]


def test_large_functions_are_linked_into_the_entry_alone(monkeypatch):
    monkeypatch.setattr(pipeline, "_MOST_INLINED", 0)  # every function but those of numbers is large
    _top._cache = NullCache()
    values, same = np.arange(5.0), np.arange(5.0)
    # Halved and raised by one three times over, the first after the first time 9.
    expected = 0.125 * same + 1.75
    expected[0] = 9.0 / 4.0 + 1.5
    assert _top(values) == expected[0]
    np.testing.assert_array_equal(values, expected)
    (compiled,) = _upper.linked.overloads.values()
    bodies = [line for line in compiled.library.get_llvm_str().splitlines() if line.startswith("define")]
    assert ["_upper" in line for line in bodies] == [True]


def test_what_fails_in_the_second_thread_fails_the_call(monkeypatch):
    def broken(library):
        raise ValueError(library.name)

    monkeypatch.setattr(pipeline._LinkedLibrary, "_optimise", broken)
    _broken._cache = NullCache()
    with pytest.raises(ValueError, match="_inner"):
        _broken(np.zeros(2))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("timecone-llvm")]


@kernel
def _inner(values):
    values[0] += 1.0


@kernel
def _broken(values):
    _inner(values)
    return values[0]
