"""A store of any older version is brought forward with everything in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from stores import NOW

from sync_engine.store import StoreError, open_store
from sync_engine.store.schema import MIGRATIONS, TABLES

AT = NOW.isoformat()
ROWS = {  # of the first version
    "inbox": ("k", "crm", AT, "{}"),
    "work": ("order", "order", "5", AT, 7, 3, "the ERP is away", AT),
    "intents": ("order", "6", AT),
    "links": ("order", "4", "SO-4", '{"a":"b"}'),
    "members": ("invoices", "SO-4", "INV-1"),
    "cursors": ("deals", "17"),
    "seen": ("deals", "4", "v1", AT),
    "dead_letters": ("crm deals 3", "cause", "hint", AT, AT, 2, "open"),
}


def old_file(path: Path, version: int) -> None:
    """A store as the engine of that version left it."""
    database = sqlite3.connect(path)
    for statement in (statement for migration in MIGRATIONS[:version] for statement in migration):
        database.execute(statement)
    for table, row in ROWS.items():
        columns = ", ".join(TABLES[table][: len(row)])
        database.execute(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' for _ in row)})", row)  # noqa: S608 - our own words
    database.execute(f"PRAGMA user_version = {version}")
    database.commit()
    database.close()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_an_older_file_is_brought_forward_with_everything_in_it(tmp_path: Path, version: int) -> None:
    path = tmp_path / "sync_engine.sqlite3"
    old_file(path, version)
    store = open_store(tmp_path)
    for table, row in ROWS.items():
        assert store.dump(table)[0][: len(row)] == row
    (work,) = store.claim_work("a", 1, NOW, NOW)
    assert (work.record, work.attempts, work.generation, work.cause) == ("5", 7, 3, "the ERP is away")
    assert [row.record for row in store.failing_work()] == ["5"]
    store.close()
    open_store(tmp_path).close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sync_engine.sqlite3"
    old_file(path, 1)
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE leases (name TEXT)")  # somebody's own: the second migration cannot make its table
    database.close()
    with pytest.raises(StoreError, match="leases"):
        open_store(path)
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA user_version").fetchone() == (1,)
    assert "lease_owner" not in [row[1] for row in database.execute("PRAGMA table_info(work)")]
    database.close()
