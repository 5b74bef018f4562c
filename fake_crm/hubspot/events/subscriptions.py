"""Where the app's webhooks go, and which events it wants. Source: facts 12.1 and the vendor's webhook documents.

One app has one address for all its events. Subscriptions are the app's, not the account's, so they are no records: nothing here
is journaled as a change, and `state` keeps them for snapshots. An administrator who subscribes to everything does not do it
again for every new custom property or object: such subscriptions are made when they first matter, or when somebody lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct, structs

from fake_crm.hubspot.model.definitions import Definitions
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.types import Types
from fake_crm.hubspot.wire import wire_time
from harness.kit.clock import Clock

CONCURRENCY = 10  # of an app that never said how many calls it takes at once
PROPERTY_CHANGE, GENERIC = "propertyChange", "object"
EVENTS = ("creation", "deletion", "merge", "restore", PROPERTY_CHANGE, "associationChange")
OWN_NAMES = ("contact", "company", "deal", "ticket", "product", "line_item")  # every other type only as `object.*`
EVENT_TYPES = frozenset(
    {
        *(f"{name}.{event}" for name in (*OWN_NAMES, GENERIC) for event in EVENTS),
        *(f"conversation.{event}" for event in ("creation", "deletion", "newMessage", "privacyDeletion", PROPERTY_CHANGE)),
        "contact.privacyDeletion",
        "event.completed",
    }
    - {"product.associationChange"}
)
Key = tuple[str, str, str]  # type id, event, property or empty


class Target(Struct, frozen=True):
    """The app's address, and how many calls it takes at once. Times are wire texts."""

    url: str
    concurrency: int
    created_at: str
    updated_at: str


class Subscription(Struct, frozen=True):
    """One wish. `type_name` is what `object.*` says it is about, as it was given; `property_name` is of a propertyChange only."""

    id: int
    event_type: str
    property_name: str
    type_name: str
    active: bool
    created_at: str
    updated_at: str

    def fits(self, kind: ObjectType, event: str, name: str) -> bool:
        about, _, wanted = self.event_type.partition(".")
        if wanted != event or self.property_name != name:
            return False
        return about == kind.singular or (about == GENERIC and self.type_name.lower() in _names(kind))


class State(NamedTuple):
    """For `remember` and `put_back`."""

    target: Target | None
    secret: str
    rows: dict[int, Subscription]
    last_id: int
    everything: bool
    considered: frozenset[Key]


