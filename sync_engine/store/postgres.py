"""PostgreSQL, for several replicas on one store.

A writing transaction first takes one advisory lock, so transactions exclude each other as they do on SQLite; claims pass over each
other's rows without it. Sessions that go silent inside a transaction are ended by the server: a frozen replica stops nobody.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg

from sync_engine.store.rows import BEING_REPLACED, StoreError, StoreUnavailable
from sync_engine.store.schema import MIGRATIONS, for_postgres, refuse_newer

WRITERS, MIGRATORS, USERS = 7_236_001, 7_236_002, 7_236_003  # keys of the advisory locks
CONNECT_S = 5
PATIENCE = "-c idle_in_transaction_session_timeout=10s -c lock_timeout=10s -c statement_timeout=30s"
PASSING = (psycopg.OperationalError, psycopg.InterfaceError)  # includes deadlocks, timeouts and a lost connection
VERSION_TABLE = "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)"


class Postgres:
    """One connection, made again when it is lost. Raises StoreError for what is no URL and for a newer schema, StoreUnavailable
    where the server, the database or the credentials may yet be put right."""

    skip_locked = "FOR UPDATE SKIP LOCKED"

    def __init__(self, url: str) -> None:
        self._url, self._where = url, _without_password(url)
        self._connection: psycopg.Connection[Any] | None = None
        self._closed = self._claimed = False
        self._inside = False  # a transaction is open: a connection lost now must not be replaced in the middle of it
        try:
            self._migrate(self._connected())
        except StoreUnavailable as error:
            raise StoreUnavailable(f"{error}; check the server, the name of the database and the credentials") from None
        except StoreError:
            self.close()
            raise
        except PASSING as error:
            self.close()
            raise self._lost(error) from None
        except psycopg.Error as error:
            self.close()
            raise StoreError(f"{self._where}: cannot be used as the engine's store: {self._line(error)}") from None

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is not None and not self._connection.closed:
            return self._connection
        if self._closed:
            raise StoreUnavailable(f"{self._where}: the store was closed")
        if self._inside:
            raise StoreUnavailable(f"{self._where}: the connection to the store was lost in the middle of a transaction")
        try:
            self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=CONNECT_S, options=PATIENCE)
        except psycopg.OperationalError as error:
            raise StoreUnavailable(f"{self._where}: the store cannot be reached: {self._line(error)}") from None
        except psycopg.Error as error:
            raise StoreError(f"{self._where}: is no address of a PostgreSQL store: {self._line(error)}") from None
        if self._claimed and not self.claim(alone=False):  # the claim went with the connection that was lost
            self._connection.close()
            raise StoreUnavailable(f"{self._where}: {BEING_REPLACED}")
        return self._connection

    def _migrate(self, connection: psycopg.Connection[Any]) -> None:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATORS,))  # replicas start together: one migrates
            connection.execute(VERSION_TABLE)
            row = connection.execute("SELECT version FROM schema_version").fetchone()
            version = int(row[0]) if row is not None else 0
            refuse_newer(self._where, version)
            for statement in (statement for migration in MIGRATIONS[version:] for statement in migration):
                connection.execute(for_postgres(statement).encode())
            if version < len(MIGRATIONS):
                connection.execute("DELETE FROM schema_version")
                connection.execute("INSERT INTO schema_version VALUES (%s)", (len(MIGRATIONS),))

    def execute(self, sql: str, values: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        try:
            return self._connected().execute(_placeholders(sql), [_storable(value) for value in values])
        except PASSING as error:
            raise self._lost(error) from None

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        try:
            self._connected().cursor().executemany(_placeholders(sql), [[_storable(value) for value in row] for row in rows])
        except PASSING as error:
            raise self._lost(error) from None

    def begin(self) -> None:
        try:
            self._connected().execute(f"BEGIN; SELECT pg_advisory_xact_lock({WRITERS})".encode())
            self._inside = True
        except PASSING as error:
            self.rollback()
            raise self._lost(error) from None

    def commit(self) -> None:
        try:
            self._connected().execute("COMMIT")
            self._inside = False
        except PASSING as error:
            self.rollback()
            raise self._lost(error) from None
        except StoreUnavailable:
            self._inside = False
            raise

    def rollback(self) -> None:
        self._inside = False
        if self._connection is None or self._connection.closed:
            return
        with contextlib.suppress(psycopg.Error):
            self._connection.execute("ROLLBACK")

    def claim(self, *, alone: bool) -> bool:
        """A lock of the session: the server ends it with the connection."""
        self._claimed = False  # no second claim where this one has to connect first
        sql = f"SELECT pg_try_advisory_lock{'' if alone else '_shared'}(?)"
        row = self.execute(sql, (USERS,)).fetchone()
        taken = row is not None and bool(row[0])
        self._claimed = not alone
        return taken

    def unclaim(self) -> None:
        self._claimed = False
        self.execute("SELECT pg_advisory_unlock_all()")

    def close(self) -> None:
        if self._claimed and not self._inside and not self._closed and self._connection is not None and not self._connection.closed:
            with contextlib.suppress(psycopg.Error):  # the server would end it too, but only when it notices that we are gone
                self._connection.execute("SELECT pg_advisory_unlock_all()")
        self._closed = True
        if self._connection is not None:
            self._connection.close()

    def _lost(self, error: psycopg.Error) -> StoreUnavailable:
        return StoreUnavailable(f"{self._where}: the store does not answer: {self._line(error)}")

    def _line(self, error: psycopg.Error) -> str:
        """The first line of what the server or the driver said, without the password."""
        text = (str(error).strip() or type(error).__name__).splitlines()[0].replace(self._url, self._where)
        password = urlsplit(self._url).password
        return text.replace(password, "***").replace(unquote(password), "***") if password else text


@lru_cache(maxsize=256)
def _placeholders(sql: str) -> bytes:
    return sql.replace("%", "%%").replace("?", "%s").encode()


def _storable(value: Any) -> Any:
    """PostgreSQL has no NUL in texts; what a webhook carried is kept as near as can be."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    host = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    return f"postgresql://{f'{parts.username}@' if parts.username else ''}{host}{parts.path}"
