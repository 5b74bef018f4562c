"""`syncproof-engine`: arguments and exit codes only. 0 done, 1 there is something to look at, 2 bad usage or configuration.

A command is a module with `add(commands)`, which registers its parser, and `run(options)`, which answers the exit code.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from sync_engine.cli import backfill, check, errors, init, reconcile, run, status, store
from sync_engine.cli.usage import BAD_USAGE, WHAT_PEOPLE_CAN_MEND, Commands


class Command(Protocol):
    """What a module of this package offers."""

    @property
    def add(self) -> Callable[[Commands], None]: ...

    @property
    def run(self) -> Callable[[argparse.Namespace], int]: ...


COMMANDS = cast("tuple[Command, ...]", (init, check, run, status, errors, reconcile, backfill, store))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. What a person can mend is one line on standard error."""
    options = parser().parse_args(argv)
    try:
        return int(options.run(options))
    except WHAT_PEOPLE_CAN_MEND as error:
        print(f"sync_engine: {error}", file=sys.stderr)
        return BAD_USAGE
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="syncproof-engine", description="Middleware between a CRM and an ERP, driven by a data dictionary."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return parser
