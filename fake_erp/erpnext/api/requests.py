"""What a call carries: JSON bodies, forms and query strings as arguments, the way the vendor reads them. Source: facts 2.1, 2.4."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from fake_erp.erpnext.errors import Refused, python_error, throw
from harness.kit.call import Call

_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^;\s]+))', re.IGNORECASE)
_PARAMETER = re.compile(r'\b(name|filename)="([^"]*)"')


def json_text(text: str | bytes) -> Any:
    """Raises ValueError with the words of the vendor's parser."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _as_python_reads(text)


def _as_python_reads(text: str | bytes) -> Any:
    """The vendor's parser is Python's: it takes NaN too, and says differently what it does not take; bytes that are no UTF-8 are
    replaced before it sees them. Raises ValueError."""
    try:
        value = json.loads(text.decode("utf-8", "replace") if isinstance(text, bytes) else text)
        msgspec.json.encode(value)  # half a surrogate pair, or a number too big to be answered
    except (ValueError, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from None
    return value


class BrokenBody(Refused):
    """A body that says it is JSON and is not: 500 in the parser's words; version 16 says 417 instead."""

    def __init__(self, words: str) -> None:
        super().__init__(500, "JSONDecodeError", words)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart body."""

    name: str
    content: bytes


def is_json(call: Call) -> bool:
    return "json" in call.headers.get("content-type", "").lower()


def arguments(call: Call) -> dict[str, Any]:
    """Arguments by name. A JSON body replaces everything, the query string too [P57]; a form adds to the query.

    A body of any other kind is not looked at. Raises Refused: 500 for broken JSON, 417 for a JSON scalar.
    """
    if call.body and is_json(call):
        value = _body(call)
        if isinstance(value, list):
            return {"data": value}
        if not isinstance(value, dict):
            raise throw("Invalid request arguments")
        if "_" in value:
            del value["_"]
        return value
    args: dict[str, Any] = call.query_dict()
    if call.body:
        kind = call.headers.get("content-type", "").lower()
        if "urlencoded" in kind:
            args.update(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
        elif "multipart/form-data" in kind:
            args.update({name: content.decode("utf-8", "replace") for name, filename, content in _parts(call) if filename is None})
    args.pop("_", None)
    return args


def uploaded(call: Call) -> Upload | None:
    """The part called `file` of a multipart body."""
    if "multipart/form-data" in call.headers.get("content-type", "").lower():
        for name, filename, content in _parts(call):
            if name == "file" and filename is not None:
                return Upload(filename, content)
    return None


def _parts(call: Call) -> list[tuple[str, str | None, bytes]]:
    """Name, file name and content of each part; what is no multipart body has none."""
    hit = _BOUNDARY.search(call.headers.get("content-type", ""))
    found: list[tuple[str, str | None, bytes]] = []
    if hit is None:
        return found
    for part in call.body.split(b"--" + (hit[1] or hit[2]).encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        names = dict(_PARAMETER.findall(head.decode("utf-8", "replace")))
        if "name" in names:
            found.append((names["name"], names.get("filename"), content.removesuffix(b"\r\n")))
    return found


def told_first(call: Call, refused: Refused) -> Refused:
    """What is wrong with the body, if anything is, instead of `refused`: the vendor reads it before it looks at anything else."""
    try:
        if call.body and is_json(call):
            arguments(call)
    except Refused as broken:
        return broken
    return refused


def _body(call: Call) -> Any:
    try:
        return json_text(call.body)
    except ValueError as error:
        raise BrokenBody(str(error)) from None


def document(call: Call) -> dict[str, Any]:
    """The document of a create or update: the JSON body, its `data` key when there is one, or the form's `data` as JSON text."""
    if call.body and not is_json(call):
        try:
            value = json_text(call.body)  # a raw JSON body without its content type works here too
        except ValueError:
            value = arguments(call)
    else:
        value = arguments(call) if call.body or call.query else {}
        if isinstance(value.get("data"), list):
            raise python_error("AttributeError", "'list' object has no attribute 'get'")
    if isinstance(value, dict) and "data" in value:
        value = as_object(value["data"])
    if not isinstance(value, dict):
        raise python_error("AttributeError", f"'{type(value).__name__}' object has no attribute 'update'")
    return value


def as_object(value: Any) -> Any:
    """An argument that may be JSON text. Raises Refused (500) when the text is no JSON."""
    if isinstance(value, str):
        try:
            return json_text(value)
        except ValueError as error:
            raise python_error("JSONDecodeError", str(error)) from None
    return value


def required(args: dict[str, Any], function: str, *names: str) -> None:
    """Raises Refused (500 TypeError) naming what a function was not given, in Python's words."""
    missing = [f"'{name}'" for name in names if name not in args]
    if not missing:
        return
    listed = missing[0] if len(missing) == 1 else " and ".join(missing)
    if len(missing) > 2:
        listed = f"{', '.join(missing[:-1])}, and {missing[-1]}"
    plural = "s" if len(missing) > 1 else ""
    text = f"{function}() missing {len(missing)} required positional argument{plural}: {listed}"
    raise Refused(500, "TypeError", text)
