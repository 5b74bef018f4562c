"""Which scopes a call needs. Source: facts section 2.4. An app without a list of scopes has them all."""

from __future__ import annotations

from collections.abc import Collection

from fake_crm.hubspot.errors import missing_scopes
from fake_crm.hubspot.model.types import ObjectType, resolve
from harness.kit.call import Call

_READING_POSTS = ("/search", "/batch/read")


def check_scopes(call: Call, granted: Collection[str]) -> None:
    """Raises HubSpotError 403 unless every end of the call is covered; an unknown type is refused before its scope."""
    types = [resolve(call.params[name]) for name in ("type", "to") if name in call.params]
    reads = call.method == "GET" or call.path.rstrip("/").endswith(_READING_POSTS)
    is_schema = "/properties/" in call.path or "/pipelines/" in call.path
    if "/owners" in call.path:
        _need(["crm.objects.owners.read"], granted)
    for kind in types:
        _need(_alternatives(kind, "read" if reads else "write", is_schema=is_schema), granted)


def _alternatives(kind: ObjectType, verb: str, *, is_schema: bool) -> list[str]:
    if kind.plural == "products":
        return ["e-commerce", f"crm.objects.products.{verb}"]
    return [f"crm.{'schemas' if is_schema else 'objects'}.{kind.plural}.{verb}"]


def _need(alternatives: list[str], granted: Collection[str]) -> None:
    if not any(each in granted for each in alternatives):
        raise missing_scopes(alternatives)
