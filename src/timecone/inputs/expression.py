"""Arithmetic of named quantities, written in a scenario file.

    expression = "brain + efficiency + horizon + 12 - 11.2 * exponent"
    expression = "where(view == 'slow', 2, 1) * size"

Only arithmetic: numbers, ``inf`` (never), names, + - * / ** %, comparisons, and/or/not, the functions listed
below and the quantile functions of `timecone.inputs.quantile_functions`. Text is only for comparing a choice
with one of its values. A condition that holds is 1, another one 0. The expression is parsed by Python's own
parser and every node that is not on the list is refused, so a scenario file can compute but not act.

An operation without a result (a division by zero, a logarithm of a negative number, an overflow) is a fault
of the draw in which it occurs, unless that draw does not use it: the branch of ``where`` that is not taken,
what stands behind an ``and`` that has failed or an ``or`` that holds. Faults are codes, one per draw, 0 for
none; they pass from quantity to quantity with the values.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from timecone.errors import DistributionError, suggestion
from timecone.inputs.quantile_functions import QUANTILE_FUNCTIONS
from timecone.schema import FloatArray, Reason, ShortArray

#: What an operation of a formula can fail of, in the order of its codes.
FAULTS = (Reason.UNDEFINED, Reason.DIVISION_BY_ZERO, Reason.OVERFLOW)
_UNDEFINED, _DIVISION, _OVERFLOW = range(len(FAULTS))
_INFINITY = "inf"

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
    # A probability, the parameters and perhaps two bounds of a truncation.
    **{
        name: (function.__call__, 1 + len(function.parameters), 3 + len(function.parameters))
        for name, function in QUANTILE_FUNCTIONS.items()
    },
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
        The text is no arithmetic, or it is a constant that has no value.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.inputs.expression import Expression
    >>> Expression("where(x > 0, 1 / x, inf)")({"x": np.array([0.0, 4.0])})
    array([ inf, 0.25])
    """

    text: str
    names: frozenset[str] = field(init=False)
    comparisons: frozenset[tuple[str, str]] = field(init=False)
    numbers: frozenset[str] = field(init=False)
    _root: ast.expr = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text = self.text.strip()
        if len(text) > _MOST_CHARACTERS:
            raise DistributionError(
                "expression-too-long",
                "the expression is too long",
                got=f"{text[:30]}...",
                allowed=f"at most {_MOST_CHARACTERS} characters",
            )
        try:
            root = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise DistributionError(
                "expression-syntax", "the expression is not valid arithmetic", got=self.text
            ) from None
        _require_small(root, text)
        checked = _Checked(text)
        checked.visit(root)
        object.__setattr__(self, "_root", root)
        object.__setattr__(self, "comparisons", frozenset(checked.comparisons))
        object.__setattr__(self, "numbers", frozenset(checked.numbers))
        object.__setattr__(self, "names", self.numbers | {name for name, _ in self.comparisons})

        if not self.names:
            _, fault = self.evaluate({}, {}, 1)
            if fault is not None:
                reason = FAULTS[int(fault) - 1]
                raise DistributionError(
                    "expression-without-value",
                    f"the expression has no value: {reason.label}",
                    got=self.text,
                    allowed="a number, or inf for never",
                )

    def __call__(self, values: Mapping[str, Any]) -> FloatArray:
        """Return the value for arrays of draws by name; NaN in draws with a fault."""
        return self.evaluate(values, {}, 1)[0]

    def evaluate(
        self, values: Mapping[str, Any], faults: Mapping[str, ShortArray], code: int
    ) -> tuple[FloatArray, ShortArray | None]:
        """Return the value and the fault of every draw.

        Parameters
        ----------
        values : mapping of str to array, shape (draws,)
            What each name stands for.
        faults : mapping of str to array of int16, shape (draws,)
            Faults of the names that have any.
        code : int
            Code of the first of `FAULTS` in this expression; those of the others follow.

        Returns
        -------
        value : array, shape (draws,)
            NaN where there is a fault. Of shape () where the expression has no names.
        fault : array of int16, shape (draws,), or None
            0 where there is none; None where there is none in any draw.
        """
        with np.errstate(all="ignore"):
            result = _evaluate(self._root, _Scope(values, faults, code))
        value = np.asarray(result.value, dtype=np.float64)
        if result.fault is None or not np.any(result.fault):
            return value, None
        fault = np.broadcast_to(np.asarray(result.fault, dtype=np.int16), value.shape)
        return np.where(fault != 0, np.nan, value), fault


class _Scope(NamedTuple):
    """What the names of an expression stand for, their faults, and the code of its own first fault."""

    values: Mapping[str, Any]
    faults: Mapping[str, ShortArray]
    code: int


class _Result(NamedTuple):
    """A value and its faults; None for no fault in any draw."""

    value: Any
    fault: Any = None


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
    raise DistributionError(
        "expression-too-long", "the expression is too long", got=f"{text[:30]}...", allowed=allowed
    )


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
            case ast.Name(id=name) if name == _INFINITY:
                pass
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
            raise DistributionError(
                "expression-overflow", "a number in the expression is not finite", got=f"{self._text[:30]}..."
            )

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
        source = ast.get_source_segment(self._text, node) or type(node).__name__
        return DistributionError(
            "expression-not-arithmetic",
            "the expression contains something other than arithmetic",
            got=source if len(source) <= _SHOWN else f"{source[:_SHOWN]}...",
            allowed="numbers, names, + - * / ** %, comparisons, and, or, not, " + ", ".join(FUNCTIONS),
        )


