"""The configuration: a TOML file with a table for each part, or environment variables, which win. Names are in `settings_keys`."""

from __future__ import annotations

import difflib
import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sync_engine.context import Settings
from sync_engine.settings_keys import KEYS, PREFIX, TABLES, Key

CONFIG = f"{PREFIX}CONFIG"  # the file itself; see the command line
SECONDS_MAX, COUNT_MAX = 1e7, 1_000
RECONCILE = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}


class SettingsError(ValueError):
    """What is wrong with the configuration, on one line: where, what was expected, the nearest known name."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What one file and one environment say. `warnings` are sentences for people; no reason not to start."""

    settings: Settings
    dictionary: Path
    crm_vendor: str
    erp_vendor: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """A value and where it comes from, as a person would look for it."""

    text: str
    origin: str


def read_settings(environment: Mapping[str, str], file: Path | None) -> Configuration:
    """Raises SettingsError."""
    warnings: list[str] = []
    values = _from_file(file, environment, warnings) if file is not None else {}
    for key in KEYS:
        if text := environment.get(key.variable):
            values[key.flat] = Value(text, key.variable)
        elif key.kind == "secret" and (path := environment.get(f"{key.variable}_FILE")):
            values[key.flat] = Value(_secret_file(Path(path), f"{key.variable}_FILE", warnings), f"{key.variable}_FILE")
    _complete(values, file)
    warnings += _unknown_variables(environment)
    read = {key.flat: _read(key, values[key.flat]) for key in KEYS}
    return Configuration(_settings(read), Path(read["dictionary"]), read["crm_vendor"], read["erp_vendor"], tuple(warnings))


def _complete(values: dict[str, Value], file: Path | None) -> None:
    """Defaults for what may be left out. What must not is named, all of it at once."""
    missing = [key for key in KEYS if key.default is None and not values.get(key.flat, Value("", "")).text]
    if missing:
        names = ", ".join(f"{key.place} ({key.variable})" for key in missing)
        where = f"{file}: " if file is not None else ""
        raise SettingsError(
            f"{where}missing settings: {names}; put them into the file given with --config (`syncproof-engine init` writes one), "
            "or set these environment variables"
        )
    for key in KEYS:
        values.setdefault(key.flat, Value(key.default or "", key.place))


def _unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """A variable with our prefix that nothing reads is most likely misspelt. What it holds is not repeated."""
    known = [CONFIG, *(key.variable for key in KEYS), *(f"{key.variable}_FILE" for key in KEYS if key.kind == "secret")]
    found: list[str] = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            found.append(f"nothing reads the environment variable {name}" + (f"; did you mean {close[0]}?" if close else ""))
    return found


def _settings(read: Mapping[str, Any]) -> Settings:
    return Settings(
        crm_url=read["crm_url"],
        crm_token=read["crm_token"],
        erp_url=read["erp_url"],
        erp_key=read["erp_key"],
        erp_secret=read["erp_secret"],
        webhook_url=read["webhook_url"],
        webhook_secret=read["webhook_secret"],
        state_dir=Path(read["state_dir"]),
        poll_every=read["poll_seconds"],
        overlap=read["overlap_seconds"],
        settle=read["settle_seconds"],
        timeout=read["timeout_seconds"],
        workers=read["workers"],
        listen=read["listen"],
        crm_portal=read["crm_portal"],
        stop_within=read["stop_seconds"],
        log_format=read["log_format"],
        control_token=read["control_token"],
        traces=read["traces"],
        traces_endpoint=read["traces_endpoint"],
        store=read["store"],
        replicas={"on": True, "off": False}.get(read["replicas"]),
        reconcile_every=RECONCILE.get(read["reconcile_every"]),
        start_from=_start(read["start_from"]),
    )


def _start(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"engine.start_from: {text!r} is no date; expected something like 2026-03-01") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


# -- the file -----------------------------------------------------------------------------------------------------------------


def _from_file(file: Path, environment: Mapping[str, str], warnings: list[str]) -> dict[str, Value]:
    """By flat name. Flat names on the file's top level are accepted as well as tables."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not valid TOML: {error}") from None
    found: dict[str, Value] = {}
    unset: list[str] = []
    for place, value in _entries(file, document):
        _take(found, file, place, value, environment, warnings, unset)
    if unset:  # all of them at once: whoever forgot one forgot its neighbours too
        raise SettingsError(f"{file}: {'; '.join(unset)}")
    return found


def _entries(file: Path, document: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Each value with its place: `table.name`, or a flat name."""
    for name, value in document.items():
        if isinstance(value, dict) and name in TABLES:
            for inner, each in value.items():
                yield f"{name}.{inner}", each
        elif name in TABLES:
            raise SettingsError(f"{file}: {name}: expected a table, [{name}], found {type(value).__name__}")
        else:
            yield name, value


