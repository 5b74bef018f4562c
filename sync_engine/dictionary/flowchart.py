"""The trigger-and-action sequence of a process as a graph in four lanes: CRM, engine, ERP, people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sync_engine.dictionary.model import Action, Dictionary, DictionaryError, Entity, Process, System, nearest

Lane = Literal["crm", "engine", "erp", "people"]
Shape = Literal["event", "step", "question", "record", "person"]
LANES: Final[tuple[Lane, ...]] = ("crm", "engine", "erp", "people")
_LISTED_MAX: Final = 4
_EVENTS: Final = {
    "appears": "{thing} appears",
    "changes": "{thing} changes",
    "enters": "{thing} enters {when}",
    "leaves": "{thing} leaves {when}",
    "disappears": "{thing} disappears",
    "merges": "{thing} is merged with another",
}
_STEPS: Final = {
    "ensure": "Find, match or create {thing}",
    "create": "Create {thing} once",
    "update": "Carry the changes of {thing} over",
    "amend": "Amend {thing}",
    "cancel": "Cancel {thing}",
    "report": "Report on {thing}",
    "tell": "Tell a person about {thing}",
}


@dataclass(frozen=True, slots=True)
class Node:
    """A box. Nodes of one `row` stand side by side."""

    id: str
    lane: Lane
    row: int
    shape: Shape
    text: str


@dataclass(frozen=True, slots=True)
class Edge:
    start: str
    end: str
    label: str = ""


@dataclass(slots=True)
class Chart:
    """One process."""

    title: str
    names: dict[Lane, str]
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def add(self, lane: Lane, row: int, shape: Shape, text: str) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(Node(name, lane, row, shape, text))
        return name


def charts(dictionary: Dictionary, process: str | None = None) -> list[Chart]:
    """A chart of each process, or of the one that is asked for. Raises DictionaryError when there is none."""
    known = [each.name for each in dictionary.processes]
    if process is not None and process not in known:
        raise DictionaryError(f"the dictionary {dictionary.name!r} has no process {process!r}{nearest(process, known)}")
    if not known:
        raise DictionaryError(f"the dictionary {dictionary.name!r} has no processes to draw")
    return [_chart(dictionary, each) for each in dictionary.processes if process in (None, each.name)]


def _chart(dictionary: Dictionary, process: Process) -> Chart:
    names: dict[Lane, str] = {
        "crm": f"CRM ({dictionary.crm})",
        "engine": "Engine",
        "erp": f"ERP ({dictionary.erp})",
        "people": "People",
    }
    title = f"{process.name}: {process.title}" if process.title else process.name
    chart = Chart(title, names)
    trigger = chart.add(process.trigger.system, 0, "event", _event(dictionary, process))
    last = chart.add("engine", 0, "step", "Write the event down, then read the newest state")
    chart.edges.append(Edge(trigger, last))
    row, label = 1, ""
    for action in process.actions:
        last, row, label = _action(chart, dictionary, action, last, row, label)
    return chart


def _action(chart: Chart, dictionary: Dictionary, action: Action, last: str, row: int, label: str) -> tuple[str, int, str]:
    """The engine's last box, the next free row and the label of the way on."""
    entity = dictionary.entity(action.entity)
    if action.only_if:
        asked = chart.add("engine", row, "question", f"{_condition(action.only_if)}?")
        chart.edges.append(Edge(last, asked, label))
        person = chart.add("people", row, "person", action.say or f"Decides what becomes of the {entity.name}")
        chart.edges.append(Edge(asked, person, "no"))
        last, row, label = asked, row + 1, "yes"
    step = chart.add("engine", row, "step", _STEPS[action.do].format(thing=f"the {entity.name}"))
    chart.edges.append(Edge(last, step, label))
    if action.do == "tell":
        shown = chart.add("people", row, "person", action.say or "Looks at the record")
    else:
        shown = chart.add(action.system, row, "record", _record(entity, action))
    chart.edges.append(Edge(step, shown))
    return step, row + 1, ""


def _event(dictionary: Dictionary, process: Process) -> str:
    trigger = process.trigger
    entity = dictionary.entity(trigger.entity)
    binding = entity.binding(trigger.system)
    thing = f"{entity.name} ({binding.kind})"
    if trigger.related:
        thing = f"{entity.related[trigger.related].kind} ({trigger.related}) of the {entity.name}"
    elif trigger.fields:
        return f"{thing}: {_listed(list(trigger.fields))} changed"
    return _EVENTS[trigger.event].format(thing=thing, when=_condition(entity.when) or "its conditions")


def _record(entity: Entity, action: Action) -> str:
    kind = entity.binding(action.system).kind
    if action.do == "cancel":
        return f"{kind}: cancelled"
    if action.do == "amend" and entity.lines is not None:
        place = entity.lines.crm_kind if action.system == "crm" else entity.lines.erp_table
        return f"{kind}: {place}"
    written = _written(entity, action.system)
    return f"{kind}: {_listed(written)}" if written else kind


def _written(entity: Entity, system: System) -> list[str]:
    return [each.name for each in entity.fields if not each.derived and (each.owner != system or each.both_ways)]


def _condition(pairs: dict[str, Any]) -> str:
    return " and ".join(f"{name} = {value}" for name, value in pairs.items())


def _listed(names: list[str]) -> str:
    more = len(names) - _LISTED_MAX
    return ", ".join(names[:_LISTED_MAX]) + (f" and {more} more" if more > 0 else "")
