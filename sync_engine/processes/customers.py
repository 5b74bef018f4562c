"""Companies and their customers after onboarding: edits of both sides, credit status, merges, renames, deletions."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from sync_engine.bins import note_binned
from sync_engine.context import Context
from sync_engine.mapping.values import fields_read
from sync_engine.outcomes import Conflict, NotFound, NotYet, Problem
from sync_engine.processes.details import is_about_details
from sync_engine.processes.flows import follows_details, follows_merges
from sync_engine.processes.onboarding import COMPANY_EXTRAS, GATHER, GIVE_UP_WAITING_S, finish, until_details
from sync_engine.processes.pairs import Pairs
from sync_engine.processes.related import related_of
from sync_engine.store import Link, WorkRow
from sync_engine.vendors.erpnext import Doc
from sync_engine.vendors.hubspot import CrmRecord
from sync_engine.vendors.together import is_side_by_side

MERGING = GONE = timedelta(seconds=5)


class CustomerPairs:
    """Handler of `sync customer` items; the record is a company's id. Each look reads both sides and merges them."""

    def __init__(self, context: Context) -> None:
        self.c, self.entity = context, context.dictionary.entity("customer")
        self._pairs = Pairs(context, self.entity)
        self._summing = replace(self.entity, fields=self._pairs.flows.heard(self._pairs.fields, "erp"))
        self._follows_details, self._follows_merges = follows_details(context.dictionary), follows_merges(context.dictionary)
        self._columns = sorted({"name", "modified", *fields_read(self._pairs.fields, "erp")})
        fields = {each.crm.field for each in self.entity.fields}
        self.properties = sorted((fields | {self.entity.crm.link_field, *COMPANY_EXTRAS}) - {""})

    async def handle(self, row: WorkRow) -> None:
        c, entity = self.c, self.entity
        link = c.store.linked("customer", row.record)
        if link is None:
            if c.store.is_intended("customer", row.record) and (c.clock.now() - row.since).total_seconds() < GIVE_UP_WAITING_S:
                raise NotYet("its customer is being created", c.settings.settle / 6)
            await self._find(row.record)
            link = c.store.linked("customer", row.record)
        if link is None:
            finish(c, row)
            return
        try:
            company = await c.crm.read(entity.crm.kind, row.record, self.properties)
        except NotFound:
            self._archived(row)
            return
        if company.id != row.record:
            await self._merged(row, link, company)
            return
        self._others_merged_into(company)
        link, doc = await self._customer(link)
        related = await related_of(c, self._summing, link.erp_id)
        try:
            outcome = await self._pairs.bring_together(link, company, doc, related)
        except NotFound:
            raise NotYet("one of the pair has just gone", GONE) from None  # the next look says which, and what follows
        with c.store.transaction():
            if self._follows_details or company.get(entity.crm.link_field) != link.erp_id:
                self._ask_for_details(company)
        record = f"crm {entity.crm.kind} {company.id}"
        if outcome.causes:
            raise Problem(record, " ".join(outcome.causes), " ".join(outcome.hints), "conflict" if outcome.conflict else None)
        finish(c, row, resolved="" if is_about_details(c, record) else record)

    def _ask_for_details(self, company: CrmRecord) -> None:
        """Which also see to the company's link. While they are being seen to, they are asked to look again after that, and to read
        anew: our record of the company may be older than the link that is just being written."""
        c = self.c
        delay = until_details(c.clock.now()) if is_side_by_side() else timedelta(0)
        if c.queue.is_worked_on("details", "customer", company.id):
            c.companies.pop(company.id, None)
            delay += GATHER
        else:
            c.companies[company.id] = company
        c.queue.put("details", "customer", company.id, delay)

    async def _find(self, company_id: str) -> None:
        """A create that nobody heard of again may have made a customer: its deal may want nothing any more, but it is there."""
        c, entity = self.c, self.entity
        if not c.store.is_intended("customer", company_id):
            return
        name = await c.erp.find(entity.erp.kind, entity.erp.link_field, company_id)
        with c.store.transaction():
            if name is None:
                c.store.forget_intent("customer", company_id)
            else:
                c.store.link("customer", company_id, name, None)

    # -- companies that end ---------------------------------------------------------------------------------------

    def _archived(self, row: WorkRow) -> None:
        """The customer goes on, and the link stays for a restore; whether a person hears of it is the dictionary's to say."""
        record = f"crm {self.entity.crm.kind} {row.record}"
        with self.c.store.transaction():
            note_binned(self.c.store, self.entity.crm.kind, row.record)  # what its customer owes waits for it there
        for process in self.c.dictionary.processes_of("crm", "customer", "disappears"):
            for action in process.actions:
                if action.do == "tell":
                    raise Problem(record, action.say or "The company was archived, but its customer goes on.", "")
        finish(self.c, row)

    def _others_merged_into(self, company: CrmRecord) -> None:
        with self.c.store.transaction():
            for old in company.merged_ids if self._follows_merges else ():
                if self.c.store.linked("customer", old) is not None:
                    self.c.queue.put("sync", "customer", old)

    async def _merged(self, row: WorkRow, link: Link, survivor: CrmRecord) -> None:
        """The survivor keeps one customer: the only one there is, or the one a person decides for."""
        c, entity = self.c, self.entity
        if not self._follows_merges:
            finish(c, row)
            return
        other = c.store.linked("customer", survivor.id)
        if other is None:
            await self._inherit(link, survivor.id)
            finish(c, row)
            return
        record = f"crm {entity.crm.kind} {survivor.id}"
        spare = await self._spare(survivor, other.erp_id)
        if link.erp_id in spare:
            names = ", ".join(spare)  # all of them, so that each of their items says the same about the one company
            raise Problem(
                record,
                f"Merged companies had several customers; new orders go to {other.erp_id}, and {names} go on beside it.",
                f"Merge {names} into {other.erp_id} in the ERP, or disable what is not needed.",
            )
        with c.store.transaction():
            c.store.unlink("customer", row.record)
        finish(c, row, resolved=record)

    async def _inherit(self, link: Link, survivor: str) -> None:
        """The customer and its address. Raises NotYet while another part of the same merge is doing so."""
        c, entity = self.c, self.entity
        address = c.store.linked("address", link.crm_id)
        try:
            await c.erp.update(entity.erp.kind, link.erp_id, {entity.erp.link_field: survivor})
            if address is not None and c.store.linked("address", survivor) is None:
                await c.erp.update("Address", address.erp_id, {c.address_link: survivor})
        except Conflict:
            raise NotYet("another company of the merge has brought its customer", MERGING) from None
        with c.store.transaction():
            c.store.link("customer", survivor, link.erp_id, None)
            if address is not None:
                c.store.link("address", survivor, address.erp_id, address.shadow)
            c.queue.put("sync", "customer", survivor)

    async def _spare(self, survivor: CrmRecord, kept: str) -> list[str]:
        """Customers in use of the companies that went under, beside the one that is kept."""
        links = [self.c.store.linked("customer", old) for old in survivor.merged_ids]
        names = sorted({link.erp_id for link in links if link is not None and link.erp_id != kept})
        return [name for name in names if await self._is_used(name)]

    async def _is_used(self, name: str) -> bool:
        try:
            return not (await self.c.erp.read(self.entity.erp.kind, name)).get("disabled")
        except NotFound:
            return False

    # -- customers that move --------------------------------------------------------------------------------------

    async def _customer(self, link: Link) -> tuple[Link, Doc]:
        """The customer, wherever a person renamed it to: the ERP's names are its ids. Raises Problem when it is gone."""
        c, entity = self.c, self.entity
        try:
            return link, await c.erp.read_columns(entity.erp.kind, link.erp_id, self._columns)
        except NotFound:
            name = await c.erp.find(entity.erp.kind, entity.erp.link_field, link.crm_id)
        if name is None:
            raise Problem(
                f"crm {entity.crm.kind} {link.crm_id}",
                f"The customer {link.erp_id} is gone: it was deleted in the ERP, or merged into another.",
                f"Put {link.crm_id} into the field {entity.erp.link_label or entity.erp.link_field} of the customer in its place.",
            )
        with c.store.transaction():
            c.store.link("customer", link.crm_id, name, link.shadow)
        return Link(link.entity, link.crm_id, name, link.shadow), await c.erp.read(entity.erp.kind, name)
