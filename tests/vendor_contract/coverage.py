"""Which operations of the vendor's documents the fake imitates, asked of the fake itself, and which it leaves out, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from harness.kit.call import Call, Reply
from vendor_contract.documents import Documents, Operation

# `METHOD /path` of the documents, `*` allowed. A row must fit an operation that is left out and none that is not.
# None of them belongs to the quote-to-cash surface.
LEFT_OUT = {
    "* /webhooks-journal/*": "a pull-style journal of changes, outside the default fake (facts 12.1)",
    "* /crm/v3/imports*": "bulk imports of files: no part of a running integration",
    "* /crm/v3/exports/*": "bulk exports of files",
    "* /crm/v3/limits/*": "reports of how full an account is",
    "* /crm/v3/object-library/*": "which standard types are switched on",
    "* /crm/v3/property-validations/*": "rules of administrators about values; the facts do not list them",
    "* /crm/v3/objects/contracts*": "a type that the facts do not list",
    "POST /crm/v4/associations/usage/*": "sends a report to a user by mail",
    "POST /crm/objects/2026-09-beta/0-3/gdpr-delete": "one beta document has it for deals; the service forgets persons (facts 4.1)",
}
_SAMPLES = (("ObjectType", "deals"), ("objectType", "deals"), ("", "1"))


def covered(documents: Documents, send: Callable[[str, str], tuple[Call, Reply]]) -> Iterator[tuple[Operation, bool]]:
    """Every operation of every document, and whether the fake does more than to say that it does not know it."""
    for operation in documents.operations:
        call, reply = send(operation.method, re.sub(r"\{(\w+)\}", _sample, operation.path))
        yield operation, call.operation not in ("unknown_route", "wrong_method", "not_modelled") and reply.status != 501


def row_of(operation: Operation) -> str | None:
    """The row of LEFT_OUT that an operation falls under."""
    return next((row for row in LEFT_OUT if fnmatchcase(operation.name, row)), None)


def _sample(hit: re.Match[str]) -> str:
    return next(value for ending, value in _SAMPLES if hit[1].removesuffix("Id").endswith(ending))
