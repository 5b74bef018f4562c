"""What a deal and its order last agreed on: the values and positions that the order was made of, and whether the win still stands.

Kept only where a process follows changes or the end of a win: nobody else asks. It lives beside the links, as a pair of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from sync_engine.dictionary import Dictionary, Entity, FieldMap
from sync_engine.mapping.values import NUMBERS, number, number_text
from sync_engine.store import Link, Store
from sync_engine.vendors.hubspot import CrmRecord
from sync_engine.wire import write_text

PAIR = "order agreement"
LINE_OWNER = "deal of line"  # index: line item → deal
LINES = "Lines"  # what triggers call the positions
STATE, VALUE, LINE = "state", "value ", "line "
State = Literal["won", "leaving", "left", "merged"]
STATES: dict[str, State] = {"won": "won", "leaving": "leaving", "left": "left", "merged": "merged"}


@dataclass(frozen=True, slots=True)
class Agreed:
    """`state`: `won` while the order is to stand, `leaving` while its cancellation is on the way, `left` once it is cancelled;
    `merged` when the order came with a merge to a deal that was not won: no reason to cancel it.

    `values`: the CRM's values by name of field; `lines`: each position as text, by the id of its line item, in order.
    """

    order: str
    state: State
    values: Mapping[str, str]
    lines: Mapping[str, str]

    def now(self, state: State) -> Agreed:
        return replace(self, state=state)


def is_followed(dictionary: Dictionary) -> bool:
    """Whether any process wants to know about a deal after its order was made."""
    return any(dictionary.processes_of("crm", "order", event) for event in ("changes", "leaves"))


def follows_changes(dictionary: Dictionary) -> bool:
    return bool(dictionary.processes_of("crm", "order", "changes"))


def agreed_on(entity: Entity, order: str, deal: CrmRecord, lines: Iterable[CrmRecord]) -> Agreed:
    """The agreement that an order made of this deal and these positions stands for."""
    return Agreed(order, "won", values_of(entity, deal), {line.id: line_text(entity, line) for line in lines})


def values_of(entity: Entity, deal: CrmRecord) -> dict[str, str]:
    """What the CRM says, by name of field: equal numbers are equal texts."""
    return {field.name: _text(field, deal.get(field.crm.field)) for field in entity.fields if field.owner == "crm"}


def line_text(entity: Entity, line: CrmRecord) -> str:
    fields = entity.lines.fields if entity.lines is not None else ()
    return write_text([_text(field, line.get(field.crm.field)) for field in fields])


def _text(field: FieldMap, value: str) -> str:
    if field.crm.type in NUMBERS:
        try:
            amount = number(value)
        except ValueError:
            return value
        return number_text(amount) if amount is not None else ""
    return value.strip()


def changed_names(entity: Entity, agreed: Agreed, deal: CrmRecord, lines: Iterable[CrmRecord] | None) -> frozenset[str]:
    """Fields that the deal states differently than agreed. `lines` is None where nobody read them."""
    said = values_of(entity, deal)
    names = {name for name, value in said.items() if agreed.values.get(name) != value}
    if lines is not None and {line.id: line_text(entity, line) for line in lines} != dict(agreed.lines):
        names.add(LINES)
    return frozenset(names)


def recall(store: Store, deal_id: str) -> Agreed | None:
    """What was agreed, or None: nothing, or it was never written down."""
    pair = store.linked(PAIR, deal_id)
    return agreed_in(pair) if pair is not None else None


def agreed_in(pair: Link) -> Agreed | None:
    """What a pair of `PAIR` stands for, or None: it was never written down."""
    if pair.shadow is None:
        return None
    parts = {
        prefix: {key.removeprefix(prefix): text for key, text in pair.shadow.items() if key.startswith(prefix)}
        for prefix in (VALUE, LINE)
    }
    return Agreed(pair.erp_id, STATES[pair.shadow[STATE]], parts[VALUE], parts[LINE])


def remember(store: Store, deal_id: str, agreed: Agreed) -> None:
    """Write an agreement down, inside the caller's transaction."""
    shadow: dict[str, str] = {STATE: agreed.state}
    shadow.update({VALUE + name: text for name, text in agreed.values.items()})
    shadow.update({LINE + id: text for id, text in agreed.lines.items()})
    store.link(PAIR, deal_id, agreed.order, shadow)
    remember_lines(store, deal_id, agreed.lines)


def remember_lines(store: Store, deal_id: str, line_ids: Iterable[str]) -> None:
    """Remember whose positions these are, so that a change of one leads to its deal."""
    for id in line_ids:
        store.add_member(LINE_OWNER, id, deal_id)


def deals_of_line(store: Store, line_id: str) -> list[str]:
    return store.members(LINE_OWNER, line_id)