def _check_call(function: str, count: int) -> None:
    if function not in FUNCTIONS:
        raise DistributionError(
            "unknown-function",
            "unknown function in an expression",
            got=function,
            remedy=suggestion(function, FUNCTIONS),
        )
    _, least, most = FUNCTIONS[function]
    if function in QUANTILE_FUNCTIONS and count not in (least, most):
        parameters = ", ".join(QUANTILE_FUNCTIONS[function].parameters)
        raise DistributionError(
            "wrong-argument-count",
            f"{function} takes a different number of arguments",
            got=count,
            allowed=f"{function}(u, {parameters}) or {function}(u, {parameters}, low, high), u a probability",
        )
    if not least <= count <= most:
        allowed = f"{least}" if least == most else f"{least} to {most}"
        raise DistributionError(
            "wrong-argument-count",
            f"{function} takes a different number of arguments",
            got=count,
            allowed=allowed,
        )


def _evaluate(node: ast.expr, scope: _Scope) -> _Result:  # noqa: PLR0911 - one for each kind of node
    match node:
        case ast.Constant(value=value):
            return _Result(value if isinstance(value, str) else float(value))  # type: ignore[arg-type]
        case ast.Name(id=name) if name == _INFINITY:
            return _Result(math.inf)
        case ast.Name() | ast.Attribute():
            name = _dotted(node) or ""
            return _Result(scope.values[name], scope.faults.get(name))
        case ast.BinOp(left=left, op=op, right=right):
            return _applied(_BINARY[type(op)], [_evaluate(left, scope), _evaluate(right, scope)], scope)
        case ast.UnaryOp(op=op, operand=operand):
            return _applied(_UNARY[type(op)], [_evaluate(operand, scope)], scope)
        case ast.BoolOp(op=op, values=parts):
            return _joined([_evaluate(part, scope) for part in parts], every=isinstance(op, ast.And))
        case ast.Compare(left=left, ops=ops, comparators=others):
            terms = [_evaluate(term, scope) for term in (left, *others)]
            pairs = zip(ops, terms[:-1], terms[1:], strict=True)
            holds = reduce(np.logical_and, [_COMPARE[type(o)](a.value, b.value) for o, a, b in pairs])
            return _Result(_number(holds), _first(*(term.fault for term in terms)))
        case ast.Call(func=ast.Name(id="where"), args=arguments):
            return _chosen(*(_evaluate(a, scope) for a in arguments))
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _applied(FUNCTIONS[function][0], [_evaluate(a, scope) for a in arguments], scope)
    raise TypeError(type(node).__name__)


def _first(*faults: Any) -> Any:
    """Return the first fault of each draw."""
    present = [fault for fault in faults if fault is not None]
    return reduce(lambda a, b: np.where(a != 0, a, b), present) if present else None


def _where(condition: Any, fault: Any, other: Any) -> Any:
    """Return one of two faults of each draw."""
    if fault is None and other is None:
        return None
    return np.where(condition, 0 if fault is None else fault, 0 if other is None else other)


def _chosen(condition: _Result, value: _Result, other: _Result) -> _Result:
    """Return one of two results; what is not chosen makes no fault."""
    fault = _first(condition.fault, _where(condition.value, value.fault, other.fault))
    return _Result(np.where(condition.value, value.value, other.value), fault)


def _joined(parts: Sequence[_Result], *, every: bool) -> _Result:
    """Return whether all parts hold, or any; a part makes no fault where those before it have decided."""
    join = np.logical_and if every else np.logical_or
    holds, fault = parts[0]
    for part in parts[1:]:
        undecided = holds if every else np.logical_not(holds)
        fault = _first(fault, _where(undecided, part.fault, None))
        holds = join(holds, part.value)
    return _Result(_number(np.asarray(holds) != 0), fault)


def _applied(function: Callable[..., Any], arguments: Sequence[_Result], scope: _Scope) -> _Result:
    """Return a function of results, with the faults of its arguments and its own."""
    values = [argument.value for argument in arguments]
    value = function(*values)
    fault = _first(*(argument.fault for argument in arguments))
    if np.all(np.isfinite(value)):
        return _Result(value, fault)
    finite = reduce(np.logical_and, map(np.isfinite, values))
    undefined = np.isnan(value)
    if function in {np.log, np.log10}:
        undefined = undefined | (finite & np.isinf(value))  # the logarithm of 0
    division = np.False_
    if function in {np.divide, np.mod}:
        division = np.equal(values[1], 0.0)
    elif function is np.power:
        division = np.equal(values[0], 0.0) & np.less(values[1], 0.0)
    kinds = [division, undefined, finite & np.isinf(value)]
    codes = [scope.code + kind for kind in (_DIVISION, _UNDEFINED, _OVERFLOW)]
    return _Result(value, _first(fault, np.select(kinds, codes, 0).astype(np.int16)))
