"""Search filters: from a request's JSON to tests of a record's indexed fields. Any mistake is the vendor's vague 400.

Text compares without case, enumerations by their exact option value, numbers and instants by value. Records without a value
match only NOT_HAS_PROPERTY (NEQ and NOT_IN as well: UNKNOWN, our guess is that they do not; a setting). Source: facts section 8.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from fake_crm.hubspot.access.scopes import check_end
from fake_crm.hubspot.errors import HubSpotError, vague, wrong_shape
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.definitions import Property
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.values import Invalid, text_of
from fake_crm.hubspot.search.index import Key, key_of, number_of
from fake_crm.hubspot.wire import is_id, ms_of, objects_in
from harness.kit.records import Fields

GROUPS_MAX, FILTERS_MAX, FILTERS_IN_ALL_MAX = 5, 6, 18
_WORD = re.compile(r"\w+")
Test = Callable[[str, Fields], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition, and what a search may start from: `keys` as values of `prop`, `ids`, or an instant to look back to."""

    test: Test
    prop: Property | None = None
    keys: tuple[Key, ...] = ()
    ids: tuple[str, ...] | None = None
    since_ms: int | None = None


def groups_of(account: Account, kind: ObjectType, body: dict[str, Any]) -> list[list[Filter]]:
    """The filter groups of a search; a top-level `filters` counts as one more. Raises HubSpotError 400."""
    groups = [objects_in(group, "filters") for group in objects_in(body, "filterGroups")]
    loose = objects_in(body, "filters")
    if loose:
        groups.append(loose)
    if len(groups) > GROUPS_MAX:
        raise HubSpotError(400, f"Invalid input JSON: too many filterGroups (count: {len(groups)}, max allowed: {GROUPS_MAX})")
    for group in groups:
        if len(group) > FILTERS_MAX:
            text = f"Invalid input JSON: too many filters per filterGroup (count: {len(group)}, max allowed: {FILTERS_MAX})"
            raise HubSpotError(400, text)
    if sum(map(len, groups)) > FILTERS_IN_ALL_MAX:
        raise vague()
    return [[_filter(account, kind, each) for each in group] for group in groups]


def _filter(account: Account, kind: ObjectType, row: dict[str, Any]) -> Filter:
    name, operator = row.get("propertyName"), row.get("operator")
    if not isinstance(name, str) or not isinstance(operator, str):
        raise vague()
    if name.startswith("associations."):
        return _association(account, kind, name, operator, row)
    prop = account.definitions.find(kind.plural, name)
    if prop is None:
        raise vague()
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        if "value" in row or "values" in row:
            raise vague()
        wanted = operator == "HAS_PROPERTY"
        return Filter(lambda _, fields: bool(fields.get(name)) is wanted)
    if operator in ("IN", "NOT_IN"):
        return _membership(prop, operator, row, missing=account.settings.neq_matches_missing)
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        return _token(prop, operator, row)
    return _comparison(kind, prop, operator, row, missing=account.settings.neq_matches_missing)


def _association(account: Account, kind: ObjectType, name: str, operator: str, row: dict[str, Any]) -> Filter:
    """Links lag as records do (facts 8.3)."""
    try:
        other = account.resolve(name.partition(".")[2])
    except HubSpotError:
        raise vague() from None
    if kind.is_custom or other.is_custom:
        raise vague()
    check_end(account, other, "read")
    if operator == "EQ":
        wanted = [_text(row, "value")]
    elif operator == "IN":
        wanted = _texts(row)
    else:
        raise vague()
    linked = account.search.links()
    ids = tuple(dict.fromkeys(found for each in wanted for found in linked.of(other.type_id, each, kind.type_id)))
    members = frozenset(ids)
    return Filter(lambda record_id, _: record_id in members, ids=ids)


def _membership(prop: Property, operator: str, row: dict[str, Any], *, missing: bool) -> Filter:
    """String values must come in lower case: the vendor does not lower them, so others find nothing. `missing`: whether NOT_IN
    matches records without a value."""
    if "value" in row:
        raise vague()
    texts = _texts(row)
    keys = tuple(text if prop.type == "string" else _operand(prop, text) for text in texts)
    members = frozenset(keys)
    if operator == "NOT_IN":
        return _unlike(prop, members, missing)
    return Filter(lambda _, fields: key_of(prop, fields.get(prop.name)) in members, prop, keys)


