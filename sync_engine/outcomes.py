"""How a vendor call can end when it does not end well.

VendorError
├── Transient        nothing was written; try again later
│   ├── Throttled    ... and not before `retry_after`
│   └── WrongKey     ... once somebody has corrected the credentials
├── Unknown          a write may or may not have happened: look before trying again
└── Refused          the vendor said no, and will say no again
    ├── Conflict     a unique value is taken: somebody (perhaps we) wrote it before
    └── NotFound     the record does not exist (any more)
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

Classification = Literal["transient", "permanent", "conflict", "needs a person"]


class VendorError(Exception):
    """`system` is "crm" or "erp"; the text is plain, one line, free of secrets and fit for people."""

    def __init__(self, system: str, text: str) -> None:
        super().__init__(text)
        self.system = system


class Transient(VendorError):
    """Not applied. `retry_after` is the least time to wait, where the vendor told one."""

    def __init__(self, system: str, text: str, retry_after: timedelta | None = None) -> None:
        super().__init__(system, text)
        self.retry_after = retry_after


class Throttled(Transient):
    """A rate limit answered."""


class WrongKey(Transient):
    """The vendor does not accept our credentials."""


class Unknown(VendorError):
    """No answer, or an answer that does not say whether the write was applied."""


class Refused(VendorError):
    """Definitely not applied, and not going to be."""


class Conflict(Refused):
    """A unique value exists already."""


class NotFound(Refused):
    """No such record."""


class Problem(Exception):
    """Something only a person can put right. `record` is what they have to look at, such as `crm deals 123`; `classification`
    is what the vendor's refusal says, where one led to this, unless it is given."""

    def __init__(self, record: str, cause: str, hint: str = "", classification: Classification | None = None) -> None:
        super().__init__(cause)
        self.record, self.cause, self.hint = record, cause, hint
        self._classification = classification

    @property
    def classification(self) -> Classification:
        if self._classification is not None:
            return self._classification
        return classify(self.__cause__ or self.__context__)


class NotYet(Exception):
    """Not ready to be handled; come back after `wait`. No failure, so it is not counted as one."""

    def __init__(self, reason: str, wait: timedelta) -> None:
        super().__init__(reason)
        self.wait = wait


def classify(error: BaseException | None) -> Classification:
    """`transient`: passes by itself. `permanent`: refused, and will be again. `conflict`: two records claim one value."""
    if isinstance(error, Conflict):
        return "conflict"
    if isinstance(error, Refused):
        return "permanent"
    if isinstance(error, VendorError | NotYet):
        return "transient"
    return "needs a person"
