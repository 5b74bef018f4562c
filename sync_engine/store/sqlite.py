"""The embedded database: one file.

Durability: WAL with synchronous=NORMAL survives the death of the process at any point; the death of the machine may lose the last
transactions, which costs repeated work and never correctness, because webhooks are only hints and polling overlaps.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sync_engine.store.claims import FileClaim
from sync_engine.store.rows import StoreError, StoreUnavailable
from sync_engine.store.schema import MIGRATIONS, refuse_newer


class Sqlite:
    """Opens or creates `path`. Raises StoreError for a file of a newer version or no database at all."""

    skip_locked = ""  # a writer has the file to itself

    def __init__(self, path: Path) -> None:
        self._path, self._claim = path, FileClaim(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, cached_statements=64)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._migrate()
        except (sqlite3.DatabaseError, OSError) as error:
            cause = getattr(error, "strerror", None) or error
            raise StoreError(f"{path}: cannot be used as the engine's store: {cause}") from None

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def _migrate(self) -> None:
        if self._version() == len(MIGRATIONS):
            return
        self._db.execute("BEGIN IMMEDIATE")  # another replica may be at it: then it is done by the time we are let in
        try:
            version = self._version()
            refuse_newer(str(self._path), version)
            for statement in (statement for migration in MIGRATIONS[version:] for statement in migration):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        except BaseException:
            self._db.close()  # which rolls back
            raise
        self._db.execute("COMMIT")

    def execute(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, values)
        except sqlite3.OperationalError as error:
            raise self._unavailable(error) from None

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        try:
            self._db.executemany(sql, rows)
        except sqlite3.OperationalError as error:
            raise self._unavailable(error) from None

    def begin(self) -> None:
        self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        try:
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self.rollback()
            raise self._unavailable(error) from None

    def rollback(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # nothing is open: some errors (a full disk) have rolled back already
            self._db.execute("ROLLBACK")

    def claim(self, *, alone: bool) -> bool:
        try:
            return self._claim.take(alone=alone)
        except OSError as error:
            raise StoreUnavailable(f"{self._path}: the store cannot be claimed: {error.strerror or error}") from None

    def unclaim(self) -> None:
        self._claim.release()

    def close(self) -> None:
        self._claim.release()
        self._db.close()

    def _unavailable(self, error: sqlite3.Error) -> StoreUnavailable:
        """A locked or full disk passes. A mistake in a statement would too, were it not that tests run every statement."""
        return StoreUnavailable(f"{self._path}: the store does not answer: {error}")
