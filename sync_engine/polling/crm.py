"""What changed in HubSpot: search by modified date, over an index that lags, shows 10,000 rows at most and no archived record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sync_engine.bins import binned, set_binned
from sync_engine.context import Context
from sync_engine.dictionary import System
from sync_engine.polling.watch import write_down
from sync_engine.vendors.hubspot import CrmRecord, InstantPage, modified_property

SEARCH_ROWS_MAX = 9_600  # below HubSpot's 10,000 per query: then start a new query at the last row's date
DEEP_EVERY, DEEP_OVERLAP = timedelta(hours=1), timedelta(minutes=75)  # the index was seen to lag by an hour (facts 8.3)
SETTLED = timedelta(minutes=2)  # a change that is younger may be on its way to us by webhook


class CrmWatch:
    """Records of one kind that changed since the cursor. `look` turns a record into work; False: it asks for none."""

    system: System = "crm"

    def __init__(
        self, context: Context, kind: str, properties: Sequence[str], look: Callable[[CrmRecord], bool], every: int = 1
    ) -> None:
        self.c, self.kind, self.every = context, kind, every
        self.name = f"crm {kind}"
        self._properties, self._look, self._modified = list(properties), look, modified_property(kind)
        self._deep_at = datetime.min.replace(tzinfo=UTC)

    async def look(self) -> bool:
        cursor = int(self.c.store.cursor(self.kind) or 0)
        now = self.c.clock.now()
        deep = now - self._deep_at >= DEEP_EVERY
        overlap = max(self.c.settings.overlap, DEEP_OVERLAP) if deep else self.c.settings.overlap
        since, after, rows, newest, missed = max(cursor - _ms(overlap), 0), None, 0, cursor, False
        while True:
            page, after = await self.c.crm.search_modified(self.kind, since, self._properties, after)
            rows += len(page)
            dates = [epoch_ms(record.get(self._modified)) for record in page]
            newest = max([newest, *dates])
            missed = self._write_down(page, newest if after is None and newest != cursor else None) or missed
            if after is None:
                break
            if rows >= SEARCH_ROWS_MAX:
                last = min(dates)  # the index may sort a row by an older date than the one it shows: never past what was read
                if last <= since:  # one bulk edit stamped them all alike
                    missed = await self._instant(since) or missed
                    last = since + 1
                since, after, rows = last, None, 0
        self._deep_at = now if deep else self._deep_at
        return missed

    async def _instant(self, at_ms: int) -> bool:
        """Everything of one millisecond, by id: more of it than a search shows."""
        behind, missed = "0", False
        while True:
            page, _ = await self.c.crm.search_modified(self.kind, at_ms, self._properties, None, InstantPage(at_ms, behind))
            if not page:
                return missed
            missed = self._write_down(page, None) or missed
            behind = max((record.id for record in page), key=int)

    def _write_down(self, page: Sequence[CrmRecord], cursor: int | None) -> bool:
        def version(record: CrmRecord) -> tuple[str, str]:
            return record.id, record.get(self._modified)

        oldest_told_ms = epoch_ms((self.c.clock.now() - SETTLED).isoformat())

        def look(record: CrmRecord) -> bool:
            return self._look(record) and epoch_ms(record.get(self._modified)) < oldest_told_ms

        return write_down(self.c, self.kind, page, version, look, (self.kind, str(cursor)) if cursor is not None else None)


class ArchiveWatch:
    """Linked records that went into the recycle bin: search does not show them, and a webhook may be lost."""

    system: System = "crm"

    def __init__(
        self,
        context: Context,
        kind: str,
        look: Callable[[str], bool],
        every: int = 6,
        back: Callable[[str], None] = lambda id: None,
    ) -> None:
        """`back` is told what has left the bin: a restore does not move a record's date, so no search shows it."""
        self.c, self.kind, self.every, self._look, self._back = context, kind, every, look, back
        self.name = f"crm archived {kind}"

    async def look(self) -> bool:
        after: str | None = None
        there: set[str] = set()
        while True:
            rows, after = await self.c.crm.archived_page(self.kind, after)
            there.update(row[0] for row in rows)
            write_down(self.c, f"archived {self.kind}", rows, lambda row: row, lambda row: self._look(row[0]), None)
            if after is None:
                self._note_restored(there)
                return False

    def _note_restored(self, now: set[str]) -> None:
        store = self.c.store
        before = binned(store, self.kind)
        if before != now:
            with store.transaction():
                for id in sorted(before - now):
                    self._back(id)
                set_binned(store, self.kind, now)


def epoch_ms(text: str) -> int:
    """HubSpot's ISO instant (fraction omitted when zero) or epoch text as milliseconds; 0 for nothing."""
    if text.isdigit():
        return int(text)
    if not text:
        return 0
    return _ms(datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime(1970, 1, 1, tzinfo=UTC))


def _ms(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)
