"""Without the fast parts (extra `fast`) the same things happen on the socket; and oddities of HTTP that clients really send."""

from __future__ import annotations

import asyncio
import re
import sys

import pytest
import tiny_fake
from tiny_fake import TOKEN, TinyFake

from harness.kit.clock import WallClock
from harness.kit.faults import AnyEffect, CutBody, Fault, LoseReply, ResetConnection
from harness.kit.journal import Arrived, Received
from harness.kit.live_server import LiveServer, loop_factory
from harness.kit.server import asgi_app

AUTH = f"host: x\r\nauthorization: Bearer {TOKEN}\r\n".encode()
READ = b"GET /things HTTP/1.1\r\n" + AUTH + b"\r\n"


@pytest.fixture(params=["fast", "plain"])
def plain(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both servers: with httptools and uvloop, and as if neither were installed."""
    if request.param == "plain":
        monkeypatch.setitem(sys.modules, "uvicorn.protocols.http.httptools_impl", None)
        monkeypatch.setitem(sys.modules, "uvloop", None)
        assert loop_factory() is None


def exchange(request: bytes, *, effect: AnyEffect | None = None, hang_up: bool = False) -> tuple[bytes, bool, TinyFake]:
    """Send raw bytes; what came back until the server closed (or at once, to hang up), whether it was reset, and the fake."""

    async def run() -> tuple[bytes, bool, TinyFake]:
        async with LiveServer() as server:
            fake = tiny_fake.make(WallClock(), server.base_url)
            if effect is not None:
                fake.faults.inject(Fault("crm.*", effect))
            await server.start(asgi_app(fake))
            reader, writer = await asyncio.open_connection(server.host, server.port)
            writer.write(request)
            got, reset = b"", False
            if hang_up:
                while not fake.journal.entries:
                    await asyncio.sleep(0)
                writer.close()
                while not list(fake.journal.of(Arrived)):
                    await asyncio.sleep(0)
            try:
                while part := await reader.read(65536):
                    got += part
            except ConnectionResetError:
                reset = True
            writer.close()
            return got, reset, fake

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(run())


@pytest.mark.usefixtures("plain")
def test_a_reset_is_a_reset() -> None:
    got, reset, _ = exchange(READ, effect=ResetConnection())

    assert (got, reset) == (b"", True)


@pytest.mark.usefixtures("plain")
def test_a_cut_body_is_half_a_body() -> None:
    body = b'{"email":"a@x.test"}'
    post = b"POST /things HTTP/1.1\r\n" + AUTH + b"content-length: %d\r\n\r\n" % len(body) + body
    got, _, fake = exchange(post, effect=CutBody())
    whole = b'{"id":"1","email":"a@x.test"}'

    assert got.endswith(b"\r\n\r\n" + whole[: len(whole) // 2])
    assert b"content-length: %d\r\n" % len(whole) in got
    assert fake.store.count("things") == 1


@pytest.mark.usefixtures("plain")
def test_a_client_that_hangs_up_on_a_lost_reply_is_noticed() -> None:
    got, _, fake = exchange(READ, effect=LoseReply(), hang_up=True)

    assert got == b""
    assert [entry.seen for entry in fake.journal.of(Arrived)] == ["timeout"]


@pytest.mark.usefixtures("plain")
def test_a_client_that_expects_100_continue_is_told_to_go_on() -> None:
    body = b'{"email":"a@x.test"}'
    head = (
        b"POST /things HTTP/1.1\r\nexpect: 100-continue\r\nconnection: close\r\n" + AUTH + b"content-length: %d\r\n\r\n" % len(body)
    )
    got, _, _ = exchange(head + body)

    assert b"HTTP/1.1 201" in got


@pytest.mark.usefixtures("plain")
def test_pipelined_requests_are_answered_in_order() -> None:
    last = READ.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    got, _, fake = exchange(READ + b"GET /nothing HTTP/1.1\r\n" + AUTH + b"\r\n" + last)

    assert re.findall(rb"HTTP/1.1 (\d+)", got) == [b"200", b"404", b"200"]
    assert [entry.path for entry in fake.journal.of(Received)] == ["/things", "/nothing", "/things"]


@pytest.mark.usefixtures("plain")
def test_an_old_client_is_answered_and_its_connection_closed() -> None:
    got, _, _ = exchange(b"GET /things HTTP/1.0\r\n" + AUTH + b"\r\n")

    assert got.split(b"\r\n")[0].endswith(b"200 OK")
    assert got.endswith(b"\r\n\r\n[]")


@pytest.mark.usefixtures("plain")
def test_what_is_no_http_is_refused_and_the_fake_never_hears_of_it() -> None:
    got, _, fake = exchange(b"hello there\r\n\r\n")

    assert b"400 Bad Request" in got
    assert fake.journal.entries == []


@pytest.mark.usefixtures("plain")
def test_repeated_headers_are_joined() -> None:
    request = b"GET /files/a HTTP/1.1\r\nconnection: close\r\nX-Tag: one\r\nx-tag: two\r\n" + AUTH + b"\r\n"
    got, _, _ = exchange(request)

    assert b'"x-tag":"one, two"' in got
