"""Who is calling: login, sessions, keys, what the site is. Source: facts 1.3 to 1.5."""

from __future__ import annotations

from fake_erp.erpnext.access.people import ADMIN_PASSWORD, ADMINISTRATOR
from fake_erp.erpnext.contract import examples
from fake_erp.erpnext.contract.shapes import (
    ABSENT,
    ANYWHERE,
    BESIDES,
    HTML,
    NOTHING,
    TEXT,
    closed,
    error,
    given,
    maybe,
    message,
    stumbles,
)
from fake_erp.erpnext.contract.versions import AS_IT_IS
from harness.kit.contract import Answer, Confidence, Example, Operation

AREA = "session"
_APP = closed({"title": TEXT, "description": TEXT, "version": TEXT, "branch": TEXT})
_LOGGED_IN = {**closed({"message": TEXT, "home_page": TEXT, "full_name": TEXT}, BESIDES), AS_IT_IS: True}
_PONG = message({"const": "pong"})


def _ping(source: str) -> Operation:
    return Operation(
        "Whether the site is there; for guests too.",
        AREA,
        {200: Answer(_PONG)},
        source,
        Confidence.DOCUMENTED,
        examples=[Example()],
        security=(),
    )


OPERATIONS = {
    "ping": _ping("facts 1.4"),
    "frappe.ping": _ping("facts 1.4"),
    "login": Operation(
        "A session: its cookies come with the answer.",
        AREA,
        {
            200: Answer(_LOGGED_IN),
            401: Answer(error("AuthenticationError"), "A wrong password, or no such user."),
            500: Answer(error("SecurityException", *ANYWHERE), "Too many wrong passwords in a row: the account is locked."),
        },
        "facts 1.3",
        Confidence.DOCUMENTED,
        body=given({"usr": TEXT, "pwd": TEXT}),
        examples=[Example(body={"usr": ADMINISTRATOR, "pwd": ADMIN_PASSWORD})],
        deviations="no second factor, no restrictions to addresses and hours, no forced resets; the lock counts for the user alone",
        security=(),
    ),
    "logout": Operation(
        "The end of the session; its cookies are cleared.",
        AREA,
        {200: Answer(NOTHING)},
        "facts 1.3",
        Confidence.DOCUMENTED,
        examples=[Example()],
        security=(),
    ),
    "frappe.auth.get_logged_user": Operation(
        "Whose credentials these are.",
        AREA,
        {200: Answer(message(TEXT))},
        "facts 1.4",
        Confidence.DOCUMENTED,
        examples=[Example()],
    ),
    "frappe.utils.change_log.get_versions": Operation(
        "The apps of the site and their versions.",
        AREA,
        {200: Answer(message(closed({"frappe": _APP, "erpnext": _APP})))},
        "facts 1.4",
        Confidence.DOCUMENTED,
        examples=[Example()],
        deviations="which releases these are is a setting",
    ),
    "frappe.core.doctype.user.user.reset_password": Operation(
        "A mail with a link for a new password; for guests too.",
        AREA,
        {
            200: Answer(maybe(TEXT)),
            404: Answer(message(TEXT), "No such user."),
            429: Answer(error("RateLimitExceededError"), "The fourth call of an hour; without the limiter's headers."),
            **stumbles("TypeError", "JSONDecodeError"),
        },
        "facts 5.2",
        Confidence.INFERRED,
        body=given({"user": TEXT}),
        examples=[Example(body={"user": examples.NAMES["User"]})],
        deviations="the mail goes nowhere; all callers count as one address",
        security=(),
    ),
    "frappe.core.doctype.user.user.generate_keys": Operation(
        "A new API secret of a user, told this once, and a key where there is none yet.",
        AREA,
        {200: Answer(message(closed({"api_secret": TEXT}))), **ABSENT, **stumbles("TypeError", "JSONDecodeError")},
        "facts 1.1",
        Confidence.DOCUMENTED,
        body=given({"user": TEXT}),
        examples=[Example(body={"user": examples.NAMES["User"]})],
    ),
    "open_desk": Operation(
        "The screens: a page from which a session gets its CSRF token. Guests are sent to the login page.",
        AREA,
        {
            200: Answer(TEXT, media=HTML),
            302: Answer(TEXT, "To the login page.", HTML),
            403: Answer(TEXT, "No user of the desk.", HTML),
        },
        "facts 1.5",
        Confidence.DOCUMENTED,
        examples=[Example()],
        deviations="the page holds the token and nothing else",
    ),
}
