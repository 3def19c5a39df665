"""Arithmetic of named quantities, written in a scenario file.

    expression = "brain + efficiency + horizon + 12 - 11.2 * exponent"

Only arithmetic: numbers, names, + - * / ** %, comparisons, and/or/not, and the functions listed below. The text is
parsed by Python's own parser and every node that is not on the list is refused, so a scenario file can compute but
not act.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np

from timecone.errors import DistributionError, suggestion
from timecone.schema import FloatArray

_MOST_CHARACTERS = 2000
_MOST_NODES = 500

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
    ast.Not: np.logical_not,
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

    Raises
    ------
    DistributionError
        The text is no arithmetic.
    """

    text: str
    names: frozenset[str] = field(init=False)
    _root: ast.expr = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.text) > _MOST_CHARACTERS:
            raise DistributionError("the expression is too long", got=f"{self.text[:30]}...",
                                    allowed=f"at most {_MOST_CHARACTERS} characters")  # fmt: skip
        try:
            root = ast.parse(self.text.strip(), mode="eval").body
            count = sum(1 for _ in ast.walk(root))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise DistributionError("the expression is no arithmetic", got=self.text) from None
        if count > _MOST_NODES:
            raise DistributionError("the expression is too long", got=f"{self.text[:30]}...")
        names: set[str] = set()
        _check(root, names)
        object.__setattr__(self, "_root", root)
        object.__setattr__(self, "names", frozenset(names))

    def __call__(self, values: Mapping[str, Any]) -> FloatArray:
        """Evaluate for arrays of draws by name."""
        with np.errstate(all="ignore"):
            return np.asarray(_evaluate(self._root, values), dtype=np.float64)


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (inner := _dotted(node.value)):
        return f"{inner}.{node.attr}"
    return None


def _refuse(node: ast.AST) -> DistributionError:
    return DistributionError(
        "the expression holds something else than arithmetic",
        got=ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__,
        allowed="numbers, names, + - * / ** %, comparisons, and, or, not, " + ", ".join(FUNCTIONS),
    )


def _check(node: ast.expr, names: set[str]) -> None:
    """Refuse what is not on the list; collect names."""
    children: list[ast.expr] = []
    match node:
        case ast.Constant(value=value):
            if isinstance(value, bool) or not isinstance(value, (int, float, str)):
                raise _refuse(node)
        case ast.Name() | ast.Attribute():
            name = _dotted(node)
            if name is None:
                raise _refuse(node)
            names.add(name)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            children = [left, right]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            children = [operand]
        case ast.BoolOp(values=children):
            pass
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(o) in _COMPARE for o in ops):
            children = [left, *others]
        case ast.Call(func=ast.Name(id=function), args=children, keywords=[]):
            _check_call(function, len(children))
        case _:
            raise _refuse(node)
    for child in children:
        _check(child, names)


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
            return reduce(join, [_evaluate(part, values) for part in parts])
        case ast.Compare(left=left, ops=ops, comparators=others):
            terms = [_evaluate(term, values) for term in (left, *others)]
            pairs = zip(ops, terms[:-1], terms[1:], strict=True)
            return reduce(np.logical_and, [_COMPARE[type(o)](a, b) for o, a, b in pairs])
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return FUNCTIONS[function][0](*(_evaluate(a, values) for a in arguments))
    raise _refuse(node)
