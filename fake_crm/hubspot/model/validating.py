"""From given values to stored text: every bad value of a record is named, and then nothing is written. Source: facts 3.4, 6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_crm.hubspot.errors import invalid_properties
from fake_crm.hubspot.model.definitions import Property
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.values import Invalid, joined, normalise

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account


_CALCULATED = "a calculated property; its value cannot be set."
_NOT_CALCULATED = frozenset({"hs_marketable_status", "hs_marketable_until_renewal"})  # read only for another reason (facts 3.4)


def validated(account: Account, kind: ObjectType, given: dict[str, Any], current: dict[str, str]) -> dict[str, str]:
    """The stored text of every given value. Raises HubSpotError 400 that lists all bad ones."""
    find, plural = account.definitions.find, kind.plural
    values: dict[str, str] = {}
    problems: list[tuple[str, str, str]] = []
    for name, value in given.items():
        prop = find(plural, name)
        if prop is None:
            problems.append((name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
        elif prop.read_only:
            kept = "a read only property; its value cannot be set" if name in _NOT_CALCULATED else _CALCULATED
            problems.append((name, "READ_ONLY_VALUE", f'"{name}" is {kept}'))
        elif value is None:
            values[name] = ""
            if not account.settings.null_clears:
                problems.append((name, "INVALID_STRING", f"{name} was null"))  # our guess
        else:
            try:
                values[name] = _text(account, prop, value, current.get(name, ""))
            except Invalid as bad:
                problems.append((name, bad.code, bad.message))
    account.rules.of(kind).check(values, current, problems)
    if problems:
        raise invalid_properties(problems, account.portal_id)
    return values


def _text(account: Account, prop: Property, value: Any, current: str) -> str:
    text = normalise(prop, value, canonical=account.settings.canonical_numbers)
    if prop.multiple:
        return joined(current, text)
    if prop.external == "owner" and text and not account.owners.known(text):
        known = ", ".join(row["id"] for row in account.owners.rows() if not row["archived"])
        raise Invalid("INVALID_OPTION", f"{text} was not one of the allowed options: [{known}]")
    return text
