"""What this fake serves, as data for documents, pages and tests: one file an area, each with `OPERATIONS` and maybe `SCHEMAS`.

To document a function: an entry under its dotted path in its area's file; a route: under its operation (`routes.py` says which
paths there are). Its example must be accepted by the site that tests/contract/erpnext_examples.py prepares. A DocType needs a body
and a name in `examples.py`; its schemas and paths follow from its fields. Facts carry their source; nothing is copied from the
vendor's documents.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from fake_erp.erpnext.contract import client, desk, doctypes, documents, files, oauth, selling, session, shapes
from fake_erp.erpnext.contract.routes import documented_routes
from fake_erp.erpnext.contract.versions import FIRST, SCHEMAS_SECOND, VERSIONS, restated, version_of
from harness.kit.contract import Contract, Schema, merged

AREAS: Final[tuple[ModuleType, ...]] = (documents, client, selling, desk, session, files, oauth)
ABSENT: Final = {
    "every other function under `frappe.` and `erpnext.`": "501, naming itself",
    "functions of other apps, and functions nobody has": "417, as the vendor tells it",
    "`frappe.desk.query_report.run`": "417: no report is modelled",
    "`frappe.model.workflow.apply_workflow`": "417: no site has workflows",
    "DocTypes that are not listed here": "404, as one that does not exist",
    "`PATCH` under `/api/resource`": "405, as the vendor tells it",
    "bulk routes of version 16 under `/api/v2`": "404",
    "pages of the website but `/`, `/login`, `/me` and the desk": "404",
}
_DESCRIPTION = (
    "What syncproof's fake of ERPNext answers, in our own words, for a site of version 15. Functions take their arguments from a "
    "JSON body, a form or the query, whichever a client sends; errors come as pages to a client that asks for text. A path answers "
    "301 when it ends with a slash. What is not listed is not modelled: functions answer 501. Injected faults, which may answer "
    "anything, are no part of it."
)


def contract() -> Contract:
    """Everything the fake serves, under both versions of the API."""
    return Contract(
        title="ERPNext, as syncproof fakes it",
        description=_DESCRIPTION,
        state="15",
        host="https://erp.example.com",
        routes=documented_routes(),
        operations=merged(*(area.OPERATIONS for area in AREAS)),
        components=components,
        path=shapes.PATH,
        common=shapes.COMMON,
        security_schemes={
            "token": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`token <api_key>:<api_secret>`; or Basic with both; or Bearer with an OAuth access token.",
            },
            "session": {"type": "apiKey", "in": "cookie", "name": "sid", "description": "The cookie of a login."},
        },
        versions=VERSIONS,
        version_of=version_of,
        words={"doctype": "document"},
        absent=ABSENT,
        restated=restated,
    )


def components(version: str) -> dict[str, Schema]:
    """All named schemas; under `/api/v2` errors are written another way."""
    made = {**shapes.SCHEMAS, **doctypes.schemas()}
    for area in AREAS:
        made.update(getattr(area, "SCHEMAS", {}))
    return made if version == FIRST else {**made, **SCHEMAS_SECOND}
