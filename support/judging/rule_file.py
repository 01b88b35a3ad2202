"""House rules in a YAML file (JSON is YAML too): a mapping with `tiers` and `policy`, or some of their fields.

What a file does not name stays as it is. Every problem is named by its line and field.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faq.problems import FaqFileError, Problem, UnreadableError
from faq.tree import Fields, Items, Node
from faq.yaml_file import read_tree, write_tree
from support.judging.house_rules import KEYS, BrokenRulesError, HouseRules, changed

MOST_BYTES = 100_000
"""All rules there are take two thousand."""


class RuleFileError(FaqFileError):
    """A file of house rules cannot be read; nothing of it was taken over."""


def open_rules(path: Path, present: HouseRules) -> HouseRules:
    """The present rules with what a file sets. Raises RuleFileError, and OSError if the file cannot be opened."""
    if path.stat().st_size > MOST_BYTES:
        raise RuleFileError(path.name, [Problem(1, "", f"larger than {MOST_BYTES:,} bytes, the most that is read")])
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RuleFileError(path.name, [Problem(1, "", "not UTF-8; save the file as UTF-8")]) from error
    return parse_rules(text, path.name, present)


def parse_rules(text: str, name: str, present: HouseRules) -> HouseRules:
    """What a file called `name` makes of the present rules. Raises RuleFileError with every problem."""
    try:
        root = read_tree(text)
    except UnreadableError as error:
        raise RuleFileError(name, [error.problem]) from error
    if not isinstance(root, Fields) or not root.pairs:
        raise RuleFileError(name, [Problem(1, "", f"must be a mapping with {' and '.join(KEYS)}, or one of them")])
    lines = dict(_lines(root, ""))
    if twice := _twice(root, ""):
        raise RuleFileError(name, twice)
    try:
        return changed(present, _plain(root))
    except BrokenRulesError as error:
        found = [Problem(_line(lines, field), field, message) for field, message in error.problems]
        raise RuleFileError(name, found) from error


def as_yaml(rules: HouseRules) -> str:
    """All rules as a file to edit and set."""
    return write_tree(rules.model_dump(mode="json"))


def _plain(node: Node) -> Any:
    """Bare text, lists and mappings: what a number is, its rule knows."""
    if isinstance(node, Fields):
        return {_key(key): _plain(value) for key, value in node.pairs}
    if isinstance(node, Items):
        return [_plain(each) for each in node.nodes]
    return node.text


def _key(node: Node) -> str:
    return str(_plain(node))


def _lines(node: Node, under: str) -> Iterator[tuple[str, int]]:
    """Where each field stands."""
    if isinstance(node, Fields):
        for key, value in node.pairs:
            field = f"{under}{_key(key)}"
            yield field, key.line
            yield from _lines(value, f"{field}.")


def _twice(node: Node, under: str) -> list[Problem]:
    """Fields that a mapping would silently lose."""
    seen: set[str] = set()
    found: list[Problem] = []
    for key, value in node.pairs if isinstance(node, Fields) else ():
        field = f"{under}{_key(key)}"
        if field in seen:
            found.append(Problem(key.line, field, "stands here twice"))
        seen.add(field)
        found += _twice(value, f"{field}.")
    return found


def _line(lines: dict[str, int], field: str) -> int:
    """The line of a field, or of the nearest part around it that the file names."""
    while field and field not in lines:
        field = field.rpartition(".")[0]
    return lines.get(field, 1)
