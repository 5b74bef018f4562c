"""What stays of changes and deletions: Version and Deleted Document. Fields of integrations' interest only (our choice)."""

from __future__ import annotations

from typing import Final

VERSION: Final = """
ref_doctype | Data | Ref DocType | reqd
docname | Data | Document Name | reqd
data | Code | Data | ro
"""

DELETED_DOCUMENT: Final = """
deleted_name | Data | Deleted Name | ro
deleted_doctype | Data | Deleted DocType | ro
restored | Check | Restored | ro
new_name | Data | New Name | ro
data | Code | Data | ro
"""

TABLES: Final = {
    "Version": ("hash", VERSION),
    "Deleted Document": ("hash", DELETED_DOCUMENT),
}
