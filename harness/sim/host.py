"""The process an in-process engine lives in: started, killed without warning, started again on the same store."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from contextvars import Context, copy_context
from datetime import timedelta
from random import Random
from typing import Any, Protocol

from harness.kit.clock import Clock
from harness.kit.journal import EngineEvent, Journal
from harness.kit.weather import LatencyWeather
from harness.kit.webhooks import Delivery, DeliveryResult
from harness.sim.loop import INCARNATION, VirtualLoop

RESTART_AFTER_DEATH = timedelta(seconds=5)  # what a process supervisor does when a service exits on its own
STARTS_IN = timedelta(seconds=1)


class Engine(Protocol):
    """What the host needs; see harness/run/engines.py for the whole contract."""

    async def run(self) -> None: ...

    async def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int: ...


class EngineDied(RuntimeError):
    """The engine's `run` ended or raised within its first second: it never came up."""


class Exited(RuntimeError):
    """The engine called sys.exit: the end of its process, not of ours."""

    def __init__(self, code: object) -> None:
        super().__init__(f"it called sys.exit({code!r})")


class EngineHost:
    """Runs one engine at a time. Everything the engine does happens in a context of its own, so that it can be killed."""

    def __init__(self, loop: VirtualLoop, clock: Clock, journal: Journal, make: Callable[[], Engine], name: str = "") -> None:
        self._loop, self._clock, self._journal, self._make = loop, clock, journal, make
        self.name = name  # which of several replicas it is; empty where there is only one
        self.engine: Engine | None = None
        self.incarnation = 0
        self._lives = 0
        self.restart_due = False
        self.failure: EngineDied | None = None
        self._context: Context = copy_context()
        self._task: asyncio.Task[None] | None = None
        self._started_at = clock.now()
        self._gone: asyncio.Future[None] = loop.create_future()

    @property
    def up(self) -> bool:
        return self.engine is not None

    def start(self) -> None:
        """Bring the engine up. Raises EngineDied when it cannot even be made."""
        self.restart_due = False
        self.incarnation = self._loop.new_incarnation()
        self._lives += 1
        self._context = copy_context()
        self._context.run(INCARNATION.set, self.incarnation)
        self._gone = self._loop.create_future()
        self._started_at = self._clock.now()
        try:
            self.engine = self._context.run(self._make)
        except (Exception, SystemExit) as error:
            raise EngineDied(f"the engine could not be created: {type(error).__name__}: {error}") from error
        self._task = self._loop.create_task(self._run(self.engine), name=f"engine {self.incarnation}", context=self._context)
        watcher = copy_context()
        self._task.add_done_callback(self._ended, context=watcher)
        self._note("started" if self._lives == 1 else "restarted")

    @staticmethod
    async def _run(engine: Engine) -> None:
        try:
            await engine.run()
        except SystemExit as leaving:
            raise Exited(leaving.code) from None

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task is not self._task or self.engine is None:
            return
        error = None if task.cancelled() else task.exception()
        reason = f"{type(error).__name__}: {error}" if error is not None else "run() returned"
        early = self._clock.now() - self._started_at < STARTS_IN
        self._drop()
        self._note("died", reason)
        if early and self._lives == 1:
            self.failure = EngineDied(f"the engine stopped as soon as it was started: {reason}")
            return
        self.restart_in(RESTART_AFTER_DEATH)

    def kill(self, detail: str = "") -> None:
        """The process dies now: nothing after its await points runs, open store handles drop what was not committed."""
        if self.engine is None:
            return
        engine = self.engine
        self._loop.kill(self.incarnation)
        self._drop()
        self._note("crashed", detail)
        drop_handles = getattr(engine, "kill", None)
        if drop_handles is not None:
            drop_handles()

    def _drop(self) -> None:
        self.engine = None
        if not self._gone.done():
            self._gone.set_result(None)

    def restart_in(self, wait: timedelta) -> None:
        self.restart_due = True
        self._loop.call_later(wait.total_seconds(), self._restart, context=copy_context())

    def _restart(self) -> None:
        if self.engine is None:
            self.start()

    async def stop(self) -> None:
        """An orderly end: cancel and wait."""
        if self.engine is None or self._task is None:
            return
        engine, task = self.engine, self._task
        self.engine = None
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
        drop_handles = getattr(engine, "kill", None)
        if drop_handles is not None:
            drop_handles()

    # -- asked of the engine --------------------------------------------------------------------------------------

    def ask(self, name: str, default: Any) -> Any:
        """The result of one of the engine's optional methods, or `default` where it is down or has none."""
        method = getattr(self.engine, name, None)
        return self._context.run(method) if method is not None else default

    async def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes, timeout: timedelta) -> DeliveryResult:
        """Hand a webhook call to the engine."""
        if self.engine is None:
            return DeliveryResult(None, "refused")
        gone = self._gone
        answer = self._answer(self.engine, method, path, headers, body)
        handling = self._loop.create_task(answer, name="webhook", context=self._context)
        waiting: set[asyncio.Future[Any]] = {handling, gone}
        done, _ = await asyncio.wait(waiting, timeout=timeout.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
        if handling in done:
            error = handling.exception() if not handling.cancelled() else None
            if isinstance(error, Exited):
                self.kill(str(error))
                self.restart_in(RESTART_AFTER_DEATH)
                return DeliveryResult(None, "reset")
            if error is not None:
                self._note("log", f"webhook handler raised {type(error).__name__}: {error}")
                return DeliveryResult(500)
            return DeliveryResult(handling.result() if not handling.cancelled() else 500)
        handling.add_done_callback(self._late, context=copy_context())
        return DeliveryResult(None, "reset" if gone in done else "timeout")

    def _late(self, handling: asyncio.Task[int]) -> None:
        """A handler that ends after the vendor stopped listening: what it raised goes to the journal, not to the screen."""
        error = handling.exception() if not handling.cancelled() else None
        if error is not None:
            self._note("log", f"webhook handler raised {type(error).__name__} after the vendor had given up: {error}")

    @staticmethod
    async def _answer(engine: Engine, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        try:
            return await engine.receive(method, path, headers, body)
        except SystemExit as leaving:
            raise Exited(leaving.code) from None

    def _note(self, event: str, detail: str = "") -> None:
        said = ": ".join(filter(None, (self.name, detail)))
        self._journal.add(EngineEvent(self._clock.now(), event, said))


class Receiver(Protocol):
    """Whoever takes webhook calls: one process, or several behind one address."""

    async def receive(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, timeout: timedelta
    ) -> DeliveryResult: ...


class WebhookCarrier:
    """Carries a fake's webhook deliveries to the engine, with latency."""

    def __init__(self, host: Receiver, latency: LatencyWeather, random: Random) -> None:
        self._host, self._latency, self._random = host, latency, random

    async def post(self, delivery: Delivery) -> DeliveryResult:
        await asyncio.sleep(self._latency.draw(self._random))
        path = "/" + delivery.url.split("://", 1)[-1].partition("/")[2]
        result = await self._host.receive(delivery.method, path, delivery.headers, delivery.body, delivery.timeout)
        if result.failure != "timeout":
            await asyncio.sleep(self._latency.draw(self._random))
        return result
