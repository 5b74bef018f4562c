"""How reports speak: vendors by their titles, times as clocks, durations and counts in words a person would say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from harness.oracles.finding import Verdict
from harness.oracles.history import History

VERDICT_WORD: Final = {Verdict.HELD: "Held", Verdict.VIOLATED: "Violated", Verdict.UNKNOWN: "Unknown"}
VERDICT_MEANS: Final = {
    Verdict.HELD: "Every promise that this run exercised was kept.",
    Verdict.VIOLATED: "At least one promise to the business was broken.",
    Verdict.UNKNOWN: "Nothing in this run exercised the promises, so nothing was proven.",
}
FAULT_WORDS: Final = {
    "refuse": "refused before the write",
    "lose_reply": "reply lost",
    "late_reply": "reply late",
    "refuse_connection": "connection refused",
    "reset_connection": "connection reset",
    "cut_body": "answer cut off",
    "truncated_json": "answer truncated",
    "proxy_page": "proxy error page",
    "webhook_lost": "webhook lost",
    "webhook_duplicated": "webhook sent twice",
    "webhook_delay": "webhook delayed",
    "webhook_forged": "webhook badly signed",
}
_SYSTEM: Final = re.compile(r"\b(?:crm|erp)\b")
_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def clean(text: str) -> str:
    """Text from the wire without control characters, direction overrides and what no XML may hold; each becomes `�`."""
    return _CONTROL.sub("�", text)


def shorten(text: str, length_max: int) -> str:
    """At most `length_max` characters; what is left out in the middle shows as `…`."""
    if len(text) <= length_max:
        return text
    head = (length_max - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (length_max - 1 - head) :]}"


def count(number: int, one: str, many: str = "") -> str:
    """`1 deal`, `1,204 deals`; `many` where an s is not enough."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def seconds_words(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `1 d 3 h`: two units at most, rounded down."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    for size, unit, below, smaller in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {unit} {rest} {smaller}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def duration_words(duration: timedelta) -> str:
    return seconds_words(duration.total_seconds())


def effect_name(fault: str) -> str:
    """`lose_reply` of `lose_reply(...)`: the kind of a journalled fault."""
    return fault.partition("(")[0]


def fault_words(fault: str) -> str:
    name = effect_name(fault)
    return FAULT_WORDS.get(name, name.replace("_", " "))


def oracle_words(oracle: str) -> str:
    return oracle.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Words:
    """The names of one run's vendors and engine, and its clock."""

    crm: str
    erp: str
    engine: str
    weather: str
    days: bool  # the run spans more than one calendar day, so clocks show the date too

    def clock(self, at: datetime) -> str:
        """`09:14:07.123`, with the date before it where the run lasted longer than a day."""
        time = f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"
        return f"{at:%Y-%m-%d} {time}" if self.days else time

    def clock_short(self, at: datetime) -> str:
        """The clock where there is little room: `09:14:07.123`, or `03-02 09:14:07` where the run lasted longer than a day."""
        return f"{at:%m-%d %H:%M:%S}" if self.days else self.clock(at)

    def system(self, system: str) -> str:
        return {"crm": self.crm, "erp": self.erp}.get(system, system)

    def lane(self, who: str) -> str:
        """The name of a story's lane: a vendor, the engine, or the person as they are called."""
        return {"crm": self.crm, "erp": self.erp, "engine": "engine"}.get(who, clean(who.removeprefix("person:")))

    def plain(self, text: str) -> str:
        """Our own text with the vendors' titles in place of `crm` and `erp`."""
        return _SYSTEM.sub(lambda match: self.system(match[0]), clean(text))

    def record(self, record: str) -> str:
        """`HubSpot deals 123` for `crm deals 123`."""
        system, space, rest = clean(record).partition(" ")
        return f"{self.system(system)} {rest}" if space and system in ("crm", "erp") else clean(record)


def words_of(history: History) -> Words:
    notes, dictionary = history.notes, history.dictionary
    return Words(
        crm=clean(notes.get("crm_title") or dictionary.crm),
        erp=clean(notes.get("erp_title") or dictionary.erp),
        engine=clean(history.engine),
        weather=clean(notes.get("weather") or "none"),
        days=history.started_at.date() != history.ended_at.date(),
    )


def time_word(mode: str) -> str:
    """What kind of time a run passed in: a live one lasts as long as it lasts."""
    return "real time" if mode == "live" else "virtual time"
