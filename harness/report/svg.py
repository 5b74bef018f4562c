"""Small pieces of inline SVG. All text passes through `escape`; colours are classes, so that light and dark agree."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape
from typing import Final

from harness.report.words import clean

TICK_STEPS_S: Final = (1, 5, 10, 30, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800)


def element(name: str, *children: str, **attributes: str | float) -> str:
    """Markup of one element. `children` are markup already; `class_` and `text_anchor` become `class` and `text-anchor`."""
    parts = [f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items()]
    return f"<{name}{''.join(parts)}>{''.join(children)}</{name}>"


def label(x: float, y: float, words: str, class_: str, anchor: str = "start") -> str:
    return element("text", escape(clean(words)), x=x, y=y, class_=class_, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> str:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def title(words: str) -> str:
    return element("title", escape(clean(words)))


def picture(name: str, heading: str, description: str, width: float, height: float, *children: str) -> str:
    """A whole `<svg>` that a screen reader announces by its heading and description. `name` is its id on the page."""
    told = element("title", escape(clean(heading)), id=f"{name}-title") + element(
        "desc", escape(clean(description)), id=f"{name}-desc"
    )
    box = f"0 0 {_value(width)} {_value(height)}"
    return element(
        "svg", told, *children, id=name, viewBox=box, role="img", aria_labelledby=f"{name}-title {name}-desc", class_="picture"
    )


class TimeAxis:
    """Virtual time from left to right between two pixel positions."""

    def __init__(self, start: datetime, end: datetime, left: float, right: float) -> None:
        self.start, self.left, self.right = start, left, right
        self.seconds = max((end - start).total_seconds(), 1.0)
        self._days = start.date() != end.date()

    def x(self, at: datetime) -> float:
        return self.x_of((at - self.start).total_seconds())

    def x_of(self, since_s: float) -> float:
        share = min(max(since_s / self.seconds, 0.0), 1.0)
        return self.left + share * (self.right - self.left)

    def draw(self, top: float, bottom: float) -> str:
        """Faint lines at round clock times, with the times below."""
        step = next((step for step in TICK_STEPS_S if self.seconds / step <= 8), TICK_STEPS_S[-1])
        since = -self.start.timestamp() % step
        marks = []
        while since <= self.seconds:
            x = self.x_of(since)
            marks += [line(x, top, x, bottom, "grid"), label(x, bottom + 18, self._clock(since, step), "tick", "middle")]
            since += max(step, self.seconds / 8 if step == TICK_STEPS_S[-1] else step)
        return "".join(marks)

    def _clock(self, since_s: float, step_s: int) -> str:
        at = self.start + timedelta(seconds=since_s)
        if step_s >= 86_400:
            return f"{at:%m-%d}"
        if step_s < 60:
            return f"{at:%H:%M:%S}"
        return f"{at:%m-%d %H:%M}" if self._days else f"{at:%H:%M}"


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return escape(clean(value))
    return f"{value:.1f}".removesuffix(".0")
