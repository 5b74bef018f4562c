"""Which records of the two systems are the same thing: by link fields first, then by the dictionary's rules.

A rule holds when all its fields are equal in the form that the mapping gives them, on exactly one record of each side. Keys are
kept in the store, not in memory; the value of a key that several records share is `SEVERAL`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from sync_engine.dictionary import Entity, FieldMap, System
from sync_engine.mapping.values import carried, same
from sync_engine.reconcile.notebook import Notebook
from sync_engine.wire import write_text

SEVERAL = "*"


def in_target_form(field: FieldMap, system: System, record: Mapping[str, Any]) -> str:
    """The value of either side as the target would hold it; an empty text for nothing and for what cannot be converted."""
    value = record.get(field.side(system).field)
    if value in (None, ""):
        return ""
    try:
        if field.owner != system and field.transform == "map":
            return str(value)  # a table turns the owner's words into the target's, which this already is
        return carried(field, value, record)
    except ValueError:
        return ""


def key_of(entity: Entity, rule: int, system: System, record: Mapping[str, Any]) -> str:
    """One text for all values of a rule's fields; empty where a field is, for nothing proves nothing."""
    values = [in_target_form(entity.field(name), system, record) for name in entity.match[rule].fields]
    if not values or any(value == "" for value in values):
        return ""
    return blake2b(write_text(values).encode(), digest_size=16).hexdigest()


def agree(entity: Entity, rule: int, crm: Mapping[str, Any], erp: Mapping[str, Any]) -> bool:
    """Whether two records are equal in all fields of the rule, read now."""
    fields = [entity.field(name) for name in entity.match[rule].fields]
    return all(same(each, in_target_form(each, "crm", crm), in_target_form(each, "erp", erp)) for each in fields)


class Index:
    """Keys of one entity's records in one run: rule and key → the record's id, on either side."""

    def __init__(self, notes: Notebook, run: str, entity: Entity) -> None:
        self._notes, self._run, self.entity = notes, run, entity

    def add(self, system: System, records: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """In the caller's transaction; adding a record twice changes nothing."""
        for id, record in records:
            for rule in range(len(self.entity.match)):
                key = key_of(self.entity, rule, system, record)
                if key:
                    self._put(f"{self.entity.name} {system} {rule} {key}", id)

    def add_link(self, crm_id: str, erp_id: str) -> None:
        """A CRM record names a document, in the caller's transaction."""
        self._put(f"{self.entity.name} link {erp_id}", crm_id)

    def _put(self, name: str, id: str) -> None:
        before = self._notes.get(self._run, name)
        if before != id:
            self._notes.put(self._run, name, SEVERAL if before else id)

    def find(self, system: System, rule: int, key: str) -> str:
        """The id of the only record with this key, `SEVERAL`, or an empty text."""
        return self._notes.get(self._run, f"{self.entity.name} {system} {rule} {key}")

    def naming(self, erp_id: str) -> str:
        """The CRM record that names this document, `SEVERAL`, or an empty text."""
        return self._notes.get(self._run, f"{self.entity.name} link {erp_id}")
