"""Designs: stratified as promised, pure functions of seed, stream and number, refused with a remedy."""

from __future__ import annotations

import hashlib
import itertools
import re
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import qmc

from refusals import Refusal, refused
from timecone.errors import ArgumentError
from timecone.inputs.designs import CHOICE_STREAM, DESIGNS, LEAST_REPLICATES, Design, _reversed, make_design
from timecone.inputs.sobol import SobolSequence

STREAMS = ("parameter/a", "parameter/b", "parameter/c")
REPLICATES, POINTS = 8, 256
DRAWS = REPLICATES * POINTS
EVEN = ("sobol", "latin")
CHOICES = tuple(f"{CHOICE_STREAM}{name}" for name in "abcdefghijklmnop")


def _design(name: str, seed: int = 3, draws: int = DRAWS, *, streams: int = len(STREAMS)) -> Design:
    return make_design(name, seed, draws=draws, streams=streams, replicates=REPLICATES)


def _filled(design: Design, first: int, count: int, streams: tuple[str, ...] = STREAMS) -> NDArray:
    out = np.full((len(streams), count), np.nan)
    design.fill(streams, first, out)
    return out


@pytest.fixture(scope="module", params=EVEN)
def replicates(request: pytest.FixtureRequest) -> NDArray:
    """Return an even design, shape (replicates, streams, points)."""
    whole = _filled(_design(request.param), 0, DRAWS)
    return whole.reshape(len(STREAMS), REPLICATES, POINTS).swapaxes(0, 1)


@pytest.mark.parametrize("name", DESIGNS)
def test_uniforms_lie_inside_the_open_interval(name: str) -> None:
    filled = _filled(_design(name), 0, DRAWS)
    assert filled.min() > 0.0
    assert filled.max() < 1.0


def test_every_stream_has_one_point_in_each_stratum_of_each_replicate(replicates: NDArray) -> None:
    strata = np.floor(replicates * POINTS).astype(int)
    np.testing.assert_array_equal(np.sort(strata, axis=2), np.broadcast_to(np.arange(POINTS), strata.shape))


def test_sobol_points_fill_every_elementary_rectangle_of_the_first_two_streams() -> None:
    # A (0, m, 2)-net in base 2 stays one under scrambling (Owen 1997).
    whole = _filled(_design("sobol"), 0, DRAWS).reshape(len(STREAMS), REPLICATES, POINTS)
    for replicate, power in itertools.product(range(REPLICATES), range(9)):
        one = np.floor(whole[0, replicate] * 2**power).astype(int)
        other = np.floor(whole[1, replicate] * 2 ** (8 - power)).astype(int)
        assert len(set(zip(one.tolist(), other.tolist(), strict=True))) == POINTS


def test_sobol_points_are_those_of_scipy_at_any_position_and_length() -> None:
    rng = np.random.default_rng(7)
    stretches = [(0, 1), (0, 64), (1, 63), (63, 2), (64, 8192), (4095, 130)]
    stretches += [(int(first), int(count)) for first, count in rng.integers(1, [2**20, 300], (20, 2))]
    for dimensions in (1, 3, 70):
        sequence = SobolSequence.scrambled(dimensions, np.random.default_rng(dimensions))
        for first, count in stretches:
            engine = qmc.Sobol(dimensions, bits=32, rng=np.random.default_rng(dimensions))
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="The balance properties", category=UserWarning)
                theirs = (engine.fast_forward(first) if first else engine).random(count).T + 2.0**-33
            ours = np.full((dimensions, count), np.nan)
            sequence.fill(first, ours)
            np.testing.assert_array_equal(ours, theirs, err_msg=f"{dimensions} from {first}")


def test_the_last_sobol_points_are_those_of_their_gray_code() -> None:
    sequence, count = SobolSequence.scrambled(2, np.random.default_rng(1)), 100
    ours = np.full((2, count), np.nan)
    sequence.fill(2**32 - count, ours)
    for dimension, k in itertools.product(range(2), range(count)):
        index = 2**32 - count + k
        word = int(sequence.shift[dimension])
        for bit in range(32):
            if (index ^ (index >> 1)) >> bit & 1:
                word ^= int(sequence.directions[dimension, bit])
        assert ours[dimension, k] == (word + 0.5) / 2**32


