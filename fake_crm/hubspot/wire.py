"""From records to wire and back: instants, record shapes, correlation ids, bodies.

Times in properties and envelopes are ISO 8601 UTC with `Z` and milliseconds, the fraction left out when it is zero.
"""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec

from fake_crm.hubspot.errors import bad_json, missing_attributes, wrong_shape
from harness.kit.call import BadJson, Call, Reply
from harness.kit.clock import Clock, epoch_ms

encode = msgspec.json.Encoder().encode


def wire_time(at: datetime) -> str:
    """`2026-03-02T08:00:00.123Z`, or `2026-03-02T08:00:00Z` on the full second. `at` is aware UTC."""
    text = at.isoformat(timespec="milliseconds")
    return f"{text[:19]}Z" if text[20:23] == "000" else f"{text[:23]}Z"


def instant_of(text: str) -> datetime | None:
    """The instant a stored date or datetime value stands for, or None."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def ms_of(text: str) -> int | None:
    """Epoch milliseconds of a stored date or datetime value, or None."""
    at = instant_of(text)
    return epoch_ms(at) if at is not None else None


class CorrelationIds:
    """UUIDv7-shaped ids from the clock and the seed."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock, self._random = clock, random

    def next(self) -> str:
        bits = self._random.getrandbits(74)
        number = (
            (epoch_ms(self._clock.now()) << 80) | (0x7 << 76) | ((bits >> 62) << 64) | (0b10 << 62) | (bits & 0x3FFFFFFFFFFFFFFF)
        )
        text = f"{number:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def ok(body: Any, status: int = 200) -> Reply:
    return Reply(status, encode(body))


def no_content() -> Reply:
    return Reply(204)


def body_object(call: Call) -> dict[str, Any]:
    """The body as a JSON object. Raises HubSpotError 400 for anything else."""
    try:
        body = call.json()
    except BadJson as error:
        raise bad_json(error.reason, call.body) from None
    if not isinstance(body, dict):
        raise wrong_shape("Cannot deserialize value of type `Object` from another JSON value")
    return body


def body_list(call: Call) -> list[Any]:
    """The body as a JSON array. Raises HubSpotError 400 for anything else."""
    try:
        body = call.json()
    except BadJson as error:
        raise bad_json(error.reason, call.body) from None
    if not isinstance(body, list):
        raise wrong_shape("Cannot deserialize value of type `ArrayList` from another JSON value")
    return body


def objects_in(body: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """An array of objects under `key`; absent or null is empty."""
    value = body.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise wrong_shape(f"Cannot deserialize value of type `ArrayList` at `{key}`")
    return value


def order_in(row: dict[str, Any], default: int) -> int:
    """`displayOrder`, a whole number of 32 bits as the vendor's documents say; absent or null is the default."""
    value = row.get("displayOrder")
    if value is None:
        return default
    number = whole(value)
    if number is None or not -(2**31) <= number < 2**31:
        raise wrong_shape("Cannot deserialize value of type `int` at `displayOrder`")
    return number


def text_in(body: dict[str, Any], key: str) -> str | None:
    """The string under `key`, or None where it is absent or null. Raises HubSpotError 400 for another type."""
    value = body.get(key)
    if value is None or isinstance(value, str):
        return value
    raise wrong_shape(f"Cannot deserialize value of type `String` at `{key}`")


def names_in(body: dict[str, Any], key: str) -> list[str]:
    """An array of strings under `key`; absent or null is empty."""
    value = body.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise wrong_shape(f"Cannot deserialize value of type `ArrayList<String>` at `{key}`")
    return value


def properties_in(body: dict[str, Any]) -> dict[str, Any]:
    """The `properties` object of a write. Raises HubSpotError 400 when it is absent or no object."""
    value = body.get("properties")
    if value is None:
        raise missing_attributes(["properties"])
    if not isinstance(value, dict):
        raise wrong_shape("Cannot deserialize value of type `LinkedHashMap` at `properties`")
    return value


def whole(value: Any) -> int | None:
    """A JSON number without a fraction, `5.0` included as JSON Schema has it; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def id_text(value: Any) -> str:
    """An id in a body, string or number. Raises HubSpotError 400 for another type."""
    if isinstance(value, str):
        return value
    number = whole(value)
    if number is not None and abs(number) < 10**30:
        return str(number)
    raise wrong_shape("Cannot deserialize value of type `String` at `id`")


def is_id(text: str) -> bool:
    """Whether a record id is made of digits as the vendor's are."""
    return text.isascii() and text.isdigit()
