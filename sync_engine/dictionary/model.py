"""The data dictionary as values: every field that flows between the two systems, and the processes that make it flow.

Nothing here reads files (`reading`), converts values (the engine's `values`) or judges (`lint`). Oracles read the same parsed
dictionary and evaluate it with code of their own, so that a mapping bug of the engine cannot hide there.
"""

from __future__ import annotations

import difflib
from typing import Any, Literal

import msgspec

System = Literal["crm", "erp"]
FieldType = Literal["text", "integer", "decimal", "float", "percent", "date", "datetime", "boolean", "choice"]
Transform = Literal["same", "trim", "lower", "upper", "map", "expression"]
Conflict = Literal["owner", "newest", "ask"]
Empty = Literal["clear", "keep", "default"]
Notation = Literal["iso", "frappe"]
Event = Literal["appears", "changes", "enters", "leaves", "disappears", "merges"]
Verb = Literal["ensure", "create", "update", "amend", "cancel", "report", "tell"]


class DictionaryError(ValueError):
    """The file is not a data dictionary. The text says where, what was expected, the nearest known name and what to do."""


class Rounding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a number is cut to the target's places."""

    places: int = 2
    mode: Literal["half_even", "half_up", "down"] = "half_up"


class Side(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One end of a mapping. `of` names a related set of the entity (`invoices`); the value is then the sum of `field`
    over it, less the sum of `minus` if that is given. A dotted `field` (`email_ids.email_id`) is the first row of a child table.

    `zone`: the IANA time zone in which this side states civil dates and date-times that have no offset.
    `notation`: how this side writes instants and truth: `iso` (`2026-09-30T12:00:00.000Z`, `true`) or `frappe`
    (`2026-09-30 12:00:00` in `zone`, `1`). Left out: `iso` in the CRM, `frappe` in the ERP.
    """

    field: str
    type: FieldType = "text"
    of: str | None = None
    minus: str | None = None
    custom: bool = False  # the integration has to create this field
    label: str = ""
    length_max: int | None = None
    places: int | None = None  # decimal places this side can hold
    choices: tuple[str, ...] = ()  # every value this side accepts, where they are known
    zone: str = ""
    required: bool = False  # this side refuses a record without a value
    notation: Notation | None = None


class FieldMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value that flows. It flows from its `owner` (the system of record) to the other system.

    `both_ways`: people edit it on either side; `conflict` then says who wins when both did: the owner, the newest edit, or nobody
    until a person has decided. `derived`: the target computes the value itself (an order's total from its lines); the engine never
    writes it, and it must still agree. `frozen_after_create`: later changes in the owner are not carried over (they need a
    process of their own). `empty`: what an empty source means for the target; left out, the default if there is one, else clear.
    `accept`: rules of `lint` that a person has looked at and accepts here; say why in a comment.
    """

    name: str
    owner: System
    crm: Side
    erp: Side
    transform: Transform = "same"
    values: dict[str, str] = {}
    table: str = ""  # a table of the dictionary instead of `values`
    expression: str = ""
    default: str | None = None
    empty: Empty | None = None
    rounding: Rounding | None = None
    shift_days: int = 0
    both_ways: bool = False
    conflict: Conflict = "owner"
    derived: bool = False
    frozen_after_create: bool = False
    accept: tuple[str, ...] = ()

    def when_empty(self) -> Empty:
        """What an empty source means for the target."""
        return self.empty or ("default" if self.default is not None else "clear")

    def source(self) -> Side:
        return self.crm if self.owner == "crm" else self.erp

    def target(self) -> Side:
        return self.erp if self.owner == "crm" else self.crm

    def side(self, system: System) -> Side:
        return self.crm if system == "crm" else self.erp


class Binding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an entity lives in one system: the vendor's kind of record, and the field that holds the other system's id (or
    nothing, where this side keeps no link). `constants` go into every record that is created there."""

    kind: str
    link_field: str = ""
    link_label: str = ""
    constants: dict[str, Any] = {}


class Lines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The positions of an entity: a kind of associated record in the CRM, a child table in the ERP, matched in order."""

    crm_kind: str
    erp_table: str
    fields: tuple[FieldMap, ...]


class Related(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """ERP documents of the entity's ERP record: those whose `through` (`items.sales_order`, `customer`) is its id.

    `submitted`: only documents that count in the books. `where`: only those with these values.
    """

    kind: str
    through: str
    submitted: bool = True
    where: dict[str, Any] = {}


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Records that exist on both sides are the same thing when all these fields agree, on exactly one record of each side."""

    fields: tuple[str, ...]


class Entity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that exists in both systems. `when` says which records of the `origin` have a counterpart at all (all, if empty).

    `error_field` is the CRM field in which the integration tells people that a record does not sync. `currency_fields`: where each
    side states the currency of a record. `accept`: as on a field, for the whole entity; `rule:name` accepts it for one thing.
    """

    name: str
    crm: Binding
    erp: Binding
    fields: tuple[FieldMap, ...]
    origin: System = "crm"
    when: dict[str, str] = {}
    lines: Lines | None = None
    related: dict[str, Related] = {}
    error_field: str = ""
    belongs_to: dict[str, str] = {}  # entity name → ERP field that refers to its record
    match: tuple[Match, ...] = ()
    currency_fields: dict[System, str] = {}
    accept: tuple[str, ...] = ()

    def field(self, name: str) -> FieldMap:
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    def binding(self, system: System) -> Binding:
        return self.crm if system == "crm" else self.erp


class Trigger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What sets a process off: a record of `entity` in `system` appears, changes (one of `fields`; any, if empty), enters or
    leaves the entity's `when`, disappears, or is merged. `related`: the change of a related document counts instead."""

    system: System
    entity: str
    event: Event
    fields: tuple[str, ...] = ()
    related: str = ""


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step. `ensure`: its counterpart exists (found, matched or created) · `create`: the counterpart of the trigger's record ·
    `update`: the owner's values are carried over · `amend`: positions and amounts follow · `cancel`: the counterpart ends ·
    `report`: progress is written back · `tell`: a person is told `say`.

    `only_if`: fields of the counterpart that must have these values, or a person is asked instead of the step.
    """

    do: Verb
    entity: str
    system: System
    only_if: dict[str, Any] = {}
    say: str = ""


class Process(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A trigger and the actions that follow it, in order."""

    name: str
    trigger: Trigger
    actions: tuple[Action, ...]
    title: str = ""
    accept: tuple[str, ...] = ()


class VendorEntity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an entity and its fields live at one more vendor. What is left out stays as it is in the entity."""

    kind: str
    link_field: str = ""
    link_label: str = ""
    constants: dict[str, Any] = {}
    fields: dict[str, Side] = {}
    lines: str = ""  # the vendor's kind (CRM) or table (ERP) of positions
    line_fields: dict[str, Side] = {}
    related: dict[str, Related] = {}
    when: dict[str, str] | None = None
    belongs_to: dict[str, str] | None = None


class VendorBindings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One more vendor that the dictionary can be used with."""

    system: System
    entities: dict[str, VendorEntity]
    settings: dict[str, Any] = {}


class Dictionary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole dictionary. `settings` are constants of the ERP company (company, warehouse, tax rows, …); `tables` are value maps
    that several fields share; `bindings` has further vendors by name."""

    syncproof_dictionary: Literal[1]
    name: str
    crm: str
    erp: str
    currency: str
    entities: tuple[Entity, ...]
    settings: dict[str, Any] = {}
    tables: dict[str, dict[str, str]] = {}
    processes: tuple[Process, ...] = ()
    bindings: dict[str, VendorBindings] = {}

    def entity(self, name: str) -> Entity:
        for entity in self.entities:
            if entity.name == name:
                return entity
        known = [entity.name for entity in self.entities]
        raise DictionaryError(f"the dictionary {self.name!r} has no entity {name!r}{nearest(name, known)}")

    def has(self, name: str) -> bool:
        return any(entity.name == name for entity in self.entities)

    def processes_of(self, system: System, entity: str, event: Event) -> tuple[Process, ...]:
        """The processes that such an event sets off, in the file's order."""
        wanted = (system, entity, event)
        return tuple(each for each in self.processes if (each.trigger.system, each.trigger.entity, each.trigger.event) == wanted)


def nearest(name: str, known: list[str]) -> str:
    """`; did you mean 'x'?`, or the list of what there is."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(sorted(known)) or 'none'}"
