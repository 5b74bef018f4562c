"""The JSON report: documented keys, in the documented order, and all of the findings."""

from __future__ import annotations

import json

from big_run import big_result
from sample_run import START, held_result, sample_result

from harness.kit.clock import iso_ms
from harness.report.json_report import to_json


def test_the_document_reads_back_as_it_was_told() -> None:
    result = sample_result()

    document = json.loads(to_json(result))

    assert list(document) == ["syncproof_result", "version", "verdict", "run", "numbers", "promises", "flows"]
    assert document["verdict"] == "violated"
    assert document["run"]["started_at"] == iso_ms(START)
    assert document["run"]["replay"] == result.history.replay
    finding = document["promises"][0]["findings"][0]
    assert (finding["key"], finding["flow"], len(finding["story"])) == ("no_duplicates/order/deals 101", 1, 5)
    assert finding["story"][1]["request"] == 3
    assert document["numbers"]["delays"]["won_to_order"]["p50_s"] == 38.12
    assert document["numbers"]["usage"]["crm"]["limit"] == 190
    assert [flow["outcome"] for flow in document["flows"]] == ["won", "won", "lost"]


def test_keys_are_those_of_the_docstring() -> None:
    described = to_json.__doc__ or ""
    document = json.loads(to_json(sample_result()))

    run, numbers, promise, flow = (document[name] for name in ("run", "numbers", "promises", "flows"))
    for part in (run, numbers, numbers["usage"]["crm"], numbers["calls"]["crm"], promise[0], promise[0]["findings"][0], flow[0]):
        assert [key for key in part if key not in described] == []


def test_equal_results_give_equal_bytes() -> None:
    assert to_json(held_result()) == to_json(held_result())


def test_json_holds_every_finding() -> None:
    assert len(json.loads(to_json(big_result(300)))["promises"][0]["findings"]) == 300
