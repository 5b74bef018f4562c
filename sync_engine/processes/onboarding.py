"""Companies that buy become customers of the ERP; what happens to the pair later is `processes/customers`.

Every create is announced in the store before it is sent, carries a unique link field, and is looked up before it is sent again
after an outcome nobody knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sync_engine.context import Context
from sync_engine.outcomes import Conflict, NotYet, Problem, Refused, VendorError
from sync_engine.processes.matching import Candidates, Matcher
from sync_engine.processes.plan import customer_doc, owned_by_crm
from sync_engine.store import WorkRow
from sync_engine.vendors.hubspot import MERGED_IDS, CrmRecord

COMPANY_EXTRAS = ("address", "city", "zip", "country", MERGED_IDS)
CONTACT_PROPERTIES = ("firstname", "lastname", "email", "phone")
GIVE_UP_WAITING_S = 3600
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GATHER, FEW = timedelta(seconds=3), 4  # how long details wait for each other, and of how many deals they do
ANOTHER_REPLICA = timedelta(seconds=2)  # how soon to look whether it has made the customer


class Customers:
    """Handlers of work about companies and contacts. Each reads the newest state and acts on that."""

    def __init__(self, context: Context) -> None:
        self.c = context
        self.customer, self._deals = context.dictionary.entity("customer"), context.dictionary.entity("order").crm.kind
        self._locks: dict[str, asyncio.Lock] = {}
        self._read_before: dict[str, CrmRecord] = {}  # companies just read in a batch, whose customers were never sent before
        self._matcher = Matcher(context)
        self._candidates: dict[str, Candidates | None] = {}  # of companies just read in a batch
        fields = {field.crm.field for field in self.customer.fields}
        self.properties = sorted((fields | {self.customer.crm.link_field, *COMPANY_EXTRAS}) - {""})

    async def ensure_many(self, wanted: Mapping[str, tuple[str, CrmRecord]], gate: asyncio.Semaphore) -> dict[str, str | Exception]:
        """`wanted`: deal id → (company id, deal). The answer: the ERP name of each deal's customer, or why there is none.

        New companies are read in one batch, after it was written down that they are about to become customers.
        """
        new = list(dict.fromkeys(id for id, _ in wanted.values() if self.c.store.linked("customer", id) is None))
        if len(new) > 1:
            fresh = [id for id in new if not self.c.store.is_intended("customer", id)]
            with self.c.store.transaction():
                for id in fresh:
                    self.c.store.intend("customer", id, self.c.clock.now())
            self._read_before.update(await self.c.crm.read_many(self.customer.crm.kind, fresh, self.properties))
            await self._match_many(fresh)
        found: dict[str, str | Exception] = {}
        gather = len(wanted) > FEW

        async def one(deal_id: str, company_id: str, deal: CrmRecord) -> None:
            try:
                async with gate:
                    found[deal_id] = await self.ensure(company_id, deal, gather=gather)
            except Exception as error:
                found[deal_id] = error

        if len(wanted) == 1:
            for deal_id, (company_id, deal) in wanted.items():
                await one(deal_id, company_id, deal)
        else:
            await asyncio.gather(*(one(deal_id, *what) for deal_id, what in wanted.items()))
        for id in new:
            self._read_before.pop(id, None)
            self._candidates.pop(id, None)
        return found

    async def _match_many(self, ids: Iterable[str]) -> None:
        companies = [self._read_before[id] for id in ids if id in self._read_before]
        try:
            found = await self._matcher.candidates(companies)
        except VendorError:
            return  # each asks for itself, and fails for itself
        self._candidates.update({company.id: found.get(company.id) for company in companies})

    async def ensure(self, company_id: str, deal: CrmRecord, *, gather: bool = False) -> str:
        """The ERP name of the company's customer. Several deals of one new company wait for each other here. `gather`: many deals
        are on their way, whose details such as addresses wait for each other, for they share their calls."""
        c = self.c
        link = c.store.linked("customer", company_id)
        if link is None:
            async with self._locks.setdefault(company_id, asyncio.Lock()):
                link = c.store.linked("customer", company_id)
                name = link.erp_id if link is not None else await self._onboard_alone(company_id, deal, gather)
            self._locks.pop(company_id, None)
        else:
            name = link.erp_id
        new = [id for id in deal.ids("contacts") if c.store.linked("contact", id) is None]
        if new:
            with c.store.transaction():
                for id in new:
                    c.queue.put("details", "contact", f"{company_id}/{id}", self._delay(gather))
        return name

    def _delay(self, gather: bool) -> timedelta:
        return until_details(self.c.clock.now()) if gather else timedelta(0)

    async def _onboard_alone(self, company_id: str, deal: CrmRecord, gather: bool) -> str:
        """Raises NotYet while another replica is at it: two would cost calls, though never a second customer."""
        lease = f"customer {company_id}"
        if not self.c.replica.acquire(lease):
            raise NotYet("its customer is being created by another replica", ANOTHER_REPLICA)
        try:
            return await self._onboard(company_id, deal, gather)
        finally:
            self.c.replica.release(lease)

    async def _onboard(self, company_id: str, deal: CrmRecord, gather: bool) -> str:
        c, entity = self.c, self.customer
        company = self._read_before.pop(company_id, None)
        sent_before = company is None and c.store.is_intended("customer", company_id)
        if company is None and not sent_before:
            with c.store.transaction():
                c.store.intend("customer", company_id, c.clock.now())  # from here on an edit of the company asks for a second look
        name = await c.erp.find(entity.erp.kind, entity.erp.link_field, company_id) if sent_before else None
        if company is None:
            company = await c.crm.read(entity.crm.kind, company_id, self.properties)
        if name is None:
            name = await self._relink_merged(company) or await self._link_match(company, deal)
        doc = customer_doc(c.dictionary, company)
        created = False
        if name is None:
            name, created = await self._create_customer(company_id, doc, deal)
        shadow = owned_by_crm(entity, company) if created else None
        c.companies[company_id] = company
        with c.store.transaction():
            c.store.link("customer", company_id, name, shadow)
            c.queue.put("details", "customer", company_id, self._delay(gather))
            if shadow is None or any(each.owner == "erp" or each.both_ways for each in entity.fields):
                c.queue.put("sync", "customer", company_id, self._delay(gather))
        return name

    async def _create_customer(self, company_id: str, doc: Mapping[str, Any], deal: CrmRecord) -> tuple[str, bool]:
        """Its name, and whether it holds just these values: one that was there before may be older."""
        c, entity = self.c, self.customer
        record = f"crm {self._deals} {deal.id}"
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
            return name, False
        except Refused as error:
            with c.store.transaction():
                c.store.forget_intent("customer", company_id)
            raise Problem(
                record,
                f"The ERP did not accept company {company_id} as a customer: {error}",
                "Correct the company, then touch the deal.",
            ) from None
        return new_name(c, created, entity.erp.link_field, company_id, record), True

    async def _link_match(self, company: CrmRecord, deal: CrmRecord) -> str | None:
        """The customer that a person made for this company, linked to it; None when there is none. Raises Problem when there
        could be several. A death behind the write is no harm: the customer is then found by the company's id."""
        c, entity, record = self.c, self.customer, f"crm {self._deals} {deal.id}"
        if company.id in self._candidates:
            found = self._candidates.pop(company.id)
        else:
            found = (await self._matcher.candidates([company])).get(company.id)
        if found is None:
            return None
        names = [str(doc["name"]) for doc in found.docs]
        if len(names) > 1 or found.rivals:
            with c.store.transaction():
                c.store.forget_intent("customer", company.id)
            others = f", and so do the companies {', '.join(found.rivals)}" if found.rivals else ""
            place = entity.erp.link_label or entity.erp.link_field
            raise Problem(
                record,
                f"Company {company.id} has the same {found.fields} as {', '.join(names)} in the ERP{others}.",
                f"Write {company.id} into the field {place} of the right customer, then touch the deal.",
            )
        (doc,) = found.docs
        if doc.get(entity.erp.link_field) != company.id:
            link = {entity.erp.link_field: company.id, "modified": str(doc["modified"])}  # only if nobody has saved it since
            try:
                await c.erp.update(entity.erp.kind, names[0], link)
            except Refused as error:
                cause = f"The ERP did not accept {company.id} as the company of {names[0]}: {error}"
                raise Problem(record, cause, "Correct the customer, then touch the deal.") from None
        return names[0]

    async def _relink_merged(self, company: CrmRecord) -> str | None:
        """A company that other companies were merged into inherits the customer of one of them."""
        c, entity = self.c, self.customer
        for old in company.merged_ids:
            link = c.store.linked("customer", old)
            if link is not None:
                await c.erp.update(entity.erp.kind, link.erp_id, {entity.erp.link_field: company.id})
                return link.erp_id
        return None


def until_details(now: datetime) -> timedelta:
    """How long until the next moment at which details are due together, whichever batch they come from."""
    return GATHER - (now - EPOCH) % GATHER


def finish(context: Context, row: WorkRow, resolved: str = "") -> None:
    """Close the item; a problem of the record `resolved` is over, and people are told so."""
    with context.store.transaction():
        if resolved and context.store.resolve(resolved) and context.dictionary.has(row.entity):
            context.queue.put("tell", row.entity, row.record)
        context.queue.done(row)


def new_name(context: Context, doc: Mapping[str, Any], link_field: str, crm_id: str, record: str) -> str:
    """The new document's name. An ERP without the custom field drops our id in silence: stop there."""
    if not doc.get("name"):
        raise Problem(record, "The ERP answered a create without the new document's name.", "Look in the ERP whether it exists.")
    if str(doc.get(link_field, "")) != crm_id:
        with context.store.transaction():
            context.store.set_cursor("provisioned", "")
            context.queue.put("setup", "fields", "all")
        raise Problem(
            record,
            f"The ERP lost our id on {doc['name']}: its field {link_field} is missing.",
            "Restore the field and set it there.",
        )
    return str(doc["name"])
