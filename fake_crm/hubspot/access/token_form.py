"""What an OAuth access token looks like inside: opaque to clients, readable for the vendor.

As the vendor's, it is a protocol buffer message in base64url without padding. The fields are our guess, except that the vendor
reads an expiry time out of any message, known or not: a made-up token that happens to be one is told that it expired in 1970
(facts 2.3; github.com/HubSpot/hubspot-api-php/issues/363), every other made-up token that no credentials were found.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from random import Random

_EXPIRES_MS, _HUB, _APP, _SIGNATURE = 1, 4, 8, 9
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LENGTH_MAX = 512  # of a token, facts 2.1


def new_token(expires_ms: int, hub_id: int, app_id: int, random: Random) -> str:
    """About 60 characters that begin with `C`."""
    numbers = ((_EXPIRES_MS, expires_ms), (_HUB, hub_id), (_APP, app_id))
    raw = b"".join(_varint(number << 3) + _varint(value) for number, value in numbers)
    signature = random.randbytes(20)
    raw += _varint(_SIGNATURE << 3 | _BYTES) + _varint(len(signature)) + signature
    return urlsafe_b64encode(raw).decode().rstrip("=")


def expires_ms_of(token: str) -> int | None:
    """The epoch milliseconds a token says it ends at: 0 for a message that says nothing, None for what is no token at all.

    What begins as our tokens do and then breaks off counts as a message that says nothing.
    """
    if len(token) > _LENGTH_MAX or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return 0 if token.startswith("C") and token.replace("-", "").replace("_", "").isalnum() and len(token) > 40 else None
    try:
        fields = dict(_fields(raw))
    except (IndexError, ValueError):
        return 0 if raw[:1] == bytes([_EXPIRES_MS << 3]) else None
    return fields.get(_EXPIRES_MS, 0) if fields else None


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _fields(raw: bytes) -> Iterator[tuple[int, int]]:
    """Field numbers and their values, 0 for those that are no varint. Raises IndexError, ValueError if it is no message."""
    at = 0
    while at < len(raw):
        key, at = _read_varint(raw, at)
        number, wire, value = key >> 3, key & 7, 0
        if wire == _VARINT:
            value, at = _read_varint(raw, at)
        elif wire == _BYTES:
            length, at = _read_varint(raw, at)
            at += length
        elif wire in (_FIXED64, _FIXED32):
            at += 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"no wire type {wire}")
        if number == 0 or at > len(raw):
            raise ValueError("no protocol buffer message")
        yield number, value


def _read_varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number of more than 64 bits")
