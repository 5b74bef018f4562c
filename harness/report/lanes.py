"""One flow as a swim-lane picture: people, CRM, engine and ERP side by side, time downwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from harness.report.svg import element, label, line, picture, title
from harness.report.trace import Step, Trace
from harness.report.words import Words, count, duration_words, shorten

WIDTH: Final = 1080
LANES: Final = {"people": 190.0, "crm": 450.0, "engine": 740.0, "erp": 1020.0}
ROW_PX: Final = 38.0
GAP_PX: Final = 30.0
TOP: Final = 72.0
GAP_SHOWN: Final = timedelta(minutes=1)
_PATH_MAX, _SUBJECT_MAX, _ACTION_MAX, _FAULT_MAX = 33, 38, 40, 40


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
        y += ROW_PX
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
    return f"{step.what}{outcome}{faults}"


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
    return line(LANES["people"] - 24, y - 6, WIDTH - 12, y - 6, "gap") + label(16, y - 2, words, "gap-text")


def _row(step: Step, y: float, words: Words) -> str:
    clock = label(16, y + 18, words.clock(step.at), "clock")
    told = title(f"{words.clock(step.at)} {step_words(step)}" + (f", request {step.number}" if step.number else ""))
    draw = _break if step.kind in ("crash", "restart") else _arrow
    marked = [element("rect", x=4, y=y - 8, width=WIDTH - 8, height=ROW_PX - 3, rx=6, class_="marked")] if step.marked else []
    return element("g", told, *marked, clock, draw(step, y + 20), class_="step")


def _arrow(step: Step, y: float) -> str:
    start, end = LANES[step.source], LANES[step.target]
    toward = 1 if end > start else -1
    name = "bad" if step.bad else {"person": "person", "webhook": "hook"}.get(step.kind, "plain")
    x1, x2 = start + 5 * toward, end - 5 * toward
    arrow = element("line", x1=x1, y1=y, x2=x2, y2=y, class_=f"arrow {name}", marker_end=f"url(#head-{name})")
    dot = element("circle", cx=start, cy=y, r=3.5, class_=f"dot-{name}")
    if step.kind == "person":
        return arrow + dot + label(start + 12, y - 7, shorten(step.what, _ACTION_MAX), "step-text")
    middle = (start + end) / 2
    outcome = "bad-text" if step.bad else "fine-text"
    text, tail = _short_text(step), step.outcome
    if step.faults:
        tail = f"{step.outcome} · {step.faults[0]}" if step.outcome else step.faults[0]
    below = label(middle, y + 13, shorten(tail, _FAULT_MAX), outcome, "middle") if step.bad else ""
    status = element("tspan", tail, dx=8, class_=outcome) if not step.bad and step.outcome.isdigit() else ""
    upper = label(middle, y - 7, text, "step-text", "middle")
    return arrow + dot + (upper.replace("</text>", f"{status}</text>") if status else upper) + below


def _short_text(step: Step) -> str:
    if step.kind == "webhook":
        return shorten(step.what, _SUBJECT_MAX)
    method, _, path = step.what.partition(" ")
    parts = path.strip("/").split("/")
    tail = "/".join(parts[-2:])
    return f"{method} {shorten(('…/' if len(parts) > 2 else '/') + tail, _PATH_MAX)}"


def _break(step: Step, y: float) -> str:
    x = LANES["engine"]
    if step.kind == "restart":
        return element("circle", cx=x, cy=y - 4, r=5, class_="restart") + label(x + 12, y, step.what, "fine-text")
    zigzag = f"M{x - 46} {y - 4}l12 -7l12 14l12 -14l12 14l12 -14l12 14l12 -7"
    return element("path", d=zigzag, class_="crash-line") + label(x + 52, y, shorten(step.what, _ACTION_MAX), "bad-text")
