"""The part of Python that conditions are written in, evaluated without Python's own `eval`. Source: facts 6.2.

Names `doc`, `utils`, `int`, `float`, `long`, `round` as the vendor's safe_eval knows them (no `len`, no `frappe`), attributes,
methods of documents and texts, subscripts, comparisons, `in`, `and`, `or`, `not`, `if … else`, + - * / // %, lists, tuples,
dictionaries and comprehensions. Everything else is refused when the condition is read. What goes wrong while it is evaluated
raises what Python would raise.
"""

from __future__ import annotations

import ast
import operator
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from fake_erp.erpnext.events.views import DocView, Utils

Names = dict[str, Any]
Expression = Callable[[Names], Any]

LENGTH_MAX: Final = 10_000  # characters of an expression
DEPTH_MAX: Final = 60
SIZE_MAX: Final = 100_000  # characters or elements of a value: no expression may eat the machine
# What an evaluation may raise.
FAILURES: Final = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, NameError, RecursionError)

_BUILT_IN: Final[Names] = {"int": int, "float": float, "long": int, "round": round}
_TEXT_METHODS: Final = frozenset(
    {
        *("capitalize", "casefold", "count", "endswith", "find", "index", "isalnum", "isalpha", "isdigit", "isnumeric"),
        *("lower", "lstrip", "rstrip", "split", "startswith", "strip", "title", "upper"),
    }
)
_METHODS: Final[dict[type, frozenset[str]]] = {
    str: _TEXT_METHODS,
    list: frozenset({"count", "index"}),
    dict: frozenset({"get", "items", "keys", "values"}),
}
_COMPARE: Final[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b, ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip


class BadExpression(ValueError):
    """No Python, or Python beyond what is understood here."""


@lru_cache(maxsize=256)
def read_expression(text: str) -> Expression:
    """Raises BadExpression. The expression itself may raise any of FAILURES."""
    if len(text) > LENGTH_MAX:
        raise BadExpression("the expression is too long")
    try:
        tree = ast.parse(unicodedata.normalize("NFKC", text), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadExpression(str(error)) from None
    return _build(tree.body, 0)


def _times(a: Any, b: Any) -> Any:
    for many, number in ((a, b), (b, a)):
        if isinstance(many, str | list | tuple) and isinstance(number, int) and len(many) * number > SIZE_MAX:
            raise ValueError("the result is too large")
    return a * b


def _modulo(a: Any, b: Any) -> Any:
    if isinstance(a, str):  # formatting may ask for a text of any length
        raise TypeError("formatting is not supported by fake")
    return a % b


_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: _times, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: _modulo,
}  # fmt: skip
_SIGNS: Final[dict[type[ast.unaryop], Callable[[Any], Any]]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def _build(node: ast.expr, depth: int) -> Expression:
    if depth > DEPTH_MAX:
        raise BadExpression("too deeply nested")

    def inner(part: ast.expr) -> Expression:
        return _build(part, depth + 1)

    match node:
        case ast.Constant(value=value):
            return lambda names: value
        case ast.Name(id=name):
            return _name(name)
        case ast.Attribute(value=of, attr=name):
            return _attribute(inner(of), name)
        case ast.Call(func=func, args=args, keywords=[]):
            return _call(inner(func), [inner(arg) for arg in args])
        case ast.Subscript(value=of, slice=key):
            return _subscript(inner(of), inner(key))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _SIGNS:
            sign, what = _SIGNS[type(op)], inner(operand)
            return lambda names: sign(what(names))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _arithmetic(_ARITHMETIC[type(op)], inner(left), inner(right))
        case ast.BoolOp(op=op, values=values):
            return _logic(isinstance(op, ast.And), [inner(value) for value in values])
        case ast.Compare(left=left, ops=ops, comparators=others):
            return _comparison([inner(part) for part in (left, *others)], [_COMPARE[type(op)] for op in ops])
        case ast.IfExp(test=test, body=body, orelse=other):
            choose, then, otherwise = inner(test), inner(body), inner(other)
            return lambda names: then(names) if choose(names) else otherwise(names)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            parts = [inner(element) for element in elements]
            return lambda names: [part(names) for part in parts]
        case ast.Dict(keys=keys, values=values) if None not in keys:
            pairs = [(inner(key), inner(value)) for key, value in zip(keys, values, strict=True) if key is not None]
            return lambda names: {key(names): value(names) for key, value in pairs}
        case ast.ListComp(elt=element, generators=[loop]) | ast.GeneratorExp(elt=element, generators=[loop]):
            return _comprehension(inner(element), loop, inner)
    raise BadExpression(f"Operation not allowed: {ast.unparse(node)}")


def _name(name: str) -> Expression:
    if name.startswith("_"):
        raise BadExpression(f'"{name}" is an invalid variable name because it starts with "_"')

    def look_up(names: Names) -> Any:
        if name in names:
            return names[name]
        if name in _BUILT_IN:
            return _BUILT_IN[name]
        raise NameError(f"name '{name}' is not defined")

    return look_up


def _attribute(of: Expression, name: str) -> Expression:
    if name.startswith("_"):
        raise BadExpression(f'"{name}" is an invalid attribute name because it starts with "_".')

    def read(names: Names) -> Any:
        value = of(names)
        if isinstance(value, DocView | Utils):
            return value.attribute(name)
        if name in _METHODS.get(type(value), ()):
            return getattr(value, name)
        raise AttributeError(f"'{type(value).__name__}' object has no attribute '{name}'")

    return read


def _call(func: Expression, args: list[Expression]) -> Expression:
    def call(names: Names) -> Any:
        callee = func(names)
        if not callable(callee):
            kind = callee.kind if isinstance(callee, DocView) else type(callee).__name__
            raise TypeError(f"'{kind}' object is not callable")
        return callee(*[arg(names) for arg in args])

    return call


def _subscript(of: Expression, key: Expression) -> Expression:
    def read(names: Names) -> Any:
        value = of(names)
        if isinstance(value, DocView):
            raise TypeError(f"'{value.kind}' object is not subscriptable")
        return value[key(names)]

    return read


def _arithmetic(act: Callable[[Any, Any], Any], left: Expression, right: Expression) -> Expression:
    def compute(names: Names) -> Any:
        value = act(left(names), right(names))
        if isinstance(value, str | list) and len(value) > SIZE_MAX:
            raise ValueError("the result is too large")
        return value

    return compute


def _logic(every: bool, parts: list[Expression]) -> Expression:
    """`and` and `or` give the operand that decides, as Python does."""

    def decide(names: Names) -> Any:
        value: Any = None
        for part in parts:
            value = part(names)
            if bool(value) is not every:
                return value
        return value

    return decide


def _comparison(operands: list[Expression], tests: list[Callable[[Any, Any], Any]]) -> Expression:
    def compare(names: Names) -> Any:
        left, answer = operands[0](names), True
        for test, operand in zip(tests, operands[1:], strict=True):
            right = operand(names)
            answer = test(left, right)
            if not answer:
                return answer
            left = right
        return answer

    return compare


def _comprehension(element: Expression, loop: ast.comprehension, inner: Callable[[ast.expr], Expression]) -> Expression:
    """One loop over one name; a list also where Python makes a generator."""
    if not isinstance(loop.target, ast.Name) or loop.is_async:
        raise BadExpression(f"Operation not allowed: {ast.unparse(loop.target)}")
    name, over, tests = loop.target.id, inner(loop.iter), [inner(test) for test in loop.ifs]

    def collect(names: Names) -> list[Any]:
        values: Iterable[Any] = over(names)
        steps = names.setdefault("", [0])  # shared by all loops of one evaluation
        found = []
        for value in values:
            steps[0] += 1
            if steps[0] > SIZE_MAX:
                raise ValueError("the result is too large")
            inside = {**names, name: value}
            if all(test(inside) for test in tests):
                found.append(element(inside))
        return found

    return collect
