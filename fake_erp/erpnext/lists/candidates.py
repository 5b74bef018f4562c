"""Where a query looks for its rows: the way through the records that promises the fewest steps. Every filter is still checked.

a name or a unique value       one step for each value asked for
an indexed link or choice      as many steps as records have it
a range of `modified`          as many steps as records are in it
a page in order of name        about as many steps as the page needs, given how many rows the other ways promise
a page in order of `modified`  the same
anything else                  every record
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.lists.columns import Row, Scope
from fake_erp.erpnext.lists.conditions import Condition, index_key, time_range
from fake_erp.erpnext.wire import fold, modified_from_wire
from harness.kit.clock import EPOCH
from harness.kit.record_kinds import Kind
from harness.kit.records import Record

_SLACK: Final = timedelta(milliseconds=1)  # stamps may run some microseconds ahead of the clock (Site.next_stamp), never behind it
_FOLD: Final = timedelta(hours=2)  # how far a change of the clocks may put local times out of order
_FAR: Final = datetime(9000, 1, 1, tzinfo=UTC)
Stop = Callable[[Record, list[Row]], bool]


@dataclass(frozen=True, slots=True)
class Source:
    """Records to look at. `stop` says that a page which has enough rows needs no more; None: only the end ends it."""

    records: Iterable[Record]
    stop: Stop | None = None
    by_name: bool = False


def candidates(scope: Scope, conditions: list[Condition], order: tuple[str, bool] | None, needed: int) -> Source:
    """`order`: `name` or `modified` and whether it goes down, if the page is sorted by that first; `needed` 0: all rows."""
    site, kind = scope.site, scope.site.store.table(scope.meta.name)
    if kind is None:
        return Source(())
    found = _by_value(scope, kind, conditions)
    if found is not None:
        return Source(found)
    total = len(kind.records)
    index, in_index = _best_index(scope, kind, conditions)
    since, until = _range(site, conditions)
    in_range = kind.timeline().count_since(since) if since is not None else total
    share = max(1, min(in_index, in_range))
    walk = needed * total // share if needed and order is not None else total
    if order is not None and order[0] == "modified" and not order[1]:
        walk = min(walk, needed * in_range // share if needed else total)
    best = min(walk, in_index, in_range)
    if order is not None and needed and walk == best:
        return _walk(site, kind, order, since, until)
    if index is not None and in_index == best:
        return Source(kind.where(*index))
    if since is not None or until is not None:
        return Source(_until(kind.timeline().walk(since), until))
    return Source(kind.records.values())


def count_by_index(scope: Scope, conditions: list[Condition]) -> int | None:
    """How many documents match when an index alone tells it; else None."""
    kind = scope.site.store.table(scope.meta.name)
    if kind is None or scope.joins or len(conditions) > 1:
        return None
    if not conditions:
        return len(kind.records)
    index, found = _best_index(scope, kind, conditions)
    return found if index is not None else None


def _by_value(scope: Scope, kind: Kind, conditions: list[Condition]) -> list[Record] | None:
    for condition in conditions:
        field = condition.column.name
        if not condition.own or condition.column.link is not None or (field != "name" and field not in kind.unique):
            continue
        key = index_key(condition)
        if key is not None:
            hit = kind.find(field, key)
            return [hit] if hit is not None else []
        if condition.operator == "in" and all(isinstance(value, str) and value for value in condition.wanted):
            hits = (kind.find(field, value) for value in sorted(condition.wanted))
            return list({hit.id: hit for hit in hits if hit is not None}.values())
    return None


def _best_index(scope: Scope, kind: Kind, conditions: list[Condition]) -> tuple[tuple[str, str] | None, int]:
    """The most selective equality on an indexed link or choice, whose values are stored in canonical case."""
    best, least = None, len(kind.records)
    for condition in conditions:
        name, key = condition.column.name, index_key(condition)
        if key is None or name not in kind.indexes:
            continue
        value = _canonical(scope, name, key)
        if value is not None:
            count = kind.count_where(name, value)
            if best is None or count < least:
                best, least = (name, value), count
    return best, least


def _canonical(scope: Scope, name: str, key: str) -> str | None:
    field = scope.meta.columns.get(name)
    if field is None:
        return None
    if field.fieldtype == "Select":
        return next((choice for choice in field.choices if fold(choice) == key), None)
    if field.fieldtype != "Link" or field.options not in scope.site.doctypes:
        return None
    target = scope.site.find(field.options, key)
    return target.id if target is not None else None


def _range(site: Site, conditions: list[Condition]) -> tuple[datetime | None, datetime | None]:
    since = until = None
    for condition in conditions:
        low, high = time_range(condition)
        begin = modified_from_wire(low, site.time.zone) if low else None
        end = modified_from_wire(high, site.time.zone) if high else None
        if begin is not None:
            begin = max(begin, EPOCH) - _SLACK
            since = begin if since is None else max(since, begin)
        if end is not None:
            end = min(end, _FAR) + _FOLD
            until = end if until is None else min(until, end)
    return since, until


def _until(records: Iterator[Record], until: datetime | None) -> Iterator[Record]:
    for record in records:
        if until is not None and record.updated_at > until:
            return
        yield record


def _walk(site: Site, kind: Kind, order: tuple[str, bool], since: datetime | None, until: datetime | None) -> Source:
    name, down = order
    if name == "name":
        return Source(kind.by_name(fold).walk(down=down), lambda record, rows: True, by_name=True)
    if down:
        return Source(kind.timeline().walk(since, down=True), _Edge(site, down=True))
    return Source(_until(kind.timeline().walk(since), until), _Edge(site, down=False))


class _Edge:
    """Whether every record from here on lies beyond the rows a page has, in the order of `modified`.

    Records come in the order of the clock, `modified` is the site's local text: they differ by microseconds for writes of one
    instant, and by an hour where the clocks are put back.
    """

    def __init__(self, site: Site, *, down: bool) -> None:
        self._zone, self._down = site.time.zone, down
        self._seen, self._edge = 0, ""
        self._at, self._local = EPOCH, ""  # the instant last looked at, and its local text; empty near a change of the clocks

    def __call__(self, record: Record, rows: list[Row]) -> bool:
        for row in rows[self._seen :]:
            stamp = str(row[0]["modified"])
            if not self._edge or (stamp < self._edge if self._down else stamp > self._edge):
                self._edge = stamp
        self._seen = len(rows)
        if record.updated_at != self._at:
            self._at, self._local = record.updated_at, self._local_text(record.updated_at)
        return bool(self._local) and (self._local < self._edge if self._down else self._local > self._edge)

    def _local_text(self, at: datetime) -> str:
        other = at - _FOLD if self._down else at + _FOLD
        if at.astimezone(self._zone).utcoffset() != other.astimezone(self._zone).utcoffset():
            return ""
        return (at + _SLACK if self._down else at).astimezone(self._zone).replace(tzinfo=None).isoformat(" ", "microseconds")
