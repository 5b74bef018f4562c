"""`syncproof-engine run`: the engine and its small web server, until stopped."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from sync_engine.cli.real import WallClock
from sync_engine.cli.usage import DONE, Commands, command, configured
from sync_engine.context import Context, Settings, make_context
from sync_engine.dictionary import Dictionary
from sync_engine.engine import STORE_RETRY, Engine
from sync_engine.http_client import HttpxHttp
from sync_engine.operations.app import Message, Receive, Send, make_app, make_waiting_app
from sync_engine.operations.log import Log, line_log, masking
from sync_engine.operations.tracing import open_tracer
from sync_engine.ports import Clock
from sync_engine.settings import SettingsError
from sync_engine.store import StoreUnavailable, is_postgres, open_store

REQUESTS_EVERY = timedelta(seconds=2)


def add(commands: Commands) -> None:
    command(commands, "run", "run until stopped; settings come from SYNC_ENGINE_* variables or --config", run)


def run(options: argparse.Namespace) -> int:
    asyncio.run(_serve(*configured(options)))
    return DONE


async def _serve(settings: Settings, dictionary: Dictionary) -> None:
    """Until SIGTERM or Ctrl-C. The port is taken first, so that whoever asks is told what the engine waits for."""
    clock, http = WallClock(), HttpxHttp()
    log = line_log(clock, form=settings.log_format, mask=masking(settings.secrets()))
    tracer = open_tracer(settings.traces, settings.traces_endpoint)
    door = listening(settings)
    logging.basicConfig(handlers=[_Libraries(log)], level=logging.WARNING, force=True)
    front = _Front(settings)
    server = _Server(uvicorn.Config(front, log_config=None, access_log=False, lifespan="off"))
    stop = _stop_signal()
    host, port = door.getsockname()[:2]
    log("started", webhooks=settings.webhook_url, listening=f"{host}:{port}", crm=settings.crm_url, erp=settings.erp_url)
    opening = asyncio.create_task(
        _opened(settings, front, log, lambda: make_context(settings, dictionary, clock, Random(), http, log, tracer)), name="store"
    )
    serving = asyncio.create_task(server.serve([door]), name="webhooks")
    asked = asyncio.create_task(stop.wait(), name="stop")
    try:
        if await _first(opening, serving, asked) is opening:
            await _work(opening.result(), front, log, serving, asked)
        log("stopped")
    finally:
        server.should_exit = True
        for task in (opening, asked):
            task.cancel()
        await asyncio.gather(opening, serving, asked, return_exceptions=True)
        await http.close()
        tracer.close()


async def _opened(settings: Settings, front: _Front, log: Log, make: Callable[[], Context]) -> Context:
    """The engine's parts, once its store answers: a process that ended instead would be started again and again. Raises StoreError
    for what does not pass by waiting."""
    while True:
        try:
            if is_postgres(settings.store):  # beside the loop, as it may take seconds and somebody may ask meanwhile
                await asyncio.to_thread(lambda: open_store(settings.store).close())
            context = make()
        except StoreUnavailable as error:
            if not front.waiting_for:
                log("waiting", condition="store", cause=str(error))
            front.waiting_for = str(error)
            await asyncio.sleep(STORE_RETRY.total_seconds())
            continue
        if front.waiting_for:
            log("back", condition="store")
        return context


async def _work(context: Context, front: _Front, log: Log, *others: asyncio.Task[Any]) -> None:
    """Until one of `others` ends: then nothing is begun, running calls end within `stop_within`, what is left waits."""
    engine, within = Engine(context, log), context.settings.stop_within
    front.app = make_app(engine)
    work = asyncio.create_task(engine.run(), name="engine")
    requests = asyncio.create_task(_look_for_requests(engine, context.clock), name="requests")
    try:
        await _first(work, requests, *others)
        log("stopping", within=f"{within.total_seconds():g}s")
        await engine.drain(within)
    finally:
        for task in (work, requests):
            task.cancel()
        await asyncio.gather(work, requests, return_exceptions=True)
        front.app = make_waiting_app(context.settings, lambda: "the engine is stopping")
        engine.kill()


async def _first(*tasks: asyncio.Task[Any]) -> asyncio.Task[Any]:
    """The first that ends. Raises what it raised."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
    return next(task for task in tasks if task in done)


class _Front:
    """The web application: `app` is the engine's once there is one."""

    def __init__(self, settings: Settings) -> None:
        self.waiting_for = ""
        self.app = make_waiting_app(settings, lambda: self.waiting_for or "the store is being opened")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


async def _look_for_requests(engine: Engine, clock: Clock) -> None:
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
