"""A world for what happens to a deal after it was won: quote to cash, and the processes of deals of the full cycle."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from tiny_vendors import DICTIONARY
from world import World

from harness.kit.call import Call
from harness.kit.people import Contact, Deal, Line

FULL = DICTIONARY.with_name("full-cycle.dictionary.yaml")
AFTER_THE_WIN = ("amendment", "cancellation", "deal-deleted")


def dictionary_with(names: tuple[str, ...], path: Path, line_fields: Sequence[Mapping[str, Any]] = ()) -> Path:
    """The lean dictionary, with these processes of the full cycle and further fields of positions."""
    book: dict[str, Any] = yaml.safe_load(DICTIONARY.read_text(encoding="utf-8"))
    full: dict[str, Any] = yaml.safe_load(FULL.read_text(encoding="utf-8"))
    book["processes"] += [process for process in full["processes"] if process["name"] in names]
    for entity in book["entities"]:
        if entity["name"] == "order":
            entity["lines"]["fields"] += line_fields
            entity["currency_fields"] = {"crm": "deal_currency_code", "erp": "currency"}
    path.write_text(yaml.safe_dump(book), encoding="utf-8")
    return path


class LaterWorld(World):
    """Deals that change, leave and return; the questions that their tests ask."""

    def __init__(
        self, state_dir: Path, processes: tuple[str, ...] | None = AFTER_THE_WIN, line_fields: Any = (), **how: Any
    ) -> None:
        """With these processes of deals beside the lean dictionary's; None: the dictionary of the full cycle, whole.
        `how` the world is made else."""
        book = FULL if processes is None else dictionary_with(processes, state_dir / "dictionary.yaml", line_fields)
        super().__init__(state_dir, dictionary=book, **how)

    def started(self) -> LaterWorld:
        self.fleet.start()
        self.pass_time(60)
        return self

    def order(self, name: str) -> Mapping[str, Any]:
        record = self.erp.store.get("Sales Order", name)
        assert record is not None
        return dict(record.fields)

    def live_orders(self) -> list[str]:
        return [record.id for record in self.erp.store.all("Sales Order") if record.fields["docstatus"] == 1]

    def positions(self, name: str) -> list[tuple[str, Decimal, Decimal]]:
        return [(row["item_code"], Decimal(str(row["qty"])), Decimal(str(row["rate"]))) for row in self.order(name)["items"]]

    def errors(self) -> dict[str, str]:
        return dict(self.host.ask("open_errors", None))

    def line_of(self, deal_id: str) -> str:
        """The line item of a deal that has one."""
        path = f"/crm/v4/objects/deals/{deal_id}/associations/line_items"
        (row,) = self._crm("GET", path, None)["results"]
        return str(row["toObjectId"])

    def crm_edit(self, record_id: str, kind: str, **properties: str) -> None:
        self._crm("PATCH", f"/crm/v3/objects/{kind}/{record_id}", {"properties": properties})

    def crm_call(self, method: str, path: str, body: Any = None) -> None:
        self._crm(method, path, body)

    def _crm(self, method: str, path: str, body: Any) -> Any:
        raw = json.dumps(body).encode() if body is not None else b""
        reply = self.crm.handle(Call(method, path, body=raw, caller="person:carl", person="carl"))
        assert reply.ok, reply.json()
        return reply.json() if reply.body else None

    def create(self, kind: str, parent: str, association: int, **properties: str) -> str:
        """A record that is associated with its parent from the start, as programs and imports make them."""
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": association}]
        body = {"properties": properties, "associations": [{"to": {"id": parent}, "types": types}]}
        return str(self._crm("POST", f"/crm/v3/objects/{kind}", body)["id"])

    def company_of(self, deal_id: str) -> str:
        rows = self._crm("GET", f"/crm/v4/objects/deals/{deal_id}/associations/companies", None)["results"]
        return str(rows[0]["toObjectId"])

    def open(self, number: int, company: str) -> str:
        """A deal that is not won."""
        line = Line("SKU-1", "Widget", Decimal(3), Decimal("10.00"))
        contact = self.anna.add_contact(Contact("Joe", f"Roe {number}", f"joe{number}@acme.example"), company)
        return str(self.anna.open_deal(Deal(f"Deal {number}", company, contact, (line,), date(2026, 3, 20))))

    def merge(self, kept: str, other: str) -> None:
        self._crm("POST", "/crm/v3/objects/deals/merge", {"primaryObjectId": kept, "objectIdToMerge": other})
