"""What the vendor says to queries it does not run. Source: facts 2.3; texts of the database and of `order_by` are our guess."""

from __future__ import annotations

from fake_erp.erpnext.errors import Refused, operational, throw


def not_permitted(name: object) -> Refused:
    return throw(f"Field not permitted in query: {name}", "DataError")


def restricted() -> Refused:
    return throw("Use of sub-query or function is restricted", "DataError")


def unknown_column(name: str, clause: str) -> Refused:
    """`clause`: `field list`, `where clause`, `order clause`, `group statement`, `on clause`."""
    return operational(1054, f"Unknown column '{name}' in '{clause}'")


def syntax_error(near: object) -> Refused:
    text = (
        "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right "
        f"syntax to use near '{near}' at line 1"
    )
    return Refused(500, "ProgrammingError", f"(1064, {text!r})")


def too_many_rows() -> Refused:
    """Joins of tables with thousands of rows each: no server finishes them."""
    return Refused(500, "QueryTimeoutError", "(1969, 'Query execution was interrupted (max_statement_time exceeded)')")
