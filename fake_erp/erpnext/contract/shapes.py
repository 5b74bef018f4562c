"""Short ways to write schemas and answers, the envelopes, and the refusals by status. Source: facts 2.10, 2.11.

Envelopes are closed: a key that is not written down here is a violation. Requests are open, as the vendor drops what it does not
know. Everything is written as the first version of the API has it; `versions.py` writes it as `/api/v2` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.kit.contract import Answer, Param, Schema

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
CHECK: Schema = {"enum": [0, 1]}
FLAG: Schema = {"type": "boolean"}
TEXTS: Schema = {"type": "array", "items": TEXT}
ANYTHING: Schema = {}
OPEN: Schema = {"type": "object"}
HTML = "text/html"
FORM = "application/x-www-form-urlencoded"
STAMP: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$"}


def ref(name: str) -> Schema:
    """One of the document's named schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def of(schema: Schema) -> Schema:
    """A list of it."""
    return {"type": "array", "items": schema}


def closed(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object of an answer: these keys and no others."""
    made: dict[str, Any] = {"type": "object", "properties": {**required, **(optional or {})}, "additionalProperties": False}
    return {**made, "required": list(required)} if required else made


def given(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object of a request: further keys are dropped."""
    made: dict[str, Any] = {"type": "object", "properties": {**required, **(optional or {})}}
    return {**made, "required": list(required)} if required else made


# -- envelopes ------------------------------------------------------------------------------------------------------------------

BESIDES: Mapping[str, Schema] = {
    "_server_messages": {**TEXT, "description": "JSON text of a list of JSON texts: what the site tells a person."},
    "_debug_messages": {**TEXT, "description": "JSON text of a list: the statement of a list that was asked for with `debug`."},
    "session_expired": {"const": 1, "description": "The call came with a session that is over, and ran as Guest."},
}


def data(schema: Schema) -> Schema:
    """What `/api/resource` answers."""
    return closed({"data": schema}, BESIDES)


def message(schema: Schema) -> Schema:
    """What a function returns."""
    return closed({"message": schema}, BESIDES)


def maybe(schema: Schema) -> Schema:
    """What a function returns that may return nothing."""
    return closed({}, {"message": schema, **BESIDES})


NOTHING = closed({}, BESIDES)


def raw(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """A function whose keys stand at the top."""
    return closed(required, {**(optional or {}), **BESIDES})


# -- refusals -------------------------------------------------------------------------------------------------------------------

BROKEN_RULES = (
    "ValidationError", "MandatoryError", "LinkValidationError", "CancelledLinkError", "LinkExistsError", "UpdateAfterSubmitError",
    "DocstatusTransitionError", "TimestampMismatchError", "UniqueValidationError", "DataError", "CharacterLengthExceededError",
    "CannotChangeConstantError", "FrappeTypeError", "NonNegativeError", "InvalidEmailAddressError", "InvalidPhoneNumberError",
    "EmptyTableError", "InvalidStatusError", "DocumentLockedError", "InvalidDates", "CircularLinkingError", "OverAllowanceError",
    "NegativeStockError", "StockOverReturnError", "WarehouseRequired", "InvalidQtyError", "UOMMustBeIntegerError",
    "PartyDisabled", "PartyFrozen", "FiscalYearError", "InvalidWarehouseCompany", "ItemPriceDuplicateItem", "InvalidCurrency",
    "AccountMissingError", "InvalidColumnName", "InvalidNameError",
)  # fmt: skip
# What the vendor's own code stumbles over: nothing else may be a 500.
ANYWHERE = ("JSONDecodeError", "OperationalError", "ProgrammingError")  # before the operation is looked at: body and credentials
BODY = ("JSONDecodeError", "AttributeError")  # a body, or an argument that is JSON text, that cannot be read
ARGUMENTS = (*BODY, "TypeError")  # a function was not given what it needs
LOCKS = ("QueryTimeoutError", "QueryDeadlockError")
# The condition of a webhook that stumbles over a document takes the save with it.
CONDITIONS = ("SyntaxError", "NameError", "KeyError", "IndexError", "ValueError", "OverflowError", "RecursionError")
# What no column and no formula takes.
VALUES = (*LOCKS, *CONDITIONS, "DataError", "OperationalError", "DataTooBig", "ZeroDivisionError")
# A list that cannot be asked for.
QUERY = (*ARGUMENTS, *LOCKS, "OperationalError", "ProgrammingError", "KeyError", "IndexError", "ValueError")


def error(*kinds: str) -> Schema:
    """A refusal of one of these exception classes."""
    return {"allOf": [ref("Error"), {"properties": {"exc_type": {"enum": sorted(set(kinds))}}}]}


def stumbles(*kinds: str) -> Mapping[int, Answer]:
    """500s that the vendor answers itself."""
    return {500: Answer(error(*ANYWHERE, *kinds), "The vendor's own code stumbled; nothing was written.")}


ABSENT = {404: Answer(error("DoesNotExistError"), "No such DocType, document or attachment.")}
TAKEN = {409: Answer(error("DuplicateEntryError", "NameError"), "The name is taken, or no name at all; nothing was written.")}
NO_METHOD = {
    404: Answer(error("DoesNotExistError"), "No such document; a page when the document has no such method.", others={HTML: TEXT})
}

COMMON: Mapping[int, Answer] = {
    400: Answer(
        error("CSRFTokenError", "InvalidAuthorizationToken", "InvalidAuthorizationHeader"),
        "A session that shows no CSRF token, or credentials that cannot be decoded.",
    ),
    401: Answer(error("AuthenticationError"), "Credentials that nobody has."),
    403: Answer(error("PermissionError"), "No right to it; or a function that does not take this verb, or is not for guests."),
    301: Answer(TEXT, "A GET or POST whose address ends with a slash: a page that names the address without it.", HTML),
    413: Answer(TEXT, "The body is too large: a page, whatever the client accepts.", HTML),
    417: Answer(error(*BROKEN_RULES), "A rule of the document, the DocType or the query is broken; nothing was written."),
    429: Answer(error("TooManyRequestsError"), "The site's budget of processing time is spent."),
    500: Answer(error(*ANYWHERE), "A body that calls itself JSON and is none; keys kept in a DocType that has none."),
    503: Answer(error("SessionStopped", "InReadOnlyMode"), "Maintenance."),
}

SCHEMAS: dict[str, Schema] = {
    "Error": closed(
        {"exc_type": TEXT},
        {
            "exception": {**TEXT, "description": "Not told by a 404, nor where tracebacks are switched off."},
            "exc": {**TEXT, "description": "JSON text of a list with one traceback."},
            "_exc_source": TEXT,
            "_error_message": TEXT,
            "message": {**TEXT, "description": "Of a failed login only."},
            **BESIDES,
        },
    ),
    "Document": {
        "type": "object",
        "properties": {"name": TEXT, "doctype": TEXT, "docstatus": {"enum": [0, 1, 2]}},
        "required": ["doctype"],
        "description": "A document of any DocType; the DocTypes' own schemas say which fields it has.",
    },
    "Row": {
        "type": "object",
        "additionalProperties": True,
        "description": "Exactly the columns that were asked for, nulls included.",
    },
}
# What is stored, what is proposed, and what stands in a list.
STORED: Schema = {"allOf": [ref("Document"), {"required": ["name", "docstatus"]}]}
DOCTYPE: Schema = {"type": "string", "minLength": 1}
NAME: Schema = {"type": "string", "minLength": 1}
PATH: Mapping[str, Param] = {
    "doctype": Param(DOCTYPE, "The DocType's name, such as `Sales Order`."),
    "name": Param(NAME, "The document's name. Its slashes may stand as they are."),
    "method": Param(NAME, "A method of the document: `submit`, `cancel`, `add_comment`."),
    "file": Param(NAME, "The file's name."),
}
