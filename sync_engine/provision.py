"""The fields the integration needs in both systems, created from the dictionary. Safe to repeat; done before anything is synced,
because an ERP drops values of fields it does not have without a word, our ids among them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
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
    "products": "productinformation",
}
CRM_TYPES = {
    "text": "string",
    "choice": "string",
    "date": "date",
    "datetime": "datetime",
    "decimal": "number",
    "float": "number",
    "integer": "number",
    "percent": "number",
    "boolean": "string",
}
CRM_WIDGETS = {"string": "text", "number": "number", "date": "date", "datetime": "date"}
ERP_TYPES = {
    "decimal": "Currency",
    "float": "Float",
    "percent": "Percent",
    "integer": "Int",
    "date": "Date",
    "datetime": "Datetime",
    "boolean": "Check",
}


@dataclass(frozen=True, slots=True)
class CrmField:
    """A property that must exist. `unique`, possible from its birth only: it finds a record whose create was never answered."""

    kind: str
    name: str
    type: str
    label: str
    unique: bool = False


def ask_again(context: Context) -> None:
    """Have the fields of both systems looked at again, inside the caller's transaction."""
    context.store.set_cursor("provisioned", "")
    context.queue.put(*SETUP)


class Provisioner:
    """Handler of the setup item."""

    def __init__(self, context: Context) -> None:
        self.c = context
        context.wanted_fields = self._wanted()

    def ask(self) -> None:
        """Have the fields looked at again, inside the caller's transaction."""
        ask_again(self.c)

    def _wanted(self) -> str:
        crm = [f"{field.kind}.{field.name}" for field in self._crm_fields()]
        erp = [f"{kind}.{doc['fieldname']}" for kind, doc in self._erp_fields()]
        return " ".join(sorted({*crm, *erp}))

    async def handle(self, row: WorkRow) -> None:
        """Raises VendorError; the queue tries again until it works."""
        await self._provision_crm()
        await self._provision_erp()
        with self.c.store.transaction():
            made = {*self.c.store.cursor("provisioned").split(), *self._wanted().split()}
            self.c.store.set_cursor("provisioned", " ".join(sorted(made)))
            self.c.queue.done(row)

    async def _provision_crm(self) -> None:
        known: dict[str, dict[str, str]] = {}
        groups = dict(CRM_GROUPS)
        for field in self._crm_fields():
            kind = field.kind
            if kind not in known:
                known[kind] = await self.c.crm.property_types(kind)
            if field.name in known[kind]:
                self._check_type(kind, field.name, field.type, known[kind][field.name])
                continue
            if kind not in groups:
                groups[kind] = await self.c.crm.property_group(kind)
            definition: dict[str, Any] = {
                "name": field.name,
                "label": field.label,
                "type": field.type,
                "fieldType": CRM_WIDGETS[field.type],
                "groupName": groups[kind],
            }
            if field.unique:
                definition["hasUniqueValue"] = True
            with contextlib.suppress(Conflict):  # it came into being meanwhile, or our own earlier attempt did create it
                await self.c.crm.create_property(kind, definition)
            known[kind][field.name] = field.type

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

    def _crm_fields(self) -> Iterator[CrmField]:
        """Each once. A side without a link field keeps no link."""
        found: set[tuple[str, str]] = set()
        for entity in self.c.dictionary.entities:
            kind, own = entity.crm.kind, list[CrmField]()
            if entity.crm.link_field:
                label = entity.crm.link_label or entity.crm.link_field
                own.append(CrmField(kind, entity.crm.link_field, "string", label, unique=entity.origin == "erp"))
            if entity.error_field:
                own.append(CrmField(kind, entity.error_field, "string", "ERP sync error"))
            own += [
                CrmField(kind, side.field, CRM_TYPES[side.type], side.label or side.field) for kind, side in _custom(entity, "crm")
            ]
            for field in own:
                if (field.kind, field.name) not in found:
                    found.add((field.kind, field.name))
                    yield field

    def _erp_fields(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(DocType, Custom Field document). Links are unique, and no_copy, or mappers would copy our id onto other documents; a
        submitted document's can be changed, for deals and companies merge."""
        links = [
            (entity.erp.kind, entity.erp.link_field, entity.erp.link_label or entity.erp.link_field)
            for entity in self.c.dictionary.entities
            if entity.erp.link_field
        ]
        if self.c.dictionary.has("customer"):
            links += [("Address", self.c.address_link, "CRM company"), ("Contact", self.c.contact_link, "CRM contact")]
        for kind, name, label in links:
            field = {"dt": kind, "fieldname": name, "label": label, "fieldtype": "Data"}
            yield kind, {**field, "unique": 1, "no_copy": 1, "allow_on_submit": 1}
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
