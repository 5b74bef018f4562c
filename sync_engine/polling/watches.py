"""What is polled: only kinds that some process of the dictionary needs, for every look costs a call of the quota."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from sync_engine.context import Context
from sync_engine.dictionary import Dictionary, Entity, Related, System
from sync_engine.polling.crm import ArchiveWatch, CrmWatch
from sync_engine.polling.erp import DELETED, ERP_POLL, ErpWatch
from sync_engine.polling.lines import LinesWatch
from sync_engine.polling.looks import Looks
from sync_engine.polling.prices import PriceDays
from sync_engine.polling.watch import Watch
from sync_engine.processes.agreed import follows_changes
from sync_engine.processes.flows import flows_of, follows_details, follows_merges
from sync_engine.processes.merge import merging
from sync_engine.processes.prices import ITEM_PRICE
from sync_engine.processes.progress import Progress
from sync_engine.processes.reporting import shown_order
from sync_engine.reconcile.schedule import Due

CONTACTS_EVERY, ARCHIVED_EVERY, DELETED_EVERY = 3, 6, 3
OWNED_EVERY = 3  # of a kind whose every field the other system owns: only foreign edits are found, and overwritten
CONTACT_PROPERTIES = ("firstname", "lastname", "email", "phone", "hs_merged_object_ids")


def watches(context: Context, progress: Progress, deal_properties: Sequence[str], company_properties: Sequence[str]) -> list[Watch]:
    """In the order in which they are looked at."""
    dictionary, looks = context.dictionary, Looks(context)
    order, customer = dictionary.entity("order"), dictionary.entity("customer")
    found: list[Watch] = []
    if is_needed(dictionary, "crm", "order"):
        found.append(CrmWatch(context, order.crm.kind, deal_properties, looks.deal))
    if order.lines is not None and follows_changes(dictionary):  # a change of a position does not touch its deal
        properties = [field.crm.field for field in order.lines.fields]
        found.append(CrmWatch(context, order.lines.crm_kind, properties, looks.line))
    if flows_of(dictionary, customer).crm or follows_details(dictionary) or follows_merges(dictionary):
        found.append(CrmWatch(context, customer.crm.kind, company_properties, looks.company))
    if follows_details(dictionary):
        found.append(CrmWatch(context, "contacts", CONTACT_PROPERTIES, looks.contact, CONTACTS_EVERY))
    for entity in (order, customer):
        told = entity is customer and follows_erp_customers(dictionary)  # news of the customer waits until the company is back
        if told or dictionary.processes_of("crm", entity.name, "disappears"):
            found.append(
                ArchiveWatch(
                    context, entity.crm.kind, partial(looks.archived, entity.name), ARCHIVED_EVERY, partial(looks.back, entity.name)
                )
            )
    if order.lines is not None and follows_changes(dictionary):
        found.append(LinesWatch(context, looks.changed_lines))
    if context.settings.reconcile_every is not None:
        found.append(Due(context))
    return [*found, *_erp_watches(context, looks, progress)]


def is_needed(dictionary: Dictionary, system: System, entity: str) -> bool:
    """Whether any process starts with this entity in this system."""
    return any((each.trigger.system, each.trigger.entity) == (system, entity) for each in dictionary.processes)


def follows_erp_customers(dictionary: Dictionary) -> bool:
    """Whether what people do to a customer in the ERP matters to the CRM."""
    return bool(flows_of(dictionary, dictionary.entity("customer")).erp)


def doorbells(dictionary: Dictionary) -> Mapping[str, tuple[str, ...]]:
    """DocType → what to look at when a webhook tells of one of its documents; every other kind rings for orders and all they have.

    Bins tell nothing: what moves stock (deliveries, receipts) rings for the items' stock too.
    """
    found: dict[str, tuple[str, ...]] = {dictionary.entity("customer").erp.kind: (dictionary.entity("customer").erp.kind,)}
    if not follows_erp_customers(dictionary):
        found = dict.fromkeys(found, ())  # the CRM owns all of it: the regular look after edits in the ERP is soon enough
    if not dictionary.has("item") or not is_needed(dictionary, "erp", "item"):
        return {**found, "Item": (), "Item Price": (), "Stock Entry": ()}
    item = dictionary.entity("item")
    related = [each.kind for each in _summed(item).values()]
    found |= {kind: (kind,) for kind in (item.erp.kind, *related)}
    if "Bin" in related:
        found |= {"Stock Entry": ("Bin",), "Delivery Note": (ERP_POLL[2], "Bin")}
    return found


def _erp_watches(context: Context, looks: Looks, progress: Progress) -> list[Watch]:
    dictionary, by_kind = context.dictionary, dict[str, ErpWatch]()

    def watch(kind: str, every: int = 1) -> ErpWatch:
        return by_kind.setdefault(kind, ErpWatch(context, kind, every))

    order, customer = shown_order(dictionary), dictionary.entity("customer")
    if is_needed(dictionary, "erp", "order"):
        watch(order.erp.kind).add(progress.order_fields, looks.order)
        for name, related in order.related.items():
            watch(related.kind).add([related.through, *related.where], partial(looks.of_order, name, related))
    if is_needed(dictionary, "crm", "customer") or is_needed(dictionary, "erp", "customer"):
        own = sorted({each.erp.field for each in customer.fields if each.erp.of is None})
        every = 1 if follows_erp_customers(dictionary) else OWNED_EVERY
        watch(customer.erp.kind, every).add([customer.erp.link_field, "disabled", *own], looks.customer)
    heard = {each.erp.of for each in flows_of(dictionary, customer).heard(merging(customer.fields), "erp")}
    for name, related in _summed(customer).items():
        if name in heard:
            watch(related.kind).add([related.through], partial(looks.of_customer, related))
    if dictionary.has("item") and is_needed(dictionary, "erp", "item"):
        item = dictionary.entity("item")
        own = sorted({each.erp.field for each in item.fields if each.erp.of is None} | set(item.when))
        watch(item.erp.kind).add(own, looks.item)
        for related in _summed(item).values():
            watch(related.kind).add([related.through], partial(looks.of_item, related))
    found: list[Watch] = [*by_kind.values(), *_price_days(context, looks)]
    kept = [
        kind for kind in (order.erp.kind, customer.erp.kind, *(each.kind for each in order.related.values())) if kind in by_kind
    ]
    if kept:
        deleted = ErpWatch(context, DELETED, DELETED_EVERY, filters=[["deleted_doctype", "in", list(dict.fromkeys(kept))]])
        deleted.add(["deleted_doctype", "deleted_name"], looks.deleted)
        found.append(deleted)
    return found


def _price_days(context: Context, looks: Looks) -> list[PriceDays]:
    if not (context.dictionary.has("item") and is_needed(context.dictionary, "erp", "item")):
        return []
    prices = [related for related in _summed(context.dictionary.entity("item")).values() if related.kind == ITEM_PRICE]
    return [PriceDays(context, related.through, partial(looks.of_item, related)) for related in prices[:1]]


def _summed(entity: Entity) -> Mapping[str, Related]:
    """The relations that any field sums over."""
    return {name: related for name, related in entity.related.items() if any(each.erp.of == name for each in entity.fields)}
