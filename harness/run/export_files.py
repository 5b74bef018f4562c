"""Reading CSV and JSON exports into rows of text, each with the place it came from, for errors that can be found in the file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DELIMITERS = ",;\t"
Row = dict[str, str]


class DataError(Exception):
    """A data file that cannot be loaded; nothing of any file was. The text has one problem a line."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind from one file. `places[i]` is where row i stands: a line number, or `[index]` in a JSON list.

    `kind` is set where the file itself names it, as the key of a JSON object. `header` is the line of a CSV's header.
    """

    path: Path
    columns: list[str]
    rows: list[Row] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    kind: str = ""
    header: str = ""


def read_tables(path: Path) -> list[Table]:
    """All tables of one file. Raises DataError."""
    text = _read_text(path)
    if not text.strip():
        raise DataError(f"{path}: the file is empty")
    if path.suffix.lower() == ".json" or text.lstrip()[0] in "[{":
        return _read_json(path, text)
    return [_read_csv(path, text)]


def _read_text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        guess = "UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "another encoding"
        raise DataError(
            f"{path}:{line}: this is not UTF-8 but {guess}; export it again as UTF-8 (CSV UTF-8 in a spreadsheet)"
        ) from None


# -- CSV --------------------------------------------------------------------------------------------------------------


def _read_csv(path: Path, text: str) -> Table:
    source = io.StringIO(text, newline="")  # str.splitlines would also split at characters that may stand inside a cell
    reader = csv.reader(source, delimiter=_delimiter(text.lstrip().split("\n", 1)[0]), strict=True)
    table: Table | None = None
    try:
        begins_at = 1
        for cells in reader:
            place, begins_at = begins_at, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if table is None:
                table = Table(path, _header(path, place, cells), header=str(place))
                continue
            _add_row(table, place, cells)
    except csv.Error as error:
        raise DataError(f"{path}:{reader.line_num}: this is not CSV: {error}") from None
    if table is None or not table.rows:
        raise DataError(f"{path}: the file has a header but no rows")
    return table


def _delimiter(header: str) -> str:
    """The comma of an export, or what a spreadsheet of another country puts in its place."""
    return max(DELIMITERS, key=lambda mark: (header.count(mark), -DELIMITERS.index(mark)))


def _header(path: Path, line: int, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    for position, name in enumerate(names, start=1):
        if not name:
            raise DataError(f"{path}:{line}: column {position} of the header has no name")
        if names.index(name) != position - 1:
            raise DataError(f'{path}:{line}: the header names column "{name}" twice')
    return names


def _add_row(table: Table, line: int, cells: list[str]) -> None:
    if len(cells) != len(table.columns):
        raise DataError(f"{table.path}:{line}: the row has {len(cells)} cells, the header has {len(table.columns)}")
    table.rows.append(dict(zip(table.columns, cells, strict=True)))
    table.places.append(str(line))


# -- JSON -------------------------------------------------------------------------------------------------------------


def _read_json(path: Path, text: str) -> list[Table]:
    try:
        document = json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}:{error.lineno}: this is not JSON: {error.msg} (column {error.colno})") from None
    except (_Repeated, RecursionError) as error:
        raise DataError(f"{path}: {error}") from None
    if isinstance(document, list):
        return [_json_table(path, "", document)]
    if not isinstance(document, dict) or not document:
        raise DataError(f'{path}: expected a list of objects, or an object such as {{"companies": […], "deals": […]}}')
    return [_json_table(path, kind, items) for kind, items in document.items()]


class _Repeated(ValueError):
    """An object names a column twice, and JSON would keep only the last."""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Repeated(f'an object names "{next(name for name in names if names.count(name) > 1)}" twice')
    return found


def _json_table(path: Path, kind: str, items: Any) -> Table:
    if not isinstance(items, list):
        raise DataError(f'{path}: "{kind}" is not a list of objects')
    if not items:
        raise DataError(f"{path}: the list{f' of {kind}' if kind else ''} is empty")
    table = Table(path, [], kind=kind)
    for index, item in enumerate(items):
        place = f"{kind}[{index}]"
        if not isinstance(item, dict):
            raise DataError(f"{path}:{place}: expected an object of columns and values")
        table.rows.append({name: _text(path, place, name, value) for name, value in item.items()})
        table.places.append(place)
    table.columns.extend(_names(table.rows))
    return table


def _names(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _text(path: Path, place: str, name: str, value: Any) -> str:
    """The value as an export writes it: numbers digit by digit as they stand, null as nothing."""
    if isinstance(value, (dict, list)):
        raise DataError(
            f'{path}:{place}: column "{name}": expected one value, not {"a list" if isinstance(value, list) else "an object"}'
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
