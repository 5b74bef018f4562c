"""The real world's clock, chance and network, and an engine's context over them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from sync_engine.context import Context, Settings, make_context
from sync_engine.dictionary import Dictionary
from sync_engine.http_client import HttpxHttp


class WallClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, duration: timedelta) -> None:
        await asyncio.sleep(duration.total_seconds())


@asynccontextmanager
async def connected(settings: Settings, dictionary: Dictionary) -> AsyncIterator[Context]:
    """A context over the engine's store and both vendors, for one command; closed at the end. Raises StoreError.

    It is a guest on the store: an engine that runs there keeps everything it works on.
    """
    http = HttpxHttp()
    context = make_context(replace(settings, replicas=True), dictionary, WallClock(), Random(), http)
    try:
        context.store.use()
        yield context
    finally:
        context.replica.leave()
        context.store.close()
        await http.close()
