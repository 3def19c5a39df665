"""Formulas compute what NumPy computes, and nothing that is not arithmetic gets through."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from refusals import Refusal, refused
from timecone.inputs.expression import FAULTS, FUNCTIONS, Expression
from timecone.inputs.quantile_functions import QUANTILE_FUNCTIONS
from timecone.schema import Reason

RNG = np.random.default_rng(4)
X, Y, Z = RNG.normal(0.0, 3.0, (3, 1000))
W = np.array([-2.0, -0.5, 0.0, 0.5, 1.0, 3.0])
VIEW = np.array(["slow", "fast"])[RNG.integers(0, 2, 1000)]
VALUES = {"x": X, "y": Y, "hardware.trend": Z, "view": VIEW}
ARITHMETIC = {
    "x + y": X + Y,
    "x - y - 1": X - Y - 1,
    "x * y / 4": X * Y / 4,
    "-x ** 2": -(X**2),
    "+x": X,
    "2 ** -1": 0.5,
    "2 ** 3 ** 2": 512.0,
    "abs(x) ** 0.5": np.sqrt(np.abs(X)),
    "x % 3": np.mod(X, 3),
    "-7 % 3": 2.0,
    "12 - 11.2 * hardware.trend": 12 - 11.2 * Z,
    "(x + y) * (x - y)": (X + Y) * (X - Y),
    "inf": np.inf,
    "-inf": -np.inf,
    "inf - 1": np.inf,
    "where(x > 0, inf, x)": np.where(X > 0, np.inf, X),
    "min(inf, x)": X,
    "inf > 1e308": 1.0,
    "x < y": X < Y,
    "x <= y": X <= Y,
    "x > y": X > Y,
    "x >= y": X >= Y,
    "x == x": np.ones(1000),
    "x != x": np.zeros(1000),
    "0 < x < y": (X > 0) & (X < Y),
    "x < 0 and y < 0": (X < 0) & (Y < 0),
    "x < 0 or y < 0 or hardware.trend < 0": (X < 0) | (Y < 0) | (Z < 0),
    "not x < 0": X >= 0,
    # Conditions are numbers: two that hold are 2.
    "(x < 0) + (y < 0)": (X < 0).astype(float) + (Y < 0),
    "(x < 0) - (y < 0)": (X < 0).astype(float) - (Y < 0),
    "-(x < 0)": -(X < 0).astype(float),
    "-(not x < 0)": -(X >= 0).astype(float),
    "(x < 0 and y < 0) * 3": 3.0 * ((X < 0) & (Y < 0)),
    "view == 'slow'": VIEW == "slow",
    "view != 'slow'": VIEW != "slow",
    "where(view == 'slow' and x > 0, x, -y)": np.where((VIEW == "slow") & (X > 0), X, -Y),
    "  x +\ty  ": X + Y,
}
CALLS = {
    "abs(x)": np.abs(X),
    "ceil(x)": np.ceil(X),
    "clip(x, -1, 2)": np.clip(X, -1, 2),
    "exp(x)": np.exp(X),
    "floor(x)": np.floor(X),
    "log(abs(x))": np.log(np.abs(X)),
    "log10(abs(x))": np.log10(np.abs(X)),
    "max(x, y)": np.maximum(X, Y),
    "max(x, y, 0.5)": np.maximum(np.maximum(X, Y), 0.5),
    "min(x, y)": np.minimum(X, Y),
    "min(x, y, hardware.trend, 0)": np.minimum(np.minimum(X, Y), np.minimum(Z, 0)),
    "round(x)": np.round(X),
    "round(2.5)": 2.0,
    "sqrt(abs(x))": np.sqrt(np.abs(X)),
    "where(x > 0, y, 3)": np.where(X > 0, Y, 3),
}
REFUSED = {
    "attribute of a call": ("abs(x).real", "abs(x).real"),
    "call of an attribute": ("x.conjugate()", "x.conjugate()"),
    "call of a call": ("abs(x)(x)", "abs(x)(x)"),
    "lambda": ("lambda: 1", "lambda: 1"),
    "lambda as argument": ("abs(lambda: 1)", "lambda: 1"),
    "list comprehension": ("[x for x in y]", "[x for x in y]"),
    "generator": ("max(1, (x for x in y))", "(x for x in y)"),
    "list": ("[1, 2]", "[1, 2]"),
    "tuple": ("(1, 2)", "(1, 2)"),
    "dictionary": ("{1: 2}", "{1: 2}"),
    "subscript": ("x[0]", "x[0]"),
    "slice": ("x[1:2]", "x[1:2]"),
    "assignment": ("(z := 3)", "z := 3"),
    "condition of Python": ("1 if x else 2", "1 if x else 2"),
    "formatted text": ("f'{x}'", "f'{x}'"),
    "text": ("'a'", "'a'"),
    "arithmetic of text": ("'a' * 1000000000", "'a'"),
    "comparison of texts": ("'a' == 'a'", "'a'"),
    "order of text": ("view < 'slow'", "'slow'"),
    "text on the left": ("'slow' == view", "'slow'"),
    "text in a chain": ("view == 'slow' == x", "'slow'"),
    "bytes": ("b'a'", "b'a'"),
    "truth value": ("True + 1", "True"),
    "None": ("None", "None"),
    "ellipsis": ("...", "..."),
    "imaginary number": ("1j", "1j"),
    "starred argument": ("max(1, *x)", "*x"),
    "keyword argument": ("clip(x, -1, a_max=2)", "clip(x, -1, a_max=2)"),
    "membership": ("x in y", "x in y"),
    "identity": ("x is y", "x is y"),
    "floor division": ("x // 2", "x // 2"),
    "shift": ("1 << 9999999999", "1 << 9999999999"),
    "bitwise and": ("x & y", "x & y"),
    "bitwise not": ("~x", "~x"),
    "matrix product": ("x @ y", "x @ y"),
    "dunder name": ("__import__", "__import__"),
    "dunder attribute": ("x.__class__", "x.__class__"),
    "dunder attributes": ("x.__class__.__bases__", "x.__class__.__bases__"),
    "await": ("await x", None),
}
NO_PYTHON = [
    "",
    "x +",
    "x = 1",
    "import os",
    "x; y",
    "x\ny",
    "(x",
    "x)",
    "del x",
    "\0",
    "1__2",
    "x y",
    "yield",
]
LONG = {
    "characters": "+" * 3000 + "x",
    "terms": "min(" + ", ".join(["x + y"] * 200) + ")",
    "many digits": "9" * 3000,
    "a deep tower": "-" * 1900 + "x",
    "a long chain": "+".join(["x"] * 400),
    "deep brackets of calls": "abs(" * 150 + "x" + ")" * 150,
    "a tower of powers": "**".join(["2"] * 600),
    "something else deep below": "-" * 900 + "(lambda: 1)",
}


@pytest.mark.parametrize("text", ARITHMETIC | CALLS)
def test_a_formula_is_what_numpy_makes_of_it(text: str) -> None:
    found = Expression(text)(VALUES)
    expected = np.asarray((ARITHMETIC | CALLS)[text], dtype=np.float64)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expected)


# Text, the reason, and the draws in which it holds.
FAULTY = {
    "1 / x": (Reason.DIVISION_BY_ZERO, W == 0.0),
    "x / x": (Reason.DIVISION_BY_ZERO, W == 0.0),
    "x % x": (Reason.DIVISION_BY_ZERO, W == 0.0),
    "x ** -1": (Reason.DIVISION_BY_ZERO, W == 0.0),
    "inf / x": (Reason.DIVISION_BY_ZERO, W == 0.0),
    "log(x)": (Reason.UNDEFINED, W <= 0.0),
    "log10(x)": (Reason.UNDEFINED, W <= 0.0),
    "sqrt(x)": (Reason.UNDEFINED, W < 0.0),
    "x ** 0.5": (Reason.UNDEFINED, W < 0.0),
    "inf - where(x > 1, inf, x)": (Reason.UNDEFINED, W > 1.0),
    "0 * where(x > 1, inf, x)": (Reason.UNDEFINED, W > 1.0),
    "exp(1000 * x)": (Reason.OVERFLOW, W > 0.9),
    "10 ** (200 * x) * 1e200": (Reason.OVERFLOW, W > 0.9),
    # A fault stays one, whatever is made of it.
    "max(log(x), 0)": (Reason.UNDEFINED, W <= 0.0),
    "1 / (1 / x)": (Reason.DIVISION_BY_ZERO, W == 0.0),
    "(1 / x > 2) + 1": (Reason.DIVISION_BY_ZERO, W == 0.0),
    "not 1 / x": (Reason.DIVISION_BY_ZERO, W == 0.0),
    # What a draw does not use is none.
    "where(x > 0, log(x), 0)": (None, None),
    "where(x == 0, inf, 1 / x)": (None, None),
    "x > 0 and log(x) > 1": (None, None),
    "x <= 0 or log(x) > 1": (None, None),
    "where(x > 0, 1, 1 / 0)": (Reason.DIVISION_BY_ZERO, W <= 0.0),
    "log(x) > 1 and x > 0": (Reason.UNDEFINED, W <= 0.0),
    "where(log(x) > 0, 1, 2)": (Reason.UNDEFINED, W <= 0.0),
}


@pytest.mark.parametrize("text", FAULTY)
def test_a_fault_is_named_in_the_draws_that_use_it(text: str) -> None:
    reason, expected = FAULTY[text]
    value, fault = Expression(text).evaluate({"x": W}, {}, 5)
    if reason is None:
        assert fault is None
        assert not np.isnan(value).any()
        return
    assert expected.any()
    assert not expected.all()
    np.testing.assert_array_equal(fault, np.where(expected, 5 + FAULTS.index(reason), 0))
    np.testing.assert_array_equal(np.isnan(value), expected)


def test_the_first_fault_counts_and_comes_before_those_of_its_use() -> None:
    faults = np.where(W < 0.0, 9, 0).astype(np.int16)
    _, fault = Expression("1 / x + log(y)").evaluate({"x": W, "y": W}, {"y": faults}, 1)
    division, undefined = (1 + FAULTS.index(r) for r in (Reason.DIVISION_BY_ZERO, Reason.UNDEFINED))
    assert undefined != division
    np.testing.assert_array_equal(fault, np.select([W < 0.0, W == 0.0], [9, division], 0))
    # A quantity that is not used has no fault to pass on.
    _, fault = Expression("where(x > 0, x, 1) + where(x > 0, 0, y)").evaluate(
        {"x": W, "y": W}, {"y": faults}, 1
    )
    np.testing.assert_array_equal(fault, faults)
    assert Expression("where(x < 0, 0, y)").evaluate({"x": W, "y": W}, {"y": faults}, 1)[1] is None
    for text in ("where(x < 0, y, 0)", "where(x < 0, y, x)", "where(x > 0, 0, y)"):
        _, fault = Expression(text).evaluate({"x": W, "y": W}, {"y": faults}, 1)
        np.testing.assert_array_equal(fault, faults)


@pytest.mark.parametrize(
    "text", ["1 / 0", "0 / 0", "log(0 - 1)", "9 ** 9 ** 9 ** 9", "1e308 * 10", "inf - inf"]
)
def test_a_constant_without_a_value_is_refused(text: str) -> None:
    with refused("expression-without-value", None) as failure:
        Expression(text)
    assert failure.value.got == text


def test_every_function_is_tested() -> None:
    # Quantile functions are compared with SciPy elsewhere.
    assert {text.split("(")[0] for text in CALLS} == set(FUNCTIONS) - set(QUANTILE_FUNCTIONS)


def test_a_formula_of_one_draw_is_a_number() -> None:
    assert Expression("x + 1")({"x": 2.0}) == 3.0


def test_names_are_told_apart_by_what_they_stand_for() -> None:
    found = Expression("where(view == 'slow', x, hardware.trend) + where(view != 'fast', x, 1)")
    assert found.names == {"view", "x", "hardware.trend"}
    assert found.numbers == {"x", "hardware.trend"}
    assert found.comparisons == {("view", "slow"), ("view", "fast")}


def test_expressions_of_one_text_are_equal() -> None:
    assert Expression("x + 1") == Expression("x + 1")
    assert Expression("x + 1") != Expression("1 + x")
    assert hash(Expression("x + 1")) == hash(Expression("x + 1"))


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_arithmetic_is_refused_and_shown(case: str) -> None:
    text, shown = REFUSED[case]
    with refused("expression-not-arithmetic", None) as failure:
        Expression(text)
    assert failure.value.got == (shown or text)


@pytest.mark.parametrize("text", NO_PYTHON, ids=repr)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with refused("expression-syntax", None):
        Expression(text)


@pytest.mark.parametrize("case", LONG)
@pytest.mark.parametrize("frames", [0, 500])
def test_what_is_too_long_or_too_deep_is_refused(case: str, frames: int) -> None:
    # Also where the caller has used up half of Python's stack.
    def below(depth: int) -> None:
        if depth:
            below(depth - 1)
            return
        with refused("expression-too-long", None):
            Expression(LONG[case])

    below(frames)


def test_a_deep_formula_that_is_allowed_runs_on_half_of_the_stack() -> None:
    text = "-" * 98 + "x"

    def below(depth: int) -> float:
        return below(depth - 1) if depth else float(Expression(text)({"x": 3.0}))

    assert below(sys.getrecursionlimit() // 2) == 3.0


@pytest.mark.parametrize("number", ["1e400", "9" * 400, "-1e999", "x * 1e400"])
def test_a_number_that_is_not_finite_is_refused(number: str) -> None:
    with refused("expression-overflow", None):
        Expression(number)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("sin(x)", Refusal("unknown-function", None, got="sin", names="'min'")),
        ("log1p(x)", Refusal("unknown-function", None, got="log1p", names="'log10'")),
        ("eval('1')", Refusal("unknown-function", None, got="eval", names="'ceil'")),
        ("__import__('os')", Refusal("unknown-function", None, got="__import__")),
        ("open(x)", Refusal("unknown-function", None, got="open")),
        ("clip(x, 1)", Refusal("wrong-argument-count", None, got=2)),
        ("min(x)", Refusal("wrong-argument-count", None, got=1, names="to 64")),
        ("exp()", Refusal("wrong-argument-count", None, got=0)),
        ("round(x, 2)", Refusal("wrong-argument-count", None, got=2)),
    ],
)
def test_the_line_about_a_function_says_what_would_be_accepted(text: str, refusal: Refusal) -> None:
    with refusal.expected():
        Expression(text)
