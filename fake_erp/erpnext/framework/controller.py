"""The hooks a DocType's own rules may implement; the document machinery calls them in the vendor's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fake_erp.erpnext.framework.meta import Doc
    from fake_erp.erpnext.framework.site import Site


class Controller:
    """Rules of one DocType. `doc` is the document in hand and may be changed; `old` is what is stored, None on insert."""

    def autoname(self, site: Site, doc: Doc) -> str | None:
        """A name for a document whose DocType names itself; None leaves it to the DocType's naming rule."""
        return None

    def before_insert(self, site: Site, doc: Doc) -> None: ...

    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None: ...

    def before_submit(self, site: Site, doc: Doc) -> None: ...

    def before_update_after_submit(self, site: Site, doc: Doc, old: Doc) -> None: ...

    def before_cancel(self, site: Site, doc: Doc) -> None: ...

    def after_insert(self, site: Site, doc: Doc) -> None: ...

    def on_update(self, site: Site, doc: Doc) -> None: ...

    def on_submit(self, site: Site, doc: Doc) -> None: ...

    def on_cancel(self, site: Site, doc: Doc) -> None: ...

    def on_trash(self, site: Site, doc: Doc) -> None: ...

    def before_rename(self, site: Site, old: str, new: str, merge: bool) -> None: ...

    def after_rename(self, site: Site, old: str, new: str, merge: bool) -> None: ...


PLAIN = Controller()
CONTROLLERS: dict[str, Controller] = {}


def controller_of(doctype: str) -> Controller:
    return CONTROLLERS.get(doctype, PLAIN)
