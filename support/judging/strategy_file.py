"""Strategies in a YAML file: a mapping of stages, each problem named by its line and field.

A stage that the file names is taken over as a whole; one that it does not name stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from faq.problems import FaqFileError, Problem, UnreadableError
from faq.tree import Fields, Items, Node, Text
from faq.yaml_file import read_tree, write_tree
from support.judging.house_rules import BrokenRulesError
from support.judging.strategies import STAGES, Strategies, checked

MOST_BYTES = 200_000
"""Seven stages in three languages take five thousand."""

Lines = Mapping[str, int]
"""The line where each field stands, by its path, such as `use.ask.answers.1.label.en`."""


class StrategyFileError(FaqFileError):
    """A file of strategies cannot be read; nothing of it was taken over."""


@dataclass(frozen=True, slots=True)
class StrategyFile:
    """What a file says, and of which stages it says it."""

    name: str
    strategies: Strategies
    stages: frozenset[str]
    lines: Lines


def open_strategies(path: Path) -> StrategyFile:
    """Raises StrategyFileError with every problem, and OSError if the file cannot be opened."""
    if path.stat().st_size > MOST_BYTES:
        raise StrategyFileError(path.name, [Problem(1, "", f"larger than {MOST_BYTES:,} bytes, the most that is read")])
    try:
        return parse_strategies(path.read_text("utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        raise StrategyFileError(path.name, [Problem(1, "", "not UTF-8; save the file as UTF-8")]) from error


def parse_strategies(text: str, name: str) -> StrategyFile:
    """What a file called `name` says. Raises StrategyFileError."""
    try:
        root = read_tree(text)
    except UnreadableError as error:
        raise StrategyFileError(name, [error.problem]) from error
    if not isinstance(root, Fields) or not root.pairs:
        raise StrategyFileError(name, [Problem(1, "", f"must be a mapping with stages: {', '.join(STAGES)}")])
    if twice := list(_twice(root, "")):
        raise StrategyFileError(name, twice)
    lines: dict[str, int] = {}
    stages = {stage: strategy or {} for stage, strategy in _fields(root, "", lines).items()}
    try:
        return StrategyFile(name, checked(stages), frozenset(stages), lines)
    except BrokenRulesError as error:
        found = [Problem(line_of(lines, field), field, message) for field, message in error.problems]
        raise StrategyFileError(name, found) from error


def _twice(node: Node, under: str) -> Iterator[Problem]:
    """Keys that a mapping would silently lose."""
    if isinstance(node, Fields):
        seen: set[str] = set()
        for key, value in node.pairs:
            name = _name(key)
            if name in seen:
                yield Problem(key.line, under + name, "stands here twice")
            seen.add(name)
            yield from _twice(value, f"{under}{name}.")
    elif isinstance(node, Items):
        for place, each in enumerate(node.nodes, 1):
            yield from _twice(each, f"{under}{place}.")


def _plain(node: Node, under: str, lines: dict[str, int]) -> object:
    """The content without its lines, which go into `lines`."""
    if isinstance(node, Fields):
        return _fields(node, under, lines)
    if isinstance(node, Items):
        return [_item(each, f"{under}{place}", lines) for place, each in enumerate(node.nodes, 1)]
    return node.text or None


def _fields(node: Fields, under: str, lines: dict[str, int]) -> dict[str, object]:
    found = {}
    for key, value in node.pairs:
        name = _name(key)
        lines[under + name] = key.line
        found[name] = _plain(value, f"{under}{name}.", lines)
    return found


def _item(node: Node, field: str, lines: dict[str, int]) -> object:
    lines[field] = node.line
    return _plain(node, f"{field}.", lines)


def _name(key: Node) -> str:
    return key.text if isinstance(key, Text) else "?"


def line_of(lines: Lines, field: str) -> int:
    """Where a field stands, or else what it belongs to."""
    while field not in lines and "." in field:
        field = field.rpartition(".")[0]
    return lines.get(field, 1)


def check_entries(file: StrategyFile, published: Collection[str]) -> None:
    """Every FAQ entry on offer must be there to be told. Raises StrategyFileError."""
    missing = [
        Problem(line_of(file.lines, field), field, f"no published FAQ entry has the id {entry!r}")
        for field, entry in file.strategies.entries.items()
        if entry not in published
    ]
    if missing:
        raise StrategyFileError(file.name, missing)


def as_yaml(strategies: Strategies) -> str:
    """The strategies as a file; reading it gives them again."""
    return write_tree(strategies.plain())
