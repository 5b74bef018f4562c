"""Faults as people write them in JSON: read with errors that name what was expected, written so that they can be read again.

{"on": "crm.create_deal", "nth": 2, "effect": "lose_reply"}                                   one thing, once
{"on": "crm.*", "effect": {"effect": "proxy_page", "status": 503}, "probability": 0.01}       by chance
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, TypeVar, get_args

import msgspec

from harness.kit.faults import AnyEffect, Effect, Fault, FaultRate, ProxyPage, Refuse

EFFECTS: dict[str, type[Effect]] = {str(effect.__struct_config__.tag): effect for effect in get_args(AnyEffect)}
REFUSALS = (
    "server_error",
    "throttled",
    "locked",
    "lock_timeout",
    "record_changed",
    "conflict",
    "too_large",
    "migrating",
    "maintenance",
)
T = TypeVar("T")


class BadFault(ValueError):
    """A fault that cannot be read. The text says which, why, and the nearest known name."""


def read_faults(document: Any, system: str) -> list[Fault | FaultRate]:
    """A JSON list of faults for the fake that plays `system`. Raises BadFault, and then nothing of the list counts."""
    if not isinstance(document, list):
        raise BadFault(
            f'expected a JSON list of faults, such as [{{"on": "{system}.*", "effect": "lose_reply"}}], got {_kind(document)}'
        )
    faults: list[Fault | FaultRate] = []
    for position, item in enumerate(document, start=1):
        try:
            faults.append(_read_one(item, system))
        except BadFault as error:
            raise BadFault(f"fault {position}: {error}") from None
    return faults


def write_faults(faults: Iterable[Fault | FaultRate]) -> list[dict[str, Any]]:
    """Plain values that `read_faults` understands; fields without a value are left out."""
    return [{name: value for name, value in msgspec.to_builtins(fault).items() if value is not None} for fault in faults]


def _read_one(item: Any, system: str) -> Fault | FaultRate:
    if not isinstance(item, dict):
        raise BadFault(f"expected an object with `on` and `effect`, got {_kind(item)}")
    shape: type[Fault] | type[FaultRate] = FaultRate if "probability" in item else Fault
    _check_names(item, shape.__struct_fields__, "a field of a fault")
    for needed in ("on", "effect"):
        if needed not in item:
            raise BadFault(f"`{needed}` is missing")
    effect = _read_effect(item["effect"])
    rest = {name: value for name, value in item.items() if name != "effect"}
    fault = _convert({**rest, "effect": msgspec.to_builtins(effect)}, shape)
    if not fnmatchcase(system, fault.on.split(".", 1)[0]):
        raise BadFault(f"`on` is {fault.on!r}, which never meets this fake: its operations begin with `{system}.`")
    _check_values(fault)
    return fault


def _read_effect(value: Any) -> Effect:
    fields: dict[str, Any] = {"effect": value} if isinstance(value, str) else value
    if not isinstance(fields, dict) or not isinstance(fields.get("effect"), str):
        raise BadFault(f'`effect` is a name, or an object such as {{"effect": "late_reply", "by_ms": 30000}}; got {_kind(value)}')
    name = fields["effect"]
    _check_names([name], EFFECTS, "an effect")
    effect = EFFECTS[name]
    _check_names([field for field in fields if field != "effect"], effect.__struct_fields__, f"a setting of {name}")
    return _convert(fields, effect)


def _check_values(fault: Fault | FaultRate) -> None:
    effect = fault.effect
    if isinstance(effect, Refuse):
        _check_names([effect.kind], REFUSALS, "a kind of refusal")
    if isinstance(effect, ProxyPage) and not 500 <= effect.status <= 599:
        raise BadFault(f"`status` of a proxy page is 500 to 599, got {effect.status}")
    if effect.text().startswith("late_reply") and getattr(effect, "by_ms", 0) < 0:
        raise BadFault("`by_ms` is 0 or more milliseconds")
    if isinstance(fault, FaultRate):
        if not 0 <= fault.probability <= 1:
            raise BadFault(f"`probability` is 0 to 1, got {fault.probability}")
        return
    if fault.nth < 1:
        raise BadFault(f"`nth` counts calls from 1, got {fault.nth}")
    for name in ("after", "until"):
        instant: datetime | None = getattr(fault, name)
        if instant is not None and instant.tzinfo is None:
            raise BadFault(f"`{name}` needs a UTC offset, such as {instant.isoformat()}Z")


def _check_names(names: Iterable[str], known: Iterable[str], what: str) -> None:
    known = list(known)
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise BadFault(f"{name!r} is not {what}{hint} known: {', '.join(known) or 'none'}")


def _convert(value: dict[str, Any], shape: type[T]) -> T:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise BadFault(str(error).replace("$.", "").replace(" - at", " at")) from None


def _kind(value: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "a truth value",
        int: "a number",
        float: "a number",
        type(None): "null",
    }
    return names.get(type(value), type(value).__name__)
