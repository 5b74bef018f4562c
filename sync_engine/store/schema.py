"""The schema as numbered, forward-only migrations. Written for SQLite; what PostgreSQL spells otherwise is replaced.

A migration that was released is never edited: a store of any older version is brought forward step by step.
"""

from __future__ import annotations

import re

from sync_engine.store.rows import StoreError

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE inbox (
            key TEXT PRIMARY KEY, source TEXT NOT NULL, received_at TEXT NOT NULL, body TEXT NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX inbox_age ON inbox (received_at)",
        """CREATE TABLE work (
            process TEXT NOT NULL, entity TEXT NOT NULL, record TEXT NOT NULL, not_before TEXT NOT NULL, attempts INTEGER NOT NULL,
            generation INTEGER NOT NULL, cause TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (process, entity, record)
        ) WITHOUT ROWID""",
        """CREATE TABLE intents (
            entity TEXT NOT NULL, crm_id TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (entity, crm_id)
        ) WITHOUT ROWID""",
        """CREATE TABLE links (
            entity TEXT NOT NULL, crm_id TEXT NOT NULL, erp_id TEXT NOT NULL, shadow TEXT NOT NULL, PRIMARY KEY (entity, crm_id)
        ) WITHOUT ROWID""",
        "CREATE UNIQUE INDEX links_by_erp ON links (entity, erp_id)",
        """CREATE TABLE members (
            relation TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (relation, owner, name)
        ) WITHOUT ROWID""",
        "CREATE TABLE cursors (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE seen (
            kind TEXT NOT NULL, record TEXT NOT NULL, version TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (kind, record)
        ) WITHOUT ROWID""",
        "CREATE INDEX seen_age ON seen (at)",
        """CREATE TABLE dead_letters (
            record TEXT PRIMARY KEY, cause TEXT NOT NULL, hint TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
            attempts INTEGER NOT NULL, status TEXT NOT NULL
        ) WITHOUT ROWID""",
    ),
    (
        "ALTER TABLE work ADD COLUMN lease_owner TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE work ADD COLUMN lease_until TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE work ADD COLUMN claim INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX work_due ON work (not_before)",
        "CREATE INDEX work_due_by_process ON work (process, not_before)",
        "CREATE INDEX work_stuck ON work (attempts) WHERE attempts >= 6",
        "CREATE TABLE leases (name TEXT PRIMARY KEY, owner TEXT NOT NULL, until TEXT NOT NULL) WITHOUT ROWID",
    ),
    (
        "ALTER TABLE work ADD COLUMN correlation TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE dead_letters ADD COLUMN classification TEXT NOT NULL DEFAULT 'needs a person'",
        "ALTER TABLE dead_letters ADD COLUMN correlation TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE dead_letters ADD COLUMN last_call TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE dead_letters ADD COLUMN note TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE dead_letters ADD COLUMN work TEXT NOT NULL DEFAULT ''",
    ),
    (
        "DROP INDEX work_due_by_process",
        "CREATE INDEX work_free ON work (not_before, process, entity, record) WHERE lease_owner = ''",
        "CREATE INDEX work_free_by_process ON work (process, not_before, entity, record) WHERE lease_owner = ''",
        "CREATE INDEX work_leased ON work (lease_until, process, entity, record) WHERE lease_owner <> ''",
    ),
    (
        "UPDATE work SET process = 'mirror' WHERE process = 'products'",
        "UPDATE dead_letters SET work = 'mirror' || substr(work, 9) WHERE work LIKE 'products %'",
    ),
)
TABLES: dict[str, tuple[str, ...]] = {  # what a backup carries: everything but leases, which belong to the living
    "inbox": ("key", "source", "received_at", "body"),
    "work": ("process", "entity", "record", "not_before", "attempts", "generation", "cause", "since", "correlation"),
    "intents": ("entity", "crm_id", "since"),
    "links": ("entity", "crm_id", "erp_id", "shadow"),
    "members": ("relation", "owner", "name"),
    "cursors": ("name", "value"),
    "seen": ("kind", "record", "version", "at"),
    "dead_letters": (
        *("record", "cause", "hint", "first_seen", "last_seen", "attempts", "status"),
        *("classification", "correlation", "last_call", "note", "work"),
    ),
}


def for_postgres(statement: str) -> str:
    """Texts compare by bytes in every locale: instants as text must sort as instants."""
    return re.sub(r"\bTEXT\b", 'TEXT COLLATE "C"', statement.replace("WITHOUT ROWID", ""))


def refuse_newer(where: str, version: int) -> None:
    """Raises StoreError for a schema that this engine does not know."""
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{where}: was written by a newer engine (schema {version}, this one knows {len(MIGRATIONS)}); update the engine"
        )
