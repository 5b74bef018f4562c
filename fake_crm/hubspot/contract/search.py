"""Search over an index that lags."""

from __future__ import annotations

from fake_crm.hubspot.contract.shapes import BAD, TEXT, TEXTS, given, of, paged, ref
from harness.kit.contract import Answer, Confidence, Example, Link, Operation, Schema

OPERATORS = [
    "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN",
    "NOT_CONTAINS_TOKEN",
]  # fmt: skip
_OPERAND: Schema = {"type": ["string", "number", "boolean"]}
_FILTER = given(
    {"propertyName": TEXT, "operator": {"enum": OPERATORS}},
    {"value": _OPERAND, "highValue": _OPERAND, "values": of(_OPERAND)},
)
_SORT: Schema = {"anyOf": [TEXT, given({"propertyName": TEXT}, {"direction": {"enum": ["ASCENDING", "DESCENDING"]}})]}

OPERATIONS = {
    "search_{many}": Operation(
        "Records that match all filters of any group; found by the index, shown as they are now.",
        "search",
        {200: Answer(paged(ref("Record"), total={"type": "integer", "minimum": 0})), **BAD},
        "facts 8; the vendor's document of each type",
        Confidence.MEASURED,
        body=given(
            {},
            {
                "filterGroups": {"type": "array", "maxItems": 5, "items": given({"filters": of(_FILTER)})},
                "filters": of(_FILTER),
                "sorts": {"type": "array", "items": _SORT, "maxItems": 1},
                "query": TEXT,
                "properties": TEXTS,
                "limit": {"type": "integer", "minimum": 0, "maximum": 200},
                "after": {"type": ["string", "integer"], "description": "How many matches to pass over."},
            },
        ),
        body_required=False,
        examples=[
            Example(
                {"type": "deals"},
                body={
                    "filterGroups": [
                        {"filters": [{"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "2026-01-01T00:00:00Z"}]}
                    ],
                    "sorts": [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}],
                    "properties": ["dealname", "amount"],
                    "limit": 100,
                },
            ),
            Example({"type": "companies"}, body={"query": "acme"}, name="byWords"),
        ],
        links={"readFirst": Link("read_{one}", {"type": "$request.path.type", "id": "$response.body#/results/0/id"})},
        deviations="the lag, which `associations.*` filters have too, and the full-text match are our guesses; ties in a sort are "
        "broken by creation",
    )
}
