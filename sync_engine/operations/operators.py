"""What operators see and do about errors: reports with all that a person needs, retry, skip. For the command line and over HTTP."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime

from sync_engine.dictionary import Dictionary
from sync_engine.operations.repairs import repair_for
from sync_engine.operations.screens import screen, split_erp
from sync_engine.processes.mirrored import MIRROR
from sync_engine.store import DeadLetter, Store, WorkRow


class UnknownError(ValueError):
    """No such error; the text names those that are open."""


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """One error. `screen` and `other_screen` are addresses or empty; `last_call`: the vendor call that failed last, its answer."""

    record: str
    classification: str
    cause: str
    repair: str
    status: str
    attempts: int
    first_seen: str
    last_seen: str
    screen: str = ""
    other_screen: str = ""
    correlation: str = ""
    last_call: str = ""
    note: str = ""

    def facts(self) -> dict[str, str | int]:
        """By name; what is empty is left out."""
        return {name: value for name, value in asdict(self).items() if value != ""}


class Operators:
    """Without `dictionary`, pairs of records are not known; without `crm_portal` and `erp_url`, no screens are."""

    def __init__(self, store: Store, dictionary: Dictionary | None = None, *, crm_portal: str = "", erp_url: str = "") -> None:
        self._store, self._dictionary, self._portal, self._erp_url = store, dictionary, crm_portal, erp_url
        self._erp_kinds = [entity.erp.kind for entity in dictionary.entities] if dictionary is not None else []

    def errors(self) -> list[ErrorReport]:
        """Open dead letters, and work that was tried in vain many times and still is."""
        reports = [self.report(letter) for letter in self._store.dead_letters()]
        named = {report.record for report in reports}
        return reports + [each for row in self._store.failing_work() if (each := self._failing(row)).record not in named]

    def errors_by_classification(self) -> Counter[str]:
        return Counter(report.classification for report in self.errors())

    def find(self, record: str) -> ErrorReport:
        """Open, skipped or resolved. Raises UnknownError."""
        letter = self._store.dead_letter(record)
        if letter is not None:
            return self.report(letter)
        reports = self.errors()
        for report in reports:
            if report.record == record:
                return report
        known = ", ".join(report.record for report in reports) or "none"
        raise UnknownError(f"no error is known for {record!r}; open: {known}")

    def report(self, letter: DeadLetter) -> ErrorReport:
        return ErrorReport(
            letter.record,
            letter.classification,
            letter.cause,
            letter.hint or repair_for(letter.cause),
            letter.status,
            letter.attempts,
            letter.first_seen,
            letter.last_seen,
            self._screen(letter.record),
            self._screen(self._counterpart(letter.record)),
            letter.correlation,
            letter.last_call,
            letter.note,
        )

    def _failing(self, row: WorkRow) -> ErrorReport:
        record = record_name(self._dictionary, self._store, row)
        since = row.since.isoformat()
        return ErrorReport(
            record,
            "transient",
            f"tried {row.attempts} times: {row.cause}",
            "The engine goes on trying by itself; see whether the system it names works.",
            "open",
            row.attempts,
            since,
            since,
            self._screen(record),
            correlation=row.correlation,
        )

    def retry(self, record: str) -> ErrorReport:
        """Have the running engine look again, whether the record changed or not. Raises UnknownError."""
        found = self.find(record)
        with self._store.transaction():
            self._store.reopen(record)
            self._store.ask_again(record)
        return found

    def skip(self, record: str, reason: str, who: str, at: datetime) -> ErrorReport:
        """Close an error unsolved: the record is left alone until it changes. Raises UnknownError."""
        found = self.find(record)
        with self._store.transaction():
            done = self._store.skip(record, f"{reason} (skipped by {who} at {at.isoformat(timespec='seconds')})")
            if done:
                self._store.ask_again(record)  # its error field is to be cleared
        if not done:
            raise UnknownError(
                f"{record}: only an open error can be skipped; this one is {found.status} and {found.classification}"
            )
        return found

    def _screen(self, record: str) -> str:
        return screen(record, crm_portal=self._portal, erp_url=self._erp_url, erp_kinds=self._erp_kinds) if record else ""

    def _counterpart(self, record: str) -> str:
        """The record's other half, where a pair is known."""
        system, _, rest = record.partition(" ")
        for entity in self._dictionary.entities if self._dictionary is not None else ():
            if system == "crm" and rest.startswith(f"{entity.crm.kind} "):
                link = self._store.linked(entity.name, rest.rpartition(" ")[2])
                return f"erp {entity.erp.kind} {link.erp_id}" if link is not None else ""
            if system == "erp" and (split := split_erp(rest, self._erp_kinds)) is not None and split[0] == entity.erp.kind:
                link = self._store.linked_erp(entity.name, split[1])
                return f"crm {entity.crm.kind} {link.crm_id}" if link is not None else ""
        return ""


def record_name(dictionary: Dictionary | None, store: Store, row: WorkRow) -> str:
    """What a person has to look at for an item of work."""
    kinds = {entity.name: entity.crm.kind for entity in dictionary.entities} if dictionary is not None else {}
    if row.process == MIRROR and dictionary is not None:
        return f"erp {dictionary.entity(row.entity).erp.kind} {row.record}"
    if row.process in ("progress", "gone") and "order" in kinds:
        link = store.linked_erp("order", row.record)
        return f"crm {kinds['order']} {link.crm_id}" if link is not None else f"erp Sales Order {row.record}"
    if row.entity == "contact":
        return f"crm contacts {row.record.rpartition('/')[2]}"
    if row.entity in kinds:
        return f"crm {kinds[row.entity]} {row.record}"
    return f"{row.process} {row.entity} {row.record}"
