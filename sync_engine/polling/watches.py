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
from sync_engine.processes.mirrored import mirrored
from sync_engine.processes.onboarding import CONTACT_PROPERTIES
from sync_engine.processes.prices import ITEM_CODE, ITEM_PRICE
from sync_engine.processes.progress import Progress
from sync_engine.processes.reporting import shown_order
from sync_engine.reconcile.schedule import Due
from sync_engine.vendors.hubspot import MERGED_IDS

CONTACTS_EVERY, ARCHIVED_EVERY, DELETED_EVERY = 3, 6, 3
OWNED_EVERY = 3  # of a kind whose every field the other system owns: only foreign edits are found, and overwritten


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
        found.append(CrmWatch(context, "contacts", [*CONTACT_PROPERTIES, MERGED_IDS], looks.contact, CONTACTS_EVERY))
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

    Bins tell nothing: what moves stock (deliveries, receipts) rings for the stock too.
    """
    order, customer = dictionary.entity("order"), dictionary.entity("customer").erp.kind
    # Where the CRM owns all of a customer, the regular look after edits in the ERP is soon enough.
    found: dict[str, tuple[str, ...]] = {customer: (customer,) if follows_erp_customers(dictionary) else ()}
    found |= {"Item": (), "Item Price": (), "Stock Entry": ()}
    with_order = {order.erp.kind, *(related.kind for related in order.related.values())}
    entities = [each for each in mirrored(dictionary) if is_needed(dictionary, "erp", each.name)]
    for kind in (kind for each in entities for kind in (each.erp.kind, *(related.kind for related in _summed(each).values()))):
        found[kind] = (ERP_POLL[2], kind) if kind in with_order else (kind,)
    if "Bin" in found:
        found |= {"Stock Entry": ("Bin",), "Delivery Note": (ERP_POLL[2], *found.get("Delivery Note", ())[1:], "Bin")}
    return found


def _erp_watches(context: Context, looks: Looks, progress: Progress) -> list[Watch]:
    dictionary, by_kind = context.dictionary, dict[str, ErpWatch]()

    def watch(kind: str, every: int = 1) -> ErpWatch:
        found = by_kind.setdefault(kind, ErpWatch(context, kind, every))
        found.every = min(found.every, every)
        return found

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
    for entity in mirrored(dictionary):
        if is_needed(dictionary, "erp", entity.name):
            watch(entity.erp.kind).add([], partial(looks.mirrored, entity.name))
            for related in _summed(entity).values():
                watch(related.kind).add([related.through], partial(looks.of_mirrored, entity.name, related))
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
    found = [
        partial(looks.of_mirrored, entity.name, related)
        for entity in mirrored(context.dictionary)
        for related in _summed(entity).values()
        if (related.kind, related.through) == (ITEM_PRICE, ITEM_CODE) and is_needed(context.dictionary, "erp", entity.name)
    ]
    return [PriceDays(context, ITEM_CODE, lambda row: sum(look(row) for look in found) > 0)] if found else []


def _summed(entity: Entity) -> Mapping[str, Related]:
    """The relations that any field sums over."""
    return {name: related for name, related in entity.related.items() if any(each.erp.of == name for each in entity.fields)}
