"""Takes values out of a file's tree and notes every problem on its way, by line and field."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from faq.entry import LANGUAGES
from faq.problems import Problem
from faq.text_rules import text_fault
from faq.tree import Fields, Items, Node, Text

_T = TypeVar("_T")


class TreeReader:
    """Reads on after a problem, with something empty in the place of what was wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def fields(self, node: Node, field: str, allowed: Sequence[str], needed: Iterable[str] = ()) -> dict[str, Node]:
        """The allowed keys of a mapping with their nodes."""
        fields: dict[str, Node] = {}
        if not isinstance(node, Fields):
            self.note(node, field, "must be a mapping (key: value)")
            return fields
        for key, value in node.pairs:
            name = self.text(key, field)
            if name not in allowed:
                self.note(key, path(field, name), unknown(allowed))
            elif name in fields:
                self.note(key, path(field, name), "stands here twice")
            else:
                fields[name] = value
        for name in needed:
            if name not in fields:
                self.note(node, path(field, name), "is missing")
        return fields

    def by_language(self, node: Node | None, field: str, read: Callable[[Node, str], _T]) -> dict[str, _T]:
        if node is None:
            return {}
        fields = self.fields(node, field, LANGUAGES)
        if isinstance(node, Fields) and not node.pairs:
            self.note(node, field, "has no language")
        return {language: read(value, f"{field}.{language}") for language, value in fields.items()}

    def items(self, node: Node, field: str) -> Sequence[Node]:
        if isinstance(node, Items):
            return node.nodes
        self.note(node, field, "must be a list")
        return ()

    def texts(self, nodes: Iterable[Node], field: str, fault: Callable[[str], str] = text_fault) -> tuple[str, ...]:
        """Texts of which none may stand there twice."""
        lines: dict[str, int] = {}
        texts = []
        for node in nodes:
            text = self.text(node, field, fault)
            if text in lines and text.strip():
                self.note(node, field, f"{text!r} stands in line {lines[text]} already")
            lines.setdefault(text, node.line)
            texts.append(text)
        return tuple(texts)

    def text(self, node: Node, field: str, fault: Callable[[str], str] = text_fault, *, empty: bool = False) -> str:
        if not isinstance(node, Text):
            self.note(node, field, "must be a text")
            return ""
        wrong = fault(node.text) if node.text.strip() else "" if empty else "is empty"
        if wrong:
            self.note(node, field, wrong)
        return node.text

    def one_of(self, node: Node, field: str, known: Sequence[str]) -> str:
        text = self.text(node, field)
        if text and text not in known:
            self.note(node, field, f"{text!r} {unknown(known)}")
        return text

    def flag(self, node: Node, field: str) -> bool:
        text = self.text(node, field)
        if text not in {"true", "false"}:
            self.note(node, field, "must be true or false")
        return text == "true"

    def note(self, node: Node, field: str, message: str) -> None:
        self.problems.append(Problem(node.line, field, message))


def unknown(known: Iterable[str]) -> str:
    return f"is not known here; known are {', '.join(known)}"


def path(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name
