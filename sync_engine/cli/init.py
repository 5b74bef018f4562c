"""`syncproof-engine init`: a configuration file to fill in."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from sync_engine.cli.usage import DONE, Commands
from sync_engine.settings import SettingsError
from sync_engine.settings_keys import KEYS, TABLES, Key


def add(commands: Commands) -> None:
    parser = commands.add_parser("init", help="write a commented configuration file", description="Never overwrites a file.")
    parser.add_argument("file", nargs="?", type=Path, default=Path("engine.toml"), help="what to write (engine.toml)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Only its owner may read the file: people put secrets into it."""
    try:
        descriptor = os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SettingsError(f"{options.file}: cannot be written: {error.strerror}; init never overwrites a file") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(template())
    print(f"{options.file}: fill in what is empty, then ask `syncproof-engine check --config {options.file}`")
    return DONE


def template() -> str:
    """Every setting with its meaning; what has a default is commented out."""
    parts = ["# syncproof-engine run --config engine.toml\n# Environment variables win: SYNC_ENGINE_CRM_TOKEN and so on.\n"]
    for table, meaning in TABLES.items():
        keys = [key for key in KEYS if key.table == table]
        if keys:
            parts.append("\n".join([f"[{table}]  # {meaning}", *map(_line, keys), ""]))
    return "\n".join(parts)


def _line(key: Key) -> str:
    if key.kind == "secret":
        off = "# " if key.default is not None else ""
        return f'{off}{key.name}_env = {_quoted(key.variable)}  # {key.meaning} Or {key.name}_file = "PATH", or {key.name} itself.'
    value = key.default if key.default is not None else key.example
    shown = value if key.kind in ("seconds", "count") else _quoted(value or key.example)
    off = "# " if key.default is not None else ""
    choices = f" One of: {', '.join(key.choices)}." if len(key.choices) > 1 else ""
    return f"{off}{key.name} = {shown}  # {key.meaning}{choices}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
