"""A document as a flat list of its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def fields_of(tree: Mapping[str, Any] | Sequence[Any], under: str = "") -> list[tuple[str, Any]]:
    """(field, value) of each, such as `use.ask.answers.1.label.en`; a list of plain values is a single one."""
    found: list[tuple[str, Any]] = []
    branches = tree.items() if isinstance(tree, Mapping) else enumerate(tree, 1)
    for name, value in branches:
        if isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(each, dict) for each in value)):
            found += fields_of(value, f"{under}{name}.")
        else:
            found.append((f"{under}{name}", value))
    return found
