"""What holds for every vendor's contract."""

from __future__ import annotations

from harness.kit.contract import Contract, Example


def check_links(contract: Contract) -> None:
    """Links lead to operations that are served and fill parameters that those have."""
    served = contract.served()
    for name, operation in contract.operations.items():
        for key, link in operation.links.items():
            assert link.to in served, f"{name}: link {key} leads to {link.to}, which is not served"
            parameters = {*served[link.to][0].parameters, *contract.operations[link.to].query}
            assert set(link.parameters) <= parameters, f"{name}: link {key} fills {set(link.parameters) - parameters}"


def examples_of(contract: Contract) -> list[tuple[str, Example]]:
    """Every example with the name of its operation."""
    return [(name, example) for name, operation in contract.operations.items() for example in operation.examples]


def shown(value: str | Example) -> str:
    """How the two stand in the name of a test."""
    return value if isinstance(value, str) else value.name
