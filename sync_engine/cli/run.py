"""`syncproof-engine run`: the engine and its small web server, until stopped."""

from __future__ import annotations

import argparse
import asyncio
import socket
from random import Random
from urllib.parse import urlsplit

import uvicorn

from sync_engine.app import make_app
from sync_engine.cli.real import WallClock
from sync_engine.cli.usage import DONE, Commands, command, configured
from sync_engine.context import Settings, make_context
from sync_engine.dictionary import Dictionary
from sync_engine.engine import Engine
from sync_engine.http_client import HttpxHttp
from sync_engine.log import line_log
from sync_engine.settings import SettingsError


def add(commands: Commands) -> None:
    command(commands, "run", "run until stopped; settings come from SYNC_ENGINE_* variables or --config", run)


def run(options: argparse.Namespace) -> int:
    asyncio.run(_serve(*configured(options)))
    return DONE


async def _serve(settings: Settings, dictionary: Dictionary) -> None:
    clock, http = WallClock(), HttpxHttp()
    log = line_log(clock)
    door = _listen(settings.webhook_url)
    engine = Engine(make_context(settings, dictionary, clock, Random(), http), log)
    server = uvicorn.Server(uvicorn.Config(make_app(engine), log_level="warning", access_log=False, lifespan="off"))
    log("started", webhooks=settings.webhook_url, crm=settings.crm_url, erp=settings.erp_url)
    tasks = [asyncio.create_task(engine.run(), name="engine"), asyncio.create_task(server.serve([door]), name="webhooks")]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        server.should_exit = True
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        engine.kill()
        await http.close()


def _listen(webhook_url: str) -> socket.socket:
    """The port that `webhook_url` names, taken before anything else happens. Raises SettingsError."""
    url = urlsplit(webhook_url)
    host, port = url.hostname or "127.0.0.1", url.port or (443 if url.scheme == "https" else 80)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sends without delay only on what says it is TCP
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
        door.listen(128)
    except OSError as error:
        door.close()
        raise SettingsError(f"webhook_url: cannot listen on {host}:{port}: {error.strerror or error}") from None
    return door
