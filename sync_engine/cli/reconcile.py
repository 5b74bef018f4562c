"""`syncproof-engine reconcile`: what differs between the two systems, and its repair."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from sync_engine.cli.real import connected
from sync_engine.cli.usage import DONE, LOOK, Commands, command, configured, not_finished, writable
from sync_engine.context import Settings
from sync_engine.dictionary import Dictionary
from sync_engine.outcomes import VendorError
from sync_engine.reconcile.drift import Report, as_json, as_table
from sync_engine.reconcile.repair import TooManyChanges
from sync_engine.reconcile.run import Reconciler
from sync_engine.reconcile.scope import Scope, State
from sync_engine.settings import SettingsError


def add(commands: Commands) -> None:
    reconcile = command(commands, "reconcile", "compare both systems and report what differs", run)
    reconcile.add_argument("--entity", action="append", default=[], help="only this entity of the dictionary; repeatable")
    reconcile.add_argument("--record", nargs="+", default=[], help="only one record, such as: crm deals 123, or erp Customer ACME")
    reconcile.add_argument("--since", default="", metavar="DATE", help="only what changed since then (ISO 8601)")
    reconcile.add_argument("--sample", type=float, default=1.0, metavar="SHARE", help="only a share of the records, such as 0.05")
    reconcile.add_argument("--repair", action="store_true", help="have the engine put the owner's values; never deletes")
    reconcile.add_argument("--yes-more-than", type=int, default=0, metavar="N", help="agree to a repair of up to N records")
    reconcile.add_argument("--restart", action="store_true", help="begin again instead of going on with an unfinished run")
    reconcile.add_argument("--json", type=Path, metavar="FILE", help="write the whole report there")


def run(options: argparse.Namespace) -> int:
    """Exit code 1: the systems differ, or the comparison could not be finished yet."""
    if not 0 < options.sample <= 1:
        raise SettingsError(f"--sample: {options.sample:g} is no share; expected a number above 0 and up to 1")
    if options.yes_more_than < 0:
        raise SettingsError(f"--yes-more-than: {options.yes_more_than} is negative")
    scope = Scope(tuple(options.entity), " ".join(options.record), instant(options.since, "--since"), options.sample)
    settings, dictionary = configured(options)
    writable(options.json, "--json")
    try:
        report = asyncio.run(_compare(settings, dictionary, scope, options))
    except (VendorError, TooManyChanges) as error:
        print(not_finished(error), file=sys.stderr)
        return LOOK
    if options.json is not None:
        options.json.write_bytes(as_json(report))
    _show(report)
    return LOOK if report.rows else DONE


def instant(text: str, option: str) -> str:
    """An ISO 8601 date or date-time as an instant in UTC. Raises SettingsError."""
    if not text:
        return ""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{option}: {text!r} is no date; expected something like 2026-03-01 or 2026-03-01T08:00:00Z") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


async def _compare(settings: Settings, dictionary: Dictionary, scope: Scope, options: argparse.Namespace) -> Report:
    async with connected(settings, dictionary) as context:
        return await Reconciler(context).run(
            scope, repair=options.repair, yes_more_than=options.yes_more_than, restart=options.restart, tell=_tell
        )


def _tell(state: State) -> None:
    place = state.entities[state.at] if state.at < len(state.entities) else ""
    done = sum(state.compared.values())
    print(f"{state.phase} {place}: {done} compared, {state.rows} differ".replace(" :", ":"), file=sys.stderr)


def _show(report: Report) -> None:
    if report.rows:
        print(as_table(report.rows))
    for name, count in report.counts.items():
        print(f"{count:>8}  {name}")
    compared = ", ".join(f"{count} {name}" for name, count in report.compared.items())
    print(
        f"compared {compared}; {len(report.rows)} differ; {report.on_its_way} on their way; {report.repaired} handed to the engine"
    )
