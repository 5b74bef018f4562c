"""The virtual loop: time jumps, deadlocks are found, a killed process does nothing more."""

from __future__ import annotations

import asyncio
import socket
from contextvars import copy_context

import pytest

from harness.sim.loop import INCARNATION, Deadlock, NoSockets, VirtualLoop


def test_ten_virtual_hours_pass_at_once(world) -> None:
    async def nap() -> float:
        await asyncio.sleep(36_000)
        return world.loop.time()

    assert world.loop.run_until_complete(nap()) == 36_000, "had it waited for real, this suite would still be running"


def test_ten_steps_of_a_tenth_of_a_second_end_exactly_at_one_second(world) -> None:
    async def walk() -> None:
        for _ in range(10):
            await asyncio.sleep(0.1)

    world.loop.run_until_complete(walk())
    assert (world.clock.now().second, world.clock.now().microsecond) == (1, 0)


def test_timers_fire_in_order_of_time_then_of_creation(world) -> None:
    fired: list[str] = []
    for name, at in (("late", 2.0), ("first", 1.0), ("second", 1.0)):
        world.loop.call_later(at, fired.append, name)
    world.loop.run_until_complete(asyncio.sleep(3))
    assert fired == ["first", "second", "late"]


def test_waiting_for_what_cannot_come_is_a_deadlock_and_not_a_hang(world) -> None:
    async def wait_forever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock, match="waits for something that cannot come"):
        world.loop.run_until_complete(wait_forever())
    for task in asyncio.all_tasks(world.loop):
        task.cancel()
    world.loop.run_until_complete(asyncio.sleep(0))


def test_a_timeout_fires_at_its_exact_virtual_time(world) -> None:
    async def impatient() -> float:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 2.5)
        return world.loop.time()

    assert world.loop.run_until_complete(impatient()) == 2.5


def test_threads_run_inline(world) -> None:
    async def outsource() -> int:
        return await asyncio.to_thread(lambda: 42)

    assert world.loop.run_until_complete(outsource()) == 42


def test_an_error_in_an_inline_thread_reaches_its_caller(world) -> None:
    async def outsource() -> None:
        await asyncio.to_thread(int, "no number")

    with pytest.raises(ValueError, match="no number"):
        world.loop.run_until_complete(outsource())


def test_opening_a_real_socket_is_refused_with_advice(world) -> None:
    async def dial() -> None:
        with socket.socket() as plug:
            plug.setblocking(False)
            await asyncio.get_running_loop().sock_connect(plug, ("127.0.0.1", 9))

    with pytest.raises(NoSockets, match="--live"):
        world.loop.run_until_complete(dial())


class Process:
    """A program that counts, guards itself with `finally`, and starts children."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    async def run(self) -> None:
        child = asyncio.create_task(self.child())
        try:
            while True:
                self.steps.append("step")
                await asyncio.sleep(1)
        finally:
            self.steps.append("cleanup")
            child.cancel()

    async def child(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            self.steps.append("child")


def start(loop: VirtualLoop, process: Process) -> tuple[int, asyncio.Task[None]]:
    incarnation = loop.new_incarnation()
    context = copy_context()
    context.run(INCARNATION.set, incarnation)
    return incarnation, loop.create_task(process.run(), context=context)


def test_a_killed_process_and_its_children_never_take_another_step_nor_clean_up(world) -> None:
    process = Process()
    incarnation, _ = start(world.loop, process)
    world.loop.run_until_complete(asyncio.sleep(2.2))
    world.loop.kill(incarnation)
    before = list(process.steps)
    world.loop.run_until_complete(asyncio.sleep(60))
    assert process.steps == before
    assert "cleanup" not in process.steps
    assert before.count("child") == 4, "children live in the process too, or the test proves nothing"


def test_killing_one_process_leaves_the_next_one_alone(world) -> None:
    first, second = Process(), Process()
    incarnation, _ = start(world.loop, first)
    _, task = start(world.loop, second)
    world.loop.run_until_complete(asyncio.sleep(1))
    world.loop.kill(incarnation)
    world.loop.run_until_complete(asyncio.sleep(3))
    assert second.steps.count("step") >= 4
    task.cancel()
    world.loop.run_until_complete(asyncio.sleep(0))
    assert second.steps[-1] == "cleanup", "an orderly end still cleans up"


def test_a_result_that_comes_for_a_dead_process_wakes_nobody(world) -> None:
    woken: list[str] = []
    future: asyncio.Future[None] = world.loop.create_future()

    async def wait() -> None:
        await future
        woken.append("woken")

    incarnation = world.loop.new_incarnation()
    context = copy_context()
    context.run(INCARNATION.set, incarnation)
    world.loop.create_task(wait(), context=context)
    world.loop.run_until_complete(asyncio.sleep(0))
    world.loop.kill(incarnation)
    future.set_result(None)
    world.loop.run_until_complete(asyncio.sleep(1))
    assert woken == []
