"""ERPNext v15, as an integration of quote-to-cash meets it; README.md says what is modelled."""

from fake_erp.erpnext.dialect import ErpNextFake
from harness.kit.fake import FakeSpec

SPEC = FakeSpec(vendor="erpnext", system="erp", title="ERPNext", create=ErpNextFake, default_host="https://erp.example.com")
