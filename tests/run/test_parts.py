"""What simulated and live runs have in common: the latest change of a growing journal, and waiting until the world is quiet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

from harness.kit.clock import ManualClock
from harness.kit.journal import Changed, Journal, Marker
from harness.kit.records import RecordStore
from harness.run.parts import LatestChange, until_quiet

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def test_the_latest_change_is_that_of_the_last_record_however_much_else_happens() -> None:
    clock, journal = ManualClock(), Journal()
    store = RecordStore(clock)
    store.on_commit(lambda changes: journal.add(Changed(clock.now(), "crm", changes[0])))
    start = clock.now()
    latest = LatestChange(journal, start)
    assert latest.at() == start
    for _ in range(2):
        clock.advance(MINUTE)
        store.insert("deals", str(clock.now()), {"name": "New"})
        changed_at = clock.now()
        assert latest.at() == changed_at
        clock.advance(MINUTE)
        journal.add(Marker(clock.now(), "quiet"))
        assert latest.at() == latest.at() == changed_at


def wait(reasons: list[str | None], within: timedelta, last_act: timedelta = timedelta(0)) -> tuple[str, timedelta]:
    """Wait with these answers, a second apart, the last one for ever; what was said in the end and how long it took."""
    clock = ManualClock()
    start = clock.now()

    def look() -> Awaitable[str | None]:
        return asyncio.sleep(0, reasons.pop(0) if len(reasons) > 1 else reasons[0])

    async def waiting() -> str:
        return await until_quiet(look, clock, lambda: start + last_act, within, SECOND)

    return asyncio.run(waiting()), clock.now() - start


def test_the_wait_is_over_when_nothing_is_pending_or_when_the_time_is() -> None:
    assert wait([None], MINUTE) == ("", timedelta(0))
    assert wait(["busy", "busy", None], MINUTE) == ("", 2 * SECOND)
    assert wait(["busy"], MINUTE) == ("busy", 61 * SECOND)
    assert wait(["busy"], MINUTE, last_act=10 * SECOND) == ("busy", 71 * SECOND)
