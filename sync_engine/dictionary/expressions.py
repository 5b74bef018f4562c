"""Expressions of a dictionary: a small language with Python's spelling, interpreted here and never run as Python.

    trim(concat(firstname, " ", lastname)) if firstname else company

Names are fields of the source record, and `value` is the field's own source value as its type says. Numbers are decimals, never
floats. Nothing is nothing: arithmetic with it gives nothing, and it is smaller or greater than nothing else. There are no
attributes, no indexes, no loops and no calls but of the functions below; size, depth and digits are bounded.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache
from typing import Any, Final

from sync_engine.dictionary.expression_values import FUNCTIONS, ExpressionError, Value, bounded, kind_of, plain_value
from sync_engine.dictionary.model import nearest

CHARACTERS_MAX: Final = 2_000
PARTS_MAX: Final = 300
DEPTH_MAX: Final = 40
NUMBERS: Final = Context(prec=34, Emax=60, Emin=-60, traps=[InvalidOperation, Overflow, DivisionByZero])
_CONSTANTS: Final = {"none": None, "true": True, "false": False}
_ARITHMETIC: Final[dict[type[ast.operator], tuple[str, Callable[[Decimal, Decimal], Decimal]]]] = {
    ast.Add: ("+", NUMBERS.add),
    ast.Sub: ("-", NUMBERS.subtract),
    ast.Mult: ("*", NUMBERS.multiply),
    ast.Div: ("/", NUMBERS.divide),
}
_ORDER: Final[dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], bool]]]] = {
    ast.Lt: ("<", lambda one, other: bool(one < other)),
    ast.LtE: ("<=", lambda one, other: bool(one <= other)),
    ast.Gt: (">", lambda one, other: bool(one > other)),
    ast.GtE: (">=", lambda one, other: bool(one >= other)),
}
_KNOWN: Final = (
    f"known: names of fields, texts, numbers, + - * /, comparisons, and/or/not, `a if b else c`, and {', '.join(FUNCTIONS)}"
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression. `names`: the fields of the source record that it reads, without `value`."""

    text: str
    names: tuple[str, ...]
    tree: ast.expr

    def evaluate(self, record: Mapping[str, Any], value: Any = None, zone: tzinfo = UTC) -> Value:
        """Its value for a record; `zone` decides which day an instant falls on. Raises ExpressionError."""
        return _Run(self.text, {**record, "value": value}, zone).of(self.tree)


@lru_cache(maxsize=1024)
def compiled(text: str) -> Expression:
    """Raises ExpressionError with the position and what is known."""
    if len(text) > CHARACTERS_MAX:
        raise ExpressionError(f"is longer than {CHARACTERS_MAX} characters; split it, or use a table")
    line = text.strip().replace("\n", " ")
    try:
        tree = ast.parse(line, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"column {error.offset or 1}: {error.msg}; {_KNOWN}") from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError(f"cannot be read; {_KNOWN}") from None
    try:
        parts = list(ast.walk(tree))
        if len(parts) > PARTS_MAX:
            raise ExpressionError(f"has more than {PARTS_MAX} parts; split it, or use a table")
        names: dict[str, None] = {}
        _check(line, tree, names, 0)
    except RecursionError:
        raise ExpressionError("is nested too deeply") from None
    return Expression(line, tuple(name for name in names if name != "value"), tree)


def _check(text: str, node: ast.AST, names: dict[str, None], depth: int) -> None:
    """Refuse whatever the language does not have, before anything is evaluated."""
    if depth > DEPTH_MAX:
        raise _at(text, node, f"is nested more than {DEPTH_MAX} deep")
    match node:
        case ast.Constant():
            _check_constant(text, node)
            return
        case ast.Name(id=name):
            if name.lower() not in _CONSTANTS:
                names[name] = None
            return
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            if name not in FUNCTIONS:
                raise _at(text, node, f"there is no function {name!r}{nearest(name, list(FUNCTIONS))}")
            function = FUNCTIONS[name]
            if not function.least <= len(arguments) <= function.most:
                raise _at(text, node, f"{name} is written {function.usage}")
            children: list[ast.expr] = arguments
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _ARITHMETIC:
            children = [left, right]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
            children = [operand]
        case ast.BoolOp(values=values):
            children = values
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if isinstance(operator, (ast.Eq, ast.NotEq, *_ORDER)):
            children = [left, right]
        case ast.IfExp(test=test, body=body, orelse=other):
            children = [test, body, other]
        case ast.Compare():
            raise _at(text, node, "one comparison at a time; join several with `and`")
        case _:
            raise _at(text, node, f"{type(node).__name__} is not part of the language; {_KNOWN}")
    for child in children:
        _check(text, child, names, depth + 1)


