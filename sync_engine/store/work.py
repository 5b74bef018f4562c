"""Open work in the store. One item per (process, entity, record); whoever works on it holds a lease, which is part of the row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sync_engine.store.database import Database
from sync_engine.store.rows import LeaseLost, WorkRow

COLUMNS = (
    "work.process, work.entity, work.record, work.not_before, work.attempts, work.generation, work.cause, work.since, work.claim, "
    "work.correlation"
)
MINE = "process = ? AND entity = ? AND record = ? AND lease_owner = ? AND claim = ?"
# An item that waits comes forward, never back. One that somebody works on is due again after it, and its generation tells them so:
# even a lease that ran out counts, because its holder may still finish.
PUT = """
    INSERT INTO work (process, entity, record, not_before, attempts, generation, cause, since, correlation)
    VALUES (?, ?, ?, ?, 0, 1, '', ?, ?)
    ON CONFLICT (process, entity, record) DO UPDATE SET
        generation = work.generation + 1,
        not_before = CASE
            WHEN work.lease_until > excluded.since OR excluded.not_before < work.not_before THEN excluded.not_before
            ELSE work.not_before END
    WHERE work.attempts > 0 OR work.lease_owner <> '' OR excluded.not_before < work.not_before
"""
# Free rows and leases that ran out are found by an index each: what others work on costs nothing, however much it is. Where
# nothing is appended to a column, SQLite would take an index of that column, and walk over all that others hold.
CLAIM = """
    WITH free AS MATERIALIZED (
        SELECT process, entity, record, not_before FROM work WHERE lease_owner = '' AND not_before <= ? {only}
        ORDER BY not_before, process, entity, record LIMIT ? {skip_locked}
    ), lost AS MATERIALIZED (
        SELECT process, entity, record, not_before FROM work
        WHERE lease_owner <> '' AND lease_until <= ? AND not_before || '' <= ? {only_lost}
        ORDER BY lease_until, process, entity, record LIMIT ? {skip_locked}
    ), due AS MATERIALIZED (
        SELECT * FROM free UNION ALL SELECT * FROM lost ORDER BY not_before, process, entity, record LIMIT ?
    )
    UPDATE work SET lease_owner = ?, lease_until = ?, claim = ? FROM due
    WHERE work.process = due.process AND work.entity = due.entity AND work.record = due.record
    RETURNING {columns}
"""
NEXT_DUE = """
    SELECT min(not_before) FROM (
        SELECT min(not_before) AS not_before FROM work WHERE lease_owner = ''
        UNION ALL SELECT min(not_before || '') FROM work WHERE lease_owner <> '' AND lease_until <= ?
    ) AS due
"""
AFTER_NEWS = """
    UPDATE work SET attempts = 0, cause = '', lease_owner = '', lease_until = '',
        not_before = CASE WHEN not_before > ? THEN not_before ELSE ? END
