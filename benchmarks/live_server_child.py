"""The server side of live_read.py, in a process of its own: a fake, or the same server answering a constant.

python benchmarks/live_server_child.py fake|constant      prints one line of JSON and serves until its input closes
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from calls import Prepared, prepare

from harness.kit.clock import WallClock
from harness.kit.live_server import LiveServer, loop_factory
from harness.kit.server import asgi_app


async def serve(what: str) -> None:
    ready = prepare("hubspot", WallClock())
    ready.fake.store.keeps_changes = False
    async with LiveServer() as server:
        await server.start(asgi_app(ready.fake) if what == "fake" else constant(ready))
        headers = {**ready.headers, "host": f"127.0.0.1:{server.port}"}
        print(json.dumps({"port": server.port, "path": f"{ready.path}?{ready.query}", "headers": headers}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def constant(ready: Prepared) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """An application that sends what the fake once answered, headers and all, without thinking."""
    reply = ready.fake.handle(ready.read())
    assert reply.ok
    headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    body = {"type": "http.response.body", "body": reply.body}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start)
        await send(body)

    return app


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(sys.argv[1]))
