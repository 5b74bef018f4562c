"""The vendor's OpenAPI documents, and which of their operations a call is, whatever shape its path has.

They are looked for in `$SYNCPROOF_CONTRACTS/hubspot/openapi`, or in `../shared/contracts` beside the checkout.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from harness.kit.routing import MethodNotAllowed, Route, Router
from vendor_contract.deviations import PASSED_OVER

BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "contracts"
FOLDER = Path(os.environ.get("SYNCPROOF_CONTRACTS", BESIDE)) / "hubspot" / "openapi"
MISSING = f"the vendor's documents are not at {FOLDER.name}/ of hubspot: set SYNCPROOF_CONTRACTS"

# Two documents may describe the same operation: these come first, all others by name. v4 associations: the older document types
# ids as numbers, which is what the classic paths send (facts 9.1), the newer one as text, as dated paths do.
FIRST = ("associations_v4_older", "associations_schema_v4_older", "custom_objects", "objects_2026_03", "objects_2026_09")

_DATE = r"20\d\d-\d\d(?:-beta)?"
_REWRITES = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (rf"^/crm/objects/{_DATE}/(.+/associations/.+)$", r"/dated/crm/v4/objects/\1"),
        (rf"^/crm/(?:objects/{_DATE}|objects/v3|v4/objects)/((?!.*/associations/).+)$", r"/crm/v3/objects/\1"),
        (rf"^/crm/associations/{_DATE}/(.+/batch/.+)$", r"/dated/crm/v4/associations/\1"),
        (r"^/crm/associations/v4/(.+/batch/.+)$", r"/crm/v4/associations/\1"),
        (rf"^/crm/(?:associations/{_DATE}|v4/associations)/(.+)$", r"/crm/associations/v4/\1"),
        (rf"^/crm/(properties|pipelines|owners)/{_DATE}(.*)$", r"/crm/v3/\1\2"),
        (rf"^/crm-object-schemas/{_DATE}/schemas(.*)$", r"/crm-object-schemas/v3/schemas\1"),
        (r"^/crm/v3/schemas(.*)$", r"/crm-object-schemas/v3/schemas\1"),
        (rf"^/account-info/{_DATE}/(.+)$", r"/account-info/v3/\1"),
        (rf"^/(?:app-)?webhooks/{_DATE}/(.+)$", r"/webhooks/v3/\1"),
        (rf"^/oauth/{_DATE}/(.+)$", r"/oauth/2026-03/\1"),
    )
)
_TYPE = re.compile(rf"^(/crm/(?:v3/objects|objects/{_DATE})/)([^/]+)(.*)$")
# how the documents spell a type in a path, for every other name of it (facts 5.1)
_SPELLED = {
    other: spelled
    for spelled, others in {
        "contacts": "contact 0-1",
        "companies": "company 0-2",
        "0-3": "deal deals",
        "products": "product 0-7",
        "line_items": "line_item 0-8",
        "quotes": "quote 0-14",
        "invoices": "invoice 0-53",
        "subscriptions": "subscription 0-69",
        "discounts": "discount 0-84",
        "fees": "fee 0-85",
        "taxes": "tax 0-86",
        "commerce_payments": "commerce_payment payment payments 0-101",
        "orders": "order 0-123",
    }.items()
    for other in (spelled, *others.split())
}


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of one document."""

    document: str
    method: str
    path: str  # with the vendor's own parameters
    responses: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


class Documents:
    """All documents of a folder."""

    def __init__(self, contents: dict[str, dict[str, Any]]) -> None:
        self.contents = contents
        self.operations = [each for name in sorted(contents, key=rank) for each in _operations(name, contents[name])]
        self._router = Router(_routes(each for each in self.operations if each.document not in PASSED_OVER))
        self._of_call = lru_cache(maxsize=4096)(self._search)

    @classmethod
    def load(cls, folder: Path) -> Documents:
        files = [path for path in sorted(folder.glob("*.json")) if path.name != "index.json"]
        return cls({path.stem: msgspec.json.decode(path.read_bytes()) for path in files})

    def of_call(self, method: str, path: str) -> list[Operation]:
        """The operation a call is, in every document that knows it: the document of the path's own shape goes first.

        All shapes of a path reach the same handler (facts 1), so what a newer document leaves out, an older one may declare.
        """
        return self._of_call(method, path)

    def _search(self, method: str, path: str) -> list[Operation]:
        found: list[Operation] = []
        for candidate in _candidates(path.rstrip("/")):
            try:
                hit = self._router.match(method, candidate)
            except MethodNotAllowed:
                continue
            if hit is not None:
                found.append(hit[0].handler())
        return found


def rank(name: str) -> tuple[int, str]:
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)


def _operations(name: str, document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            yield Operation(name, method.upper(), path, said["responses"])


def _routes(operations: Iterable[Operation]) -> Iterator[Route]:
    """The first document wins; `/dated/…` stands for newer association documents, which the classic ones do not hide."""
    seen: set[tuple[str, str]] = set()
    for each in operations:
        paths = [each.path, f"/dated{each.path}"] if "_older" not in each.document else [each.path]
        for path in paths:
            key = (each.method, re.sub(r"\{\w+\}", "{}", path))
            if key not in seen:
                seen.add(key)
                yield Route(each.method, path, lambda found=each: found, "")


def _candidates(path: str) -> Iterator[str]:
    yield from _with_type_spelled(path)
    for pattern, to in _REWRITES:
        if pattern.match(path):
            yield from _with_type_spelled(pattern.sub(to, path))


def _with_type_spelled(path: str) -> Iterator[str]:
    hit = _TYPE.match(path)
    spelled = _SPELLED.get(hit[2].lower()) if hit else None
    if hit and spelled:
        yield f"{hit[1]}{spelled}{hit[3]}"
    yield path
