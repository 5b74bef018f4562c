"""A dictionary as a table, as Mermaid text and as SVG: complete, escaped, and nothing on top of anything."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_dictionary import PLAIN, bent, read

from sync_engine.dictionary import Dictionary, DictionaryError, load
from sync_engine.dictionary.flowchart import charts
from sync_engine.dictionary.mermaid import mermaid
from sync_engine.dictionary.show import HEAD, as_json, as_markdown, rows
from sync_engine.dictionary.svg import measured, svg, wrapped

SVG = "{http://www.w3.org/2000/svg}"
SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.dictionary.yaml"))
EVIL = '<script>alert(1)</script> & "quotes" `ticks` #35; | \\ ]]> -->'


def evil() -> Dictionary:
    data: dict[str, Any] = bent(entity={"when": {EVIL: EVIL}})
    data["processes"][0] |= {
        "title": EVIL,
        "actions": [{"do": "create", "entity": "order", "system": "erp", "only_if": {EVIL: EVIL}}],
    }
    data["entities"][0]["fields"][0]["name"] = EVIL
    return read(data)


# -- the table ----------------------------------------------------------------------------------------------------------------


def test_a_row_says_in_words_what_happens_to_a_value() -> None:
    field = {
        "crm": {"field": "closedate", "type": "datetime"},
        "erp": {"field": "delivery_date", "type": "date", "zone": "Europe/Berlin", "required": True},
        "shift_days": 7,
        "default": "2026-01-01",
    }

    row = next(rows(read(bent(field))))

    assert (row.entity, row.system_of_record, row.direction, row.conflict) == ("order", "CRM", "CRM → ERP", "")
    assert (row.crm_field, row.crm_type) == ("closedate", "datetime")
    assert (row.erp_field, row.erp_type) == ("delivery_date", "date (Europe/Berlin, required)")
    assert row.transformation == "+7 days; nothing becomes '2026-01-01'"


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"transform": "map", "values": {str(n): "x" for n in range(6)}}, "0 → x, 1 → x, 2 → x, 3 → x and 2 more"),
        ({"transform": "expression", "expression": "upper(value)"}, "upper(value)"),
        (
            {"rounding": {"places": 2, "mode": "half_even"}, "empty": "keep"},
            "rounded to 2 places (half even); nothing keeps the old value",
        ),
        ({"derived": True, "frozen_after_create": True}, "computed by the target, must agree; once, when it is created"),
        ({"both_ways": True, "conflict": "ask"}, "as it is"),
    ],
)
def test_transformations_are_told_in_words(field: dict[str, Any], words: str) -> None:
    row = next(rows(read(bent(field))))

    assert row.transformation == words
    assert row.conflict == ("a person decides" if field.get("both_ways") else "")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_field_has_a_row_in_every_format(path: Path) -> None:
    dictionary = load(path)
    names = [
        each.name for entity in dictionary.entities for each in (*entity.fields, *(entity.lines.fields if entity.lines else ()))
    ]

    assert [row["field"] for row in json.loads(as_json(dictionary))] == names
    assert len(as_markdown(dictionary).splitlines()) == len(names) + 2
    assert all(re.sub(r"\\.", "", line).count("|") == len(HEAD) + 1 for line in as_markdown(dictionary).splitlines())


# -- the flowchart ------------------------------------------------------------------------------------------------------------


def test_a_condition_branches_to_a_person_and_a_step_reaches_the_other_system() -> None:
    chart = charts(load(SHIPPED[0]), "amendment")[0]
    named = {node.id: (node.lane, node.shape) for node in chart.nodes}

    assert [(named[edge.start], named[edge.end], edge.label) for edge in chart.edges] == [
        (("crm", "event"), ("engine", "step"), ""),
        (("engine", "step"), ("engine", "question"), ""),
        (("engine", "question"), ("people", "person"), "no"),
        (("engine", "question"), ("engine", "step"), "yes"),
        (("engine", "step"), ("erp", "record"), ""),
        (("engine", "step"), ("engine", "step"), ""),
        (("engine", "step"), ("crm", "record"), ""),
    ]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_process_is_drawn_once(path: Path) -> None:
    dictionary = load(path)

    assert [chart.title.partition(":")[0] for chart in charts(dictionary)] == [each.name for each in dictionary.processes]


def test_a_process_that_does_not_exist_is_named_with_the_nearest() -> None:
    with pytest.raises(DictionaryError, match="has no process 'amendmet'; did you mean 'amendment'"):
        charts(load(SHIPPED[0]), "amendmet")
    with pytest.raises(DictionaryError, match="has no processes to draw"):
        charts(read(PLAIN | {"processes": []}))


def test_mermaid_text_has_each_box_and_no_sign_that_could_end_a_quote() -> None:
    chart = charts(evil())
    text = mermaid(chart)

    assert text.startswith("flowchart TB\n")
    assert text.count("subgraph") == text.count("    end") + 1 == 5
    assert all(f"p0{node.id}" in text for node in chart[0].nodes)
    assert not re.search("[<`&]", text)
    assert all(line.count('"') % 2 == 0 for line in text.splitlines())


def boxes(text: str) -> list[tuple[float, float, float, float]]:
    """(left, top, right, bottom) of everything that is drawn as a box, lanes left out."""
    found = []
    for each in ElementTree.fromstring(text).iter():
        if "box" not in each.get("class", "").split():
            continue
        if each.tag == f"{SVG}rect":
            x, y, width, height = (float(each.get(name, "0")) for name in ("x", "y", "width", "height"))
            found.append((x, y, x + width, y + height))
        else:
            points = [tuple(map(float, pair.split(","))) for pair in each.get("points", "").split()]
            found.append(
                (min(p[0] for p in points), min(p[1] for p in points), max(p[0] for p in points), max(p[1] for p in points))
            )
    return found


@pytest.mark.parametrize("dictionary", [*map(load, SHIPPED), evil()], ids=[*(path.name for path in SHIPPED), "evil"])
def test_the_picture_is_well_formed_self_contained_and_no_box_lies_on_another(dictionary: Dictionary) -> None:
    text = svg(charts(dictionary))
    root = ElementTree.fromstring(text)
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    found = boxes(text)

    assert len(found) == sum(len(chart.nodes) for chart in charts(dictionary))
    assert all(0 < left < right < width and 0 < top < bottom < height for left, top, right, bottom in found)
    assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a, b in combinations(found, 2))
    assert not [each for each in root.iter() if each.tag.removeprefix(SVG) in ("script", "image", "foreignObject", "a")]
    assert "href" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "prefers-color-scheme: dark" in text


@given(st.text(max_size=200), st.floats(5, 60))
def test_wrapped_text_fits_and_loses_nothing(text: str, most: float) -> None:
    lines = wrapped(text, most)

    assert all(measured(line) <= most for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
