"""What crosses the wire: JSON text, numbers, dates, and the site's own offset-free time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache
from math import isfinite
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from harness.kit.clock import Clock

ZERO: Final = Decimal("0.0")
ONE: Final = Decimal("1.0")
CENT: Final = Decimal("0.01")
SIX_PLACES: Final = Decimal("0.000001")
HUNDRED: Final = Decimal(100)
TOO_BIG: Final = Decimal(10) ** 12  # columns are decimal(21,9)
_TOO_BIG: Final = float(TOO_BIG)
MICROSECOND: Final = timedelta(microseconds=1)

_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def encode(value: Any, *, escape: bool = True) -> bytes:
    """Compact JSON; everything beyond ASCII is escaped, as v14 and v15 write it. Decimals become plain JSON numbers."""
    body = _ENCODER.encode(value)
    return body if not escape or body.isascii() else _BEYOND_ASCII.sub(_escape, body.decode()).encode()


def _escape(hit: re.Match[str]) -> str:
    code = ord(hit[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


@lru_cache(maxsize=16384)
def exact(value: Decimal) -> Decimal:
    """The same number written the way JSON shows a float: `100.0`, `118.99`. Kept by value: a decimal is slow to become a float,
    and a flow asks for the same amounts again and again. Equal numbers give the same answer however they are written."""
    return _decimal_of(float(value)) if value else ZERO


@lru_cache(maxsize=8192)
def _decimal_of(value: float) -> Decimal:
    """Kept, because a site sees the same prices and quantities again and again."""
    return Decimal(repr(value))


def money(value: Decimal) -> Decimal:
    """Banker's rounding to two places: the site's currency precision."""
    return exact(value.quantize(CENT, ROUND_HALF_EVEN))


@lru_cache(maxsize=4096)
def percent(part: Decimal, whole: Decimal) -> Decimal:
    """`part` of `whole` in percent with six places; 0 of nothing is 0."""
    return exact((part / whole * HUNDRED).quantize(SIX_PLACES, ROUND_HALF_EVEN)) if whole else ZERO


def number_of(value: Any) -> Decimal:
    """What a number field makes of anything: text is parsed with its commas dropped, what cannot be read is 0 without an error."""
    if isinstance(value, float):
        return _decimal_of(value) if 0 < abs(value) < _TOO_BIG else ZERO if not isfinite(value) or not value else TOO_BIG
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int):
        return _decimal_of(float(value)) if 0 < abs(value) < _TOO_BIG else TOO_BIG if value else ZERO
    else:
        try:
            number = Decimal(str(value).replace(",", "").strip()) if value else ZERO
        except (InvalidOperation, ValueError):
            return ZERO
    if not number or not number.is_finite():
        return ZERO
    return exact(number) if abs(number) < TOO_BIG else TOO_BIG


def int_of(value: Any) -> int:
    if not value:
        return 0
    if value.__class__ is int and -_TOO_BIG < value < _TOO_BIG:
        return int(value)
    return int(number_of(value))


def check_of(value: Any) -> int:
    if value.__class__ is int:
        return 1 if value else 0
    return 1 if number_of(value) else 0


def text_of(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(int(value)) if isinstance(value, bool) else str(value)


def date_of(value: Any) -> str | None:
    """A date as `YYYY-MM-DD` where it can be read so, else the text as it came (`validation.check_dates` refuses it)."""
    if not value:
        return None
    text = str(value).strip()
    if len(text) == 10 and text[4] == text[7] == "-":
        return text
    try:
        year, month, day = text.split(" ")[0].split("T")[0].split("-")
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return text


def is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


def german_date(text: str) -> str:
    """`2026-02-03` as messages show it in this site: `03-02-2026`."""
    return "-".join(reversed(text.split("-")))


def fold(value: Any) -> Any:
    """How the database compares text: without case, accents and trailing spaces."""
    if not isinstance(value, str):
        return value
    text = value.rstrip()
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text.casefold()


def modified_from_wire(text: str, zone: ZoneInfo) -> datetime | None:
    """The earliest instant an offset-free site time can mean, in UTC; None when it is no time."""
    try:
        local = datetime.fromisoformat(text.strip()).replace(tzinfo=None)
        return min(local.replace(tzinfo=zone, fold=fold_).astimezone(UTC) for fold_ in (0, 1))
    except (ValueError, OverflowError):
        return None


class SiteTime:
    """The site's wall clock: naive local time of one zone, as texts."""

    def __init__(self, clock: Clock, zone: ZoneInfo) -> None:
        self.clock, self.zone = clock, zone
        self._instant: datetime | None = None
        self._local = datetime(1970, 1, 1)  # noqa: DTZ001
        self._stamp = ""

    def _refresh(self) -> None:
        now = self.clock.now()
        if now is self._instant or now == self._instant:
            return
        self._instant = now
        self._local = now.astimezone(self.zone).replace(tzinfo=None)
        # A fraction of exactly zero is written in two forms by the vendor. Real servers meet it once in a million saves, a
        # virtual clock in every one, so a whole second is stamped one microsecond later (our guess).
        stamped = self._local if self._local.microsecond else self._local + MICROSECOND
        self._stamp = stamped.isoformat(" ", "microseconds")

    def stamp(self) -> str:
        """Now, as `creation` and `modified` show it."""
        self._refresh()
        return self._stamp

    def today(self) -> str:
        return self.stamp()[:10]

    def now(self) -> str:
        """The time of day as a Time field shows it: `9:05:06.123456`."""
        text = self.stamp()[11:]
        return text[1:] if text[0] == "0" else text

    def year(self) -> int:
        return int(self.stamp()[:4])


def later(stamp: str) -> str:
    """One microsecond after a stamp: two saves of one document in the same instant still differ."""
    return (datetime.fromisoformat(stamp) + MICROSECOND).isoformat(" ", "microseconds")


def without_nulls(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
