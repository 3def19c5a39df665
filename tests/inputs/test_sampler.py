"""Joint draws: choices, formulas and tables, each in its author's unit and in the order they need."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import timecone as tc
from refusals import Refusal, refused
from timecone.inputs.compiled_quantile import CompiledQuantile
from timecone.inputs.dependence import Copula
from timecone.inputs.designs import RandomDesign
from timecone.inputs.expression import Expression
from timecone.inputs.nodes import ByChoice, Copy, Formula, Lookup, Node, converted, restored
from timecone.inputs.sampler import Block, ChoiceWeights, Sampler
from timecone.units import Conversion

NORMAL = tc.Normal(mean=3, sd=1).family.compiled()
VIEW = ChoiceWeights("view", ("slow", "fast"), (0.3, 0.7))
X = np.array([1.0, 3.0, 4.0])
Y = np.array([10.0, 20.0, 0.0])
MONTHS, ORDERS = Conversion(1 / 12), Conversion(1e9, "log10")


def _formula(text: str, conversion: Conversion = Conversion(1.0)) -> Formula:  # noqa: B008 - a constant
    return Formula(Expression(text), conversion)


NODES = (
    Node("late", "quantity/late", _formula("sum * 2 + where(view == 'slow', 100, 0)")),
    Node("sum", "quantity/sum", _formula("size + months")),
    Node("size", "parameter/size", NORMAL),
    # Written in months, stored in years: formulas see months.
    Node("months", "parameter/months", tc.Normal(mean=1, sd=0.1).family.compiled(), MONTHS),
    Node("years", "quantity/years", _formula("months * 10", MONTHS), MONTHS),
    Node("flop", "quantity/flop", _formula("exp(size)", ORDERS), ORDERS),
    Node("stairs", "quantity/stairs", Lookup("size", X, Y, step=True)),
    Node("line", "quantity/line", Lookup("size", X, Y, step=False, conversion=MONTHS)),
    Node("twin", "parameter/twin", Copy("size")),
    Node("by", "parameter/by", ByChoice("view", {"slow": NORMAL, "fast": _formula("size ** 2")})),
    Node("known", "parameter/known", CompiledQuantile(a=7.0, b=0.0)),
)
ROWS = tuple(node.name for node in NODES)


def _sampler(nodes: tuple[Node, ...] = NODES, rows: tuple[str, ...] = ROWS) -> Sampler:
    return Sampler(nodes, rows, (VIEW,), Copula.from_pairs({}))


def _draw(sampler: Sampler, first: int = 0, count: int = 4096, seed: int = 5) -> Block:
    return sampler.draw(RandomDesign(seed), first, count)


@pytest.fixture(scope="module")
def drawn() -> dict[str, NDArray]:
    block = _draw(_sampler())
    return dict(zip(ROWS, block.values, strict=True)) | {"view": block.choices[0]}


def test_formulas_follow_what_they_refer_to_whatever_the_order(drawn: dict[str, NDArray]) -> None:
    total = drawn["size"] + 12 * drawn["months"]
    np.testing.assert_allclose(drawn["sum"], total, rtol=1e-14)
    np.testing.assert_allclose(drawn["late"], 2 * total + 100 * (drawn["view"] == 0), rtol=1e-14)
    for order in itertools.islice(itertools.permutations(NODES), 0, 40_000, 1999):
        found = _draw(_sampler(order), count=64).values
        np.testing.assert_array_equal(found, [drawn[name][:64] for name in ROWS])


def test_formulas_and_tables_see_the_authors_unit_and_give_the_wanted_one(drawn: dict[str, NDArray]) -> None:
    np.testing.assert_allclose(drawn["years"], 10 * drawn["months"], rtol=1e-14)
    np.testing.assert_allclose(drawn["flop"], 9 + drawn["size"] / np.log(10), rtol=1e-14)
    np.testing.assert_allclose(drawn["line"], np.interp(drawn["size"], X, Y) / 12, rtol=1e-14)


def test_a_step_is_the_last_point_at_or_below() -> None:
    stairs = Lookup("size", X, Y, step=True)
    found = stairs(np.array([-9.0, 1.0, 2.9, 3.0, 3.5, 4.0, 99.0]))
    np.testing.assert_array_equal(found, [10.0, 10.0, 10.0, 20.0, 20.0, 0.0, 0.0])


def test_a_copy_is_the_same_draws(drawn: dict[str, NDArray]) -> None:
    np.testing.assert_array_equal(drawn["twin"], drawn["size"])


def test_a_known_value_is_every_draw(drawn: dict[str, NDArray]) -> None:
    assert np.all(drawn["known"] == 7.0)


def test_each_value_of_a_choice_has_its_own_tree(drawn: dict[str, NDArray]) -> None:
    slow = drawn["view"] == 0
    np.testing.assert_allclose(drawn["by"][~slow], drawn["size"][~slow] ** 2, rtol=1e-14)
    assert stats.kstest(drawn["by"][slow], stats.norm(3, 1).cdf).pvalue > 1e-4
    assert not np.isin(drawn["by"][slow], drawn["size"]).any()


def test_rows_choose_and_order_what_is_returned(drawn: dict[str, NDArray]) -> None:
    found = _draw(_sampler(rows=("by", "size"))).values
    np.testing.assert_array_equal(found, [drawn["by"], drawn["size"]])


def test_other_quantities_do_not_change_a_draw(drawn: dict[str, NDArray]) -> None:
    alone = _draw(_sampler((NODES[2],), ("size",))).values
    np.testing.assert_array_equal(alone[0], drawn["size"])


@pytest.mark.parametrize("size", [64, 320, 1000])
def test_any_split_into_blocks_gives_the_same_bits(size: int, drawn: dict[str, NDArray]) -> None:
    sampler = _sampler()
    step = -(-size // 64) * 64
    for first in range(0, 4096, step):
        count = min(size, 4096 - first)
        block = _draw(sampler, first, count)
        np.testing.assert_array_equal(block.values, [drawn[name][first : first + count] for name in ROWS])
        np.testing.assert_array_equal(block.choices[0], drawn["view"][first : first + count])


@pytest.mark.parametrize(
    "conversion", [Conversion(1.0), Conversion(12.0), Conversion(1e9, "log10"), Conversion(1e-3, "power")]
)
def test_restoring_undoes_a_conversion(conversion: Conversion) -> None:
    values = np.linspace(0.5, 9.0, 50)
    np.testing.assert_allclose(restored(converted(values, conversion), conversion), values, rtol=1e-13)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("sizee + 1", Refusal("formula-reference-unknown", "new", got="sizee", names="'size'")),
        ("new + 1", Refusal("circular-formulas", None, got="new -> new")),
        ("view + 1", Refusal("choice-in-arithmetic", "new", got="view + 1")),
        ("where(view, 1, 2)", Refusal("choice-in-arithmetic", "new", got="where(view, 1, 2)")),
        ("view == 'slwo'", Refusal("unknown-choice-value", "new", got="slwo", names="'slow'")),
        ("size == 'slow'", Refusal("text-number-comparison", "new", got="size == 'slow'")),
        ("vieww == 'slow'", Refusal("formula-reference-unknown", "new", got="vieww", names="'view'")),
    ],
)  # fmt: skip
def test_a_formula_that_cannot_be_computed_is_refused(text: str, refusal: Refusal) -> None:
    with refusal.expected():
        _sampler((*NODES, Node("new", "quantity/new", _formula(text))))


def test_a_choice_of_more_values_than_a_byte_counts_is_refused() -> None:
    many = ChoiceWeights("many", tuple(f"v{k}" for k in range(128)), (1 / 128,) * 128)
    with refused("too-many-choice-values", "choices.many", got=128, names="at most 127"):
        Sampler(NODES, ROWS, (VIEW, many), Copula.from_pairs({}))


def test_a_circle_is_shown_whole() -> None:
    circle = (
        Node("a", "quantity/a", _formula("b")),
        Node("b", "quantity/b", Lookup("c", X, Y, step=True)),
        Node("c", "quantity/c", Copy("a")),
    )
    with refused("circular-formulas", None) as failure:
        _sampler((*NODES, *circle))
    assert set(str(failure.value.got).split(" -> ")) == {"a", "b", "c"}
