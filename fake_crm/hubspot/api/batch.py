"""Batches of up to 100: read, create, update, upsert, archive. Source: facts section 4.4.

Creates, updates and upserts are all-or-nothing unless every input carries its own `objectWriteTraceId`: then good rows are
written and bad ones listed, with status 207.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fake_crm.hubspot.api.inline_links import links_in
from fake_crm.hubspot.api.objects import is_shown
from fake_crm.hubspot.api.query import asked
from fake_crm.hubspot.api.shapes import created, patched, read
from fake_crm.hubspot.errors import (
    HubSpotError,
    duplicate_ids,
    missing_attributes,
    non_unique,
    some_not_found,
    too_many_inputs,
    validation,
    value_not_found,
)
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import CONTACTS, ObjectType
from fake_crm.hubspot.paths import OBJECTS
from fake_crm.hubspot.wire import body_object, id_text, is_id, names_in, no_content, objects_in, ok, properties_in
from harness.kit.call import Call, Reply
from harness.kit.routing import Route

Wire = dict[str, Any]
INPUTS_MAX, INPUTS_MAX_WITH_HISTORY = 100, 50


def routes() -> Iterator[Route]:
    for base in OBJECTS:
        yield Route("POST", f"{base}/{{type}}/batch/read", batch_read, "batch_read_{many}")
        yield Route("POST", f"{base}/{{type}}/batch/create", batch_create, "batch_create_{many}")
        yield Route("POST", f"{base}/{{type}}/batch/update", batch_update, "batch_update_{many}")
        yield Route("POST", f"{base}/{{type}}/batch/upsert", batch_upsert, "batch_upsert_{many}")
        yield Route("POST", f"{base}/{{type}}/batch/archive", batch_archive, "batch_archive_{many}")


def inputs_of(body: Wire, limit: int = INPUTS_MAX) -> list[Wire]:
    """The inputs of a batch. Raises HubSpotError 400 for too many or an empty array; a missing key is no input."""
    inputs = objects_in(body, "inputs")
    if not inputs and "inputs" in body:
        raise HubSpotError(400, "Batch input provided should have at least one object.")
    if len(inputs) > limit:
        raise too_many_inputs(limit)
    return inputs


def complete(account: Account, results: list[Wire], errors: list[Wire], status: int = 200) -> Reply:
    """The batch envelope; with errors its status is 207."""
    now = account.now()
    body: Wire = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if errors:
        body["numErrors"], body["errors"] = len(errors), errors
    return ok(body, 207 if errors else status)


def batch_read(account: Account, call: Call) -> Reply:
    """200, or 207 when ids are missing: found rows, and one error that lists all missing ids.

    An id that went under in a merge stands for what it has become, as in a single read (our guess); each record comes once.
    """
    kind, body = account.resolve(call.params["type"]), body_object(call)
    history = tuple(dict.fromkeys(names_in(body, "propertiesWithHistory")))
    inputs = objects_in(body, "inputs")
    if history and len(inputs) > INPUTS_MAX_WITH_HISTORY:
        raise too_many_inputs(INPUTS_MAX_WITH_HISTORY, " for property histories")
    inputs = inputs_of(body)
    names, archived = tuple(names_in(body, "properties")) or None, asked(call).archived
    id_property = body.get("idProperty") or None
    results, missing = {}, []
    for key in dict.fromkeys(key_in(each) for each in inputs):
        record = account.find(kind, key, str(id_property)) if id_property else account.store.get(kind.plural, key)
        if record is not None and account.replica.lags:
            record = account.replica.record(record)
        if record is not None and record.archived:
            record = account.merging.survivor(kind, key) or record
        if record is None or not is_shown(account, kind, record, archived):
            missing.append(key)
        elif record.id not in results:
            results[record.id] = read(account, kind, record, names, history)
    if not missing:
        return complete(account, list(results.values()), [])
    problem = some_not_found(kind.label, missing)
    if not results and account.settings.all_missing_status == 404:
        raise problem
    return complete(account, list(results.values()), [problem.entry()])


def batch_create(account: Account, call: Call) -> Reply:
    """201 with all new records, or the first bad one's refusal and nothing written; 207 with trace ids."""
    kind = account.resolve(call.params["type"])

    def write(row: Wire) -> Wire:
        links = links_in(account, kind, row)
        return created(account, kind, account.create(kind, properties_in(row), links))

    return _write_all(account, inputs_of(body_object(call)), write, 201)


def batch_update(account: Account, call: Call) -> Reply:
    """200 with the changed rows. Missing ids are listed in a 207; a key that is no id, and an id that went under in a merge, are
    dropped without a word."""
    kind, inputs = account.resolve(call.params["type"]), inputs_of(body_object(call))
    _refuse_duplicates(kind, inputs)
    for each in inputs:
        _check_id_property(account, kind, each, required=False)

    def write(row: Wire) -> Wire | None:
        key, id_property = key_in(row), row.get("idProperty")
        record = account.find(kind, key, id_property)
        if record is None:
            if id_property:
                raise value_not_found(kind.type_id, id_property, key)
            if not is_id(key) or account.merging.is_gone(kind, key):
                return None
            raise some_not_found(kind.label, [key])
        return patched(account, kind, record, account.patch(kind, record, properties_in(row)))

    return _write_all(account, inputs, write, 200)


