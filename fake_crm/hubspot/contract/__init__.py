"""What this fake serves, as data for documents, pages and tests: one file an area, each with `OPERATIONS` and `SCHEMAS`.

To document an operation: an entry under the name of its route (`Route.entry`) in its area's file, whose schemas go into that
file's `SCHEMAS`; an area of its own joins `AREAS` below. Its example must be accepted by the account that
tests/contract/hubspot_examples.py prepares. Facts carry their source; nothing is copied from the vendor's documents.
"""

from __future__ import annotations

import re
from types import ModuleType

from fake_crm.hubspot.contract import (
    account,
    associations,
    associations_v3,
    batches,
    labels,
    legacy,
    legacy_setup,
    merging,
    oauth,
    objects,
    pipelines,
    properties,
    schemas,
    search,
    shapes,
    webhooks,
)
from fake_crm.hubspot.model.standard_types import NOT_MODELLED, NOT_MODELLED_BY_NAME
from fake_crm.hubspot.paths import DATES
from fake_crm.hubspot.routes import ROUTER
from harness.kit.contract import Contract, Schema, merged

AREAS: tuple[ModuleType, ...] = (
    objects, batches, merging, search, associations, associations_v3, labels, properties, pipelines, schemas, account, oauth,
    webhooks, legacy, legacy_setup,
)  # fmt: skip
CLASSIC = "classic"
VERSIONS = (CLASSIC, *(date for date in DATES if not date.endswith("-beta")))
_DATE = re.compile(r"/(20\d\d-\d\d(?:-beta)?)(?:/|$)")
ABSENT = {
    **{f"object type {names[0]} ({type_id})": "501 wherever a call names it" for type_id, names in NOT_MODELLED.items()},
    f"object type {NOT_MODELLED_BY_NAME[0]}": "501 wherever a call names it",
    "calculated properties of an account's own (`calculation_equation`)": "501 to their creation",
}
_DESCRIPTION = (
    "What syncproof's fake of HubSpot answers, in our own words. What is not listed is not modelled: other known areas answer 501. "
    "Injected faults, which may answer anything, are no part of it."
)


def contract() -> Contract:
    """Everything the fake serves, under all shapes of path."""
    return Contract(
        title="HubSpot CRM, as syncproof fakes it",
        description=_DESCRIPTION,
        state="2026-09",
        host="https://api.hubapi.com",
        routes=ROUTER.routes,
        operations=merged(*(area.OPERATIONS for area in AREAS)),
        components=components,
        path=shapes.PATH,
        common=shapes.COMMON,
        security_schemes={
            "token": {"type": "http", "scheme": "bearer", "description": "A private app's token, or an OAuth access token."},
            "developer_key": {
                "type": "apiKey",
                "in": "query",
                "name": "hapikey",
                "description": "The developer's key.",
            },
            "oauth": {"type": "http", "scheme": "bearer", "description": "An OAuth access token."},
        },
        versions=VERSIONS,
        version_of=version_of,
        words={"one": "object", "many": "objects"},
        absent=ABSENT,
    )


def version_of(template: str) -> str:
    """The date in a path, or `classic`."""
    found = _DATE.search(template)
    return found[1] if found else CLASSIC


def components(version: str) -> dict[str, Schema]:
    """All named schemas; where dated paths write something else, as they do (`SCHEMAS_DATED` of an area)."""
    made = dict(shapes.SCHEMAS)
    for area in AREAS:
        made.update(getattr(area, "SCHEMAS", {}))
        if version != CLASSIC:
            made.update(getattr(area, "SCHEMAS_DATED", {}))
    return made
