"""Every rule of lint catches what it is for, and says where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny_dictionary import PLAIN, bent, findings, read, rules, text_of

from sync_engine.dictionary import load
from sync_engine.dictionary.lint import RULES, lint

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def other_field(**properties: Any) -> dict[str, Any]:
    return {"name": "Other", "owner": "crm", "crm": {"field": "other"}, "erp": {"field": "custom_other"}} | properties


def more_fields(*fields: dict[str, Any]) -> dict[str, Any]:
    data = bent()
    data["entities"][0]["fields"] += fields
    return data


def processes(*found: dict[str, Any], **entity: Any) -> dict[str, Any]:
    return bent(entity=entity, processes=list(found))


def process(system: str, event: str, *actions: dict[str, Any], name: str = "p", **trigger: Any) -> dict[str, Any]:
    return {"name": name, "trigger": {"system": system, "entity": "order", "event": event, **trigger}, "actions": list(actions)}


def act(do: str, system: str, **more: Any) -> dict[str, Any]:
    return {"do": do, "entity": "order", "system": system, **more}


def sides(crm: dict[str, Any], erp: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"crm": {"field": "amount", **crm}, "erp": {"field": "custom_value", **erp}, **more}


def test_the_tiny_dictionary_is_clean() -> None:
    assert rules(PLAIN) == []


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.dictionary.yaml")), ids=lambda path: path.name)
def test_the_shipped_dictionaries_are_clean(path: Path) -> None:
    assert lint(load(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        (sides({"type": "decimal"}, {"type": "float"}), "decimal-to-float"),
        (sides({"type": "decimal", "places": 4}, {"type": "decimal", "places": 2}), "places-cut"),
        (sides({"type": "decimal"}, {"type": "decimal", "places": 2}), "places-cut"),
        (sides({"type": "percent"}, {"type": "integer"}), "fraction-cut"),
        (sides({"type": "datetime"}, {"type": "date", "zone": "Europe/Berlin"}), "time-cut"),
        (sides({"type": "date"}, {"type": "datetime"}), "day-without-zone"),
        (sides({}, {"length_max": 140}), "text-cut"),
        (sides({"length_max": 200}, {"length_max": 140}), "text-cut"),
        (sides({}, {"type": "date"}), "text-to-typed"),
        (sides({"type": "decimal"}, {"type": "decimal"}, default="ten"), "default-unreadable"),
        ({"transform": "map", "values": {"a": "x", "b": "x"}}, "map-collapses"),
        ({"transform": "map", "values": {"a": "x", "b": "x"}, "both_ways": True}, "not-invertible"),
        ({"transform": "expression", "expression": "value", "both_ways": True}, "not-invertible"),
        (sides({"choices": ["a", "b"]}, {}, transform="map", values={"a": "x"}), "choice-without-counterpart"),
        (sides({}, {"choices": ["y"]}, transform="map", values={"a": "x"}), "choice-without-counterpart"),
        (sides({"choices": ["a", "b"]}, {"choices": ["a"]}), "choice-without-counterpart"),
        (sides({"choices": ["a"]}, {"choices": ["a", "b"]}, both_ways=True), "choice-without-counterpart"),
        (sides({"choices": ["a"]}, {}, transform="map", values={"a": "x", "typo": "y"}), "choice-unknown"),
        (sides({}, {"required": True}), "required-may-be-empty"),
        ({"accept": ["text-cutt"]}, "accept-unknown"),
        ({"accept": ["text-cut"]}, "accept-unused"),
    ],
)
def test_a_conversion_that_loses_something_is_found(field: dict[str, Any], rule: str) -> None:
    assert rules(bent(field)) == [rule]


@pytest.mark.parametrize(
    "field",
    [
        sides({"type": "decimal", "places": 4}, {"type": "decimal", "places": 2}, rounding={"places": 2}),
        sides({"type": "decimal"}, {"type": "integer"}, rounding={"places": 0}),
        sides({"length_max": 100}, {"length_max": 140}),
        sides({"choices": ["short"]}, {"length_max": 10}),
        sides({"choices": ["a", "b"]}, {}, transform="map", values={"a": "x"}, default="y"),
        sides({}, {"required": True}, default="none"),
        sides({}, {"length_max": 140}, accept=["text-cut"]),
        sides({"type": "date"}, {"type": "datetime", "zone": "Europe/Berlin"}),
    ],
)
def test_what_is_stated_or_accepted_is_no_finding(field: dict[str, Any]) -> None:
    assert rules(bent(field)) == []


def test_two_entities_that_write_one_field_are_found_and_so_are_the_integrations_own_fields() -> None:
    twin = {**PLAIN["entities"][0], "name": "twin", "error_field": ""}

    found = findings(bent(entities=[PLAIN["entities"][0], twin]))

    assert {each.place for each in found if each.rule == "two-writers"} == {"twin", "twin/Value", "twin/State"}
    assert rules(more_fields(other_field(owner="erp", crm={"field": "erp_error"}))) == ["two-writers"]


def test_a_field_both_ways_writes_its_source_too() -> None:
    back = other_field(owner="erp", erp={"field": "custom_note"}, crm={"field": "amount"})
    data = more_fields(back)
    data["entities"][0]["fields"][0] = {**data["entities"][0]["fields"][0], "both_ways": True}

    assert "two-writers" in rules(data)


@pytest.mark.parametrize(
    "way_back",
    [
        other_field(owner="erp", erp={"field": "custom_value"}, crm={"field": "amount"}),
        other_field(
            owner="erp", transform="expression", expression="concat(custom_value)", erp={"field": "x"}, crm={"field": "amount"}
        ),
    ],
)
def test_a_value_that_comes_back_is_a_loop(way_back: dict[str, Any]) -> None:
    found = findings(more_fields(way_back))

    assert [each.rule for each in found] == ["loop"]
    assert "comes back through 'Value' → 'Other'" in found[0].what or "comes back through 'Other' → 'Value'" in found[0].what


def test_processes_that_set_each_other_off_are_found() -> None:
    """The ERP owns what the CRM's trigger listens to only where a field flows back: then one report starts the next update."""
    data = more_fields(other_field(owner="erp", erp={"field": "custom_value"}, crm={"field": "amount"}, accept=["loop"]))
    data["entities"][0]["fields"][0]["accept"] = ["loop"]
    data["processes"] += [
        process("crm", "changes", act("update", "erp"), name="there"),
        process("erp", "changes", act("report", "crm"), name="back"),
    ]

    found = [each for each in findings(data) if each.rule == "process-loop"]

    assert [each.what for each in found] == ["back → there → back"]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (processes(), "entity-without-process"),
        (processes(process("crm", "enters", act("create", "erp")), when={}), "trigger-cannot-happen"),
        (processes(process("erp", "leaves", act("create", "crm", only_if={}))), "trigger-cannot-happen"),
        (processes(process("erp", "merges", act("report", "crm"))), "trigger-cannot-happen"),
        (processes(process("crm", "changes", act("update", "erp"), fields=["State"])), "trigger-cannot-happen"),
        (processes(process("crm", "appears", act("create", "crm"))), "action-on-its-trigger"),
        (processes(process("crm", "changes", act("amend", "erp", only_if={"docstatus": 1}))), "action-does-nothing"),
        (processes(process("crm", "leaves", act("cancel", "erp"))), "unguarded"),
        (processes(process("crm", "leaves", act("cancel", "erp", only_if={"State": "x"}))), "only-if-unknown"),
        (processes(process("crm", "leaves", act("cancel", "erp", only_if={"statuss": "x"}))), "only-if-unknown"),
        (processes(process("crm", "disappears", act("tell", "crm"))), "tells-nothing"),
        (processes(process("crm", "disappears", act("tell", "crm", say="x")), error_field=""), "tells-nothing"),
    ],
)
def test_a_process_that_cannot_work_is_found(data: dict[str, Any], rule: str) -> None:
    assert rules(data) == [rule]


