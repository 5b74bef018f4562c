"""What the commands share: the option that names the configuration, and which errors are sentences for people."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sync_engine.context import Settings
from sync_engine.dictionary import Dictionary, DictionaryError, load
from sync_engine.operations.tracing import TracingError
from sync_engine.outcomes import Refused, WrongKey
from sync_engine.processes.able import check_able
from sync_engine.settings import SettingsError, read_settings
from sync_engine.store import StoreError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Commands = object

DONE, LOOK, BAD_USAGE = 0, 1, 2
WHAT_PEOPLE_CAN_MEND = (SettingsError, DictionaryError, StoreError, TracingError)


def command(commands: Commands, name: str, help: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    """A command with `--config`; the environment variable SYNC_ENGINE_CONFIG stands in for it."""
    parser = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
    config = os.environ.get("SYNC_ENGINE_CONFIG")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", default=Path(config) if config else None, help="TOML file with the settings"
    )
    parser.set_defaults(run=run)
    return parser


def configured(options: argparse.Namespace) -> tuple[Settings, Dictionary]:
    """The settings and the dictionary that `options.config` and the environment name. Raises SettingsError or DictionaryError."""
    read = read_settings(os.environ, options.config)
    for warning in read.warnings:
        print(f"sync_engine: warning: {warning}", file=sys.stderr)
    dictionary = load(read.dictionary, read.crm_vendor, read.erp_vendor)
    try:
        check_able(dictionary)
    except DictionaryError as error:
        raise DictionaryError(f"{read.dictionary}: {error}") from None
    return read.settings, dictionary


def not_finished(error: Exception) -> str:
    """What stopped a run that can go on, and what a person does about it."""
    if isinstance(error, WrongKey):
        keys = "crm.token" if error.system == "crm" else "erp.key and erp.secret"
        return f"sync_engine: not finished: {error}; correct {keys}, then run it again: it goes on there"
    if isinstance(error, Refused):
        return f"sync_engine: not finished: {error}; put that right, then run it again: it goes on there"
    return f"sync_engine: not finished: {error} (the next run goes on there)"


def writable(file: Path | None, option: str) -> None:
    """Hours of work are not done for a report that cannot be written. Raises SettingsError; leaves an existing file as it is."""
    if file is None:
        return
    existed = file.exists()
    try:
        with file.open("ab"):
            pass
    except OSError as error:
        raise SettingsError(f"{option}: {file} cannot be written: {error.strerror}") from None
    if not existed:
        file.unlink()
