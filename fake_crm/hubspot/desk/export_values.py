"""From the text of an export's cell to what HubSpot stores: labels become internal values, and refusals show what stands there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.definitions import Property
from fake_crm.hubspot.model.standard_types import DEALS
from fake_crm.hubspot.model.values import Invalid, normalise


def internal_value(account: Account, prop: Property, text: str, pipeline: str) -> str:
    """The internal value of a cell; `pipeline` is the row's pipeline, by label or id. Raises ValueError, in words.

    An owner nobody knows yet becomes one.
    """
    if prop.external == "owner":
        return account.owners.found_or_made(text)
    if prop.external == "pipeline":
        return str(_pipeline(account, text)["id"])
    if prop.external == "stage":
        return _stage(account, text, pipeline)
    if prop.type == "number":
        return _number(prop, text)
    if prop.type == "bool":
        return {"yes": "true", "no": "false"}.get(text.lower()) or text.lower()
    if prop.type == "enumeration":
        labels: dict[str, str] = {option["label"]: option["value"] for option in prop.row["options"]}
        if prop.multiple:
            return ";".join(labels.get(part.strip(), part.strip()) for part in text.split(";"))
        return labels.get(text, text)
    return text


def _number(prop: Property, text: str) -> str:
    try:
        normalise(prop, text)
    except Invalid:
        raise ValueError(
            f"{text!r} is not a number; write it without thousands separators and with a point, such as 1234.50"
        ) from None
    return text


def _pipeline(account: Account, text: str) -> dict[str, Any]:
    rows = account.pipelines.rows(DEALS)
    found = _named(rows, text)
    if found is None:
        raise ValueError(f"{text!r} is not a pipeline; {_nearest(text, (row['label'] for row in rows))}")
    return found


def _stage(account: Account, text: str, pipeline: str) -> str:
    """A stage of the row's pipeline, by label (the pipeline's may follow it) or id. A bad pipeline is told by its own cell."""
    rows = account.pipelines.rows(DEALS)
    chosen = _named(rows, pipeline) if pipeline else rows[0]
    if chosen is None:
        return text
    found = _named(chosen["stages"], text) or _named(chosen["stages"], text.removesuffix(f" ({chosen['label']})"))
    if found is None:
        near = _nearest(text, (stage["label"] for stage in chosen["stages"]))
        raise ValueError(f"{text!r} is not a stage of {chosen['label']}; {near}")
    return str(found["id"])


def _named(rows: list[dict[str, Any]], text: str) -> dict[str, Any] | None:
    lowered = text.lower()
    return next((row for row in rows if text == row["id"] or lowered == row["label"].lower()), None)


def _nearest(text: str, labels: Iterable[str]) -> str:
    by_lower = {label.lower(): label for label in labels}
    near = get_close_matches(text.lower(), by_lower, 1, cutoff=0.4)
    return f"did you mean {by_lower[near[0]]}?" if near else f"known: {', '.join(by_lower.values())}"
