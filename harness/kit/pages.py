"""What stands before a vendor's own servers says when they do not: pages of proxies and content networks."""

from __future__ import annotations

from harness.kit.call import Outcome, Reply

_PROXY_PAGES = {
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
    504: "504 Gateway Time-out",
    520: "520: Web server is returning an unknown error",
    521: "521: Web server is down",
    522: "522: Connection timed out",
    523: "523: Origin is unreachable",
    524: "524: A timeout occurred",
}


def page_of_a_proxy(status: int) -> Reply:
    """Its HTML; whether anything was applied is not told."""
    name = _PROXY_PAGES.get(status, f"{status} Error")
    head = f"<html>\r\n<head><title>{name}</title></head>\r\n"
    html = f"{head}<body>\r\n<center><h1>{name}</h1></center>\r\n</body>\r\n</html>\r\n"
    return Reply(status, html.encode(), {"content-type": "text/html"}, Outcome.UNKNOWN)
