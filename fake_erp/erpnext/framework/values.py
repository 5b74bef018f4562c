"""What a column makes of what a client sends: dates with a time, times of day, text without scripts.

Source: facts 3.5 and 9.1. The vendor rewrites HTML with a cleaner of its own; here only scripts, event handlers and `javascript:`
addresses go and everything else stays as it came (our guess at what matters).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

_ZONE = re.compile(r"(?:\s*[zZ]|\s?[+-]\d\d:?\d\d)$")
_TIME = re.compile(r"^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?$")
_SCRIPT = re.compile(r"<script\b.*?(?:</script\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_ELEMENT = re.compile(r"<[a-zA-Z][^<>]*>")
_HANDLER = re.compile(r"""\son\w+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]*)""", re.IGNORECASE)
_ADDRESS = re.compile(
    r"""\s(?:href|src|action|formaction)\s*=\s*(?:"\s*javascript:[^"]*"|'\s*javascript:[^']*'|javascript:[^\s>]*)""",
    re.IGNORECASE,
)
AS_SENT = frozenset({"Code", "Attach", "Attach Image", "Barcode", "Password", "JSON"})  # never cleaned


def datetime_of(value: Any) -> str | None:
    """A time as `YYYY-MM-DD HH:MM:SS`, with its microseconds unless they are zero. `T` is taken, a zone dropped; what is no time
    stays as it came (`validation` refuses it)."""
    if not value:
        return None
    text = str(value).strip()
    try:
        moment = datetime.fromisoformat(_ZONE.sub("", text) if ":" in text else text)
    except ValueError:
        return text
    return moment.replace(tzinfo=None).isoformat(" ")


def time_of(value: Any) -> str | None:
    """A time of day as the vendor shows it: `9:05:06`, hour not padded. What is no time stays as it came."""
    if not value:
        return None
    text = str(value).strip()
    hit = _TIME.match(text)
    if hit is None:
        return text
    hours, minutes, seconds = int(hit[1]), int(hit[2]), int(hit[3] or 0)
    if minutes > 59 or seconds > 59:
        return text
    fraction = (hit[4] or "").ljust(6, "0") if hit[4] else ""
    return f"{hours}:{minutes:02d}:{seconds:02d}" + (f".{fraction}" if fraction.strip("0") else "")


def is_datetime(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_time(text: str) -> bool:
    return _TIME.match(text) is not None and time_of(text) is not None


def cleaned(text: str) -> str:
    """HTML without what could run."""
    text = _SCRIPT.sub("", text)
    return _ELEMENT.sub(lambda hit: _ADDRESS.sub("", _HANDLER.sub("", hit[0])), text)
