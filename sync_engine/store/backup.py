"""Backup and restore: one portable file for both databases, JSON lines, which is also the way from SQLite to PostgreSQL.

The first line names the format, each further line is a row (`table`, `row` with values by column), and the last one counts them, so
that a file that was cut off is refused. Leases are not in it: they belong to the living.

After a restore the engine looks at everything again. An old backup then loses nothing, because positions are forgotten, and
duplicates nothing, because every create is looked for in the other system by its unique field.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sync_engine.store import Store
from sync_engine.store.leases import INCARNATION
from sync_engine.store.rows import StoreError
from sync_engine.store.schema import MIGRATIONS, TABLES

FORMAT = "sync engine store"
Row = tuple[str, dict[str, Any]]


def back_up(store: Store, path: Path) -> int:
    """Write everything to `path`, which is replaced only once it is complete; the answer is the number of rows. Others may go on
    writing. Raises StoreError."""
    partial = path.with_name(f"{path.name}.partial")
    count = 0
    try:
        with partial.open("w", encoding="utf-8") as file, store.transaction():
            file.write(json.dumps({"format": FORMAT, "schema": len(MIGRATIONS)}) + "\n")
            for table, row in _rows(store):
                file.write(json.dumps({"table": table, "row": row}, ensure_ascii=False) + "\n")
                count += 1
            file.write(json.dumps({"rows": count}) + "\n")
        partial.replace(path)
    except OSError as error:
        raise StoreError(f"{path}: the backup could not be written: {error.strerror or error}") from None
    return count


def restore(store: Store, path: Path, *, force: bool = False) -> int:
    """Fill the store from a backup and have everything looked at again; all or nothing. `force` replaces what is there. The engine
    must not be running. Raises StoreError."""
    rows = _read(path)
    with store.alone(), store.transaction():
        count = _fill(store, rows, force=force)
        _look_at_everything_again(store)
    return count


def migrate(source: Store, target: Store, *, force: bool = False) -> int:
    """Carry everything from one store to another one, positions included; no engine may run on either. Raises StoreError."""
    with source.alone(), target.alone(), source.transaction(), target.transaction():
        return _fill(target, _rows(source), force=force)


def copy_sqlite(source: Path, path: Path) -> None:
    """The file itself, complete and consistent while the engine goes on writing: the fastest way back for SQLite."""
    if not source.is_file():
        raise StoreError(f"{source}: there is no such store")
    try:
        with contextlib.closing(sqlite3.connect(source)) as database, contextlib.closing(sqlite3.connect(path)) as copy:
            database.backup(copy)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: the backup could not be written: {error}") from None


def _rows(store: Store) -> Iterator[Row]:
    for table, columns in TABLES.items():
        for row in store.dump(table):
            yield table, dict(zip(columns, row, strict=True))


def _fill(store: Store, rows: Iterator[Row], *, force: bool) -> int:
    filled = sorted(table for table in TABLES if store.count_rows(table, INCARNATION))
    if filled and not force:
        raise StoreError(f"the store is not empty ({', '.join(filled)}); restore into a new one, or replace it with --force")
    incarnation = store.cursor(INCARNATION)
    store.clear()
    count = 0
    for table, row in rows:
        store.load(table, row)
        count += 1
    store.set_cursor(INCARNATION, str(max(int(incarnation or 0), int(store.cursor(INCARNATION) or 0))))
    return count


def _look_at_everything_again(store: Store) -> None:
    """Forget how far we had looked and what both sides had agreed on: it was true when the backup was made."""
    incarnation = store.cursor(INCARNATION)
    store.forget_positions()
    store.set_cursor(INCARNATION, incarnation)


def _read(path: Path) -> Iterator[Row]:
    """The rows of a backup. Raises StoreError before the first and after the last for what is no complete backup."""
    try:
        with path.open(encoding="utf-8") as file:
            head = _line(path, file.readline())
            if head.get("format") != FORMAT:
                raise StoreError(f"{path}: is no backup of a store")
            if int(head.get("schema", 0)) > len(MIGRATIONS):
                raise StoreError(f"{path}: was written by a newer engine (schema {head['schema']}); update the engine")
            count = 0
            for text in file:
                line = _line(path, text)
                if "rows" in line:
                    if line["rows"] != count:
                        raise StoreError(f"{path}: is damaged: {count} rows instead of {line['rows']}")
                    return
                yield _row(path, line)
                count += 1
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    raise StoreError(f"{path}: is cut off after {count} rows")


def _line(path: Path, text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:
        line = None
    if not isinstance(line, dict):
        raise StoreError(f"{path}: is no backup of a store, or is cut off")
    return line


def _row(path: Path, line: dict[str, Any]) -> Row:
    """Columns that an older engine did not write get their defaults."""
    table, row = line.get("table"), line.get("row")
    if table not in TABLES or not isinstance(row, dict) or not set(row) <= set(TABLES[table]):
        raise StoreError(f"{path}: holds a row that this engine does not know: {str(line)[:80]}")
    return table, row
