"""Search: match on the index copy, which lags; answer with the store's copy, which does not. Source: facts section 8."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Any

from fake_crm.hubspot.api.shapes import as_object
from fake_crm.hubspot.errors import vague
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.paths import OBJECTS
from fake_crm.hubspot.search.filters import Filter, groups_of, sort_of
from fake_crm.hubspot.search.index import TypeIndex, key_of
from fake_crm.hubspot.wire import body_object, is_id, names_in, ok, whole
from harness.kit.call import Call, Reply
from harness.kit.records import Fields
from harness.kit.routing import Route

BODY_MAX, PAGE_DEFAULT, PAGE_MAX, REACH_MAX = 3000, 10, 200, 10_000


def routes() -> Iterator[Route]:
    for base in OBJECTS:
        yield Route("POST", f"{base}/{{type}}/search", search_objects, "search_{many}")


def search_objects(account: Account, call: Call) -> Reply:
    """200 `{total, results, paging?}`; 400 for any mistake in the body, and beyond the 10,000th match."""
    kind = account.resolve(call.params["type"])
    if len(call.body) > BODY_MAX:
        raise vague()
    body = body_object(call) if call.body else {}
    limit, after = _window(body)
    names = tuple(names_in(body, "properties")) or None
    groups = groups_of(account, kind, body)
    index = account.search.of(kind.plural)
    matches = _matches(kind, index, groups)
    query = body.get("query")
    if query is not None and not isinstance(query, str):
        raise vague()
    if query:
        matches = _containing(kind, index, matches, query)
    ordered = _ordered(account, kind, index, matches, sort_of(body))
    results = []
    for record_id in ordered[after : after + limit]:
        record = account.store.get(kind.plural, record_id)
        if record is not None:
            results.append(as_object(account, kind, record, names))
    answer: dict[str, Any] = {"total": len(ordered), "results": results}
    if limit and after + limit < len(ordered):  # a page of none, which only counts, leads nowhere
        answer["paging"] = {"next": {"after": str(after + limit)}}
    return ok(answer)


def _window(body: dict[str, Any]) -> tuple[int, int]:
    """(limit, offset). Raises HubSpotError 400 for a page above 200 or a reach above 10,000."""
    limit, after = body.get("limit"), body.get("after")
    size = PAGE_DEFAULT if limit is None else _whole(limit)
    offset = 0 if after is None or after == "" else _whole(after)
    if not 0 <= size <= PAGE_MAX or offset + size > REACH_MAX:
        raise vague()
    return size, offset


def _whole(value: Any) -> int:
    number = whole(value)
    if number is not None and number >= 0:
        return number
    if isinstance(value, str) and is_id(value) and len(value) < 12:
        return int(value)
    raise vague()


def _matches(kind: ObjectType, index: TypeIndex, groups: list[list[Filter]]) -> list[str]:
    """Ids that fulfil all filters of any group; all ids without groups."""
    if not groups:
        return list(index.documents)
    found: dict[str, None] = {}
    for group in groups:
        for record_id in _candidates(kind, index, group):
            fields = index.documents.get(record_id)
            if fields is not None and all(each.test(record_id, fields) for each in group):
                found[record_id] = None
    return list(found)


def _candidates(kind: ObjectType, index: TypeIndex, group: list[Filter]) -> Iterable[str]:
    """The smallest set of ids that some filter allows to start from; all ids when none does."""
    best: list[Collection[str]] = [index.documents]
    size = len(index.documents)
    for each in group:
        if each.ids is not None:
            start: list[Collection[str]] = [each.ids]
        elif each.prop is not None:
            start = [index.equal(each.prop, key) for key in dict.fromkeys(each.keys)]
        else:
            continue
        if (found := sum(map(len, start))) <= size:
            best, size = start, found
    for each in group:
        if each.since_ms is not None:
            recent = index.modified_since(kind.modified, each.since_ms, size)
            if recent is not None:
                best, size = [recent], len(recent)
    return chain.from_iterable(best)


def _containing(kind: ObjectType, index: TypeIndex, matches: list[str], query: str) -> list[str]:
    """Records whose searchable properties contain every word of the query (our guess at the vendor's full text)."""
    words = query.lower().split()

    def hit(fields: Fields) -> bool:
        text = " ".join(fields.get(name) or "" for name in kind.searchable).lower()
        return all(word in text for word in words)

    return [record_id for record_id in matches if hit(index.documents[record_id])] if kind.searchable else []


def _ordered(account: Account, kind: ObjectType, index: TypeIndex, matches: list[str], sort: tuple[str, bool] | None) -> list[str]:
    """By the sort rule, then by creation; records without the sorted value come last (our guess)."""
    matches.sort(key=int)
    if sort is None:
        return matches
    name, descending = sort
    prop = account.definitions.find(kind.plural, name)
    if prop is None:
        raise vague()
    keyed = [(key_of(prop, index.documents[record_id].get(name)), record_id) for record_id in matches]
    present = [pair for pair in keyed if pair[0] is not None]
    present.sort(key=lambda pair: pair[0], reverse=descending)  # type: ignore[arg-type,return-value]  # one property, one type of key
    return [record_id for _, record_id in present] + [record_id for key, record_id in keyed if key is None]
