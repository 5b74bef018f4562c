"""`syncproof-engine check`: whether the engine could work as configured. Changes nothing anywhere."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Awaitable
from pathlib import Path
from random import Random

from sync_engine.cli.real import WallClock
from sync_engine.cli.run import listening
from sync_engine.cli.usage import DONE, LOOK, Commands, command, configured
from sync_engine.context import Settings
from sync_engine.dictionary import Dictionary
from sync_engine.http_client import HttpxHttp
from sync_engine.outcomes import VendorError
from sync_engine.settings import SettingsError
from sync_engine.store import StoreError, is_postgres, open_store
from sync_engine.store.opening import resolve
from sync_engine.vendors.erpnext import ErpNext
from sync_engine.vendors.hubspot import HubSpot


def add(commands: Commands) -> None:
    command(commands, "check", "ask both vendors and look at the configuration, without changing anything", run)


def run(options: argparse.Namespace) -> int:
    """Exit code 0: it could work. 1: something has to be put right first. 2: bad configuration."""
    settings, dictionary = configured(options)
    print(f"ok    configuration: {options.config or 'environment variables'}")
    print(f"ok    dictionary: {dictionary.name}, {len(dictionary.entities)} entities, {len(dictionary.processes)} processes")
    return asyncio.run(_ask(settings, dictionary))


async def _ask(settings: Settings, dictionary: Dictionary) -> int:
    clock, random, http = WallClock(), Random(), HttpxHttp()
    timeout_s = settings.timeout.total_seconds()
    crm = HubSpot(settings.crm_url, settings.crm_token, http, clock, random, timeout_s)
    erp = ErpNext(settings.erp_url, settings.erp_key, settings.erp_secret, http, clock, random, timeout_s)
    try:
        crm_kinds = sorted({entity.crm.kind for entity in dictionary.entities})
        good = [
            await _vendor(f"crm {kind}", crm.property_types(kind), f"{settings.crm_url} shows its fields") for kind in crm_kinds
        ]
        for kind in ("Custom Field", *sorted({entity.erp.kind for entity in dictionary.entities})):
            rows = erp.list(kind, ["name"], [], order_by="name asc", limit=1)
            good.append(await _vendor(f"erp {kind}", rows, f"{settings.erp_url} shows its documents"))
    finally:
        await http.close()
    good += [_webhooks(settings), _store(settings)]
    return DONE if all(good) else LOOK


async def _vendor(name: str, question: Awaitable[object], answer: str) -> bool:
    try:
        await question
    except VendorError as error:
        print(f"BAD   {name}: {error}")
        return False
    print(f"ok    {name}: {answer}")
    return True


def _webhooks(settings: Settings) -> bool:
    try:
        listening(settings).close()
    except SettingsError as error:
        print(f"BAD   {error} (does the engine run already?)")
        return False
    print(f"ok    webhooks: {settings.listen or settings.webhook_url} can be listened on")
    return True


def _store(settings: Settings) -> bool:
    """A file is only looked for; a database is connected to, which may bring its schema up to date."""
    try:
        target = resolve(settings.store or settings.state_dir)
        if is_postgres(target):
            open_store(settings.store).close()
            print("ok    store: the database answers")
            return True
    except StoreError as error:
        print(f"BAD   store: {error}")
        return False
    folder = Path(target).parent
    existing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        print(f"BAD   store: {existing} is no folder that can be written to")
        return False
    print(f"ok    store: {folder}{'' if folder.is_dir() else ' (will be made)'}")
    return True
