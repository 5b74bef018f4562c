"""From method and path to a route: which of several wins, and what is no route."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis.strategies import lists, text

from harness.kit.routing import MethodNotAllowed, Route, Router

TEMPLATES = [
    ("GET", "/deals"),
    ("POST", "/deals"),
    ("GET", "/deals/{id}"),
    ("GET", "/deals/search"),
    ("GET", "/deals/{id}/lines/{line}"),
    ("GET", "/deals/search/{word}"),
    ("GET", "/files/{rest:path}"),
    ("GET", "/files/index"),
    ("GET", "/"),
]
SEGMENT = text(min_size=1, max_size=5).filter(lambda word: "/" not in word)


@pytest.fixture(scope="module")
def router() -> Router:
    return Router(Route(method, template, print, f"{method} {template}") for method, template in TEMPLATES)


def hit(router: Router, path: str, method: str = "GET") -> tuple[str, dict[str, str]] | None:
    found = router.match(method, path)
    return (found[0].template, found[1]) if found is not None else None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/deals", ("/deals", {})),
        ("/deals/", ("/deals", {})),
        ("/deals/7", ("/deals/{id}", {"id": "7"})),
        ("/deals/search", ("/deals/search", {})),
        ("/deals/search/x", ("/deals/search/{word}", {"word": "x"})),
        ("/deals/search/lines/3", ("/deals/{id}/lines/{line}", {"id": "search", "line": "3"})),
        ("/deals/7/lines/3/", ("/deals/{id}/lines/{line}", {"id": "7", "line": "3"})),
        ("/files/index", ("/files/index", {})),
        ("/files/a", ("/files/{rest:path}", {"rest": "a"})),
        ("/files/a/b//c", ("/files/{rest:path}", {"rest": "a/b//c"})),
        ("/", ("/", {})),
        ("", ("/", {})),
        ("/deals//lines/3", None),
        ("/deals/7/lines", None),
        ("/nothing", None),
        ("/files", None),
    ],
)
def test_literal_beats_variable_beats_rest(router: Router, path: str, expected: tuple[str, dict[str, str]] | None) -> None:
    assert hit(router, path) == expected


def test_a_wrong_method_names_the_right_ones(router: Router) -> None:
    with pytest.raises(MethodNotAllowed) as caught:
        router.match("DELETE", "/deals")
    assert caught.value.allowed == ["GET", "POST"]


def test_a_method_on_a_literal_does_not_fall_through_to_the_variable() -> None:
    """`POST /x/search` beside `GET /x/{id}`: GET /x/search is a wrong method, as a server with a search route answers it."""
    router = Router([Route("POST", "/x/search", print, "search"), Route("GET", "/x/{id}", print, "read")])

    with pytest.raises(MethodNotAllowed):
        router.match("GET", "/x/search")


def test_two_routes_for_the_same_are_refused() -> None:
    with pytest.raises(ValueError, match="two routes for GET /a"):
        Router([Route("GET", "/a/{x}", print, ""), Route("GET", "/a/{y}", print, "")])


@given(SEGMENT, SEGMENT)
def test_a_variable_is_given_back_as_it_stands_in_the_path(router: Router, deal: str, line: str) -> None:
    """Invariant: whatever is in a segment reaches the handler unchanged."""
    assert hit(router, f"/deals/{deal}/lines/{line}") == ("/deals/{id}/lines/{line}", {"id": deal, "line": line})


@given(lists(SEGMENT, min_size=1, max_size=6))
def test_matching_never_breaks(router: Router, segments: list[str]) -> None:
    """Invariant: every path is a route or None."""
    found = hit(router, "/" + "/".join(segments))

    assert found is None or found[0] in {template for _, template in TEMPLATES}


def test_a_route_may_fix_what_its_path_does_not_say() -> None:
    router = Router([Route("GET", "/old/deal/{id}", print, "read_deal_v1", fixed={"type": "deals"})])
    assert hit(router, "/old/deal/7") == ("/old/deal/{id}", {"id": "7", "type": "deals"})
