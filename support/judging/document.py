"""What an admin sets, as a YAML file (JSON is YAML too): its plain content, and each problem by its line and field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from faq.problems import FaqFileError, Problem, UnreadableError
from faq.tree import Fields, Items, Node, Text
from faq.yaml_file import read_tree


class DocumentError(FaqFileError):
    """A file cannot be read; nothing of it was taken over."""


@dataclass(frozen=True, slots=True)
class Document:
    """`content` has bare text, lists and mappings, and None where nothing stands: what a number is, its rule knows.
    `lines` is where each field stands, by its path, such as `use.ask.answers.1.label.en`.
    """

    name: str
    content: Mapping[str, object]
    lines: Mapping[str, int]

    def refused(self, problems: Iterable[tuple[str, str]]) -> DocumentError:
        """The error that tells of problems by their fields, each at its line or else at that of what it belongs to."""
        return DocumentError(self.name, [Problem(self._line(field), field, message) for field, message in problems])

    def _line(self, field: str) -> int:
        while field not in self.lines and "." in field:
            field = field.rpartition(".")[0]
        return self.lines.get(field, 1)


def open_document(path: Path, most_bytes: int, expected: str) -> Document:
    """Raises DocumentError, and OSError if the file cannot be opened. `expected` says what a document has to be."""
    if path.stat().st_size > most_bytes:
        raise DocumentError(path.name, [Problem(1, "", f"larger than {most_bytes:,} bytes, the most that is read")])
    try:
        return read_document(path.read_text("utf-8-sig"), path.name, expected)
    except UnicodeDecodeError as error:
        raise DocumentError(path.name, [Problem(1, "", "not UTF-8; save the file as UTF-8")]) from error


def read_document(text: str, name: str, expected: str) -> Document:
    """What a file called `name` says. Raises DocumentError."""
    try:
        root = read_tree(text)
    except UnreadableError as error:
        raise DocumentError(name, [error.problem]) from error
    if not isinstance(root, Fields) or not root.pairs:
        raise DocumentError(name, [Problem(1, "", f"must be {expected}")])
    if twice := list(_twice(root, "")):
        raise DocumentError(name, twice)
    lines: dict[str, int] = {}
    return Document(name, _fields(root, "", lines), lines)


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