def test_replicates_and_streams_share_no_point(replicates: NDArray) -> None:
    assert len(np.unique(replicates)) == replicates.size


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("sizes", [(64,), (128, 64), (DRAWS,), (192, 320, 64), (960,)])
def test_any_split_into_blocks_gives_the_same_bits(name: str, sizes: tuple[int, ...]) -> None:
    whole = _filled(_design(name), 0, DRAWS)
    parts, first, design = [], 0, _design(name)
    for size in itertools.cycle(sizes):
        parts.append(_filled(design, first, min(size, DRAWS - first)))
        first += parts[-1].shape[1]
        if first == DRAWS:
            break
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


@pytest.mark.parametrize("name", DESIGNS)
def test_blocks_in_any_order_from_any_thread_give_the_same_bits(name: str) -> None:
    whole, shared = _filled(_design(name), 0, DRAWS), _design(name)
    firsts = np.random.default_rng(1).permutation(DRAWS // 64) * 64
    with ThreadPoolExecutor(4) as threads:
        for first, block in zip(
            firsts, threads.map(lambda f: _filled(shared, int(f), 64), firsts), strict=True
        ):
            np.testing.assert_array_equal(block, whole[:, first : first + 64])


@pytest.mark.parametrize("name", DESIGNS)
def test_seeds_give_different_draws(name: str) -> None:
    assert not np.isin(
        _filled(_design(name, seed=3), 0, DRAWS), _filled(_design(name, seed=4), 0, DRAWS)
    ).any()


def test_random_draws_do_not_depend_on_the_number_of_draws_or_on_other_streams() -> None:
    whole = _filled(_design("random"), 0, DRAWS)
    np.testing.assert_array_equal(_filled(_design("random", draws=100), 0, 100), whole[:, :100])
    np.testing.assert_array_equal(_filled(_design("random"), 0, DRAWS, STREAMS[::-1]), whole[::-1])
    np.testing.assert_array_equal(_filled(_design("random"), 0, DRAWS, STREAMS[1:2])[0], whole[1])


def test_a_replicate_does_not_depend_on_the_number_of_replicates() -> None:
    for name in EVEN:
        more = make_design(name, 3, draws=2 * DRAWS, streams=3, replicates=2 * REPLICATES)
        np.testing.assert_array_equal(_filled(more, 0, DRAWS), _filled(_design(name), 0, DRAWS))


@pytest.mark.parametrize("name", EVEN)
def test_padding_beyond_the_last_draw_is_harmless(name: str) -> None:
    filled = _filled(_design(name), DRAWS - 64, 192)
    np.testing.assert_array_equal(filled[:, :64], _filled(_design(name), 0, DRAWS)[:, -64:])
    assert np.all(filled[:, 64:] == 0.5)


@pytest.mark.parametrize("name", EVEN)
def test_averages_of_replicates_err_far_less_than_those_of_random_draws(name: str) -> None:
    # Of a sum of smooth functions Latin hypercubes leave no first-order variance (McKay et al. 1979).
    truth, random_error = 3 * (np.e - 1), np.sqrt(3 * (np.e**2 / 2 - 0.5 - (np.e - 1) ** 2) / POINTS)
    whole = _filled(_design(name), 0, DRAWS).reshape(len(STREAMS), REPLICATES, POINTS)
    averages = np.exp(whole).sum(axis=0).mean(axis=1)
    assert np.sqrt(np.mean((averages - truth) ** 2)) < 0.05 * random_error


@pytest.mark.parametrize("name", DESIGNS)
def test_only_replicated_designs_have_replicates(name: str) -> None:
    assert _design(name).replicates == (1 if name == "random" else REPLICATES)


@pytest.mark.parametrize("draws", [1, 100, 512, 1000, 4095, 4097, 10**6])
@pytest.mark.parametrize("name", EVEN)
def test_a_wrong_number_of_draws_is_refused_and_the_remedy_works(name: str, draws: int) -> None:
    if name == "latin" and draws % REPLICATES == 0 and draws >= 64 * REPLICATES:
        assert _design(name, draws=draws).replicates == REPLICATES
        return
    try:
        _design(name, draws=draws)
    except ArgumentError as error:
        assert error.where == "draws"  # noqa: PT017
        assert error.got == draws  # noqa: PT017
        remedies = [int(n) for n in re.findall(r"\d+", (error.allowed or "").rpartition("at least")[2])]
        remedies = [n for n in remedies if n > REPLICATES]
        assert remedies
        for remedy in remedies:
            _design(name, draws=remedy)
    else:
        points = draws // REPLICATES
        assert draws == points * REPLICATES
        assert points == 1 << (points.bit_length() - 1)


def test_a_remedy_for_sobol_points_is_near() -> None:
    with refused("sobol-not-power-of-two", "draws") as failure:
        _design("sobol", draws=10_000)
    assert failure.value.allowed == "8 times a power of two, for instance 8192 or 16384"


@pytest.mark.parametrize(
    ("name", "replicates", "refusal"),
    [
        ("halton", 8, Refusal("unknown-design", "design", got="halton")),
        (
            "sobol",
            LEAST_REPLICATES - 1,
            Refusal("too-few-replicates", "replicates", got=7, names="at least 8"),
        ),
        ("latin", 1, Refusal("too-few-replicates", "replicates", got=1, names="at least 8")),
    ],
)
def test_what_is_no_design_is_refused(name: str, replicates: int, refusal: Refusal) -> None:
    with refusal.expected():
        make_design(name, 1, draws=DRAWS, streams=3, replicates=replicates)


def test_a_hypercube_beyond_memory_is_refused() -> None:
    with refused("design-exceeds-memory", "draws"):
        _design("latin", draws=8 * 10**9, streams=100)


def test_more_streams_than_sobol_points_have_are_refused() -> None:
    with refused("too-many-sobol-dimensions", "design"):
        _filled(_design("sobol"), 0, 64, tuple(f"parameter/{k}" for k in range(21_202)))


def _spread(seed: int, streams: tuple[str, ...], draws: int, first: int = 0) -> NDArray:
    design = make_design("random", seed, draws=draws, streams=len(streams), replicates=8, stratify=True)
    return _filled(design, first, draws, streams)


@pytest.mark.parametrize(("draws", "most"), [(100, 2), (300, 2), (10_000, 3), (200_000, 4)])
def test_stratified_choices_hit_their_shares_to_a_few_draws(draws: int, most: int) -> None:
    # Independent draws miss half of 10 000 by 50 one time in three.
    for seed, first in itertools.product(range(5), (0, 6400)):
        uniforms = _spread(seed, CHOICES[:4], draws, first)
        for share in (0.01, 0.1, 1 / 3, 0.5, 0.77, 0.95):
            assert np.all(np.abs((uniforms < share).sum(axis=1) - draws * share) <= most + 1e-6)


def test_only_the_streams_of_choices_are_stratified() -> None:
    names = ("parameter/a", CHOICES[0])
    plain = _filled(_design("random"), 0, 1024, names)
    spread = _spread(3, names, 1024)
    np.testing.assert_array_equal(spread[0], plain[0])
    assert not np.isin(spread[1], plain[1]).any()


@pytest.mark.parametrize("power", [6, 8, 12])
def test_aligned_stretches_of_a_stratified_choice_have_one_draw_in_each_stratum(power: int) -> None:
    strata = np.floor(_spread(3, CHOICES[:4], 1 << 14) * 2**power).astype(int).reshape(4, -1, 2**power)
    np.testing.assert_array_equal(np.sort(strata, axis=2), np.broadcast_to(np.arange(2**power), strata.shape))


def test_bits_are_reversed() -> None:
    words = np.random.default_rng(1).integers(0, 2**32, 1000, dtype=np.uint32)
    expected = [int(f"{word:032b}"[::-1], 2) for word in words.tolist()]
    np.testing.assert_array_equal(_reversed(words), expected)


def test_no_two_stratified_choices_move_together() -> None:
    # Joint shares come out as products, also of many choices: 120 pairs, four standard errors.
    draws = 20_000
    halves = _spread(3, CHOICES, draws) < 0.5
    for one, other in itertools.combinations(halves, 2):
        assert abs(np.sum(one & other) - draws / 4) < 4.0 * np.sqrt(draws * 3 / 16)


def test_a_stratified_choice_does_not_depend_on_other_choices_or_blocks() -> None:
    whole = _spread(3, CHOICES, 1024)
    np.testing.assert_array_equal(_spread(3, CHOICES[5:6], 1024)[0], whole[5])
    np.testing.assert_array_equal(_spread(3, CHOICES, 512, first=512), whole[:, 512:])


@pytest.mark.parametrize("name", EVEN)
def test_points_are_keyed_by_the_name_of_the_design(name: str) -> None:
    # By nothing else: a class of another name draws the same points.
    key = hashlib.blake2b(f"timecone/3/{name}/5".encode(), digest_size=16).digest()
    generator = np.random.default_rng(int.from_bytes(key, "little"))
    if name == "sobol":
        points = qmc.Sobol(len(STREAMS), bits=32, rng=generator).random(POINTS) + 2.0**-33
    else:
        points = qmc.LatinHypercube(len(STREAMS), rng=generator).random(POINTS)
    np.testing.assert_array_equal(_filled(_design(name), 5 * POINTS, POINTS), points.T)
