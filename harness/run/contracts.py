"""The contract of a fake as text: what `syncproof contract show` prints."""

from __future__ import annotations

import json

from harness.kit.contract import Contract
from harness.run.registry import UnknownName, fake_names, find_fake

FORMATS = ("json", "yaml")


def contract_of(vendor: str) -> Contract:
    """What that vendor's fake serves. Raises UnknownName for a vendor we do not know, and for one without a contract."""
    made = find_fake(vendor).contract
    if made is None:
        raise UnknownName("contract", vendor, [name for name in fake_names() if find_fake(name).contract is not None])
    return made()


def contract_text(vendor: str, version: str | None, form: str) -> str:
    """The OpenAPI document of one version of the vendor's paths, None for the usual one. Raises UnknownName."""
    from harness.kit.openapi import document

    if form not in FORMATS:
        raise UnknownName("format", form, list(FORMATS))
    contract = contract_of(vendor)
    chosen = contract.versions[0] if version is None else version
    if chosen not in contract.versions:
        raise UnknownName(f"version of {vendor}'s paths", chosen, list(contract.versions))
    made = document(contract, chosen)
    if form == "json":
        return json.dumps(made, indent=2, ensure_ascii=False)
    import yaml

    return yaml.dump(made, Dumper=_without_anchors(), sort_keys=False, allow_unicode=True, width=120).rstrip("\n")


def _without_anchors() -> type:
    """YAML that spells shared schemas out, as readers of OpenAPI expect."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    return Dumper
