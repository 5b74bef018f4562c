"""Documents as resources: any DocType's, and each DocType's own with its fields. Source: facts 2.2 to 2.7, 2.9."""

from __future__ import annotations

from dataclasses import replace

from fake_erp.erpnext.contract import examples
from fake_erp.erpnext.contract.doctypes import answered, created, parents, values
from fake_erp.erpnext.contract.shapes import (
    ABSENT,
    ANYTHING,
    ARGUMENTS,
    BESIDES,
    BODY,
    DOCTYPE,
    FLAG,
    NO_METHOD,
    OPEN,
    QUERY,
    STORED,
    TAKEN,
    TEXT,
    VALUES,
    closed,
    data,
    given,
    of,
    ref,
    stumbles,
)
from fake_erp.erpnext.framework.meta import DocType
from harness.kit.contract import Answer, Confidence, Example, Link, Operation, Param, Schema

AREA = "documents"
ALL = "{doctype}"
_JSON_LIST: Schema = {"type": "string", "contentMediaType": "application/json"}
QUERIES = {
    "fields": Param(_JSON_LIST, 'JSON list of columns, `["name"]` when absent; `["*"]` for all of the document itself.'),
    "filters": Param(_JSON_LIST, "JSON object, or list of triples or quadruples."),
    "or_filters": Param(_JSON_LIST, "As `filters`; one of them must match."),
    "order_by": Param(TEXT, "Such as `modified desc`. Without it rows come in no order one may rely on."),
    "group_by": Param(TEXT, "A column, for use with functions among the fields."),
    "limit_start": Param({"type": "integer", "minimum": 0}, "Rows to pass over."),
    "limit_page_length": Param({"type": "integer", "minimum": 0}, "Rows of a page, 20 when absent; 0 for all. Wins over `limit`."),
    "limit": Param({"type": "integer", "minimum": 0}, "As `limit_page_length`."),
    "as_dict": Param(FLAG, "`false`: rows are lists."),
    "debug": Param(FLAG, "Tell the statement in `_debug_messages`."),
    "parent": Param(DOCTYPE, "The DocType whose rows these are: needed for a child DocType."),
}
_ROWS = data(of({"anyOf": [ref("Row"), {"type": "array"}]}))
_DELETED = data({"const": "ok"})
_RETURNED = closed({}, {"data": ANYTHING, **BESIDES})
_METHODS = "facts 2.2, 2.9"
_FEW = "the methods of ERPNext's own DocTypes are not modelled; `rename` is said where it is"
CALLED_BY_PATH = f"call_method_of_{ALL}"
_SAME = {"name": "$response.body#/data/name"}
_WRITES = {**ABSENT, **TAKEN, **stumbles(*ARGUMENTS, *VALUES)}

