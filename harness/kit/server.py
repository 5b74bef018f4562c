"""A fake behind a socket: a thin ASGI application that turns HTTP into `Call`s and delivers `Reply`s, their disruptions too.

Nothing is decided here: the fake answers as it does in a simulation, and this file only carries. What a real socket can do, it
really does: a reset is a TCP reset, a cut body is a connection closed half-way, a lost reply is silence.

Not possible over a socket that is already open: refusing the connection. `REFUSE_CONNECTION` is delivered as a reset before any
byte of an answer, which every client library reports as a connection error as well.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import msgspec

from harness.kit.call import Call, Disruption, Outcome, Reply
from harness.kit.fake import Fake
from harness.kit.journal import Arrived

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_BYTES_MAX = 64 * 1024 * 1024
SILENCE_MAX = timedelta(minutes=10)  # how long a lost reply keeps its connection open for a client without a timeout
NO_BODY = frozenset({204, 304})
CONNECTION = "syncproof.connection"  # where `LiveServer` leaves the connection in the ASGI scope's `state`

log = logging.getLogger("syncproof")


class Connection(Protocol):
    """The client's connection, as far as a carrier needs it. `LiveServer` provides it; other ASGI servers do not."""

    @property
    def transport(self) -> asyncio.Transport | None: ...


class Control(Protocol):
    """What answers under the control prefix; see `harness.kit.control`."""

    def wants(self, path: str) -> bool: ...

    def handle(self, call: Call) -> Reply: ...


class CannotBind(OSError):
    """A server cannot listen where it was told to: not this machine's address, no such name, no rights."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host} port {port}: {reason}")
        self.host, self.port = host, port


class PortInUse(CannotBind):
    """The port is taken."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port, "something else listens there already; choose another port, or 0 for any free one")


class TooLarge(Exception):
    """A request body over BODY_BYTES_MAX."""


class ClientGone(Exception):
    """The client left before its request was complete: no server would act on half a request."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How replies are carried. `simulate_delays` waits for `late_by` on the fake's clock; `simulate_took` for `took` as well."""

    simulate_delays: bool = True
    simulate_took: bool = False
    silence_max: timedelta = SILENCE_MAX

    def wait_for(self, reply: Reply) -> timedelta:
        if not self.simulate_delays:
            return timedelta(0)
        return reply.late_by + reply.took if self.simulate_took else reply.late_by


def asgi_app(fake: Fake, control: Control | None = None, delivery: Delivery | None = None) -> AsgiApp:
    """An ASGI 3 application that serves `fake`, and `control` under its own prefix (never journalled, never disturbed)."""
    carrier = _Carrier(fake, delivery or Delivery())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"only HTTP is served here, not {scope['type']}")
        try:
            call = await read_call(scope, receive)
        except TooLarge:
            await send_reply(send, "POST", _plain(413, f"the request body is larger than {BODY_BYTES_MAX} bytes"), close=True)
            return
        except ClientGone:
            return
        if control is not None and control.wants(call.path):
            await send_reply(send, call.method, control.handle(call))
            return
        await carrier.carry(call, scope, receive, send)

    return app


async def read_call(scope: Scope, receive: Receive) -> Call:
    """The request as a `Call`: path percent-decoded once, query raw, header names in lower case. TooLarge, ClientGone."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    body = b""
    if "content-length" in headers or "transfer-encoding" in headers:
        body = await _read_body(receive)
    query = scope["query_string"].decode("latin-1")
    return Call(scope["method"], scope["path"], query, headers, body, host=headers.get("host", ""))


async def _read_body(receive: Receive) -> bytes:
    """The whole body. One that is too large is read on and thrown away for a while, so that the client can hear the refusal."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size <= BODY_BYTES_MAX:
            parts.append(part)
        if not message.get("more_body", False) or size > 4 * BODY_BYTES_MAX:
            break
    if size > BODY_BYTES_MAX:
        raise TooLarge
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def send_reply(send: Send, method: str, reply: Reply, *, close: bool = False) -> None:
    """Send a whole reply."""
    await send({"type": "http.response.start", "status": reply.status, "headers": _headers(reply, close)})
    body = b"" if method == "HEAD" or reply.status in NO_BODY else reply.body
    await send({"type": "http.response.body", "body": body})


_encoded_names: dict[str, bytes] = {}  # header names are few and come with every reply


