"""One flow as a swim-lane picture: people, CRM, engine and ERP side by side, time downwards."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import Final

from harness.report.svg import element, label, line, picture, title
from harness.report.trace import Step, Trace
from harness.report.words import Words, count, duration_words, shorten

WIDTH: Final = 1080
LANES: Final = {"people": 164.0, "crm": 446.0, "engine": 736.0, "erp": 1020.0}
ROW_PX: Final = 36.0
TALL_ROW_PX: Final = 50.0  # with a line of text below the arrow
GAP_PX: Final = 26.0
TOP: Final = 56.0
GAP_SHOWN: Final = timedelta(minutes=1)
_PATH_MAX, _TEXT_MAX = 33, 38


def lane_picture(trace: Trace, words: Words) -> str:
    """The SVG. Its height grows with the number of steps, which `trace` caps."""
    rows, y = [], TOP
    before = None
    for step in trace.steps:
        if before is not None and step.at - before > GAP_SHOWN:
            rows.append(_gap(y, f"{duration_words(step.at - before)} later"))
            y += GAP_PX
        rows.append(_row(step, y, words))
        before = step.at
        y += _height(step)
    height = y + 8
    names = {"people": "People", "crm": words.crm, "engine": f"Engine: {words.engine}", "erp": words.erp}
    heads = "".join(_head(LANES[lane], shorten(name, 26)) for lane, name in names.items())
    rails = "".join(line(x, 40, x, height, "rail") for x in LANES.values())
    heading = f"Flow {trace.flow.number} between {words.crm}, the engine and {words.erp}"
    description = f"{count(len(trace.steps), 'step')}, time downwards. The same steps follow as a list."
    return picture("lanes", heading, description, WIDTH, height, element("defs", *_heads()), rails, heads, *rows)


def step_words(step: Step) -> str:
    """A step as one sentence part: `POST /api/resource/Customer → 201, reply lost`."""
    outcome = f" → {step.outcome}" if step.outcome else ""
    faults = f" ({', '.join(step.faults)})" if step.faults else ""
    who = f"{step.who}: " if step.who else ""
    return f"{who}{step.what}{outcome}{faults}"


def _heads() -> list[str]:
    shape = element("path", d="M0 0L8 4L0 8z")
    names = ("plain", "bad", "person", "hook")
    return [
        element(
            "marker", shape, id=f"head-{name}", class_=f"head {name}", markerWidth=8, markerHeight=8, refX=8, refY=4, orient="auto"
        )
        for name in names
    ]


def _head(x: float, name: str) -> str:
    width = 14 + 8.2 * len(name)
    left = min(x - width / 2, WIDTH - width - 2)
    box = element("rect", x=left, y=10, width=width, height=30, rx=8, class_="lane-box")
    return box + label(left + width / 2, 30, name, "lane-name", "middle")


def _gap(y: float, words: str) -> str:
    return line(LANES["people"] - 24, y + 14, WIDTH - 12, y + 14, "gap") + label(16, y + 18, words, "gap-text")


def _height(step: Step) -> float:
    return TALL_ROW_PX if _below(step) else ROW_PX


def _below(step: Step) -> str:
    """The text under an arrow: who acted, how a webhook was answered, or what went wrong."""
    if step.kind == "request" and not step.bad:
        return ""
    faults = (fault.removeprefix("webhook ") for fault in step.faults[:1])
    return " · ".join(dict.fromkeys(part for part in (step.who, step.outcome, *faults) if part))


def _row(step: Step, y: float, words: Words) -> str:
    clock = label(16, y + 24, words.clock_short(step.at), "clock")
    told = title(f"{words.clock(step.at)} {step_words(step)}" + (f", request {step.number}" if step.number else ""))
    box = element("rect", x=4, y=y + 1, width=WIDTH - 8, height=_height(step) - 2, rx=6, class_="marked") if step.marked else ""
    draw = _break if step.kind in ("crash", "restart") else _arrow
    return element("g", told, box, clock, draw(step, y + 20), class_="step")


def _arrow(step: Step, y: float) -> str:
    start, end = LANES[step.source], LANES[step.target]
    toward = 1 if end > start else -1
    name = "bad" if step.bad else {"person": "person", "webhook": "hook"}.get(step.kind, "plain")
    x1, x2 = start + 5 * toward, end - 5 * toward
    arrow = element("line", x1=x1, y1=y, x2=x2, y2=y, class_=f"arrow {name}", marker_end=f"url(#head-{name})")
    dot = element("circle", cx=start, cy=y, r=3.5, class_=f"dot-{name}")
    return arrow + dot + _texts(step, y)


def _texts(step: Step, y: float) -> str:
    """What an arrow says, above and below it. A person's arrow may cross lanes, so its words stand where it begins."""
    if step.kind == "person":
        x, anchor = LANES["people"] + 12, "start"
    else:
        x, anchor = (LANES[step.source] + LANES[step.target]) / 2, "middle"
    below = label(x, y + 15, shorten(_below(step), _TEXT_MAX), "bad-text" if step.bad else "by-text", anchor)
    if step.kind == "request" and not step.bad:
        return element(
            "text", escape(_short_path(step)), element("tspan", escape(step.outcome), dx=8, class_="fine-text"), **_at(x, y - 7)
        )
    above = _short_path(step) if step.kind == "request" else shorten(step.what, _TEXT_MAX)
    return label(x, y - 7, above, "step-text", anchor) + below


def _at(x: float, y: float) -> dict[str, str | float]:
    return {"x": x, "y": y, "class_": "step-text", "text_anchor": "middle"}


def _short_path(step: Step) -> str:
    """`GET …/deals/101` for `GET /crm/v3/objects/deals/101`."""
    method, _, path = step.what.partition(" ")
    parts = path.strip("/").split("/")
    return f"{method} {shorten(('…/' if len(parts) > 2 else '/') + '/'.join(parts[-2:]), _PATH_MAX)}"


def _break(step: Step, y: float) -> str:
    x = LANES["engine"]
    if step.kind == "restart":
        return element("circle", cx=x, cy=y, r=5, class_="restart") + label(x + 14, y + 4, step.what, "fine-text")
    zigzag = f"M{x - 46:g} {y:g}l12 -7l12 14l12 -14l12 14l12 -14l12 14l12 -7"
    return element("path", d=zigzag, class_="crash-line") + label(x + 52, y + 4, shorten(step.what, _TEXT_MAX), "bad-text")
