"""What lint finds: rules by id, findings, and what a person accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from sync_engine.dictionary.model import Dictionary, DictionaryError, Entity, FieldMap, Process, nearest
from sync_engine.dictionary.places import Lines

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`live`: needs the systems' own metadata."""

    id: str
    level: Level
    finds: str
    remedy: str
    live: bool = False


_ALL: Final = (
    Rule("decimal-to-float", "error", "an exact number is kept as a binary float", "use a decimal field on the target"),
    Rule("places-cut", "error", "the target holds fewer decimal places, and nothing says how to round", "state `rounding`"),
    Rule("fraction-cut", "error", "a number with a fraction becomes a whole number", "use a decimal target, or state `rounding`"),
    Rule("time-cut", "error", "an instant becomes a date and loses its time", "use a datetime target, or accept it"),
    Rule("day-without-zone", "warning", "an instant and a date meet, and no zone says which day it is", "state `zone`"),
    Rule("text-cut", "warning", "a text may be longer than the target takes", "lengthen the target, or accept the cut"),
    Rule("text-to-typed", "warning", "a free text becomes a number, date or truth value", "type the source, or use an expression"),
    Rule("default-unreadable", "error", "the default is no value of the target", "write a default that the target accepts"),
    Rule("map-collapses", "warning", "two values of a map have one counterpart", "give each value its own, or accept it"),
    Rule(
        "not-invertible", "error", "a field goes both ways, but its values cannot be brought back", "make it one-way, or invertible"
    ),
    Rule("choice-without-counterpart", "error", "a value of a picklist has none on the other side", "add it to the map"),
    Rule("choice-unknown", "warning", "a map has a value that its picklist does not have", "remove it, or correct its spelling"),
    Rule("required-may-be-empty", "warning", "the target demands a value that the source may lack", "state a `default`"),
    Rule("two-writers", "error", "two places of the dictionary write one field", "give the field one system of record"),
    Rule("loop", "error", "a value flows back to where it came from through other fields", "cut one of the fields"),
    Rule("process-loop", "error", "processes set each other off by what they write", "narrow the trigger's `fields`"),
    Rule("entity-without-process", "warning", "no process moves the entity", "write a process, or remove the entity"),
    Rule("trigger-cannot-happen", "error", "nothing can set the process off", "correct the trigger"),
    Rule("action-does-nothing", "warning", "the action has no field to write there", "map a field, or remove the action"),
    Rule("action-on-its-trigger", "error", "the action makes or ends the record that set it off", "name the other system"),
    Rule("missing-parent", "error", "a record is created before the record it belongs to", "`ensure` that one first"),
    Rule("ambiguous-order", "warning", "two processes with one trigger act on one counterpart", "make them one process"),
    Rule("unguarded", "warning", "an amendment or cancellation has no condition", "state `only_if`"),
    Rule("only-if-unknown", "error", "a condition names a field that the counterpart does not have", "use the vendor's name"),
    Rule("tells-nothing", "error", "a person is told nothing, or nowhere", "write `say`, and give the entity an `error_field`"),
    Rule("binding-broken", "error", "the dictionary cannot be used with a vendor of its `bindings`", "complete the binding"),
    Rule(
        "engine-refuses",
        "error",
        "the bundled engine does not start with what it would pass over",
        "write it as that engine can, or accept it for another one",
    ),
    Rule("kind-missing", "error", "the live system has no such kind of record", "create it, or correct the name", True),
    Rule("field-missing", "error", "the live system has no such field", "correct the name, or set `custom: true`", True),
    Rule("type-differs", "error", "the live field is of another type", "correct `type`, or the field", True),
    Rule(
        "target-read-only",
        "error",
        "the live system does not let anybody write the field",
        "mark it `derived`, or use another",
        True,
    ),
    Rule("required-unmapped", "error", "the live system demands a field that nothing fills", "map it, or add a constant", True),
    Rule("accept-unknown", "error", "`accept` names no rule", "see `syncproof dictionary rules`"),
    Rule("accept-unused", "warning", "`accept` names a rule that finds nothing there", "remove it"),
)
RULES: Final[dict[str, Rule]] = {rule.id: rule for rule in _ALL}


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that breaks a rule. `place`: `order/Value`, `order`, or `process closed-won`."""

    rule: str
    level: Level
    place: str
    what: str
    why: str
    remedy: str
    line: int | None = None

    def text(self, source: str) -> str:
        where = source if self.line is None else f"{source}:{self.line}"
        return f"{self.level}: {where} {self.place}: {self.what}; {self.why}. {self.remedy}. [{self.rule}]"


@dataclass(slots=True)
class Report:
    """Collects findings and leaves out those that the place accepts. `lines` is None for a dictionary without a file."""

    dictionary: Dictionary
    lines: Lines | None = None
    findings: list[Finding] = field(default_factory=list)
    _used: set[tuple[str, str]] = field(default_factory=set)

    def field(self, rule: str, entity: Entity, field: FieldMap, what: str, remedy: str = "") -> None:
        line = self.lines.field(entity.name, field.name) if self.lines else None
        accepted = (*field.accept, *entity.accept)
        self._add(rule, f"{entity.name}/{field.name}", what, remedy, line, accepted, (f"{entity.name}/{field.name}", entity.name))

    def entity(self, rule: str, entity: Entity, what: str, remedy: str = "", detail: str = "") -> None:
        """`detail`: `accept` may name the rule for this one thing, as `rule:detail`."""
        line = self.lines.entity(entity.name) if self.lines else None
        self._add(rule, entity.name, what, remedy, line, entity.accept, (entity.name,), detail)

    def process(self, rule: str, process: Process, what: str, remedy: str = "") -> None:
        line = self.lines.process(process.name) if self.lines else None
        place = f"process {process.name}"
        self._add(rule, place, what, remedy, line, process.accept, (place,))

    def vendor(self, rule: str, name: str, what: str) -> None:
        self._add(rule, f"bindings {name}", what, "", self.lines.binding(name) if self.lines else None, (), ())

    def whole(self, rule: str, what: str) -> None:
        """What is about no single place."""
        self._add(rule, "dictionary", what, "", None, (), ())

    def _add(
        self, rule: str, place: str, what: str, remedy: str, line: int | None, accepted: tuple[str, ...], used: tuple[str, ...],
        detail: str = "",
    ) -> None:  # fmt: skip
        known = RULES[rule]
        for name in (rule, f"{rule}:{detail}" if detail else rule):
            if name in accepted:
                self._used.update((one, name) for one in used)
                return
        remedy = remedy or known.remedy
        self.findings.append(Finding(rule, known.level, place, what, known.finds, remedy[:1].upper() + remedy[1:], line))

    def judge_accepted(self, live: bool) -> None:
        """Accepted rules that do not exist, or that found nothing there."""
        for entity in self.dictionary.entities:
            self._judge(entity.name, entity.accept, self.lines.entity(entity.name) if self.lines else None, live)
            for each in (*entity.fields, *(entity.lines.fields if entity.lines else ())):
                line = self.lines.field(entity.name, each.name) if self.lines else None
                self._judge(f"{entity.name}/{each.name}", each.accept, line, live)
        for process in self.dictionary.processes:
            line = self.lines.process(process.name) if self.lines else None
            self._judge(f"process {process.name}", process.accept, line, live)

    def _judge(self, place: str, accepted: tuple[str, ...], line: int | None, live: bool) -> None:
        for name in accepted:
            rule = RULES.get(name.partition(":")[0])
            if rule is None:
                self._add("accept-unknown", place, f"{name!r}{nearest(name, list(RULES))}", "", line, (), ())
            elif (place, name) not in self._used and (live or not rule.live):
                self._add("accept-unused", place, repr(name), "", line, (), ())


def checked_rule(name: str) -> Rule:
    """Raises DictionaryError with the nearest known id."""
    if name not in RULES:
        raise DictionaryError(f"there is no rule {name!r}{nearest(name, list(RULES))}")
    return RULES[name]
