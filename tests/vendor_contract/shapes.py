"""From a schema of an OpenAPI 3.0 document to a type that msgspec decodes and checks at once, fast enough for every answer.

Objects are closed: a field that the schema does not declare is a mistake. Texts with a format (date-time, uuid), enumerations
and the sizes of integers are checked too. What the service does differently is woven in from `deviations.SHAPES`.
"""

from __future__ import annotations

from datetime import datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, Union
from uuid import UUID

import msgspec

from vendor_contract.deviations import ALTERNATIVES, SHAPES, Shape

_TEXTS: dict[str, Any] = {"date-time": Annotated[datetime, msgspec.Meta(tz=True)], "uuid": UUID}
_BITS = {"int32": 31, "int64": 63}


class Shapes:
    """The types of one document's schemas, each made once."""

    def __init__(self, name: str, document: dict[str, Any], deviations: tuple[Shape, ...] = SHAPES) -> None:
        self._schemas: dict[str, Any] = document["components"]["schemas"]
        self._deviations = [each for each in deviations if fnmatchcase(name, each.document)]
        self._made: dict[str, Any] = {}

    def decoders(self, schema: dict[str, Any]) -> list[msgspec.json.Decoder[Any]]:
        """What may read a body of this schema: one for each alternative (`oneOf`, which only stands at the top)."""
        name = _named(schema)
        node = self._schemas[name] if name else schema
        alternatives = [*node.get("oneOf", [schema]), *([ALTERNATIVES[name][0]] if name in ALTERNATIVES else [])]
        return [msgspec.json.Decoder(self.type_of(each)) for each in alternatives]

    def type_of(self, node: dict[str, Any], name: str = "Inline") -> Any:
        made = self._type_of(node, name)
        return Union[made, None] if node.get("nullable") is True else made  # noqa: UP007 - a type made at run time

    def _type_of(self, node: dict[str, Any], name: str) -> Any:
        if (reference := _named(node)) is not None:
            if reference not in self._made:
                self._made[reference] = self.type_of(self._schemas[reference], reference)
            return self._made[reference]
        match node.get("type"):
            case "object":
                return self._object(node, name)
            case "array":
                return list[self.type_of(node["items"], name)]  # type: ignore[misc]
            case "string":
                return Literal[tuple(node["enum"])] if "enum" in node else _TEXTS.get(node.get("format", ""), str)
            case "integer":
                edge = 2 ** _BITS[node.get("format", "int64")]
                return Annotated[int, msgspec.Meta(ge=-edge, le=edge - 1)] if edge < 2**63 else int
            case "number":
                return float
            case "boolean":
                return bool
        raise ValueError(f"{name}: a schema of unknown kind: {node}")

    def _object(self, node: dict[str, Any], name: str) -> Any:
        properties, required = dict(node.get("properties", {})), set(node.get("required", ()))
        for deviation in self._deviations:
            if name == deviation.schema:
                properties |= deviation.fields
                required -= set(deviation.may_be_absent)
        more = node.get("additionalProperties")
        if not properties:
            return dict[str, self.type_of(more, name) if isinstance(more, dict) else Any]  # type: ignore[misc]
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
        names: dict[str, str] = {}
        for number, (key, schema) in enumerate(properties.items()):
            attribute, kind = f"field{number}", self.type_of(schema, f"{name}.{key}")
            names[attribute] = key
            fields.append((attribute, kind) if key in required else (attribute, kind, None))
        return msgspec.defstruct(name, fields, rename=names, kw_only=True, forbid_unknown_fields=more in (None, False))


def _named(node: dict[str, Any]) -> str | None:
    reference = node.get("$ref")
    return reference.rpartition("/")[2] if reference else None
