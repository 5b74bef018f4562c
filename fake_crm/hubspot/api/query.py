"""What the query string of a read asks for. Source: facts section 4.2."""

from __future__ import annotations

from dataclasses import dataclass

from fake_crm.hubspot.errors import validation
from fake_crm.hubspot.wire import is_id
from harness.kit.call import Call


@dataclass(frozen=True, slots=True)
class Asked:
    """What a read's query asks for. `properties` None means the type's default set."""

    properties: tuple[str, ...] | None = None
    associations: tuple[str, ...] = ()
    archived: bool = False
    id_property: str | None = None
    history: tuple[str, ...] = ()  # properties whose earlier values are wanted as well
    limit: str | None = None
    after: str | None = None


_NOTHING = Asked()
_asked_before: dict[str, Asked] = {}  # queries repeat: parsing is a pure function of their text
_ASKED_MAX = 4096


def asked(call: Call) -> Asked:
    """The query of a read. Lists come comma-separated, repeated, or both."""
    if not call.query:
        return _NOTHING
    known = _asked_before.get(call.query)
    if known is None:
        if len(_asked_before) >= _ASKED_MAX:
            _asked_before.clear()
        known = _asked_before[call.query] = _parse(call)
    return known


def _parse(call: Call) -> Asked:
    lists: dict[str, list[str]] = {"properties": [], "associations": [], "propertiesWithHistory": []}
    single: dict[str, str] = {}
    for name, value in call.query_pairs():
        if name in lists:
            lists[name] += [part for part in value.split(",") if part]
        else:
            single[name] = value
    return Asked(
        properties=tuple(dict.fromkeys(lists["properties"])) or None,
        associations=tuple(dict.fromkeys(lists["associations"])),
        archived=single.get("archived", "").lower() == "true",
        id_property=single.get("idProperty") or None,
        history=tuple(dict.fromkeys(lists["propertiesWithHistory"])),
        limit=single.get("limit"),
        after=single.get("after"),
    )


def page_limit(text: str | None, default: int, limit_max: int) -> int:
    """The `limit` of a list. Raises HubSpotError 400 outside 1 to `limit_max`; the text is our guess."""
    if text is None or text == "":
        return default
    if not is_id(text) or len(text) > 9 or not 1 <= int(text) <= limit_max:
        raise validation(f"limit must be between 1 and {limit_max}, was {text[:40]}")
    return int(text)
