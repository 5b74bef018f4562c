"""What Schemathesis needs to walk through a fake: a transport straight to `Fake.handle`, and requests that have a chance.

Nothing is sent over a socket. Schemathesis makes requests from the document alone, and would nearly always name properties and
records that do not exist; `Walker.sensible` puts existing ones in their place and leaves everything else as it was drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from zlib import crc32

import schemathesis
from hubspot_examples import PreparedAccount
from schemathesis_findings import sent

TYPES = ("deals", "companies", "contacts", "products", "tickets")
NEEDED = {"products": {"name": "Anvil"}, "tickets": {"subject": "Help", "hs_pipeline_stage": "1"}}
UNIQUE = {"contacts": "email", "deals": "erp_order_id"}


def with_few_types(document: dict[str, Any]) -> dict[str, Any]:
    """The document with a handful of object types, so that a short walk meets the same ones again."""
    made = deepcopy(document)
    made["components"]["schemas"]["ObjectTypeName"] = {"enum": list(TYPES)}
    return made


class Walker:
    """One prepared account, the calls to it, and what of each type exists in it."""

    def __init__(self) -> None:
        self.account = PreparedAccount()
        self.fake, portal = self.account.portal.fake, self.account.portal
        self._start = self.fake.remember()
        self._names = {kind: list(self._free_texts(kind)) for kind in TYPES}
        self._groups = {kind: portal.get(f"/crm/v3/properties/{kind}/groups").json()["results"][0]["name"] for kind in TYPES}

    def _free_texts(self, kind: str) -> Iterator[str]:
        for row in self.account.portal.get(f"/crm/v3/properties/{kind}").json()["results"]:
            if row["type"] == "string" and not row["modificationMetadata"]["readOnlyValue"] and not row["hasUniqueValue"]:
                yield row["name"]

    def start(self) -> None:
        """Back to the account as it was prepared."""
        self.fake.put_back(self._start)

    def send(self, case: schemathesis.Case) -> schemathesis.Response:
        return sent(self.fake, case, self.account.portal.headers)

    def sensible(self, case: schemathesis.Case) -> None:
        """Give a case names that exist in the account, and records that do to half of those that name none."""
        path, query = case.path_parameters, case.query
        kind, other = path.get("type"), path.get("to")
        if kind not in TYPES:
            return
        if "/objects/" in case.operation.path:
            self._existing(kind, path, "id")
        if other in TYPES:
            self._existing(other, path, "to_id")
        if "idProperty" in query:
            query["idProperty"] = UNIQUE.get(kind, "hs_object_id")
        if isinstance(case.body, dict):
            rows = case.body.get("inputs")
            for row in [case.body, *(rows if isinstance(rows, list) else [])]:
                if isinstance(row, dict):
                    self._sensible_row(case, kind, other if other in TYPES else None, row)

    def _sensible_row(self, case: schemathesis.Case, kind: str, other: str | None, row: dict[str, Any]) -> None:
        if isinstance(row.get("properties"), dict):
            drawn = dict(zip(self._names[kind], row["properties"].values(), strict=False))
            row["properties"] = {**drawn, **(NEEDED.get(kind, {}) if case.method == "POST" else {})}
        if "groupName" in row:
            row["groupName"] = self._groups[kind]
        if "idProperty" in row:
            row["idProperty"] = UNIQUE.get(kind, "hs_object_id")
        elif "/objects/" in case.operation.path or other is not None:
            self._existing(kind, row, "id")
        if other is not None:
            for name, of in (("from", kind), ("to", other)):
                for end in row[name] if isinstance(row.get(name), list) else [row.get(name)]:
                    if isinstance(end, dict):
                        self._existing(of, end, "id")

    def _existing(self, kind: str, where: dict[str, Any], name: str) -> None:
        """Half of the ids that nobody has become one that somebody has."""
        text = str(where.get(name, ""))
        chance = crc32(text.encode("utf-8", "replace"))
        if name in where and chance % 2 and self.fake.store.get(kind, text) is None:
            live = [record.id for record in self.fake.store.all(kind) if not record.archived]
            if live:
                where[name] = live[chance // 2 % len(live)]
