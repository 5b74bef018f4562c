"""`serve --data`: your own companies, contacts, products and deals into a CRM fake, all of them or none.

The vendor's fake knows its export's columns and checks every row; this file finds out which file holds what, keeps everything in
one transaction, and turns refusals into lines that name file, line and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from harness.kit.fake import Fake
from harness.run.export_files import DataError, Row, Table, read_tables

__all__ = ["DataError", "Importer", "load_exports"]

KINDS = ("companies", "contacts", "products", "deals")  # in the order of loading: later ones refer to earlier ones
SINGULAR = {"companies": "company", "contacts": "contact", "products": "product", "deals": "deal"}
PROBLEMS_MAX = 20


@runtime_checkable
class Importer(Protocol):
    """What a fake offers that can load its vendor's exports."""

    def export_columns(self, kind: str) -> Iterable[str]:
        """The column names the vendor's export of this kind has."""
        ...

    def import_export(self, kind: str, rows: list[Row]) -> Sequence[tuple[int, str, str]]:
        """Load all rows, or none and answer why: row (from 0; -1 the header), column (empty: the whole row), reason."""
        ...


def load_exports(fake: Fake, paths: Sequence[Path], title: str) -> dict[str, int]:
    """Load the files; how many records of which kind. `title` is the vendor's name. Raises DataError, and the fake is as it was."""
    if not isinstance(fake, Importer):
        raise DataError(f"{title} cannot load exports: --data is for CRMs")
    tables = [table for path in paths for table in read_tables(path)]
    by_kind = sorted(((kind_of(table, fake), table) for table in tables), key=lambda pair: KINDS.index(pair[0]))
    counts: dict[str, int] = {}
    with fake.store.transaction():
        problems: list[str] = []
        for kind, table in by_kind:
            refused = fake.import_export(kind, table.rows)
            problems += [_problem(table, *one) for one in refused]
            counts[kind] = counts.get(kind, 0) + len(table.rows)
        if problems:
            raise DataError(_told(problems))  # undoes every file, through the transaction
    return counts


def kind_of(table: Table, importer: Importer) -> str:
    """What the table holds: as the file says, else by the file's name, else by its columns. Raises DataError."""
    if table.kind:
        kind = table.kind.lower()
        if kind not in KINDS:
            raise DataError(f'{table.path}: "{table.kind}" cannot be loaded; known: {", ".join(KINDS)}')
        return kind
    known = {kind: set(importer.export_columns(kind)) for kind in KINDS}
    kind = _by_name(table.path.stem) or _by_columns(table.columns, known)
    if not kind:
        raise DataError(
            f"{table.path}: neither its name nor its columns ({_few(table.columns)}) tell what it holds; "
            f"name the file after it ({', '.join(KINDS)})"
        )
    if not known[kind].intersection(table.columns):
        raise DataError(
            f"{table.path}: none of its columns ({_few(table.columns)}) is one of {kind}: expected {_few(sorted(known[kind]))}"
        )
    return kind


def _by_name(stem: str) -> str:
    words = set(re.split(r"[^a-z]+", stem.lower()))
    named = [kind for kind in KINDS if kind in words or SINGULAR[kind] in words]
    return named[0] if len(named) == 1 else ""


def _by_columns(columns: Sequence[str], known: dict[str, set[str]]) -> str:
    """The kind that most columns fit, if one fits better than all others."""
    scores = sorted(((len(known[kind].intersection(columns)), kind) for kind in KINDS), reverse=True)
    (best, kind), (second, _) = scores[0], scores[1]
    return kind if best > second else ""


def _problem(table: Table, row: int, column: str, reason: str) -> str:
    place = f"{table.path}:{table.places[row] if row >= 0 else _header_place(table, column)}"
    return f'{place}: column "{column}": {reason}' if column else f"{place}: {reason}"


def _header_place(table: Table, column: str) -> str:
    """Where the name of a column stands: the line of the header; without one, the first row that has the column."""
    first = next((at for at, row in enumerate(table.rows) if column in row), 0)
    return table.header or table.places[first]


def _told(problems: list[str]) -> str:
    shown = problems[:PROBLEMS_MAX]
    more = len(problems) - len(shown)
    tail = [f"… and {more} more"] if more else []
    return "\n".join([*shown, *tail, f"{len(problems)} problem{'s' if len(problems) > 1 else ''}; nothing was loaded"])


def _few(names: Sequence[Any]) -> str:
    return ", ".join(str(name) for name in names[:6]) + (", …" if len(names) > 6 else "")
