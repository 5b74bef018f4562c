"""ERPNext v15, as an integration of quote-to-cash meets it; README.md says what is modelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_erp.erpnext.dialect import ErpNextFake
from harness.kit.fake import FakeSpec

if TYPE_CHECKING:
    from harness.kit.contract import Contract


def _contract() -> Contract:
    from fake_erp.erpnext.contract import contract  # only for those who ask: serving starts without it

    return contract()


SPEC = FakeSpec(
    vendor="erpnext",
    system="erp",
    title="ERPNext",
    create=ErpNextFake,
    default_host="https://erp.example.com",
    contract=_contract,
)
