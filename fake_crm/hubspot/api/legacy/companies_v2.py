"""Companies v2: one by one, paged, the recent ones, and those of a domain. Source: facts sections 14.3, 14.5 and 15."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.api.legacy import shapes
from fake_crm.hubspot.api.legacy.reading import (
    EVERYTHING,
    Wanted,
    detailed,
    listed,
    live_record_of,
    number,
    page_by_id,
    recent_page,
    record_of,
)
from fake_crm.hubspot.api.legacy.writing import values_in, worded_the_old_way
from fake_crm.hubspot.errors import validation
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import COMPANIES
from fake_crm.hubspot.wire import body_object, id_text, is_id, names_in, ok
from harness.kit.call import Call, Reply
from harness.kit.records import Record
from harness.kit.routing import Route

Wire = dict[str, Any]
PAGE_DEFAULT, PAGE_MAX = 100, 250
DOMAIN_PAGE_MAX = 100
_DOMAIN_DEFAULTS = ("domain", "createdate", "name", "hs_lastmodifieddate")


def routes() -> Iterator[Route]:
    base, companies = "/companies/v2/companies", {"type": "companies"}
    yield Route("POST", base, create_company, "create_company_v2", fixed=companies)
    yield Route("GET", f"{base}/paged", list_companies, "list_companies_v2", fixed=companies)
    yield Route("GET", f"{base}/recent/modified", recently_modified, "list_recently_modified_companies_v2", fixed=companies)
    yield Route("GET", f"{base}/recent/created", recently_created, "list_recently_created_companies_v2", fixed=companies)
    yield Route("GET", f"{base}/{{id}}", read_company, "read_company_v2", fixed=companies)
    yield Route("PUT", f"{base}/{{id}}", update_company, "update_company_v2", fixed=companies)
    yield Route("DELETE", f"{base}/{{id}}", archive_company, "archive_company_v2", fixed=companies)
    of_domain = "/companies/v2/domains/{domain}/companies"
    yield Route("POST", of_domain, companies_of_domain, "list_companies_of_domain_v2", fixed=companies)


def create_company(account: Account, call: Call) -> Reply:
    """200 with the company; an equal domain is no conflict. 400 for bad values."""
    given = values_in(body_object(call))
    with worded_the_old_way(account):
        record = account.create(COMPANIES, given, [])
    return ok(shapes.company(account, record, EVERYTHING))


def update_company(account: Account, call: Call) -> Reply:
    """200 with the company; 400 or 404, and then nothing of the request is applied."""
    given, record = values_in(body_object(call)), record_of(account, COMPANIES, call)
    with worded_the_old_way(account):
        account.patch(COMPANIES, record, given)
    return ok(shapes.company(account, record_of(account, COMPANIES, call), EVERYTHING))


def read_company(account: Account, call: Call) -> Reply:
    return ok(shapes.company(account, record_of(account, COMPANIES, call), detailed(call)))


def archive_company(account: Account, call: Call) -> Reply:
    """200 naming the company; 404 for an unknown or archived one (our guess)."""
    record = live_record_of(account, COMPANIES, call)
    account.archive(COMPANIES, record.id)
    return ok({"companyId": int(record.id), "deleted": True})


def list_companies(account: Account, call: Call) -> Reply:
    """200 with a page, ids ascending. While `has-more`, `offset` is the last company's id; then it is 0."""
    wanted = listed(call)
    page, more = page_by_id(account, COMPANIES, number(call, "offset", 0), number(call, "limit", PAGE_DEFAULT, PAGE_MAX))
    rows = [shapes.company(account, record, wanted) for record in page]
    return ok({"companies": rows, "has-more": more, "offset": int(page[-1].id) if more else 0})


def recently_modified(account: Account, call: Call) -> Reply:
    return _recent(account, call, COMPANIES.modified)


def recently_created(account: Account, call: Call) -> Reply:
    return _recent(account, call, "createdate")


def _recent(account: Account, call: Call, by: str) -> Reply:
    page, rest = recent_page(account, COMPANIES, by, call)
    return ok({"results": [shapes.company(account, record, detailed(call)) for record in page], **rest})


def companies_of_domain(account: Account, call: Call) -> Reply:
    """200 with the companies that have this domain, without index lag (our guess). The body asks: `limit`, `offset.companyId`,
    `requestOptions.properties`."""
    body = body_object(call)
    options = body.get("requestOptions")
    names = tuple(names_in(options, "properties")) if isinstance(options, dict) else ()
    after, limit = _offset(body), _limit(body)
    domain = call.params["domain"].lower()
    found = sorted((record for record in _with_domain(account, domain) if int(record.id) > after), key=lambda each: int(each.id))
    page = found[:limit]
    rows = [shapes.company(account, record, Wanted(names or _DOMAIN_DEFAULTS)) for record in page]
    last = int(page[-1].id) if page else after
    return ok({"results": rows, "hasMore": len(found) > limit, "offset": {"companyId": last, "isPrimary": True}})


def _with_domain(account: Account, domain: str) -> Iterator[Record]:
    return (each for each in account.store.all(COMPANIES.plural) if each.fields.get("domain") == domain and not each.archived)


def _limit(body: Wire) -> int:
    limit = body.get("limit")
    if limit is None:
        return DOMAIN_PAGE_MAX
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise validation("limit must be a positive whole number")  # our guess
    return min(limit, DOMAIN_PAGE_MAX)


def _offset(body: Wire) -> int:
    offset = body.get("offset")
    text = id_text(offset.get("companyId", 0)) if isinstance(offset, dict) else "0"
    if not is_id(text) or len(text) > 18:
        raise validation("offset.companyId must be a company's id")  # our guess
    return int(text)
