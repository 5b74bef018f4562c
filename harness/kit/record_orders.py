"""Two orders of one table's records that lists need page by page: by name, and by the time of the last write.

Both are built when first asked for and kept from then on, so that a page costs what it shows and not what the table holds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.kit.record_kinds import Record


class NameOrder:
    """Ids sorted by what `key` makes of them."""

    __slots__ = ("_entries", "_key", "_records")

    def __init__(self, key: Callable[[str], Any], records: dict[str, Record]) -> None:
        self._key, self._records = key, records
        self._entries = sorted((key(record_id), record_id) for record_id in records)

    def add(self, record_id: str) -> None:
        entry = (self._key(record_id), record_id)
        position = bisect_left(self._entries, entry)
        if position == len(self._entries) or self._entries[position] != entry:
            insort(self._entries, entry)

    def discard(self, record_id: str) -> None:
        entry = (self._key(record_id), record_id)
        position = bisect_left(self._entries, entry)
        if position < len(self._entries) and self._entries[position] == entry:
            del self._entries[position]

    def walk(self, *, down: bool = False) -> Iterator[Record]:
        """Records in this order. Nothing may be written while walking."""
        entries = reversed(self._entries) if down else iter(self._entries)
        return (self._records[record_id] for _, record_id in entries)


class Timeline:
    """Every write as (time, id), oldest first. A record counts at its last write; earlier entries of it are passed over.

    Records last written in one instant are in no promised order.
    """

    __slots__ = ("_ids", "_records", "_times")

    def __init__(self, recency: Iterable[str], records: dict[str, Record]) -> None:
        self._records = records
        self._ids = [record_id for record_id in recency if record_id in records]
        self._times = [records[record_id].updated_at for record_id in self._ids]

    @property
    def is_stale(self) -> bool:
        """Whether so many entries are passed over that a new timeline is cheaper."""
        return len(self._ids) > 2 * len(self._records) + 1000

    def add(self, record: Record) -> None:
        """Nearly always at the end: only where time passes inside a transaction may an earlier write be told later."""
        at = record.updated_at
        position = bisect_right(self._times, at) if self._times and at < self._times[-1] else len(self._times)
        self._times.insert(position, at)
        self._ids.insert(position, record.id)

    def count_since(self, since: datetime) -> int:
        """At most so many records were last written at or after `since`."""
        return len(self._times) - bisect_left(self._times, since)

    def walk(self, since: datetime | None = None, *, down: bool = False) -> Iterator[Record]:
        """Records last written at or after `since`, by the time of it. Nothing may be written while walking."""
        first = bisect_left(self._times, since) if since is not None else 0
        positions = range(len(self._times) - 1, first - 1, -1) if down else range(first, len(self._times))
        now, met = None, set[str]()
        for position in positions:
            record_id, at = self._ids[position], self._times[position]
            record = self._records.get(record_id)
            if record is None or record.updated_at != at:
                continue
            if at != now:
                now, met = at, set()
            if record_id not in met:  # written twice in one instant
                met.add(record_id)
                yield record
