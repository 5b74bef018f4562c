"""How an OAuth app gets into an account and out of it: the page on which a person says yes, and the uninstallation.

The page is the vendor's own host's; it is served under the fake's, and the person on it always says yes. Sources: facts 2.2;
the vendor's guide of the app uninstalls API. Our guesses: the pages for what is wrong, and that optional scopes which the account
does not have are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from urllib.parse import SplitResult, urlencode, urlsplit

from fake_crm.hubspot.access.tokens import OAUTH_APP
from fake_crm.hubspot.errors import missing_scopes
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.paths import APP_INSTALLS
from fake_crm.hubspot.wire import no_content
from harness.kit.call import Call, Outcome, Reply
from harness.kit.routing import Route


class _Page(Exception):
    """What the page says instead of asking for consent."""


def routes() -> Iterator[Route]:
    yield Route("GET", "/oauth/authorize", authorize, "authorize")
    for base in APP_INSTALLS:
        yield Route("DELETE", f"{base}/external-install", uninstall, "uninstall_app")


def authorize(account: Account, call: Call) -> Reply:
    """302 to `redirect_uri` with `code` and `state`; 400 with a page in HTML.

    Query: `client_id`, `redirect_uri`, `scope` and `optional_scope` (separated by spaces), `state`, `code_challenge`,
    `code_challenge_method` (`plain`, `S256`).
    """
    query = call.query_dict()
    try:
        if query.get("client_id") != account.settings.client_id:
            raise _Page("We couldn't find an app with this client_id.")
        target = _target(account, query.get("redirect_uri", ""))
        scopes = _granted(account, query.get("scope", ""), query.get("optional_scope", ""))
        method = query.get("code_challenge_method", "plain")
        if method not in ("plain", "S256"):
            raise _Page("This code_challenge_method is not supported.")
    except _Page as page:
        return _error_page(str(page))
    code = account.tokens.new_code(query["redirect_uri"], scopes, query.get("code_challenge", ""), method)
    answer = {"code": code, "state": query["state"]} if "state" in query else {"code": code}
    given = "&".join(part for part in (target.query, urlencode(answer)) if part)
    return Reply(302, headers={"location": target._replace(query=given).geturl()})


def _target(account: Account, redirect_uri: str) -> SplitResult:
    """Where to send the browser. Only printable ASCII goes into a header."""
    known = account.settings.redirect_uris
    try:
        target = urlsplit(redirect_uri)
    except ValueError:
        target = urlsplit("")
    plain = redirect_uri.isascii() and redirect_uri.isprintable() and " " not in redirect_uri
    if not plain or target.scheme not in ("http", "https") or not target.netloc:
        raise _Page("The redirect_uri is missing or no address.")
    if known is not None and redirect_uri not in known:
        raise _Page("The redirect_uri is not one of the app's redirect URLs.")
    return target


def _granted(account: Account, required: str, optional: str) -> tuple[str, ...]:
    """What the account gives: everything required or nothing, and what it has of the optional."""
    scopes, known = required.split(), account.settings.oauth_scopes
    if "oauth" not in scopes:
        raise _Page("The scope oauth is missing.")
    if known is not None:
        missing = [each for each in scopes if each not in (*known, "oauth")]
        if missing:
            raise _Page(f"This account cannot grant: {' '.join(missing)}")
    extra = [each for each in optional.split() if known is None or each in known]
    return tuple(dict.fromkeys([*scopes, *extra]))


def _error_page(text: str) -> Reply:
    html = (
        f"<!DOCTYPE html>\n<html>\n<head><title>HubSpot</title></head>\n<body><h1>Error</h1><p>{escape(text)}</p></body>\n</html>\n"
    )
    return Reply(400, html.encode(), {"content-type": "text/html;charset=utf-8"}, Outcome.NOT_APPLIED)


def uninstall(account: Account, call: Call) -> Reply:
    """204: the calling app leaves the account, and its tokens end. 403 for whom OAuth did not let in."""
    caller = account.tokens.callers.get(call.principal)
    if caller is None or caller.subject != OAUTH_APP:
        raise missing_scopes(["oauth"])
    account.tokens.uninstall()
    return no_content()
