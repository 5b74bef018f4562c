"""The generic process for engines that are Python objects: gives one real sockets and real time, for live mode.

Started by the harness as `python -m harness.run.hosted_engine`, with the surroundings as JSON in SYNCPROOF_SURROUNDINGS.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import uvicorn

from harness.kit.clock import WallClock
from harness.run.engines import Endpoint, InProcessEngine, Surroundings
from harness.run.registry import find_engine

SETTLE_S = 0.2
VARIABLE = "SYNCPROOF_SURROUNDINGS"


class RealHttp:
    """The plain HTTP port over real sockets."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(trust_env=False)

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            response = await self._client.request(method, url, headers=dict(headers), content=body, timeout=timeout_s)
        except httpx.TimeoutException as error:
            raise TimeoutError(str(error)) from error
        except httpx.ConnectError as error:
            raise ConnectionRefusedError(str(error)) from error
        except httpx.TransportError as error:
            raise ConnectionResetError(str(error)) from error
        return response.status_code, response.headers, response.content


def command() -> list[str]:
    return [sys.executable, "-m", "harness.run.hosted_engine"]


def environment(engine: str, surroundings: Surroundings) -> dict[str, str]:
    """What `main` needs to rebuild the surroundings in another process."""
    plain = {
        "engine": engine,
        "crm": _plain(surroundings.crm),
        "erp": _plain(surroundings.erp),
        "webhook_url": surroundings.webhook_url,
        "webhook_secret": surroundings.webhook_secret,
        "state_dir": str(surroundings.state_dir),
        "dictionary": str(surroundings.dictionary),
        "options": dict(surroundings.options),
    }
    path = os.pathsep.join(entry for entry in sys.path if entry)  # the child finds what was found here
    return {VARIABLE: msgspec.json.encode(plain).decode(), "PYTHONPATH": path}


def _plain(endpoint: Endpoint) -> dict[str, Any]:
    return {"vendor": endpoint.vendor, "base_url": endpoint.base_url, "credentials": dict(endpoint.credentials)}


def main() -> None:
    plain = msgspec.json.decode(os.environ[VARIABLE])
    surroundings = Surroundings(
        crm=Endpoint(**plain["crm"]),
        erp=Endpoint(**plain["erp"]),
        webhook_url=plain["webhook_url"],
        webhook_secret=plain["webhook_secret"],
        state_dir=Path(plain["state_dir"]),
        dictionary=Path(plain["dictionary"]),
        clock=WallClock(),
        random=Random(plain["webhook_url"]),
        http=RealHttp(),
        transport=None,
        options=plain["options"],
    )
    address = str(surroundings.options.get("listen") or urlsplit(surroundings.webhook_url).netloc)
    asyncio.run(_serve(find_engine(plain["engine"]).create(surroundings), address))


async def _serve(engine: InProcessEngine, address: str) -> None:
    host, _, port = address.rpartition(":")
    config = uvicorn.Config(_app(engine), host=host, port=int(port), log_level="warning", lifespan="off")
    work = asyncio.create_task(engine.run())
    await asyncio.wait({work}, timeout=SETTLE_S)
    if work.done():
        work.result()  # it never came up: end before anybody takes the open port for a sign of life
    server = asyncio.create_task(uvicorn.Server(config).serve())
    done, _ = await asyncio.wait({work, server}, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()  # an engine that dies takes its process with it, as it would anywhere


def _app(engine: InProcessEngine) -> Any:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["path"] == "/errors":
            errors: list[tuple[str, str]] = getattr(engine, "open_errors", list)()
            await _answer(send, 200, msgspec.json.encode([{"record": record, "cause": cause} for record, cause in errors]))
            return
        if scope["path"] == "/health":
            pending: str | None = getattr(engine, "pending", lambda: None)()
            await _answer(send, 200, msgspec.json.encode({"status": "ok", "pending": pending}))
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        await _answer(send, await engine.receive(scope["method"], scope["path"], headers, body), b"")

    return app


async def _answer(send: Any, status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    main()
