"""DocTypes as values: fields parsed from the compact tables, plus what an administrator adds as Custom Field.

A table line is `fieldname | Type[:options] | Label | flags`; select options are separated by semicolons. Flags: reqd, unique,
ro (read only: not enforced by the vendor's API), submit (allow_on_submit), nocopy, once (set_only_once), nonneg, length=,
default=, fetch=link.field, ifempty (fetched only into a blank), permlevel=. The DocType's own flags: submittable, child, title=,
and how it is named (see naming.py).

Sparse columns and tables are in a document only when somebody set them to something else than what a new one would hold: reads and
lists show `absent` otherwise. `virtual` ones are told by the schema and have no column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fake_erp.erpnext.framework.doctypes import MORE, TABLES
from fake_erp.erpnext.framework.values import datetime_of, time_of
from fake_erp.erpnext.wire import ZERO, check_of, date_of, int_of, number_of, text_of

Doc = dict[str, Any]

NUMBERS = frozenset({"Float", "Currency", "Percent"})
STANDARD = ("name", "owner", "creation", "modified", "modified_by", "docstatus", "idx")
PARENTAGE = ("parent", "parentfield", "parenttype")
CASTS: dict[str, Callable[[Any], Any]] = {
    "Float": number_of,
    "Currency": number_of,
    "Percent": number_of,
    "Int": int_of,
    "Check": check_of,
    "Date": date_of,
    "Datetime": datetime_of,
    "Time": time_of,
    "Duration": number_of,
    "Rating": number_of,
}
ZEROS: dict[str, Any] = {"Float": ZERO, "Currency": ZERO, "Percent": ZERO, "Int": 0, "Check": 0}
LENGTH_MAX = dict.fromkeys(
    ("Data", "Link", "Dynamic Link", "Select", "Read Only", "Autocomplete", "Color", "Icon", "Phone", "Barcode"), 140
)
LAYOUT = frozenset({"Section Break", "Column Break", "Tab Break", "HTML", "Button", "Image", "Heading", "Fold"})  # no columns
MOMENTS = frozenset({"Date", "Datetime", "Time"})
TABLE_TYPES = frozenset({"Table", "Table MultiSelect"})
# Standard columns that hold what people did to a document; a client may write them into one that exists.
OPTIONAL = ("_user_tags", "_comments", "_assign", "_liked_by")
# Field lists of facts 10: the columns that need a right of their own.
RESTRICTED = {"ignore_pricing_rule": (1, frozenset({"Quotation", "Sales Order", "Delivery Note"}))}


@dataclass(slots=True)
class Field:
    """One column or table of a DocType."""

    fieldname: str
    fieldtype: str
    label: str
    options: str = ""
    flags: frozenset[str] = frozenset()
    length_max: int = 0
    default: str = ""
    fetch: str = ""
    permlevel: int = 0
    custom: bool = False
    sparse: bool = False
    absent: Any = None  # what a sparse column shows that nobody has set
    cast: Callable[[Any], Any] = text_of
    choices: tuple[str, ...] = ()
    plain: bool = False  # not unique: whatever is no text, list or object becomes what `cast` makes of it
    takes_text: bool = False  # plain, and text stays as it comes, unless it may be HTML

    def __post_init__(self) -> None:
        self.cast = CASTS.get(self.fieldtype, text_of)
        self.length_max = self.length_max or LENGTH_MAX.get(self.fieldtype, 0)
        if self.fieldtype == "Select" and self.options:
            self.choices = tuple(self.options.split("\n"))
        self.plain = "unique" not in self.flags
        self.takes_text = self.plain and self.cast is text_of

    @property
    def blank(self) -> Any:
        """What a new document holds before the client's values: the default, zero, the first option, or nothing."""
        if self.fieldtype in ZEROS:
            return self.cast(self.default) if self.default else ZEROS[self.fieldtype]
        if self.default in ("Today", "Now", "now", "__user") or self.default.startswith(":"):
            return None  # see `drafts.new_document`
        if self.default:
            return self.default
        return self.choices[0] if self.choices else None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A column that is filled from the document a link leads to."""

    fieldname: str
    link: str
    source: str
    if_empty: bool
    after_submit: bool
    sparse: bool


@dataclass(slots=True)
class DocType:
    """What the document machinery needs to know about one DocType, derived once and again when a custom field is added."""

    name: str
    naming: str
    submittable: bool = False
    child: bool = False
    title_field: str = ""
    fields: dict[str, Field] = field(default_factory=dict)
    columns: dict[str, Field] = field(default_factory=dict)
    sparse: dict[str, Field] = field(default_factory=dict)  # of `columns`
    loose: frozenset[str] = frozenset()  # names of sparse columns and tables
    sparse_names: frozenset[str] = frozenset()
    extra: DocType | None = None  # what checks know about those; the tuples below speak of the others
    absent: Doc = field(default_factory=dict)  # what sparse columns and tables show that nobody has set, nulls left out
    filled: Doc = field(default_factory=dict)  # of `absent`: tables, and values that are not zero or empty
    tables: dict[str, str] = field(default_factory=dict)
    blank: Doc = field(default_factory=dict)
    order: tuple[str, ...] = ()  # without sparse columns
    whole: tuple[str, ...] = ()
    links: tuple[Field, ...] = ()
    targets: tuple[tuple[str, str, Field], ...] = ()  # of links: name, the DocType it leads to (empty: another field says it)
    selects: tuple[Field, ...] = ()
    lengths: tuple[tuple[str, int, Field], ...] = ()  # name, most characters
    required: tuple[Field, ...] = ()
    fetched: tuple[Fetched, ...] = ()
    not_negative: tuple[Field, ...] = ()
    today: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    lookups: tuple[Field, ...] = ()  # defaults to be looked up: `__user`, `:Company`, the site's company
    unique: tuple[Field, ...] = ()
    dates: tuple[str, ...] = ()
    clocks: tuple[Field, ...] = ()
    moments: tuple[Field, ...] = ()  # dates and clocks
    integers: tuple[Field, ...] = ()
    levels: tuple[Field, ...] = ()
    numbers: tuple[str, ...] = ()
    contacts: tuple[Field, ...] = ()
    constants: tuple[Field, ...] = ()
    copied_to: dict[str, tuple[dict[str, Field], tuple[str, ...]]] = field(default_factory=dict)  # see mapping.py

    def derive(self) -> None:
        """Compute everything that follows from `fields`."""
        every = list(self.fields.values())
        kept = [f for f in every if f.fieldtype not in TABLE_TYPES and f.fieldtype not in LAYOUT and "virtual" not in f.flags]
        columns = [f for f in kept if not f.sparse]
        self.columns = {f.fieldname: f for f in kept}
        self.tables = {f.fieldname: f.options for f in every if f.fieldtype in TABLE_TYPES}
        self.blank = {f.fieldname: f.blank for f in columns}
        after = (*(PARENTAGE if self.child else ()), "doctype")
        self.order = (*STANDARD, *self.blank, *after)
        self.whole = (*STANDARD, *self.columns, *after)
        self._derive_checks(columns)
        self.required = tuple(f for f in every if "reqd" in f.flags and not f.sparse)
        self.fetched = tuple(_fetched(f) for f in kept if "." in f.fetch and not _is_far(f, self.columns))
        self.today = tuple(f.fieldname for f in columns if f.default == "Today")
        self.now = tuple(f.fieldname for f in columns if f.default in ("Now", "now"))
        self.lookups = tuple(f for f in columns if f.default.startswith(":") or f.default == "__user" or is_company(f))
        self.unique = tuple(f for f in columns if "unique" in f.flags)
        self.moments = tuple(f for f in kept if f.fieldtype in MOMENTS)
        self.levels = tuple(f for f in columns if f.permlevel)
        self.constants = tuple(f for f in kept if "once" in f.flags)
        self.copied_to = {}
        self._derive_sparse()

    def _derive_sparse(self) -> None:
        self.sparse = {name: f for name, f in self.columns.items() if f.sparse}
        self.sparse_names = frozenset(self.sparse)
        self.absent = {f.fieldname: f.absent for f in self.fields.values() if f.sparse and f.absent is not None}
        self.filled = {name: value for name, value in self.absent.items() if value or value == []}
        self.loose = frozenset(f.fieldname for f in self.fields.values() if f.sparse)
        if self.sparse:
            self.extra = DocType(self.name, self.naming, self.submittable, self.child, columns=self.columns)
            self.extra._derive_checks(list(self.sparse.values()))
            self.targets += tuple(each for each in self.extra.targets if each[1] in TABLES or not each[1])

    def _derive_checks(self, columns: list[Field]) -> None:
        self.links = tuple(f for f in columns if f.fieldtype in ("Link", "Dynamic Link"))
        self.targets = tuple((f.fieldname, f.options if f.fieldtype == "Link" else "", f) for f in self.links)
        self.selects = tuple(f for f in columns if f.choices and f.fieldname != "naming_series" and f.options)
        self.lengths = tuple((f.fieldname, f.length_max, f) for f in columns if f.length_max)
        self.not_negative = tuple(f for f in columns if "nonneg" in f.flags)
        self.dates = tuple(f.fieldname for f in columns if f.fieldtype == "Date")
        self.clocks = tuple(f for f in columns if f.fieldtype in ("Datetime", "Time"))
        self.integers = tuple(f for f in columns if f.fieldtype == "Int")
        self.numbers = tuple(f.fieldname for f in columns if f.fieldtype in NUMBERS)
        self.contacts = tuple(f for f in columns if f.fieldtype == "Data" and f.options)

    def also(self, doc: Mapping[str, Any]) -> DocType | None:
        """What checks of a document's sparse columns go by; None when it has none."""
        extra = self.extra
        return None if extra is None or doc.keys().isdisjoint(self.sparse_names) else extra

    @property
    def slug(self) -> str:
        """`Sales Order` as operation names say it: `sales_order`."""
        return self.name.lower().replace(" ", "_")


