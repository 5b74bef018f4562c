"""JSON at the edges: no float ever exists, so 0.1 + 0.2 is 0.3. Decimals travel as exact JSON numbers."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from html import unescape
from typing import Any
from urllib.parse import quote

import msgspec

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")
_TAGS = re.compile(r"<[^>]+>")


class NotJson(ValueError):
    """The bytes are not a JSON document."""


def read_json(raw: bytes) -> Any:
    """Numbers with a fraction become Decimal. Raises NotJson."""
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotJson(str(error)) from None


def write_json(value: Any) -> bytes:
    return _encoder.encode(value)


def write_text(value: Any) -> str:
    return _encoder.encode(value).decode("utf-8")


def plain(text: str, *, length_max: int = 400) -> str:
    """Vendor text without markup, on one line."""
    flat = (
        " ".join(unescape(_TAGS.sub(" ", text)).split())
        if "<" in text or "\n" in text or "&" in text or "  " in text
        else text.strip()
    )
    return flat if len(flat) <= length_max else flat[: length_max - 1] + "…"


@lru_cache(maxsize=256)
def segment(text: str) -> str:
    """One path segment, every reserved character encoded: names may hold `#`, `/` and `%`."""
    return quote(text, safe="")
