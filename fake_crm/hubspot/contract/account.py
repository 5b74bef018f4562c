"""What connection tests and setup screens ask: the account, its usage, its owners."""

from __future__ import annotations

from fake_crm.hubspot.contract.examples import OWNER
from fake_crm.hubspot.contract.objects import AFTER, limit
from fake_crm.hubspot.contract.shapes import ABSENT, BAD, FLAG, INSTANT, NUMBER, TEXT, TEXTS, closed, listed, of, paged, ref
from harness.kit.contract import Answer, Confidence, Example, Operation, Param, Schema

AREA = "account"

SCHEMAS: dict[str, Schema] = {
    "Owner": closed(
        {
            "id": TEXT,
            "email": TEXT,
            "type": {"enum": ["PERSON", "QUEUE"]},
            "firstName": TEXT,
            "lastName": TEXT,
            "userId": {"type": ["integer", "null"], "description": "Null for somebody who left."},
            "userIdIncludingInactive": NUMBER,
            "createdAt": INSTANT,
            "updatedAt": INSTANT,
            "archived": FLAG,
        },
        {"teams": of(closed({"id": TEXT, "name": TEXT, "primary": FLAG}))},
    ),
}
_ACCOUNT = closed(
    {
        "portalId": NUMBER,
        "accountType": TEXT,
        "timeZone": TEXT,
        "companyCurrency": TEXT,
        "additionalCurrencies": TEXTS,
        "utcOffset": TEXT,
        "utcOffsetMilliseconds": NUMBER,
        "uiDomain": TEXT,
        "dataHostingLocation": TEXT,
    }
)
_USAGE = closed(
    {
        "name": TEXT,
        "usageLimit": NUMBER,
        "currentUsage": NUMBER,
        "collectedAt": INSTANT,
        "fetchStatus": TEXT,
        "resetsAt": INSTANT,
    }
)

OPERATIONS = {
    "read_integration": Operation(
        "Which account and app the token belongs to.",
        AREA,
        {200: Answer(closed({"portalId": NUMBER, "timeZone": TEXT, "currency": TEXT, "appId": NUMBER}))},
        "facts 2.1, 15",
        Confidence.MEASURED,
        examples=[Example()],
        deviations="clients were seen to read `portalId` only; the other keys are our guess",
    ),
    "read_account": Operation(
        "The account: time zone, currency, where it lives.",
        AREA,
        {200: Answer(_ACCOUNT)},
        "facts 2.1; the vendor's document account_info",
        Confidence.DOCUMENTED,
        examples=[Example()],
    ),
    "read_api_usage": Operation(
        "What the account's private apps used since midnight of its time zone.",
        AREA,
        {200: Answer(listed(_USAGE))},
        "facts 11.1; the vendor's document account_info",
        Confidence.DOCUMENTED,
        examples=[Example()],
    ),
    "list_owners": Operation(
        "People that records can belong to.",
        AREA,
        {200: Answer(paged(ref("Owner"))), **BAD},
        "facts 10.3; the vendor's document owners",
        Confidence.DOCUMENTED,
        query={
            "limit": limit(500, 100),
            "after": AFTER,
            "email": Param(TEXT, "Only the owner with this address."),
            "archived": Param(FLAG, "Only people who left, instead of only those who did not."),
        },
        examples=[Example(query={"limit": "2"})],
    ),
    "read_owner": Operation(
        "One owner, by owner id or user id.",
        AREA,
        {200: Answer(ref("Owner")), **ABSENT},
        "facts 10.3; the vendor's document owners",
        Confidence.DOCUMENTED,
        query={
            "idProperty": Param({"enum": ["id", "userId"]}, "What the id in the path is."),
            "archived": Param(FLAG, "Somebody who left, instead of somebody who did not."),
        },
        path={"id": Param(TEXT, "An owner's id, or a user's.")},
        examples=[Example({"id": OWNER})],
    ),
}
