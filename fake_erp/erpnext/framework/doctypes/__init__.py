"""Compact field tables of the DocTypes this fake models, one module per part of the business.

`TABLES`: flags and fields of each. `MORE`: further fields of some, which documents have only when somebody sets them.
"""

from __future__ import annotations

from typing import Final

from fake_erp.erpnext.framework.doctypes import (
    fulfilment,
    ledgers,
    masters,
    money,
    more_children,
    more_fulfilment,
    more_invoices,
    more_masters,
    more_money,
    more_selling,
    selling,
    system,
    timeline,
)

TABLES: Final[dict[str, tuple[str, str]]] = {
    **selling.TABLES,
    **fulfilment.TABLES,
    **ledgers.TABLES,
    **masters.TABLES,
    **money.TABLES,
    **system.TABLES,
    **timeline.TABLES,
    **more_selling.TABLES,
    **more_fulfilment.TABLES,
    **more_invoices.TABLES,
    **more_children.TABLES,
}
MORE: Final[dict[str, str]] = {
    **more_selling.MORE,
    **more_fulfilment.MORE,
    **more_invoices.MORE,
    **more_money.MORE,
    **more_masters.MORE,
}
