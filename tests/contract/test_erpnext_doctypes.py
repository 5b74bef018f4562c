"""The fake's columns against the vendor's own DocTypes, where their definitions are at hand."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fake_erp.erpnext.framework.meta import LAYOUT, standard_doctypes

BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "contracts"
FOLDER = Path(os.environ.get("SYNCPROOF_CONTRACTS", BESIDE)) / "erpnext" / "doctypes"
MODELLED = standard_doctypes()

if not FOLDER.is_dir():
    pytest.skip("the vendor's DocTypes are not at erpnext/doctypes/: set SYNCPROOF_CONTRACTS", allow_module_level=True)

DEFINED: dict[str, dict[str, Any]] = {
    definition["doctype"]: definition for definition in (json.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.json")))
}


def data_fields(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (each for each in definition["fields"] if each["fieldtype"] not in LAYOUT)


def test_every_doctype_is_modelled() -> None:
    assert DEFINED.keys() <= MODELLED.keys()
    assert len(DEFINED) >= 37


@pytest.mark.parametrize("name", DEFINED)
def test_no_field_is_missing_or_of_another_kind(name: str) -> None:
    """What a field holds, where it leads, and whether it may change after submit."""
    fields, wrong = MODELLED[name].fields, []
    for told in data_fields(DEFINED[name]):
        known = fields.get(told["fieldname"])
        if known is None:
            wrong.append(f"{told['fieldname']}: missing")
            continue
        found: tuple[Any, ...] = known.fieldtype, "submit" in known.flags
        expected: tuple[Any, ...] = told["fieldtype"], bool(told.get("allow_on_submit"))
        if told["fieldtype"] in ("Link", "Table", "Table MultiSelect"):
            found, expected = (*found, known.options), (*expected, told["options"])
        if found != expected:
            wrong.append(f"{told['fieldname']}: {found}, the vendor says {expected}")
    assert wrong == []


@pytest.mark.parametrize("name", DEFINED)
def test_every_stored_field_is_a_column_or_a_table(name: str) -> None:
    meta = MODELLED[name]
    stored = {each["fieldname"] for each in data_fields(DEFINED[name]) if not each.get("is_virtual")}
    assert stored <= meta.columns.keys() | meta.tables.keys()
