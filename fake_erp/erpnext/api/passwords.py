"""The mail with a link for a new password: a function for guests that the vendor limits by itself. Source: facts 5.2.

The mail goes nowhere. What is answered besides the limiter's refusal is our guess, after the public source of `user.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.access.people import ADMINISTRATOR
from fake_erp.erpnext.api.functions import Function, function
from fake_erp.erpnext.errors import notice, throw
from fake_erp.erpnext.wire import encode
from harness.kit.call import Call, Outcome, Reply

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

TOO_OFTEN = "You hit the rate limit because of too many requests. Please try after sometime."
SENT = "Password reset instructions have been sent to your email"


def reset_password(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> str | Reply | None:
    """Raises Refused (429) for the fourth call of an hour, whoever it is for."""
    if fake.resets.exceeded():
        raise throw(TOO_OFTEN, "RateLimitExceededError", status=429)
    record = fake.site.find("User", str(args["user"]))
    if record is None:
        body = {"data" if call.path.startswith("/api/v2/") else "message": "not found"}
        return Reply(404, encode(body), {"content-type": "application/json"}, Outcome.NOT_APPLIED)
    if record.id == ADMINISTRATOR:
        return "not allowed"
    if not record.fields["enabled"]:
        return "disabled"
    fake.site.notices.append(notice(SENT, "Password Email Sent"))
    return None


METHODS: dict[str, Function] = {
    "frappe.core.doctype.user.user.reset_password": function(
        reset_password, "reset_password", "user", verbs=frozenset({"POST"}), guest=True
    ),
}
