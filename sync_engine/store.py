"""The engine's memory: one SQLite file. Every change is written down here before it is acted on, in short explicit transactions.

Durability: WAL with synchronous=NORMAL survives the death of the process at any point; the death of the machine may lose the last
transactions, which costs repeated work and never correctness, because webhooks are only hints and polling overlaps.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

from sync_engine.wire import read_json, write_text

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE inbox (
        key TEXT PRIMARY KEY, source TEXT NOT NULL, received_at TEXT NOT NULL, body TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX inbox_age ON inbox (received_at);
    CREATE TABLE work (
        process TEXT NOT NULL, entity TEXT NOT NULL, record TEXT NOT NULL, not_before TEXT NOT NULL, attempts INTEGER NOT NULL,
        generation INTEGER NOT NULL, cause TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (process, entity, record)
    ) WITHOUT ROWID;
    CREATE TABLE intents (
        entity TEXT NOT NULL, crm_id TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (entity, crm_id)
    ) WITHOUT ROWID;
    CREATE TABLE links (
        entity TEXT NOT NULL, crm_id TEXT NOT NULL, erp_id TEXT NOT NULL, shadow TEXT NOT NULL, PRIMARY KEY (entity, crm_id)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX links_by_erp ON links (entity, erp_id);
    CREATE TABLE members (
        relation TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (relation, owner, name)
    ) WITHOUT ROWID;
    CREATE TABLE cursors (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE seen (
        kind TEXT NOT NULL, record TEXT NOT NULL, version TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (kind, record)
    ) WITHOUT ROWID;
    CREATE INDEX seen_age ON seen (at);
    CREATE TABLE dead_letters (
        record TEXT PRIMARY KEY, cause TEXT NOT NULL, hint TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
        attempts INTEGER NOT NULL, status TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
)
BURY = """
    INSERT INTO dead_letters VALUES (?, ?, ?, ?, ?, 1, 'open')
    ON CONFLICT (record) DO UPDATE SET
        cause = excluded.cause, hint = excluded.hint, last_seen = excluded.last_seen, status = 'open',
        first_seen = CASE status WHEN 'open' THEN first_seen ELSE excluded.first_seen END,
        attempts = CASE status WHEN 'open' THEN attempts + 1 ELSE 1 END
