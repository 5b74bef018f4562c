"""The engine's process: killed without warning, started again, and what the fakes and webhooks notice of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from harness.kit.journal import Arrived, EngineEvent
from harness.sim.host import EngineHost
from harness.sim.network import SimHttp


class Writer:
    """An engine that writes one note a second and remembers each on a 'disk' that outlives it."""

    def __init__(self, world, disk: list[str]) -> None:
        self._http, self._disk = SimHttp(world.network, "engine"), disk
        self.killed = False

    async def run(self) -> None:
        while True:
            await self._http.send("POST", "https://notes.example/notes", {}, b'{"text":"n"}', 5.0)
            self._disk.append("written")
            await asyncio.sleep(1)

    async def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        await asyncio.sleep(3)
        return 204

    def kill(self) -> None:
        self.killed = True


def events(world) -> list[str]:
    return [entry.event for entry in world.journal.of(EngineEvent)]


def test_a_request_on_its_way_arrives_although_its_sender_is_dead(world) -> None:
    disk: list[str] = []
    host = EngineHost(world.loop, world.clock, world.journal, lambda: Writer(world, disk))
    host.start()
    world.loop.run_until_complete(asyncio.sleep(0.005))
    host.kill("while its first request was on the way")
    world.loop.run_until_complete(asyncio.sleep(10))
    assert world.notes() == ["n"], "the fake applied it"
    assert disk == [], "and the engine never knew"
    assert [entry.seen for entry in world.journal.of(Arrived)] == ["gone"]


def test_it_comes_back_after_a_while_with_the_same_disk(world) -> None:
    disk: list[str] = []
    host = EngineHost(world.loop, world.clock, world.journal, lambda: Writer(world, disk))
    host.start()
    world.loop.run_until_complete(asyncio.sleep(2.5))
    engine, before = host.engine, len(disk)
    host.kill()
    host.restart_in(timedelta(seconds=30))
    world.loop.run_until_complete(asyncio.sleep(29))
    assert (host.up, len(disk)) == (False, before)
    world.loop.run_until_complete(asyncio.sleep(5))
    assert host.up
    assert len(disk) > before
    assert engine.killed, "its handles were dropped"
    assert events(world) == ["started", "crashed", "restarted"]


def test_webhooks_meet_a_closed_door_while_it_is_down_and_a_reset_when_it_dies_over_them(world) -> None:
    host = EngineHost(world.loop, world.clock, world.journal, lambda: Writer(world, []))
    host.start()

    async def call(timeout: float) -> str:
        result = await host.receive("POST", "/hook", {}, b"{}", timedelta(seconds=timeout))
        return result.text

    async def story() -> list[str]:
        answers = [await call(5), await call(1)]
        dying = asyncio.create_task(call(5))
        await asyncio.sleep(0.5)
        host.kill()
        return [*answers, await dying, await call(5)]

    assert world.loop.run_until_complete(story()) == ["204", "timeout", "reset", "refused"]


class Broken:
    async def run(self) -> None:
        raise RuntimeError("no configuration")

    async def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        raise AssertionError("never called")


def test_an_engine_that_dies_at_its_start_is_a_failure_with_its_reason(world) -> None:
    host = EngineHost(world.loop, world.clock, world.journal, Broken)
    host.start()
    world.loop.run_until_complete(asyncio.sleep(1))
    assert "no configuration" in str(host.failure)
    assert not host.restart_due


class DiesLater(Broken):
    async def run(self) -> None:
        await asyncio.sleep(60)
        raise RuntimeError("out of memory")


def test_an_engine_that_dies_later_is_started_again_by_its_supervisor(world) -> None:
    host = EngineHost(world.loop, world.clock, world.journal, DiesLater)
    host.start()
    world.loop.run_until_complete(asyncio.sleep(70))
    assert events(world) == ["started", "died", "restarted"]
    assert host.failure is None


def test_a_webhook_handler_that_raises_is_an_answer_500_and_a_line_in_the_journal(world) -> None:
    host = EngineHost(world.loop, world.clock, world.journal, DiesLater)
    host.start()

    async def call() -> str:
        return (await host.receive("POST", "/hook", {}, b"{}", timedelta(seconds=5))).text

    assert world.loop.run_until_complete(call()) == "500"
    assert "AssertionError: never called" in next(entry.detail for entry in world.journal.of(EngineEvent) if entry.event == "log")


class FailsLate(DiesLater):
    async def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        await asyncio.sleep(10)
        raise ValueError("too late")


def test_what_a_handler_raises_after_the_timeout_is_a_line_in_the_journal(world) -> None:
    host = EngineHost(world.loop, world.clock, world.journal, FailsLate)
    host.start()

    async def call() -> str:
        result = await host.receive("POST", "/hook", {}, b"{}", timedelta(seconds=5))
        await asyncio.sleep(10)
        return result.text

    assert world.loop.run_until_complete(call()) == "timeout"
    assert "ValueError after the vendor had given up: too late" in [entry.detail for entry in world.journal.of(EngineEvent)][-1]
