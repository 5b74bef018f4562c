"""The generated parts of the engine's reference page: its commands, as argparse knows them, and its settings."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from tables import table

from sync_engine import cli
from sync_engine.settings_keys import KEYS, TABLES, Key


def engine_commands() -> str:
    return "\n\n".join(_command(f"syncproof engine {name}", one) for name, one in _subcommands(cli.parser()))


def _subcommands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Commands with all their words, those of commands in commands after their own."""
    for action in parser._actions:  # argparse has no public way to look at what was added
        if isinstance(action, argparse._SubParsersAction):
            for name, one in action.choices.items():
                yield name, one
                yield from ((f"{name} {inner}", each) for inner, each in _subcommands(one))


def _command(name: str, parser: argparse.ArgumentParser) -> str:
    parts = [f"## `{name}`", _sentence(parser.description or "")]
    rows = [
        (f"`{_shown(action)}`", _sentence(_help(action)))
        for action in parser._actions
        if not isinstance(action, argparse._HelpAction | argparse._SubParsersAction)
    ]
    if rows:
        parts.append(table(("argument or option", "meaning"), rows))
    return "\n\n".join(part for part in parts if part)


def _shown(action: argparse.Action) -> str:
    if action.option_strings:
        value = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
        return f"{action.option_strings[-1]}{value}"
    return str(action.metavar or action.dest).upper()


def _help(action: argparse.Action) -> str:
    return action.help or (", ".join(map(str, action.choices)) if action.choices else "")


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return f"{text[:1].upper()}{text[1:]}{'' if not text or text.endswith('.') else '.'}"


def engine_settings() -> str:
    parts = []
    for name, meaning in TABLES.items():
        rows = [(f"`{key.name}`", _kind(key), _default(key), f"`{key.variable}`", key.meaning) for key in KEYS if key.table == name]
        parts.append(
            f"### `[{name}]`\n\n{meaning}\n\n{table(('name', 'takes', 'default', 'environment variable', 'meaning'), rows)}"
        )
    return "\n\n".join(parts)


def _kind(key: Key) -> str:
    if key.kind == "choice":
        return ", ".join(f"`{choice}`" for choice in key.choices)
    return {"text": "text", "url": "address", "secret": "secret", "path": "path", "seconds": "seconds", "count": "whole number"}[
        key.kind
    ]


def _default(key: Key) -> str:
    return "required" if key.default is None else f"`{key.default}`" if key.default else ""
