"""What the queries of v1 and v2 reads ask for, and the pages they walk: by id, or latest first.

Counts above the maximum are cut down to it, since tools send 250 everywhere; texts of refusals but the 10,000 one are our guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from fake_crm.hubspot.errors import HubSpotError, not_found, validation
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.wire import is_id, ms_of
from harness.kit.call import Call
from harness.kit.records import Record

RECENT_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """`names` None is every property. `history` means whole histories, of the properties in `historic` in any case."""

    names: tuple[str, ...] | None = None
    history: bool = False
    historic: frozenset[str] = frozenset()
    associations: bool = True

    def whole(self, name: str) -> bool:
        return self.history or name in self.historic


EVERYTHING = Wanted()


def listed(call: Call) -> Wanted:
    """What a paged list of deals or companies shows: nothing but ids unless asked (facts 14.3 and 14.5 name the parameters)."""
    asked = _lists(call, "properties", "propertiesWithHistory")
    flags = call.query_dict()
    associations = _is_true(flags, "includeAssociations")
    if _is_true(flags, "includeAllProperties"):
        return Wanted(None, flags.get("allPropertiesFetchMode") != "latest_version", associations=associations)
    names = [*asked["properties"], *asked["propertiesWithHistory"], *(["num_associated_contacts"] if associations else [])]
    return Wanted(tuple(dict.fromkeys(names)), historic=frozenset(asked["propertiesWithHistory"]), associations=associations)


def detailed(call: Call) -> Wanted:
    """What a single deal or company, or a recent one, shows: everything that has a value."""
    return Wanted(history=_is_true(call.query_dict(), "includePropertyVersions"))


def contact_wanted(call: Call, names: tuple[str, ...] | None, *, history: bool) -> Wanted:
    """A contact's `property` and `propertyMode` (`value_only`, `value_and_history`), with what holds when they are absent."""
    mode = call.query_dict().get("propertyMode")
    asked = tuple(dict.fromkeys(_lists(call, "property")["property"]))
    return Wanted(asked or names, history if mode is None else mode == "value_and_history")


def number(call: Call, name: str, default: int, most: int | None = None) -> int:
    """A whole number of the query, at most `most`. Raises HubSpotError 400 for anything else."""
    text = call.query_dict().get(name, "")
    if not text:
        return default
    if not is_id(text) or len(text) > 18:
        raise validation(f"{name} must be a whole number, was {text[:40]}")
    return int(text) if most is None else max(1, min(int(text), most))


def record_of(account: Account, kind: ObjectType, call: Call) -> Record:
    """The live record a path names, or what it became in a merge. Raises HubSpotError 404."""
    record = live_or_survivor(account, kind, call.params["id"])
    if record is None:
        raise not_found()
    return record


def live_or_survivor(account: Account, kind: ObjectType, record_id: str) -> Record | None:
    record = account.live(kind, record_id) or account.merging.survivor(kind, record_id)
    return record if record is not None and not record.archived else None


def live_record_of(account: Account, kind: ObjectType, call: Call) -> Record:
    """The record a path names, to be put into the bin: an id that went under in a merge names none. Raises HubSpotError 404."""
    record = account.live(kind, call.params["id"])
    if record is None:
        raise not_found()
    return record


def page_by_id(account: Account, kind: ObjectType, after: int, limit: int) -> tuple[list[Record], bool]:
    """Live records with ids above `after`, ascending, and whether more follow."""
    page: list[Record] = []
    for found in account.search.ids_after(kind.plural, after + 1):
        record = account.live(kind, str(found))
        if record is None:
            continue
        if len(page) == limit:
            return page, True
        page.append(record)
    return page, False


def latest_first(account: Account, kind: ObjectType, by: str, since: int) -> Iterator[tuple[int, int, Record]]:
    """(epoch ms, id, record) of live records at or after an instant, in no order; compare the first two."""
    for record in account.store.all(kind.plural):
        at = ms_of(record.fields[by]) or 0
        if at >= since and not record.archived:
            yield at, int(record.id), record


def recent_page(account: Account, kind: ObjectType, by: str, call: Call) -> tuple[list[Record], dict[str, Any]]:
    """A page of `recent/modified` or `recent/created`, latest first, and the rest of the answer.

    Raises HubSpotError 400 where the page would pass 10,000 records.
    """
    count, offset = number(call, "count", 20, 100), number(call, "offset", 0)
    if offset + count > RECENT_MAX:
        raise HubSpotError(400, f"Cannot fetch more than {RECENT_MAX} total records for this endpoint")
    found = list(latest_first(account, kind, by, number(call, "since", 0)))
    page = [row[2] for row in nlargest(offset + count, found, key=lambda row: row[:2])[offset:]]
    return page, {"hasMore": len(found) > offset + count, "offset": offset + len(page), "total": len(found)}


def _lists(call: Call, *names: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in names}
    for name, value in call.query_pairs():
        if name in found:
            found[name] += [part for part in value.split(",") if part]
    return found


def _is_true(flags: dict[str, str], name: str) -> bool:
    return flags.get(name, "").lower() == "true"
