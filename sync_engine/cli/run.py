"""`syncproof-engine run`: the engine and its small web server, until stopped."""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    """Until SIGTERM or Ctrl-C: then nothing is begun, running calls end within `stop_within`, what is left waits in the store."""
    clock, http = WallClock(), HttpxHttp()
    log = line_log(clock)
    door = listening(settings)
    engine = Engine(make_context(settings, dictionary, clock, Random(), http), log)
    server = _Server(uvicorn.Config(make_app(engine), log_level="warning", access_log=False, lifespan="off"))
    stop = _stop_signal()
    log("started", webhooks=settings.webhook_url, crm=settings.crm_url, erp=settings.erp_url)
    work = asyncio.create_task(engine.run(), name="engine")
    tasks = [work, asyncio.create_task(server.serve([door]), name="webhooks")]
    asked = asyncio.create_task(stop.wait(), name="stop")
    try:
        done, _ = await asyncio.wait([*tasks, asked], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {asked}:
            task.result()
        log("stopping", within=f"{settings.stop_within.total_seconds():g}s")
        await engine.drain(settings.stop_within)
        log("stopped")
    finally:
        server.should_exit = True
        for task in (work, asked):
            task.cancel()
        await asyncio.gather(*tasks, asked, return_exceptions=True)
        engine.kill()
        await http.close()


class _Server(uvicorn.Server):
    """Leaves signals to the engine, which has work to end first."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _stop_signal() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt instead
            loop.add_signal_handler(number, stop.set)
    return stop


def listening(settings: Settings) -> socket.socket:
    """The port of `listen` or else of `webhook_url`, taken before anything else happens. Raises SettingsError."""
    name = "webhooks.listen" if settings.listen else "webhooks.url"
    url = urlsplit(f"http://{settings.listen}" if settings.listen else settings.webhook_url)
    try:
        host, port = url.hostname or "127.0.0.1", url.port
    except ValueError:
        raise SettingsError(f"{name}: {settings.listen!r} is no address; expected something like 127.0.0.1:8480") from None
    port = port if port is not None else (443 if url.scheme == "https" else 80)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sends without delay only on what says it is TCP
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
        door.listen(128)
    except OSError as error:
        door.close()
        raise SettingsError(f"{name}: cannot listen on {host}:{port}: {error.strerror or error}") from None
    return door