GENERAL = {
    f"list_{ALL}": Operation(
        "A page of documents; exactly the columns that were asked for, nulls included.",
        AREA,
        {200: Answer(_ROWS), **ABSENT, **stumbles(*QUERY)},
        "facts 2.3",
        Confidence.DOCUMENTED,
        query=QUERIES,
        examples=[Example({"doctype": "Sales Order"}, {"fields": '["name", "status"]', "filters": '{"customer": "ACME"}'})],
        deviations="without `order_by` rows come by name, unless a setting shuffles them",
    ),
    f"create_{ALL}": Operation(
        "A new document; `docstatus` 1 submits it in the same transaction.",
        AREA,
        {200: Answer(data(STORED)), **_WRITES},
        "facts 2.4",
        Confidence.DOCUMENTED,
        body=OPEN,
        examples=[Example({"doctype": "Territory"}, body={"territory_name": "Bavaria", "parent_territory": "Germany"})],
        deviations="rights are looked at before links (our choice)",
    ),
    f"read_{ALL}": Operation(
        "One document with its rows, nulls left out; a DocType too.",
        AREA,
        {200: Answer(data(ref("Document"))), **NO_METHOD, **stumbles("TypeError")},
        "facts 2.5",
        Confidence.DOCUMENTED,
        examples=[
            Example({"doctype": "Sales Order", "name": examples.ORDER}),
            Example({"doctype": "DocType", "name": "Sales Order"}, name="aDocType"),
        ],
        deviations="a DocType as a document has the keys of its fields that integrations read, and no others",
    ),
    f"update_{ALL}": Operation(
        "Change the given fields; a table that is given replaces the table. `docstatus` 1 submits, 2 cancels.",
        AREA,
        {200: Answer(data(STORED)), **_WRITES},
        "facts 2.6, 3.2, 3.3",
        Confidence.DOCUMENTED,
        body=OPEN,
        examples=[Example({"doctype": "Customer", "name": examples.CUSTOMER}, body={"tax_id": "DE123456789"})],
        deviations="rights are looked at before links (our choice)",
    ),
    f"delete_{ALL}": Operation(
        "Delete a draft, a cancelled document or a master that nothing links to.",
        AREA,
        {202: Answer(_DELETED), **ABSENT, **stumbles(*BODY)},
        "facts 2.7, 3.7",
        Confidence.DOCUMENTED,
        examples=[Example({"doctype": "Sales Order", "name": examples.DRAFT})],
    ),
    f"run_method_of_{ALL}": Operation(
        "Call a method of a document: `submit`, `cancel`, `add_comment`. Further keys are its arguments.",
        AREA,
        {200: Answer(_RETURNED), **NO_METHOD, **TAKEN, **stumbles(*ARGUMENTS, *VALUES, "KeyError")},
        _METHODS,
        Confidence.DOCUMENTED,
        body=given({"run_method": TEXT}),
        examples=[
            Example({"doctype": "Sales Order", "name": examples.DRAFT}, body={"run_method": "submit"}),
            Example(
                {"doctype": "Customer", "name": examples.CUSTOMER},
                body={"run_method": "add_comment", "text": "Called."},
                name="comment",
            ),
        ],
        deviations=_FEW,
    ),
    CALLED_BY_PATH: Operation(
        "Call a method of a document: `submit`, `cancel`, `add_comment`. The body is its arguments.",
        AREA,
        {200: Answer(_RETURNED), **NO_METHOD, **TAKEN, **stumbles(*ARGUMENTS, *VALUES)},
        _METHODS,
        Confidence.DOCUMENTED,
        body=OPEN,
        body_required=False,
        examples=[Example({"doctype": "Sales Order", "name": examples.DRAFT, "method": "submit"})],
        deviations=_FEW,
    ),
}


def of_each() -> dict[str, Operation]:
    """The same for each DocType by itself, with its fields."""
    found: dict[str, Operation] = {}
    for meta in parents():
        found |= _of(meta)
    return found


def _of(meta: DocType) -> dict[str, Operation]:
    title = meta.name
    one, shown = {"name": examples.NAMES[title]}, Answer(data(answered(title)))
    body, change = examples.BODIES.get(title), examples.CHANGES.get(title, {})
    cases = {
        "list": _case("list", f"A page of {title} documents.", Answer(_ROWS), Example(query={"fields": '["*"]'})),
        "create": _case("create", f"A new {title}.", shown, Example(body=body), created(title)),
        "read": _case("read", f"One {title}.", shown, Example(one)),
        "update": _case("update", f"Change a {title}.", shown, Example(one, body=change), values(title)),
        "delete": _case("delete", f"Delete a {title}.", Answer(_DELETED), Example(one)),
    }
    cases["create"], cases["update"] = (replace(cases[verb], links=_links(meta)) for verb in ("create", "update"))
    cases["list"] = replace(cases["list"], links={"readFirst": Link(f"read_{meta.slug}", {"name": "$response.body#/data/0/name"})})
    return {f"{verb}_{meta.slug}": case for verb, case in cases.items() if examples.is_done(verb, title)}


def _case(verb: str, summary: str, answer: Answer, example: Example, body: Schema | None = None) -> Operation:
    general = GENERAL[f"{verb}_{ALL}"]
    answers = {status: answer if status < 300 else each for status, each in general.answers.items()}
    return replace(general, summary=summary, answers=answers, body=body, examples=[example], deviations="", case_of=f"{verb}_{ALL}")


def _links(meta: DocType) -> dict[str, Link]:
    slug, name = meta.slug, "$response.body#/data/name"
    found = {
        "read": Link(f"read_{slug}", _SAME),
        "update": Link(f"update_{slug}", _SAME, examples.CHANGES.get(meta.name, {})),
        "delete": Link(f"delete_{slug}", _SAME),
    }
    if meta.submittable:
        found["submit"] = Link(f"update_{slug}", _SAME, {"docstatus": 1})
        found["cancel"] = Link("frappe.client.cancel", {}, {"doctype": meta.name, "name": name})
        found["submitWhole"] = Link("frappe.client.submit", {}, {"doc": "$response.body#/data"})
    return found | {key: Link(path, {}, dict(body)) for key, path, body in examples.NEXT.get(meta.name, ())}


OPERATIONS = {**GENERAL, **of_each()}
