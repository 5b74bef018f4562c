"""Settings of the engine as a process: environment variables `SYNC_ENGINE_*`, or the names in lower case in a TOML file."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sync_engine.context import Settings

PREFIX = "SYNC_ENGINE_"
REQUIRED = ("crm_url", "crm_token", "erp_url", "erp_key", "erp_secret", "webhook_url", "webhook_secret", "state_dir", "dictionary")
OPTIONAL = ("poll_seconds", "overlap_seconds", "settle_seconds", "timeout_seconds", "workers")


class SettingsError(ValueError):
    """What is wrong with the configuration, on one line."""


def read_settings(environment: Mapping[str, str], config: Path | None) -> tuple[Settings, Path]:
    """The settings and the dictionary's path; the environment wins over the file. Raises SettingsError."""
    values = _from_file(config) if config is not None else {}
    values.update({name: text for name in (*REQUIRED, *OPTIONAL) if (text := environment.get(PREFIX + name.upper()))})
    missing = [name for name in REQUIRED if not values.get(name)]
    if missing:
        names = ", ".join(PREFIX + name.upper() for name in missing)
        raise SettingsError(
            f"missing settings: {names}; set these environment variables, or put the names in lower case into --config FILE"
        )
    for name in ("crm_url", "erp_url", "webhook_url"):
        parts = urlsplit(values[name])
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(f"{name}: {values[name]!r} is no URL; expected something like http://127.0.0.1:8101")
    settings = Settings(
        crm_url=values["crm_url"],
        crm_token=values["crm_token"],
        erp_url=values["erp_url"],
        erp_key=values["erp_key"],
        erp_secret=values["erp_secret"],
        webhook_url=values["webhook_url"],
        webhook_secret=values["webhook_secret"],
        state_dir=Path(values["state_dir"]),
        poll_every=timedelta(seconds=_seconds(values, "poll_seconds", 300)),
        overlap=timedelta(seconds=_seconds(values, "overlap_seconds", 600)),
        settle=timedelta(seconds=_seconds(values, "settle_seconds", 30)),
        timeout=timedelta(seconds=_seconds(values, "timeout_seconds", 15)),
        workers=max(1, int(_seconds(values, "workers", 8))),
    )
    return settings, Path(values["dictionary"])


def _from_file(path: Path) -> dict[str, str]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from None
    known = (*REQUIRED, *OPTIONAL)
    for name in table:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
            raise SettingsError(f"{path}: unknown setting {name!r}; {hint}")
    return {name: str(value) for name, value in table.items()}


def _seconds(values: Mapping[str, str], name: str, default: float) -> float:
    text = values.get(name)
    if text is None:
        return default
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < 1e7:
        raise SettingsError(f"{name}: {text!r} is not a positive number")
    return number
