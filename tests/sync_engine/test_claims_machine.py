"""Any history of two replicas, a clock and deaths, against a model in memory: claims exclude each other, and nothing is lost."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from postgres_server import PostgresServer
from stores import Backend, Desk

from harness.kit.clock import ManualClock
from sync_engine.replica import LEASE
from sync_engine.store import LeaseLost, WorkRow

RECORDS, OWNERS = st.sampled_from(["1", "2", "3"]), st.sampled_from([0, 1])
WAITS = st.sampled_from([0, 1, 20, 59, 60, 61, 200])


class Claims(RuleBasedStateMachine):
    """`asked`: how often each open record was asked for; `held`: who holds it, until when, and how often it was asked for then."""

    target: Path | str

    @initialize()
    def open(self) -> None:
        self.clock, self.backend = ManualClock(), Backend(self.target)
        self.desks = [Desk(self.backend.open(), self.clock, shared=True) for _ in range(2)]
        self.desks[0].store.clear()
        self.asked: dict[str, int] = {}
        self.held: dict[str, tuple[int, datetime, int]] = {}
        self.rows: list[dict[str, WorkRow]] = [{}, {}]

    @rule(record=RECORDS, owner=OWNERS)
    def put(self, record: str, owner: int) -> None:
        self.desks[owner].queue.put("order", "order", record)
        self.asked[record] = self.asked.get(record, 0) + 1

    @rule(owner=OWNERS, limit=st.integers(1, 3))
    def take(self, owner: int, limit: int) -> None:
        now = self.clock.now()
        free = {record for record in self.asked if record not in self.held or self.held[record][1] <= now}
        taken = self.desks[owner].queue.take(limit=limit)
        assert {row.record for row in taken} <= free, "somebody else holds it"
        for row in taken:
            self.held[row.record] = (owner, now + LEASE, self.asked[row.record])
            self.rows[owner][row.record] = row

    @rule(owner=OWNERS, record=RECORDS)
    def finish(self, owner: int, record: str) -> None:
        row = self.rows[owner].pop(record, None)
        if row is None:
            return
        if record not in self.asked or self.held.get(record, (None,))[0] != owner:
            with pytest.raises(LeaseLost):
                self.desks[owner].queue.done(row)
            return
        self.desks[owner].queue.done(row)
        if self.held.pop(record)[2] == self.asked[record]:
            del self.asked[record]

    @rule(owner=OWNERS)
    def die(self, owner: int) -> None:
        """Killed and started again: what it held stays held until the leases run out."""
        self.desks[owner].store.close()
        self.desks[owner] = Desk(self.backend.open(), self.clock, shared=True)
        self.rows[owner].clear()
        for record, (holder, until, asked) in list(self.held.items()):
            if holder == owner:
                self.held[record] = (2, until, asked)

    @rule(seconds=WAITS)
    def wait(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    @invariant()
    def nothing_is_lost(self) -> None:
        if hasattr(self, "desks"):
            assert {row.record for row in self.desks[0].store.all_work()} == set(self.asked)

    def teardown(self) -> None:
        if hasattr(self, "desks"):
            self.clock.advance(2 * LEASE)
            assert {row.record for row in self.desks[0].queue.take(limit=100)} == set(self.asked), (
                "what nobody finished is taken up"
            )
            self.backend.close()


def machine(target: Path | str) -> type[Claims]:
    return type("Claims", (Claims,), {"target": target})


def test_any_history_of_claims_on_sqlite() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run_state_machine_as_test(machine(Path(folder) / "s.sqlite3"), settings=settings(max_examples=40, stateful_step_count=30))


def test_any_history_of_claims_on_postgresql(postgres: PostgresServer) -> None:
    url = postgres.new_database("claims")
    run_state_machine_as_test(machine(url), settings=settings(max_examples=15, stateful_step_count=25))