def is_company(f: Field) -> bool:
    """Whether the site's default company goes into this column."""
    return f.fieldname == "company" and f.fieldtype == "Link" and f.options == "Company"


def _is_far(f: Field, columns: Mapping[str, Field]) -> bool:
    """Whether the link that a sparse column is fetched through is sparse itself: it leads to DocTypes that are not modelled."""
    link = columns.get(f.fetch.partition(".")[0])
    return f.sparse and (link is None or link.sparse)


def _fetched(f: Field) -> Fetched:
    link, _, source = f.fetch.partition(".")
    return Fetched(f.fieldname, link, source, "ifempty" in f.flags, "submit" in f.flags, f.sparse)


def parse(name: str, flags: str, text: str, more: str = "") -> DocType:
    """`more`: sparse fields; a line there for a field of `text` corrects its type and flags."""
    words = dict(_flags(flags))
    naming = next((word for word in ("series", "hash", "prompt", "custom") if word in words), "hash")
    for rule in ("field", "abbr"):
        if rule in words:
            naming = f"{rule}={words[rule]}"
    meta = DocType(name, naming, "submittable" in words, "child" in words, words.get("title", ""))
    meta.fields = {f.fieldname: f for f in map(_field, filter(None, text.split("\n")))}
    for f in map(_field, filter(None, more.split("\n"))):
        f.sparse = f.fieldname not in meta.fields and f.default != "Today"
        f.absent = [] if f.fieldtype in TABLE_TYPES else f.blank
        meta.fields[f.fieldname] = f
    for fieldname, (level, doctypes) in RESTRICTED.items():
        if name in doctypes and fieldname in meta.fields:
            meta.fields[fieldname].permlevel = level
    meta.derive()
    return meta


def _flags(text: str) -> list[tuple[str, str]]:
    return [(name.strip(), value) for name, _, value in (flag.partition("=") for flag in text.split(",")) if name.strip()]


def _field(line: str) -> Field:
    fieldname, kind, label, *rest = line.split(" | ")
    fieldtype, _, options = kind.partition(":")
    words = dict(_flags(rest[0] if rest else ""))
    if fieldtype == "Select":
        options = options.replace(";", "\n")
    return Field(
        fieldname,
        fieldtype,
        label,
        options,
        frozenset(words) - {"length", "default", "fetch", "permlevel"},
        int(words.get("length", 0)),
        words.get("default", ""),
        words.get("fetch", ""),
        int(words.get("permlevel", 0)),
    )


def standard_doctypes() -> dict[str, DocType]:
    """A fresh copy of every modelled DocType, by name."""
    return {name: parse(name, flags, text, MORE.get(name, "")) for name, (flags, text) in TABLES.items()}
