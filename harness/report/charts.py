"""The charts of the HTML report: delays over time, rate-limit use over time, faults over time. Sizes do not grow with the run:
what falls on the same pixels is drawn once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from harness.report.numbers import RunNumbers
from harness.report.result import RunResult
from harness.report.spread import Delay
from harness.report.svg import TimeAxis, element, label, line, picture, title
from harness.report.usage import Usage
from harness.report.words import Words, count, fault_words, seconds_words

WIDTH: Final = 960
LEFT, RIGHT = 64, 944
COLUMN_PX: Final = 2
DOT_PX: Final = 3
DOTS_LARGE_MAX: Final = 300
_DELAY_TICKS_S: Final = (0.1, 1, 10, 60, 600, 3_600, 36_000, 360_000)


def delay_chart(result: RunResult, words: Words) -> str:
    """Dots: when a person acted, and how long until the other system showed it. The vertical axis is logarithmic."""
    numbers = result.numbers
    series = (("won", numbers.won_to_order.measured), ("back", numbers.erp_to_crm.measured))
    every = [delay.seconds for _, delays in series for delay in delays]
    if not every:
        return ""
    top, bottom = 16.0, 236.0
    axis = _axis(result)
    scale = _LogScale(max(0.05, min(every)), max(every), top, bottom)
    dots = "".join(_dots(name, delays, axis, scale) for name, delays in series)
    longest = seconds_words(max(every))
    description = f"{count(len(every), 'delay')}; the longest is {longest}. The figures are in the table beside the chart."
    return picture(
        "delays",
        f"Delays between {words.crm} and {words.erp} over time",
        description,
        WIDTH,
        268,
        axis.draw(top, bottom),
        scale.draw(),
        dots,
    )


class _LogScale:
    """Seconds from bottom to top, by powers."""

    def __init__(self, least: float, most: float, top: float, bottom: float) -> None:
        self._low = max((tick for tick in _DELAY_TICKS_S if tick <= least), default=0.05)
        self._high = min((tick for tick in _DELAY_TICKS_S if tick >= most and tick > self._low), default=most * 1.2)
        self._top, self._bottom = top, bottom

    def y(self, seconds: float) -> float:
        share = math.log(max(seconds, self._low) / self._low) / math.log(self._high / self._low)
        return self._bottom - share * (self._bottom - self._top)

    def draw(self) -> str:
        ticks = [tick for tick in _DELAY_TICKS_S if self._low <= tick <= self._high]
        marks = [line(LEFT, self.y(tick), RIGHT, self.y(tick), "grid") for tick in ticks]
        names = [label(LEFT - 8, self.y(tick) + 4, seconds_words(tick).replace(".0 s", " s"), "tick", "end") for tick in ticks]
        return "".join(marks + names)


def _dots(name: str, delays: Sequence[Delay], axis: TimeAxis, scale: _LogScale) -> str:
    places = {(round(axis.x(delay.cause_at) / DOT_PX), round(scale.y(delay.seconds) / DOT_PX)) for delay in delays}
    radius = 4 if len(places) < DOTS_LARGE_MAX else 2.2
    return "".join(element("circle", cx=x * DOT_PX, cy=y * DOT_PX, r=radius, class_=f"dot {name}") for x, y in sorted(places))


def usage_chart(result: RunResult, system: str, words: Words) -> str:
    """Bars: engine requests per window of the vendor's limit, the most of each column of pixels; the dashed line is the limit."""
    usage: Usage = result.numbers.usage[system]
    if not usage.by_window:
        return ""
    top, bottom = 24.0, 196.0
    axis = _axis(result)
    most = max(usage.peak, usage.limit or 0, 1) * 1.08
    columns = _columns(usage.by_window, axis)
    path = "".join(f"M{x} {bottom:g}V{bottom - number / most * (bottom - top):.1f}" for x, number in columns)
    parts = [axis.draw(top, bottom), element("path", d=path, class_="bars", stroke_width=COLUMN_PX)]
    parts.append(label(LEFT - 8, bottom + 4, "0", "tick", "end"))
    refused = _columns(usage.refused_by_window, axis)
    parts += [element("circle", cx=x, cy=top - 8, r=3.5, class_="dot bad") for x, _ in refused]
    if usage.limit is not None:
        y = bottom - usage.limit / most * (bottom - top)
        parts += [line(LEFT, y, RIGHT, y, "limit"), label(LEFT - 8, y + 4, str(usage.limit), "tick strong", "end")]
    else:
        parts.append(label(LEFT - 8, bottom - usage.peak / most * (bottom - top) + 4, str(usage.peak), "tick", "end"))
    name = words.system(system)
    heading = f"Requests to {name} per {usage.window_s} s"
    description = f"At most {count(usage.peak, 'request')} in one window" + (
        f"; the limit is {usage.limit}." if usage.limit is not None else "."
    )
    return picture(f"usage-{system}", heading, description, WIDTH, 228, *parts)


def _columns(by_window: Mapping[int, int], axis: TimeAxis) -> list[tuple[int, int]]:
    """(x, the most of all windows that fall on it), from left to right."""
    columns: dict[int, int] = {}
    for since, number in by_window.items():
        x = int(axis.x_of(since)) // COLUMN_PX * COLUMN_PX
        columns[x] = max(columns.get(x, 0), number)
    return sorted(columns.items())


def fault_chart(result: RunResult) -> str:
    """One row per kind of fault, one mark wherever it fired; engine crashes are a row of their own."""
    numbers = result.numbers
    rows = _fault_rows(numbers)
    if not rows:
        return ""
    left, row_px, top = 220.0, 26.0, 8.0
    bottom = top + row_px * len(rows)
    axis = _axis(result, left)
    parts = [axis.draw(top, bottom)]
    for position, (name, moments, class_) in enumerate(rows):
        y = top + row_px * (position + 0.5)
        parts += [label(left - 12, y + 4, f"{name} × {len(moments):,}", "tick strong", "end"), line(left, y, RIGHT, y, "grid")]
        places = sorted({round(axis.x(at) / COLUMN_PX) * COLUMN_PX for at in moments})
        path = "".join(f"M{x} {y - 7:g}V{y + 7:g}" for x in places)
        parts.append(element("path", title(f"{name}: {len(moments):,} times"), d=path, class_=class_))
    total = sum(numbers.faults.values())
    description = f"{count(total, 'fault')} fired; {count(numbers.engine_crashes, 'engine crash', 'engine crashes')}."
    return picture("faults-over-time", "Faults over time", description, WIDTH, bottom + 30, *parts)


def _fault_rows(numbers: RunNumbers) -> list[tuple[str, list[datetime], str]]:
    by_words: dict[str, list[datetime]] = {}
    for moment in numbers.fault_moments:
        by_words.setdefault(fault_words(moment.effect), []).append(moment.at)
    rows = [(name, moments, "mark fault") for name, moments in sorted(by_words.items(), key=lambda item: (-len(item[1]), item[0]))]
    if numbers.crashed_at:
        rows.insert(0, ("engine crashed", list(numbers.crashed_at), "mark crash"))
    return rows


def _axis(result: RunResult, left: float = LEFT) -> TimeAxis:
    return TimeAxis(result.history.started_at, result.history.ended_at, left, RIGHT)
