"""The engine's memory. Every change is written down here before it is acted on, in short explicit transactions.

SQLite for one engine (or several on one file), PostgreSQL for several: the same methods, the same SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync_engine.store.database import Transaction
from sync_engine.store.dump import Dump
from sync_engine.store.leases import LeaseTable
from sync_engine.store.opening import connect, is_postgres, resolve
from sync_engine.store.records import Records
from sync_engine.store.rows import BEING_REPLACED, DeadLetter, LeaseLost, Link, StoreError, StoreUnavailable, WorkRow
from sync_engine.store.work import WorkTable

__all__ = [
    "DeadLetter",
    "LeaseLost",
    "Link",
    "Store",
    "StoreError",
    "StoreUnavailable",
    "Transaction",
    "WorkRow",
    "is_postgres",
    "open_store",
]


class Store(Records, WorkTable, LeaseTable, Dump):
    """Opens or creates the file `target`, or connects to the `postgresql://` URL. Raises StoreError, later StoreUnavailable."""

    def __init__(self, target: Path | str) -> None:
        self._db = connect(target)

    def transaction(self) -> Transaction:
        """All or nothing. Never await inside: a transaction belongs to one step of one task."""
        return Transaction(self._db)

    def use(self) -> None:
        """Work on this store from now on, until `close`, as others may. Raises StoreUnavailable while somebody has it alone."""
        if not self._db.claim(alone=False):
            raise StoreUnavailable(BEING_REPLACED)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else may work on this store meanwhile. Raises StoreError where somebody does."""
        if not self._db.claim(alone=True):
            raise StoreError("an engine is running on this store; stop it first, then run this again")
        try:
            yield
        finally:
            self._db.unclaim()

    def close(self) -> None:
        """Drop the connection; what is not committed is gone."""
        self._db.close()


def open_store(target: Path | str) -> Store:
    """The store of a state directory, a file, or a `postgresql://` URL. Raises StoreError."""
    return Store(resolve(target))
