"""Which scopes a call needs. Source: facts section 2.4, the security blocks of the vendor's documents.

A caller without a list of scopes has them all. Not modelled: scopes for sensitive data, rights of single users.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from fake_crm.hubspot.errors import missing_scopes
from fake_crm.hubspot.model.standard_types import STANDARD, ObjectType
from harness.kit.call import Call

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account

_READING_POSTS = ("/search", "/batch/read")
_SCHEMA_AREAS = ("/properties", "/pipelines", "/property-validations/")
# kinds whose scopes go by the name of another kind
_FAMILIES = {"commerce_payments": "commercepayments", "discounts": "line_items", "fees": "line_items", "taxes": "line_items"}
_FAMILIES["quote_templates"] = "quotes"
_E_COMMERCE = frozenset({"products", "line_items", "quotes"})  # the older scope is enough for these
_OWNERS = ["crm.objects.owners.read"]


def check_scopes(call: Call, granted: Collection[str], resolve: Callable[[str], ObjectType]) -> None:
    """Raises HubSpotError 403 unless every end of the call is covered; an unknown type is refused before its scope."""
    reads = call.method == "GET" or call.path.rstrip("/").endswith(_READING_POSTS) or call.operation.startswith("list_")
    verb = "read" if reads else "write"
    if "/schemas" in call.path:
        _need(_alternatives("custom", verb, is_schema=True), granted)
        return
    types = [resolve(call.params[name]) for name in ("type", "to") if name in call.params]
    is_schema = any(area in call.path for area in _SCHEMA_AREAS)
    if "/owners" in call.path:
        _need(_OWNERS, granted)
    for kind in types:
        _need(_alternatives(_family(kind), verb, is_schema=is_schema), granted)


def linked_type(account: Account, name: str) -> ObjectType:
    """A type that a read shows links to. Raises HubSpotError 400 for an unknown one, 403 where its records may not be read."""
    kind = account.resolve(name)
    check_end(account, kind, "read")
    return kind


def check_end(account: Account, kind: ObjectType, verb: str) -> None:
    """The other end of links that a call names in its query or body: both ends need their scope. Raises HubSpotError 403."""
    if account.granted is not None:
        _need(_alternatives(_family(kind), verb, is_schema=False), account.granted)


def granted_scopes(scopes: tuple[str, ...] | None) -> list[str]:
    """The scopes by name; for a caller that has them all, those of every type we know."""
    if scopes is not None:
        return list(scopes)
    names = {"oauth", *_OWNERS}
    for family in ("custom", *(_family(kind) for kind in STANDARD)):
        for verb in ("read", "write"):
            names.update(*(_alternatives(family, verb, is_schema=schema) for schema in (False, True)))
    return sorted(names)


def _family(kind: ObjectType) -> str:
    return "custom" if kind.type_id.startswith("2-") else _FAMILIES.get(kind.plural, kind.plural)


def _alternatives(family: str, verb: str, *, is_schema: bool) -> list[str]:
    """Any one of these is enough. Whoever may read records may read their definitions; to change those takes more."""
    if family == "tickets":
        return ["tickets"]
    older = ["e-commerce"] if family in _E_COMMERCE else []
    if not is_schema:
        return [*older, f"crm.objects.{family}.{verb}"]
    if verb == "read":
        return [*older, f"crm.schemas.{family}.read", f"crm.objects.{family}.read"]
    return older if family in ("products", "line_items") else [*older, f"crm.schemas.{family}.write"]


def _need(alternatives: list[str], granted: Collection[str]) -> None:
    if not any(each in granted for each in alternatives):
        raise missing_scopes(alternatives)
