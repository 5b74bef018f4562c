"""The fields the integration needs in both systems, created from the dictionary. Safe to repeat; done before anything is synced,
because an ERP drops values of fields it does not have without a word, our ids among them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sync_engine.context import Context
from sync_engine.dictionary import Entity, Side
from sync_engine.outcomes import Conflict, Refused
from sync_engine.store import WorkRow

SETUP = ("setup", "fields", "all")
CRM_GROUPS = {
    "companies": "companyinformation",
    "deals": "dealinformation",
    "contacts": "contactinformation",
    "line_items": "lineiteminformation",
}
CRM_TYPES = {
    "text": "string",
    "choice": "string",
    "date": "date",
    "decimal": "number",
    "integer": "number",
    "percent": "number",
    "boolean": "string",
}
CRM_WIDGETS = {"string": "text", "number": "number", "date": "date"}
ERP_TYPES = {"decimal": "Currency", "percent": "Percent", "integer": "Int", "date": "Date", "boolean": "Check"}


class Provisioner:
    """Handler of the setup item."""

    def __init__(self, context: Context) -> None:
        self.c = context
        context.wanted_fields = self._wanted()

    def ask(self) -> None:
        """Have the fields looked at again, inside the caller's transaction."""
        self.c.store.set_cursor("provisioned", "")
        self.c.queue.put(*SETUP)

    def _wanted(self) -> str:
        crm = [f"{kind}.{name}" for kind, name, _, _ in self._crm_fields()]
        erp = [f"{kind}.{doc['fieldname']}" for kind, doc in self._erp_fields()]
        return " ".join(crm + erp)

    async def handle(self, row: WorkRow) -> None:
        """Raises VendorError; the queue tries again until it works."""
        await self._provision_crm()
        await self._provision_erp()
        with self.c.store.transaction():
            self.c.store.set_cursor("provisioned", self._wanted())
            self.c.queue.done(row)

    async def _provision_crm(self) -> None:
        known: dict[str, dict[str, str]] = {}
        for kind, name, type_, label in self._crm_fields():
            if kind not in known:
                known[kind] = await self.c.crm.property_types(kind)
            if name in known[kind]:
                self._check_type(kind, name, type_, known[kind][name])
                continue
            definition = {
                "name": name,
                "label": label,
                "type": type_,
                "fieldType": CRM_WIDGETS[type_],
                "groupName": CRM_GROUPS.get(kind, f"{kind}information"),
            }
            with contextlib.suppress(Conflict):  # it came into being meanwhile, or our own earlier attempt did create it
                await self.c.crm.create_property(kind, definition)
            known[kind][name] = type_

    def _check_type(self, kind: str, name: str, wanted: str, found: str) -> None:
        """A field of the same name and another type is not ours to change: tell a person and go on."""
        if found in ("", wanted) or (wanted == "string" and found == "enumeration"):
            return
        record = f"crm {kind} property {name}"
        with self.c.store.transaction():
            self.c.store.bury(
                record,
                f"The property exists with type {found}, but the dictionary needs {wanted}.",
                "Rename one of them.",
                self.c.clock.now(),
            )

    async def _provision_erp(self) -> None:
        fields = list(self._erp_fields())
        kinds = sorted({kind for kind, _ in fields})
        rows = await self.c.erp.list("Custom Field", ["dt", "fieldname"], [["dt", "in", kinds]], order_by="name asc")
        known = {(row.get("dt"), row.get("fieldname")) for row in rows}
        for kind, doc in fields:
            if (kind, doc["fieldname"]) in known:
                continue
            try:
                await self.c.erp.create("Custom Field", doc)
            except Conflict:
                pass
            except Refused as error:
                if "already exists" not in str(error):
                    raise

    def _crm_fields(self) -> Iterator[tuple[str, str, str, str]]:
        """(kind, name, type, label), each once."""
        found: set[tuple[str, str]] = set()
        for entity in self.c.dictionary.entities:
            own = [(entity.crm.kind, entity.crm.link_field, "string", entity.crm.link_label or entity.crm.link_field)]
            if entity.error_field:
                own.append((entity.crm.kind, entity.error_field, "string", "ERP sync error"))
            own += [(kind, side.field, CRM_TYPES[side.type], side.label or side.field) for kind, side in _custom(entity, "crm")]
            for field in own:
                if field[:2] not in found:
                    found.add(field[:2])
                    yield field

    def _erp_fields(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(DocType, Custom Field document). Links are unique, and no_copy, or mappers would copy our id onto other documents."""
        links = [
            (entity.erp.kind, entity.erp.link_field, entity.erp.link_label or entity.erp.link_field)
            for entity in self.c.dictionary.entities
        ]
        links += [("Address", self.c.address_link, "CRM company"), ("Contact", self.c.contact_link, "CRM contact")]
        for kind, name, label in links:
            yield kind, {"dt": kind, "fieldname": name, "label": label, "fieldtype": "Data", "unique": 1, "no_copy": 1}
        for entity in self.c.dictionary.entities:
            for kind, side in _custom(entity, "erp"):
                fieldtype = ERP_TYPES.get(side.type, "Data")
                yield (
                    kind,
                    {
                        "dt": kind,
                        "fieldname": side.field,
                        "label": side.label or side.field,
                        "fieldtype": fieldtype,
                        "allow_on_submit": 1,
                    },
                )


def _custom(entity: Entity, system: str) -> list[tuple[str, Side]]:
    sides = [(entity.crm.kind, field.crm) if system == "crm" else (entity.erp.kind, field.erp) for field in entity.fields]
    return [(kind, side) for kind, side in sides if side.custom]
