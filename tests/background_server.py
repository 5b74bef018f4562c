"""A live fake in a thread of its own, for client libraries that block."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from harness.kit.clock import WallClock
from harness.kit.fake import Fake, FakeSetup, FakeSpec
from harness.kit.journal import Journal
from harness.kit.live_server import LiveServer, loop_factory
from harness.kit.seed import Seed
from harness.kit.server import asgi_app


@contextmanager
def served(spec: FakeSpec, settings: Mapping[str, Any]) -> Iterator[Fake]:
    """Serve the fake on a free port of loopback while the block runs; what breaks the server breaks the block."""
    started, failures = threading.Event(), []
    fakes: list[Fake] = []
    stop: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        async with LiveServer() as server:
            fake = spec.create(FakeSetup(spec.system, WallClock(), Seed(1), Journal(), server.base_url, settings))
            await server.start(asgi_app(fake))
            fakes.append(fake)
            stop.append((asyncio.get_running_loop(), asyncio.Event()))
            started.set()
            await stop[0][1].wait()

    def work() -> None:
        try:
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                runner.run(serve())
        except BaseException as error:
            failures.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=work, name=f"{spec.vendor} fake")
    thread.start()
    started.wait()
    try:
        if failures:
            raise failures[0]
        yield fakes[0]
    finally:
        for loop, event in stop:
            loop.call_soon_threadsafe(event.set)
        thread.join()
