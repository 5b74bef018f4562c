"""One request and its reply, without a socket: what `Fake.handle` takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec


class Outcome(StrEnum):
    """Whether the caller may know that a write happened. Oracles accept both worlds only for UNKNOWN."""

    APPLIED = "applied"
    NOT_APPLIED = "not_applied"
    UNKNOWN = "unknown"


class Disruption(StrEnum):
    """What happens to a reply between the fake and its client; the carrier (network model or socket server) does it."""

    REFUSE_CONNECTION = "refuse_connection"  # the client never connects; nothing was applied
    RESET = "reset"  # the connection dies without an answer
    LOSE = "lose"  # no answer ever comes; the client's own read timeout decides how long it waits
    CUT = "cut"  # the connection dies in the middle of the body


class BadJson(ValueError):
    """A request body that is not JSON. `reason` is the parser's own text, `column` is 1-based."""

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


@dataclass(slots=True)
class Call:
    """A request as a fake sees it.

    `path` is percent-decoded once. `query` is raw. `headers` has lower-case names. `caller` says who calls, for the
    journal (`engine`, `client`, `person:anna`). `person` is set for a simulated human in the vendor's own screens: such
    calls carry no token, spend no API quota and meet no faults. `number` is the journal's request number, set on receipt.
    """

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    caller: str = "client"
    person: str | None = None
    number: int = 0
    params: dict[str, str] = field(default_factory=dict)
    operation: str = ""
    principal: str = ""
    host: str = ""

    def json(self) -> Any:
        """The body as JSON (floats stay floats; use `money.read_json` where amounts matter). Raises BadJson."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadJson(str(error), column=1) from None

    def query_pairs(self) -> list[tuple[str, str]]:
        """Query parameters in order, decoded, blank values kept."""
        return list(_pairs(self.query)) if self.query else []

    def query_dict(self) -> dict[str, str]:
        """Query parameters, the last of a repeated name winning."""
        return dict(_pairs(self.query)) if self.query else {}


@lru_cache(maxsize=512)
def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    """A poller asks the same question all day: it is taken apart once."""
    return tuple(parse_qsl(query, keep_blank_values=True))


@dataclass(slots=True)
class Reply:
    """A fake's answer, and how the carrier is to deliver it. `outcome` speaks of the write the call asked for.

    `headers` has lower-case names. `cookies` are values of `set-cookie`, the one header that a reply may have several of.
    """

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    outcome: Outcome = Outcome.APPLIED
    disruption: Disruption | None = None
    late_by: timedelta = timedelta(0)
    took: timedelta = timedelta(0)  # simulated processing time; the carrier waits for it before it delivers
    cookies: Sequence[str] = ()

    def json(self) -> Any:
        return msgspec.json.decode(self.body) if self.body else None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300
