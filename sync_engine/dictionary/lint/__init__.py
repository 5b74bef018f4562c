"""Lint: what is wrong, lossy or unwise in a dictionary that can be read. Each rule has an id; a person may accept it in place."""

from __future__ import annotations

from sync_engine.dictionary.bindings import bound
from sync_engine.dictionary.checking import check
from sync_engine.dictionary.lint.conversions import check_conversions
from sync_engine.dictionary.lint.findings import RULES, Finding, Report, Rule, checked_rule
from sync_engine.dictionary.lint.flows import check_loops, check_writers
from sync_engine.dictionary.lint.live import check_live
from sync_engine.dictionary.lint.processes import check_processes
from sync_engine.dictionary.metadata import Metadata
from sync_engine.dictionary.model import Dictionary, DictionaryError, Process
from sync_engine.dictionary.places import Lines
from sync_engine.processes.able import refusals

__all__ = ["RULES", "Finding", "Rule", "checked_rule", "lint"]


def lint(dictionary: Dictionary, text: str = "", metadata: Metadata | None = None, *, engine: bool = False) -> list[Finding]:
    """Every finding in the file's order, errors and warnings. `text` is the file, for line numbers; `metadata` the live systems.
    `engine`: the bundled engine is to carry it out, so what that refuses is found too.

    Raises MetadataError when a live system cannot be asked.
    """
    report = Report(dictionary, Lines(text) if text else None)
    check_conversions(report)
    check_writers(report)
    check_loops(report)
    check_processes(report)
    _check_bindings(report)
    if engine:
        _check_engine(report)
    if metadata is not None:
        check_live(report, metadata)
    report.judge_accepted(metadata is not None and metadata.asks("crm") and metadata.asks("erp"))
    return sorted(dict.fromkeys(report.findings), key=lambda each: each.line or 0)


def _check_engine(report: Report) -> None:
    for about, text in refusals(report.dictionary):
        if isinstance(about, Process):
            report.process("engine-refuses", about, text.removeprefix(f"process {about.name!r}: "))
        elif about is not None:
            report.entity("engine-refuses", about, text.removeprefix(f"entity {about.name!r}: "))
        else:
            report.whole("engine-refuses", text)


def _check_bindings(report: Report) -> None:
    """Each further vendor beside the usual one of the other side."""
    for name, vendor in report.dictionary.bindings.items():
        try:
            is_crm = vendor.system == "crm"
            check(bound(report.dictionary, name if is_crm else None, None if is_crm else name, ""), "")
        except DictionaryError as error:
            report.vendor("binding-broken", name, str(error).removeprefix(": "))
