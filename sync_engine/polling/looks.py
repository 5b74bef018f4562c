"""What a changed row asks for. Each look runs inside the transaction that covers its page, and answers whether there is work."""

from __future__ import annotations

from datetime import timedelta

from sync_engine.context import Context
from sync_engine.dictionary import Related
from sync_engine.polling.crm import epoch_ms
from sync_engine.polling.erp import Row
from sync_engine.processes.details import is_address_news, is_contact_news
from sync_engine.processes.flows import flows_of, follows_details, follows_merges
from sync_engine.processes.hints import DealHints
from sync_engine.processes.merge import merging, news
from sync_engine.processes.mirrored import MIRROR
from sync_engine.processes.plan import is_news
from sync_engine.processes.progress import meets
from sync_engine.processes.reporting import shown_order
from sync_engine.vendors.hubspot import CrmRecord

GATHER = timedelta(milliseconds=300)  # an order and its invoices change together: one look for both, and for many orders
GONE = "gone"  # the work of telling what became of an order that was deleted


class Looks:
    """One method for each kind of row."""

    def __init__(self, context: Context) -> None:
        self.c = context
        self._order, self._customer = shown_order(context.dictionary), context.dictionary.entity("customer")
        fields, flows = merging(self._customer.fields), flows_of(context.dictionary, self._customer)
        self._company_fields, self._customer_fields = flows.heard(fields, "crm"), flows.heard(fields, "erp")
        self._follows_details, self._follows_merges = follows_details(context.dictionary), follows_merges(context.dictionary)
        self._hints = DealHints(context)

    # -- CRM ------------------------------------------------------------------------------------------------------

    def deal(self, record: CrmRecord) -> bool:
        return not self._is_history(record) and self._hints.polled(record)

    def _is_history(self, record: CrmRecord) -> bool:
        """A deal that was closed before the integration began, and that nobody has made an order of."""
        start, closed, store = self.c.settings.start_from, record.get("closedate"), self.c.store
        if start is None or not closed or store.linked("order", record.id) is not None or store.is_intended("order", record.id):
            return False
        return epoch_ms(closed) < epoch_ms(start.isoformat())

    def line(self, record: CrmRecord) -> bool:
        return self._hints.polled_line(record)

    def changed_lines(self, deal_id: str) -> bool:
        self._hints.ask(deal_id)
        return True

    def company(self, record: CrmRecord) -> bool:
        store, link = self.c.store, self.c.store.linked("customer", record.id)
        merged = record.merged_ids if self._follows_merges else []
        absorbed = [old for old in merged if store.linked("customer", old) is not None]
        for old in absorbed:
            self.c.queue.put("sync", "customer", old)
        if link is not None:
            place = self._customer.crm.link_field
            link_shown = not place or record.get(place) == link.erp_id
            differs = not link_shown or news(self._company_fields, link.shadow, "crm", record.properties)
            differs = differs or (self._follows_details and is_address_news(self.c, record))
        else:
            differs = store.is_intended("customer", record.id)
        if differs:
            self.c.queue.put("sync", "customer", record.id)
        return differs or bool(absorbed)

    def contact(self, record: CrmRecord) -> bool:
        store = self.c.store
        absorbed = [old for old in record.merged_ids if store.linked("contact", old) is not None]
        wanted = [*absorbed, *([record.id] if is_contact_news(self.c, record) else [])]
        for id in wanted:
            self.c.queue.put("sync", "contact", id)
        return bool(wanted)

    def archived(self, entity: str, id: str) -> bool:
        if self.c.store.linked(entity, id) is None:
            return False
        self.c.queue.put("order" if entity == "order" else "sync", entity, id)
        return True

    def back(self, entity: str, id: str) -> None:
        """A record that was in the bin and is no longer: whatever happened to it before may never have been seen."""
        if entity == "order":
            self._hints.ask(id)
        elif self.c.store.linked(entity, id) is not None:
            self.c.queue.put("sync", entity, id)

    # -- ERP ------------------------------------------------------------------------------------------------------

    def order(self, row: Row) -> bool:
        name = str(row["name"])
        link = self.c.store.linked_erp("order", name)
        if link is None and self._amended(row):
            link = self.c.store.linked_erp("order", name)
        if link is None and not row.get(self._order.erp.link_field):
            return False  # written in the ERP by hand: not ours
        if link is not None and not is_news(self._order, row, link.shadow):
            return False
        self.c.fresh_orders[name] = dict(row)
        self.c.queue.put("progress", "order", name, GATHER)
        return True

    def _amended(self, row: Row) -> bool:
        """A person amended an order of ours: the copy that counts takes its place. Copies do not carry the deal's id."""
        before = self.c.store.linked_erp("order", str(row.get("amended_from") or ""))
        if before is None or row.get("docstatus") != 1 or self.c.queue.is_worked_on("order", "order", before.crm_id):
            return False
        self.c.store.link("order", before.crm_id, str(row["name"]), None)
        return True

    def of_order(self, relation: str, related: Related, row: Row) -> bool:
        order = str(row.get(related.through) or row.get(related.through.rpartition(".")[2]) or "")
        if not order or not meets(row, related.where):
            return False
        self.c.store.add_member(relation, order, str(row["name"]))
        if self.c.store.linked_erp("order", order) is None:
            return False
        self.c.queue.put("progress", "order", order, GATHER)
        return True

    def customer(self, row: Row) -> bool:
        """A customer that names a company of ours under another name was renamed, or put in the place of one that is gone."""
        name, store = str(row["name"]), self.c.store
        link = store.linked_erp("customer", name)
        company = str(row.get(self._customer.erp.link_field) or "")
        if link is None and (not company or store.linked("customer", company) is None):
            return False
        if link is not None and not row.get("disabled") and not news(self._customer_fields, link.shadow, "erp", row):
            return False
        self.c.queue.put("sync", "customer", link.crm_id if link is not None else company)
        return True

    def of_customer(self, related: Related, row: Row) -> bool:
        link = self.c.store.linked_erp("customer", str(row.get(related.through) or ""))
        if link is not None:
            self.c.queue.put("sync", "customer", link.crm_id, GATHER)
        return link is not None

    def mirrored(self, entity: str, row: Row) -> bool:
        self.c.queue.put(MIRROR, entity, str(row["name"]), GATHER)
        return True

    def of_mirrored(self, entity: str, related: Related, row: Row) -> bool:
        name = str(row.get(related.through) or "")
        if name:
            self.c.queue.put(MIRROR, entity, name, GATHER)
        return bool(name)

    def deleted(self, row: Row) -> bool:
        kind, name, store = str(row.get("deleted_doctype")), str(row.get("deleted_name")), self.c.store
        if kind == self._order.erp.kind and store.linked_erp("order", name) is not None:
            self.c.queue.put(GONE, "order", name)
            return True
        if kind == self._customer.erp.kind and (link := store.linked_erp("customer", name)) is not None:
            self.c.queue.put("sync", "customer", link.crm_id)
            return True
        return False
