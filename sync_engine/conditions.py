"""What keeps the whole engine from working, as opposed to one record: visible while it lasts, gone by itself when it is over."""

from __future__ import annotations

from contextlib import suppress

from sync_engine.log import Log
from sync_engine.ports import Clock
from sync_engine.store import Store, StoreUnavailable

SYSTEM = "system "  # how such records begin in the list of open errors: `system crm`


class Conditions:
    """Conditions by name (`crm`, `erp`, `setup`). Kept as dead letters, so that a restart and the command line know them too."""

    def __init__(self, store: Store, clock: Clock, log: Log) -> None:
        self._store, self._clock, self._log = store, clock, log
        letters = [letter for letter in store.dead_letters() if letter.record.startswith(SYSTEM)]
        self._open = {letter.record.removeprefix(SYSTEM): letter.cause for letter in letters}

    def set(self, name: str, cause: str, hint: str = "") -> None:
        """Something is wrong. Said once, until it changes or ends. Opens a transaction of its own."""
        if self._open.get(name) == cause:
            return
        self._open[name] = cause
        with suppress(StoreUnavailable), self._store.transaction():  # else it is known here alone
            self._store.bury(SYSTEM + name, cause, hint, self._clock.now(), classification="transient")
        self._log("waiting", condition=name, cause=cause)

    def clear(self, name: str) -> None:
        """It works, or works again. Opens a transaction of its own if anything was wrong."""
        if name not in self._open:
            return
        del self._open[name]
        with suppress(StoreUnavailable), self._store.transaction():
            self._store.resolve(SYSTEM + name)
        self._log("back", condition=name)

    def is_set(self, name: str) -> bool:
        return name in self._open

    def describe(self) -> str | None:
        """Everything that is wrong, in words, or None."""
        return "; ".join(self._open[name] for name in sorted(self._open)) or None
