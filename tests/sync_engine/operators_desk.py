"""What tests of the operators' view share: an engine with secrets, a log that is kept, and a way to ask over HTTP."""

from __future__ import annotations

import io
import json
from typing import Any

import httpx
from tiny_vendors import CRM, ERP, World

from sync_engine.context import Settings
from sync_engine.engine import Engine
from sync_engine.operations.app import make_app
from sync_engine.operations.log import Log, line_log, masking

SECRETS = {
    "crm_token": "pat-na1-0123456789",
    "erp_key": "key-of-the-erp",
    "erp_secret": "hush-of-the-erp",
    "webhook_secret": 'signed "here"',
    "control_token": "control-me",
}


def settings_of(world: World, **changes: Any) -> Settings:
    named = {"crm_url": CRM, "erp_url": ERP, "webhook_url": "https://hook.example/w", "state_dir": world.state_dir, **SECRETS}
    return Settings(**{**named, **changes})


def log_of(world: World, settings: Settings) -> tuple[Log, io.StringIO]:
    stream = io.StringIO()
    return line_log(world.clock, stream, form="json", mask=masking(settings.secrets())), stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def ask(world: World, engine: Engine, method: str, path: str, *, token: str = "", **more: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(app=make_app(engine))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8480") as client:
            return await client.request(method, path, headers={**headers, **more.pop("headers", {})}, **more)

    return world.loop.run_until_complete(send())
