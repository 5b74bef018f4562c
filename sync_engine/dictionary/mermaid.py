"""Charts as Mermaid text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sync_engine.dictionary.flowchart import LANES, Chart, Shape

_SHAPES: Final[dict[Shape, tuple[str, str]]] = {
    "event": ("([", "])"),
    "step": ("[", "]"),
    "question": ("{{", "}}"),
    "record": ("[(", ")]"),
    "person": ("[/", "/]"),
}
_ESCAPES: Final = {"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "\n": " ", "\r": " "}


def mermaid(charts: Sequence[Chart]) -> str:
    """One flowchart with a subgraph for each process and, in it, one for each lane."""
    lines = ["flowchart TB"]
    for number, chart in enumerate(charts):
        lines.append(f'  subgraph p{number}["{escaped(chart.title)}"]')
        for lane in LANES:
            nodes = [each for each in chart.nodes if each.lane == lane]
            if nodes:
                lines.append(f'    subgraph p{number}{lane}["{escaped(chart.names[lane])}"]')
                lines += [f"      p{number}{each.id}{_boxed(each.shape, each.text)}" for each in nodes]
                lines.append("    end")
        for edge in chart.edges:
            label = f'|"{escaped(edge.label)}"|' if edge.label else ""
            lines.append(f"    p{number}{edge.start} -->{label} p{number}{edge.end}")
        lines.append("  end")
    return "\n".join(lines) + "\n"


def _boxed(shape: Shape, text: str) -> str:
    before, after = _SHAPES[shape]
    return f'{before}"{escaped(text)}"{after}'


def escaped(text: str) -> str:
    """Mermaid's own entities: nothing of a name can end the quotes or be markup."""
    return "".join(_ESCAPES.get(sign, sign) for sign in text)
