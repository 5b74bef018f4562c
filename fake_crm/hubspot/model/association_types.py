"""Association types: HUBSPOT_DEFINED ones between the standard types, and an account's own, both directions each.

Source: facts sections 9.4 and 9.5; the labels of parent and child companies are our guess. An account's own ids are small numbers
that no HUBSPOT_DEFINED type has (our guess: the vendor's may coincide), so that a number says which type is meant.
"""

from __future__ import annotations

from dataclasses import dataclass

from fake_crm.hubspot.model.standard_types import BY_NAME
from fake_crm.hubspot.model.standard_types import ObjectType as ObjectType
from fake_crm.hubspot.model.types import Types
from harness.kit.records import RecordStore

KIND = "association_types"
HUBSPOT_DEFINED, USER_DEFINED = "HUBSPOT_DEFINED", "USER_DEFINED"
Pair = tuple[str, str]  # the plurals of the two ends


@dataclass(frozen=True, slots=True)
class AssociationType:
    """One direction of a kind of link. `label` None is the plain one every link has; `inverse` is its id from the other end."""

    id: int
    source: ObjectType
    target: ObjectType
    label: str | None
    inverse: int
    name: str  # as the v3 routes call it: `deal_to_company_unlabeled`
    category: str = HUBSPOT_DEFINED


# from | to | label | id | id back; a label is the same from both ends unless a `/` parts the two
_TABLE = """
contact | company | | 279 | 280
contact | company | Primary | 1 | 2
contact | company | Billing company link | 931 | 930
contact | contact | | 449 | 449
contact | ticket | | 15 | 16
company | company | | 450 | 450
company | company | Child Company/Parent Company | 13 | 14
company | ticket | | 340 | 339
company | ticket | Primary | 25 | 26
deal | contact | | 3 | 4
deal | company | | 341 | 342
deal | company | Primary | 5 | 6
deal | line_item | | 19 | 20
deal | ticket | | 27 | 28
deal | quote | | 63 | 64
deal | order | | 511 | 512
deal | commerce_payment | | 392 | 391
deal | subscription | | 300 | 299
deal | deal | | 451 | 451
quote | line_item | | 67 | 68
quote | contact | | 69 | 70
quote | contact | Contact Signer | 702 | 703
quote | contact | Billing Contact | 1226 | 1227
quote | company | | 71 | 72
quote | company | Billing Company | 1334 | 1335
quote | quote_template | | 286 | 285
quote | discount | | 362 | 361
quote | fee | | 364 | 363
quote | tax | | 366 | 365
invoice | contact | | 177 | 178
invoice | company | | 179 | 180
invoice | deal | | 175 | 176
invoice | quote | | 407 | 408
invoice | order | | 517 | 518
invoice | line_item | | 409 | 410
invoice | commerce_payment | | 541 | 542
invoice | subscription | | 622 | 623
invoice | discount | | 411 | 412
invoice | fee | | 413 | 414
invoice | tax | | 415 | 416
order | contact | | 507 | 508
order | company | | 934 | 935
order | company | Primary | 509 | 510
order | line_item | | 513 | 514
order | commerce_payment | | 523 | 524
order | quote | | 730 | 731
order | subscription | | 516 | 515
commerce_payment | contact | | 387 | 388
commerce_payment | company | | 389 | 390
commerce_payment | line_item | | 395 | 396
commerce_payment | quote | | 397 | 398
commerce_payment | subscription | | 393 | 394
subscription | contact | | 295 | 296
subscription | company | | 297 | 298
subscription | line_item | | 301 | 302
subscription | quote | | 303 | 304
"""


def _rows() -> list[AssociationType]:
    found: list[AssociationType] = []
    lines = [[part.strip() for part in line.split("|")] for line in _TABLE.strip().splitlines()]
    primaries = {frozenset(line[:2]) for line in lines if line[2] == "Primary"}
    for one, other, labels, forward, back in lines:
        label, _, back_label = labels.partition("/")
        has_primary = frozenset((one, other)) in primaries
        found.append(_standard(one, other, label, int(forward), int(back), has_primary))
        if back != forward:
            found.append(_standard(other, one, back_label or label, int(back), int(forward), has_primary))
    return found


def _standard(source: str, target: str, label: str, number: int, inverse: int, has_primary: bool) -> AssociationType:
    name = f"{source}_to_{target}"
    if label in ("Child Company", "Parent Company"):
        name = "parent_to_child_company" if label == "Child Company" else "child_to_parent_company"
    elif label and label != "Primary":
        name = f"{label.lower().replace(' ', '_')}_{name}"  # our guess
    elif has_primary and not label:
        name = f"{name}_unlabeled"
    return AssociationType(number, BY_NAME[source], BY_NAME[target], label or None, inverse, name)


