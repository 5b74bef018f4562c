"""`syncproof-engine errors`: what waits for a person."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from sync_engine.cli.usage import DONE, LOOK, Commands, command
from sync_engine.settings import SettingsError, read_settings
from sync_engine.store import Store, StoreError


def add(commands: Commands) -> None:
    errors = command(commands, "errors", "what waits for a person", run)
    errors.add_argument("action", choices=("list", "show", "retry"), help="list all open errors, show one, or have one tried again")
    errors.add_argument("record", nargs="?", default="", help='a record as listed, such as "crm deals 123"')
    errors.add_argument(
        "--state-dir",
        type=Path,
        default=os.environ.get("SYNC_ENGINE_STATE_DIR"),
        help="the engine's state directory, if there is no --config",
    )


def run(options: argparse.Namespace) -> int:
    """Exit code 1 of `list`: there are open errors."""
    store = _open(options)
    try:
        if options.action == "list":
            letters = store.dead_letters()
            for letter in letters:
                print(f"{letter.record}\t{letter.attempts} attempts since {letter.first_seen}\t{letter.cause}")
            if not letters:
                print("no open errors")
            return LOOK if letters else DONE
        letter_or_none = store.dead_letter(options.record)
        if letter_or_none is None:
            known = ", ".join(letter.record for letter in store.dead_letters()) or "none"
            raise SettingsError(f"no error is known for {options.record!r}; open: {known}")
        if options.action == "retry":
            store.ask_again(options.record)
            print(f"{options.record} will be tried again when the engine looks next")
            return DONE
        for name in ("record", "status", "cause", "hint", "first_seen", "last_seen", "attempts"):
            print(f"{name:<11}{getattr(letter_or_none, name)}")
        return DONE
    finally:
        store.close()


def _open(options: argparse.Namespace) -> Store:
    state_dir = options.state_dir
    if options.config is not None:
        state_dir = read_settings(os.environ, options.config).settings.state_dir
    if state_dir is None:
        raise SettingsError("name the engine's state directory with --state-dir or SYNC_ENGINE_STATE_DIR")
    path = Path(state_dir) / "sync_engine.sqlite3"
    if not path.is_file():
        raise StoreError(f"{path}: there is no such store; name the directory the engine was started with")
    return Store(path)
