"""`syncproof-engine store`: a backup of what the engine remembers, the way back, and the way to another database."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sync_engine.cli.usage import DONE, Commands, command, configured
from sync_engine.home import adopt
from sync_engine.settings import SettingsError
from sync_engine.store import Store, StoreError, is_postgres, open_store
from sync_engine.store.backup import back_up, migrate, restore
from sync_engine.store.opening import resolve

ACTIONS = {
    "backup": "write everything to a file, also while the engine runs",
    "restore": "fill the store from such a file; stop the engine first, and everything is looked at again when it starts",
    "migrate": "carry everything to another store: a directory, a file or a postgresql:// URL; stop the engine first",
    "adopt": "say that the store's systems have the addresses of --config now: the same ones, not another environment",
}


def add(commands: Commands) -> None:
    store = command(commands, "store", "back up, restore or move what the engine remembers", run)
    store.add_argument("action", choices=tuple(ACTIONS), help="; ".join(f"{name}: {text}" for name, text in ACTIONS.items()))
    store.add_argument(
        "place", nargs="?", default="", metavar="FILE|STORE", help="backup and restore: the file; migrate: the other store"
    )
    store.add_argument("--store", default="", metavar="STORE", help="the engine's store, if there is no --config")
    store.add_argument("--force", action="store_true", help="restore and migrate: replace what the target holds")


def run(options: argparse.Namespace) -> int:
    """Raises StoreError or SettingsError."""
    if options.action == "adopt":
        return _adopt(options)
    if not options.place:
        raise SettingsError(f"store {options.action} needs the {'other store' if options.action == 'migrate' else 'file'}")
    place = Path(options.place)
    with _store(options, must_exist=options.action != "restore") as store:
        if options.action == "backup":
            print(f"{back_up(store, place)} rows are in {place}")
        elif options.action == "restore":
            print(f"{restore(store, place, force=options.force)} rows are restored; the engine will look at everything again")
        else:
            _refuse_itself(_target(options), resolve(options.place))
            with closing(open_store(options.place)) as target:
                print(
                    f"{migrate(store, target, force=options.force)} rows are carried over; name the new store in the configuration"
                )
    return DONE


def _adopt(options: argparse.Namespace) -> int:
    settings = configured(options)[0]
    with _store(options, must_exist=True) as store:
        adopt(store, settings.crm_url, settings.crm_portal, settings.erp_url)
    print(f"the store belongs to {settings.crm_url} and {settings.erp_url} now")
    return DONE


def _refuse_itself(source: Path | str, target: Path | str) -> None:
    """Raises SettingsError for one store under two names."""
    if source == target or (isinstance(source, Path) and isinstance(target, Path) and source.resolve() == target.resolve()):
        raise SettingsError("store migrate: the other store is the store itself; name another one")


def _target(options: argparse.Namespace) -> Path | str:
    """The store that `--store` or the configuration names. Raises SettingsError."""
    if not options.store and options.config is None:
        raise SettingsError("name the configuration with --config, or the engine's store with --store")
    settings = None if options.store else configured(options)[0]
    return resolve(options.store or (settings.store or settings.state_dir if settings is not None else ""))


@contextmanager
def _store(options: argparse.Namespace, *, must_exist: bool) -> Iterator[Store]:
    target = _target(options)
    if must_exist and not is_postgres(target) and not Path(target).is_file():
        raise StoreError(f"{target}: there is no such store; name the one the engine was started with")
    with closing(open_store(target)) as store:
        yield store