class Subscriptions:
    """Address and subscriptions of the account's app. `secret` signs; `on_target` hears of every new or forgotten address."""

    def __init__(self, types: Types, definitions: Definitions, clock: Clock, secret: str) -> None:
        self._types, self._definitions, self._clock = types, definitions, clock
        self.on_target: Callable[[], None] = lambda: None
        self.target: Target | None = None
        self.secret = secret
        self.everything = False  # whether an administrator wants all there is
        self._rows: dict[int, Subscription] = {}
        self._last_id = 0
        self._considered: set[Key] = set()
        self._found: dict[Key, tuple[Subscription, ...]] = {}

    # -- the address --------------------------------------------------------------------------------------------------

    def put_target(self, url: str, concurrency: int) -> Target:
        now = wire_time(self._clock.now())
        created = self.target.created_at if self.target is not None else now
        self.target = Target(url, concurrency, created, now)
        self._found.clear()
        self.on_target()
        return self.target

    def clear_target(self) -> None:
        """Nothing is told from now on; the subscriptions wait for another address."""
        self.target = None
        self.on_target()

    def connect(self, url: str, secret: str) -> None:
        """What an administrator sets up for quote-to-cash: `url` gets every event there is."""
        self.secret, self.everything = secret, True
        self.put_target(url, self.target.concurrency if self.target is not None else CONCURRENCY)

    # -- subscriptions ------------------------------------------------------------------------------------------------

    def get(self, number: int) -> Subscription | None:
        return self._rows.get(number)

    def all(self) -> list[Subscription]:
        """Every subscription, oldest first."""
        if self.everything:
            for kind, event, name in self._conceivable():
                self._subscribe_administrator(kind, event, name)
        return list(self._rows.values())

    @property
    def count(self) -> int:
        return len(self._rows)

    def add(self, event_type: str, property_name: str, type_name: str, *, active: bool) -> Subscription:
        self._last_id += 1
        now = wire_time(self._clock.now())
        made = self._rows[self._last_id] = Subscription(
            self._last_id, event_type, property_name, type_name, active, created_at=now, updated_at=now
        )
        self._found.clear()
        return made

    def switch(self, number: int, *, active: bool) -> Subscription:
        """Activate or pause. Raises KeyError for an unknown id."""
        row = self._rows[number]
        if row.active is not active:
            self._rows[number] = row = structs.replace(row, active=active, updated_at=wire_time(self._clock.now()))
            self._found.clear()
        return row

    def remove(self, number: int) -> None:
        self._rows.pop(number, None)
        self._found.clear()

    def wanting(self, kind: ObjectType, event: str, name: str = "") -> tuple[Subscription, ...]:
        """The active subscriptions that an event of a type of record goes to."""
        key = (kind.type_id, event, name)
        found = self._found.get(key)
        if found is not None:
            return found
        if self.everything:
            self._subscribe_administrator(kind, event, name)
        found = tuple(each for each in self._rows.values() if each.active and each.fits(kind, event, name))
        self._found[key] = found
        return found

    # -- an administrator who wants everything --------------------------------------------------------------------------

    def _conceivable(self) -> Iterator[tuple[ObjectType, str, str]]:
        for kind in self._types.all():
            for event in (*EVENTS, "privacyDeletion"):
                if event != PROPERTY_CHANGE:
                    yield kind, event, ""
            for row in self._definitions.rows(kind.plural):
                yield kind, PROPERTY_CHANGE, row["name"]

    def _subscribe_administrator(self, kind: ObjectType, event: str, name: str) -> None:
        """Subscribe once: what is removed afterwards stays removed. Calculated properties are not worth an event."""
        key = (kind.type_id, event, name)
        if key in self._considered:
            return
        about = kind.singular if kind.singular in OWN_NAMES else GENERIC
        event_type = f"{about}.{event}"
        if event == PROPERTY_CHANGE:
            prop = self._definitions.find(kind.plural, name)
            if prop is None or prop.read_only:
                return
        if event_type not in EVENT_TYPES:
            return
        self._considered.add(key)
        if not any(each.fits(kind, event, name) for each in self._rows.values()):
            self.add(event_type, name, kind.type_id if about == GENERIC else "", active=True)

    # -- going back -----------------------------------------------------------------------------------------------------

    def state(self) -> State:
        return State(self.target, self.secret, dict(self._rows), self._last_id, self.everything, frozenset(self._considered))

    def restore(self, state: State) -> None:
        self.target, self.secret, rows, self._last_id, self.everything, considered = state
        self._rows, self._considered = dict(rows), set(considered)
        self.definitions_changed()
        self.on_target()

    def definitions_changed(self) -> None:
        """Look again who wants what: a property or a type was made, changed or archived."""
        self._found.clear()


def _names(kind: ObjectType) -> tuple[str, ...]:
    return (kind.type_id, kind.plural.lower(), kind.singular.lower())


def row_of(each: Subscription) -> dict[str, Any]:
    """A subscription as the vendor shows it: its id is text."""
    row: dict[str, Any] = {"id": str(each.id), "eventType": each.event_type}
    if each.property_name:
        row["propertyName"] = each.property_name
    if each.type_name:
        row["objectTypeId"] = each.type_name
    return {**row, "active": each.active, "createdAt": each.created_at, "updatedAt": each.updated_at}