_STANDARD = {each.id: each for each in _rows()}
_PLAIN: dict[Pair, AssociationType] = {
    (each.source.plural, each.target.plural): each for each in _STANDARD.values() if each.label is None
}
_PRIMARY: dict[Pair, AssociationType] = {
    (each.source.plural, each.target.plural): each for each in _STANDARD.values() if each.label == "Primary"
}
_BY_PAIR: dict[Pair, list[AssociationType]] = {}
for _each in _STANDARD.values():
    _BY_PAIR.setdefault((_each.source.plural, _each.target.plural), []).append(_each)
_BY_NAME = {each.name: each for each in _STANDARD.values()}


class AssociationTypes:
    """All association types of one account. The store's kind `association_types` holds its own, one record a direction."""

    def __init__(self, store: RecordStore, types: Types) -> None:
        self._store, self._types = store, types
        store.define(KIND, indexes=("pair",))

    def get(self, number: int) -> AssociationType | None:
        found = _STANDARD.get(number)
        return found if found is not None else self._own(str(number))

    def named(self, name: str) -> AssociationType | None:
        """The type a v3 body calls `deal_to_company`, or its id as text."""
        found = _BY_NAME.get(name)
        if found is not None:
            return found
        if name.isascii() and name.isdigit() and len(name) < 10:
            return self.get(int(name))
        own = (record.id for record in self._store.all(KIND) if record.fields["name"] == name and not record.archived)
        return next((self._made(key) for key in own), None)

    def of(self, source: ObjectType, target: ObjectType) -> list[AssociationType]:
        """All types of a direction, the vendor's first."""
        pair = (source.plural, target.plural)
        own = self._store.where(KIND, "pair", f"{source.type_id}>{target.type_id}")
        return _BY_PAIR.get(pair, []) + [self._made(record.id) for record in own if not record.archived]

    def plain(self, source: ObjectType, target: ObjectType) -> AssociationType | None:
        """The type without a label that every link of a direction has, or None where the two cannot be linked."""
        found = _PLAIN.get((source.plural, target.plural))
        if found is None and (source.is_custom or target.is_custom):
            found = next((each for each in self.of(source, target) if each.label is None), None)
        return found

    def primary(self, source: ObjectType, target: ObjectType) -> AssociationType | None:
        return _PRIMARY.get((source.plural, target.plural))

    def inverse(self, number: int) -> int:
        found = self.get(number)
        return number if found is None else found.inverse

    # -- an account's own -----------------------------------------------------------------------------------------

    def add(
        self, source: ObjectType, target: ObjectType, name: str, label: str | None, back_label: str | None
    ) -> tuple[AssociationType, AssociationType]:
        """Make both directions of a type of the account's own; between records of one type with one label they are the same."""
        forward = self._free_id()
        back = forward if source is target and back_label == label else self._free_id(forward)
        self._insert(forward, source, target, name, label, back)
        if back != forward:
            self._insert(back, target, source, name, back_label, forward)
        return self._made(str(forward)), self._made(str(back))

    def relabel(self, number: int, label: str) -> None:
        self._store.update(KIND, str(number), {"label": label})

    def remove(self, number: int) -> None:
        """Take both directions of one of the account's own types away. The caller takes it from links first."""
        found = self._own(str(number))
        if found is not None:
            for each in {found.id, found.inverse}:
                self._store.delete(KIND, str(each))

    def _insert(self, number: int, source: ObjectType, target: ObjectType, name: str, label: str | None, inverse: int) -> None:
        pair = f"{source.type_id}>{target.type_id}"
        fields = {
            "pair": pair,
            "source": source.type_id,
            "target": target.type_id,
            "name": name,
            "label": label,
            "inverse": inverse,
        }
        self._store.insert(KIND, str(number), fields)

    def _free_id(self, *taken: int) -> int:
        number = 21
        while number in taken or number in _STANDARD or self._store.get(KIND, str(number)) is not None:
            number += 1
        return number

    def _own(self, key: str) -> AssociationType | None:
        record = self._store.get(KIND, key)
        return None if record is None or record.archived else self._made(key)

    def _made(self, key: str) -> AssociationType:
        record = self._store.get(KIND, key)
        assert record is not None
        row = record.fields
        source, target = self._types.resolve(row["source"]), self._types.resolve(row["target"])
        return AssociationType(int(key), source, target, row["label"], row["inverse"], row["name"], USER_DEFINED)