def test_a_report_without_fields_does_nothing() -> None:
    data = bent(processes=[process("crm", "enters", act("report", "crm"))])
    del data["entities"][0]["fields"][1]

    assert rules(data) == ["action-does-nothing"]


def test_two_processes_of_one_trigger_may_not_act_on_one_counterpart() -> None:
    first = process("crm", "changes", act("update", "erp"), name="first", fields=["Value"])
    second = process("crm", "changes", act("update", "erp"), name="second")

    found = findings(processes(first, second))

    assert [(each.rule, each.place, each.remedy) for each in found] == [
        ("ambiguous-order", "process second", "Give both triggers `fields`")
    ]


def test_what_a_record_belongs_to_is_made_first() -> None:
    customer = {
        "name": "customer",
        "crm": {"kind": "companies"},
        "erp": {"kind": "Customer"},
        "fields": [{"name": "Name", "owner": "crm", "crm": {"field": "name"}, "erp": {"field": "customer_name"}}],
    }
    order = {**PLAIN["entities"][0], "belongs_to": {"customer": "customer"}}
    ensure = process("crm", "enters", {"do": "ensure", "entity": "customer", "system": "erp"}, name="first")
    won = PLAIN["processes"][0]

    assert rules(bent(entities=[customer, order], processes=[ensure, won])) == []
    assert rules(bent(entities=[customer, order], processes=[won, ensure])) == ["missing-parent"]


def test_a_finding_names_its_line_its_reason_and_what_to_do() -> None:
    data = bent(sides({"type": "decimal"}, {"type": "float"}))
    line = next(number for number, text in enumerate(text_of(data).splitlines(), 1) if text.endswith("- name: Value"))

    assert [each.text("tiny.yaml") for each in findings(data)] == [
        f"error: tiny.yaml:{line} order/Value: amount (decimal) → custom_value (float); an exact number is kept as a binary float."
        " Use a decimal field on the target. [decimal-to-float]"
    ]


def test_an_entity_accepts_for_all_its_fields() -> None:
    assert rules(bent(sides({}, {"length_max": 140}), entity={"accept": ["text-cut"]})) == []


def test_every_rule_has_an_id_a_level_a_reason_and_a_remedy() -> None:
    assert all(
        rule.id == name and rule.finds and rule.remedy and rule.level in ("error", "warning") for name, rule in RULES.items()
    )
    assert lint(read(PLAIN)) == []
