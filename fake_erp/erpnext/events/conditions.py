"""Webhook conditions: the safe part of Python that compares a document's fields. Everything else is an Invalid Condition.

Understood: `doc.field`, `doc["field"]`, `doc.get("field")`, constants, lists, comparisons, `in`, `and`, `or`, `not`, + - * /.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

Condition = Callable[[Mapping[str, Any]], Any]

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b, ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


class BadCondition(ValueError):
    """The condition cannot be read, or uses more than this fake understands."""


@lru_cache(maxsize=256)
def parse_condition(text: str) -> Condition:
    """Raises BadCondition. The condition itself may raise TypeError or ZeroDivisionError when it is evaluated."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadCondition(str(error)) from None
    return _build(tree.body, 0)


def _build(node: ast.expr, depth: int) -> Condition:
    if depth > 40:
        raise BadCondition("too deeply nested")
    match node:
        case ast.Constant(value=value):
            constant = Decimal(repr(value)) if isinstance(value, float) else value
            return lambda doc: constant
        case ast.Attribute(value=ast.Name(id="doc"), attr=name) if not name.startswith("__"):
            return lambda doc: doc.get(name)
        case ast.Subscript(value=ast.Name(id="doc"), slice=ast.Constant(value=str(name))):
            return lambda doc: doc.get(name)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="doc"), attr="get"), args=[ast.Constant(value=str(name))], keywords=[]):
            return lambda doc: doc.get(name)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _build(operand, depth + 1)
            return lambda doc: not inner(doc)
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            parts = [_build(element, depth + 1) for element in elements]
            return lambda doc: [part(doc) for part in parts]
        case ast.BoolOp(op=op, values=values):
            return _logic(isinstance(op, ast.And), [_build(value, depth + 1) for value in values])
        case ast.Compare():
            return _comparison(node, depth)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            act, a, b = _ARITHMETIC[type(op)], _build(left, depth + 1), _build(right, depth + 1)
            return lambda doc: act(a(doc), b(doc))
    raise BadCondition(f"name or expression '{ast.unparse(node)}' is not defined")


def _logic(every: bool, parts: list[Condition]) -> Condition:
    if every:
        return lambda doc: all(part(doc) for part in parts)
    return lambda doc: any(part(doc) for part in parts)


def _comparison(node: ast.Compare, depth: int) -> Condition:
    operands = [_build(part, depth + 1) for part in (node.left, *node.comparators)]
    tests = [_COMPARE[type(op)] for op in node.ops]

    def compare(doc: Mapping[str, Any]) -> bool:
        values = [operand(doc) for operand in operands]
        return all(test(values[i], values[i + 1]) for i, test in enumerate(tests))

    return compare
