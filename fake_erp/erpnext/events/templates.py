"""The templates of webhooks: Jinja in a sandbox where a slip does not eat the machine. Source: facts 6.3; the bounds are ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

from jinja2 import DebugUndefined, Template
from jinja2.exceptions import SecurityError
from jinja2.filters import do_format
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fake_erp.erpnext.events.views import DocView, Utils, as_json, plain

SIZE_MAX: Final = 100_000  # characters or elements of a value, steps of all ranges of one rendering
POWER_MAX: Final = 100
_WIDE: Final = re.compile(r"\d{6}|\*|\{[^{}]*\{")  # widths as numbers, or as values, in what formats a text


class _Templates(ImmutableSandboxedEnvironment):
    """`doc.items` is the table of that name, as in the vendor's documents. What is not there is written as it stands."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, DocView | Utils):
            try:
                return obj.attribute(attribute)
            except AttributeError:
                return self.undefined(obj=obj, name=attribute)
        if isinstance(obj, str) and attribute.startswith("format") and _WIDE.search(obj):
            return self.unsafe_undefined(obj, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self.getattr(obj, str(argument)) if isinstance(obj, DocView | Utils) else super().getitem(obj, argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Raises SecurityError for what would grow beyond its bounds."""
        if operator == "**" and not (abs(left) <= SIZE_MAX and abs(right) <= POWER_MAX):
            raise SecurityError("the power is too large")
        if operator == "*" and any(
            isinstance(each, str | list | tuple) and isinstance(times, int) and len(each) * times > SIZE_MAX
            for each, times in ((left, right), (right, left))
        ):
            raise SecurityError("the value is too long")
        if operator == "%" and isinstance(left, str) and _WIDE.search(left):
            raise SecurityError("the text is too wide")
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Raises SecurityError for a text that would be padded beyond its bounds."""
        of_text = isinstance(getattr(function, "__self__", None), str)
        if of_text and any(isinstance(value, int) and value > SIZE_MAX for value in args):
            raise SecurityError("the text is too wide")
        return super().call(context, function, *args, **kwargs)


def _narrow(fill: Callable[..., str]) -> Callable[..., str]:
    """A filter that pads, with a bounded width."""

    def bounded(value: Any, *args: Any, **kwargs: Any) -> str:
        if any(isinstance(each, int) and each > SIZE_MAX for each in (*args, *kwargs.values())):
            raise SecurityError("the text is too wide")
        return fill(value, *args, **kwargs)

    return bounded


def _formatted(value: Any, *args: Any, **kwargs: Any) -> str:
    """Jinja's filter `format`, with bounded widths."""
    if _WIDE.search(str(value)):
        raise SecurityError("the text is too wide")
    return str(do_format(value, *args, **kwargs))


class _Steps:
    """`range` for one rendering: all its ranges together have a bounded number of steps."""

    def __init__(self) -> None:
        self.left = SIZE_MAX

    def __call__(self, *args: int) -> Iterator[int]:
        steps = range(*args)
        self.left -= len(steps)
        if self.left < 0:
            raise SecurityError("too many steps")
        return iter(steps)


_JINJA = _Templates(undefined=DebugUndefined)
_JINJA.policies["json.dumps_kwargs"] = {"sort_keys": True, "default": plain}
_JINJA.filters.update(json=as_json, len=len, int=int, str=str)
_JINJA.filters.update(format=_formatted, **{name: _narrow(_JINJA.filters[name]) for name in ("center", "indent")})
del _JINJA.globals["lipsum"]


@lru_cache(maxsize=128)
def template(text: str) -> Template:
    """Raises TemplateError or RecursionError for a text that is no template."""
    return _JINJA.from_string(text)


def render_template(text: str, doc: DocView, utils: Utils) -> str:
    """A template may raise anything."""
    return template(text).render(doc=doc, utils=utils, range=_Steps())
