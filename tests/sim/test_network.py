"""The simulated network: latency, the client's own timeouts, and every way in which a reply does not come."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from harness.kit.faults import CutBody, Fault, LateReply, LoseReply, ProxyPage, RefuseConnection, ResetConnection
from harness.kit.journal import Arrived
from harness.sim.network import SimHttp
from harness.sim.transport import SimTransport

NOTE = {"text": "hello"}


def client(world, **limits) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url="https://notes.example", transport=SimTransport(world.network, "engine", **limits), timeout=10
    )


def post(world, timeout: float = 10) -> httpx.Response:
    async def send() -> httpx.Response:
        return await client(world).post("/notes", json=NOTE, timeout=timeout)

    return world.loop.run_until_complete(send())


def seen(world) -> list[str]:
    return [entry.seen for entry in world.journal.of(Arrived)]


def test_an_httpx_client_reaches_the_fake_and_time_passes_by_the_latency(world) -> None:
    response = post(world)
    assert (response.status_code, response.json()) == (201, {"id": "1"})
    assert world.notes() == ["hello"]
    assert world.loop.time() == pytest.approx(0.030), "handshake, request and reply are 10 ms each"
    assert seen(world) == ["reply"]


def test_a_second_call_on_a_kept_connection_pays_for_no_handshake(world) -> None:
    async def twice() -> float:
        async with client(world) as session:
            await session.post("/notes", json=NOTE)
            before = world.loop.time()
            await session.get("/notes/1")
            return world.loop.time() - before

    assert world.loop.run_until_complete(twice()) == pytest.approx(0.020)


@pytest.mark.parametrize(
    ("effect", "error", "applied", "noted"),
    [
        (LoseReply(), httpx.ReadTimeout, True, "timeout"),
        (LateReply(by_ms=60_000), httpx.ReadTimeout, True, "timeout"),
        (ResetConnection(applied=True), httpx.ReadError, True, "reset"),
        (ResetConnection(applied=False), httpx.ReadError, False, "reset"),
        (CutBody(), httpx.RemoteProtocolError, True, "cut"),
        (RefuseConnection(), httpx.ConnectError, False, "refused"),
    ],
    ids=lambda value: getattr(value, "__name__", None) or type(value).__name__,
)
def test_what_the_client_sees_and_what_really_happened(world, effect, error, applied, noted) -> None:
    world.fake.faults.inject(Fault(on="crm.create_note", effect=effect))
    with pytest.raises(error):
        post(world)
    assert bool(world.notes()) is applied
    assert seen(world) == [noted]
    assert world.fake.faults.not_yet_fired == [], "the fault never fired, so this test proved nothing"


def test_a_proxy_page_hides_a_write_that_was_applied(world) -> None:
    world.fake.faults.inject(Fault(on="crm.create_note", effect=ProxyPage(504, applied=True)))
    response = post(world)
    assert response.status_code == 504
    assert response.text.startswith("<html>")
    assert world.notes() == ["hello"]


def test_a_reply_slower_than_the_read_timeout_is_a_timeout_after_exactly_that_time(world) -> None:
    world.fake.took = timedelta(seconds=8)
    with pytest.raises(httpx.ReadTimeout):
        post(world, timeout=2)
    assert world.loop.time() == pytest.approx(0.020 + 2)
    assert world.notes() == ["hello"], "the fake applied it all the same"


def test_a_client_without_a_timeout_is_let_go_by_its_operating_system(world) -> None:
    world.fake.faults.inject(Fault(on="crm.create_note", effect=LoseReply()))
    with pytest.raises(httpx.ReadTimeout):
        post(world, timeout=None)
    assert world.loop.time() > 800


def test_a_slow_handshake_meets_the_connect_timeout_and_nothing_is_sent(world) -> None:
    async def send() -> None:
        await client(world).post("/notes", json=NOTE, timeout=httpx.Timeout(10, connect=0.001))

    with pytest.raises(httpx.ConnectTimeout):
        world.loop.run_until_complete(send())
    assert world.notes() == []


def test_a_full_pool_meets_the_pool_timeout(world) -> None:
    world.fake.took = timedelta(seconds=5)

    async def crowd() -> str:
        import asyncio

        session = client(world, pool_size=1)
        first = asyncio.create_task(session.get("/notes/1"))
        await asyncio.sleep(0)
        with pytest.raises(httpx.PoolTimeout):
            await session.get("/notes/1", timeout=httpx.Timeout(10, pool=1))
        return str((await first).status_code)

    assert world.loop.run_until_complete(crowd()) == "404"


def test_a_place_in_the_pool_is_handed_on(world) -> None:
    async def crowd() -> list[int]:
        import asyncio

        session = client(world, pool_size=2)
        answers = await asyncio.gather(*(session.post("/notes", json=NOTE) for _ in range(7)))
        return [answer.status_code for answer in answers]

    assert world.loop.run_until_complete(crowd()) == [201] * 7


def test_a_host_outside_the_simulation_is_refused_and_the_known_ones_are_named(world) -> None:
    async def send() -> None:
        await client(world).get("https://api.other.example/x")

    with pytest.raises(httpx.ConnectError, match=r"api\.other\.example.*notes\.example"):
        world.loop.run_until_complete(send())


def test_the_plain_port_raises_built_in_errors(world) -> None:
    world.fake.faults.inject(Fault(on="crm.create_note", effect=LoseReply()))
    http = SimHttp(world.network, "engine")

    async def send() -> tuple[int, object, bytes]:
        return await http.send("POST", "https://notes.example/notes", {}, b'{"text":"hello"}', 4.0)

    with pytest.raises(TimeoutError):
        world.loop.run_until_complete(send())
    assert world.loop.run_until_complete(send())[0] == 201
    assert world.notes() == ["hello", "hello"]


def test_the_plain_port_decodes_the_path_once_and_keeps_the_query(world) -> None:
    http = SimHttp(world.network, "engine")

    async def send() -> None:
        await http.send("GET", "https://notes.example/notes/a%20b?x=%2F1", {"X-Y": "1"}, b"", 4.0)

    world.loop.run_until_complete(send())
    received = next(entry for entry in world.journal.entries if type(entry).__name__ == "Received")
    assert (received.path, received.query) == ("/notes/a b", "x=%2F1")


def test_several_cookies_arrive_as_several_headers(world) -> None:
    def decorate(call, reply) -> None:
        reply.cookies = ["sid=1; Path=/", "system_user=yes; Path=/"]

    world.fake.decorate = decorate
    assert post(world).headers.get_list("set-cookie") == ["sid=1; Path=/", "system_user=yes; Path=/"]
