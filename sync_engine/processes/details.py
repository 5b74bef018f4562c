"""Billing addresses and contact persons of customers: made after the customer, and kept up to date from the CRM, which owns them.

What was written is the link's shadow. Rows that people added to a contact in the ERP stay: a table that is sent replaces all rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sync_engine.context import Context
from sync_engine.outcomes import Conflict, NotFound, Problem, Refused
from sync_engine.processes.flows import follows_details
from sync_engine.processes.onboarding import CONTACT_PROPERTIES, finish
from sync_engine.processes.plan import address_doc, contact_doc
from sync_engine.store import Link, WorkRow
from sync_engine.vendors.hubspot import MERGED_IDS, CrmRecord

ADDRESS_COLUMNS = ("address_line1", "city", "country", "pincode")
EMAIL, PHONE = "email_ids.email_id", "phone_nos.phone"


class Details:
    """Handlers of `details customer` (a company's id), `details contact` (`<company>/<contact>`) and `sync contact` items."""

    def __init__(self, context: Context, company_properties: list[str]) -> None:
        self.c, self.customer, self._properties = context, context.dictionary.entity("customer"), company_properties
        self._follows = follows_details(context.dictionary)
        self._gate = asyncio.Semaphore(context.settings.workers)  # writes into the ERP at a time, however many are due together

    async def handle_customer(self, row: WorkRow) -> None:
        """The company's link to its customer, and the billing address."""
        c, entity = self.c, self.customer
        link = c.store.linked("customer", row.record)
        if link is None:
            finish(c, row)
            return
        try:
            company = c.companies.pop(row.record, None) or await c.crm.read(entity.crm.kind, row.record, self._properties)
        except NotFound:
            finish(c, row)  # archived meanwhile; a restore is an event of its own
            return
        place = entity.crm.link_field
        if place and company.get(place) != link.erp_id and company.id == row.record:
            await c.crm.update(entity.crm.kind, row.record, {place: link.erp_id})
        doc, held = address_doc(c.dictionary, company, link.erp_id, c.address_link), c.store.linked("address", row.record)
        record = f"crm {entity.crm.kind} {row.record}"
        if doc is not None:
            wanted = address_values(doc)
            if held is None:
                await self._create("Address", "address", row.record, c.address_link, doc, wanted, record)
            elif held.shadow != wanted and self._follows:
                await self._update("Address", held, {**wanted, "pincode": wanted.get("pincode", "")}, wanted, record)
        finish(c, row, resolved=record if is_about_details(c, record) else "")

    async def handle_new_contact(self, row: WorkRow) -> None:
        c = self.c
        company_id, _, contact_id = row.record.partition("/")
        link, record = c.store.linked("customer", company_id), f"crm contacts {contact_id}"
        if link is not None and c.store.linked("contact", contact_id) is None:
            try:
                contact = await c.crm.read("contacts", contact_id, CONTACT_PROPERTIES)
            except NotFound:
                finish(c, row)
                return
            doc = contact_doc(contact, link.erp_id, c.contact_link)
            await self._create("Contact", "contact", contact_id, c.contact_link, doc, contact_values(doc), record)
        finish(c, row, resolved=record)

    async def handle_contact(self, row: WorkRow) -> None:
        """An edit of a contact we know, or what became of it in a merge."""
        c, link = self.c, self.c.store.linked("contact", row.record)
        if link is None:
            finish(c, row)
            return
        try:
            contact = await c.crm.read("contacts", row.record, [*CONTACT_PROPERTIES, MERGED_IDS])
        except NotFound:
            finish(c, row)  # archived: the ERP's contact stays, and so does the link, for a restore
            return
        if contact.id != row.record:
            await self._merged(row, link, contact)
            return
        record = f"crm contacts {contact.id}"
        wanted = contact_values(contact_doc(contact, "", c.contact_link))
        if link.shadow != wanted:
            try:
                held = await c.erp.read("Contact", link.erp_id)
            except NotFound:
                raise Problem(
                    record, f"The contact {link.erp_id} is gone in the ERP.", "Enter it there again, or let it be."
                ) from None
            await self._update("Contact", link, contact_changes(held, link.shadow or {}, wanted), wanted, record)
        finish(c, row, resolved=record)

    async def _merged(self, row: WorkRow, link: Link, survivor: CrmRecord) -> None:
        """The survivor inherits the ERP's contact, unless it has one of its own: then the other one is left as it is."""
        c = self.c
        inherits = c.store.linked("contact", survivor.id) is None
        if inherits:
            await c.erp.update("Contact", link.erp_id, {c.contact_link: survivor.id})
        with c.store.transaction():
            if inherits:
                c.store.link("contact", survivor.id, link.erp_id, link.shadow)
                c.queue.put("sync", "contact", survivor.id)
            else:
                c.store.unlink("contact", row.record)
        finish(c, row)

    # -- writing --------------------------------------------------------------------------------------------------

    async def _create(
        self, kind: str, entity: str, crm_id: str, link_field: str, doc: Mapping[str, Any], shadow: Mapping[str, str], record: str
    ) -> None:
        c = self.c
        try:
            async with self._gate:
                name = str((await c.erp.create(kind, doc)).get("name"))
        except Conflict as error:  # made by an earlier attempt, perhaps from older values
            name, shadow = await self._made_before(kind, link_field, crm_id, record, error), {}
        except Refused as error:
            raise Problem(
                record,
                f"The ERP did not accept the {kind.lower()}: {error}",
                f"Correct it in the CRM, or enter the {kind.lower()} in the ERP.",
            ) from None
        with c.store.transaction():
            c.store.link(entity, crm_id, name, shadow)

    async def _made_before(self, kind: str, link_field: str, crm_id: str, record: str, error: Conflict) -> str:
        name = await self.c.erp.find(kind, link_field, crm_id)
        if name is None:
            raise Problem(
                record,
                f"The ERP says that the {kind.lower()} exists, and shows none with the id {crm_id}: {error}",
                f"Put {crm_id} into {link_field} of the right {kind.lower()} in the ERP, or rename the one that is in the way.",
            )
        return name

    async def _update(self, kind: str, link: Link, changes: Mapping[str, Any], shadow: Mapping[str, str], record: str) -> None:
        c = self.c
        try:
            if changes:
                async with self._gate:
                    await c.erp.update(kind, link.erp_id, changes)
        except NotFound:
            raise Problem(
                record, f"The {kind.lower()} {link.erp_id} is gone in the ERP.", "Enter it there again, or let it be."
            ) from None
        except Refused as error:
            raise Problem(
                record, f"The ERP did not accept the change of the {kind.lower()}: {error}", "Correct it in the CRM."
            ) from None
        with c.store.transaction():
            c.store.set_shadow(link.entity, link.crm_id, shadow)


def is_about_details(context: Context, record: str) -> bool:
    """Whether a company's problem is its address: that the pair itself is in order does not end it, and saying so would change the
    company, which asks for a look at it, for ever."""
    letter = context.store.dead_letter(record)
    return letter is not None and letter.status != "resolved" and letter.work.startswith("details customer ")


def address_values(doc: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(doc[name]) for name in ADDRESS_COLUMNS if doc.get(name)}


def contact_values(doc: Mapping[str, Any]) -> dict[str, str]:
    values = {name: str(doc[name]) for name in ("first_name", "last_name") if doc.get(name)}
    for key in (EMAIL, PHONE):
        table, _, column = key.partition(".")
        if doc.get(table):
            values[key] = str(doc[table][0][column])
    return values


def contact_changes(held: Mapping[str, Any], before: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, Any]:
    """What has to be sent: names as they are now, and the rows of e-mails and phones with ours exchanged and all others kept."""
    changes: dict[str, Any] = {
        name: wanted.get(name, "") for name in ("first_name", "last_name") if (held.get(name) or "") != wanted.get(name, "")
    }
    for key, mark in ((EMAIL, "is_primary"), (PHONE, "is_primary_mobile_no")):
        table, _, column = key.partition(".")
        rows = [dict(row) for row in held.get(table) or ()]
        ours, old = wanted.get(key, ""), before.get(key, "")
        if ours in [row.get(column) for row in rows] or (not ours and old not in [row.get(column) for row in rows]):
            continue
        others = [{column: row[column]} for row in rows if row.get(column) != old]
        changes[table] = [*([{column: ours, mark: 1}] if ours else []), *others]
    return changes


def is_contact_property(name: str) -> bool:
    return name in CONTACT_PROPERTIES


def is_contact_news(context: Context, record: CrmRecord) -> bool:
    """Whether a contact that we know says anything that the ERP was not told."""
    link = context.store.linked("contact", record.id)
    return link is not None and link.shadow != contact_values(contact_doc(record, "", context.contact_link))


def is_address_news(context: Context, company: CrmRecord) -> bool:
    """Whether a company's billing address says anything that the ERP was not told."""
    doc = address_doc(context.dictionary, company, "", context.address_link)
    link = context.store.linked("address", company.id)
    return doc is not None and (link is None or link.shadow != address_values(doc))
