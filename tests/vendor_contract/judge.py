"""The verdict on one answer: None when it is what the vendor's document says, else one line: operation, path and reason."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import msgspec

from harness.kit.call import Call, Reply
from harness.kit.routing import MethodNotAllowed, Route, Router
from vendor_contract.deviations import BODILESS, LEGACY, PAGES, STATUSES, UNDOCUMENTED, Undocumented
from vendor_contract.documents import Documents, Operation, rank
from vendor_contract.shapes import Shapes

JSON = "application/json;charset=utf-8"
PAGE = "text/html;charset=utf-8"
Decoders = list[msgspec.json.Decoder[Any]]


class Judge:
    """Knows the documents; makes the types of an operation's answers when it first meets them. `counts` is by operation."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.counts: dict[str, int] = {}
        self._shapes: dict[str, Shapes] = {}
        self._decoders: dict[tuple[str, str, str], Decoders | None] = {}
        self._others: dict[str, Decoders] = {}  # refusals by document, and answers that no document has
        # what bodies that no document has may refer to: records
        self._generic = "custom_objects" if "custom_objects" in documents.contents else min(documents.contents, key=rank)
        self._undocumented = Router(Route(each.method, each.path, lambda found=each: found, each.facts) for each in UNDOCUMENTED)

    def verdict(self, call: Call, reply: Reply) -> str | None:
        """For an answer that reached the wire whole: what is wrong with it, or None."""
        reason = self._reason(call, reply)
        return None if reason is None else f"{call.operation or '?'}: {call.method} {call.path} -> {reply.status}: {reason}"

    def _reason(self, call: Call, reply: Reply) -> str | None:
        kind, status = reply.headers.get("content-type"), reply.status
        if (call.operation, status) in PAGES:
            return None if kind == PAGE else f"the content type is {kind}"
        if status in BODILESS and not reply.body:
            return None if kind is None else f"there is a content type ({kind}) and no body"
        if status >= 400:
            self._count(f"error {status}")
            return self._body(self._of_error(call), reply)
        found = self.documents.of_call(call.method, call.path)
        if not found:
            return self._without_document(call, reply)
        for operation in found:
            declared = _declared(operation, status)
            if declared is not None:
                self._count(operation.name)
                return self._body(self._of_operation(operation, declared), reply)
        return f"{found[0].document} declares {', '.join(sorted(found[0].responses))} for {found[0].name}"

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1

    def _body(self, decoders: Decoders | None, reply: Reply) -> str | None:
        kind = reply.headers.get("content-type")
        if decoders is None:
            return None if not reply.body and kind is None else "the document declares no body"
        if kind != JSON:
            return f"the content type is {kind}"
        reason = ""
        for decoder in decoders:
            try:
                decoder.decode(reply.body)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                reason = reason or str(error)
            else:
                return None
        return reason

    def _without_document(self, call: Call, reply: Reply) -> str | None:
        try:
            hit = self._undocumented.match(call.method, call.path)
        except MethodNotAllowed:
            hit = None
        if hit is None:
            return "no document has this operation, and the table of those that none has does not list it"
        self._count(f"{hit[0].method} {hit[0].template}")
        found: Undocumented = hit[0].handler()
        if found.body is not None:
            return self._body(self._of_undocumented(found), reply)
        kind = reply.headers.get("content-type")
        return None if kind in (JSON, None) else f"the content type is {kind}"

    def _of_undocumented(self, found: Undocumented) -> Decoders:
        key = f"{found.method} {found.path}"
        if key not in self._others:
            assert found.body is not None
            self._others[key] = self._shapes_of(LEGACY).decoders(found.body)
        return self._others[key]

    def _of_operation(self, operation: Operation, status: str) -> Decoders | None:
        key = (operation.document, operation.name, status)
        if key not in self._decoders:
            content = operation.responses.get(status, {}).get("content")
            schema = next(iter(content.values()))["schema"] if content else None
            self._decoders[key] = self._shapes_of(operation.document).decoders(schema) if schema else None
        return self._decoders[key]

    def _of_error(self, call: Call) -> Decoders:
        found = self.documents.of_call(call.method, call.path)
        name = found[0].document if found else LEGACY
        if name not in self._others:
            self._others[name] = self._shapes_of(name).decoders({"$ref": "#/components/schemas/Error"})
        return self._others[name]

    def _shapes_of(self, name: str) -> Shapes:
        if name not in self._shapes:
            self._shapes[name] = Shapes(name, self.documents.contents[name if name != LEGACY else self._generic])
        return self._shapes[name]


def _declared(operation: Operation, status: int) -> str | None:
    """The declared status whose schema speaks for this one (`-`: none does, no body), or None where nobody knows it."""
    if str(status) in operation.responses:
        return str(status)
    for each in STATUSES:
        if each.status == status and fnmatchcase(operation.name, each.operation):
            return str(each.like or "-")
    return None
