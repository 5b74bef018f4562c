"""Which event a look at a deal amounts to, and which processes it sets off. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sync_engine.dictionary import Action, Dictionary, Entity, Process
from sync_engine.dictionary.model import Event
from sync_engine.processes.agreed import Agreed, changed_names, values_of
from sync_engine.processes.case import Case
from sync_engine.processes.plan import agrees, is_wanted
from sync_engine.store import Link
from sync_engine.vendors.hubspot import CrmRecord


def event_of(entity: Entity, case: Case) -> Event | None:
    """What happened to the deal since its order was looked after last; None for nothing.

    A deal whose order was cancelled because it left enters again like a new one.
    """
    without = case.link is None or (case.agreed is not None and case.agreed.state == "left")
    if case.deal is None:
        return None if without else "disappears"
    if not is_wanted(entity, case.deal):
        return None if without else "leaves"
    if without:
        return "enters"
    return "changes" if case.changed else None


def processes_for(dictionary: Dictionary, event: Event, changed: frozenset[str]) -> tuple[Process, ...]:
    """The processes of a deal's event, in the file's order; those that name fields only if one of them changed."""
    found = dictionary.processes_of("crm", "order", event)
    return tuple(each for each in found if event != "changes" or not each.trigger.fields or changed & set(each.trigger.fields))


def actions_of(processes: Iterable[Process]) -> list[Action]:
    return [action for process in processes for action in process.actions]


def is_worth_a_look(
    dictionary: Dictionary, deal: CrmRecord, link: Link | None, agreed: Agreed | None, links: Mapping[str, Link | None]
) -> bool:
    """Whether a deal as the search shows it may ask for anything. `links`: of the deals that were merged into it."""
    entity = dictionary.entity("order")
    if any(other is not None for other in links.values()):
        return True
    if link is None or (agreed is not None and agreed.state == "left"):
        return is_wanted(entity, deal)
    if not is_wanted(entity, deal):
        return bool(dictionary.processes_of("crm", "order", "leaves"))
    if dictionary.processes_of("crm", "order", "changes") and (agreed is None or changed_names(entity, agreed, deal, None)):
        return True
    if agreed is not None and agreed.state == "leaving":
        return True
    return not agrees(entity, link.shadow, deal)


def tracked_fields(entity: Entity) -> set[str]:
    """CRM properties whose change may be an amendment."""
    return {field.crm.field for field in entity.fields if field.name in values_of(entity, CrmRecord("", "", {}, {}))}
