"""A small dictionary as data, to be bent by tests, and live systems that say what they are told to."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import yaml

from sync_engine.dictionary import Dictionary, parse
from sync_engine.dictionary.lint import Finding, lint
from sync_engine.dictionary.metadata import Fetch, LiveMetadata

PLAIN: dict[str, Any] = {
    "syncproof_dictionary": 1,
    "name": "tiny",
    "crm": "hubspot",
    "erp": "erpnext",
    "currency": "EUR",
    "entities": [
        {
            "name": "order",
            "crm": {"kind": "deals", "link_field": "erp_order"},
            "erp": {"kind": "Sales Order", "link_field": "custom_deal"},
            "error_field": "erp_error",
            "when": {"dealstage": "closedwon"},
            "fields": [
                {"name": "Value", "owner": "crm", "crm": {"field": "amount"}, "erp": {"field": "custom_value"}},
                {"name": "State", "owner": "erp", "erp": {"field": "status"}, "crm": {"field": "erp_state"}},
            ],
        }
    ],
    "processes": [
        {
            "name": "won",
            "trigger": {"system": "crm", "entity": "order", "event": "enters"},
            "actions": [{"do": "create", "entity": "order", "system": "erp"}],
        }
    ],
}


def bent(field: Mapping[str, Any] | None = None, entity: Mapping[str, Any] | None = None, **top: Any) -> dict[str, Any]:
    """The tiny dictionary with other properties of its first field, its entity and itself."""
    data = deepcopy(PLAIN)
    data["entities"][0] |= dict(entity or {})
    data["entities"][0]["fields"][0] |= dict(field or {})
    return data | top


def text_of(data: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(data), sort_keys=False, allow_unicode=True)


def read(data: Mapping[str, Any]) -> Dictionary:
    return parse(text_of(data), "tiny.yaml")


def findings(data: Mapping[str, Any], metadata: LiveMetadata | None = None) -> list[Finding]:
    return lint(read(data), text_of(data), metadata)


def rules(data: Mapping[str, Any], metadata: LiveMetadata | None = None) -> list[str]:
    return [each.rule for each in findings(data, metadata)]


def crm_door(*properties: Mapping[str, Any]) -> Fetch:
    """A CRM whose deals have these properties."""
    return lambda path: (200, {"results": list(properties)}) if path.endswith("/deals") else (404, {"message": "no such type"})


def erp_door(*fields: Mapping[str, Any]) -> Fetch:
    """An ERP whose Sales Orders have these fields."""

    def fetch(path: str) -> tuple[int, Any]:
        return (200, {"docs": [{"name": "Sales Order", "fields": list(fields)}]}) if path.endswith("Sales%20Order") else (404, {})

    return fetch
