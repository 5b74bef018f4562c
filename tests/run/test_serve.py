"""`syncproof serve`: what is printed works when it is pasted, data is there, webhooks go out, and it stops when it is told to."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import httpx
import pytest

from fake_crm.hubspot.events import signatures
from harness.kit.live_server import LiveServer, bind
from harness.kit.server import PortInUse, Receive, Scope, Send
from harness.run import registry
from harness.run.load import DataError
from harness.run.registry import CannotLoad, UnknownName
from harness.run.serve import NO_WEBHOOKS, CannotConnect, WebhookTargets, serve

REPOSITORY = Path(__file__).parents[2]
Story = Callable[[list[str]], Awaitable[None]]


@pytest.fixture(autouse=True)
def _tiny_vendors(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {
        "hubspot": "tiny_fake:SPEC",
        "erpnext": "tiny_fake:ERP_SPEC",
        "picky": "tiny_serve_vendor:SPEC",
        "quick": "quick_hubspot:SPEC",
    }
    monkeypatch.setattr(
        registry, "entry_points", lambda group: EntryPoints(EntryPoint(name, value, group) for name, value in names.items())
    )


def tell(
    story: Story,
    *,
    crm: str | None = None,
    erp: str | None = None,
    host: str = "127.0.0.1",
    data: list[Path] | None = None,
    webhooks: WebhookTargets = NO_WEBHOOKS,
) -> None:
    """Serve on free ports while the story runs on what was printed; then stop the way Ctrl-C does."""

    async def run() -> None:
        lines: list[str] = []
        ready = asyncio.Event()

        def echo(line: str) -> None:
            lines.extend(line.split("\n"))
            if line.startswith("ready"):
                ready.set()

        serving = asyncio.create_task(serve(crm, erp, 0, 0, host, 1, data or [], None, echo, webhooks))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not serving.done():
            try:
                await story(lines)
            finally:
                os.kill(os.getpid(), signal.SIGINT)
        await serving

    asyncio.run(run())


def urls(lines: list[str]) -> list[str]:
    return [found[1] for line in lines if (found := re.match(r"Tiny \w+  (http://\S+)$", line))]


async def paste(line: str) -> httpx.Response:
    """Do what the printed curl command would do."""
    words = shlex.split(line.split("curl ", 1)[1])
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    bodies = [words[at + 1] for at, word in enumerate(words) if word == "-d"]
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.request("POST" if bodies else "GET", words[-1], headers=headers, content=bodies[0] if bodies else None)


def test_without_a_vendor_named_both_defaults_are_served_with_commands_that_work_when_pasted() -> None:
    async def story(lines: list[str]) -> None:
        assert len(urls(lines)) == 2
        examples = [line for line in lines if "curl" in line]
        assert len(examples) == 4, "for each fake one to try and one for its control routes"
        assert [(await paste(line)).status_code for line in examples] == [200] * 4
        assert [line.split() for line in lines if line.startswith("  token")] == [["token", "tiny-token"]] * 2
        async with httpx.AsyncClient(trust_env=False) as client:
            assert [(await client.get(f"{url}/things")).status_code for url in urls(lines)] == [401, 401]

    tell(story)


def test_one_vendor_alone() -> None:
    async def story(lines: list[str]) -> None:
        assert len(urls(lines)) == 1
        assert lines[0].startswith("Tiny ERP")

    tell(story, erp="erpnext")


def test_data_is_there_from_the_start_and_after_a_reset(tmp_path: Path) -> None:
    companies = tmp_path / "companies.csv"
    companies.write_text("Record ID,Company name\n1,Acme\n2,Bolt\n")

    async def story(lines: list[str]) -> None:
        assert "loaded 2 companies into the CRM; nothing was created in the ERP, not even items for the products" in lines
        url = urls(lines)[0]
        async with httpx.AsyncClient(base_url=url, headers={"authorization": "Bearer tiny-token"}, trust_env=False) as client:
            await client.post("/things", json={"email": "a@x.test"})
            assert (await client.post("/_harness/reset")).status_code == 200
            assert (await client.get("/things")).json() == []
            journal = (await client.get("/_harness/journal")).text
            assert journal.count('"action":"created"') == 3

    tell(story, data=[companies])


class Receiver:
    """A program that takes webhooks: (headers, body) of each, in the order of their coming."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.got.put_nowait((headers, (await receive())["body"]))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


def test_webhooks_are_delivered_over_http() -> None:
    async def story(lines: list[str]) -> None:
        receiver = Receiver()
        async with LiveServer() as engine, httpx.AsyncClient(base_url=urls(lines)[0], trust_env=False) as client:
            await engine.start(receiver)
            created = await client.post(
                "/things", json={"email": "a@x.test", "hook": engine.base_url}, headers={"authorization": "Bearer tiny-token"}
            )
            assert created.status_code == 201
            assert b'"email":"a@x.test"' in (await receiver.got.get())[1]

    tell(story, crm="hubspot")


async def deal_is_changed(client: httpx.AsyncClient) -> str:
    """Make a deal and change its amount, as an integration does over HTTP; the deal's id."""
    made = await client.post("/crm/v3/objects/deals", json={"properties": {"dealname": "Saws"}})
    deal: str = made.json()["id"]
    changed = await client.patch(f"/crm/v3/objects/deals/{deal}", json={"properties": {"amount": "120"}})
    assert changed.status_code == 200
    return deal


