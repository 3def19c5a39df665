"""Arithmetic of named quantities, written in a scenario file.

    expression = "brain + efficiency + horizon + 12 - 11.2 * exponent"
    expression = "where(view == 'slow', 2, 1) * size"

Only arithmetic: numbers, names, + - * / ** %, comparisons, and/or/not, and the functions listed below. Text
is only for comparing a choice with one of its values. A condition that holds is 1, another one 0. The
expression is parsed by Python's own parser and every node that is not on the list is refused, so a scenario
file can compute but not act.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np

from timecone.errors import DistributionError, suggestion
from timecone.schema import FloatArray

_MOST_CHARACTERS = 2000
_MOST_NODES = 500
# Each level takes a frame of Python's stack.
_MOST_LEVELS = 100
_SHOWN = 60


def _number(condition: Any) -> Any:
    """Return 1 or 0, so that conditions can be added and subtracted."""
    return np.asarray(condition, dtype=np.float64)


_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
    ast.Pow: np.power,
    ast.Mod: np.mod,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: lambda x: _number(np.logical_not(x)),
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def _minimum(*arguments: Any) -> Any:
    return reduce(np.minimum, arguments)


def _maximum(*arguments: Any) -> Any:
    return reduce(np.maximum, arguments)


#: Function, and its least and greatest number of arguments.
FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "abs": (np.abs, 1, 1),
    "ceil": (np.ceil, 1, 1),
    "clip": (np.clip, 3, 3),
    "exp": (np.exp, 1, 1),
    "floor": (np.floor, 1, 1),
    "log": (np.log, 1, 1),
    "log10": (np.log10, 1, 1),
    "max": (_maximum, 2, 64),
    "min": (_minimum, 2, 64),
    "round": (np.round, 1, 1),  # half to even
    "sqrt": (np.sqrt, 1, 1),
    "where": (np.where, 3, 3),
}


@dataclass(frozen=True)
class Expression:
    """A parsed expression.

    Attributes
    ----------
    text : str
        As written.
    names : frozenset of str
        What it refers to; dotted names are parameters.
    comparisons : frozenset of (str, str)
        Names of choices, and the values with which they are compared.
    numbers : frozenset of str
        The names that must stand for numbers.

    Raises
    ------
    DistributionError
        The text is no arithmetic.
    """

    text: str
    names: frozenset[str] = field(init=False)
    comparisons: frozenset[tuple[str, str]] = field(init=False)
    numbers: frozenset[str] = field(init=False)
    _root: ast.expr = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text = self.text.strip()
        if len(text) > _MOST_CHARACTERS:
            raise DistributionError("the expression is too long", got=f"{text[:30]}...",
                                    allowed=f"at most {_MOST_CHARACTERS} characters")  # fmt: skip
        try:
            root = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise DistributionError("the expression is no arithmetic", got=self.text) from None
        _require_small(root, text)
        checked = _Checked(text)
        checked.visit(root)
        object.__setattr__(self, "_root", root)
        object.__setattr__(self, "comparisons", frozenset(checked.comparisons))
        object.__setattr__(self, "numbers", frozenset(checked.numbers))
        object.__setattr__(self, "names", self.numbers | {name for name, _ in self.comparisons})

    def __call__(self, values: Mapping[str, Any]) -> FloatArray:
        """Evaluate for arrays of draws by name."""
        with np.errstate(all="ignore"):
            return np.asarray(_evaluate(self._root, values), dtype=np.float64)


def _require_small(root: ast.expr, text: str) -> None:
    """Refuse what would take long, or overflow the stack; without recursion itself."""
    count, level = 0, [root]
    for _ in range(_MOST_LEVELS):
        if not level:
            return
        count += len(level)
        if count > _MOST_NODES:
            break
        level = [
            child for node in level for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)
        ]
    allowed = f"at most {_MOST_NODES} terms, nested {_MOST_LEVELS} deep"
    raise DistributionError("the expression is too long", got=f"{text[:30]}...", allowed=allowed)


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (inner := _dotted(node.value)):
        return f"{inner}.{node.attr}"
    return None


class _Checked:
    """Refuses what is not on the list; collects names.

    Parameters
    ----------
    text : str
        The expression, for messages.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self.numbers: set[str] = set()
        self.comparisons: set[tuple[str, str]] = set()

    def visit(self, node: ast.expr) -> None:
        """Check a node and all below it."""
        match node:
            case ast.Constant(value=value):
                self._constant(node, value)
            case ast.Name() | ast.Attribute():
                self.numbers.add(self._name(node))
            case ast.Compare():
                self._compare(node)
            case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
                _check_call(function, len(arguments))
                self._visit_all(arguments)
            case _:
                self._visit_all(self._operands(node))

    def _visit_all(self, nodes: Sequence[ast.expr]) -> None:
        for node in nodes:
            self.visit(node)

    def _operands(self, node: ast.expr) -> Sequence[ast.expr]:
        match node:
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return [left, right]
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
                return [operand]
            case ast.BoolOp(values=parts):
                return parts
        raise self._refused(node)

    def _constant(self, node: ast.expr, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._refused(node)
        try:
            finite = math.isfinite(value)
        except OverflowError:
            finite = False
        if not finite:
            raise DistributionError("a number in the expression is not finite", got=f"{self._text[:30]}...")

    def _name(self, node: ast.expr) -> str:
        name = _dotted(node)
        if name is None or "__" in name:
            raise self._refused(node)
        return name

    def _compare(self, node: ast.Compare) -> None:
        match node:
            case ast.Compare(
                left=ast.Name() as name,
                ops=[ast.Eq() | ast.NotEq()],
                comparators=[ast.Constant(value=str(value))],
            ):
                self.comparisons.add((self._name(name), value))
            case ast.Compare(left=left, ops=ops, comparators=others) if all(type(o) in _COMPARE for o in ops):
                self._visit_all([left, *others])
            case _:
                raise self._refused(node)

    def _refused(self, node: ast.expr) -> DistributionError:
        found = ast.get_source_segment(self._text, node) or type(node).__name__
        return DistributionError(
            "the expression holds something else than arithmetic",
            got=found if len(found) <= _SHOWN else f"{found[:_SHOWN]}...",
            allowed="numbers, names, + - * / ** %, comparisons, and, or, not, " + ", ".join(FUNCTIONS),
        )


def _check_call(function: str, count: int) -> None:
    if function not in FUNCTIONS:
        raise DistributionError("unknown function in an expression", got=function,
                                remedy=suggestion(function, FUNCTIONS))  # fmt: skip
    _, least, most = FUNCTIONS[function]
    if not least <= count <= most:
        allowed = f"{least}" if least == most else f"{least} to {most}"
        raise DistributionError(f"{function} takes another number of arguments", got=count,
                                allowed=allowed)  # fmt: skip


def _evaluate(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]
        case ast.Name() | ast.Attribute():
            return values[_dotted(node) or ""]
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_evaluate(left, values), _evaluate(right, values))
        case ast.UnaryOp(op=op, operand=operand):
            return _UNARY[type(op)](_evaluate(operand, values))
        case ast.BoolOp(op=op, values=parts):
            join = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return _number(reduce(join, [_evaluate(part, values) for part in parts]))
        case ast.Compare(left=left, ops=ops, comparators=others):
            terms = [_evaluate(term, values) for term in (left, *others)]
            pairs = zip(ops, terms[:-1], terms[1:], strict=True)
            return _number(reduce(np.logical_and, [_COMPARE[type(o)](a, b) for o, a, b in pairs]))
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return FUNCTIONS[function][0](*(_evaluate(a, values) for a in arguments))
    raise TypeError(type(node).__name__)
