"""One ERPNext site: its records, its schema, its time, and what the request in hand has gathered so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from fake_erp.erpnext.errors import Message, not_found, unknown_doctype
from fake_erp.erpnext.framework.meta import Doc, DocType, standard_doctypes
from fake_erp.erpnext.framework.references import References
from fake_erp.erpnext.framework.rounding import Rounding
from fake_erp.erpnext.framework.unique_rows import UniqueRows
from fake_erp.erpnext.framework.variants import vary
from fake_erp.erpnext.settings import Settings
from fake_erp.erpnext.wire import SiteTime, fold, later
from harness.kit.clock import Clock
from harness.kit.records import Record, RecordStore
from harness.kit.seed import Seed

_BASE32 = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = [a + b for a in _BASE32 for b in _BASE32]

STORE_INDEXES: Mapping[str, tuple[str, ...]] = {
    "Customer": ("customer_name",),
    "Sales Order": ("customer", "status", "po_no", "amended_from"),
    "Quotation": ("party_name", "status", "amended_from"),
    "Delivery Note": ("customer", "status", "return_against", "amended_from"),
    "Sales Invoice": ("customer", "status", "return_against", "amended_from"),
    "Payment Entry": ("party", "status", "amended_from"),
    "Payment Request": ("reference_name",),
    "GL Entry": ("voucher_no",),
    "Payment Ledger Entry": ("voucher_no",),
    "Stock Ledger Entry": ("voucher_no",),
    "Stock Entry": ("amended_from",),
    "Bin": ("item_code",),
    "Item Price": ("item_code",),
    "Currency Exchange": ("from_currency",),
    "Item": ("item_group",),
    "Custom Field": ("dt",),
    "Comment": ("reference_name",),
    "File": ("attached_to_name", "file_url"),
    "Version": ("docname",),
    "Webhook": ("webhook_doctype",),
}

EventSink = Callable[[str, str, Mapping[str, Any]], None]


class Site:
    """What every part of the dialect works on. `user` is who acts in the request in hand."""

    def __init__(self, store: RecordStore, clock: Clock, settings: Settings, seed: Seed) -> None:
        self.store, self.settings = store, settings
        self.time = SiteTime(clock, ZoneInfo(settings.time_zone))
        self.rounding = Rounding(
            settings.rounding_method, settings.currency_precision, settings.float_precision, settings.number_format
        )
        self.names: Random = seed.stream("names")
        self.noise: Random = seed.stream("exception ids")
        self.shuffle: Random = seed.stream("unsorted lists")
        self.doctypes: dict[str, DocType] = standard_doctypes()
        vary(self.doctypes, settings)
        if settings.version >= 16:  # the title of an order lost its default there
            self.doctypes["Sales Order"].fields["title"].default = ""
            self.doctypes["Sales Order"].derive()
        self.dropped: dict[str, set[str]] = {}  # columns of deleted custom fields: records may still hold their values
        self._folded = {fold(name): name for name in self.doctypes}
        self.references = References(store, self.doctypes)
        self.unique_rows = UniqueRows(store, self.doctypes)
        self.user = "Administrator"
        self.notices: list[Message] = []
        self.may_write_level: Callable[[str, int], bool] = lambda doctype, level: True  # set by whoever knows the roles
        self.booked: dict[tuple[str, str, int], Any] = {}  # what the ledgers will be written from; see business/ledger.py
        self.jobs_day = ""  # the day whose daily jobs have run
        self.emit: EventSink = lambda event, doctype, fields: None
        for name in self.doctypes:
            self.store.define(name, unique={"name": fold}, indexes=STORE_INDEXES.get(name, ()))

    def meta(self, doctype: str) -> DocType:
        """Raises Refused (404) for a DocType that does not exist."""
        meta = self.doctypes.get(doctype)
        if meta is None:
            known = self._folded.get(fold(doctype))
            if known is None:
                raise unknown_doctype(doctype)
            return self.doctypes[known]
        return meta

    def find(self, doctype: str, name: str) -> Record | None:
        """The document with this name, whatever its case and trailing blanks."""
        return self.store.get(doctype, name) or self.store.find(doctype, "name", name)

    def fetch(self, doctype: str, name: str) -> Record:
        """Raises Refused (404), for an unknown DocType too."""
        doctype = self.meta(doctype).name
        record = self.find(doctype, name) if name else None
        if record is None:
            raise not_found(doctype, name)
        return record

    def value(self, doctype: str, name: str | None, fieldname: str) -> Any:
        """One field of a document, or None when either is missing."""
        record = self.store.get(doctype, name) if name else None
        return record.fields.get(fieldname) if record is not None else None

    def default_company(self) -> str | None:
        """The company of documents that name none: the first one there is."""
        return next((record.id for record in self.store.all("Company")), None)

    def random_name(self) -> str:
        """A name for a child row or a hash-named document: ten characters of base32hex."""
        bits = self.names.getrandbits(50)
        pairs = _PAIRS
        return (
            pairs[bits & 1023] + pairs[bits >> 10 & 1023] + pairs[bits >> 20 & 1023] + pairs[bits >> 30 & 1023] + pairs[bits >> 40]
        )

    def next_stamp(self, record: Record | None) -> str:
        """The `modified` of a save now; never the one the document already has."""
        stamp = self.time.stamp()
        if record is not None and record.updated_at == self.time.clock.now():
            return later(record.fields["modified"])
        return stamp

    def set_values(self, record: Record, values: Doc, *, changed: bool = True) -> None:
        """Write columns past the document's own validation, as db_set and the vendor's SQL do.

        `modified` moves unless `changed` is False. Child rows keep their own `modified`.
        """
        if changed:
            values = {**values, "modified": self.next_stamp(record), "modified_by": self.user}
        self.store.update(record.kind, record.id, values, touch=changed)
