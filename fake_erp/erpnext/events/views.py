"""A document as conditions and templates of webhooks see it: fields as attributes, a few methods, numbers as floats.

Source: facts 6.2. What the vendor's documents answer to beyond this (their controllers' methods) is not here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Before = Callable[[], Mapping[str, Any] | None]


def plain(value: Any) -> Any:
    """A stored value as JSON and arithmetic take it: floats, and rows as plain objects."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [plain(each) for each in value]
    return {name: plain(each) for name, each in value.items()} if isinstance(value, Mapping) else value


class DocView:
    """One document or row, read only. `before` tells its fields as they were before the save, None for a new one."""

    __slots__ = ("_before", "_fields", "_new")

    def __init__(self, fields: Mapping[str, Any], before: Before = lambda: None, *, new: bool = False) -> None:
        self._fields, self._before, self._new = fields, before, new

    def attribute(self, name: str) -> Any:
        """A field, else a method. Raises AttributeError in the vendor's words."""
        if name in self._fields:
            return self._seen(self._fields[name])
        method = _METHODS.get(name)
        if method is None:
            raise AttributeError(f"'{self.kind}' object has no attribute '{name}'")
        return lambda *args: method(self, *args)

    @property
    def kind(self) -> str:
        """The class of the vendor's document: `SalesOrder`."""
        return str(self._fields.get("doctype") or "Document").replace(" ", "")

    def _seen(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return float(value)
        return [DocView(row) for row in value] if isinstance(value, list) else value

    def _get(self, name: Any, default: Any = None) -> Any:
        value = self._fields.get(name) if isinstance(name, str) else None
        return default if value is None else self._seen(value)

    def _get_doc_before_save(self) -> DocView | None:
        fields = self._before()
        return None if fields is None else DocView({"doctype": self._fields.get("doctype"), **fields})

    def _has_value_changed(self, name: Any) -> bool:
        """True for a new document, and for every table that has rows: the vendor compares rows by identity."""
        fields = self._before()
        if fields is None:
            return True
        old, new = fields.get(name), self._fields.get(name)
        return bool(old or new) if isinstance(new, list) else old != new

    def _is_new(self) -> bool:
        return self._new

    def _as_dict(self) -> dict[str, Any]:
        return {name: plain(value) for name, value in self._fields.items()}

    def _as_json(self) -> str:
        return as_json(self._as_dict())


_METHODS: dict[str, Callable[..., Any]] = {
    "get": DocView._get,
    "get_doc_before_save": DocView._get_doc_before_save,
    "has_value_changed": DocView._has_value_changed,
    "is_new": DocView._is_new,
    "as_dict": DocView._as_dict,
    "as_json": DocView._as_json,
}


def as_json(value: Any) -> str:
    """The vendor's own JSON text: sorted, indented by one."""
    return json.dumps(_undressed(value), indent=1, sort_keys=True, separators=(",", ": "), default=str)


def _undressed(value: Any) -> Any:
    if isinstance(value, DocView):
        return value._as_dict()
    if isinstance(value, list | tuple):
        return [_undressed(each) for each in value]
    return {str(name): _undressed(each) for name, each in value.items()} if isinstance(value, Mapping) else plain(value)


class Utils:
    """`utils`: those of the vendor's helpers that conditions and templates of integrations use."""

    __slots__ = ("_functions",)

    def __init__(self, functions: Mapping[str, Any]) -> None:
        self._functions = functions

    def attribute(self, name: str) -> Any:
        if name not in self._functions:
            raise AttributeError(f"module has no attribute '{name}'")
        return self._functions[name]
