"""A reply with several cookies, on a socket and in a simulation; and what answers before anything is routed."""

from __future__ import annotations

import asyncio

import httpx
import tiny_fake
from tiny_fake import TinyFake, call

from harness.kit.call import Call, Reply
from harness.kit.clock import WallClock
from harness.kit.journal import Decided
from harness.kit.live_server import LiveServer, loop_factory
from harness.kit.server import asgi_app

COOKIES = ["sid=abc; HttpOnly; Path=/", "full_name=Erika%20M; Path=/", "user_image=; Path=/"]


def baking(fake: TinyFake) -> TinyFake:
    """The fake, with the same cookies on every answer."""

    def decorate(call: Call, reply: Reply) -> None:
        reply.cookies = COOKIES

    fake.decorate = decorate
    return fake


def test_every_cookie_is_a_header_of_its_own_on_the_socket() -> None:
    async def get() -> httpx.Response:
        async with LiveServer() as server:
            await server.start(asgi_app(baking(tiny_fake.make(WallClock(), server.base_url))))
            async with httpx.AsyncClient(trust_env=False) as client:
                return await client.get(f"{server.base_url}/things")

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        reply = runner.run(get())
    assert reply.headers.get_list("set-cookie") == COOKIES
    assert reply.cookies["full_name"] == "Erika%20M"


def test_a_closed_gate_answers_before_routes_faults_and_credentials_and_people_pass_it() -> None:
    fake = tiny_fake.make()
    fake.gate = lambda call: Reply(301, b"", {"location": "/elsewhere"})
    for path in ("/things", "/nowhere"):
        assert fake.handle(call("GET", path, token="wrong")).status == 301
    assert [entry.decision for entry in fake.journal.of(Decided)] == ["gate:301", "gate:301"]
    assert fake.handle(Call("GET", "/things", person="anna")).status == 200
