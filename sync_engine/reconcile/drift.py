"""One row of a drift report, and a report as JSON or as a table. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

Kind = Literal["value", "lines", "missing", "unwanted", "dangling", "two", "link", "unlinked"]
Who = Literal["engine", "person"]
WIDTH = 36
COLUMNS = ("entity", "record", "drift", "field", "CRM", "ERP", "agreed", "owner", "repair")


class Drift(msgspec.Struct, frozen=True):
    """One thing that is not as the dictionary says. Values are texts as the target shows them; `crm` and `erp` are ids.

    `kind`: `value` a field differs · `lines` positions differ · `missing` no counterpart · `unwanted` a counterpart that should
    have ended · `dangling` a link to nothing · `two` counterparts · `link` the link fields disagree · `unlinked` both systems know
    the pair and the store does not. `drifted`: the side that left the last agreed value, `both`, or empty when nobody knows.
    """

    entity: str
    kind: Kind
    crm: str = ""
    erp: str = ""
    field: str = ""
    crm_value: str = ""
    erp_value: str = ""
    agreed: str | None = None
    owner: str = ""
    drifted: str = ""
    repair: str = ""
    who: Who = "engine"

    @property
    def identity(self) -> tuple[str, str, str, str, str]:
        """What makes two looks see the same drift, whatever the values are."""
        return (self.entity, self.kind, self.crm, self.erp, self.field)


class Report(msgspec.Struct, frozen=True):
    """A whole run. `compared`: entity → records or pairs looked at. `on_its_way`: differences that the engine is about to end."""

    run: str
    rows: tuple[Drift, ...]
    compared: Mapping[str, int]
    on_its_way: int
    repaired: int

    @property
    def counts(self) -> dict[str, int]:
        """`entity kind` → rows."""
        return dict(sorted(Counter(f"{row.entity} {row.kind}" for row in self.rows).items()))


def as_json(report: Report) -> bytes:
    """The report as a JSON document, one key for each field and `counts`."""
    fields = {name: getattr(report, name) for name in report.__struct_fields__}
    return msgspec.json.format(msgspec.json.encode({**fields, "counts": report.counts}), indent=2)


def as_table(rows: Iterable[Drift], limit: int = 200) -> str:
    """The first rows with aligned columns, long values cut."""
    listed = list(rows)
    cells = [COLUMNS, *(_cells(row) for row in listed[:limit])]
    widths = [max(len(row[column]) for row in cells) for column in range(len(COLUMNS))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    if len(listed) > limit:
        lines.append(f"… and {len(listed) - limit} more; --json FILE has all of them")
    return "\n".join(lines)


def _cells(row: Drift) -> tuple[str, ...]:
    record = " = ".join(filter(None, (row.crm, row.erp)))
    drift = f"{row.kind} ({row.drifted})" if row.drifted else row.kind
    repair = row.repair if row.who == "engine" else f"a person: {row.repair}"
    agreed = "" if row.agreed is None else row.agreed
    texts = (row.entity, record, drift, row.field, row.crm_value, row.erp_value, agreed, row.owner)
    return (*(_cut(text) for text in texts), repair)


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= WIDTH else f"{flat[: WIDTH - 1]}…"
