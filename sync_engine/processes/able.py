"""What this engine carries out of a data dictionary. What it would not do is refused before anything starts, never passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from sync_engine.dictionary import Dictionary, DictionaryError, Entity, Process, nearest
from sync_engine.dictionary.model import Action, Event, System, Verb
from sync_engine.processes.mirrored import OWN_HANDLERS, is_mirrored, mirrored

SETTINGS: Final[dict[str, tuple[type, str]]] = {
    **dict.fromkeys(("company", "warehouse", "price_list", "customer_group", "territory"), (str, "a text")),
    "delivery_days": (int, "a whole number of days"),
    "taxes": (list, "a list of rows"),
}
WITH_CONDITION: Final = ("amend", "cancel")
WITH_RELATED: Final[tuple[tuple[System, str, Event], ...]] = (("erp", "order", "changes"), ("erp", "customer", "changes"))
WITH_FIELDS: Final[tuple[tuple[System, str, Event], ...]] = (
    ("crm", "order", "changes"),
    ("crm", "customer", "changes"),
    *WITH_RELATED,
)

_Key = tuple[System, str, Event]
_Step = tuple[Verb, str, System]
_OF_A_DEAL: Final[frozenset[_Step]] = frozenset(
    {
        ("ensure", "customer", "erp"),
        ("create", "order", "erp"),
        ("amend", "order", "erp"),
        ("cancel", "order", "erp"),
        ("report", "order", "crm"),
        *(("tell", name, "crm") for name in OWN_HANDLERS),
    }
)
_DEAL_EVENTS: Final[tuple[Event, ...]] = ("enters", "changes", "leaves", "disappears")
ABLE: Final[dict[_Key, frozenset[_Step]]] = {
    **{("crm", "order", event): _OF_A_DEAL for event in _DEAL_EVENTS},
    ("crm", "customer", "changes"): frozenset({("update", "customer", "erp")}),
    ("crm", "customer", "merges"): frozenset({("ensure", "customer", "erp")}),
    ("crm", "customer", "disappears"): frozenset({("tell", "customer", "crm")}),
    ("erp", "order", "changes"): frozenset({("report", "order", "crm")}),
    ("erp", "customer", "changes"): frozenset({("report", "customer", "crm"), ("update", "customer", "crm")}),
}


def able_to(dictionary: Dictionary) -> dict[_Key, frozenset[_Step]]:
    """What sets off which steps: what is special about customers and orders, and the mirroring of every other entity."""
    found, names = dict(ABLE), [entity.name for entity in mirrored(dictionary)]
    told: frozenset[_Step] = frozenset(("tell", name, "crm") for name in names)
    found |= {("crm", "order", event): _OF_A_DEAL | told for event in _DEAL_EVENTS}
    for name in names:
        found["erp", name, "appears"] = frozenset({("create", name, "crm")})
        found["erp", name, "changes"] = frozenset({("update", name, "crm"), ("report", name, "crm")})
    return found


def check_able(dictionary: Dictionary) -> None:
    """Raises DictionaryError for the first thing that the engine would not carry out."""
    for _, text in refusals(dictionary):
        raise DictionaryError(text)


def refusals(dictionary: Dictionary) -> Iterator[tuple[Entity | Process | None, str]]:
    """Everything that the engine would not carry out: the entity or process, if it is about one, and a sentence."""
    able = able_to(dictionary)
    checks: list[tuple[Entity | Process | None, Callable[[], None]]] = [
        *((each, partial(_check_entity, each)) for each in dictionary.entities),
        (None, partial(_check_needed, dictionary)),
        (None, partial(_check_settings, dictionary)),
        *((each, partial(_check_process, each, able)) for each in dictionary.processes),
    ]
    for about, check in checks:
        try:
            check()
        except DictionaryError as error:
            yield about, str(error)


def _check_entity(entity: Entity) -> None:
    if is_mirrored(entity):
        _check_mirrored(entity)
    elif (entity.name in OWN_HANDLERS) != (entity.origin == "crm"):
        raise DictionaryError(_why_not(entity))


def _check_needed(dictionary: Dictionary) -> None:
    names = [entity.name for entity in dictionary.entities]
    for name in OWN_HANDLERS:
        if name not in names:
            raise DictionaryError(f"the dictionary {dictionary.name!r} has no entity {name!r}, which this engine needs")
    if dictionary.entity("order").lines is None:
        raise DictionaryError("entity 'order' has no lines; this engine writes orders with positions")


def _why_not(entity: Entity) -> str:
    """Of an entity with an origin that the engine does not carry over."""
    if entity.name in OWN_HANDLERS:
        return f"entity {entity.name!r}: origin erp; this engine makes customers and orders of what comes from the crm"
    near = nearest(entity.name, list(OWN_HANDLERS))
    near = near if "did you mean" in near else "; give it origin erp if the ERP owns it"
    return f"entity {entity.name!r}: from the crm this engine moves {' and '.join(OWN_HANDLERS)} only{near}"


def _check_mirrored(entity: Entity) -> None:
    """An entity that is shown in the CRM as the ERP has it: one way, from columns of the documents and sums over others."""
    where = f"entity {entity.name!r}"
    if not entity.crm.link_field:
        raise DictionaryError(f"{where}: the crm needs a link_field: it finds a record whose create was never answered")
    for key, value in (
        ("the erp's link_field", entity.erp.link_field),
        ("the erp's constants", entity.erp.constants),
        ("lines", entity.lines),
        ("error_field", entity.error_field),
    ):
        if value:
            raise DictionaryError(f"{where}: {key}: this engine writes nothing of the kind for entities with origin erp")
    for field in entity.fields:
        if field.owner != "erp" or field.both_ways:
            raise DictionaryError(f"{where}: field {field.name!r}: entities with origin erp flow from the erp to the crm only")
        if field.erp.of is None and "." in field.erp.field:
            raise DictionaryError(
                f"{where}: field {field.name!r}: {field.erp.field} is in a table, which this engine does not read here"
            )
    for name, related in entity.related.items():
        if "." in related.through:
            raise DictionaryError(
                f"{where}: related {name!r}: {related.through} is in a table, which this engine does not read here"
            )


def _check_settings(dictionary: Dictionary) -> None:
    for name, value in dictionary.settings.items():
        if name not in SETTINGS:
            raise DictionaryError(f"settings: this engine does not read {name!r}{nearest(name, list(SETTINGS))}")
        kind, words = SETTINGS[name]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise DictionaryError(f"settings: {name}: expected {words}, found {value!r}")
    if not all(isinstance(row, dict) for row in dictionary.settings.get("taxes", ())):
        raise DictionaryError("settings: taxes: expected a list of rows, each with the fields of a tax row of the ERP")
    if not (len(dictionary.currency) == 3 and dictionary.currency.isascii() and dictionary.currency.isupper()):
        raise DictionaryError(f"currency: {dictionary.currency!r} is no code of ISO 4217; expected something like EUR")


def _check_process(process: Process, able_to: Mapping[_Key, frozenset[_Step]]) -> None:
    trigger, where = process.trigger, f"process {process.name!r}"
    able = able_to.get((trigger.system, trigger.entity, trigger.event))
    if able is None:
        known = ", ".join(f"{system} {entity} {event}" for system, entity, event in able_to)
        raise DictionaryError(f"{where}: nothing sets off {trigger.system} {trigger.entity} {trigger.event}; known: {known}")
    for key, given, bound in (("fields", trigger.fields, WITH_FIELDS), ("related", trigger.related, WITH_RELATED)):
        if given and (trigger.system, trigger.entity, trigger.event) not in bound:
            places = ", ".join(f"{system} {entity} {event}" for system, entity, event in bound)
            raise DictionaryError(f"{where}: the trigger's {key} is looked at only by {places}")
    for action in process.actions:
        _check_action(action, able, where)


def _check_action(action: Action, able: frozenset[_Step], where: str) -> None:
    if (action.do, action.entity, action.system) not in able:
        steps = sorted(f"{do} {entity} in the {system}" for do, entity, system in able)
        words = f"{action.do} {action.entity} in the {action.system}"
        raise DictionaryError(f"{where}: after its trigger the engine cannot {words}{nearest(words, steps)}")
    if action.only_if and action.do not in WITH_CONDITION:
        raise DictionaryError(f"{where}: only_if is looked at by {' and '.join(WITH_CONDITION)}, not by {action.do}")
