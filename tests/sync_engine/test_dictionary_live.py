"""A dictionary against what the live systems say of their own fields."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_dictionary import PLAIN, bent, crm_door, erp_door, findings, rules

from sync_engine.dictionary.metadata import LiveMetadata, MetadataError

CRM = (
    {"name": "amount", "type": "string"},
    {"name": "erp_state", "type": "string"},
    {"name": "dealstage", "type": "enumeration", "options": [{"value": "open"}, {"value": "closedwon"}]},
)
ERP = (
    {"fieldname": "custom_value", "fieldtype": "Small Text"},
    {"fieldname": "status", "fieldtype": "Select", "options": "\nDraft\nOpen"},
)


def live(crm: Any = CRM, erp: Any = ERP) -> LiveMetadata:
    return LiveMetadata(crm_door(*crm), erp_door(*erp))


def with_crm(**changes: Any) -> LiveMetadata:
    return live(crm=({**CRM[0], **changes}, *CRM[1:]))


def with_erp(**changes: Any) -> LiveMetadata:
    return live(erp=({**ERP[0], **changes}, *ERP[1:]))


def test_a_dictionary_that_fits_is_clean() -> None:
    assert rules(PLAIN, live()) == []


@pytest.mark.parametrize(
    ("metadata", "rule", "words"),
    [
        (with_crm(name="amounts"), "field-missing", "CRM deals.amount; did you mean 'amounts'?"),
        (with_erp(fieldname="x"), "field-missing", "ERP Sales Order.custom_value"),
        (with_crm(type="number"), "type-differs", "the dictionary says text, the system number"),
        (with_erp(fieldtype="Check"), "type-differs", "the system Check"),
        (with_erp(read_only=1), "target-read-only", "ERP custom_value"),
        (with_erp(fieldtype="Data"), "text-cut", "takes 140 characters, `length_max` says nothing"),
        (with_erp(fieldtype="Data", length=60), "text-cut", "takes 60 characters"),
        (live(erp=(*ERP, {"fieldname": "company", "fieldtype": "Link", "reqd": 1})), "required-unmapped", "Sales Order.company"),
        (live(crm=(*CRM[:2], {**CRM[2], "options": [{"value": "won"}]})), "choice-without-counterpart", "waits for dealstage"),
        (live(crm=CRM[:2]), "field-missing", "'when' names CRM 'dealstage'"),
        (LiveMetadata(lambda path: (404, {}), None), "kind-missing", "CRM 'deals'"),
    ],
)
def test_what_does_not_fit_is_found(metadata: LiveMetadata, rule: str, words: str) -> None:
    found = findings(PLAIN, metadata)

    assert [each.rule for each in found] == [rule]
    assert words in found[0].what


@pytest.mark.parametrize(
    "extra",
    [
        {"reqd": 1, "default": "Sales"},
        {"reqd": 1, "fieldtype": "Select", "options": "Sales\nService"},
        {"reqd": 1, "hidden": 1},
        {"reqd": 0},
    ],
)
def test_a_required_field_that_fills_itself_is_no_finding(extra: dict[str, Any]) -> None:
    assert rules(PLAIN, live(erp=(*ERP, {"fieldname": "order_type", "fieldtype": "Data", **extra}))) == []


def test_a_field_that_the_integration_creates_need_not_exist_yet() -> None:
    data = bent({"erp": {"field": "custom_value", "custom": True}})

    assert rules(data, with_erp(fieldname="x")) == []


def test_values_of_a_live_picklist_need_a_counterpart() -> None:
    data = bent()
    data["entities"][0]["fields"][1] |= {"transform": "map", "values": {"Draft": "draft", "Opne": "open"}}

    found = findings(data, live())

    assert [(each.rule, each.what) for each in found] == [
        ("choice-without-counterpart", "'Open' of status in the live ERP"),
        ("choice-unknown", "status in the live ERP has no 'Opne'"),
    ]


def test_conditions_and_names_in_expressions_are_looked_up() -> None:
    action = {"do": "cancel", "entity": "order", "system": "erp", "only_if": {"docstatus": 1, "per_billed": 0}}
    data = bent({"transform": "expression", "expression": "concat(value, amountt)"})
    data["processes"].append(
        {"name": "lost", "trigger": {"system": "crm", "entity": "order", "event": "leaves"}, "actions": [action]}
    )

    found = findings(data, live())

    assert [(each.rule, each.place) for each in found] == [
        ("field-missing", "order/Value"),
        ("only-if-unknown", "process lost"),
    ]


def test_sums_lines_and_tables_are_looked_up_where_they_stand() -> None:
    data = bent(
        entity={
            "related": {"invoices": {"kind": "Sales Order", "through": "items.order"}},
            "lines": {
                "crm_kind": "deals",
                "erp_table": "items",
                "fields": [{"name": "Item", "owner": "crm", "crm": {"field": "amount"}, "erp": {"field": "item_code"}}],
            },
        }
    )
    data["entities"][0]["fields"][1]["erp"] = {"field": "total", "type": "decimal", "of": "invoices"}
    data["entities"][0]["accept"] = ["two-writers"]

    found = findings(data, live(erp=(*ERP, {"fieldname": "items", "fieldtype": "Table", "options": "Row"})))

    assert {(each.rule, each.place) for each in found} == {
        ("field-missing", "order/State"),
        ("kind-missing", "order/Item"),
        ("accept-unused", "order"),
    }


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, {}, "the CRM refused the credentials when it was asked for the fields of 'deals' \\(HTTP 401\\)"),
        (503, None, "the CRM did not tell the fields of 'deals': HTTP 503"),
        (200, None, "answered something else"),
        (200, {"results": 3}, "answered something else"),
    ],
)
def test_a_system_that_does_not_answer_is_one_sentence(status: int, body: Any, words: str) -> None:
    with pytest.raises(MetadataError, match=words):
        findings(PLAIN, LiveMetadata(lambda path: (status, body), None))


def test_a_vendor_whose_metadata_nobody_can_read_is_refused_at_once() -> None:
    with pytest.raises(
        MetadataError, match="how the ERP 'business_central' tells its fields is not known here; known: erpnext, hubspot"
    ):
        LiveMetadata(None, erp_door(), ("hubspot", "business_central"))
