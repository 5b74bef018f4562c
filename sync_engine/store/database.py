"""What the store needs of a database: statements with `?` for values, and transactions that exclude each other.

Both drivers let one writing transaction in at a time, so read-then-write inside a transaction means the same on both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Protocol


class Result(Protocol):
    """The outcome of one statement."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


class Database(Protocol):
    """One connection. Every method raises StoreUnavailable when the database does not answer."""

    skip_locked: str  # how a SELECT passes over rows that another connection is just claiming

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Result: ...

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None: ...

    def begin(self) -> None: ...

    def commit(self) -> None: ...

    def rollback(self) -> None:
        """Never raises: a connection that is gone has rolled back."""

    def claim(self, *, alone: bool) -> bool:
        """Say that this connection works on the store, or wants it alone, until `unclaim` or its end; False where others' claims
        forbid that."""

    def unclaim(self) -> None: ...

    def close(self) -> None: ...


class Transaction:
    """What `with store.transaction():` holds: committed at its end, rolled back by anything that is raised."""

    __slots__ = ("_db",)

    def __init__(self, db: Database) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.begin()

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None) -> None:
        if kind is None:
            self._db.commit()
        else:
            self._db.rollback()
