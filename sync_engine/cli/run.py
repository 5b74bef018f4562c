"""`syncproof-engine run`: the engine and its small web server, until stopped."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
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
from sync_engine.log import Log, line_log, masking
from sync_engine.settings import SettingsError
from sync_engine.store import StoreUnavailable
from sync_engine.tracing import open_tracer

REQUESTS_EVERY = timedelta(seconds=2)


def add(commands: Commands) -> None:
    command(commands, "run", "run until stopped; settings come from SYNC_ENGINE_* variables or --config", run)


def run(options: argparse.Namespace) -> int:
    asyncio.run(_serve(*configured(options)))
    return DONE


async def _serve(settings: Settings, dictionary: Dictionary) -> None:
    """Until SIGTERM or Ctrl-C: then nothing is begun, running calls end within `stop_within`, what is left waits in the store."""
    clock, http = WallClock(), HttpxHttp()
    log = line_log(clock, form=settings.log_format, mask=masking(settings.secrets()))
    tracer = open_tracer(settings.traces, settings.traces_endpoint)
    door = listening(settings)
    engine = Engine(make_context(settings, dictionary, clock, Random(), http, log, tracer), log)
    logging.basicConfig(handlers=[_Libraries(log)], level=logging.WARNING, force=True)
    server = _Server(uvicorn.Config(make_app(engine), log_config=None, access_log=False, lifespan="off"))
    stop = _stop_signal()
    host, port = door.getsockname()[:2]
    log("started", webhooks=settings.webhook_url, listening=f"{host}:{port}", crm=settings.crm_url, erp=settings.erp_url)
    work = asyncio.create_task(engine.run(), name="engine")
    requests = asyncio.create_task(_look_for_requests(engine, clock), name="requests")
    tasks = [work, requests, asyncio.create_task(server.serve([door]), name="webhooks")]
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
        for task in (work, requests, asked):
            task.cancel()
        await asyncio.gather(*tasks, asked, return_exceptions=True)
        engine.kill()
        await http.close()
        tracer.close()


async def _look_for_requests(engine: Engine, clock: WallClock) -> None:
    """What `errors retry` asks for is taken up within seconds."""
    while True:
        await clock.sleep(REQUESTS_EVERY)
        with suppress(StoreUnavailable):  # the engine's own loop says so, and waits
            engine.look_for_requests()


class _Libraries(logging.Handler):
    """What the libraries have to say, in the engine's own kind of line."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        facts = {"error": repr(record.exc_info[1])} if record.exc_info and record.exc_info[1] is not None else {}
        self._log("warning", logger=record.name, said=record.getMessage(), **facts)


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


def address(settings: Settings) -> tuple[str, int]:
    """Where the engine listens: `listen`, or else what `webhook_url` names. Raises SettingsError."""
    url = urlsplit(f"http://{settings.listen}" if settings.listen else settings.webhook_url)
    try:
        port = url.port if url.port is not None else (443 if url.scheme == "https" else 80)
    except ValueError:
        raise SettingsError(f"webhooks.listen: {settings.listen!r} is no address; expected something like 127.0.0.1:8480") from None
    return url.hostname or "127.0.0.1", port


def listening(settings: Settings) -> socket.socket:
    """The port, taken before anything else happens. Raises SettingsError."""
    host, port = address(settings)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sends without delay only on what says it is TCP
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
        door.listen(128)
    except OSError as error:
        door.close()
        name = "webhooks.listen" if settings.listen else "webhooks.url"
        raise SettingsError(f"{name}: cannot listen on {host}:{port}: {error.strerror or error}") from None
    return door
