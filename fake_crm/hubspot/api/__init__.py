"""The vendor's operations, one module an area of its reference: plain functions `(account, call) -> Reply`."""
