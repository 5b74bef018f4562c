"""The fake behind a real socket: what the client sees for each reply, disruption and oddity of HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import tiny_fake
from tiny_fake import TOKEN, TinyFake

from harness.kit import server as server_module
from harness.kit.call import Call, Reply
from harness.kit.clock import ManualClock, WallClock
from harness.kit.faults import AnyEffect, CutBody, Fault, LateReply, LoseReply, RefuseConnection, ResetConnection, TruncatedJson
from harness.kit.journal import Arrived, Received
from harness.kit.live_server import LiveServer, bind, loop_factory
from harness.kit.server import CannotBind, Delivery, PortInUse, asgi_app

AUTH = {"authorization": f"Bearer {TOKEN}"}


@dataclass
class Live:
    """A tiny fake that is being served, and a client of it."""

    fake: TinyFake
    server: LiveServer
    client: httpx.AsyncClient

    def inject(self, on: str, effect: AnyEffect) -> None:
        self.fake.faults.inject(Fault(f"crm.{on}", effect))

    def seen(self) -> list[str]:
        return [entry.seen for entry in self.fake.journal.of(Arrived)]

    async def raw(self, request: bytes) -> tuple[bytes, bool]:
        """Everything the server sends over a socket of our own, and whether it ended in a reset."""
        reader, writer = await asyncio.open_connection(self.server.host, self.server.port)
        got = b""
        try:
            writer.write(request)
            while part := await reader.read(65536):
                got += part
        except ConnectionResetError:
            return got, True
        finally:
            writer.close()
        return got, False


Story = Callable[[Live], Awaitable[None]]


def tell(story: Story, delivery: Delivery | None = None, *, clock: Any = None) -> None:
    """Serve a tiny fake on a free port while the story runs; the fast event loop where it is installed, as in production."""

    async def run() -> None:
        async with LiveServer() as server:
            fake = tiny_fake.make(clock or WallClock(), server.base_url)
            await server.start(asgi_app(fake, delivery=delivery))
            async with httpx.AsyncClient(base_url=server.base_url, headers=AUTH, trust_env=False) as client:
                await story(Live(fake, server, client))

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(run())


def test_a_client_creates_reads_and_changes_over_the_socket() -> None:
    async def story(live: Live) -> None:
        created = await live.client.post("/things", json={"email": "a@x.test"})
        changed = await live.client.patch("/things/1", json={"colour": "red"})
        read = await live.client.get("/things/1")

        assert (created.status_code, changed.status_code) == (201, 200)
        assert read.json() == {"id": "1", "email": "a@x.test", "colour": "red"}
        assert read.headers["content-type"] == "application/json"
        assert live.seen() == ["reply", "reply", "reply"]

    tell(story)


def test_the_path_is_decoded_once_the_query_stays_raw_and_header_names_are_lower_case() -> None:
    async def story(live: Live) -> None:
        url = "/files/S%C3%A4ge%2Fa%2520b?x=1%202&x=3&empty="
        answer = (await live.client.get(url, headers={"X-Custom-Name": "Wert"})).json()

        assert answer["name"] == "Säge/a%20b"
        assert answer["query"] == [["x", "1 2"], ["x", "3"], ["empty", ""]]
        assert answer["headers"]["x-custom-name"] == "Wert"
        assert next(live.fake.journal.of(Received)).query == "x=1%202&x=3&empty="

    tell(story)


def test_head_has_the_length_of_the_answer_but_no_body_and_options_reaches_the_fake() -> None:
    async def story(live: Live) -> None:
        await live.client.post("/things", json={"email": "a@x.test"})
        whole, head = await live.client.get("/things/1"), await live.client.head("/things/1")
        options = await live.client.options("/things")

        assert head.status_code == 200
        assert head.content == b""
        assert head.headers["content-length"] == str(len(whole.content))
        assert options.headers["allow"] == "GET, POST"

    tell(story)


def test_a_204_has_no_body_and_the_connection_serves_the_next_call() -> None:
    async def story(live: Live) -> None:
        await live.client.post("/things", json={"email": "a@x.test"})
        gone = await live.client.delete("/things/1")
        after = await live.client.get("/things/1")

        assert (gone.status_code, gone.content, "content-length" in gone.headers) == (204, b"", False)
        assert after.status_code == 404

    tell(story)


@pytest.mark.parametrize("effect", [ResetConnection(applied=True), ResetConnection(applied=False), RefuseConnection()])
def test_a_reset_connection_ends_in_a_tcp_reset_without_a_single_byte(effect: AnyEffect) -> None:
    async def story(live: Live) -> None:
        live.inject("list_things", effect)
        request = f"GET /things HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\r\n".encode()

        assert await live.raw(request) == (b"", True)
        assert live.seen() == ["reset"]

    tell(story)


def test_a_client_library_sees_the_reset_as_a_network_error_and_the_write_was_applied() -> None:
    async def story(live: Live) -> None:
        live.inject("create_thing", ResetConnection(applied=True))
        with pytest.raises(httpx.NetworkError):
            await live.client.post("/things", json={"email": "a@x.test"})

        assert [thing.get("email") for thing in live.fake.store.all("things")] == ["a@x.test"]
        assert (await live.client.get("/things/1")).status_code == 200, "the server lives on"

    tell(story)


def test_a_cut_body_announces_all_and_sends_half() -> None:
    async def story(live: Live) -> None:
        await live.client.post("/things", json={"email": "a@x.test"})
        whole = (await live.client.get("/things/1")).content
        live.inject("read_thing", CutBody())
        got, _ = await live.raw(f"GET /things/1 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\r\n".encode())
        head, _, body = got.partition(b"\r\n\r\n")

        assert f"content-length: {len(whole)}".encode() in head
        assert body == whole[: len(whole) // 2]
        live.inject("read_thing", CutBody())
        with pytest.raises(httpx.RemoteProtocolError):
            await live.client.get("/things/1")
        assert live.seen()[-2:] == ["cut", "cut"]

    tell(story)


def test_a_lost_reply_is_silence_until_the_client_gives_up() -> None:
    async def story(live: Live) -> None:
        live.inject("create_thing", LoseReply())
        left = asyncio.Event()
        note = live.fake.journal.add

        def add(entry: Any) -> None:
            note(entry)
            if isinstance(entry, Arrived):
                left.set()

        live.fake.journal.add = add  # type: ignore[method-assign]
        with pytest.raises(httpx.ReadTimeout):
            await live.client.post("/things", json={"email": "a@x.test"}, timeout=httpx.Timeout(5, read=0.05))
        await left.wait()

        assert live.seen() == ["timeout"]
        assert live.fake.store.count("things") == 1, "the write was applied all the same"

    tell(story)


def test_a_client_without_a_timeout_is_let_go_after_the_longest_silence() -> None:
    async def story(live: Live) -> None:
        live.inject("list_things", LoseReply())
        with pytest.raises(httpx.NetworkError):
            await live.client.get("/things", timeout=None)

        assert live.seen() == ["timeout"]

    tell(story, Delivery(silence_max=timedelta(milliseconds=20)))


def test_half_a_json_document_is_complete_http() -> None:
    async def story(live: Live) -> None:
        live.inject("list_things", TruncatedJson())
        reply = await live.client.get("/things")

        assert (reply.status_code, reply.content) == (200, b"[")
        assert live.seen() == ["reply"]

    tell(story)


def test_a_late_reply_is_waited_for_on_the_fakes_clock() -> None:
    clock = ManualClock()
    before = clock.now()

    async def story(live: Live) -> None:
        live.inject("list_things", LateReply(by_ms=90_000))
        assert (await live.client.get("/things")).status_code == 200
        assert clock.now() - before == timedelta(seconds=90)

    tell(story, clock=clock)


def test_a_client_that_leaves_before_a_late_reply_never_gets_it() -> None:
    async def story(live: Live) -> None:
        live.inject("list_things", LateReply(by_ms=600_000))
        with pytest.raises(httpx.ReadTimeout):
            await live.client.get("/things", timeout=httpx.Timeout(5, read=0.05))
        while not live.seen():
            await asyncio.sleep(0)
        assert live.seen() == ["timeout"]

    tell(story)


def test_delays_are_not_waited_for_when_switched_off() -> None:
    clock = ManualClock()
    before = clock.now()

    async def story(live: Live) -> None:
        live.inject("list_things", LateReply(by_ms=90_000))
        assert (await live.client.get("/things")).status_code == 200
        assert clock.now() == before

    tell(story, Delivery(simulate_delays=False), clock=clock)


def test_simulated_processing_time_is_waited_for_only_on_request() -> None:
    reply = Reply(200, took=timedelta(seconds=3), late_by=timedelta(seconds=2))

    assert Delivery().wait_for(reply) == timedelta(seconds=2)
    assert Delivery(simulate_took=True).wait_for(reply) == timedelta(seconds=5)
    assert Delivery(simulate_delays=False, simulate_took=True).wait_for(reply) == timedelta(0)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_cap_is_refused_before_the_fake_hears_of_it(chunked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "BODY_BYTES_MAX", 1000)

    async def parts() -> Any:
        for _ in range(20):
            yield b"x" * 100

    async def story(live: Live) -> None:
        reply = await live.client.post("/things", content=parts() if chunked else b"x" * 1001)

        assert reply.status_code == 413
        assert "1000 bytes" in reply.json()["message"]
        assert live.fake.journal.entries == []

    tell(story)


def test_a_client_that_leaves_in_the_middle_of_its_request_changes_nothing() -> None:
    async def story(live: Live) -> None:
        _, writer = await asyncio.open_connection(live.server.host, live.server.port)
        writer.write(f"POST /things HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 100\r\n\r\n{{".encode())
        await writer.drain()
        writer.close()
        await live.client.get("/things")  # the server has had its turn

        assert [entry.method for entry in live.fake.journal.of(Received)] == ["GET"]

    tell(story)


def test_a_bug_of_the_fake_is_told_apart_from_the_vendors_own_500() -> None:
    async def story(live: Live) -> None:
        reply = await live.client.get("/broken")

        assert reply.status_code == 500
        assert "bug of syncproof" in reply.json()["message"]

    tell(story)


def test_many_calls_on_one_connection_and_on_many_all_arrive() -> None:
    async def story(live: Live) -> None:
        replies = await asyncio.gather(*(live.client.post("/things", json={"email": f"{n}@x.test"}) for n in range(40)))

        assert [reply.status_code for reply in replies] == [201] * 40
        assert sorted(int(reply.json()["id"]) for reply in replies) == list(range(1, 41))

    tell(story)


def test_a_port_in_use_is_an_exception_with_a_sentence() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"cannot listen on 127.0.0.1 port {port}: something else listens there already"):
            LiveServer("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.7", "a" * 70])
def test_an_address_that_is_not_ours_is_named(host: str) -> None:
    with pytest.raises(CannotBind, match="cannot listen on"):
        LiveServer(host, 0)


def test_the_base_url_is_known_before_anything_is_served_and_a_stop_is_safe_to_repeat() -> None:
    async def run() -> None:
        server = LiveServer("localhost", 0)
        assert server.base_url == f"http://localhost:{server.port}"
        await server.stop()
        await server.stop()

    asyncio.run(run())


def test_a_stop_ends_a_call_that_waits_for_a_lost_reply() -> None:
    async def run() -> None:
        async with LiveServer() as server:
            fake = tiny_fake.make(WallClock(), server.base_url)
            fake.faults.inject(Fault("crm.list_things", LoseReply()))
            await server.start(asgi_app(fake))
            async with httpx.AsyncClient(base_url=server.base_url, headers=AUTH, trust_env=False) as client:
                waiting = asyncio.create_task(client.get("/things", timeout=None))
                while not fake.journal.entries:
                    await asyncio.sleep(0)
                await server.stop()
                with pytest.raises(httpx.TransportError):
                    await waiting

    asyncio.run(run())


def test_another_asgi_server_gets_an_exception_where_a_connection_would_die() -> None:
    async def run() -> None:
        fake = tiny_fake.make()
        transport = httpx.ASGITransport(app=asgi_app(fake))
        async with httpx.AsyncClient(base_url="http://x", transport=transport, headers=AUTH) as client:
            fake.faults.inject(Fault("crm.list_things", ResetConnection()))
            with pytest.raises(ConnectionResetError):
                await client.get("/things")
            assert (await client.get("/things")).json() == []

    asyncio.run(run())


def test_control_answers_under_its_prefix_and_the_fake_never_hears_of_it() -> None:
    class Control:
        def wants(self, path: str) -> bool:
            return path.startswith("/_harness")

        def handle(self, call: Call) -> Reply:
            return Reply(200, call.path.encode())

    async def run() -> None:
        fake = tiny_fake.make()
        transport = httpx.ASGITransport(app=asgi_app(fake, Control()))
        async with httpx.AsyncClient(base_url="http://x", transport=transport) as client:
            assert (await client.get("/_harness/anything")).text == "/_harness/anything"
        assert fake.journal.entries == []

    asyncio.run(run())


def test_the_listening_socket_says_that_it_is_tcp_or_asyncio_would_hold_back_every_body_for_40_ms() -> None:
    """An answer is two writes, head and body; without TCP_NODELAY the second waits for the client's delayed acknowledgement."""
    with bind("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
