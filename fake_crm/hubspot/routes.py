"""Every route of the fake, in the three path shapes of section 1 of the facts: classic, `/crm/objects/v3` and dated.

In operation names `{one}`, `{many}`, `{to}` stand for the object types in the path. Areas of the vendor's API that are known but
not imitated answer 501; everything else is the vendor's 404.
"""

from __future__ import annotations

from collections.abc import Iterator

from fake_crm.hubspot.api import admin, associations, batch, objects, properties, search
from fake_crm.hubspot.api import pipelines as pipeline_routes
from fake_crm.hubspot.errors import not_modelled
from fake_crm.hubspot.model.account import Account
from harness.kit.call import Call, Reply
from harness.kit.routing import Route, Router

DATES = ("2025-09", "2026-03", "2026-09", "2026-09-beta", "2027-03-beta")


def _objects(base: str) -> Iterator[Route]:
    yield Route("GET", f"{base}/{{type}}", objects.list_objects, "list_{many}")
    yield Route("POST", f"{base}/{{type}}", objects.create_object, "create_{one}")
    yield Route("GET", f"{base}/{{type}}/{{id}}", objects.read_object, "read_{one}")
    yield Route("PATCH", f"{base}/{{type}}/{{id}}", objects.update_object, "update_{one}")
    yield Route("DELETE", f"{base}/{{type}}/{{id}}", objects.archive_object, "archive_{one}")
    yield Route("POST", f"{base}/{{type}}/batch/read", batch.batch_read, "batch_read_{many}")
    yield Route("POST", f"{base}/{{type}}/batch/create", batch.batch_create, "batch_create_{many}")
    yield Route("POST", f"{base}/{{type}}/batch/update", batch.batch_update, "batch_update_{many}")
    yield Route("POST", f"{base}/{{type}}/batch/upsert", batch.batch_upsert, "batch_upsert_{many}")
    yield Route("POST", f"{base}/{{type}}/batch/archive", batch.batch_archive, "batch_archive_{many}")
    yield Route("POST", f"{base}/{{type}}/search", search.search_objects, "search_{many}")
    yield Route("POST", f"{base}/{{type}}/merge", merge, "merge_{many}")
    yield Route("POST", f"{base}/{{type}}/gdpr-delete", gdpr_delete, "gdpr_delete_{one}")


def _links(base: str) -> Iterator[Route]:
    one = f"{base}/{{type}}/{{id}}/associations"
    yield Route("GET", f"{one}/{{to}}", associations.read_associations, "read_associations")
    yield Route("PUT", f"{one}/{{to}}/{{to_id}}", associations.put_association, "associate")
    yield Route("DELETE", f"{one}/{{to}}/{{to_id}}", associations.delete_association, "archive_association")
    yield Route("PUT", f"{one}/default/{{to}}/{{to_id}}", associations.put_default, "associate_default")


def _link_batches(base: str) -> Iterator[Route]:
    pair = f"{base}/{{type}}/{{to}}"
    yield Route("POST", f"{pair}/batch/read", associations.batch_read, "batch_read_associations")
    yield Route("POST", f"{pair}/batch/create", associations.batch_create, "batch_create_associations")
    yield Route("POST", f"{pair}/batch/associate/default", associations.batch_default, "batch_associate_default")
    yield Route("POST", f"{pair}/batch/archive", associations.batch_archive, "batch_archive_associations")
    yield Route("GET", f"{pair}/labels", associations.read_labels, "read_association_labels")


def _link_batches_v3() -> Iterator[Route]:
    pair = "/crm/v3/associations/{type}/{to}"
    yield Route("POST", f"{pair}/batch/read", associations.batch_read_v3, "batch_read_associations")
    yield Route("POST", f"{pair}/batch/create", associations.batch_create_v3, "batch_create_associations")
    yield Route("POST", f"{pair}/batch/archive", associations.batch_archive_v3, "batch_archive_associations")
    yield Route("GET", f"{pair}/types", associations.read_types_v3, "read_association_types")


def _properties(base: str) -> Iterator[Route]:
    yield Route("GET", f"{base}/{{type}}", properties.list_properties, "list_properties")
    yield Route("POST", f"{base}/{{type}}", properties.create_property, "create_property")
    yield Route("GET", f"{base}/{{type}}/groups", properties.list_groups, "list_property_groups")
    yield Route("POST", f"{base}/{{type}}/groups", properties.create_group, "create_property_group")
    yield Route("GET", f"{base}/{{type}}/groups/{{name}}", properties.read_group, "read_property_group")
    yield Route("GET", f"{base}/{{type}}/{{name}}", properties.read_property, "read_property")
    yield Route("PATCH", f"{base}/{{type}}/{{name}}", properties.update_property, "update_property")
    yield Route("DELETE", f"{base}/{{type}}/{{name}}", properties.archive_property, "archive_property")
    yield Route("POST", f"{base}/{{type}}/batch/read", properties.batch_read, "batch_read_properties")
    yield Route("POST", f"{base}/{{type}}/batch/create", properties.batch_create, "batch_create_properties")
    yield Route("POST", f"{base}/{{type}}/batch/archive", properties.batch_archive, "batch_archive_properties")


