"""One dictionary for several vendors, and what a file that cannot be used is told."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tiny_dictionary import PLAIN, bent, findings, read, text_of

from sync_engine.dictionary import DictionaryError, json_schema, load, parse
from sync_engine.mapping.values import carried

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "scenarios").glob("*.dictionary.yaml"))
OTHER_CRM = {
    "system": "crm",
    "entities": {
        "order": {
            "kind": "Opportunity",
            "link_field": "ErpOrder__c",
            "fields": {"Value": {"field": "Amount", "type": "decimal"}, "State": {"field": "ErpState__c"}},
            "when": {"StageName": "Closed Won"},
        }
    },
}
OTHER_ERP = {
    "system": "erp",
    "settings": {"company": "CRONUS"},
    "entities": {
        "order": {
            "kind": "salesOrders",
            "link_field": "externalDocumentNumber",
            "fields": {"Value": {"field": "value", "type": "boolean", "notation": "iso"}, "State": {"field": "status"}},
        }
    },
}


def several(**changes: Any) -> dict[str, Any]:
    data = bent(bindings={"salesforce": deepcopy(OTHER_CRM), "business_central": deepcopy(OTHER_ERP)}, settings={"company": "Acme"})
    return data | changes


# -- vendors ------------------------------------------------------------------------------------------------------------------


def test_without_a_wish_the_dictionary_is_for_the_vendors_it_names() -> None:
    own = parse(text_of(several()))

    assert (own.crm, own.erp, own.entity("order").erp.kind) == ("hubspot", "erpnext", "Sales Order")
    assert parse(text_of(several()), crm="hubspot", erp="erpnext") == own


def test_another_vendor_has_its_own_kinds_fields_conditions_and_settings() -> None:
    found = parse(text_of(several()), crm="salesforce", erp="business_central")
    order = found.entity("order")

    assert (found.crm, found.erp, found.settings) == ("salesforce", "business_central", {"company": "CRONUS"})
    assert (order.crm.kind, order.crm.link_field, order.when) == ("Opportunity", "ErpOrder__c", {"StageName": "Closed Won"})
    assert (order.erp.kind, order.erp.link_field) == ("salesOrders", "externalDocumentNumber")
    assert [(each.crm.field, each.erp.field) for each in order.fields] == [("Amount", "value"), ("ErpState__c", "status")]
    assert carried(order.field("Value"), "1") == "true"  # in that vendor's notation


def test_one_side_may_be_another_vendor_alone() -> None:
    order = parse(text_of(several()), erp="business_central").entity("order")

    assert (order.crm.kind, order.erp.kind) == ("deals", "salesOrders")


def bindings_without(vendor: str, *path: str) -> dict[str, Any]:
    data = several()
    place = data["bindings"][vendor]
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return data


def renamed_entity() -> dict[str, Any]:
    data = several()
    data["bindings"]["salesforce"]["entities"]["ordr"] = data["bindings"]["salesforce"]["entities"]["order"]
    return data


def renamed_field() -> dict[str, Any]:
    data = several()
    data["bindings"]["salesforce"]["entities"]["order"]["fields"]["Vlaue"] = {"field": "x"}
    return data


@pytest.mark.parametrize(
    ("data", "crm", "words"),
    [
        (several(), "salesfroce", "says nothing of the CRM 'salesfroce' under 'bindings'; did you mean 'salesforce'?"),
        (several(), "business_central", "says nothing of the CRM 'business_central'"),
        (bindings_without("salesforce", "entities", "order"), "salesforce", "say nothing of the entity 'order'; add it there"),
        (bindings_without("salesforce", "entities", "order", "fields", "State"), "salesforce", "no place for 'State'"),
        (renamed_entity(), "salesforce", "name 'ordr', which is no entity; did you mean 'order'?"),
        (renamed_field(), "salesforce", "'Vlaue' is no field of it; did you mean 'Value'?"),
    ],
)
def test_a_binding_that_says_too_little_or_something_wrong_is_refused(data: dict[str, Any], crm: str, words: str) -> None:
    with pytest.raises(DictionaryError) as caught:
        parse(text_of(data), crm=crm)
    assert words in str(caught.value)


def test_lint_looks_at_every_binding_before_somebody_needs_it() -> None:
    found = findings(bindings_without("salesforce", "entities", "order", "fields", "State"))

    assert [(each.rule, each.place) for each in found] == [("binding-broken", "bindings salesforce")]
    assert "no place for 'State'" in found[0].what
    assert found[0].line is not None
    assert findings(several()) == []


# -- files --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("transform: map, values: {on: x}", "put quotes around it"),
        ("transform: map, values: {a: no}", "put quotes around it"),
        ("transform: map, values: {10: x}", "put quotes around it"),
        ("transform: map, values: {a: 2026-09-30}", "put quotes around it"),
        ("default: 0", "put quotes around it"),
        ("defualt: x", "did you mean 'default'?"),
        ("transform: expression", "no 'expression'; write one"),
        ("transform: expression, expression: a.b", "the expression column 1: Attribute is not part of the language"),
        ("transform: map, table: missing", "names the table 'missing', which does not exist"),
        ("transform: map", "no 'values'"),
        ("empty: default", "has empty 'default' but no 'default'"),
        ("rounding: {places: 99}", "rounding to 99 places"),
        ("transform: trm", "did you mean 'trim'?"),
        ("empty: vanish", "known: clear, default, keep"),
    ],
)
def test_a_field_that_cannot_be_meant_is_refused_with_what_to_do(written: str, words: str) -> None:
    text = text_of(PLAIN)
    line = next(each for each in text.splitlines() if each.endswith("- name: Value"))
    flow = f"{line[: line.index('-')]}- {{name: More, owner: crm, crm: {{field: m}}, erp: {{field: n}}, {written}}}"

    with pytest.raises(DictionaryError) as caught:
        parse(text.replace(line, f"{flow}\n{line}"), "tiny.yaml")
    assert words in str(caught.value)
    if "quotes" in words or "did you mean" in words:
        assert str(caught.value).startswith(f"tiny.yaml:{1 + text.splitlines().index(line)}: ")


@pytest.mark.parametrize(
    ("zone", "words"), [("Europe/Berln", "did you mean 'Europe/Berlin'?"), ("../etc/passwd", "write an IANA name")]
)
def test_a_zone_that_does_not_exist_is_refused(zone: str, words: str) -> None:
    with pytest.raises(DictionaryError) as caught:
        read(bent({"crm": {"field": "amount", "zone": zone}}))
    assert f"there is no time zone {zone!r}" in str(caught.value)
    assert words in str(caught.value)


def test_a_table_is_read_into_the_fields_that_name_it_and_a_field_may_say_it_otherwise() -> None:
    found = read(bent({"transform": "map", "table": "terms", "values": {"b": "own"}}, tables={"terms": {"a": "x", "b": "y"}}))

    assert found.entity("order").field("Value").values == {"a": "x", "b": "own"}


def test_fields_of_lines_are_checked_too() -> None:
    bad = {"name": "Item", "owner": "crm", "crm": {"field": "sku"}, "erp": {"field": "item"}, "transform": "map"}

    with pytest.raises(DictionaryError, match="lines: field 'Item' has transform 'map' but no 'values'"):
        read(bent(entity={"lines": {"crm_kind": "line_items", "erp_table": "items", "fields": [bad]}}))


# -- the published schema -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_dictionary_fits_the_published_schema(path: Path) -> None:
    import yaml

    published = json.loads((ROOT / "docs" / "schemas" / "dictionary.schema.json").read_text(encoding="utf-8"))

    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), published)
    assert load(path).name


def test_the_schema_refuses_what_reading_refuses() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bent({"transform": "shout"}), json_schema())
    jsonschema.validate(several(), json_schema())
