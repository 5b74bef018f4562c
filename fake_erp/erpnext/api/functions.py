"""What the vendor knows of a function besides its body: arguments and their types, verbs, whether guests may call it.

Source: facts 2.8. Arguments are written as in a Python signature, shortened: `doctype name? page_length?:int`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.api.requests import required
from fake_erp.erpnext.errors import throw
from harness.kit.call import Call

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

Method = Callable[["ErpNextFake", Call, dict[str, Any]], Any]
WRITE = frozenset({"POST", "PUT"})
_TYPES: dict[str, type] = {"str": str, "int": int}


class Raw:
    """A body of its own instead of `message`."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body


@dataclass(frozen=True, slots=True)
class Function:
    """A function with its signature; calling it checks the arguments first. `verbs` None: any."""

    run: Method
    name: str
    required: tuple[str, ...]
    types: tuple[tuple[str, type], ...]
    verbs: frozenset[str] | None = None
    guest: bool = False

    def __call__(self, fake: ErpNextFake, call: Call, args: dict[str, Any]) -> Any:
        """Raises Refused: 500 TypeError for a missing argument, 417 FrappeTypeError for one of another type."""
        required(args, self.name, *self.required)
        for name, wanted in self.types:
            if args.get(name) is not None:
                args = {**args, name: _typed(name, wanted, args[name])}
        return self.run(fake, call, args)


def function(run: Method, name: str, takes: str = "", *, verbs: frozenset[str] | None = None, guest: bool = False) -> Function:
    needed, types = [], []
    for word in takes.split():
        argument, _, kind = word.partition(":")
        if not argument.endswith("?"):
            needed.append(argument)
        if kind:
            types.append((argument.rstrip("?"), _TYPES[kind]))
    return Function(run, name, tuple(needed), tuple(types), verbs, guest)


def _typed(name: str, wanted: type, value: Any) -> Any:
    if isinstance(value, wanted) and not (wanted is int and isinstance(value, bool)):
        return value
    if wanted is int and isinstance(value, (str, bool)):
        try:
            return int(value)
        except ValueError:
            pass
    text = f"Argument '{name}' should be of type '{wanted.__name__}' but got '{type(value).__name__}' instead."
    raise throw(text, "FrappeTypeError")