def _check_constant(text: str, node: ast.Constant) -> None:
    if node.value is None or isinstance(node.value, str | bool):
        return
    if isinstance(node.value, int | float):
        _literal(text, node)
        return
    raise _at(text, node, f"{type(node.value).__name__} is not part of the language; {_KNOWN}")


def _literal(text: str, node: ast.Constant) -> Decimal:
    """The digits as they are written: a float in between would change them."""
    digits = ast.get_source_segment(text, node) or ""
    try:
        return NUMBERS.plus(Decimal(digits))
    except DecimalException:
        raise _at(text, node, f"{digits} is not a number this language can hold (34 digits, up to 10^60)") from None


def _at(text: str, node: ast.AST, problem: str) -> ExpressionError:
    offset = getattr(node, "col_offset", 0)  # counted in UTF-8 bytes
    return ExpressionError(f"column {len(text.encode()[:offset].decode()) + 1}: {problem}")


class _Run:
    """One evaluation."""

    def __init__(self, text: str, record: Mapping[str, Any], zone: tzinfo) -> None:
        self._text, self._record, self._zone = text, record, zone

    def of(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=value):
                return value if value is None or isinstance(value, str | bool) else _literal(self._text, node)
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.IfExp(test=test, body=body, orelse=other):
                return self.of(body) if self.of(test) else self.of(other)
            case ast.BoolOp(op=operator, values=values):
                return self._either(isinstance(operator, ast.Or), values)
            case ast.UnaryOp(op=operator, operand=operand):
                return self._unary(node, operator, self.of(operand))
            case ast.BinOp(left=left, op=operator, right=right):
                return self._arithmetic(node, operator, self.of(left), self.of(right))
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                return self._compare(node, operator, self.of(left), self.of(right))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(node, name, [self.of(each) for each in arguments])
        raise _at(self._text, node, f"{type(node).__name__} is not part of the language")

    def _name(self, node: ast.expr, name: str) -> Value:
        if name not in self._record and name.lower() in _CONSTANTS:
            return _CONSTANTS[name.lower()]
        return self._guarded(node, lambda: plain_value(self._record.get(name)))

    def _either(self, wanted: bool, values: list[ast.expr]) -> Value:
        found: Value = None
        for each in values:
            found = self.of(each)
            if bool(found) is wanted:
                return found
        return found

    def _unary(self, node: ast.expr, operator: ast.unaryop, value: Value) -> Value:
        if isinstance(operator, ast.Not):
            return not value
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise _at(self._text, node, f"a sign before {kind_of(value)}; use number(...)")
        return NUMBERS.minus(value) if isinstance(operator, ast.USub) else value

    def _arithmetic(self, node: ast.expr, operator: ast.operator, one: Value, other: Value) -> Value:
        sign, work = _ARITHMETIC[type(operator)]
        if one is None or other is None:
            return None
        if sign == "+" and isinstance(one, str) and isinstance(other, str):
            return self._guarded(node, lambda: bounded(one + other))
        if not isinstance(one, Decimal) or not isinstance(other, Decimal):
            hint = "use number(...) for a number, concat(...) for a text, date_add(...) for a date"
            raise _at(self._text, node, f"{kind_of(one)} {sign} {kind_of(other)}; {hint}")
        return self._guarded(node, lambda: work(one, other))

    def _compare(self, node: ast.expr, operator: ast.cmpop, one: Value, other: Value) -> bool:
        if isinstance(operator, ast.Eq | ast.NotEq):
            alike = kind_of(one) == kind_of(other) and one == other
            return alike is isinstance(operator, ast.Eq)
        if one is None or other is None:
            return False
        sign, work = _ORDER[type(operator)]
        if kind_of(one) != kind_of(other):
            raise _at(self._text, node, f"{kind_of(one)} {sign} {kind_of(other)}; make both the same kind")
        return work(one, other)

    def _call(self, node: ast.expr, name: str, arguments: list[Value]) -> Value:
        return self._guarded(node, lambda: FUNCTIONS[name].work(arguments, self._zone))

    def _guarded(self, node: ast.expr, work: Callable[[], Value]) -> Value:
        try:
            return work()
        except DivisionByZero:
            raise _at(self._text, node, "division by zero; guard it with `if`") from None
        except (DecimalException, OverflowError):
            raise _at(self._text, node, "the number is too large") from None
        except ExpressionError as error:
            raise _at(self._text, node, str(error)) from None
