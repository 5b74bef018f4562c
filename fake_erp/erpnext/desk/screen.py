"""The calls a person at ERPNext's desk makes, and what the screen shows when the site refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from harness.kit.call import Call, Reply
from harness.kit.people import NotPossible
from harness.kit.records import Change

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=lru_cache(maxsize=4096)(Decimal))


class Screen:
    """One person's browser. Raises NotPossible with the vendor's own words."""

    def __init__(self, fake: ErpNextFake, person: str) -> None:
        self._fake, self._person = fake, person

    def read(self, doctype: str, name: str) -> Any:
        return self.send("GET", f"/api/resource/{doctype}/{name}")["data"]

    def names(self, doctype: str, filters: dict[str, Any]) -> list[str]:
        """The names of the documents with these values, as a list view shows them."""
        query = urlencode({"filters": json.dumps(filters), "limit_page_length": 0})
        return [row["name"] for row in self.send("GET", f"/api/resource/{doctype}", query=query)["data"]]

    def create(self, doctype: str, document: dict[str, Any]) -> Any:
        return self.send("POST", f"/api/resource/{doctype}", document)["data"]

    def change(self, doctype: str, name: str, values: Mapping[str, Any]) -> Any:
        return self.send("PUT", f"/api/resource/{doctype}/{name}", dict(values))["data"]

    def call(self, method: str, arguments: dict[str, Any]) -> Any:
        return self.send("POST", f"/api/method/{method}", arguments).get("message")

    def send(self, method: str, path: str, body: dict[str, Any] | None = None, query: str = "") -> Any:
        raw = _ENCODER.encode(body) if body is not None else b""
        headers = {"content-type": "application/json"} if raw else {}
        call = Call(method, path, query, headers, raw, f"person:{self._person}", self._person)
        reply = self._fake.handle(call)
        if not reply.ok:
            raise NotPossible(_words_of(reply))
        return _DECODER.decode(reply.body)

    def on_commit(self, watch: Callable[[list[Change]], None]) -> None:
        """Tell of every change that is saved, as a list that refreshes itself does."""
        self._fake.store.on_commit(watch)


def decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _words_of(reply: Reply) -> str:
    """What the screen would show: the last message, or the exception's line."""
    body = reply.json()
    messages = json.loads(body.get("_server_messages", "[]"))
    if messages:
        return str(json.loads(messages[-1])["message"])
    return str(body.get("exception") or body.get("exc_type"))
