"""Which line of a dictionary file says what."""

from __future__ import annotations

import re

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PATH = re.compile(r"`(?:key in )?(\$[^`]*)`")
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z_0-9]*)|\[(\d+)\]|\[\.\.\.\]")


def line_of(text: str, message: str) -> int | None:
    """The line of the path (`$.entities[0].fields[3]`) in msgspec's message; the nearest line above it that is known."""
    found = _PATH.search(message)
    if found is None:
        return None
    steps = [int(index) if index else name for name, index in _STEP.findall(found[1])]
    node, line = yaml.compose(text, Loader=_LOADER), 1
    for step in steps:
        node = _child(node, step)
        if node is None:
            break
        line = node.start_mark.line + 1
    return line


def _child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        child: yaml.Node = node.value[step]
        return child
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    return None


class Lines:
    """Line numbers of entities, fields and processes by their names."""

    def __init__(self, text: str) -> None:
        root = yaml.compose(text, Loader=_LOADER)
        self._entities = _named(_child(root, "entities"))
        self._processes = _named(_child(root, "processes"))
        self._bindings = _child(root, "bindings")

    def entity(self, name: str) -> int | None:
        return _line(self._entities.get(name))

    def process(self, name: str) -> int | None:
        return _line(self._processes.get(name))

    def binding(self, vendor: str) -> int | None:
        return _line(_child(self._bindings, vendor))

    def field(self, entity: str, field: str) -> int | None:
        """Of the entity's own field, else of a field of its lines, else of the entity."""
        node = self._entities.get(entity)
        for fields in (_child(node, "fields"), _child(_child(node, "lines"), "fields")):
            if (found := _named(fields).get(field)) is not None:
                return _line(found)
        return _line(node)


def _named(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.SequenceNode):
        return {}
    found = ((_child(each, "name"), each) for each in node.value)
    return {name.value: each for name, each in found if isinstance(name, yaml.ScalarNode)}


def _line(node: yaml.Node | None) -> int | None:
    return None if node is None else node.start_mark.line + 1
