"""`syncproof-engine`: run the engine as a process, or look at its open errors."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import uvicorn

from sync_engine.app import make_app
from sync_engine.context import Settings, make_context
from sync_engine.dictionary import Dictionary, DictionaryError, load
from sync_engine.engine import Engine
from sync_engine.http_client import HttpxHttp
from sync_engine.log import line_log
from sync_engine.settings import SettingsError, read_settings
from sync_engine.store import Store, StoreError

BAD_USAGE = 2


class WallClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, duration: timedelta) -> None:
        await asyncio.sleep(duration.total_seconds())


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 there are open errors (`errors list`), 2 bad usage or configuration."""
    options = _parser().parse_args(argv)
    try:
        if options.command == "run":
            settings, dictionary_path = read_settings(os.environ, options.config)
            asyncio.run(_serve(settings, load(dictionary_path)))
            return 0
        return _errors(options)
    except (SettingsError, DictionaryError, StoreError) as error:
        print(f"sync_engine: {error}", file=sys.stderr)
        return BAD_USAGE
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="syncproof-engine", description="Middleware between a CRM and an ERP, driven by a data dictionary."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run until stopped; settings come from SYNC_ENGINE_* variables or --config")
    run.add_argument("--config", type=Path, metavar="FILE", help="TOML file with the settings")
    errors = commands.add_parser("errors", help="what waits for a person")
    errors.add_argument("action", choices=("list", "show", "retry"), help="list all open errors, show one, or have one tried again")
    errors.add_argument("record", nargs="?", default="", help='a record as listed, such as "crm deals 123"')
    errors.add_argument(
        "--state-dir", type=Path, default=os.environ.get("SYNC_ENGINE_STATE_DIR"), help="the engine's state directory"
    )
    return parser


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


def _errors(options: argparse.Namespace) -> int:
    if options.state_dir is None:
        raise SettingsError("name the engine's state directory with --state-dir or SYNC_ENGINE_STATE_DIR")
    path = Path(options.state_dir) / "sync_engine.sqlite3"
    if not path.is_file():
        raise StoreError(f"{path}: there is no such store; name the directory the engine was started with")
    store = Store(path)
    try:
        if options.action == "list":
            letters = store.dead_letters()
            for letter in letters:
                print(f"{letter.record}\t{letter.attempts} attempts since {letter.first_seen}\t{letter.cause}")
            if not letters:
                print("no open errors")
            return 1 if letters else 0
        letter_or_none = store.dead_letter(options.record)
        if letter_or_none is None:
            known = ", ".join(letter.record for letter in store.dead_letters()) or "none"
            raise SettingsError(f"no error is known for {options.record!r}; open: {known}")
        if options.action == "retry":
            store.ask_again(options.record)
            print(f"{options.record} will be tried again when the engine looks next")
            return 0
        for name in ("record", "status", "cause", "hint", "first_seen", "last_seen", "attempts"):
            print(f"{name:<11}{getattr(letter_or_none, name)}")
        return 0
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main())
