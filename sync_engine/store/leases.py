"""Named leases: what only one replica does at a time, and which replicas are alive."""

from __future__ import annotations

from datetime import datetime

from sync_engine.store.database import Database

REPLICA = "replica "
INCARNATION = "incarnation"
LEASE = """
    INSERT INTO leases VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
    WHERE leases.owner = excluded.owner OR leases.until <= ?
"""
NEXT_INCARNATION = """
    INSERT INTO cursors VALUES (?, '1')
    ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(cursors.value AS INTEGER) + 1 AS TEXT) RETURNING value
"""


class LeaseTable:
    """A lease is held until its time is over; its owner may hold it longer or let go of it."""

    _db: Database

    def lease(self, name: str, owner: str, until: datetime, now: datetime) -> bool:
        """Get or renew the lease; False while another owner holds it."""
        return self._db.execute(LEASE, (name, owner, until.isoformat(), now.isoformat())).rowcount == 1

    def lease_holder(self, name: str, now: datetime) -> str:
        """Who holds the lease, or nothing."""
        row = self._db.execute("SELECT owner FROM leases WHERE name = ? AND until > ?", (name, now.isoformat())).fetchone()
        return str(row[0]) if row is not None else ""

    def release_lease(self, name: str, owner: str) -> None:
        self._db.execute("DELETE FROM leases WHERE name = ? AND owner = ?", (name, owner))

    def new_owner(self) -> str:
        """A name that no incarnation of an engine on this store ever had."""
        return f"engine {self._db.execute(NEXT_INCARNATION, (INCARNATION,)).fetchone()[0]}"

    def beat(self, owner: str, until: datetime, now: datetime) -> None:
        """This replica lives, at least until then. Forgets leases that ran out."""
        self._db.execute("DELETE FROM leases WHERE until <= ?", (now.isoformat(),))
        self.lease(REPLICA + owner, owner, until, now)

    def replicas(self, now: datetime) -> int:
        """How many replicas live."""
        sql = f"SELECT count(*) FROM leases WHERE name LIKE '{REPLICA}%' AND until > ?"  # noqa: S608 - our own words
        return int(self._db.execute(sql, (now.isoformat(),)).fetchone()[0])

    def release_owner(self, owner: str) -> None:
        """Let go of everything of an engine that stops."""
        self._db.execute("UPDATE work SET lease_owner = '', lease_until = '' WHERE lease_owner = ?", (owner,))
        self._db.execute("DELETE FROM leases WHERE owner = ?", (owner,))

    def release_all(self) -> None:
        """Let go of everything of everybody: for an engine that knows itself alone on the store."""
        self._db.execute("UPDATE work SET lease_owner = '', lease_until = '' WHERE lease_owner <> ''")
        self._db.execute("DELETE FROM leases")
