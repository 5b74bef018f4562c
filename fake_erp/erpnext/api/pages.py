"""Everything that is no API: pages of the desk and the website, files, and `cmd` on any path. Source: facts 1.5, 2.1.

The pages hold what a script looks for, such as the CSRF token, and nothing else; their words are our guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fake_erp.erpnext.access.sessions import GUEST
from fake_erp.erpnext.api import files
from fake_erp.erpnext.api.html import not_found_page, page, redirect
from fake_erp.erpnext.api.oauth_endpoints import well_known
from harness.kit.call import Call, Reply

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake


def answer(fake: ErpNextFake, call: Call) -> Reply:
    """GET or POST of a path that is no API."""
    path = "/" + call.path.strip("/")
    if path == "/api" or path.startswith("/api/"):
        return not_found_page()
    if path == "/.well-known/oauth-authorization-server" and fake.settings.version >= 16:
        return well_known(fake)
    if path == fake.settings.desk or path.startswith(fake.settings.desk + "/"):
        return _desk(fake, path)
    if path in ("/", "/login", "/me"):
        return page(200, "Home" if path == "/" else path[1:].title(), _token(fake))
    if path.startswith(("/files/", "/private/files/")):
        content = files.serve(fake, call)
        if content is not None:
            return content
    return page(404, "Not Found", "The page you are looking for is not available.")


def _desk(fake: ErpNextFake, path: str) -> Reply:
    """The screens: for users of the system. This is where a session gets its CSRF token."""
    if fake.site.user == GUEST:
        return redirect(f"/login?{urlencode({'redirect-to': path})}")
    user = fake.site.store.get("User", fake.site.user)
    if user is not None and user.fields["user_type"] != "System User":
        return page(403, "Not Permitted", "You are not permitted to access this page.")
    return page(200, "Desk", _token(fake))


def _token(fake: ErpNextFake) -> str:
    token = fake.sessions.csrf_token_of(fake.session) if fake.session is not None else "None"
    return f'<script>frappe.csrf_token = "{token}";</script>'
