"""`syncproof-engine status`: what the engine does right now, or, when it does not run, what it left behind."""

from __future__ import annotations

import argparse
from collections import Counter

import httpx

from sync_engine.cli.run import address
from sync_engine.cli.usage import DONE, LOOK, Commands, command, configured
from sync_engine.context import Settings
from sync_engine.store import open_store

TIMEOUT_S = 5.0


def add(commands: Commands) -> None:
    command(commands, "status", "ask the running engine how it is, or read its store", run)


def run(options: argparse.Namespace) -> int:
    """Exit code 0: it runs and is ready. 1: it does not, or waits for something."""
    settings, _ = configured(options)
    host, port = address(settings)
    shown = f"[{host}]" if ":" in host else host
    base = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else shown}:{port}"  # an engine that listens everywhere listens here
    try:
        with httpx.Client(trust_env=False, timeout=TIMEOUT_S) as client:
            health, ready = client.get(f"{base}/health").json(), client.get(f"{base}/ready").json()
    except (httpx.HTTPError, ValueError):
        print(f"not running: nothing answers at {base}")
        return _left_behind(settings)
    print(f"running at {base}")
    print(f"ready: {ready.get('waiting') or 'yes'}")
    print(f"working on: {health.get('pending') or 'nothing'}")
    return DONE if not ready.get("waiting") else LOOK


def _left_behind(settings: Settings) -> int:
    if not settings.store and not settings.state_dir.is_dir():
        print(f"no store yet in {settings.state_dir}")
        return LOOK
    store = open_store(settings.store or settings.state_dir)
    try:
        work = Counter(row.process for row in store.all_work())
        print(f"open work: {', '.join(f'{count} {process}' for process, count in sorted(work.items())) or 'none'}")
        print(f"open errors: {len(store.dead_letters())}")
    finally:
        store.close()
    return LOOK
