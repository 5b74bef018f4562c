"""Whole tables out of a store and into one, for backups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync_engine.store.database import Database
from sync_engine.store.schema import TABLES


class Dump:
    """Table names come from `schema.TABLES`, never from outside."""

    _db: Database

    def dump(self, table: str) -> list[tuple[Any, ...]]:
        """Every row, columns as in `schema.TABLES`."""
        columns = ", ".join(TABLES[table])
        return self._db.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}").fetchall()  # noqa: S608 - our own words

    def load(self, table: str, row: Mapping[str, Any]) -> None:
        """Insert one row; columns that are missing get their defaults."""
        columns = [name for name in TABLES[table] if name in row]
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' for _ in columns)})"  # noqa: S608 - our own words
        self._db.execute(sql, [row[name] for name in columns])

    def count_rows(self, table: str, without: str = "") -> int:
        """How many rows a table has; of the cursors, the one named `without` does not count."""
        only = " WHERE name <> ?" if table == "cursors" else ""
        return int(self._db.execute(f"SELECT count(*) FROM {table}{only}", [without] if only else []).fetchone()[0])  # noqa: S608

    def clear(self) -> None:
        """Forget everything."""
        for table in (*TABLES, "leases"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own words

    def forget_positions(self) -> None:
        """Forget how far every look had got, which versions were handled, and what was agreed on. Notes of people stay."""
        self._db.execute("DELETE FROM cursors WHERE name NOT LIKE 'again %'")
        self._db.execute("DELETE FROM seen")
        self._db.execute("UPDATE links SET shadow = ''")
        self._db.execute("UPDATE work SET lease_owner = '', lease_until = ''")