def batch_upsert(account: Account, call: Call) -> Reply:
    """200 with a row each, `new` telling whether it was created; keyed by one unique property for all inputs.

    The rows come in an order of their own, which a client must not rely on.
    """
    kind, inputs = account.resolve(call.params["type"]), inputs_of(body_object(call))
    _refuse_duplicates(kind, inputs)
    for each in inputs:
        _check_id_property(account, kind, each, required=True)
    if len({each["idProperty"] for each in inputs}) > 1:
        raise validation("All inputs must use the same idProperty.")  # the text is our guess
    if inputs and kind is CONTACTS and inputs[0]["idProperty"] == "email":
        _refuse_partial(inputs)

    def write(row: Wire) -> Wire:
        key, name, given = key_in(row), row["idProperty"], properties_in(row)
        record = account.find(kind, key, name)
        if record is not None:
            values = {**account.patch(kind, record, given), name: record.fields.get(name, "")}
            return {**patched(account, kind, record, values), "new": False}
        return {**created(account, kind, account.create(kind, {name: key, **given}, [])), "new": True}

    return _write_all(account, inputs, write, 200, account.upsert_order.shuffle)


def batch_archive(account: Account, call: Call) -> Reply:
    """204, whatever the ids (our guess for unknown ones)."""
    kind, inputs = account.resolve(call.params["type"]), inputs_of(body_object(call))
    keys = [key_in(each) for each in inputs]
    with account.store.transaction():
        for key in keys:
            account.archive(kind, key)
    return no_content()


# -- inside -----------------------------------------------------------------------------------------------------------


def key_in(row: Wire) -> str:
    if "id" not in row:
        raise missing_attributes(["id"])
    return id_text(row["id"])


def _check_id_property(account: Account, kind: ObjectType, row: Wire, *, required: bool) -> None:
    name = row.get("idProperty")
    if name is None and not required:
        return
    if not isinstance(name, str) or not name:
        raise missing_attributes(["idProperty"])
    if not required and kind is CONTACTS and name == "email":  # updates refuse what upserts take
        raise non_unique(kind.type_id, name, account.portal_id)
    account.check_unique_property(kind, name)


def _refuse_duplicates(kind: ObjectType, inputs: list[Wire]) -> None:
    """Raises HubSpotError 400. E-mail addresses are the same in any case."""
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for each in inputs:
        key = key_in(each)
        if kind is CONTACTS and each.get("idProperty") == "email":
            key = key.strip().lower()
        if key in seen:
            twice[key] = None
        seen.add(key)
    if twice:
        raise duplicate_ids(list(twice))


def _refuse_partial(inputs: list[Wire]) -> None:
    """Contacts by e-mail take no partial upserts: every row has the same properties (the text is our guess)."""
    if len({frozenset(properties_in(each).keys() - {"email"}) for each in inputs}) > 1:
        raise validation("Partial upserts are not supported when email is the idProperty: all inputs must set the same properties.")


def _write_all(
    account: Account,
    inputs: list[Wire],
    write: Callable[[Wire], Wire | None],
    status: int,
    arrange: Callable[[list[Wire]], None] | None = None,
) -> Reply:
    """All inputs, or those that can be written where each has a trace id of its own; `arrange` puts the results into order."""
    traces = [each.get("objectWriteTraceId") for each in inputs]
    texts = [each for each in traces if isinstance(each, str) and each]
    if inputs and len(texts) == len(inputs) == len(set(texts)):
        results, errors = _each(account, inputs, write)
    else:
        with account.store.transaction():
            results, errors = _together(account, inputs, write)
    if arrange is not None:
        arrange(results)
    return complete(account, results, errors, status)


def _together(account: Account, inputs: list[Wire], write: Callable[[Wire], Wire | None]) -> tuple[list[Wire], list[Wire]]:
    """Any refusal is one of the whole batch, but for missing ids: those without a trace id share one error. Raises HubSpotError."""
    results, errors = [], []
    shared: list[str] = []
    for row in inputs:
        try:
            done = write(row)
        except HubSpotError as refused:
            missing = refused.body.get("context", {}).get("ids")
            if refused.status != 404 or missing is None or account.settings.missing_update_status == 404:
                raise
            if row.get("objectWriteTraceId"):
                errors.append(refused.entry(objectWriteTraceId=[str(row["objectWriteTraceId"])]))
            elif shared:
                shared += missing
            else:
                shared = missing  # the very list of the error in `errors`, which grows
                errors.append(refused.entry())
            continue
        if done is not None:
            results.append(_traced(row, done))
    return results, errors


def _each(account: Account, inputs: list[Wire], write: Callable[[Wire], Wire | None]) -> tuple[list[Wire], list[Wire]]:
    """Every input by itself; a refusal names its trace id."""
    results, errors = [], []
    for row in inputs:
        try:
            with account.store.transaction():
                done = write(row)
        except HubSpotError as refused:
            errors.append(refused.entry(objectWriteTraceId=[row["objectWriteTraceId"]]))
            continue
        if done is not None:
            results.append(_traced(row, done))
    return results, errors


def _traced(row: Wire, done: Wire) -> Wire:
    trace = row.get("objectWriteTraceId")
    return {**done, "objectWriteTraceId": trace} if isinstance(trace, str) else done
