"""What connection tests and setup screens ask: account details, API usage, owners. Source: facts 2.1, 10.3, 11.1."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fake_crm.hubspot.api.query import asked, page_limit
from fake_crm.hubspot.errors import HubSpotError
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.paths import ACCOUNT_INFO, OWNERS
from fake_crm.hubspot.wire import ok, wire_time
from harness.kit.call import Call, Reply
from harness.kit.routing import Route

OWNERS_MAX, OWNERS_DEFAULT = 500, 100


def routes() -> Iterator[Route]:
    yield Route("GET", "/integrations/v1/me", integration_me, "read_integration")
    for base in ACCOUNT_INFO:
        yield Route("GET", f"{base}/details", account_details, "read_account")
        yield Route("GET", f"{base}/api-usage/daily/private-apps", daily_usage, "read_api_usage")
    for base in OWNERS:
        yield Route("GET", base, list_owners, "list_owners")
        yield Route("GET", f"{base}/{{id}}", read_owner, "read_owner")


def account_details(account: Account, call: Call) -> Reply:
    offset = account.clock.now().astimezone(ZoneInfo(account.settings.time_zone)).utcoffset() or timedelta(0)
    minutes = offset // timedelta(minutes=1)
    sign = "-" if minutes < 0 else "+"
    return ok(
        {
            "portalId": account.portal_id,
            "accountType": "STANDARD",
            "timeZone": account.settings.time_zone,
            "companyCurrency": account.settings.currency,
            "additionalCurrencies": [],
            "utcOffset": f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}",
            "utcOffsetMilliseconds": minutes * 60_000,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        }
    )


def integration_me(account: Account, call: Call) -> Reply:
    body = {"portalId": account.portal_id, "timeZone": account.settings.time_zone, "currency": account.settings.currency}
    return ok({**body, "appId": account.settings.app_id})


def daily_usage(account: Account, call: Call) -> Reply:
    """What the account's private apps used since midnight of its time zone; this call counts."""
    now = account.clock.now()
    usage = account.limits.daily.usage(now)
    row = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": usage.limit,
        "currentUsage": usage.limit - usage.remaining,
        "collectedAt": wire_time(now),
        "fetchStatus": "SUCCESS",
        "resetsAt": wire_time(now + usage.resets_in),
    }
    return ok({"results": [row]})


def list_owners(account: Account, call: Call) -> Reply:
    """200 with the owners; `email` filters; `paging` only when more follow."""
    wanted, query = asked(call), call.query_dict()
    limit = page_limit(wanted.limit, OWNERS_DEFAULT, OWNERS_MAX)
    email = query.get("email", "").lower()
    rows = [row for row in account.owners.rows() if row["archived"] is wanted.archived and email in ("", row["email"])]
    if wanted.after:
        rows = [row for row in rows if row["id"] >= wanted.after]
    body: dict[str, Any] = {"results": rows[:limit]}
    if len(rows) > limit:
        after = rows[limit]["id"]
        body["paging"] = {"next": {"after": after, "link": f"{account.base_url}{call.path}?limit={limit}&after={after}"}}
    return ok(body)


def read_owner(account: Account, call: Call) -> Reply:
    """200 with an owner by id or, with `idProperty=userId`, by user; those who left only with `archived=true`. Else 404."""
    by = "userIdIncludingInactive" if call.query_dict().get("idProperty") == "userId" else "id"
    archived = asked(call).archived
    for row in account.owners.rows():
        if call.params["id"] == str(row[by]) and row["archived"] is archived:
            return ok(row)
    raise HubSpotError(404, "resource not found", "OBJECT_NOT_FOUND")
