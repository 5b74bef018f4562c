"""Killing the engine at await points: a loop that counts them, and the stories that are told once for each.

A point is a step of the event loop in which code of the engine would go on: after every call (sent, applied, answered), every
wait, every lock, every new task.
"""

from __future__ import annotations

from asyncio import Handle, TimerHandle
from collections.abc import Callable, Iterable
from contextvars import Context
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

from world import World

from harness.sim.loop import INCARNATION, VirtualLoop

AT_ONCE, AFTER_A_WHILE = timedelta(milliseconds=1), timedelta(seconds=5)  # at once: while the last call is still on its way


class CountingLoop(VirtualLoop):
    """Counts the engine's steps once it is armed, and kills the incarnation that is about to do the chosen one."""

    def __init__(self) -> None:
        super().__init__()
        self.armed, self.steps, self.die_before = False, 0, 0
        self.die: Callable[[int], None] = lambda incarnation: None

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> Handle:
        return super().call_soon(self._counted(callback, context), *args, context=context)

    def call_at(self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None) -> TimerHandle:
        return super().call_at(when, self._counted(callback, context), *args, context=context)

    def _counted(self, callback: Callable[..., object], context: Context | None) -> Callable[..., object]:
        incarnation = INCARNATION.get() if context is None else context.get(INCARNATION, 0)
        if not incarnation:
            return callback

        def step(*args: Any) -> None:
            if self.armed:
                self.steps += 1
                if self.steps == self.die_before:
                    self.armed = False
                    self.die(incarnation)
                    return
            callback(*args)

        return step


def killing(world: World, die_before: int, die: Callable[[int], None]) -> CountingLoop:
    """The world's loop, which dies before that step once it is armed; 0: never."""
    loop = world.loop
    assert isinstance(loop, CountingLoop)
    loop.die_before, loop.die = die_before, die
    return loop


class Story(Protocol):
    """A world in which the engine is killed at a point."""

    world: World


S = TypeVar("S", bound=Story)


def assert_all_end_well(folder: Path, points: Iterable[int], tell: Callable[[Path, int], S], end: Callable[[S], None]) -> None:
    """Tell the story once for each point, each in a folder of its own; `end` raises AssertionError where one ends badly."""
    failures = []
    for point in points:
        (state_dir := folder / f"{point}").mkdir()
        story = tell(state_dir, point)
        try:
            end(story)
        except AssertionError as failure:
            failures.append(f"killed at point {point}: {failure}")
        finally:
            story.world.close()
    assert not failures, "\n".join(failures)