def _headers(reply: Reply, close: bool = False) -> list[tuple[bytes, bytes]]:
    """The reply's headers on the wire; their names are lower-case by convention of `Reply`."""
    known, headers = _encoded_names, []
    for name, value in reply.headers.items():
        raw = known.get(name)
        if raw is None:
            raw = known[name] = name.encode("latin-1")
        headers.append((raw, value.encode("latin-1", "replace")))
    for cookie in reply.cookies:
        headers.append((b"set-cookie", cookie.encode("latin-1", "replace")))
    if "content-length" not in reply.headers and reply.status not in NO_BODY:
        headers.append((b"content-length", b"%d" % len(reply.body)))
    if close:
        headers.append((b"connection", b"close"))
    return headers


class _Carrier:
    """Carries replies of one fake to their clients, and journals what each client saw."""

    def __init__(self, fake: Fake, delivery: Delivery) -> None:
        self._fake, self._delivery = fake, delivery

    async def carry(self, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        reply = self._answer(call)
        transport = _transport(scope)
        wait = self._delivery.wait_for(reply)
        if wait and await _gone_within(receive, self._fake.clock.sleep(wait)):
            self._arrived(call, "timeout")
            return
        match reply.disruption:
            case None:
                await self._deliver(call, reply, transport, send)
            case Disruption.LOSE:
                await self._lose(call, transport, receive)
            case Disruption.CUT:
                await self._cut(call, reply, transport, receive, send)
            case Disruption.RESET | Disruption.REFUSE_CONNECTION:
                self._arrived(call, "reset")
                await _abort(transport, receive)

    def _answer(self, call: Call) -> Reply:
        try:
            return self._fake.handle(call)
        except Exception as error:  # a bug of the fake must not look like the vendor's own 500
            log.exception("the fake failed on %s %s", call.method, call.path)
            return _plain(500, f"the fake itself failed, which is a bug of syncproof: {type(error).__name__}: {error}")

    async def _deliver(self, call: Call, reply: Reply, transport: asyncio.Transport | None, send: Send) -> None:
        gone = transport is not None and transport.is_closing()
        self._arrived(call, "timeout" if gone else "reply")
        await send_reply(send, call.method, reply)

    async def _lose(self, call: Call, transport: asyncio.Transport | None, receive: Receive) -> None:
        silence = asyncio.sleep(self._delivery.silence_max.total_seconds())
        client_left = await _gone_within(receive, silence)
        self._arrived(call, "timeout")
        if not client_left:
            await _abort(transport, receive)

    async def _cut(self, call: Call, reply: Reply, transport: asyncio.Transport | None, receive: Receive, send: Send) -> None:
        self._arrived(call, "cut")
        await send({"type": "http.response.start", "status": reply.status, "headers": _headers(reply)})
        await send({"type": "http.response.body", "body": reply.body[: len(reply.body) // 2], "more_body": True})
        if transport is None:
            raise ConnectionResetError("the connection was cut in the middle of the body, as a fault asked for")
        transport.close()  # flushes what was written, so that the client really sees half a body
        await _until_gone(receive)

    def _arrived(self, call: Call, seen: str) -> None:
        self._fake.journal.add(Arrived(self._fake.clock.now(), call.number, seen))


def _transport(scope: Scope) -> asyncio.Transport | None:
    connection: Connection | None = scope.get("state", {}).get(CONNECTION)
    return connection.transport if connection is not None else None


async def _abort(transport: asyncio.Transport | None, receive: Receive) -> None:
    """Kill the connection with a TCP reset. Without `LiveServer` the best an application can do is to raise."""
    if transport is None:
        raise ConnectionResetError("the connection was reset, as a fault asked for")
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    """Return when the client has left, whatever it still sends."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _gone_within(receive: Receive, wait: Awaitable[None]) -> bool:
    """Wait; True as soon as the client leaves before the wait is over."""
    gone, over = asyncio.ensure_future(_until_gone(receive)), asyncio.ensure_future(wait)
    try:
        await asyncio.wait({gone, over}, return_when=asyncio.FIRST_COMPLETED)
        return gone.done()
    finally:
        gone.cancel()
        over.cancel()


def _plain(status: int, message: str) -> Reply:
    body = msgspec.json.encode({"status": "error", "message": message})
    return Reply(status, body, {"content-type": "application/json"}, Outcome.NOT_APPLIED)