def _take(
    found: dict[str, Value], file: Path, place: str, value: object, environment: Mapping[str, str], warnings: list[str],
    unset: list[str],
) -> None:  # fmt: skip
    """One entry of the file; `unset` gets what it wants from the environment in vain. Raises SettingsError for an unknown name,
    a wrong type, or a secret that is given twice."""
    key, how = _key(file, place)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise SettingsError(f"{file}: {place}: expected {_expected(key)}, found {type(value).__name__}")
    if key.flat in found:
        raise SettingsError(f"{file}: {place}: given twice, also as {found[key.flat].origin.rpartition(' ')[2]}")
    text, origin = str(value), f"{file}: {place}"
    if how == "env":
        if not environment.get(text):
            unset.append(f"{place}: the environment variable {text} is not set")
        text = environment.get(text, "")
    elif how == "file":
        text = _secret_file(file.parent / text, origin, warnings)
    elif key.kind == "secret":
        _warn_if_readable(file, f"holds {place}", warnings)
    elif key.kind == "path":
        text = str(file.parent / text)
    found[key.flat] = Value(text, origin)


def _key(file: Path, place: str) -> tuple[Key, str]:
    """The key of a place, and how a secret is given there (`env`, `file` or directly). Raises SettingsError."""
    known: dict[str, tuple[Key, str]] = {}
    for key in KEYS:
        for spelling in key.spellings:
            how = spelling.removeprefix(key.name).removeprefix("_")
            known[f"{key.table}.{spelling}"] = (key, how)
            known[f"{key.flat}_{how}" if how else key.flat] = (key, how)
    if place in known:
        return known[place]
    inside = [name for name in known if name.startswith(f"{place.partition('.')[0]}.")] if "." in place else []
    names = [*inside, *known, *TABLES]
    close = difflib.get_close_matches(place, inside, n=1) or difflib.get_close_matches(place, names, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(inside or [key.place for key in KEYS])}"
    raise SettingsError(f"{file}: unknown setting {place!r}; {hint}")


def _secret_file(path: Path, origin: str, warnings: list[str]) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{origin}: {path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if not text:
        raise SettingsError(f"{origin}: {path} is empty")
    _warn_if_readable(path, "is a secret", warnings)
    return text


def _warn_if_readable(path: Path, why: str, warnings: list[str]) -> None:
    if os.name == "posix" and path.stat().st_mode & stat.S_IROTH:
        text = f"{path} {why}, and everybody on this machine can read it; chmod 600 {path}"
        if not any(each.startswith(f"{path} ") for each in warnings):
            warnings.append(text)


# -- single values ------------------------------------------------------------------------------------------------------------


def _read(key: Key, value: Value) -> Any:
    """The value as its kind says. Raises SettingsError; what a secret holds is never repeated."""
    text = value.text
    if key.kind == "url":
        return _url(value) if text or key.default is None else ""
    if key.header and not (text.isascii() and text.isprintable()):
        raise SettingsError(f"{value.origin}: holds a line break or a special letter; expected plain characters")
    if key.kind == "choice":
        if text not in key.choices:
            raise SettingsError(f"{value.origin}: {text!r}: expected {_expected(key)}")
        return text
    if key.kind not in ("seconds", "count"):
        return text
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if key.kind == "seconds" and 0 < number < SECONDS_MAX:
        return timedelta(seconds=number)
    if key.kind == "count" and number.is_integer() and 1 <= number <= COUNT_MAX:
        return int(number)
    raise SettingsError(f"{value.origin}: {text!r} is not {_expected(key)}")


def _url(value: Value) -> str:
    try:
        parts = urlsplit(value.text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        raise SettingsError(f"{value.origin}: {value.text!r} is no URL; expected something like http://127.0.0.1:8101")
    if parts.username or parts.password:
        raise SettingsError(f"{value.origin}: an address must not hold a user or password; it would end up in logs")
    return value.text


def _expected(key: Key) -> str:
    if key.kind == "choice":
        return " or ".join(repr(choice) for choice in key.choices)
    return {
        "seconds": "a positive number of seconds",
        "count": f"a whole number from 1 to {COUNT_MAX}",
    }.get(key.kind, "a text")


__all__ = ["PREFIX", "Configuration", "SettingsError", "read_settings"]
