"""HTML answers: the framework's error pages, plain pages, redirects, and what nginx says itself. Source: facts 2.1, 2.2, 5.3."""

from __future__ import annotations

from harness.kit.call import Outcome, Reply

HTML = "text/html; charset=utf-8"


def framework_page(status: int, title: str, text: str) -> Reply:
    """The framework's own page for a path or verb it does not know, whatever the client accepts."""
    html = f"<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n<p>{text}</p>\n"
    return Reply(status, html.encode(), {"content-type": HTML}, Outcome.NOT_APPLIED)


def not_found_page() -> Reply:
    text = "The requested URL was not found on the server."
    return framework_page(404, "Not Found", text)


def page(status: int, title: str, body: str) -> Reply:
    """A page of the site. Its words are our guess."""
    text = f"<!doctype html>\n<html lang=en>\n<title>{title}</title>\n<h1>{title}</h1>\n<p>{body}</p>\n"
    outcome = Outcome.APPLIED if status < 400 else Outcome.NOT_APPLIED
    return Reply(status, text.encode(), {"content-type": HTML}, outcome)


def redirect(target: str) -> Reply:
    reply = page(302, "Redirecting...", "You should be redirected automatically.")
    reply.headers["location"] = target
    return reply


def is_nginx(reply: Reply) -> bool:
    """Whether the web server said this, and the site knows nothing of it."""
    return reply.headers.get("content-type") == "text/html"


def nginx_page(status: int, name: str) -> Reply:
    """What the web server before the site answers by itself."""
    title = f"{status} {name}"
    html = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return Reply(status, html.encode(), {"content-type": "text/html"}, Outcome.NOT_APPLIED)


def show_as_page(reply: Reply) -> None:
    """An error as a client gets it that does not want JSON, such as a browser. Source: facts 2.1, 5.1."""
    if reply.status == 429:
        reply.body, reply.headers["content-type"] = b"Too Many Requests", "text/plain; charset=utf-8"
        return
    if b'"exc_type":"QueryDeadlockError"' in reply.body or b'"exc_type":"QueryTimeoutError"' in reply.body:
        reply.status = 508  # only where the answer is no JSON
    error = framework_page(reply.status, "Server Error", "There was an error building this page.")
    reply.body, reply.headers["content-type"] = error.body, error.headers["content-type"]
