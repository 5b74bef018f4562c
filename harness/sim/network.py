"""The network between engine and fakes: latency per call from the seed, the client's own timeouts, faults on the way.

A reply that is slower than the client's read timeout raises that client's timeout, while the fake may well have applied the
write. Both doors are here: `SimHttp`, a plain port, and `SimTransport`, for any httpx client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextvars import copy_context
from functools import lru_cache
from random import Random
from urllib.parse import unquote, urlsplit

import msgspec

from harness.kit.call import Call, Disruption, Reply
from harness.kit.clock import Clock
from harness.kit.fake import Fake
from harness.kit.journal import Arrived, Journal
from harness.kit.weather import LatencyWeather
from harness.sim.loop import INCARNATION, VirtualLoop

GIVE_UP_S = 900.0  # a client without a read timeout: its operating system drops a silent connection in the end


class CutOff(ConnectionResetError):
    """The connection died in the middle of the reply's body."""


class Timeouts(msgspec.Struct, frozen=True):
    """A client's own limits in seconds; None waits for ever."""

    connect: float | None = 5.0
    read: float | None = 5.0


OnCall = Callable[[str, Call], bool]


class Network:
    """Carries calls of programs to fakes. `on_call` is asked `before` and `after` each call is applied, True means that the
    caller has just been killed (its reply goes nowhere). `calling` is then the incarnation that made the call."""

    def __init__(self, loop: VirtualLoop, clock: Clock, journal: Journal, random: Random, latency: LatencyWeather) -> None:
        self._loop, self._clock, self._journal, self._random = loop, clock, journal, random
        self._context = copy_context()
        self.latency = latency
        self._fakes: dict[str, Fake] = {}
        self.on_call: OnCall = lambda _phase, _call: False
        self.calling = 0

    def attach(self, base_url: str, fake: Fake) -> None:
        self._fakes[urlsplit(base_url).netloc] = fake

    def fake_at(self, netloc: str) -> Fake:
        """Raises ConnectionRefusedError: a simulation has only its own hosts."""
        fake = self._fakes.get(netloc)
        if fake is None:
            known = ", ".join(sorted(self._fakes))
            raise ConnectionRefusedError(f"no host {netloc!r} in this simulation; its fakes are at {known}")
        return fake

    async def exchange(self, fake: Fake, call: Call, timeouts: Timeouts, *, connect: bool) -> Reply:
        """Send one call. Raises TimeoutError, ConnectionRefusedError, ConnectionResetError (CutOff in mid-body)."""
        outward = self.latency.draw(self._random)
        if connect:
            shake = self.latency.draw(self._random)
            if timeouts.connect is not None and shake > timeouts.connect:
                await asyncio.sleep(timeouts.connect)
                raise TimeoutError("connect")
            outward += shake
        loop = self._loop
        future: asyncio.Future[Reply] = loop.create_future()
        patience = timeouts.read if timeouts.read is not None else GIVE_UP_S
        gives_up = loop.time() + (outward + patience)
        loop.call_later(outward, self._arrive, fake, call, future, INCARNATION.get(), gives_up, context=self._context)
        try:
            return await future
        except TimeoutError:
            self._saw(call, "timeout")
            raise

    def _arrive(self, fake: Fake, call: Call, future: asyncio.Future[Reply], caller: int, gives_up: float) -> None:
        """Answer, and set the client's timer only where the reply comes too late for it, or never."""
        self.calling = caller
        if self.on_call("before", call):
            return  # killed before the request left; one that left earlier arrives although its sender is dead
        try:
            reply = fake.handle(call)
        except BaseException:
            self._loop.call_at(gives_up, _time_out, future, context=self._context)  # a bug of the fake: nobody waits for ever
            raise
        if self.on_call("after", call) or self._loop.is_dead(caller):
            self._saw(call, "gone")
            return
        if reply.disruption is Disruption.LOSE:
            self._loop.call_at(gives_up, _time_out, future, context=self._context)
            return
        back = self.latency.draw(self._random)
        if reply.disruption is not Disruption.REFUSE_CONNECTION:
            back += reply.took.total_seconds() + reply.late_by.total_seconds()
        if self._loop.time() + back >= gives_up:
            self._loop.call_at(gives_up, _time_out, future, context=self._context)
        self._loop.call_later(back, self._deliver, call, reply, future, caller, context=self._context)

    def _deliver(self, call: Call, reply: Reply, future: asyncio.Future[Reply], caller: int) -> None:
        if self._loop.is_dead(caller):
            self._saw(call, "gone")
            return
        if future.done():
            return  # the client gave up; it has noted the timeout itself
        match reply.disruption:
            case None:
                self._saw(call, "reply")
                future.set_result(reply)
            case Disruption.REFUSE_CONNECTION:
                self._saw(call, "refused")
                future.set_exception(ConnectionRefusedError("connection refused"))
            case Disruption.CUT:
                self._saw(call, "cut")
                future.set_exception(CutOff("peer closed the connection in the middle of the body"))
            case _:
                self._saw(call, "reset")
                future.set_exception(ConnectionResetError("connection reset by peer"))

    def _saw(self, call: Call, what: str) -> None:
        if call.number:
            self._journal.add(Arrived(self._clock.now(), call.number, what))


def _time_out(future: asyncio.Future[Reply]) -> None:
    if not future.done():
        future.set_exception(TimeoutError("read"))


@lru_cache(maxsize=256)
def _decoded(path: str) -> str:
    return unquote(path)


class SimHttp:
    """The plain HTTP port of an in-process engine. Keeps connections alive: only the first call to a host pays for a handshake."""

    def __init__(self, network: Network, caller: str) -> None:
        self._network, self._caller = network, caller
        self._idle: dict[str, int] = {}

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        scheme_end = url.index("://") + 3
        path_start = url.find("/", scheme_end)
        netloc = url[scheme_end:] if path_start < 0 else url[scheme_end:path_start]
        path, _, query = ("/" if path_start < 0 else url[path_start:]).partition("?")
        fake = self._network.fake_at(netloc)
        lowered = {name.lower(): value for name, value in headers.items()}
        call = Call(method, _decoded(path) if "%" in path else path, query, lowered, body, self._caller, host=netloc)
        idle = self._idle.get(netloc, 0)
        if idle:
            self._idle[netloc] = idle - 1
        reply = await self._network.exchange(fake, call, Timeouts(timeout_s, timeout_s), connect=not idle)
        self._idle[netloc] = self._idle.get(netloc, 0) + 1
        return reply.status, reply.headers, reply.body
