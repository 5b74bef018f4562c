"""Where the live service differs from its own documents. Every row says which section of the facts knows it.

The facts are the collected evidence in `contracts/hubspot/facts.md`, beside the documents. What is not listed here is a mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
TEXT_OR_NULL: dict[str, Any] = {"type": "string", "nullable": True}
ID_NUMBER: dict[str, Any] = {"type": "integer", "format": "int64"}
TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
FLAG: dict[str, Any] = {"type": "boolean"}
ANY: dict[str, Any] = {"type": "object"}


def map_of(values: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}


@dataclass(frozen=True)
class Shape:
    """A difference inside bodies: `fields` are added to, or replace those of, every schema of that name."""

    schema: str  # its name in the documents
    facts: str
    why: str
    fields: dict[str, Any] = field(default_factory=dict)
    may_be_absent: tuple[str, ...] = ()
    document: str = "*"  # by its name in the folder, `*` allowed


SHAPES = (
    Shape("SimplePublicObject", "4.2", "unset properties are null, never absent", {"properties": map_of(TEXT_OR_NULL)}),
    Shape("SimplePublicObjectWithAssociations", "4.2", "unset properties are null", {"properties": map_of(TEXT_OR_NULL)}),
    Shape("SimplePublicUpsertObject", "4.2", "unset properties are null", {"properties": map_of(TEXT_OR_NULL)}),
    Shape("Error", "3.2", "`status` is on the wire although the schema lacks it", {"status": TEXT}),
    Shape("Error", "3.3", "many refusals have no category", may_be_absent=("category",)),
    Shape("Error", "11.1", "429 names its policy", {"errorType": TEXT, "policyName": TEXT}),
    Shape(
        "Error",
        "2.2",
        "token endpoints speak OAuth",
        {"error": TEXT, "error_description": TEXT},
        ("correlationId",),
        document="oauth_*",
    ),
    Shape(
        "Error",
        "3.5",
        "v1 and v2 write other bodies",
        {"error": TEXT, "identityProfile": ANY, "validationResults": {"type": "array", "items": ANY}},
        document="undocumented",
    ),
    Shape(
        "StandardError",
        "4.4",
        "rows of a batch's errors leave out most keys",
        may_be_absent=("context", "errors", "links", "category"),
    ),
    Shape("StandardError", "9.1", "subCategory is text, not an object", {"subCategory": TEXT}),
    Shape(
        "MultiAssociatedObjectWithLabel", "4.3", "ids exceed 32 bits", {"toObjectId": ID_NUMBER}, document="associations_v4_older"
    ),
    Shape(
        "LabelsBetweenObjectPair",
        "4.3",
        "ids exceed 32 bits",
        {"fromObjectId": ID_NUMBER, "toObjectId": ID_NUMBER},
        document="associations_v4_older",
    ),
    Shape("PublicOwner", "10.3", "an archived owner has no user any more", {"userId": {"type": "integer", "nullable": True}}),
    Shape("AssociationSpecWithLabel", "9.1", "an unlabelled association has label null", {"label": TEXT_OR_NULL}),
)


@dataclass(frozen=True)
class Status:
    """A status that the documents leave out; its body is that of the declared status `like`, or there is none."""

    operation: str  # method and path of the documents, `*` allowed
    status: int
    like: int | None
    facts: str


STATUSES = (
    Status("POST /crm/v4/associations/*/batch/associate/default", 207, 200, "9.4, our guess"),
    Status("POST /oauth/*/token/revoke", 200, None, "2.2"),
)


@dataclass(frozen=True)
class Undocumented:
    """An operation that the service has and no document describes: `path` is a template of ours, `body` what the facts show."""

    method: str
    path: str
    facts: str
    body: dict[str, Any] | None = None


def closed(**properties: dict[str, Any]) -> dict[str, Any]:
    """An object with these fields, all there; `paging` may be left out."""
    return {"type": "object", "required": [name for name in properties if name != "paging"], "properties": properties}


def list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_PAGING = closed(next=closed(after=TEXT, link=TEXT))
_LINKED = closed(results=list_of(closed(id=TEXT, type=TEXT)), paging=_PAGING)
_TAX_RATE = closed(name=TEXT, percentageRate={"type": "number"}, label=TEXT, active=FLAG, id=TEXT, createdAt=TIME, updatedAt=TIME)
_RECORD: dict[str, Any] = {"$ref": "#/components/schemas/SimplePublicObjectWithAssociations"}
UNDOCUMENTED = (
    Undocumented("GET", "/oauth/authorize", "2.2"),
    Undocumented(
        "POST",
        "/oauth/v2/private-apps/get/access-token-info",
        "2.2",
        closed(userId=ID_NUMBER, hubId=ID_NUMBER, appId=ID_NUMBER, scopes=list_of(TEXT)),
    ),
    Undocumented("DELETE", "/appinstalls/{version}/external-install", "the vendor's guide of app uninstalls"),
    Undocumented("GET", "/integrations/v1/me", "2.1"),
    Undocumented("GET", "/crm/v3/objects/{type}/{id}/associations/{to}", "4.1", _LINKED),
    Undocumented("PUT", "/crm/v3/objects/{type}/{id}/associations/{to}/{to_id}/{name}", "4.1", _RECORD),
    Undocumented("DELETE", "/crm/v3/objects/{type}/{id}/associations/{to}/{to_id}/{name}", "4.1"),
    Undocumented("GET", "/tax-rates/v1/tax-rates", "7.2", closed(results=list_of(_TAX_RATE), paging=_PAGING)),
    Undocumented("GET", "/deals/v1/deal/paged", "15", closed(deals=list_of(ANY), hasMore=FLAG, offset=ID_NUMBER)),
    Undocumented(
        "GET", "/companies/v2/companies/paged", "15", closed(**{"companies": list_of(ANY), "has-more": FLAG, "offset": ID_NUMBER})
    ),
    Undocumented(
        "GET",
        "/contacts/v1/lists/all/contacts/all",
        "15",
        closed(**{"contacts": list_of(ANY), "has-more": FLAG, "vid-offset": ID_NUMBER}),
    ),
    Undocumented("GET", "/deals/v1/pipelines", "15", list_of(ANY)),
    *(
        Undocumented(method, f"{base}/{{rest:path}}", "15")
        for base in ("/deals/v1", "/companies/v2", "/contacts/v1", "/properties/v1", "/properties/v2", "/crm-pipelines/v1")
        for method in ("GET", "POST", "PUT", "DELETE")
    ),
)
LEGACY = "undocumented"  # stands for the document of such operations' refusals

# documents that are passed over: their operations answer as another document says
PASSED_OVER = {
    "commerce_subscriptions": "4.1 and 4.3 give all types one form; this document has another one, without `url`",
    "oauth_2026_09": "2.2 gives all versions one form; this document leaves out most of it",
}

# bodies that an answer may have besides those of its schema
ALTERNATIVES: dict[str, tuple[dict[str, Any], str]] = {
    "TokenInfoResponseBaseIF": (
        {"type": "object", "required": ["active"], "properties": {"active": {"type": "boolean"}}},
        "2.2: a token that is not valid is only `active: false`",
    ),
}

# answers without a body: status to the section that says so
BODILESS = {413: "11.2, our guess", 414: "3.3, our guess", 415: "11.2, our guess"}
# pages instead of JSON, by what the fake calls the operation
PAGES = {("unknown_route", 404): "1", ("authorize", 400): "2.2, our guess", ("wrong_method", 405): "11.2, our guess"}
