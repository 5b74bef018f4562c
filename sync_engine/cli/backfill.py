"""`syncproof-engine backfill`: records from before the integration are matched, and what is missing is created."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from sync_engine.backfill.plan import Plan, as_text
from sync_engine.backfill.run import OPEN_MAX, Backfill, Order, State
from sync_engine.cli.real import connected
from sync_engine.cli.reconcile import instant
from sync_engine.cli.usage import DONE, LOOK, Commands, command, configured, not_finished, writable
from sync_engine.context import Settings
from sync_engine.dictionary import Dictionary
from sync_engine.outcomes import VendorError
from sync_engine.settings import SettingsError
from sync_engine.wire import write_json


def add(commands: Commands) -> None:
    backfill = command(commands, "backfill", "match existing records of both systems, and create what is missing", run)
    backfill.add_argument("--dry-run", action="store_true", help="write nothing; print what would be done, and what it would cost")
    backfill.add_argument("--entity", action="append", default=[], help="only this entity of the dictionary; repeatable")
    backfill.add_argument("--since", default="", metavar="DATE", help="create nothing for older records (deals: closed before)")
    backfill.add_argument("--limit", type=int, metavar="N", help="at most N matches and creates; the next run goes on")
    backfill.add_argument(
        "--room", type=int, default=OPEN_MAX, metavar="N", help="wait while the engine has N open items; 0: never, none is running"
    )
    backfill.add_argument("--restart", action="store_true", help="begin again instead of going on with an unfinished run")
    backfill.add_argument("--json", type=Path, metavar="FILE", help="write every decision there")


def run(options: argparse.Namespace) -> int:
    """Exit code 1: a person has to decide something, or it could not be finished yet."""
    for name in ("limit", "room"):
        if (getattr(options, name) or 0) < 0:
            raise SettingsError(f"--{name}: {getattr(options, name)} is negative")
    order = Order(tuple(options.entity), instant(options.since, "--since"), options.dry_run)
    settings, dictionary = configured(options)
    writable(options.json, "--json")
    try:
        plan = asyncio.run(_fill(settings, dictionary, order, options))
    except VendorError as error:
        print(not_finished(error), file=sys.stderr)
        return LOOK
    if options.json is not None:
        options.json.write_bytes(write_json(plan))
    print(as_text(plan))
    return LOOK if not plan.finished or any(row.choice == "ambiguous" for row in plan.rows) else DONE


async def _fill(settings: Settings, dictionary: Dictionary, order: Order, options: argparse.Namespace) -> Plan:
    async with connected(settings, dictionary) as context:
        backfill = Backfill(context, dry=options.dry_run, room=options.room)
        return await backfill.run(order, limit=options.limit, restart=options.restart, tell=_tell)


def _tell(state: State) -> None:
    place = state.entities[state.at] if state.at < len(state.entities) else ""
    print(f"{state.phase} {place}: {sum(state.counts.values())} decided, {state.rows} listed".replace(" :", ":"), file=sys.stderr)
