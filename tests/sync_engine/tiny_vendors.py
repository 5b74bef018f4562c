"""The least of a HubSpot and an ERPNext that the engine's own tests need: dictionaries behind the HTTP port, with scripted mishaps.

Not a fake in the sense of this project: it checks almost nothing. The integration tests use the real fakes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from harness.sim.loop import INCARNATION, VirtualClock, VirtualLoop
from sync_engine.context import Settings, make_context
from sync_engine.dictionary import load
from sync_engine.engine import Engine
from sync_engine.operations.log import Log, no_log
from sync_engine.operations.tracing import NO_TRACES, Tracer

DICTIONARY = Path(__file__).resolve().parents[2] / "scenarios" / "hubspot-erpnext.dictionary.yaml"
CRM, ERP = "https://crm.example", "https://erp.example"


class Lost(Exception):
    """Raised by a mishap: the call was applied and its reply is gone."""


class TinyVendors:
    """`mishaps` are asked before each call: (method, path, nth call of that route) → what to do instead, or None."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.crm: dict[str, dict[str, dict[str, Any]]] = {"deals": {}, "companies": {}, "contacts": {}, "line_items": {}}
        self.links: dict[tuple[str, str], dict[str, list[str]]] = {}
        self.erp: dict[str, dict[str, dict[str, Any]]] = {}
        self.properties: dict[str, list[dict[str, Any]]] = {"deals": [], "companies": []}
        self.items = {"SKU-1", "SKU-2"}
        self.calls: list[tuple[str, str]] = []
        self.mishap: Callable[[str, str, int], str | None] = lambda method, path, nth: None
        self._tick = 0

    # -- what people do -------------------------------------------------------------------------------------------

    def won_deal(
        self, id: str = "501", *, sku: str = "SKU-1", amount: str = "30", company: str = "701", contact: str = "301"
    ) -> None:
        self.crm["companies"].setdefault(company, {})
        self.edit(
            "companies",
            company,
            name=" Acme ",
            domain="ACME.example",
            phone="1",
            address="Main St 1",
            city="Berlin",
            country="Germany",
        )
        self.edit("contacts", contact, firstname="Jane", lastname="Doe", email="j@acme.example")
        self.edit("line_items", f"9{id}", hs_sku=sku, quantity="3", price="10.00")
        self.links[("deals", id)] = {"line items": [f"9{id}"], "companies": [company], "contacts": [contact]}
        self.edit("deals", id, dealname="Big one", dealstage="closedwon", amount=amount, closedate="2026-03-02T00:00:00Z")

    def edit(self, kind: str, id: str, **values: str) -> None:
        self._tick += 1
        at = self.clock.now() + timedelta(milliseconds=self._tick)
        record = self.crm[kind].setdefault(id, {})
        record.update(values, hs_lastmodifieddate=at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z")

    def change(self, kind: str, name: str, **values: Any) -> None:
        self._tick += 1
        at = self.clock.now() + timedelta(microseconds=self._tick)
        self.erp[kind][name].update(values, modified=at.strftime("%Y-%m-%d %H:%M:%S.%f"))

    def sent(self, method: str, path: str) -> int:
        return sum(1 for call in self.calls if call[0] == method and path in call[1])

    # -- the port -------------------------------------------------------------------------------------------------

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        await asyncio.sleep(0.01)
        parts = urlsplit(url)
        path = unquote(parts.path)
        self.calls.append((method, path))
        mishap = self.mishap(method, path, self.sent(method, path))
        if mishap == "refuse":
            raise ConnectionRefusedError("refused")
        if mishap == "slow":
            await asyncio.sleep(8)
        if mishap is not None and mishap.isdigit():
            return int(mishap), {}, json.dumps({"message": f"no, says {path}", "exc_type": "PermissionError"}).encode()
        if mishap == "taken":
            return 409, {}, b'{"exc_type": "DuplicateEntryError"}'
        if mishap == "html":
            return 502, {}, b"<html>502 Bad Gateway</html>"
        status, value = self._answer(parts.netloc, method, path, parse_qs(parts.query), json.loads(body) if body else None)
        await asyncio.sleep(0.01)
        if mishap == "lose":
            raise TimeoutError
        text = json.dumps(value).encode()
        return status, {}, text[: len(text) // 2] if mishap == "truncate" else text

    def _answer(self, host: str, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        words = path.strip("/").split("/")
        if host == "crm.example" and words[2] == "associations":
            return 200, {"results": [self._linked(words[3], words[4], row["id"]) for row in body["inputs"]]}
        if host == "crm.example":
            return (
                self._properties(method, words[3], body)
                if words[2] == "properties"
                else self._objects(method, words[3:], query, body)
            )
        return self._resource(method, words[2], words[3] if len(words) > 3 else "", query, body)

    def _properties(self, method: str, kind: str, body: Any) -> tuple[int, Any]:
        known = self.properties[kind]
        if method == "GET":
            return 200, {"results": known}
        if body["name"] in [row["name"] for row in known]:
            return 409, {
                "status": "error",
                "message": f"A property named '{body['name']}' already exists.",
                "category": "OBJECT_ALREADY_EXISTS",
            }
        known.append(body)
        return 201, body

    def _objects(self, method: str, words: list[str], query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        kind, rest = words[0], words[1:]
        records = self.crm[kind]
        if rest == ["search"]:
            return 200, {
                "results": [self._row(kind, id) for id in sorted(records, key=lambda id: records[id]["hs_lastmodifieddate"])]
            }
        if rest == ["batch", "read"]:
            return 200, {"results": [self._row(kind, row["id"]) for row in body["inputs"] if row["id"] in records]}
        if rest == ["batch", "update"]:
            for row in body["inputs"]:
                self.edit(kind, row["id"], **row["properties"])
            return 200, {"results": [self._row(kind, row["id"]) for row in body["inputs"]]}
        if rest[0] not in records:
            return 404, {"status": "error", "message": "resource not found"}
        if method == "PATCH":
            self.edit(kind, rest[0], **body["properties"])
        return 200, self._row(kind, rest[0], with_links="associations" in query)

    def _linked(self, kind: str, other: str, id: str) -> dict[str, Any]:
        ids = self.links.get((kind, id), {}).get(other.replace("_", " "), [])
        return {"from": {"id": id}, "to": [{"toObjectId": int(each), "associationTypes": [{"label": "Primary"}]} for each in ids]}

    def _row(self, kind: str, id: str, *, with_links: bool = False) -> dict[str, Any]:
        row: dict[str, Any] = {"id": id, "properties": dict(self.crm[kind][id])}
        if with_links:
            blocks = self.links.get((kind, id), {}).items()
            row["associations"] = {name: {"results": [{"id": other, "type": "deal_to_x"} for other in ids]} for name, ids in blocks}
        return row

    def _resource(self, method: str, kind: str, name: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        docs = self.erp.setdefault(kind, {}) if method == "POST" else self.erp.get(kind, {})
        if method == "POST":
            return self._create(kind, docs, body)
        if name and name not in docs:
            return 404, {"exc_type": "DoesNotExistError"}
        if method == "PUT":
            self.change(kind, name, **body)
        if name:
            return 200, {"data": docs[name]}
        filters = json.loads(query.get("filters", ["[]"])[0])
        return 200, {"data": [row for doc in docs.values() for row in _rows(doc, filters)]}

    def _create(self, kind: str, docs: dict[str, dict[str, Any]], body: dict[str, Any]) -> tuple[int, Any]:
        for field in ("custom_crm_company_id", "custom_crm_deal_id", "custom_crm_contact_id"):
            if field in body and any(doc.get(field) == body[field] for doc in docs.values()):
                return 417, {"exc_type": "UniqueValidationError", "exception": "frappe.exceptions.UniqueValidationError: taken"}
        unknown = [row["item_code"] for row in body.get("items", ()) if row["item_code"] not in self.items]
        if unknown:
            message = json.dumps({"message": f"Could not find Row #1: Item Code: {unknown[0]}", "raise_exception": 1})
            return 417, {"exc_type": "LinkValidationError", "_server_messages": json.dumps([message])}
        name = body.get("customer_name") or f"{kind}-{len(docs) + 1}"
        docs[name] = {**body, "name": name}
        if kind == "Sales Order":
            docs[name] |= {"status": "To Deliver and Bill", "per_delivered": 0.0, "per_billed": 0.0}
            docs[name]["net_total"] = sum(row["qty"] * row["rate"] for row in body["items"])
        self.change(kind, name)
        return 200, {"data": docs[name]}


def _rows(doc: dict[str, Any], filters: list[list[Any]]) -> list[dict[str, Any]]:
    """The document once, or once for each matching child row."""
    children = [row for row in doc.get("items", ()) if "sales_order" in row] or [{}]
    found = []
    for child in children:
        merged = {**doc, **child}
        if all(_matches(merged, entry) for entry in filters):
            found.append(merged)
    return found


def _matches(row: dict[str, Any], entry: list[Any]) -> bool:
    field, operator, value = entry[-3:]
    held = row.get(field)
    if operator == "in":
        return held in value
    return held == value if operator == "=" else str(held) >= str(value)


class World:
    """One virtual loop, the two vendors, and an engine that can be killed and started again on the same store."""

    def __init__(self, state_dir: Path) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop, datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
        self.vendors = TinyVendors(self.clock)
        self.state_dir = state_dir
        self.engine: Engine | None = None
        self._incarnation = 0

    def settings(self, **changes: Any) -> Settings:
        return replace(Settings(CRM, "t", ERP, "k", "s", "https://hook.example/w", "secret", self.state_dir), **changes)

    def start(self, settings: Settings | None = None, log: Log = no_log, tracer: Tracer = NO_TRACES) -> Engine:
        settings = settings or self.settings()
        context = make_context(settings, load(DICTIONARY), self.clock, Random(7), self.vendors, log, tracer)
        self.engine = Engine(context, log)
        self._incarnation = self.loop.new_incarnation()
        token = INCARNATION.set(self._incarnation)
        self.loop.create_task(self.engine.run(), name="engine")
        INCARNATION.reset(token)
        return self.engine

    def kill(self) -> None:
        """SIGKILL: nothing after an await point runs, nothing is committed."""
        assert self.engine is not None
        self.loop.kill(self._incarnation)
        self.engine.kill()
        self.engine = None

    def pass_time(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def until_quiet(self, within_s: float = 3600) -> None:
        assert self.engine is not None
        end = self.loop.time() + within_s
        while (reason := self.engine.pending()) is not None:
            assert self.loop.time() < end, f"still pending: {reason}"
            self.pass_time(1)

    def close(self) -> None:
        if self.engine is not None:
            self.kill()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.bury()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