"""


class StoreError(RuntimeError):
    """The file cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Link:
    """The pair of records that are the same thing. `shadow`: the values of the target last agreed on, by field; None if unsure."""

    entity: str
    crm_id: str
    erp_id: str
    shadow: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that only a person can put right. Times are ISO 8601 UTC; `status` is `open` or `resolved`."""

    record: str
    cause: str
    hint: str
    first_seen: str
    last_seen: str
    attempts: int
    status: str


@dataclass(slots=True)
class WorkRow:
    """One open item of work, as stored. `generation` grows whenever somebody asks for the same work again."""

    process: str
    entity: str
    record: str
    not_before: datetime
    attempts: int
    generation: int
    cause: str
    since: datetime


class Transaction:
    """What `with store.transaction():` holds: committed at its end, rolled back by anything that is raised."""

    __slots__ = ("_db",)

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")


class Store:
    """Opens or creates `path`. Raises StoreError for a file of a newer version or no database at all."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, cached_statements=64)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._migrate(path)
        except (sqlite3.DatabaseError, OSError) as error:
            raise StoreError(f"{path}: cannot be used as the engine's store: {error}") from None

    def _migrate(self, path: Path) -> None:
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise StoreError(
                f"{path}: was written by a newer engine (schema {version}, this one knows {len(MIGRATIONS)}); update the engine"
            )
        for number in range(version, len(MIGRATIONS)):
            self._db.executescript(f"BEGIN; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;")

    def transaction(self) -> Transaction:
        """All or nothing. Never await inside: a transaction belongs to one step of one task."""
        return Transaction(self._db)

    def close(self) -> None:
        """Drop the connection; what is not committed is gone."""
        self._db.close()

    # -- inbox ----------------------------------------------------------------------------------------------------

    def keep_event(self, key: str, source: str, at: datetime, body: str) -> bool:
        """Keep an event exactly as received; False if it was kept before."""
        row = self._db.execute("INSERT OR IGNORE INTO inbox VALUES (?, ?, ?, ?)", (key, source, at.isoformat(), body))
        return row.rowcount == 1

    # -- work -----------------------------------------------------------------------------------------------------

    def save_work(self, row: WorkRow) -> None:
        values = (
            row.process,
            row.entity,
            row.record,
            row.not_before.isoformat(),
            row.attempts,
            row.generation,
            row.cause,
            row.since.isoformat(),
        )
        self._db.execute("INSERT OR REPLACE INTO work VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)

    def delete_work(self, row: WorkRow) -> None:
        self._db.execute("DELETE FROM work WHERE process = ? AND entity = ? AND record = ?", (row.process, row.entity, row.record))

    def all_work(self) -> list[WorkRow]:
        rows = self._db.execute("SELECT * FROM work ORDER BY not_before, process, entity, record")
        return [WorkRow(p, e, r, datetime.fromisoformat(n), a, g, c, datetime.fromisoformat(s)) for p, e, r, n, a, g, c, s in rows]

    # -- intents and links ----------------------------------------------------------------------------------------

    def intend(self, entity: str, crm_id: str, at: datetime) -> None:
        """Write down that a create is about to be sent."""
        self._db.execute("INSERT OR IGNORE INTO intents VALUES (?, ?, ?)", (entity, crm_id, at.isoformat()))

    def is_intended(self, entity: str, crm_id: str) -> bool:
        return self._db.execute("SELECT 1 FROM intents WHERE entity = ? AND crm_id = ?", (entity, crm_id)).fetchone() is not None

    def forget_intent(self, entity: str, crm_id: str) -> None:
        self._db.execute("DELETE FROM intents WHERE entity = ? AND crm_id = ?", (entity, crm_id))

    def link(self, entity: str, crm_id: str, erp_id: str, shadow: Mapping[str, str] | None) -> None:
        """Remember a pair and end its intent. Replaces an older pair of either side."""
        text = write_text(dict(shadow)) if shadow is not None else ""
        self._db.execute("INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?)", (entity, crm_id, erp_id, text))
        self.forget_intent(entity, crm_id)

    def linked(self, entity: str, crm_id: str) -> Link | None:
        row = self._db.execute("SELECT * FROM links WHERE entity = ? AND crm_id = ?", (entity, crm_id)).fetchone()
        return _link(row) if row is not None else None

    def linked_erp(self, entity: str, erp_id: str) -> Link | None:
        row = self._db.execute("SELECT * FROM links WHERE entity = ? AND erp_id = ?", (entity, erp_id)).fetchone()
        return _link(row) if row is not None else None

    def set_shadow(self, entity: str, crm_id: str, shadow: Mapping[str, str] | None) -> None:
        text = write_text(dict(shadow)) if shadow is not None else ""
        self._db.execute("UPDATE links SET shadow = ? WHERE entity = ? AND crm_id = ?", (text, entity, crm_id))

    def add_member(self, relation: str, owner: str, name: str) -> None:
        """Remember that the ERP document `name` belongs to the order `owner`: an index of ours, never a copy of its values."""
        self._db.execute("INSERT OR IGNORE INTO members VALUES (?, ?, ?)", (relation, owner, name))

    def members(self, relation: str, owner: str) -> list[str]:
        rows = self._db.execute("SELECT name FROM members WHERE relation = ? AND owner = ? ORDER BY name", (relation, owner))
        return [str(row[0]) for row in rows]

    # -- cursors and seen versions --------------------------------------------------------------------------------

    def cursor(self, name: str) -> str:
        row = self._db.execute("SELECT value FROM cursors WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row is not None else ""

    def set_cursor(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?)", (name, value))

    def drop_cursors(self, prefix: str) -> None:
        """Forget every cursor whose name begins so: what a finished job kept."""
        self._db.execute("DELETE FROM cursors WHERE substr(name, 1, ?) = ?", (len(prefix), prefix))

    def unseen(self, kind: str, versions: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Those (record, version) pairs that were not handled yet."""
        select = "SELECT version FROM seen WHERE kind = ? AND record = ?"
        fresh = []
        for record, version in versions:
            row = self._db.execute(select, (kind, record)).fetchone()
            if row is None or row[0] != version:
                fresh.append((record, version))
        return fresh

    def see(self, kind: str, versions: Iterable[tuple[str, str]], at: datetime) -> None:
        text = at.isoformat()
        self._db.executemany(
            "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", [(kind, record, version, text) for record, version in versions]
        )

    def prune(self, before: datetime) -> None:
        """Forget events and seen versions older than `before`: far beyond every overlap, so nothing is handled again for it."""
        self._db.execute("DELETE FROM inbox WHERE received_at < ?", (before.isoformat(),))
        self._db.execute("DELETE FROM seen WHERE at < ?", (before.isoformat(),))

    def ask_again(self, record: str) -> None:
        """Leave a note for the running engine: look at `crm <kind> <id>` again."""
        self.set_cursor(f"again {record}", "")

    def take_requests(self) -> list[str]:
        """The records of such notes, which are gone with the transaction."""
        records = [
            str(row[0]).removeprefix("again ")
            for row in self._db.execute("SELECT name FROM cursors WHERE name LIKE 'again %' ORDER BY name")
        ]
        if records:
            self._db.execute("DELETE FROM cursors WHERE name LIKE 'again %'")
        return records

    # -- dead letters ---------------------------------------------------------------------------------------------

    def bury(self, record: str, cause: str, hint: str, at: datetime) -> None:
        """Open a dead letter, or count one more attempt of an open one."""
        text = at.isoformat()
        self._db.execute(BURY, (record, cause, hint, text, text))

    def resolve(self, record: str) -> bool:
        """Close the dead letter of a record; False if none was open."""
        return (
            self._db.execute("UPDATE dead_letters SET status = 'resolved' WHERE record = ? AND status = 'open'", (record,)).rowcount
            == 1
        )

    def dead_letters(self, *, only_open: bool = True) -> list[DeadLetter]:
        where = "WHERE status = 'open'" if only_open else ""
        return [DeadLetter(*row) for row in self._db.execute(f"SELECT * FROM dead_letters {where} ORDER BY first_seen, record")]  # noqa: S608

    def dead_letter(self, record: str) -> DeadLetter | None:
        row = self._db.execute("SELECT * FROM dead_letters WHERE record = ?", (record,)).fetchone()
        return DeadLetter(*row) if row is not None else None


def _link(row: tuple[str, str, str, str]) -> Link:
    return Link(row[0], row[1], row[2], read_json(row[3].encode()) if row[3] else None)
