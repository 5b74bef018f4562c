"""Deals v1: one by one, paged, and the recent ones. Source: facts sections 14.3, 14.5 and 15.

An id in `associations` that names nothing does not stop a creation: 200, with the id in `associationCreateFailures` (the vendor's
v1 documentation; the rows' keys are our guess). `associations` of an update are ignored (our guess).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.access.scopes import check_end
from fake_crm.hubspot.api.legacy import shapes
from fake_crm.hubspot.api.legacy.reading import (
    EVERYTHING,
    detailed,
    listed,
    live_record_of,
    number,
    page_by_id,
    recent_page,
    record_of,
)
from fake_crm.hubspot.api.legacy.writing import values_in, worded_the_old_way
from fake_crm.hubspot.errors import wrong_shape
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import COMPANIES, CONTACTS, DEALS, ObjectType
from fake_crm.hubspot.wire import body_object, id_text, no_content, ok
from harness.kit.call import Call, Reply
from harness.kit.routing import Route

Wire = dict[str, Any]
Target = tuple[ObjectType, str]
PAGE_DEFAULT, PAGE_MAX = 100, 250
_LINKED = (("associatedCompanyIds", COMPANIES), ("associatedVids", CONTACTS))


def routes() -> Iterator[Route]:
    base, deals = "/deals/v1/deal", {"type": "deals"}
    yield Route("POST", base, create_deal, "create_deal_v1", fixed=deals)
    yield Route("GET", f"{base}/paged", list_deals, "list_deals_v1", fixed=deals)
    yield Route("GET", f"{base}/recent/modified", recently_modified, "list_recently_modified_deals_v1", fixed=deals)
    yield Route("GET", f"{base}/recent/created", recently_created, "list_recently_created_deals_v1", fixed=deals)
    yield Route("GET", f"{base}/{{id}}", read_deal, "read_deal_v1", fixed=deals)
    yield Route("PUT", f"{base}/{{id}}", update_deal, "update_deal_v1", fixed=deals)
    yield Route("DELETE", f"{base}/{{id}}", archive_deal, "archive_deal_v1", fixed=deals)


def create_deal(account: Account, call: Call) -> Reply:
    """200 with the deal; 400 for bad values, and then there is none."""
    body = body_object(call)
    given, targets = values_in(body), _targets_in(account, body)
    with worded_the_old_way(account), account.store.transaction():
        record = account.create(DEALS, given, [])
        failed = [target for target in targets if account.live(*target) is None]
        for kind, other_id in targets:
            if (kind, other_id) not in failed:
                account.link(DEALS, record.id, kind, other_id, [])
    answer = shapes.deal(account, record, EVERYTHING)
    if failed:
        answer["associationCreateFailures"] = [
            {"objectType": kind.label, "objectId": other_id, "message": "resource not found"} for kind, other_id in failed
        ]
    return ok(answer)


def update_deal(account: Account, call: Call) -> Reply:
    """200 with the deal; 400 or 404, and then nothing of the request is applied."""
    given, record = values_in(body_object(call)), record_of(account, DEALS, call)
    with worded_the_old_way(account):
        account.patch(DEALS, record, given)
    return ok(shapes.deal(account, record_of(account, DEALS, call), EVERYTHING))


def read_deal(account: Account, call: Call) -> Reply:
    return ok(shapes.deal(account, record_of(account, DEALS, call), detailed(call)))


def archive_deal(account: Account, call: Call) -> Reply:
    """204; 404 for an unknown or archived one (our guess)."""
    account.archive(DEALS, live_record_of(account, DEALS, call).id)
    return no_content()


def list_deals(account: Account, call: Call) -> Reply:
    """200 with a page, ids ascending. `offset` is the last deal's id, to be sent back while `hasMore`."""
    after, wanted = number(call, "offset", 0), listed(call)
    page, more = page_by_id(account, DEALS, after, number(call, "limit", PAGE_DEFAULT, PAGE_MAX))
    rows = [shapes.deal(account, record, wanted) for record in page]
    return ok({"deals": rows, "hasMore": more, "offset": int(page[-1].id) if page else after})


def recently_modified(account: Account, call: Call) -> Reply:
    return _recent(account, call, DEALS.modified)


def recently_created(account: Account, call: Call) -> Reply:
    return _recent(account, call, "createdate")


def _recent(account: Account, call: Call, by: str) -> Reply:
    page, rest = recent_page(account, DEALS, by, call)
    return ok({"results": [shapes.deal(account, record, detailed(call)) for record in page], **rest})


def _targets_in(account: Account, body: Wire) -> list[Target]:
    """The ids under `associations`, each list of numbers or texts. Raises HubSpotError 400."""
    given = body.get("associations")
    if given is None:
        return []
    if not isinstance(given, dict):
        raise wrong_shape("Cannot deserialize value of type `DealAssociations` at `associations`")
    targets: dict[Target, None] = {}
    for key, kind in _LINKED:
        ids = given.get(key) or []
        if not isinstance(ids, list):
            raise wrong_shape(f"Cannot deserialize value of type `ArrayList<Long>` at `associations.{key}`")
        if ids:
            check_end(account, kind, "write")
        targets.update(((kind, id_text(each)), None) for each in ids)
    return list(targets)