"""
AGAIN = "UPDATE work SET attempts = ?, cause = ?, not_before = ?, lease_owner = '', lease_until = ''"


class WorkTable:
    """Items are put by anybody and claimed by one owner at a time. What an owner writes about an item names the claim."""

    _db: Database

    def put_work(self, process: str, entity: str, record: str, due: datetime, now: datetime, correlation: str = "") -> None:
        self._db.execute(PUT, (process, entity, record, due.isoformat(), now.isoformat(), correlation))

    def claim_work(
        self, owner: str, claim: int, now: datetime, until: datetime, process: str = "", limit: int = 1
    ) -> list[WorkRow]:
        """Take up to `limit` due items that nobody holds, oldest first; `process` names the only kind that is wanted."""
        only, only_lost = ("AND process = ?", "AND process || '' = ?") if process else ("", "")
        sql = CLAIM.format(only=only, only_lost=only_lost, skip_locked=self._db.skip_locked, columns=COLUMNS)
        wanted = [process] if process else []
        at = now.isoformat()
        values = (at, *wanted, limit, at, at, *wanted, limit, limit, owner, until.isoformat(), claim)
        rows = self._db.execute(sql, values).fetchall()
        return sorted((_row(row) for row in rows), key=lambda row: (row.not_before, row.process, row.entity, row.record))

    def renew_work(self, owner: str, rows: Sequence[WorkRow], until: datetime) -> list[WorkRow]:
        """Hold these items longer; the answer is those that somebody else has taken over."""
        sql = f"UPDATE work SET lease_until = ? WHERE {MINE}"  # noqa: S608 - our own words
        return [row for row in rows if self._db.execute(sql, (until.isoformat(), *_mine(owner, row))).rowcount == 0]

    def finish_work(self, owner: str, row: WorkRow, now: datetime) -> bool:
        """Delete the item; False if it stays because somebody asked again meanwhile: then it is due. Raises LeaseLost."""
        mine = _mine(owner, row)
        if self._db.execute(f"DELETE FROM work WHERE {MINE} AND generation = ?", (*mine, row.generation)).rowcount == 1:  # noqa: S608
            return True
        at = now.isoformat()
        if self._db.execute(f"{AFTER_NEWS} WHERE {MINE}", (at, at, *mine)).rowcount == 0:
            raise LeaseLost(f"{row.process} {row.entity} {row.record}")
        return False

    def postpone_work(self, owner: str, row: WorkRow) -> None:
        """Write the row's attempts, cause and next time, and let go of it. Raises LeaseLost."""
        values = (row.attempts, row.cause, row.not_before.isoformat(), *_mine(owner, row))
        if self._db.execute(f"{AGAIN} WHERE {MINE}", values).rowcount == 0:
            raise LeaseLost(f"{row.process} {row.entity} {row.record}")

    def release_work(self, owner: str, rows: Sequence[WorkRow]) -> None:
        """Let go of items unchanged; those that others have taken over are theirs."""
        sql = f"UPDATE work SET lease_owner = '', lease_until = '' WHERE {MINE}"  # noqa: S608 - our own words
        for row in rows:
            self._db.execute(sql, _mine(owner, row))

    def is_worked_on(self, process: str, entity: str, record: str, now: datetime) -> bool:
        sql = "SELECT 1 FROM work WHERE process = ? AND entity = ? AND record = ? AND lease_until > ?"
        return self._db.execute(sql, (process, entity, record, now.isoformat())).fetchone() is not None

    def has_work(self, process: str) -> bool:
        return self._db.execute("SELECT 1 FROM work WHERE process = ? LIMIT 1", (process,)).fetchone() is not None

    def next_due(self, now: datetime) -> datetime | None:
        """When the first item that nobody holds is due."""
        (first,) = self._db.execute(NEXT_DUE, (now.isoformat(),)).fetchone()
        return datetime.fromisoformat(first) if first is not None else None

    def work_by_process(self) -> dict[str, tuple[int, datetime]]:
        """How many items are open, and since when the oldest is."""
        rows = self._db.execute("SELECT process, count(*), min(since) FROM work GROUP BY process ORDER BY process").fetchall()
        return {str(process): (int(number), datetime.fromisoformat(since)) for process, number, since in rows}

    def count_work(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM work").fetchone()[0])

    def all_work(self, limit: int = -1) -> list[WorkRow]:
        """Open items, the oldest due first."""
        only = f"LIMIT {limit}" if limit >= 0 else ""
        rows = self._db.execute(f"SELECT {COLUMNS} FROM work ORDER BY not_before, process, entity, record {only}")  # noqa: S608
        return [_row(row) for row in rows.fetchall()]

    def failing_work(self) -> list[WorkRow]:
        """Items that were tried in vain six times or more (the condition is that of an index)."""
        sql = f"SELECT {COLUMNS} FROM work WHERE attempts >= 6 ORDER BY process, entity, record"  # noqa: S608 - our own words
        return [_row(row) for row in self._db.execute(sql).fetchall()]


def _mine(owner: str, row: WorkRow) -> tuple[str, str, str, str, int]:
    return row.process, row.entity, row.record, owner, row.claim


def _row(row: tuple[Any, ...]) -> WorkRow:
    p, e, r, not_before, attempts, generation, cause, since, claim, correlation = row
    due, began = datetime.fromisoformat(not_before), datetime.fromisoformat(since)
    return WorkRow(p, e, r, due, attempts, generation, cause, began, claim, correlation)
