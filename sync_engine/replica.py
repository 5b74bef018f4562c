"""This engine among the replicas on its store: its name, its leases, and how many live beside it.

Alone on its store an engine holds everything for good, and when it starts it lets go of what an earlier incarnation held.
Among replicas every lease ends: the living renew theirs, and what a dead one held is free after `LEASE`. Their clocks have
to agree within a fraction of that; where they do not, work is done twice, and its effects still once.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

from sync_engine.ports import Clock
from sync_engine.store import Store, StoreError

LEASE = timedelta(seconds=15)  # how long a dead replica's work waits; much longer than anything keeps the loop from turning
TEND_EVERY = LEASE / 3
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


class Replica:
    """`owner` is a name that no other incarnation on this store has. Raises StoreUnavailable, as everything that asks the store.

    A tool that only puts work beside a running engine never calls `begin`.
    """

    def __init__(self, store: Store, clock: Clock, *, shared: bool = False) -> None:
        self._store, self._clock, self.shared = store, clock, shared
        self._held: set[str] = set()
        self.tend_at = clock.now()
        self.count = 1
        self._begun = False
        self.owner = store.new_owner()

    def begin(self) -> None:
        """This engine works from now on, and nobody replaces its store meanwhile. Alone, it lets go of what an earlier incarnation
        held; safe to repeat."""
        if self._begun:
            return
        self._store.use()
        if not self.shared:
            with self._store.transaction():
                self._store.release_all()
        self._begun = True

    def until(self) -> datetime:
        """The end of a lease that begins now."""
        return self._clock.now() + LEASE if self.shared else FOREVER

    def acquire(self, name: str) -> bool:
        """Get the named lease, which is renewed until `release`; False while another replica holds it."""
        if self.shared and not self._store.lease(name, self.owner, self.until(), self._clock.now()):
            self._held.discard(name)
            return False
        self._held.add(name)
        return True

    def take_over(self, name: str) -> None:
        """Get the named lease from whoever holds it, and who finds out within `TEND_EVERY`."""
        if self.shared:
            with self._store.transaction():
                self._store.release_lease(name, self._store.lease_holder(name, self._clock.now()))
                self.acquire(name)

    def release(self, name: str) -> None:
        self._held.discard(name)
        if self.shared:
            with contextlib.suppress(StoreError):  # then it runs out
                self._store.release_lease(name, self.owner)

    def is_held_by_anybody(self, name: str) -> bool:
        """Held by a replica that lives as far as can be told: it renewed the lease when it should have, or the time before."""
        return not self.shared or bool(self._store.lease_holder(name, self._clock.now() + LEASE - 2 * TEND_EVERY))

    def tend(self) -> bool:
        """Where there are replicas, every third of a lease: show a sign of life, renew leases, count the living. False if it was
        not time yet."""
        now = self._clock.now()
        if not self.shared or now < self.tend_at:
            return False
        with self._store.transaction():
            self._store.beat(self.owner, self.until(), now)
            for name in tuple(self._held):
                self.acquire(name)
            self.count = self._store.replicas(now)
        self.tend_at = now + TEND_EVERY
        return True

    def leave(self) -> None:
        """An orderly end: others need not wait for the leases to run out."""
        if self.shared:
            with contextlib.suppress(StoreError), self._store.transaction():
                self._store.release_owner(self.owner)
