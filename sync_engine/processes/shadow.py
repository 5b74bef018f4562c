"""The shadow of a link: what both sides of a pair agreed on last, as a flat map of texts. Pure. Per field:

    <key>     the value last seen on the target's side (what a write was answered with: targets may tidy what they are given)
    < <key>   the source's value in the target's form, where it is another text than that
    ! <key>   a conflict that waits for a person: JSON [source, target] as they were when it was noticed
    > <key>   a write about to be sent: JSON [source, target, side], so that a death behind it does not make it somebody's edit;
              into the CRM also the value that was read, the value sent, and the ISO instant (`races`)
    # <key>   overwritten foreign edits: `<count> <ISO instant of the first>`

`key` is the ERP field for what the CRM owns, `crm.<field>` for what the ERP owns.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sync_engine.dictionary import FieldMap, System
from sync_engine.mapping.values import carried, number, number_text, same
from sync_engine.wire import read_json

OVERWRITES_WITHIN = timedelta(hours=1)  # foreign edits of a field are counted so long


def key(field: FieldMap) -> str:
    return field.erp.field if field.owner == "crm" else f"crm.{field.crm.field}"


def settle(agreed: dict[str, str], each: FieldMap, source: str, target: str) -> None:
    """Write down that these two values of a field belong together; what was open about the field is over."""
    name = key(each)
    agreed[name] = target
    for mark in "<!#":
        agreed.pop(f"{mark} {name}", None)
    if source != target:
        agreed[f"< {name}"] = source


def as_written(agreed: dict[str, str], each: FieldMap, system: System, shown: Any) -> None:
    """A write was answered: remember what that side made of the value, so that it is not taken for somebody's edit."""
    known = known_pair(agreed, key(each))
    if known is None:
        return
    fights = agreed.get(f"# {key(each)}")
    if each.owner == system:
        settle(agreed, each, carried(each, shown), known[1])
    else:
        settle(agreed, each, known[0], as_text(each, shown))
    if fights is not None:
        agreed[f"# {key(each)}"] = fights


def keep_as_before(agreed: dict[str, str], before: Mapping[str, str] | None, each: FieldMap) -> None:
    """A write did not happen, or must not count: the field is as it was agreed before, and nothing is on its way."""
    for mark in ("", "< ", "! ", "> ", "# "):
        name = f"{mark}{key(each)}"
        agreed.pop(name, None)
        if before is not None and name in before and mark != "> ":
            agreed[name] = before[name]


def as_text(each: FieldMap, value: Any) -> str:
    """A value of the target's side as text, in the form that `carried` gives."""
    if each.target().type in ("decimal", "integer", "percent", "float"):
        try:
            amount = number(value)
        except ValueError:
            return str(value)
        return number_text(amount) if amount is not None else ""
    return "" if value is None else str(value)


def known_pair(agreed: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """(source, target) as last agreed."""
    if name not in agreed:
        return None
    return agreed.get(f"< {name}", agreed[name]), agreed[name]


def waiting_pair(agreed: Mapping[str, str], name: str) -> tuple[str, str] | None:
    text = agreed.get(f"! {name}")
    if text is None:
        return None
    source, target = read_json(text.encode())
    return str(source), str(target)


def sent_pair(agreed: Mapping[str, str], each: FieldMap, s: str, t: str) -> tuple[str, str] | None:
    """The pair that a write before our death made, if it arrived."""
    text = agreed.get(f"> {key(each)}")
    if text is None:
        return None
    source, target, side = read_json(text.encode())[:3]
    arrived = same(each, t, target) if side == "target" else same(each, s, source)
    return (str(source), str(target)) if arrived else None


def overwrites(text: str, now: datetime) -> tuple[int, datetime]:
    count, _, since = text.partition(" ")
    if not since or now - datetime.fromisoformat(since) > OVERWRITES_WITHIN:
        return 0, now
    return int(count), datetime.fromisoformat(since)
