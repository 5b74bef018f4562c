"""What a property value may be, and the text HubSpot stores for it. Source: facts section 6 (values) and 3.4 (refusals).

Every stored value is text; a cleared one is the empty text. Leading or trailing space is refused in everything but strings.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from fake_crm.hubspot.model.definitions import Property
from fake_crm.hubspot.wire import wire_time
from harness.kit.clock import EPOCH

TEXT_MAX = 65_536
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FRACTION = re.compile(r"\.([0-9]+)")
_EMAIL = re.compile(r"[^\s@,;<>()\[\]\\]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


class Invalid(Exception):
    """A value is refused: the vendor's code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def text_of(value: Any) -> str:
    """Any JSON scalar as text. A whole float loses its `.0`: the wire's own spelling is gone once JSON is parsed (our guess)."""
    if isinstance(value, str):
        return value
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        if abs(value) >= 10**300:
            raise Invalid("INVALID_INTEGER", "the number is too large")
        return str(value)
    raise Invalid("INVALID_STRING", "a property value must be a string, a number or a boolean")  # the text is our guess


def normalise(prop: Property, value: Any, *, canonical: bool = False) -> str:
    """The stored text of a value. Raises Invalid. Owners, pipelines, stages and e-mails have rules of their own on top."""
    text = text_of(value)
    if not text:
        return ""
    kind = prop.type
    if kind == "string" or kind == "phone_number":
        if len(text) > TEXT_MAX:
            raise Invalid("PROPERTY_VALUE_TOO_LONG", f"{prop.name} is longer than {TEXT_MAX} characters")  # our guess
        return text
    if kind == "enumeration":
        return text if prop.external else _options(prop, text)
    if kind == "number":
        return _number(prop, text, canonical)
    if kind == "bool":
        if text != "true" and text != "false":
            raise Invalid("INVALID_OPTION", f"{text} was not one of the allowed options: [true, false]")
        return text
    if kind == "datetime":
        return wire_time(_instant(text))
    if kind == "date":
        return _day(text)
    return text


def _number(prop: Property, text: str, canonical: bool) -> str:
    if len(text) > 400 or not _NUMBER.fullmatch(text):
        raise Invalid("INVALID_INTEGER", f"{prop.name} was not a valid number")
    if canonical:
        return decimal_text(Decimal(text))
    return text


def decimal_text(number: Decimal) -> str:
    """Plain notation without trailing zeros: `1500`, `59.7`."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def _options(prop: Property, text: str) -> str:
    parts = [part for part in text.split(";") if part] if prop.multiple else [text]
    for part in parts:
        if part not in prop.allowed:
            raise Invalid("INVALID_OPTION", f"{part} was not one of the allowed options: [{', '.join(prop.allowed)}]")
    return text


def joined(current: str, written: str) -> str:
    """A multiple choice after a write: a leading `;` appends, anything else replaces."""
    kept = current.split(";") if written.startswith(";") and current else []
    return ";".join(dict.fromkeys([*kept, *(part for part in written.split(";") if part)]))


def _instant(text: str) -> datetime:
    """ISO 8601 with at most milliseconds, or epoch milliseconds. A date alone is its midnight UTC (our guess)."""
    ms = _epoch_ms(text)
    if ms is not None:
        return EPOCH + timedelta(milliseconds=ms)
    fraction = _FRACTION.search(text)
    if text != text.strip() or (fraction is not None and len(fraction[1]) > 3):
        raise _not_a_long(text)
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _not_a_long(text) from None


def _day(text: str) -> str:
    ms = _epoch_ms(text)
    if ms is not None:
        at = EPOCH + timedelta(milliseconds=ms)
        if ms % 86_400_000:
            clock = f"{at.hour}:{at.minute}:{at.second}.{at.microsecond // 1000}"
            raise Invalid("INVALID_DATE", f"{text} is at {clock} UTC, not midnight!")
        return at.date().isoformat()
    if _DAY.fullmatch(text):
        try:
            return datetime.fromisoformat(text).date().isoformat()
        except ValueError:
            raise _not_a_long(text) from None
    at = _instant(text)
    if at.hour or at.minute or at.second or at.microsecond:
        raise Invalid("INVALID_DATE", f"{text} is at {at.hour}:{at.minute}:{at.second}.{at.microsecond // 1000} UTC, not midnight!")
    return at.date().isoformat()


def _epoch_ms(text: str) -> int | None:
    digits = text[1:] if text[0] == "-" else text
    if not (digits.isascii() and digits.isdigit()):
        return None
    ms = int(text) if len(digits) < 17 else 10**17
    if not -62_135_596_800_000 <= ms <= 253_402_300_799_999:
        raise _not_a_long(text)
    return ms


def _not_a_long(text: str) -> Invalid:
    return Invalid("INVALID_LONG", f"{text} was not a valid long.")


def email_of(text: str, unknown_tlds: tuple[str, ...]) -> str:
    """A contact's address as stored: trimmed and lower-cased. Raises Invalid INVALID_EMAIL."""
    email = text.strip().lower()
    if len(email) > 320 or not _EMAIL.fullmatch(email) or email.rpartition(".")[2] in unknown_tlds:
        raise Invalid("INVALID_EMAIL", f"Email address {email} is invalid")
    return email
