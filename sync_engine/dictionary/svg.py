"""Charts as one SVG, laid out here: lanes are columns, steps are rows. No script, nothing from a network, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from unicodedata import east_asian_width
from xml.sax.saxutils import escape, quoteattr

from sync_engine.dictionary.flowchart import LANES, Chart, Edge, Node

LANE_WIDTH: Final = 250
BOX_WIDTH: Final = 200
LINE: Final = 17
PADDING: Final = 12
ROW_GAP: Final = 34
HEAD: Final = 78  # title and names of lanes
MARGIN: Final = 24
CHARACTERS: Final = 25.0  # of a line in a box, at 13 px, in the width of a usual letter
QUESTION_CHARACTERS: Final = 21.0  # its ends are pointed
TITLE_CHARACTERS: Final = 100.0
_CAPITAL: Final = 1.3
_WIDEST: Final = frozenset("mwMW@%—→")
_SLANT: Final = 16
_RADIUS: Final = {"event": 16, "step": 4, "record": 4}
_STYLE: Final = """
svg { background: #fff; font: 13px system-ui, sans-serif; }
text { fill: #1c2530; } .title { font-weight: 600; font-size: 15px; } .lane { fill: #5a6675; font-weight: 600; }
.column { fill: #f4f6f8; } .box { stroke: #8593a3; fill: #fff; } .event { fill: #dcebff; stroke: #3b78c4; }
.record { fill: #e0f3e4; stroke: #3f8f55; } .question { fill: #fff3d0; stroke: #b98a1c; }
.person { fill: #fbe1df; stroke: #bb4f47; }
.edge { stroke: #5a6675; fill: none; stroke-width: 1.5; } .head { fill: #5a6675; } .label { fill: #1c2530; font-size: 12px; }
@media (prefers-color-scheme: dark) {
svg { background: #14191f; } text, .label { fill: #e4e9ef; } .lane { fill: #9aa7b5; } .column { fill: #1c232b; }
.box { fill: #232c36; stroke: #64748a; } .event { fill: #1d3553; stroke: #5b9bea; } .record { fill: #1c3a26; stroke: #5cb377; }
.question { fill: #43381a; stroke: #d5a63a; } .person { fill: #4a2522; stroke: #e07a71; } .edge { stroke: #9aa7b5; }
.head { fill: #9aa7b5; } }
"""


def svg(charts: Sequence[Chart]) -> str:
    """All charts under each other."""
    width = 2 * MARGIN + len(LANES) * LANE_WIDTH
    parts: list[str] = []
    top = MARGIN
    for chart in charts:
        drawing = _Drawing(chart, top)
        parts += drawing.parts()
        top += drawing.height + MARGIN
    title = charts[0].title if len(charts) == 1 else "Processes of the data dictionary"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top}" viewBox="0 0 {width} {top}" role="img"'
            f" aria-label={quoteattr(title)}>",
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>",
            '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
            '<path class="head" d="M0 0 L8 4 L0 8 z"/></marker></defs>',
            *parts,
            "</svg>\n",
        ]
    )


def wrapped(text: str, most: float) -> list[str]:
    """Lines that are at most `most` usual letters wide; a longer word is broken."""
    lines = [""]
    for word in text.split():
        if lines[-1] and measured(f"{lines[-1]} {word}") > most:
            lines.append("")
        line = f"{lines[-1]} {word}".strip()
        while measured(line) > most:
            cut = _fitting(line, most)
            lines[-1] = line[:cut]
            line = line[cut:]
            lines.append("")
        lines[-1] = line
    return lines


def measured(text: str) -> float:
    """The width in usual letters: capitals are wider, m, w and East Asian signs twice as wide."""
    return sum(map(_width, text))


def _width(sign: str) -> float:
    if sign in _WIDEST or east_asian_width(sign) in "WF":
        return 2.0
    return _CAPITAL if sign.isupper() else 1.0


def _fitting(line: str, most: float) -> int:
    """How many characters of the line fit, at least one."""
    width = 0.0
    for number, sign in enumerate(line):
        width += measured(sign)
        if width > most:
            return max(number, 1)
    return len(line)


class _Drawing:
    """One chart, from `top` downwards."""

    def __init__(self, chart: Chart, top: int) -> None:
        self._chart, self._top = chart, top
        self._title = wrapped(chart.title, TITLE_CHARACTERS)
        self._head = HEAD + (len(self._title) - 1) * LINE
        self._lines = {each.id: wrapped(each.text, _characters(each)) for each in chart.nodes}
        self._nodes = {each.id: each for each in chart.nodes}
        heights: dict[int, int] = {}
        for each in chart.nodes:
            heights[each.row] = max(heights.get(each.row, 0), self._box_height(each))
        self._row_middle: dict[int, float] = {}
        y = float(top + self._head)
        for row in sorted(heights):
            self._row_middle[row] = y + heights[row] / 2
            y += heights[row] + ROW_GAP
        self.height = int(y - top - ROW_GAP + MARGIN)

    def parts(self) -> list[str]:
        found = [
            f'<text class="title" x="{MARGIN}" y="{self._top + 16 + number * LINE}">{escape(line)}</text>'
            for number, line in enumerate(self._title)
        ]
        lanes = self._top + self._head - 44
        for lane in LANES:
            middle = _middle(lane)
            found.append(
                f'<rect class="column" x="{middle - LANE_WIDTH / 2 + 4:g}" y="{lanes}" width="{LANE_WIDTH - 8}"'
                f' height="{self.height - self._head + 44}" rx="6"/>'
            )
            name = wrapped(self._chart.names[lane], CHARACTERS)[0]
            found.append(f'<text class="lane" x="{middle:g}" y="{lanes + 22}" text-anchor="middle">{escape(name)}</text>')
        found += [part for edge in self._chart.edges for part in self._edge(edge)]
        return found + [part for node in self._chart.nodes for part in self._box(node)]

    def _box_height(self, node: Node) -> int:
        return len(self._lines[node.id]) * LINE + 2 * PADDING

    def _box(self, node: Node) -> list[str]:
        x, y = _middle(node.lane), self._row_middle[node.row]
        height = self._box_height(node)
        left, right, top, bottom = x - BOX_WIDTH / 2, x + BOX_WIDTH / 2, y - height / 2, y + height / 2
        if node.shape == "question":
            outline = f"{left:g},{y:g} {left + _SLANT:g},{top:g} {right - _SLANT:g},{top:g} {right:g},{y:g} "
            outline += f"{right - _SLANT:g},{bottom:g} {left + _SLANT:g},{bottom:g}"
            shape = f'<polygon class="box question" points="{outline}"/>'
        else:
            radius = _RADIUS.get(node.shape, 12)
            shape = f'<rect class="box {node.shape}" x="{left:g}" y="{top:g}" width="{BOX_WIDTH}" height="{height}" rx="{radius}"/>'
        first = top + PADDING + 13
        return [shape] + [
            f'<text x="{x:g}" y="{first + number * LINE:g}" text-anchor="middle">{escape(line)}</text>'
            for number, line in enumerate(self._lines[node.id])
        ]

    def _edge(self, edge: Edge) -> list[str]:
        """Sideways within a row, downwards within a lane: a chart has no others, and so nothing crosses a box."""
        start, end = self._nodes[edge.start], self._nodes[edge.end]
        y = self._row_middle[start.row]
        if start.row == end.row:
            step = 1 if _middle(end.lane) > _middle(start.lane) else -1
            x1, x2 = _middle(start.lane) + step * BOX_WIDTH / 2, _middle(end.lane) - step * BOX_WIDTH / 2
            line = f"M{x1:g} {y:g} L{x2:g} {y:g}"
            label = (x1 + step * 20, y - 6)
        else:
            x, y1 = _middle(start.lane), y + self._box_height(start) / 2
            y2 = self._row_middle[end.row] - self._box_height(end) / 2
            line = f"M{x:g} {y1:g} L{x:g} {y2:g}"
            label = (x + 18, (y1 + y2) / 2 + 4)
        found = [f'<path class="edge" d="{line}" marker-end="url(#arrow)"/>']
        if edge.label:
            found.append(f'<text class="label" x="{label[0]:g}" y="{label[1]:g}" text-anchor="middle">{escape(edge.label)}</text>')
        return found


def _middle(lane: str) -> float:
    return MARGIN + LANE_WIDTH * ([*LANES].index(lane) + 0.5)  # type: ignore[arg-type]


def _characters(node: Node) -> float:
    return QUESTION_CHARACTERS if node.shape == "question" else CHARACTERS
