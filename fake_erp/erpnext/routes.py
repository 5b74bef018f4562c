"""The paths of a site. Source: facts 2.1 step 8, 2.2, 2.9."""

from __future__ import annotations

from typing import Any

from fake_erp.erpnext.api import pages, rest, v2
from fake_erp.erpnext.api.methods import call_method
from fake_erp.erpnext.settings import Settings
from harness.kit.routing import Route, Router

VERBS = ("GET", "POST", "PUT", "DELETE")
PAGE = "page"


def routes(settings: Settings) -> list[Route]:
    found = []
    for api in ("/api", "/api/v1"):
        one = f"{api}/resource/{{doctype}}/{{id:path}}"
        found += [
            Route("GET", f"{api}/resource/{{doctype}}", rest.list_documents, "list"),
            Route("POST", f"{api}/resource/{{doctype}}", rest.create_document, "create"),
            Route("GET", one, rest.read_document, "read"),
            Route("POST", one, rest.act_on_document, "run_method_of"),
            Route("PUT", one, rest.update_document, "update"),
            Route("DELETE", one, rest.delete_document, "delete"),
            *(Route(verb, f"{api}/method/{{method:path}}", call_method, "call") for verb in VERBS),
        ]
    if settings.version >= 15:
        found += v2.routes()
    found += [Route(verb, path, pages.answer, PAGE) for path in ("/", "/{page:path}") for verb in ("GET", "POST")]
    return found


class SiteRouter(Router):
    """A HEAD is routed as the GET it asks about."""

    def match(self, method: str, path: str) -> tuple[Route, dict[str, Any]] | None:
        return super().match("GET" if method == "HEAD" else method, path)
