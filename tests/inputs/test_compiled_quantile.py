"""Compiled quantile functions: any shape, the kernel equal to NumPy, an exact inverse, sharp jumps."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

import timecone as tc
from refusals import refused
from timecone.inputs.compiled_quantile import CompiledQuantile, CubicTable, Tail
from timecone.inputs.distributions import Distribution
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.inputs.quantile import Quantile, compile_quantile, require_finite

SCORES = np.linspace(-5.0, 5.0, 240)
MAPS: dict[str, Distribution] = {
    "line": tc.Normal(mean=3, sd=2),
    "line through exp": tc.LogNormal(median=3, sigma=2),
    "table": tc.Uniform(low=-2, high=5),
    "table through exp": tc.Lindy(age=3),
    "table through sinh": tc.StudentT(df=3, location=1, scale=2),
    "table through the logistic function": tc.Beta(alpha=2, beta=5, low=-1, high=4),
    "steps": tc.Discrete(values=[1, 2, 5], probabilities=[0.2, 0.5, 0.3]),
    "lines": tc.Empirical(values=[1, 2, 5, 9]),
    "clamped": tc.Normal(mean=0, sd=1, clamp={"low": -1, "high": 2}),
    "cut": tc.Exponential(mean=3, truncate={"low": 1, "high": 9}),
    "mixture": tc.Mixture(components=[
        {"weight": 0.5, "distribution": "normal", "mean": 0, "sd": 1},
        {"weight": 0.5, "distribution": "point", "value": 1},
    ]),
    "many lines": tc.Empirical(values=np.random.default_rng(3).normal(size=400).tolist()),
    "point": tc.Point(value=3),
}  # fmt: skip
# Neither flat nor with a jump: every value has one score.
RISING = [
    name for name in MAPS if name not in ("steps", "lines", "many lines", "clamped", "mixture", "point")
]


def _shapes() -> dict[str, NDArray]:
    return {
        "no axis": np.array(0.7),
        "one": np.array([0.7]),
        "none": np.empty(0),
        "rows": SCORES.reshape(12, 20),
        "columns first": np.asfortranarray(SCORES.reshape(12, 20)),
        "transposed": SCORES.reshape(12, 20).T,
        "three axes, turned": SCORES.reshape(4, 5, 12).transpose(1, 2, 0),
        "every other": SCORES[::2],
        "backwards": SCORES[::-1],
        "broadcast": np.broadcast_to(SCORES[:7], (3, 7)),
    }


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("shape", _shapes())
def test_values_come_in_the_shape_of_the_scores(name: str, shape: str) -> None:
    scores = _shapes()[shape]
    before = scores.copy()
    made = MAPS[name].family.compiled()
    found = made(scores)
    assert found.shape == scores.shape
    expected = [made(np.array([score])).item() for score in scores.ravel().tolist()]
    np.testing.assert_array_equal(found.ravel(), expected)
    np.testing.assert_array_equal(scores, before)


def test_whole_numbers_are_scores_too() -> None:
    made = MAPS["line"].family.compiled()
    np.testing.assert_array_equal(made(np.array([[-1, 0], [1, 2]])), [[1.0, 3.0], [5.0, 7.0]])


@pytest.mark.parametrize("name", MAPS)
def test_what_is_no_number_stays_so_and_leaves_the_others(name: str) -> None:
    found = MAPS[name].family.compiled()(np.array([0.3, np.nan, -0.3]))
    assert np.isnan(found[1])
    np.testing.assert_array_equal(found[[0, 2]], MAPS[name].family.compiled()(np.array([0.3, -0.3])))


@pytest.mark.parametrize("name", MAPS)
def test_the_kernel_is_the_slow_form(name: str) -> None:
    made = MAPS[name].family.compiled()
    slow = np.clip(made.shift + made.scale * made.tail.forward(made.y(SCORES)), made.low, made.high)
    np.testing.assert_allclose(made(SCORES), slow, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", [name for name in MAPS if MAPS[name].family.compiled().table is not None])
def test_draws_find_the_cubic_on_either_side_of_every_knot(name: str) -> None:
    table = MAPS[name].family.compiled().table
    inside = table.knots[1:-1]
    scores = np.concatenate([np.nextafter(inside, -9.0), inside, np.nextafter(inside, 9.0)])
    found = scores.copy()
    table.apply(found)
    np.testing.assert_allclose(found, table(scores), rtol=1e-12, atol=1e-13)


def test_knots_may_crowd_in_a_cell() -> None:
    crowd = np.linspace(0.1, 0.1001, 50)
    knots = np.concatenate([[-LARGEST_SCORE], crowd, [LARGEST_SCORE]])
    steps = np.zeros((len(knots) - 1, 4))
    steps[:, 3] = np.arange(len(steps))
    table = CubicTable(knots, steps)
    scores = np.append(SCORES, 0.5 * (crowd[1:] + crowd[:-1]))
    found = scores.copy()
    table.apply(found)
    np.testing.assert_array_equal(found, np.searchsorted(crowd, scores))


def test_scores_beyond_a_table_are_held_at_its_ends() -> None:
    table = MAPS["table"].family.compiled().table
    beyond = np.array([-np.inf, -9.0, np.nan, 9.0, np.inf])
    table.apply(beyond)
    low, high = table(np.array([-LARGEST_SCORE, LARGEST_SCORE]))
    np.testing.assert_allclose(beyond, [low, low, low, high, high], rtol=1e-15)


@pytest.mark.parametrize("name", RISING)
def test_the_inverse_undoes_the_map(name: str) -> None:
    made = MAPS[name].family.compiled()
    scores = np.linspace(-3.0, 3.0, 101)
    for right in (False, True):
        np.testing.assert_allclose(made.normal_score(made(scores), right=right), scores, atol=1e-9)


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("exact", [False, True])
def test_the_inverse_tells_how_much_lies_below(name: str, exact: bool) -> None:
    family = MAPS[name].family
    form = family.quantile() if exact else family.compiled()
    values = np.unique(family.compiled()(SCORES))
    below, up_to = form.normal_score(values), form.normal_score(values, right=True)
    assert np.all(below <= up_to)
    every = family.compiled()(SCORES)
    for value, left, right in zip(values, below, up_to, strict=True):
        tolerance = 1e-11 * max(abs(value), 1.0)
        assert np.all(every[left - 1e-9 > SCORES] <= value + tolerance)
        assert np.all(every[right + 1e-9 < SCORES] >= value - tolerance)


@pytest.mark.parametrize(
    ("name", "value", "left", "right"),
    [
        ("steps", 2.0, special.ndtri(0.2), special.ndtri(0.7)),
        ("steps", 1.0, -np.inf, special.ndtri(0.2)),
        ("steps", 5.0, special.ndtri(0.7), np.inf),
        ("steps", 3.0, special.ndtri(0.7), special.ndtri(0.7)),
        ("clamped", -1.0, -np.inf, -1.0),
        ("clamped", 2.0, 2.0, np.inf),
        ("clamped", -1.5, -np.inf, -np.inf),
        ("clamped", 2.5, np.inf, np.inf),
        ("point", 3.0, -np.inf, np.inf),
        ("point", 2.0, -np.inf, -np.inf),
        ("point", 4.0, np.inf, np.inf),
        (
            "mixture",
            1.0,
            special.ndtri(0.5 * special.ndtr(1.0)),
            special.ndtri(0.5 + 0.5 * special.ndtr(1.0)),
        ),
        ("table", -3.0, -np.inf, -np.inf),
        ("table", 6.0, np.inf, np.inf),
    ],
)
def test_the_inverse_at_a_jump_or_a_rest_has_two_sides(
    name: str, value: float, left: float, right: float
) -> None:
    made = MAPS[name].family.compiled()
    # The mixture's point is found by a search, to the last digits.
    slack = 1e-11 if name == "mixture" else 0.0
    assert made.normal_score(np.array(value - slack)) == pytest.approx(left, abs=1e-8)
    assert made.normal_score(np.array(value + slack), right=True) == pytest.approx(right, abs=1e-8)


@pytest.mark.parametrize("tail", Tail)
def test_each_tail_has_an_inverse(tail: Tail) -> None:
    y = np.linspace(-20.0, 20.0, 401)
    np.testing.assert_allclose(tail.inverse(tail.forward(y)), y, rtol=1e-6, atol=1e-12)


def test_a_known_value_that_is_clamped_moves_onto_the_bound() -> None:
    clamped = tc.Point(value=3, clamp={"high": 2}).family.compiled()
    assert clamped.constant
    np.testing.assert_array_equal(clamped(SCORES), 2.0)


def test_an_infinite_default_passes_through() -> None:
    np.testing.assert_array_equal(CompiledQuantile(a=np.inf, b=0.0)(SCORES), np.inf)


def test_a_jump_that_is_named_is_as_narrow_as_scores_allow() -> None:
    at = 0.1234
    made = compile_quantile(Quantile(lambda z: np.where(z < at, z, z + 5.0), kinks=np.array([at])), "trial")
    z = np.concatenate([SCORES, [at - 1e-9, at + 1e-9]])
    np.testing.assert_allclose(made(z), np.where(z < at, z, z + 5.0), atol=1e-12)


def test_a_bend_that_is_named_is_exact() -> None:
    at = np.array([-1.5, 0.1234])
    made = compile_quantile(
        Quantile(lambda z: np.abs(z - at[1]) + np.abs(z - at[0]) + 3.0 * z, kinks=at), "trial"
    )
    z = np.concatenate([SCORES, at])
    expected = np.abs(z - at[1]) + np.abs(z - at[0]) + 3.0 * z
    np.testing.assert_allclose(made(z), expected, rtol=1e-9, atol=1e-9)


def test_a_jump_that_is_not_named_ends_the_search_for_knots() -> None:
    made = compile_quantile(Quantile(lambda z: np.where(z < 0.1234, z, z + 5.0)), "trial")
    assert len(made.table.knots) < 1000
    far = SCORES[np.abs(SCORES - 0.1234) > 0.1]
    np.testing.assert_allclose(made(far), np.where(far < 0.1234, far, far + 5.0), atol=1e-7)


def test_a_solver_that_rattles_makes_no_quantile_fall() -> None:
    rng = np.random.default_rng(5)
    made = compile_quantile(
        Quantile(lambda z: special.ndtr(z) + 1e-9 * rng.uniform(-1, 1, np.shape(z))), "trial"
    )
    values = made(np.linspace(-LARGEST_SCORE, LARGEST_SCORE, 100_001))
    assert np.all(np.diff(values) >= 0.0)


def test_a_curve_that_is_no_number_somewhere_is_refused_by_name() -> None:
    curve = Quantile(lambda z: np.where(np.abs(z - 1.0) < 0.1, np.nan, z))
    with refused("quantile-function-undefined", "probability 0.8176"):
        compile_quantile(curve, "trial")


@pytest.mark.parametrize("name", MAPS)
def test_a_compiled_family_can_be_copied_and_sent_to_another_process(name: str) -> None:
    family = MAPS[name].family
    expected = family.compiled()(SCORES)
    for twin in (pickle.loads(pickle.dumps(family)), copy.deepcopy(family)):  # noqa: S301 - our own
        assert twin == family
        np.testing.assert_array_equal(twin.compiled()(SCORES), expected)
    sent = pickle.loads(pickle.dumps(family.compiled()))  # noqa: S301 - our own
    np.testing.assert_array_equal(sent(SCORES), expected)


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_a_tail_that_overflows_on_either_side_is_refused(side):
    def y(scores):
        return side * np.exp(np.where(side * scores > 0.0, 100.0 * side * scores, 0.0))

    with refused("tails-too-heavy", None):
        require_finite(Quantile(y), "a test")
    require_finite(Quantile(np.sinh), "a test")
