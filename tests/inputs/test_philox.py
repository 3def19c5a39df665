"""Philox4x32-10 against the published vectors; uniforms as a pure function of key and number."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from timecone.inputs.philox import philox4x32, stream_key, uniforms

# kat_vectors of Random123 (Salmon et al. 2011): counter, key, result.
KNOWN_ANSWERS = (
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
)
KEY = stream_key(2026, "parameter/hardware.doubling_time")
SEEDS = (0, 1, 2, 12, 21, 2**32, 2**64, 2**200)
# From `printf "timecone/0/parameter/a" | b2sum -l 64`, first and last four bytes, each little-endian.
DIGESTS = (((0, "parameter/a"), "a4e68c5b40b82153"), ((2026, "choice/threshold"), "7596857ed358ec66"))
STREAMS = ("parameter/a", "parameter/b", "choice/a", "a", "")


def _words(text: str) -> list[np.uint64]:
    return [np.uint64(int(word, 16)) for word in text.split()]


def _drawn(first: int, count: int, key: tuple[np.uint64, np.uint64] = KEY) -> np.ndarray:
    out = np.full(count, np.nan)
    uniforms(*key, first, out)
    return out


def _cell(low: int, high: int) -> float:
    """Return the midpoint of the cell of (0, 1) that 52 of 64 bits name, in exact integers."""
    return (2 * (((high << 32) | low) >> 12) + 1) / 2**53


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_known_answers_of_random123(counter: str, key: str, expected: str) -> None:
    assert list(philox4x32(*_words(counter), *_words(key))) == _words(expected)


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_the_compiled_rounds_are_those_of_the_python_source(counter: str, key: str, expected: str) -> None:
    assert list(philox4x32.py_func(*_words(counter), *_words(key))) == _words(expected)


@pytest.mark.parametrize("first", [0, 2, 64, 2**32 - 4, 2**33 - 2, 2**33, 2**40])
def test_two_neighbouring_draws_share_one_counter(first: int) -> None:
    drawn = _drawn(first, 4)
    for j in range(2):
        counter = first // 2 + j
        words = philox4x32(
            np.uint64(counter & 0xFFFFFFFF), np.uint64(counter >> 32), np.uint64(0), np.uint64(0), *KEY
        )
        a, b, c, d = (int(word) for word in words)
        assert drawn[2 * j] == _cell(a, b)
        assert drawn[2 * j + 1] == _cell(c, d)


def test_uniforms_lie_inside_the_open_interval() -> None:
    drawn = _drawn(0, 1 << 20)
    assert drawn.min() > 0.0
    assert drawn.max() < 1.0


def test_the_extreme_cells_do_not_reach_0_or_1() -> None:
    # What uniforms() would give if all its bits were 0, or all 1.
    assert _cell(0, 0) == 2.0**-53
    assert _cell(0xFFFFFFFF, 0xFFFFFFFF) == 1.0 - 2.0**-53 < 1.0


@pytest.mark.parametrize("sizes", [(2,), (64,), (2, 4, 6), (1000, 24), (998, 2, 64)])
def test_any_split_into_blocks_gives_the_same_bits(sizes: tuple[int, ...]) -> None:
    whole = _drawn(0, 4096)
    parts = []
    first = 0
    for size in itertools.cycle(sizes):
        size = min(size, 4096 - first)  # noqa: PLW2901 - the last part is cut
        parts.append(_drawn(first, size))
        first += size
        if first == 4096:
            break
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_blocks_in_any_order_give_the_same_bits() -> None:
    whole = _drawn(0, 4096)
    for first in (3072, 0, 2048, 1024):
        np.testing.assert_array_equal(_drawn(first, 1024), whole[first : first + 1024])


def test_numbers_far_apart_do_not_repeat_each_other() -> None:
    # The counter has 64 bits: neither 2**32 nor 2**33 draws later may the stream begin anew.
    starts = [_drawn(first, 64) for first in (0, 2**31, 2**32, 2**33, 2**40, 2**52)]
    assert len(np.unique(np.concatenate(starts))) == 64 * len(starts)


def test_keys_differ_by_seed_and_by_name() -> None:
    keys = [stream_key(seed, stream) for seed in SEEDS for stream in STREAMS]
    assert len(set(keys)) == len(keys)


def test_keys_do_not_run_seed_and_name_together() -> None:
    assert stream_key(1, "2/a") != stream_key(12, "a")
    assert stream_key(1, "a/b") != stream_key(1, "ab")


@pytest.mark.parametrize(("seed_and_name", "digest"), DIGESTS)
def test_keys_are_the_hash_of_seed_and_name(seed_and_name: tuple[int, str], digest: str) -> None:
    # Pinned: every published number depends on them.
    key = b"".join(int(word).to_bytes(4, "little") for word in stream_key(*seed_and_name))
    assert key.hex() == digest


def test_streams_with_different_keys_share_no_draw() -> None:
    drawn = [_drawn(0, 1024, stream_key(seed, name)) for seed in (0, 1) for name in ("a", "b")]
    assert len(np.unique(np.concatenate(drawn))) == 4096
