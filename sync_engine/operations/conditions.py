"""What keeps the whole engine from working, as opposed to one record: visible while it lasts, gone by itself when it is over."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from sync_engine.operations.log import Log
from sync_engine.ports import Clock
from sync_engine.store import Store, StoreUnavailable

ASK_EVERY = timedelta(minutes=1)
SYSTEM = "system "  # how such records begin in the list of open errors: `system crm`


class Conditions:
    """Conditions by name (`crm`, `erp`, `setup`). Kept as dead letters, so that a restart and the command line know them too."""

    def __init__(self, store: Store, clock: Clock, log: Log) -> None:
        self._store, self._clock, self._log = store, clock, log
        letters = [letter for letter in store.dead_letters() if letter.record.startswith(SYSTEM)]
        self._ask_at: dict[str, datetime] = {}
        self._open = {letter.record.removeprefix(SYSTEM): letter.cause for letter in letters}

    def set(self, name: str, cause: str, hint: str = "") -> None:
        """Something is wrong. Logged once until it ends, in whatever words it goes on. Opens a transaction of its own."""
        before = self._open.get(name)
        if before == cause:
            return
        self._open[name] = cause
        with suppress(StoreUnavailable), self._store.transaction():  # else it is known here alone
            self._store.bury(SYSTEM + name, cause, hint, self._clock.now(), classification="transient")
        if before is None:
            self._log("waiting", condition=name, cause=cause)

    def clear(self, name: str) -> None:
        """It works, or works again. Opens a transaction of its own if anything was wrong."""
        if name not in self._open and not self._is_told_by_another(name):
            return
        self._open.pop(name, None)
        with suppress(StoreUnavailable), self._store.transaction():
            self._store.resolve(SYSTEM + name)
        self._log("back", condition=name)

    def _is_told_by_another(self, name: str) -> bool:
        """A replica that said so may be dead by now. Asked now and then."""
        now = self._clock.now()
        if now < self._ask_at.get(name, now):
            return False
        self._ask_at[name] = now + ASK_EVERY
        with suppress(StoreUnavailable):
            letter = self._store.dead_letter(SYSTEM + name)
            return letter is not None and letter.status == "open"
        return False

    def describe(self) -> str | None:
        """Everything that is wrong, in words, or None."""
        return "; ".join(self._open[name] for name in sorted(self._open)) or None