def _token(prop: Property, operator: str, row: dict[str, Any]) -> Filter:
    patterns = [word.replace("[", "[[]").replace("?", "[?]") for word in _text(row, "value").lower().split()]
    wanted = operator == "CONTAINS_TOKEN"

    def test(_: str, fields: Fields) -> bool:
        text = (fields.get(prop.name) or "").lower()
        if not text:
            return False
        words = [*_WORD.findall(text), *text.split(), text]
        return all(any(fnmatchcase(word, pattern) for word in words) for pattern in patterns) is wanted

    return Filter(test)


def _unlike(prop: Property, members: frozenset[Key], missing: bool) -> Filter:
    def test(_: str, fields: Fields) -> bool:
        key = key_of(prop, fields.get(prop.name))
        return missing if key is None else key not in members

    return Filter(test)


def _comparison(kind: ObjectType, prop: Property, operator: str, row: dict[str, Any], *, missing: bool) -> Filter:
    low = _operand(prop, _text(row, "value"))
    if operator == "EQ":
        return Filter(lambda _, fields: key_of(prop, fields.get(prop.name)) == low, prop, (low,))
    if operator == "NEQ":
        return _unlike(prop, frozenset((low,)), missing)
    high = _operand(prop, _text(row, "highValue")) if operator == "BETWEEN" else None
    compare = _COMPARE.get(operator)
    if compare is None:
        raise vague()

    def test(_: str, fields: Fields) -> bool:
        key = key_of(prop, fields.get(prop.name))
        return key is not None and compare(key, low, high)

    looks_back = prop.name == kind.modified and operator in ("GT", "GTE", "BETWEEN") and isinstance(low, int)
    return Filter(test, since_ms=low if looks_back and isinstance(low, int) else None)


_COMPARE: dict[str, Callable[[Any, Any, Any], bool]] = {
    "LT": lambda key, low, _: bool(key < low),
    "LTE": lambda key, low, _: bool(key <= low),
    "GT": lambda key, low, _: bool(key > low),
    "GTE": lambda key, low, _: bool(key >= low),
    "BETWEEN": lambda key, low, high: bool(low <= key <= high),
}


def _operand(prop: Property, text: str) -> Key:
    """A filter's value in the form of the index. Epoch milliseconds are accepted for both date types. Raises HubSpotError 400."""
    if prop.type in ("datetime", "date"):
        digits = text[1:] if text.startswith("-") else text
        at = int(text) if is_id(digits) and len(digits) < 17 else ms_of(text)
        if at is None:
            raise vague()
        return at - at % 86_400_000 if prop.type == "date" else at
    if prop.type == "number":
        number = number_of(text)
        if number is None:
            raise vague()
        return number
    return text.lower() if prop.type == "string" else text


def _text(row: dict[str, Any], key: str) -> str:
    try:
        text = text_of(row.get(key))
    except Invalid:
        raise vague() from None
    if not text:
        raise vague()
    return text


def _texts(row: dict[str, Any]) -> list[str]:
    values = row.get("values")
    if not isinstance(values, list) or not values:
        raise vague()
    return [_text({"value": each}, "value") for each in values]


def sort_of(body: dict[str, Any]) -> tuple[str, bool] | None:
    """The one sort rule that is honoured: (property, descending), or None. Raises HubSpotError 400."""
    sorts = body.get("sorts")
    if sorts is None or sorts == []:
        return None
    if not isinstance(sorts, list):
        raise wrong_shape("Cannot deserialize value of type `ArrayList` at `sorts`")
    first = sorts[0]
    if isinstance(first, str):
        return first.lstrip("-"), first.startswith("-")
    if isinstance(first, dict) and isinstance(first.get("propertyName"), str):
        return first["propertyName"], str(first.get("direction", "")).upper() == "DESCENDING"
    raise vague()
