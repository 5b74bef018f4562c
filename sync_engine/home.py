"""Which pair of systems a store belongs to: in another environment its ids name nothing, or somebody else's record."""

from __future__ import annotations

from sync_engine.store import Store, StoreError

HOME = "home"
NO_PORTAL = "-"


def claim(store: Store, crm_url: str, crm_portal: str, erp_url: str) -> None:
    """Write down the pair at the first start. Raises StoreError when the store belongs to another one."""
    known = store.cursor(HOME).split()
    here = [crm_url.rstrip("/"), erp_url.rstrip("/"), crm_portal or NO_PORTAL]
    for was, now, what in zip(known, here, ("the CRM at", "the ERP at", "the CRM account"), strict=False):
        if was != now and NO_PORTAL not in (was, now):
            raise StoreError(
                f"the store belongs to {what} {was}, but the configuration names {now}; another environment needs its own store; "
                "or run `syncproof-engine store adopt` if it is the same at a new address"
            )
    if known != here and not (known and here[2] == NO_PORTAL):
        _write(store, here)


def adopt(store: Store, crm_url: str, crm_portal: str, erp_url: str) -> None:
    """The same systems have new addresses."""
    _write(store, [crm_url.rstrip("/"), erp_url.rstrip("/"), crm_portal or NO_PORTAL])


def _write(store: Store, home: list[str]) -> None:
    with store.transaction():
        store.set_cursor(HOME, " ".join(home))
