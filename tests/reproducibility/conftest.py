"""Equality of runs to the bit."""

from __future__ import annotations

import pytest


def _bits(run):
    """Return dtype, shape and bytes of every variable and coordinate of a run, by path."""
    return {
        f"{node.path}/{name}": (array.dtype.str, array.shape, array.values.tobytes())
        for node in run.subtree
        for name, array in node.dataset.variables.items()
    }


@pytest.fixture(scope="session")
def differing():
    """Return a function that names what differs between two runs, bit by bit."""

    def compare(one, other):
        first, second = _bits(one), _bits(other)
        assert set(first) == set(second)
        assert len(first) > 30
        return sorted(name for name in first if first[name] != second[name])

    return compare