async def the_amount(receiver: Receiver, secret: str, url: str) -> dict[str, Any]:
    """The event about the amount, once it came; everything until then has to be signed with the secret."""
    while True:
        headers, body = await receiver.got.get()
        sent_at = int(headers["x-hubspot-request-timestamp"])
        assert headers["x-hubspot-signature"] == signatures.v1(secret, body)
        assert headers["x-hubspot-signature-v3"] == signatures.v3(secret, "POST", url, body, sent_at)
        for event in json.loads(body):
            if event.get("propertyName") == "amount":
                found: dict[str, Any] = event
                return found


def hubspot_client(lines: list[str]) -> httpx.AsyncClient:
    (base_url,) = (line.split()[1] for line in lines if line.startswith("HubSpot  "))
    (token,) = (line.split()[1] for line in lines if line.startswith("  token"))
    return httpx.AsyncClient(base_url=base_url, headers={"authorization": f"Bearer {token}"}, trust_env=False)


def test_an_address_named_at_the_start_gets_signed_deal_webhooks_after_a_patch() -> None:
    async def run() -> None:
        receiver = Receiver()
        async with LiveServer() as engine:
            await engine.start(receiver)
            url = f"{engine.base_url}/hook"
            lines: list[str] = []
            ready = asyncio.Event()

            def echo(line: str) -> None:
                lines.append(line)
                if line.startswith("ready"):
                    ready.set()

            targets = WebhookTargets({"crm": url}, "s3cret")
            serving = asyncio.create_task(serve("quick", None, 0, 0, "127.0.0.1", 1, [], None, echo, targets))
            await ready.wait()
            assert f"  webhooks       {url} signed with s3cret" in lines
            async with hubspot_client(lines) as client:
                assert (await client.post("/_harness/reset")).status_code == 200
                deal = await deal_is_changed(client)
                event = await the_amount(receiver, "s3cret", url)
            assert (event["subscriptionType"], str(event["objectId"])) == ("deal.propertyChange", deal)
            assert event["propertyValue"] == "120"
            os.kill(os.getpid(), signal.SIGINT)
            await serving

    asyncio.run(run())


def test_an_address_can_be_named_while_the_fake_runs_and_named_again() -> None:
    async def story(lines: list[str]) -> None:
        receiver = Receiver()
        async with LiveServer() as engine, hubspot_client(lines) as client:
            await engine.start(receiver)
            assert (await client.get("/_harness/")).json()["fake"] == "HubSpot"
            for _ in range(2):
                connected = await client.post("/_harness/webhooks", json={"url": engine.base_url})
                assert connected.json() == {"url": engine.base_url, "secret": "syncproof-webhook-secret"}
            deal = await deal_is_changed(client)
            event = await the_amount(receiver, "syncproof-webhook-secret", engine.base_url)
            assert str(event["objectId"]) == deal

    tell(story, crm="quick")


def test_beyond_loopback_the_control_routes_want_the_printed_token() -> None:
    async def story(lines: list[str]) -> None:
        (control,) = (line for line in lines if line.startswith("  control"))
        assert (await paste(control)).status_code == 200
        bare = re.sub(r"-H '[^']*' ", "", control)
        assert (await paste(bare)).status_code == 401

    tell(story, crm="hubspot", host="0.0.0.0")


async def _never(lines: list[str]) -> None:
    raise AssertionError("it must not get ready")


def test_bad_input_is_told_before_anything_is_served(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="unknown fake 'hubspt'; did you mean 'hubspot'"):
        tell(_never, crm="hubspt")
    with pytest.raises(UnknownName, match="unknown CRM 'erpnext'"):
        tell(_never, crm="erpnext")
    with pytest.raises(DataError, match="no such file"):
        tell(_never, data=[tmp_path / "nothing.csv"])
    with pytest.raises(CannotLoad, match="cannot load the fake 'picky': tier is None; known: gold"):
        tell(_never, crm="picky")
    with pytest.raises(CannotConnect, match="--webhook-crm: 'localhost:5000' is no webhook address: expected an http or https URL"):
        tell(_never, webhooks=WebhookTargets({"crm": "localhost:5000"}))
    with pytest.raises(CannotConnect, match="--webhook-erp needs the ERP to be served as well; add --erp"):
        tell(_never, crm="hubspot", webhooks=WebhookTargets({"erp": "http://localhost:5000"}))
    with pytest.raises(CannotConnect, match="--webhook-secret is empty"):
        tell(_never, webhooks=WebhookTargets({"erp": "http://localhost:5000"}, ""))


def test_a_port_in_use_is_told_and_the_other_port_is_free_again() -> None:
    async def run(port_crm: int, port_erp: int) -> None:
        await serve(None, None, port_crm, port_erp, "127.0.0.1", 1, [], None, lambda line: None)

    with bind("127.0.0.1", 0) as taken:
        free = bind("127.0.0.1", 0)
        port = free.getsockname()[1]
        free.close()
        with pytest.raises(PortInUse, match="something else listens there already"):
            asyncio.run(run(port, taken.getsockname()[1]))
        bind("127.0.0.1", port).close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_the_real_vendor_and_ends_cleanly(how: signal.Signals) -> None:
    """The whole of it as a person types it; the printed line is waited for, never a time."""
    command = [sys.executable, "-m", "harness.cli", "serve", "--crm", "hubspot", "--port-crm", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("ready"):
                break
        try:
            examples = [line for line in lines if "curl" in line]
            statuses = [asyncio.run(paste(line)).status_code for line in examples]
        finally:
            process.send_signal(how)
        out, err = process.communicate()

    assert (process.returncode, out, err) == (0, "", ""), lines
    assert set(statuses) == {200, 201}, "reading and creating, as printed"
    assert any("pat-na1-00000000-0000-0000-0000-000000000000" in line for line in lines)
