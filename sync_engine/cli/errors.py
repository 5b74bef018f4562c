"""`syncproof-engine errors`: what waits for a person, and what a person can do about it."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sync_engine.cli.real import WallClock, connected
from sync_engine.cli.usage import DONE, LOOK, Commands, command, configured
from sync_engine.operations.operators import ErrorReport, Operators, UnknownError
from sync_engine.operations.screens import split_erp
from sync_engine.outcomes import VendorError
from sync_engine.settings import SettingsError
from sync_engine.store import StoreError, is_postgres, open_store
from sync_engine.store.opening import FILE_NAME
from sync_engine.wire import write_text

ACTIONS = {
    "list": "what is open",
    "show": "everything about one error",
    "retry": "have the engine look at the record again",
    "skip": "close it unsolved; the record is left alone until it changes",
    "edit": "where to repair it; with --set, write the value and try again",
}


def add(commands: Commands) -> None:
    errors = commands.add_parser("errors", help="what waits for a person", description="What waits for a person.")
    actions = errors.add_subparsers(required=True, metavar="ACTION")
    for name, help in ACTIONS.items():
        parser = command(actions, name, help, run)
        parser.set_defaults(action=name)
        parser.add_argument("--state-dir", type=Path, metavar="DIR", help="the engine's state directory, if there is no --config")
        if name in ("list", "show"):
            parser.add_argument("--json", action="store_true", help="print JSON")
        if name != "list":
            parser.add_argument("record", nargs="+", help="a record as listed, such as: crm deals 123")
        if name == "skip":
            parser.add_argument("--reason", default="", help="why nothing is to be done; kept with the error")
            parser.add_argument("--by", default="", metavar="NAME", help="who decided it, if not you")
        if name == "edit":
            parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="a corrected value; repeatable")
            parser.add_argument("--open", action="store_true", help="show the record's screen in the browser")


def run(options: argparse.Namespace) -> int:
    """Exit code 1: `list` found open errors, or `edit` was refused."""
    actions: Mapping[str, Callable[[argparse.Namespace, Operators, str], int]] = {
        "list": _list,
        "show": _show,
        "retry": _retry,
        "skip": _skip,
        "edit": _edit,
    }
    try:
        with _operators(options) as operators:
            return actions[options.action](options, operators, " ".join(getattr(options, "record", ())))
    except UnknownError as error:
        raise SettingsError(str(error)) from None


@contextmanager
def _operators(options: argparse.Namespace) -> Iterator[Operators]:
    """Over the engine's store, which must exist. With a configuration, pairs and screens are known too."""
    state_dir = options.state_dir or (None if options.config else os.environ.get("SYNC_ENGINE_STATE_DIR"))
    if state_dir is None and options.config is None:
        raise SettingsError("name the configuration with --config, or the engine's state directory with --state-dir")
    settings, dictionary = (None, None) if state_dir is not None else configured(options)
    target = settings.store or settings.state_dir if settings is not None else Path(str(state_dir))
    if not is_postgres(target) and not (Path(target) / FILE_NAME).is_file() and not Path(target).is_file():
        raise StoreError(f"{Path(target) / FILE_NAME}: there is no such store; name the directory the engine was started with")
    store = open_store(target)
    portal, erp_url = (settings.crm_portal, settings.erp_url) if settings is not None else ("", "")
    try:
        yield Operators(store, dictionary, crm_portal=portal, erp_url=erp_url)
    finally:
        store.close()


def _list(options: argparse.Namespace, operators: Operators, record: str) -> int:
    reports = operators.errors()
    if options.json:
        print(write_text([report.facts() for report in reports]))
    else:
        for report in reports:
            print(f"{report.record}\t{report.classification}\t{report.attempts} attempts since {report.first_seen}\t{report.cause}")
        if not reports:
            print("no open errors")
    return LOOK if reports else DONE


def _show(options: argparse.Namespace, operators: Operators, record: str) -> int:
    facts = operators.find(record).facts()
    if options.json:
        print(write_text(facts))
    else:
        for name, value in facts.items():
            print(f"{name.replace('_', ' '):<15}{value}")
    return DONE


def _retry(options: argparse.Namespace, operators: Operators, record: str) -> int:
    operators.retry(record)
    print(f"{record} will be tried again when the engine looks next")
    return DONE


def _skip(options: argparse.Namespace, operators: Operators, record: str) -> int:
    if not options.reason:
        raise SettingsError("errors skip: say why with --reason; it is kept with the error")
    operators.skip(record, options.reason, options.by or getpass.getuser(), WallClock().now())
    print(f"{record} is closed; the engine leaves it alone until it changes")
    return DONE


def _edit(options: argparse.Namespace, operators: Operators, record: str) -> int:
    report = operators.find(record)
    if not options.set:
        print(report.repair)
        print(f"{record}: {report.screen or 'no address is known; look it up by its kind and id'}")
        if options.open and report.screen:
            webbrowser.open(report.screen)
        return DONE
    values = dict(_assignment(text) for text in options.set)
    if options.config is None:
        raise SettingsError("errors edit --set: writing needs the vendors' addresses and credentials; name them with --config")
    return asyncio.run(_write(options, operators, report, values))


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise SettingsError(f"errors edit: --set {text!r}: expected FIELD=VALUE")
    return name, value


async def _write(options: argparse.Namespace, operators: Operators, report: ErrorReport, values: Mapping[str, str]) -> int:
    system, _, rest = report.record.partition(" ")
    kind, _, id = rest.partition(" ")
    settings, dictionary = configured(options)
    async with connected(settings, dictionary) as context:
        try:
            if system == "crm" and id and " " not in id:
                await context.crm.update(kind, id, values)
            elif system == "erp" and (document := split_erp(rest, (each.erp.kind for each in dictionary.entities))) is not None:
                await context.erp.update(*document, values)
            else:
                raise SettingsError(f"{report.record}: is no record of a vendor, so there is nothing to write to")
        except VendorError as error:
            print(f"{report.record}: not written: {error}")
            return LOOK
    operators.retry(report.record)
    print(f"{report.record}: written: {', '.join(values)}; it will be tried again when the engine looks next")
    return DONE