def _pipelines(base: str) -> Iterator[Route]:
    one = f"{base}/{{type}}/{{id}}"
    yield Route("GET", f"{base}/{{type}}", pipeline_routes.list_pipelines, "list_pipelines")
    yield Route("POST", f"{base}/{{type}}", pipeline_routes.create_pipeline, "create_pipeline")
    yield Route("GET", one, pipeline_routes.read_pipeline, "read_pipeline")
    yield Route("PATCH", one, pipeline_routes.update_pipeline, "update_pipeline")
    yield Route("DELETE", one, pipeline_routes.archive_pipeline, "archive_pipeline")
    yield Route("GET", f"{one}/stages", pipeline_routes.list_stages, "list_stages")
    yield Route("POST", f"{one}/stages", pipeline_routes.create_stage, "create_stage")
    yield Route("GET", f"{one}/stages/{{stage_id}}", pipeline_routes.read_stage, "read_stage")
    yield Route("PATCH", f"{one}/stages/{{stage_id}}", pipeline_routes.update_stage, "update_stage")
    yield Route("DELETE", f"{one}/stages/{{stage_id}}", pipeline_routes.archive_stage, "archive_stage")


def _admin() -> Iterator[Route]:
    yield Route("GET", "/integrations/v1/me", admin.integration_me, "read_integration")
    for version in ("v3", *DATES):
        yield Route("GET", f"/account-info/{version}/details", admin.account_details, "read_account")
        yield Route("GET", f"/account-info/{version}/api-usage/daily/private-apps", admin.daily_usage, "read_api_usage")
    for base in ("/crm/v3/owners", *(f"/crm/owners/{date}" for date in DATES)):
        yield Route("GET", base, admin.list_owners, "list_owners")
        yield Route("GET", f"{base}/{{id}}", admin.read_owner, "read_owner")


# areas of the vendor's API we know of: saying so is more useful than a 404
_ELSEWHERE = (
    "/crm/v3/schemas", "/crm-object-schemas", "/crm/v3/lists", "/crm/v3/imports", "/crm/v3/exports", "/crm/v3/property-validations",
    "/crm/v3/limits", "/crm/v3/object-library", "/crm/associations/v4/definitions", "/oauth", "/webhooks", "/webhooks-journal",
    "/app-webhooks", "/deals/v1", "/companies/v2", "/contacts/v1", "/properties/v1", "/properties/v2", "/engagements/v1",
    "/owners/v2", "/tax-rates/v1", "/automation", "/marketing", "/cms", "/files", "/events", "/conversations",
    "/communication-preferences", "/settings",
)  # fmt: skip
# single operations of modelled areas
_OPERATIONS = (
    ("POST", "/crm/v4/associations/{type}/{to}/labels"),
    ("PUT", "/crm/v4/associations/{type}/{to}/labels"),
    ("DELETE", "/crm/v4/associations/{type}/{to}/labels/{name}"),
    ("POST", "/crm/v4/associations/{type}/{to}/batch/labels/archive"),
    ("POST", "/crm/associations/v4/{type}/{to}/labels"),
    ("PUT", "/crm/associations/v4/{type}/{to}/labels"),
    ("DELETE", "/crm/associations/v4/{type}/{to}/labels/{name}"),
    ("GET", "/crm/v3/objects/{type}/{id}/associations/{to}"),
    ("PUT", "/crm/v3/objects/{type}/{id}/associations/{to}/{to_id}/{name}"),
    ("DELETE", "/crm/v3/objects/{type}/{id}/associations/{to}/{to_id}/{name}"),
    ("PATCH", "/crm/v3/properties/{type}/groups/{name}"),
    ("DELETE", "/crm/v3/properties/{type}/groups/{name}"),
    ("PUT", "/crm/v3/pipelines/{type}/{id}"),
    ("GET", "/crm/v3/pipelines/{type}/{id}/audit"),
    ("PUT", "/crm/v3/pipelines/{type}/{id}/stages/{stage_id}"),
    ("GET", "/crm/v3/pipelines/{type}/{id}/stages/{stage_id}/audit"),
)
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _not_modelled() -> Iterator[Route]:
    for base in _ELSEWHERE:
        for method in _METHODS:
            yield Route(method, f"{base}/{{rest:path}}", elsewhere, "not_modelled")
            yield Route(method, base, elsewhere, "not_modelled")
    for method, template in _OPERATIONS:
        yield Route(method, template, elsewhere, "not_modelled")


def merge(account: Account, call: Call) -> Reply:
    raise not_modelled("merging records")


def gdpr_delete(account: Account, call: Call) -> Reply:
    raise not_modelled("GDPR deletes")


def elsewhere(account: Account, call: Call) -> Reply:
    raise not_modelled(f"{call.method} {call.path}")


def routes() -> Iterator[Route]:
    dated = [f"/crm/objects/{date}" for date in DATES]
    for base in ("/crm/v3/objects", "/crm/v4/objects", "/crm/objects/v3", *dated):
        yield from _objects(base)
    for base in ("/crm/v4/objects", *dated):
        yield from _links(base)
    for base in ("/crm/v4/associations", "/crm/associations/v4", *(f"/crm/associations/{date}" for date in DATES)):
        yield from _link_batches(base)
    yield from _link_batches_v3()
    for base in ("/crm/v3/properties", *(f"/crm/properties/{date}" for date in DATES)):
        yield from _properties(base)
    for base in ("/crm/v3/pipelines", *(f"/crm/pipelines/{date}" for date in DATES)):
        yield from _pipelines(base)
    yield from _admin()
    yield from _not_modelled()


ROUTER = Router(routes())
