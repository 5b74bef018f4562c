"""Executes what the plan says, so that doing it twice is doing it once.

Every create is announced in the store before it is sent, carries a unique link field, and is looked up before it is sent again
after an outcome nobody knows.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from sync_engine.context import Context
from sync_engine.outcomes import Conflict, NotFound, NotYet, Problem, Refused
from sync_engine.plan import (
    Onboard,
    PlaceOrder,
    Recheck,
    contact_doc,
    customer_doc,
    differing,
    order_doc,
    owned_by_crm,
    plan_deal,
    progress_values,
    total_differs,
)
from sync_engine.plan import address_doc as make_address
from sync_engine.store import WorkRow
from sync_engine.vendors.hubspot import CrmRecord

COMPANY_EXTRAS = ("address", "city", "zip", "country", "hs_merged_object_ids")
CONTACT_PROPERTIES = ("firstname", "lastname", "email", "phone")
GIVE_UP_WAITING_S = 3600


class Applier:
    """Handlers of work items about deals, companies and contacts. Each reads the newest state and acts on that."""

    def __init__(self, context: Context) -> None:
        self.c = context
        self._locks: dict[str, asyncio.Lock] = {}
        self.customer, self.order = context.dictionary.entity("customer"), context.dictionary.entity("order")
        assert self.order.lines is not None
        self._line_kind = self.order.lines.crm_kind
        self._line_properties = [field.crm.field for field in self.order.lines.fields]
        order_fields = {field.crm.field for field in self.order.fields} | {
            self.order.crm.link_field,
            self.order.error_field,
            "closedate",
        }
        self.deal_properties = sorted(order_fields | set(self.order.when))
        self.company_properties = sorted(
            {field.crm.field for field in self.customer.fields} | {self.customer.crm.link_field, *COMPANY_EXTRAS}
        )

    # -- won deal → customer and order ----------------------------------------------------------------------------

    async def handle_deal(self, row: WorkRow) -> None:
        c, kind = self.c, self.order.crm.kind
        try:
            deal = await c.crm.read(kind, row.record, self.deal_properties, (self._line_kind, self.customer.crm.kind, "contacts"))
        except NotFound:
            self._finish(row)  # archived or deleted: nothing to order; a restore is an event of its own
            return
        link = c.store.linked("order", deal.id)
        lines = await self._lines(deal) if link is None and all(deal.get(n) == v for n, v in self.order.when.items()) else None
        plan = plan_deal(c.dictionary, deal, lines, link)
        if isinstance(plan, Problem):
            self._wait_until_settled(row, plan)
            raise plan
        for action in plan:
            match action:
                case Onboard(company_id):
                    customer = await self.ensure_customer(company_id, deal)
                case PlaceOrder():
                    await self._place_order(deal, lines or [], customer)
                case Recheck(erp_id):
                    with c.store.transaction():
                        c.store.set_shadow("order", deal.id, None)
                        c.queue.put("progress", "order", erp_id)
        self._finish(row, resolved=f"crm {kind} {deal.id}")

    def _wait_until_settled(self, row: WorkRow, problem: Problem) -> None:
        """Raises NotYet for the first looks at a deal that seems wrong: a person may be in the middle of an edit."""
        settings, letter = self.c.settings, self.c.store.dead_letter(problem.record)
        known = letter is not None and letter.status == "open"
        if not known and self.c.clock.now() - row.since < settings.settle * settings.settle_tries:
            raise NotYet(f"looking again before calling it wrong: {problem.cause}", settings.settle)

    def _finish(self, row: WorkRow, resolved: str = "") -> None:
        with self.c.store.transaction():
            if resolved and self.c.store.resolve(resolved):
                self.c.queue.put("tell", row.entity, row.record)
            self.c.queue.done(row)

    async def _lines(self, deal: CrmRecord) -> list[CrmRecord]:
        ids = deal.ids(self._line_kind)
        found = await self.c.crm.read_many(self._line_kind, ids, self._line_properties) if ids else {}
        return [found[id] for id in ids if id in found]

    async def ensure_customer(self, company_id: str, deal: CrmRecord) -> str:
        """The ERP name of the company's customer. Several deals of one new company wait for each other here."""
        c = self.c
        link = c.store.linked("customer", company_id)
        if link is None:
            async with self._locks.setdefault(company_id, asyncio.Lock()):
                link = c.store.linked("customer", company_id)
                name = link.erp_id if link is not None else await self._onboard(company_id, deal)
            self._locks.pop(company_id, None)
        else:
            name = link.erp_id
        new = [id for id in deal.ids("contacts") if c.store.linked("contact", id) is None]
        if new:
            with c.store.transaction():
                for id in new:
                    c.queue.put("details", "contact", f"{company_id}/{id}")
        return name

    async def _onboard(self, company_id: str, deal: CrmRecord) -> str:
        c, entity = self.c, self.customer
        sent_before = c.store.is_intended("customer", company_id)
        if not sent_before:
            with c.store.transaction():
                c.store.intend("customer", company_id, c.clock.now())  # from here on an edit of the company asks for a second look
        name = await c.erp.find(entity.erp.kind, entity.erp.link_field, company_id) if sent_before else None
        company = await c.crm.read(entity.crm.kind, company_id, self.company_properties)
        if name is None:
            name = await self._relink_merged(company)
        doc = customer_doc(c.dictionary, company)
        if name is None:
            name = await self._create_customer(company_id, doc, deal)
            shadow: dict[str, str] | None = owned_by_crm(entity, company)
        else:
            shadow = None
        c.companies[company_id] = company
        with c.store.transaction():
            c.store.link("customer", company_id, name, shadow)
            c.queue.put("details", "customer", company_id)
            if shadow is None:
                c.queue.put("sync", "customer", company_id)
        return name

    async def _create_customer(self, company_id: str, doc: Mapping[str, Any], deal: CrmRecord) -> str:
        c, entity = self.c, self.customer
        record = f"crm {self.order.crm.kind} {deal.id}"
        try:
            created = await c.erp.create(entity.erp.kind, doc)
        except Conflict:
            name = await c.erp.find(entity.erp.kind, entity.erp.link_field, company_id)
            if name is None:
                raise Problem(
                    record,
                    "The ERP says that this customer exists, but does not show it.",
                    "Check the customer's rights in the ERP.",
                ) from None
            return name
        except Refused as error:
            with c.store.transaction():
                c.store.forget_intent("customer", company_id)
            raise Problem(
                record,
                f"The ERP did not accept company {company_id} as a customer: {error}",
                "Correct the company, then touch the deal.",
            ) from None
        return self._named(created, entity.erp.link_field, company_id, record)

    async def _relink_merged(self, company: CrmRecord) -> str | None:
        """A company that other companies were merged into inherits the customer of one of them."""
        c, entity = self.c, self.customer
        for old in filter(None, company.get("hs_merged_object_ids").split(";")):
            link = c.store.linked("customer", old.strip())
            if link is not None:
                await c.erp.update(entity.erp.kind, link.erp_id, {entity.erp.link_field: company.id})
                return link.erp_id
        return None

    async def _place_order(self, deal: CrmRecord, lines: list[CrmRecord], customer: str) -> None:
        c, entity = self.c, self.order
        sent_before = c.store.is_intended("order", deal.id)
        if not sent_before:
            with c.store.transaction():
                c.store.intend("order", deal.id, c.clock.now())
        name = (
            await c.erp.find(entity.erp.kind, entity.erp.link_field, deal.id)
            if sent_before or deal.get(entity.crm.link_field)
            else None
        )
        order = await c.erp.read(entity.erp.kind, name) if name is not None else await self._create_order(deal, lines, customer)
        if order.get("docstatus") == 0:
            order = await c.erp.update(entity.erp.kind, str(order["name"]), {"docstatus": 1})
        with c.store.transaction():
            c.store.link("order", deal.id, str(order["name"]), None)
        await self._write_back(deal, order)
        wrong = total_differs(entity, deal, order)
        if wrong is not None:
            raise Problem(f"crm {entity.crm.kind} {deal.id}", wrong, "Correct the order in the ERP, or the deal.")

    async def _create_order(self, deal: CrmRecord, lines: list[CrmRecord], customer: str) -> Mapping[str, Any]:
        c, entity = self.c, self.order
        record = f"crm {entity.crm.kind} {deal.id}"
        try:
            order = await c.erp.create(entity.erp.kind, order_doc(c.dictionary, deal, lines, customer, c.clock.now().date()))
        except Conflict:
            name = await c.erp.find(entity.erp.kind, entity.erp.link_field, deal.id)
            if name is None:
                raise Problem(
                    record,
                    "The ERP says that this order exists, but does not show it.",
                    "Check the integration user's rights in the ERP.",
                ) from None
            return await c.erp.read(entity.erp.kind, name)
        except Refused as error:
            with c.store.transaction():
                c.store.forget_intent("order", deal.id)
            raise Problem(
                record, f"The ERP did not accept the order: {error}", "Correct the deal, or add what is missing in the ERP."
            ) from None
        self._named(order, entity.erp.link_field, deal.id, record)
        return order

    def _named(self, doc: Mapping[str, Any], link_field: str, crm_id: str, record: str) -> str:
        """The new document's name. An ERP without the custom field drops our id in silence: stop there."""
        if not doc.get("name"):
            raise Problem(
                record, "The ERP answered a create without the new document's name.", "Look in the ERP whether it exists."
            )
        if str(doc.get(link_field, "")) != crm_id:
            with self.c.store.transaction():
                self.c.provisioned = False
                self.c.store.set_cursor("provisioned", "")
                self.c.queue.put("setup", "fields", "all")
            raise Problem(
                record,
                f"The ERP lost our id on {doc['name']}: its field {link_field} is missing.",
                "Restore the field and set it there.",
            )
        return str(doc["name"])

    async def _write_back(self, deal: CrmRecord, order: Mapping[str, Any]) -> None:
        """Tell the deal about its order. An adopted order with a life of its own already is told by `Progress`."""
        c, entity = self.c, self.order
        if order.get("per_billed"):
            with c.store.transaction():
                c.queue.put("progress", "order", str(order["name"]))
            return
        values = progress_values(entity, order, {})
        changes = differing(entity, "erp", deal.properties, values)
        if entity.error_field and deal.get(entity.error_field):
            changes[entity.error_field] = ""
        try:
            if changes:
                await c.crm.update(entity.crm.kind, deal.id, changes)
        except NotFound:
            return
        with c.store.transaction():
            c.store.set_shadow("order", deal.id, values)

    # -- company → customer ---------------------------------------------------------------------------------------

    async def handle_company(self, row: WorkRow) -> None:
        """Carry a company's changes to its customer: only fields the CRM owns, only where they differ."""
        c, entity = self.c, self.customer
        link = c.store.linked("customer", row.record)
        if link is None:
            if c.store.is_intended("customer", row.record) and (c.clock.now() - row.since).total_seconds() < GIVE_UP_WAITING_S:
                raise NotYet("its customer is being created", c.settings.settle / 6)
            self._finish(row)
            return
        try:
            company = await c.crm.read(entity.crm.kind, row.record, self.company_properties)
        except NotFound:
            self._finish(row)
            return
        wanted = owned_by_crm(entity, company)
        record = f"crm {entity.crm.kind} {row.record}"
        try:
            if link.shadow != wanted:
                current = await c.erp.read(entity.erp.kind, link.erp_id)
                changes = differing(entity, "crm", current, wanted)
                if changes:
                    await c.erp.update(entity.erp.kind, link.erp_id, changes)
        except Refused as error:
            raise Problem(
                record, f"The ERP did not accept the change of the company: {error}", "Correct the company in the CRM."
            ) from None
        if company.get(entity.crm.link_field) != link.erp_id and company.id == row.record:
            await c.crm.update(entity.crm.kind, row.record, {entity.crm.link_field: link.erp_id})
        with c.store.transaction():
            c.store.set_shadow("customer", row.record, wanted)
        self._finish(row, resolved=record)

    async def handle_customer_details(self, row: WorkRow) -> None:
        """After a customer was created: its billing address, and its id on the company."""
        c, entity = self.c, self.customer
        link = c.store.linked("customer", row.record)
        if link is None:
            self._finish(row)
            return
        company = c.companies.get(row.record) or await c.crm.read(entity.crm.kind, row.record, self.company_properties)
        if company.get(entity.crm.link_field) != link.erp_id:
            await c.crm.update(entity.crm.kind, row.record, {entity.crm.link_field: link.erp_id})
        doc = make_address(c.dictionary, company, link.erp_id, c.address_link)
        if doc is not None and c.store.linked("address", row.record) is None:
            await self._create_detail("Address", "address", row.record, c.address_link, doc, f"crm {entity.crm.kind} {row.record}")
        c.companies.pop(row.record, None)
        self._finish(row)

    async def handle_contact(self, row: WorkRow) -> None:
        c = self.c
        company_id, _, contact_id = row.record.partition("/")
        link = c.store.linked("customer", company_id)
        if link is not None and c.store.linked("contact", contact_id) is None:
            try:
                contact = await c.crm.read("contacts", contact_id, CONTACT_PROPERTIES)
            except NotFound:
                self._finish(row)
                return
            doc = contact_doc(contact, link.erp_id, c.contact_link)
            await self._create_detail("Contact", "contact", contact_id, c.contact_link, doc, f"crm contacts {contact_id}")
        self._finish(row)

    async def _create_detail(
        self, kind: str, entity: str, crm_id: str, link_field: str, doc: Mapping[str, Any], record: str
    ) -> None:
        c = self.c
        try:
            name = str((await c.erp.create(kind, doc)).get("name"))
        except Conflict:
            name = await c.erp.find(kind, link_field, crm_id) or ""
        except Refused as error:
            raise Problem(
                record,
                f"The ERP did not accept the {kind.lower()}: {error}",
                f"Correct it in the CRM, or enter the {kind.lower()} in the ERP.",
            ) from None
        with c.store.transaction():
            c.store.link(entity, crm_id, name or f"? {crm_id}", None)

    # -- telling people -------------------------------------------------------------------------------------------

    async def handle_tell(self, row: WorkRow) -> None:
        """Write the open problem of a record into its error field, or clear the field."""
        c, entity = self.c, self.c.dictionary.entity(row.entity)
        letter = c.store.dead_letter(f"crm {entity.crm.kind} {row.record}")
        text = f"{letter.cause} {letter.hint}".strip() if letter is not None and letter.status == "open" else ""
        with contextlib.suppress(NotFound):
            await c.crm.update(entity.crm.kind, row.record, {entity.error_field: text})
        self._finish(row)
