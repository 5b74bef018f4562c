"""A dictionary may say more than this engine does: it is refused with one sentence before anything starts, never passed over."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from sync_engine.dictionary import DictionaryError, load, parse
from sync_engine.dictionary.lint import lint
from sync_engine.processes.able import check_able

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
FULL: dict[str, Any] = yaml.safe_load((SCENARIOS / "full-cycle.dictionary.yaml").read_text(encoding="utf-8"))
DICTIONARIES = sorted(SCENARIOS.glob("*.dictionary.yaml"))


@pytest.mark.parametrize("file", DICTIONARIES, ids=[each.name for each in DICTIONARIES])
def test_the_shipped_dictionaries_are_carried_out_whole(file: Path) -> None:
    check_able(load(file))


def refused(process: dict[str, Any] | None = None, **top: Any) -> str:
    """What is said about the full cycle with one more process, or with other parts."""
    data = deepcopy(FULL) | top
    if process is not None:
        data["processes"].append({"name": "another", **process})
    dictionary = parse(yaml.safe_dump(data, sort_keys=False))
    with pytest.raises(DictionaryError) as caught:
        check_able(dictionary)
    return str(caught.value)


@pytest.mark.parametrize(
    ("trigger", "action", "said"),
    [
        (
            "erp order disappears",
            "report order crm",
            "nothing sets off erp order disappears; known: crm order enters",
        ),
        ("crm customer appears", "ensure customer erp", "nothing sets off crm customer appears"),
        (
            "crm order enters",
            "report order erp",
            "cannot report order in the erp; did you mean 'report order in the crm'?",
        ),
        (
            "erp item changes",
            "create item crm",
            "after its trigger the engine cannot create item in the crm; ",
        ),
    ],
)
def test_what_nothing_sets_off_and_what_the_engine_cannot_do(trigger: str, action: str, said: str) -> None:
    system, entity, event = trigger.split()
    do, target, where = action.split()
    process = {"trigger": {"system": system, "entity": entity, "event": event}}
    assert said in refused({**process, "actions": [{"do": do, "entity": target, "system": where}]})


MACHINE: dict[str, Any] = {
    "name": "machine",
    "origin": "erp",
    "crm": {"kind": "p_machine", "link_field": "erp_machine"},
    "erp": {"kind": "Serial No"},
    "fields": [{"name": "State", "owner": "erp", "erp": {"field": "status"}, "crm": {"field": "state"}}],
}


def test_an_entity_of_any_name_kind_and_doctype_that_the_erp_owns_is_carried_out() -> None:
    trigger = {"system": "erp", "entity": "machine", "event": "appears"}
    process = {"name": "machines", "trigger": trigger, "actions": [{"do": "create", "entity": "machine", "system": "crm"}]}
    data = FULL | {"entities": [*FULL["entities"], MACHINE], "processes": [*FULL["processes"], process]}
    check_able(parse(yaml.safe_dump(data)))


@pytest.mark.parametrize(
    ("bent", "said"),
    [
        ({"crm": {"kind": "p_machine"}}, "the crm needs a link_field: it finds a record whose create was never answered"),
        ({"erp": {"kind": "Serial No", "link_field": "custom_id"}}, "the erp's link_field: this engine writes nothing of the kind"),
        ({"error_field": "erp_error"}, "error_field: this engine writes nothing of the kind for entities with origin erp"),
        (
            {"fields": [{"name": "Note", "owner": "crm", "crm": {"field": "note"}, "erp": {"field": "note"}}]},
            "field 'Note': entities with origin erp flow from the erp to the crm only",
        ),
        (
            {"fields": [{"name": "Part", "owner": "erp", "crm": {"field": "part"}, "erp": {"field": "parts.item"}}]},
            "field 'Part': parts.item is in a table, which this engine does not read here",
        ),
        (
            {"related": {"orders": {"kind": "Sales Order", "through": "items.serial_no"}}},
            "related 'orders': items.serial_no is in a table, which this engine does not read here",
        ),
    ],
)
def test_what_is_not_carried_out_of_such_an_entity(bent: dict[str, Any], said: str) -> None:
    assert refused(entities=[*FULL["entities"], MACHINE | bent]).startswith(f"entity 'machine': {said}")


def test_customers_that_the_erp_would_make() -> None:
    entities = [{**each, "origin": "erp"} if each["name"] == "customer" else each for each in FULL["entities"]]
    assert refused(entities=entities).startswith("entity 'customer': origin erp; this engine makes customers and orders")


def test_a_key_that_nothing_would_look_at() -> None:
    change = {"system": "crm", "entity": "customer", "event": "changes"}
    update = {"do": "update", "entity": "customer", "system": "erp"}
    items: dict[str, Any] = {"system": "erp", "entity": "item", "event": "changes"}
    carried = [{"do": "update", "entity": "item", "system": "crm"}]
    said = refused({"trigger": {**items, "fields": ["Item name"]}, "actions": carried})
    assert said.startswith("process 'another': the trigger's fields is looked at only by crm order changes, ")
    said = refused({"trigger": {**items, "related": "prices"}, "actions": carried})
    assert said == "process 'another': the trigger's related is looked at only by erp order changes, erp customer changes"
    said = refused({"trigger": change, "actions": [{**update, "only_if": {"disabled": 0}}]})
    assert said == "process 'another': only_if is looked at by amend and cancel, not by update"


def test_an_entity_that_is_not_moved_and_one_that_is_needed() -> None:
    machine = {"name": "machine", "crm": {"kind": "machines"}, "erp": {"kind": "Serial No"}, "fields": []}
    only = "from the crm this engine moves customer and order only"
    said = refused(entities=[*FULL["entities"], machine])
    assert said == f"entity 'machine': {only}; give it origin erp if the ERP owns it"
    said = refused(entities=[*FULL["entities"], {**machine, "name": "custmer"}])
    assert said == f"entity 'custmer': {only}; did you mean 'customer'?"
    items = [each for each in FULL["entities"] if each["name"] == "item"]
    processes = [each for each in FULL["processes"] if each["trigger"]["entity"] == "item"]
    assert "has no entity 'customer', which this engine needs" in refused(entities=items, processes=processes)


@pytest.mark.parametrize(
    ("top", "said"),
    [
        ({"settings": {"warehose": "Stores"}}, "settings: this engine does not read 'warehose'; did you mean 'warehouse'?"),
        ({"settings": {"delivery_days": "soon"}}, "settings: delivery_days: expected a whole number of days, found 'soon'"),
        (
            {"settings": {"taxes": ["VAT"]}},
            "settings: taxes: expected a list of rows, each with the fields of a tax row of the ERP",
        ),
        ({"currency": "EURO"}, "currency: 'EURO' is no code of ISO 4217; expected something like EUR"),
    ],
)
def test_settings_that_nothing_would_read_or_that_no_order_could_be_written_with(top: dict[str, Any], said: str) -> None:
    assert refused(**top) == said


def test_lint_tells_all_that_the_engine_would_refuse_where_it_stands() -> None:
    data = deepcopy(FULL)
    data["settings"]["warehose"] = "Stores"
    data["processes"][0]["trigger"]["event"] = "appears"
    data["processes"][1]["actions"][1]["system"] = "erp"
    text = yaml.safe_dump(data, sort_keys=False)
    found = [
        (each.place, each.level, each.line is None)
        for each in lint(parse(text), text, engine=True)
        if each.rule == "engine-refuses"
    ]
    assert sorted(found) == [
        ("dictionary", "error", True),
        ("process closed-won", "error", False),
        ("process onboarding", "error", False),
    ]
    assert not [each for each in lint(parse(text), text) if each.rule == "engine-refuses"]
