"""A file's content as bare text in lists and mappings, each with the line where it stands."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    line: int
    nodes: Sequence["Node"]


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping as it stands in the file: a key may be there twice, or be no text."""

    line: int
    pairs: Sequence[tuple["Node", "Node"]]


Node = Text | Items | Fields


def tree_of_json(text: str, line: int) -> Node:
    """A cell's JSON; everything in it stands on the cell's line. Raises ValueError that says what is no JSON."""

    def fields(pairs: list[tuple[str, Any]]) -> Fields:
        return Fields(line, [(Text(line, key), node(value)) for key, value in pairs])

    def node(value: Any) -> Node:
        if isinstance(value, Fields):
            return value
        if isinstance(value, list):
            return Items(line, list(map(node, value)))
        return Text(line, {True: "true", False: "false", None: ""}.get(value, value))

    try:
        return node(json.loads(text, object_pairs_hook=fields, parse_int=str, parse_float=str, parse_constant=str))
    except RecursionError:
        raise ValueError("nested too deeply") from None
