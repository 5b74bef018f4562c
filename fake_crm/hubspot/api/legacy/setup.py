"""What v1 and v2 tell about the account's setup: property definitions, deal pipelines, tax rates.

Source: facts sections 7.2 (tax rates) and 15; the keys of a definition as in the vendor's v1 documentation. The rates an account
has are our guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.api.legacy.reading import number
from fake_crm.hubspot.errors import HubSpotError, not_found
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import DEALS, ObjectType
from fake_crm.hubspot.model.stock import EPOCH_TEXT
from fake_crm.hubspot.wire import ms_of, ok
from harness.kit.call import Call, Reply
from harness.kit.routing import Route

Wire = dict[str, Any]
TAX_RATES_MAX = 100
_TAX_RATES = (("8847301", "Standard rate", 19.0), ("8847302", "Reduced rate", 7.0), ("8847303", "Reverse charge", 0.0))


def routes() -> Iterator[Route]:
    companies = {"type": "companies"}
    yield Route("GET", "/companies/v2/properties", list_properties, "list_properties_v2", "list_company_properties_v2", companies)
    for version in ("v1", "v2"):
        base = f"/properties/{version}/{{type}}/properties"
        yield Route("GET", base, list_properties, f"list_properties_{version}")
        yield Route("GET", f"{base}/named/{{name}}", read_property, f"read_property_{version}")
    yield Route("GET", "/deals/v1/pipelines", list_pipelines, "list_pipelines_v1", fixed={"type": "deals"})
    yield Route("GET", "/deals/v1/pipelines/{id}", read_pipeline, "read_pipeline_v1", fixed={"type": "deals"})
    yield Route("GET", "/crm-pipelines/v1/pipelines/{type}", list_crm_pipelines, "list_crm_pipelines_v1")
    yield Route("GET", "/tax-rates/v1/tax-rates", list_tax_rates, "list_tax_rates_v1")


def list_properties(account: Account, call: Call) -> Reply:
    """200 with an array, not an object."""
    kind = account.resolve(call.params["type"])
    return ok([_definition(row) for row in account.definitions.rows(kind.plural)])


def read_property(account: Account, call: Call) -> Reply:
    kind = account.resolve(call.params["type"])
    row = account.definitions.row(kind.plural, call.params["name"])
    if row is None or row["archived"]:
        raise HubSpotError(404, "resource not found")
    return ok(_definition(row))


def list_pipelines(account: Account, call: Call) -> Reply:
    """200 with an array, the default pipeline first."""
    return ok([_pipeline(row) for row in account.pipelines.rows(DEALS)])


def read_pipeline(account: Account, call: Call) -> Reply:
    row = account.pipelines.row(DEALS, call.params["id"])
    if row is None:
        raise not_found()
    return ok(_pipeline(row))


def list_crm_pipelines(account: Account, call: Call) -> Reply:
    """The generic v1 form, which the n8n node reads stages from; the envelope's other keys are our guess."""
    kind = account.resolve(call.params["type"])
    rows = account.pipelines.rows(kind) if kind.pipeline is not None else []
    return ok({"results": [_crm_pipeline(kind, row, position == 0) for position, row in enumerate(rows)]})


def list_tax_rates(account: Account, call: Call) -> Reply:
    limit, after = number(call, "limit", TAX_RATES_MAX, TAX_RATES_MAX), number(call, "after", 0)
    rows = [_tax_rate(*each) for each in _TAX_RATES if int(each[0]) >= after]
    body: Wire = {"results": rows[:limit]}
    if len(rows) > limit:
        following = rows[limit]["id"]
        body["paging"] = {"next": {"after": following, "link": f"{account.base_url}{call.path}?limit={limit}&after={following}"}}
    return ok(body)


# -- inside -----------------------------------------------------------------------------------------------------------


def _definition(row: Wire) -> Wire:
    """`hubspotDefined` is null, not false, on an account's own properties: the n8n node tells them by that."""
    rules = row["modificationMetadata"]
    own = not row["hubspotDefined"]
    options = [{**option, "readOnly": False, "doubleData": 0.0} for option in row["options"]]
    same = ("name", "label", "description", "groupName", "type", "fieldType", "displayOrder", "formField", "hidden", "calculated")
    return {
        **{key: row[key] for key in same},
        "options": options,
        "externalOptions": row["externalOptions"],
        "readOnlyValue": rules["readOnlyValue"],
        "readOnlyDefinition": rules["readOnlyDefinition"],
        "mutableDefinitionNotDeletable": not own and not rules["readOnlyDefinition"],
        "hubspotDefined": None if own else True,
        "deleted": False,
        "favorited": False,
        "favoritedOrder": -1,
        "displayMode": "current_value",
        "createdAt": ms_of(row["createdAt"]) if own else None,
        "updatedAt": ms_of(row["updatedAt"]) if own else None,
        "createdUserId": None,
        "updatedUserId": None,
    }


def _pipeline(row: Wire) -> Wire:
    return {
        "pipelineId": row["id"],
        "label": row["label"],
        "active": True,
        "displayOrder": row["displayOrder"],
        "stages": [
            {
                "stageId": stage["id"],
                "label": stage["label"],
                "probability": float(stage["metadata"]["probability"]),
                "active": True,
                "displayOrder": stage["displayOrder"],
                "closedWon": float(stage["metadata"]["probability"]) == 1.0,
            }
            for stage in row["stages"]
        ],
    }


def _crm_pipeline(kind: ObjectType, row: Wire, is_default: bool) -> Wire:
    return {
        "pipelineId": row["id"],
        "label": row["label"],
        "objectType": kind.label,
        "objectTypeId": kind.type_id,
        "displayOrder": row["displayOrder"],
        "active": True,
        "default": is_default,
        "createdAt": ms_of(row["createdAt"]),
        "updatedAt": ms_of(row["updatedAt"]),
        "stages": [
            {
                "stageId": stage["id"],
                "label": stage["label"],
                "displayOrder": stage["displayOrder"],
                "metadata": stage["metadata"],
                "active": True,
                "createdAt": ms_of(stage["createdAt"]),
                "updatedAt": ms_of(stage["updatedAt"]),
            }
            for stage in row["stages"]
        ],
    }


def _tax_rate(rate_id: str, name: str, percent: float) -> Wire:
    return {
        "id": rate_id,
        "name": name,
        "label": f"{name} ({percent:g}%)",
        "percentageRate": percent,
        "active": True,
        "createdAt": EPOCH_TEXT,
        "updatedAt": EPOCH_TEXT,
    }
