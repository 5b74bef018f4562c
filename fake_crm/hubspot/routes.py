"""Every route of the fake; each area lists its own, `paths.py` says under which paths.

In operation names `{one}`, `{many}`, `{to}` stand for the object types in the path. Areas of the vendor's API that are known but
not imitated answer 501; everything else is the vendor's 404.
"""

from __future__ import annotations

from collections.abc import Iterator

from fake_crm.hubspot.api import (
    admin,
    association_limits,
    associations,
    associations_v3,
    batch,
    install,
    labels,
    merge,
    oauth,
    objects,
    pipelines,
    properties,
    property_groups,
    schemas,
    search,
    stages,
    webhook_settings,
)
from fake_crm.hubspot.api.legacy import companies_v2, contacts_v1, deals_v1, setup
from fake_crm.hubspot.errors import not_modelled
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.paths import ASSOCIATIONS
from harness.kit.call import Call, Reply
from harness.kit.routing import Route, Router

# areas of the vendor's API we know of: saying so is more useful than a 404. Of some (v1, v2) single operations are modelled above
_ELSEWHERE = (
    "/crm/v3/lists", "/crm/v3/imports", "/crm/v3/exports", "/crm/v3/property-validations",
    "/crm/v3/limits", "/crm/v3/object-library", "/crm/lists/{date}", "/crm/imports/{date}", "/crm/exports/{date}",
    "/crm/property-validations/{date}", "/crm/limits/{date}", "/crm/object-library/{date}",
    "/webhooks-journal", "/deals/v1", "/companies/v2", "/contacts/v1", "/properties/v1", "/properties/v2", "/engagements/v1",
    "/owners/v2", "/tax-rates/v1", "/crm-pipelines/v1", "/crm-associations/v1", "/crm-objects/v1", "/email/public/v1", "/forms/v2",
    "/automation", "/marketing", "/cms", "/files", "/events", "/conversations", "/communication-preferences", "/settings",
)  # fmt: skip
# single operations of areas that are modelled else
_UNUSUAL = (
    *(f"{base}/usage/high-usage-report/{{user}}" for base in ASSOCIATIONS),  # a report by mail
    "/crm/objects/2026-09-beta/{type}/gdpr-delete",  # of other types than contacts, in one document
)
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _not_modelled() -> Iterator[Route]:
    for base in _ELSEWHERE:
        for method in _METHODS:
            yield Route(method, f"{base}/{{rest:path}}", elsewhere, "not_modelled")
            yield Route(method, base, elsewhere, "not_modelled")
    for template in _UNUSUAL:
        yield Route("POST", template, elsewhere, "not_modelled")


def elsewhere(account: Account, call: Call) -> Reply:
    raise not_modelled(f"{call.method} {call.path}")


AREAS = (
    objects, batch, merge, search, associations, associations_v3, labels, association_limits, properties, property_groups,
    pipelines, stages, schemas, admin, oauth, install, webhook_settings, deals_v1, companies_v2, contacts_v1, setup,
)  # fmt: skip


def routes() -> Iterator[Route]:
    for area in AREAS:
        yield from area.routes()
    yield from _not_modelled()


ROUTER = Router(routes())
