"""`syncproof serve`: what is printed works when it is pasted, data is there, webhooks go out, and it stops when it is told to."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import httpx
import pytest

from harness.kit.live_server import LiveServer, bind
from harness.kit.server import PortInUse, Receive, Scope, Send
from harness.run import registry
from harness.run.load import DataError
from harness.run.registry import CannotLoad, UnknownName
from harness.run.serve import serve

REPOSITORY = Path(__file__).parents[2]
Story = Callable[[list[str]], Awaitable[None]]


@pytest.fixture(autouse=True)
def _tiny_vendors(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"hubspot": "tiny_fake:SPEC", "erpnext": "tiny_fake:ERP_SPEC", "picky": "tiny_serve_vendor:SPEC"}
    monkeypatch.setattr(
        registry, "entry_points", lambda group: EntryPoints(EntryPoint(name, value, group) for name, value in names.items())
    )


def tell(
    story: Story, *, crm: str | None = None, erp: str | None = None, host: str = "127.0.0.1", data: list[Path] | None = None
) -> None:
    """Serve on free ports while the story runs on what was printed; then stop the way Ctrl-C does."""

    async def run() -> None:
        lines: list[str] = []
        ready = asyncio.Event()

        def echo(line: str) -> None:
            lines.extend(line.split("\n"))
            if line.startswith("ready"):
                ready.set()

        serving = asyncio.create_task(serve(crm, erp, 0, 0, host, 1, data or [], None, echo))
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


def test_webhooks_are_delivered_over_http() -> None:
    async def story(lines: list[str]) -> None:
        got: asyncio.Queue[bytes] = asyncio.Queue()

        async def hook(scope: Scope, receive: Receive, send: Send) -> None:
            got.put_nowait((await receive())["body"])
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

        async with LiveServer() as engine, httpx.AsyncClient(base_url=urls(lines)[0], trust_env=False) as client:
            await engine.start(hook)
            created = await client.post(
                "/things", json={"email": "a@x.test", "hook": engine.base_url}, headers={"authorization": "Bearer tiny-token"}
            )
            assert created.status_code == 201
            assert b'"email":"a@x.test"' in await got.get()

    tell(story, crm="hubspot")


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
